//! Registers (台账): what a definition file says about one, checked and resolved.
//!
//! One mechanism carries them all: from a [`RegisterDef`] come the table, the form, the list, the map layer, the API,
//! import, export, history and rights. `docs/guides/add-a-register.md` shows the file.

mod field;
mod field_read;
mod lifecycle;
pub mod migrate;
mod office;
mod read;
mod resolve;
mod roles;
mod rules;
pub(crate) mod sheet;
pub(crate) mod words;

pub use field::{Field, FieldKind, Geometry, Gives, NamedValue};
pub use lifecycle::{Lifecycle, Period, State, Transition};
pub use office::{Department, Group, Office};
pub(crate) use resolve::{LISTS, OFFICE, RECORDS, REGISTERS, registers};
pub use roles::{BufferRule, ChainRole, GraphRole, PublicView, Review, ZoneRole};

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Name, PackFault};

/// One register as its file says, whole: every field it names exists, every reference leads to a register.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegisterDef {
    /// `river-outfalls`; the file's name, and the word in paths. Small letters, digits and hyphens.
    pub id: String,
    /// Grows whenever the fields change; the store moves the table from one to the next.
    pub version: u32,
    /// 入河排污口台账.
    pub name: Name,
    /// What it is and what it is for, one or two sentences.
    pub about: Name,
    /// The rows of the plan's list that it carries (`S124`).
    pub rows: Vec<String>,
    /// Its place in the menu, an id of [`Office::groups`].
    pub group: String,
    /// Who keeps it, an id of [`Office::departments`].
    pub department: String,
    /// Where its fields come from: standards, forms, the plan's section.
    pub sources: Vec<String>,
    /// The text field people know a record by; unique in the register.
    pub key: String,
    /// The field shown as a record's title.
    pub title: String,
    /// The area field that decides who of which area may see and change a record.
    pub area: Option<String>,
    /// The reference to `enterprises` that decides which enterprise a record belongs to. The register `enterprises`
    /// itself belongs to the enterprise each record is.
    pub enterprise: Option<String>,
    /// The field drawn on the map.
    pub geometry: Option<String>,
    /// The columns a list shows, in order.
    pub list: Vec<String>,
    /// Groups of fields that may not be the same in two records; the key is always one.
    pub unique: Vec<Vec<String>>,
    /// What everybody may read; `None`: nothing.
    pub public: Option<PublicView>,
    /// How often a record is looked over again (定期摸排更新).
    pub review: Option<Review>,
    /// The fields, in the order of the form.
    pub fields: Vec<Field>,
    /// The states a record goes through; `None`: it only is.
    pub lifecycle: Option<Lifecycle>,
    /// Its place in the graph of waters and pipes; `None`: none.
    pub graph: Option<GraphRole>,
    /// Each record hands something from one holder to another; `None`: it doesn't.
    pub chain: Option<ChainRole>,
    /// Each record is an area in which rules hold; `None`: it isn't.
    pub zone: Option<ZoneRole>,
    /// Why it is kept, when no row of the plan's list asks for it.
    #[serde(default)]
    pub reason: Option<Name>,
    /// Fields of earlier versions that are given up on purpose, by id.
    #[serde(default)]
    pub dropped: Vec<String>,
}

impl RegisterDef {
    /// The field with this id.
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// Where the field stands in [`RegisterDef::fields`].
    pub fn position(&self, id: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.id == id)
    }
}

/// Every register of a pack, with the offices that keep them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Registers {
    /// By id.
    pub by_id: BTreeMap<String, Arc<RegisterDef>>,
    /// Departments and groups.
    pub office: Office,
    /// Where each key of each definition stands in its file, for whoever finds a fault later: `river-outfalls` →
    /// (`field.flow.formula` → line). See [`Registers::fault`].
    pub lines: BTreeMap<String, Lines>,
}

/// Where the keys of one definition stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    /// The file, relative to the pack's folder.
    pub file: String,
    /// Key → line, from 1: `key`, `field.flow`, `field.flow.formula`, `lifecycle.transition.measure.when`,
    /// `public.when`.
    pub of: BTreeMap<String, usize>,
}

impl Lines {
    /// The line of a key, else of what holds it; `None` when nothing of it is in the file.
    pub fn line(&self, key: &str) -> Option<usize> {
        let mut key = key;
        loop {
            match (self.of.get(key), key.rsplit_once('.')) {
                (Some(line), _) => return Some(*line),
                (None, Some((holder, _))) => key = holder,
                (None, None) => return None,
            }
        }
    }

    /// A fault at a key, with the file and its line.
    pub fn fault(&self, key: &str, what: impl Into<String>) -> PackFault {
        PackFault { file: self.file.clone(), line: self.line(key), key: key.to_owned(), what: what.into() }
    }
}

impl Registers {
    /// The register with this id.
    pub fn get(&self, id: &str) -> Option<&Arc<RegisterDef>> {
        self.by_id.get(id)
    }

    /// A fault at a key of a register's definition (`field.flow.formula`), with its file and line.
    pub fn fault(&self, register: &str, key: &str, what: impl Into<String>) -> PackFault {
        match self.lines.get(register) {
            Some(lines) => lines.fault(key, what),
            None => {
                PackFault { file: register.to_owned(), line: None, key: key.to_owned(), what: what.into() }
            }
        }
    }

    /// Every register, ordered by id.
    pub fn all(&self) -> impl Iterator<Item = &Arc<RegisterDef>> {
        self.by_id.values()
    }
}
