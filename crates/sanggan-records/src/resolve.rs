//! What a model must be told of the world outside the record: other records, stations, attachments, codes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sanggan_pack::{City, Name, ParameterTable};
use serde::Serialize;

use crate::{Link, RecordId};

/// Codes that a pack fixes: parameters and areas, with their names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Codes {
    /// Parameters by code.
    pub parameters: BTreeMap<String, Name>,
    /// The short forms of parameters (`COD`) and other words that mean one, in small letters → code.
    pub parameter_words: BTreeMap<String, String>,
    /// Areas by code.
    pub areas: BTreeMap<String, Name>,
}

impl Codes {
    /// Those of a pack.
    pub fn of(parameters: &ParameterTable, city: &City) -> Codes {
        let mut codes = Codes::default();
        for row in parameters.rows() {
            let code = row.code.as_str().to_owned();
            for word in [&row.symbol, &row.name.zh, &row.name.en] {
                codes.parameter_words.entry(word.to_lowercase()).or_insert_with(|| code.clone());
            }
            codes.parameters.insert(code, row.name.clone());
        }
        codes.areas.insert(city.code.as_str().to_owned(), city.name.clone());
        for area in &city.areas {
            codes.areas.insert(area.code.as_str().to_owned(), area.name.clone());
        }
        codes
    }
}

/// What the caller looked up beforehand. [`Known`] is the ready-made one.
pub trait Resolve {
    /// The record of `register` with this key.
    fn id_of(&self, register: &str, key: &str) -> Option<RecordId>;
    /// Whether `register` has this record.
    fn has(&self, register: &str, id: RecordId) -> bool;
    /// The key of a record, for conditions and formulas.
    fn key_of(&self, register: &str, id: RecordId) -> Option<String>;
    /// Whether an attachment with this hash is kept.
    fn has_attachment(&self, hash: &str) -> bool;
    /// Whether there is a monitoring station with this code.
    fn has_station(&self, code: &str) -> bool;
}

/// What has to be looked up before values can be read; see [`crate::Model::wants_json`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wants {
    /// Keys, by register.
    pub keys: BTreeMap<String, BTreeSet<String>>,
    /// Numbers, by register.
    pub ids: BTreeMap<String, BTreeSet<RecordId>>,
    /// Hashes of attachments.
    pub attachments: BTreeSet<String>,
    /// Codes of stations.
    pub stations: BTreeSet<String>,
}

impl Wants {
    /// Whether there is nothing to look up.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.ids.is_empty() && self.attachments.is_empty() && self.stations.is_empty()
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    ids: HashMap<String, HashMap<String, RecordId>>,
    keys: HashMap<String, HashMap<RecordId, String>>,
    attachments: HashSet<String>,
    stations: HashSet<String>,
}

impl Known {
    /// A record was found.
    pub fn add_record(&mut self, register: &str, id: RecordId, key: &str) {
        self.ids.entry(register.to_owned()).or_default().insert(key.to_owned(), id);
        self.keys.entry(register.to_owned()).or_default().insert(id, key.to_owned());
    }

    /// An attachment was found.
    pub fn add_attachment(&mut self, hash: &str) {
        self.attachments.insert(hash.to_owned());
    }

    /// A station was found.
    pub fn add_station(&mut self, code: &str) {
        self.stations.insert(code.to_owned());
    }
}

impl Resolve for Known {
    fn id_of(&self, register: &str, key: &str) -> Option<RecordId> {
        self.ids.get(register)?.get(key).copied()
    }

    fn has(&self, register: &str, id: RecordId) -> bool {
        self.keys.get(register).is_some_and(|keys| keys.contains_key(&id))
    }

    fn key_of(&self, register: &str, id: RecordId) -> Option<String> {
        self.keys.get(register)?.get(&id).cloned()
    }

    fn has_attachment(&self, hash: &str) -> bool {
        self.attachments.contains(hash)
    }

    fn has_station(&self, code: &str) -> bool {
        self.stations.contains(code)
    }
}

/// What is shown of a file that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttachmentInfo {
    /// SM3 of its bytes, 64 hex digits.
    pub hash: String,
    /// The name it came under.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its length.
    pub bytes: u64,
}

/// What is shown of records and files that a record names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Links {
    /// Records, by register and number.
    pub records: HashMap<(String, RecordId), Link>,
    /// Files, by hash.
    pub attachments: HashMap<String, AttachmentInfo>,
}
