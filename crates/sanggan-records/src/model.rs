//! A register's definition made ready for work: patterns and formulas compiled, fields found by name.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use regex::Regex;
use sanggan_pack::{Field, FieldKind, Gives, Name, RegisterDef, Registers};

use crate::formula::{Formula, Row};
use crate::{Codes, Fault, Resolve, Value, Wants};

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

/// What is compiled of one field.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) pattern: Option<Regex>,
    required_when: Option<Formula>,
    formula: Option<(Formula, Gives)>,
    /// Words in small letters → id of the enumeration's value.
    pub(crate) words: HashMap<String, String>,
}

/// One register, ready for work.
#[derive(Debug)]
pub struct Model {
    def: Arc<RegisterDef>,
    codes: Arc<Codes>,
    /// Names of the other registers.
    names: Arc<BTreeMap<String, Name>>,
    positions: HashMap<String, usize>,
    compiled: Vec<Compiled>,
    /// Computed fields, each after those it reads.
    order: Vec<usize>,
    /// Reference fields that formulas read: their records' keys must be known.
    keys_read: Vec<usize>,
    public_when: Option<Formula>,
    /// By transition, in the order of the definition.
    when: Vec<Option<Formula>>,
}

/// Values by position of their field, as somebody gave them: all of a new record, or those that change.
pub type Given = Vec<(usize, Value)>;

impl Model {
    /// Makes a definition ready.
    ///
    /// # Errors
    /// Everything in it that cannot be worked with.
    pub fn new(def: &Arc<RegisterDef>, codes: &Arc<Codes>) -> Result<Model, Vec<ModelFault>> {
        Model::among(def, codes, &Arc::default())
    }

    /// The same, with the names of all registers for what is said to people.
    fn among(
        def: &Arc<RegisterDef>,
        codes: &Arc<Codes>,
        names: &Arc<BTreeMap<String, Name>>,
    ) -> Result<Model, Vec<ModelFault>> {
        let mut faults = Vec::new();
        let mut fault =
            |key: String, what: String| faults.push(ModelFault { register: def.id.clone(), key, what });
        let mut compiled = Vec::new();
        for field in &def.fields {
            let mut ready = Compiled::default();
            match &field.kind {
                FieldKind::Text { pattern: Some(pattern), .. } => {
                    match Regex::new(&format!("^(?:{pattern})$")) {
                        Ok(regex) => ready.pattern = Some(regex),
                        Err(error) => fault(format!("field.{}.pattern", field.id), error.to_string()),
                    }
                }
                FieldKind::Enum { values, .. } => {
                    for value in values {
                        for word in [&value.name.en, &value.name.zh, &value.id] {
                            ready.words.insert(crate::text::fold(word), value.id.clone());
                        }
                    }
                }
                FieldKind::Computed { formula, gives, .. } => match Formula::new(def, formula, false) {
                    Ok(formula) => ready.formula = Some((formula, *gives)),
                    Err(what) => fault(format!("field.{}.formula", field.id), what),
                },
                _ => {}
            }
            if let Some(when) = &field.required_when {
                match Formula::new(def, when, false) {
                    Ok(formula) => ready.required_when = Some(formula),
                    Err(what) => fault(format!("field.{}.required_when", field.id), what),
                }
            }
            compiled.push(ready);
        }
        let public_when = def.public.as_ref().and_then(|public| public.when.as_ref()).and_then(|when| {
            Formula::new(def, when, false).map_err(|what| fault("public.when".to_owned(), what)).ok()
        });
        let mut when = Vec::new();
        for transition in def.lifecycle.iter().flat_map(|life| &life.transitions) {
            when.push(transition.when.as_ref().and_then(|when| {
                let key = format!("lifecycle.transition.{}.when", transition.id);
                Formula::new(def, when, true).map_err(|what| fault(key, what)).ok()
            }));
        }
        let order = order_of(&compiled);
        if let Err(circle) = &order {
            let names: Vec<&str> = circle.iter().map(|&field| def.fields[field].id.as_str()).collect();
            fault(
                format!("field.{}.formula", names[0]),
                format!("computed from itself: {}", names.join(" → ")),
            );
        }
        let keys_read = {
            let mut read: Vec<usize> = compiled
                .iter()
                .flat_map(|field| {
                    field.required_when.iter().chain(field.formula.iter().map(|(formula, _)| formula))
                })
                .chain(&public_when)
                .chain(when.iter().flatten())
                .flat_map(|formula| formula.fields().iter().copied())
                .filter(|&field| matches!(def.fields[field].kind, FieldKind::Reference { .. }))
                .collect();
            read.sort_unstable();
            read.dedup();
            read
        };
        let positions =
            def.fields.iter().enumerate().map(|(index, field)| (field.id.clone(), index)).collect();
        match order {
            Ok(order) if faults.is_empty() => Ok(Model {
                def: Arc::clone(def),
                codes: Arc::clone(codes),
                names: Arc::clone(names),
                positions,
                compiled,
                order,
                keys_read,
                public_when,
                when,
            }),
            _ => Err(faults),
        }
    }

    /// The definition.
    pub fn def(&self) -> &Arc<RegisterDef> {
        &self.def
    }

    /// The codes that values may name.
    pub(crate) fn codes(&self) -> &Codes {
        &self.codes
    }

    /// How a register is called; by its id where its name is not known.
    pub(crate) fn register_name(&self, register: &str) -> Name {
        self.names.get(register).cloned().unwrap_or_else(|| Name::same(register))
    }

    /// The field at a position, and what is compiled of it.
    pub(crate) fn at(&self, field: usize) -> Option<(&Field, &Compiled)> {
        self.def.fields.get(field).zip(self.compiled.get(field))
    }

    /// Where the field with this id stands.
    pub fn position(&self, field: &str) -> Option<usize> {
        self.positions.get(field).copied()
    }

    /// A record of nothing: one null for each field.
    pub fn blank(&self) -> Vec<Value> {
        vec![Value::Null; self.def.fields.len()]
    }

    /// Adds what the conditions and formulas over these values have to have looked up.
    pub fn wants_values(&self, values: &[Value], wants: &mut Wants) {
        for &field in &self.keys_read {
            let FieldKind::Reference { to, .. } = &self.def.fields[field].kind else { continue };
            let ids: &[crate::RecordId] = match values.get(field) {
                Some(Value::Reference(id)) => std::slice::from_ref(id),
                Some(Value::References(ids)) => ids,
                _ => continue,
            };
            wants.ids.entry(to.clone()).or_default().extend(ids);
        }
    }

    /// Whether [`Model::wants_values`] may ever ask for anything.
    pub fn reads_keys(&self) -> bool {
        !self.keys_read.is_empty()
    }

    fn row<'a>(&'a self, values: &'a [Value], state: Option<&'a str>, resolve: &'a dyn Resolve) -> Row<'a> {
        Row { def: &self.def, values, state, today: None, resolve }
    }

    /// What is missing or wrong in a whole record in this state: required fields, and every value by itself.
    pub fn check(&self, values: &[Value], state: Option<&str>, resolve: &dyn Resolve) -> Vec<Fault> {
        let mut faults: Vec<Fault> =
            values.iter().enumerate().filter_map(|(field, value)| self.verify(field, value).err()).collect();
        faults.extend(self.missing(values, state, resolve));
        faults
    }

    /// The required fields that are empty.
    pub(crate) fn missing(&self, values: &[Value], state: Option<&str>, resolve: &dyn Resolve) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (position, (field, compiled)) in self.def.fields.iter().zip(&self.compiled).enumerate() {
            if values.get(position).is_some_and(|value| !value.is_empty()) {
                continue;
            }
            if field.required {
                faults.push(required(field, "", ""));
            } else if let Some(formula) = &compiled.required_when
                && formula.holds(self.row(values, state, resolve)) == Some(true)
            {
                let said = formula.said();
                let (zh, en) = (format!("（因为{}）", said.zh), format!(" (because {})", said.en));
                faults.push(required(field, &zh, &en));
            }
        }
        faults
    }

    /// The fields that the record must have as things stand, filled or not.
    pub fn required(&self, values: &[Value], state: Option<&str>, resolve: &dyn Resolve) -> Vec<usize> {
        let fields = self.def.fields.iter().zip(&self.compiled).enumerate();
        let needed = fields.filter(|(_, (field, compiled))| {
            field.required
                || compiled
                    .required_when
                    .as_ref()
                    .is_some_and(|formula| formula.holds(self.row(values, state, resolve)) == Some(true))
        });
        needed.map(|(position, _)| position).collect()
    }

    /// Fills in the computed fields; what cannot be told is null.
    pub fn compute(&self, values: &mut [Value], state: Option<&str>, resolve: &dyn Resolve) {
        for &field in &self.order {
            if let Some((formula, gives)) = &self.compiled[field].formula {
                let value = formula.compute(self.row(values, state, resolve), *gives);
                if let Some(slot) = values.get_mut(field) {
                    *slot = value;
                }
            }
        }
    }

    /// Whether everybody may read the record (its public fields).
    pub fn is_public(&self, values: &[Value], state: Option<&str>, resolve: &dyn Resolve) -> bool {
        match (&self.def.public, &self.public_when) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(_), Some(when)) => when.holds(self.row(values, state, resolve)) == Some(true),
        }
    }

    /// Whether the condition of the transition at `index` holds (`None`: cannot be told), with what it says.
    pub(crate) fn when(
        &self,
        index: usize,
        values: &[Value],
        state: Option<&str>,
        today: Date,
        resolve: &dyn Resolve,
    ) -> Option<(Option<bool>, &Name)> {
        let formula = self.when.get(index)?.as_ref()?;
        let row = Row { today: Some(today), ..self.row(values, state, resolve) };
        Some((formula.holds(row), formula.said()))
    }
}

fn required(field: &Field, zh: &str, en: &str) -> Fault {
    Fault::new(
        &field.id,
        "required",
        format!("{}为必填项{zh}", field.name.zh),
        format!("{} must be filled in{en}", field.name.en),
    )
}

/// Computed fields so that each comes after those it reads, or the circle that forbids it.
fn order_of(compiled: &[Compiled]) -> Result<Vec<usize>, Vec<usize>> {
    fn visit(
        field: usize,
        compiled: &[Compiled],
        path: &mut Vec<usize>,
        done: &mut Vec<usize>,
    ) -> Result<(), Vec<usize>> {
        let Some((formula, _)) = compiled.get(field).and_then(|field| field.formula.as_ref()) else {
            return Ok(());
        };
        if done.contains(&field) {
            return Ok(());
        }
        if let Some(start) = path.iter().position(|&seen| seen == field) {
            return Err(path[start..].iter().copied().chain([field]).collect());
        }
        path.push(field);
        for &read in formula.fields() {
            visit(read, compiled, path, done)?;
        }
        path.pop();
        done.push(field);
        Ok(())
    }
    let mut done = Vec::new();
    for field in 0..compiled.len() {
        visit(field, compiled, &mut Vec::new(), &mut done)?;
    }
    Ok(done)
}

/// Every register, ready for work.
#[derive(Debug, Default)]
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
        let names = Arc::new(registers.all().map(|def| (def.id.clone(), def.name.clone())).collect());
        for def in registers.all() {
            match Model::among(def, codes, &names) {
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
