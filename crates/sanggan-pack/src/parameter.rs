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

/// One value for each medium in which the parameter occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ByMedium<T> {
    /// In ambient air.
    pub ambient: Option<T>,
    /// In flue gas.
    pub stack: Option<T>,
    /// In water.
    pub water: Option<T>,
}

impl<T> ByMedium<T> {
    /// That of `medium`.
    pub fn of(&self, medium: Medium) -> Option<&T> {
        match medium {
            Medium::Ambient => self.ambient.as_ref(),
            Medium::Stack => self.stack.as_ref(),
            Medium::Water => self.water.as_ref(),
        }
    }

    /// That of the first medium that has one, in the order ambient, stack, water.
    pub fn any(&self) -> Option<&T> {
        self.ambient.as_ref().or(self.stack.as_ref()).or(self.water.as_ref())
    }

    /// That of the medium of `kind`, or where it has none, any.
    fn at(&self, kind: StationKind) -> Option<&T> {
        kind.medium().and_then(|medium| self.of(medium)).or_else(|| self.any())
    }
}

/// What the table says of one parameter in one medium.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InMedium {
    /// The unit of stored values.
    pub unit: Unit,
    /// The unit a device is taken to send when its binding says nothing; see the head of
    /// `packs/china/parameters.toml`.
    pub sent: Unit,
    /// Decimals shown.
    pub digits: u8,
    /// Bounds outside which a value cannot be.
    pub range: Option<PlausibleRange>,
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
    /// Units, digits and bounds in each medium it occurs in.
    pub media: ByMedium<InMedium>,
    /// The unit of its totals (`Cou`), stored and on the wire.
    pub total: Option<Unit>,
    /// The unit in which HJ 212-2017 annex B prints it, where that is not what is taken as sent.
    pub printed: Option<Unit>,
    /// The unit the 2005 table prints, where it is another than what is taken as sent under the new code.
    pub old_sent: Option<Unit>,
    /// The unit of totals in the 2005 table, where it is another than `total`.
    pub old_total: Option<Unit>,
    /// Where the row is from.
    pub source: String,
}

impl PlausibleRange {
    /// Whether `value` may be.
    pub fn holds(&self, value: f64) -> bool {
        self.min.is_none_or(|min| min <= value) && self.max.is_none_or(|max| value <= max)
    }
}

impl Parameter {
    /// Its unit at stations of `kind`; where the medium is unknown or has none, that of another medium.
    pub fn unit(&self, kind: StationKind) -> Option<Unit> {
        self.media.at(kind).map(|medium| medium.unit)
    }

    /// Decimals shown at stations of `kind`.
    pub fn digits(&self, kind: StationKind) -> u8 {
        self.media.at(kind).map_or(0, |medium| medium.digits)
    }

    /// Bounds outside which a value (in [`Parameter::unit`]) at a station of `kind` cannot be.
    pub fn range(&self, kind: StationKind) -> Option<&PlausibleRange> {
        self.media.at(kind).and_then(|medium| medium.range.as_ref())
    }
}

/// What a factor code on the wire means at one kind of station.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WireField<'t> {
    /// The parameter.
    pub parameter: &'t Parameter,
    /// The unit its values are taken to be sent in.
    pub sent: Option<Unit>,
    /// The unit its values are stored in.
    pub unit: Option<Unit>,
    /// The unit its totals are taken to be sent in.
    pub sent_total: Option<Unit>,
    /// The unit its totals are stored in.
    pub total: Option<Unit>,
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

    /// The unit in which values of `code` at a station of `kind` are stored.
    pub fn unit(&self, code: &str, kind: StationKind) -> Option<Unit> {
        self.get(code)?.unit(kind)
    }

    /// What the code `sent` means at a station of `kind`, when the table knows it: the parameter, the unit to take
    /// it to be sent in unless the device's binding says otherwise, and the unit to store it in.
    pub fn wire(&self, sent: &str, kind: StationKind) -> Option<WireField<'_>> {
        let parameter = self.find_sent(sent)?;
        let is_old = !parameter.code.as_str().eq_ignore_ascii_case(sent);
        let medium = parameter.media.at(kind);
        let old = |unit: Option<Unit>| if is_old { unit } else { None };
        Some(WireField {
            parameter,
            sent: old(parameter.old_sent).or(medium.map(|medium| medium.sent)),
            unit: medium.map(|medium| medium.unit),
            sent_total: old(parameter.old_total).or(parameter.total),
            total: parameter.total,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Pack, StationKind};

    #[test]
    fn codes_as_sent_lead_to_one_code() {
        let table = Pack::embedded().expect("the built-in pack is whole").parameters;
        let rows: Vec<String> =
            ["a34004", "A01001", "011", "B01", "b02", "01", "S01", "060", "PM25", "PM2.5#", "中文", ""]
                .iter()
                .map(|sent| format!("{sent} {}", table.resolve(sent)))
                .collect();
        assert_eq!(
            rows,
            [
                "a34004 a34004",
                "A01001 a01001",
                "011 w01018",
                "B01 w00000",
                "b02 a00000",
                "01 a34013",
                "S01 a19001",
                "060 w21003",
                "PM25 raw:PM25",
                "PM2.5# raw:PM2_5_",
                "中文 raw:__",
                " raw:"
            ]
        );
        assert!(table.resolve(&"x".repeat(99)).as_str().len() <= 32);
    }

    #[test]
    fn the_unit_sent_depends_on_edition_and_medium() {
        let table = Pack::embedded().expect("the built-in pack is whole").parameters;
        let row = |sent: &str, kind| {
            let field = table.wire(sent, kind).expect("known");
            let text = |unit: Option<sanggan_base::Unit>| unit.map_or("-", |unit| unit.symbol());
            format!(
                "{} {}→{} {}→{}",
                field.parameter.code,
                text(field.sent),
                text(field.unit),
                text(field.sent_total),
                text(field.total)
            )
        };
        // Mercury: the 2005 table prints mg/L and kg, that of 2017 µg/L and g.
        assert_eq!(row("020", StationKind::WaterOutlet), "w20111 mg/L→mg/L kg→g");
        assert_eq!(row("w20111", StationKind::WaterOutlet), "w20111 µg/L→mg/L g→g");
        assert_eq!(row("a21026", StationKind::Air), "a21026 mg/m³→µg/m³ kg→kg");
        assert_eq!(row("a21026", StationKind::GasOutlet), "a21026 mg/m³→mg/m³ kg→kg");
        assert_eq!(row("a34004", StationKind::Air), "a34004 µg/m³→µg/m³ g→g");
        assert_eq!(row("a34013", StationKind::Unknown), "a34013 mg/m³→mg/m³ kg→kg");
        assert!(table.wire("H01", StationKind::Air).is_none());
    }

    #[test]
    fn micrograms_taken_for_milligrams_are_out_of_range() {
        let table = Pack::embedded().expect("the built-in pack is whole").parameters;
        let so2 = table.get("a21026").expect("known");
        let range = so2.range(StationKind::Air).expect("bounded");
        assert!(range.holds(58.0) && range.holds(-3.0) && !range.holds(58_000.0) && !range.holds(-99.0));
        let oxygen = table.get("a19001").and_then(|row| row.range(StationKind::GasOutlet)).expect("bounded");
        assert!(oxygen.holds(20.95) && !oxygen.holds(100.1));
    }
}
