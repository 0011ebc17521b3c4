//! The parameter table: which codes there are and in which unit each stands.

use std::collections::HashMap;

use sanggan_base::{ParameterCode, Unit};
use serde::{Deserialize, Serialize};

use crate::{Name, StationKind};

/// What a value is measured in: it decides the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// Ambient air.
    Ambient,
    /// Flue gas.
    Stack,
    /// Water, waste or natural.
    Water,
}

/// One unit for each medium in which the parameter occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitByMedium {
    /// In ambient air.
    pub ambient: Option<Unit>,
    /// In flue gas.
    pub stack: Option<Unit>,
    /// In water.
    pub water: Option<Unit>,
}

impl UnitByMedium {
    /// The unit in `medium`.
    pub fn of(&self, medium: Medium) -> Option<Unit> {
        match medium {
            Medium::Ambient => self.ambient,
            Medium::Stack => self.stack,
            Medium::Water => self.water,
        }
    }

    /// The unit in the first medium that has one, in the order ambient, stack, water.
    pub fn any(&self) -> Option<Unit> {
        self.ambient.or(self.stack).or(self.water)
    }
}

/// Bounds outside which a value cannot be, with the reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlausibleRange {
    /// Smallest possible value, in the platform's unit.
    pub min: Option<f64>,
    /// Largest possible value, in the platform's unit.
    pub max: Option<f64>,
    /// Why: the definition of the quantity or a source.
    pub source: String,
}

/// One row of the parameter table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// HJ 524 / HJ 525 code.
    pub code: ParameterCode,
    /// Its name.
    pub name: Name,
    /// The short form for charts (`PM2.5`, `COD`); the Chinese name where there is none.
    pub symbol: String,
    /// Its code in HJ/T 212-2005.
    pub old_code: Option<String>,
    /// The unit of stored values.
    pub unit: UnitByMedium,
    /// The unit in which the wire's table (HJ 212 annex B) prints it, or the one taken as default where the
    /// table is known not to be followed; see the head of `packs/china/parameters.toml`.
    pub wire_unit: UnitByMedium,
    /// The unit of its totals (`Cou`) on the wire.
    pub total_unit: Option<Unit>,
    /// Decimals shown.
    pub digits: u8,
    /// Bounds outside which a value cannot be.
    pub range: Option<PlausibleRange>,
    /// Where the row is from.
    pub source: String,
}

/// Every parameter, found by code, old or new.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParameterTable {
    rows: Vec<Parameter>,
    by_code: HashMap<ParameterCode, usize>,
    by_old: HashMap<String, usize>,
}

impl ParameterTable {
    /// The table of `rows`; of two rows with one code the later is found.
    pub(crate) fn new(rows: Vec<Parameter>) -> ParameterTable {
        let by_code = rows.iter().enumerate().map(|(index, row)| (row.code.clone(), index)).collect();
        let by_old =
            rows.iter().enumerate().filter_map(|(index, row)| Some((row.old_code.clone()?, index))).collect();
        ParameterTable { rows, by_code, by_old }
    }

    /// Every row, in the order of the file.
    pub fn rows(&self) -> &[Parameter] {
        &self.rows
    }

    /// The row of a code (new codes only).
    pub fn get(&self, code: &str) -> Option<&Parameter> {
        self.by_code.get(code).and_then(|&index| self.rows.get(index))
    }

    /// The row of a code as a device sends it: a new code in either case, or a 2005 one.
    pub fn find_sent(&self, sent: &str) -> Option<&Parameter> {
        let index = self.by_code.get(sent).or_else(|| self.by_old.get(sent)).copied().or_else(|| {
            self.by_code
                .get(sent.to_ascii_lowercase().as_str())
                .or_else(|| self.by_old.get(&sent.to_ascii_uppercase()))
                .copied()
        })?;
        self.rows.get(index)
    }

    /// The parameter code under which a value of the code `sent` is kept: that of the table, or `raw:<sent>`.
    ///
    /// Characters that may not stand in a code become `_`; the whole is cut to 32 bytes.
    pub fn resolve(&self, sent: &str) -> ParameterCode {
        if let Some(row) = self.find_sent(sent) {
            return row.code.clone();
        }
        let kept: String = sent
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':') { c } else { '_' })
            .take(32 - "raw:".len())
            .collect();
        ParameterCode::parse(&format!("raw:{kept}")).expect("only allowed characters, at most 32 bytes")
    }

    /// The unit in which values of `code` at a station of `kind` are kept.
    pub fn unit(&self, code: &str, kind: StationKind) -> Option<Unit> {
        let row = self.get(code)?;
        kind.medium().and_then(|medium| row.unit.of(medium)).or_else(|| row.unit.any())
    }

    /// The unit in which a device at a station of `kind` is taken to send `code` when its binding says nothing.
    pub fn wire_unit(&self, code: &str, kind: StationKind) -> Option<Unit> {
        let row = self.get(code)?;
        kind.medium().and_then(|medium| row.wire_unit.of(medium)).or_else(|| row.wire_unit.any())
    }
}
