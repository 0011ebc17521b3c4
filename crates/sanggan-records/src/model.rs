//! A register's definition made ready for work: patterns and formulas compiled, fields found by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use sanggan_pack::{RegisterDef, Registers};
use serde_json::{Map, Value as Json};

use crate::{Codes, Fault, Links, Resolve, Value, Wants};

/// A definition that cannot be worked with: a formula that does not parse, a pattern that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("register {register}, {key}: {what}")]
pub struct ModelFault {
    /// The register.
    pub register: String,
    /// The key in its file: `field.flow.formula`.
    pub key: String,
    /// What is wrong.
    pub what: String,
}

/// One register, ready for work.
#[derive(Debug)]
pub struct Model {
    def: Arc<RegisterDef>,
    codes: Arc<Codes>,
}

/// Values by position of their field, as somebody gave them: all of a new record, or those that change.
pub type Given = Vec<(usize, Value)>;

impl Model {
    /// Makes a definition ready.
    ///
    /// # Errors
    /// Everything in it that cannot be worked with.
    pub fn new(def: &Arc<RegisterDef>, codes: &Arc<Codes>) -> Result<Model, Vec<ModelFault>> {
        todo!()
    }

    /// The definition.
    pub fn def(&self) -> &Arc<RegisterDef> {
        &self.def
    }

    /// Where the field with this id stands.
    pub fn position(&self, field: &str) -> Option<usize> {
        todo!()
    }

    /// A record of nothing: one null for each field.
    pub fn blank(&self) -> Vec<Value> {
        vec![Value::Null; self.def.fields.len()]
    }

    /// Adds what [`Model::read_json`] of these values has to have looked up.
    pub fn wants_json(&self, values: &Map<String, Json>, wants: &mut Wants) {
        todo!()
    }

    /// Adds what [`Model::read_text`] of this cell has to have looked up.
    pub fn wants_text(&self, field: usize, cell: &str, wants: &mut Wants) {
        todo!()
    }

    /// Adds what the conditions and formulas over these values have to have looked up.
    pub fn wants_values(&self, values: &[Value], wants: &mut Wants) {
        todo!()
    }

    /// Reads the `values` of a request: those that are named, each checked by itself.
    ///
    /// # Errors
    /// Every fault.
    pub fn read_json(&self, values: &Map<String, Json>, resolve: &dyn Resolve) -> Result<Given, Vec<Fault>> {
        todo!()
    }

    /// Reads a cell of a table: codes or names in either language, 是/否, days as people write them.
    ///
    /// # Errors
    /// The fault.
    pub fn read_text(&self, field: usize, cell: &str, resolve: &dyn Resolve) -> Result<Value, Fault> {
        todo!()
    }

    /// What is missing or wrong in a whole record in this state: required fields, and every value by itself.
    pub fn check(&self, values: &[Value], state: Option<&str>, resolve: &dyn Resolve) -> Vec<Fault> {
        todo!()
    }

    /// Fills in the computed fields; what cannot be told is null.
    pub fn compute(&self, values: &mut [Value], state: Option<&str>, resolve: &dyn Resolve) {
        todo!()
    }

    /// Whether everybody may read the record (its public fields).
    pub fn is_public(&self, values: &[Value], state: Option<&str>, resolve: &dyn Resolve) -> bool {
        todo!()
    }

    /// `values` as the API shows them, without the hidden fields.
    pub fn to_json(&self, values: &[Value], links: &Links, hidden: &[usize]) -> Map<String, Json> {
        todo!()
    }

    /// The value of one field as the API shows it.
    pub fn value_json(&self, field: usize, value: &Value, links: &Links) -> Json {
        todo!()
    }
}

/// Every register, ready for work.
#[derive(Debug)]
pub struct Models {
    by_id: BTreeMap<String, Arc<Model>>,
    registers: Arc<Registers>,
}

impl Models {
    /// Makes all definitions ready.
    ///
    /// # Errors
    /// Everything in them that cannot be worked with.
    pub fn new(registers: &Arc<Registers>, codes: &Arc<Codes>) -> Result<Models, Vec<ModelFault>> {
        let mut by_id = BTreeMap::new();
        let mut faults = Vec::new();
        for def in registers.all() {
            match Model::new(def, codes) {
                Ok(model) => drop(by_id.insert(def.id.clone(), Arc::new(model))),
                Err(more) => faults.extend(more),
            }
        }
        if faults.is_empty() { Ok(Models { by_id, registers: Arc::clone(registers) }) } else { Err(faults) }
    }

    /// The model of a register.
    pub fn get(&self, register: &str) -> Option<&Arc<Model>> {
        self.by_id.get(register)
    }

    /// Every model, ordered by id of its register.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.by_id.values()
    }

    /// The definitions.
    pub fn registers(&self) -> &Arc<Registers> {
        &self.registers
    }
}
