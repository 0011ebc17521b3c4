//! The breakpoint tables, compiled to scaled whole numbers so that an index is exact and needs no memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sanggan_base::{ParameterCode, Unit};

use super::{AqiClass, Report, Segment};
use crate::edition::{Sourced, Text};
use crate::law::LawError;
use crate::schema::{Above, BreakpointRow, Breakpoints, Content, ReportForm, Role, TableForm};
use crate::{Averaging, Pollutant, Rounding, exact};

const AVERAGINGS: usize = Averaging::ALL.len();
/// Most breakpoints a row may have.
const POINTS: usize = 8;

/// The compiled tables of one edition.
#[derive(Debug)]
pub(crate) struct AqiTables {
    rows: [[Option<Row>; AVERAGINGS]; 6],
    pub(crate) index_max: u16,
    pub(crate) index_min: u16,
    pub(crate) sourced: Sourced,
    reports: Vec<ReportTable>,
    pub(crate) classes: Vec<Arc<AqiClass>>,
    pub(crate) sensitive: BTreeMap<ParameterCode, Text>,
}

/// The breakpoints of one pollutant and averaging time, in units of the last digit kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    points: usize,
    concentration: [i64; POINTS],
    index: [u16; POINTS],
    pub(crate) digits: u32,
    pub(crate) unit: Unit,
    above: Top,
}

/// What holds above the last breakpoint.
#[derive(Debug, Clone, Copy)]
enum Top {
    Index(u16),
    Use(Averaging),
}

/// What a concentration gives on a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// An index, from the piece that ends at this point; no piece above the end.
    Index(u16, Option<usize>),
    /// This row gives none; another averaging time does.
    Elsewhere(Averaging),
}

/// One report's items.
#[derive(Debug)]
pub(crate) struct ReportTable {
    pub(crate) report: Report,
    pub(crate) items: Vec<Item>,
    pub(crate) fallbacks: Vec<Item>,
    pub(crate) primary_above: u16,
    pub(crate) exceeding_above: u16,
    pub(crate) incomplete_publish_above: Option<u16>,
    pub(crate) sourced: Sourced,
}

/// One pollutant of a report: which concentration, on which breakpoints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    pub(crate) pollutant: Pollutant,
    pub(crate) averaging: Averaging,
    pub(crate) breakpoints: Averaging,
}

impl Row {
    /// The concentration rounded (half-even) and scaled to the row's last digit; `None` when it is none.
    ///
    /// Equal to rounding [`exact`] decimally, without the decimal; a test holds the two together.
    pub(crate) fn scale(&self, value: f64) -> Option<i64> {
        scale(value, self.digits)
    }

    /// The index of a scaled concentration.
    pub(crate) fn step(&self, scaled: i64) -> Step {
        let points = &self.concentration[..self.points];
        // The first piece also takes its lower end.
        let Some(hi) = (1..points.len()).find(|&hi| scaled <= points[hi]) else {
            return match self.above {
                Top::Index(index) => Step::Index(index, None),
                Top::Use(averaging) => Step::Elsewhere(averaging),
            };
        };
        let (bp_lo, bp_hi) = (points[hi - 1], points[hi]);
        let (low, high) = (i64::from(self.index[hi - 1]), i64::from(self.index[hi]));
        let (over, under) = ((high - low) * (scaled - bp_lo), bp_hi - bp_lo);
        let index = low + (over + under - 1).div_euclid(under);
        Step::Index(u16::try_from(index).unwrap_or(self.index[0]), Some(hi))
    }

    /// The piece that ends at a point.
    pub(crate) fn segment(&self, hi: usize) -> Segment {
        Segment {
            bp_lo: self.unscale(self.concentration[hi - 1]),
            bp_hi: self.unscale(self.concentration[hi]),
            iaqi_lo: self.index[hi - 1],
            iaqi_hi: self.index[hi],
        }
    }

    /// The last breakpoint.
    pub(crate) fn last(&self) -> Decimal {
        self.unscale(self.concentration[self.points - 1])
    }

    pub(crate) fn unscale(&self, scaled: i64) -> Decimal {
        Decimal::new(scaled, self.digits).normalize()
    }
}

/// Powers of ten by number of digits.
const TENS: [f64; 7] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0];

fn scale(value: f64, digits: u32) -> Option<i64> {
    let ten = TENS.get(digits as usize)?;
    let scaled = value * ten;
    let floor = scaled.floor();
    let beyond = scaled - floor - 0.5;
    // Far from a half the binary value decides; near it the decimal does.
    if beyond.abs() > 1e-6 && scaled.abs() < 1e9 {
        return Some(floor as i64 + i64::from(beyond > 0.0));
    }
    let rounded = Rounding::HalfEven(digits).apply(exact(value)?);
    (rounded * Decimal::from(10_i64.pow(digits))).to_i64()
}

impl AqiTables {
    /// Compiles the tables of a file; `None` when it has no breakpoints.
    pub(crate) fn compile(file: &str, tables: &[TableForm]) -> Result<Option<AqiTables>, LawError> {
        let found = tables.iter().find_map(|table| match &table.content {
            Content::Breakpoints(body) => Some((table, body)),
            _ => None,
        });
        let Some((table, body)) = found else { return Ok(None) };
        let mut compiled = AqiTables {
            rows: [[None; AVERAGINGS]; 6],
            index_max: body.index_max,
            index_min: body.index_min,
            sourced: table.sourced(),
            reports: Vec::new(),
            classes: Vec::new(),
            sensitive: BTreeMap::new(),
        };
        for row in &body.row {
            let key = format!("table `{}`, {} {}", table.id, row.parameter, row.averaging);
            let fault = |why: &str| LawError::check(file, key.clone(), why);
            let pollutant =
                Pollutant::from_code(&row.parameter).ok_or_else(|| fault("not a basic pollutant"))?;
            let averaging =
                Averaging::from_name(&row.averaging).ok_or_else(|| fault("no such averaging time"))?;
            let compiled_row = compile_row(body, row).map_err(|why| fault(&why))?;
            compiled.rows[pollutant.index()][averaging.index()] = Some(compiled_row);
        }
        for table in tables {
            match &table.content {
                Content::Report(form) => {
                    let report = compiled.report_of(file, table, form)?;
                    compiled.reports.push(report);
                }
                Content::Classes(rows) => compiled.classes.extend(rows.row.iter().cloned().map(Arc::new)),
                Content::Texts(rows) => {
                    compiled
                        .sensitive
                        .extend(rows.row.iter().map(|row| (row.parameter.clone(), row.text.clone())));
                }
                _ => {}
            }
        }
        for report in [Report::Hour, Report::Day] {
            if !compiled.reports.iter().any(|one| one.report == report) {
                return Err(LawError::check(
                    file,
                    "kind = \"report\"",
                    format!("there is none for {report:?}"),
                ));
            }
        }
        let covered = compiled.classes.first().is_some_and(|class| class.from <= compiled.index_min)
            && compiled.classes.last().is_some_and(|class| class.to >= compiled.index_max);
        if !covered {
            return Err(LawError::check(
                file,
                "kind = \"classes\"",
                "they do not cover the range of the index",
            ));
        }
        Ok(Some(compiled))
    }

    fn report_of(&self, file: &str, table: &TableForm, form: &ReportForm) -> Result<ReportTable, LawError> {
        let fault =
            |key: &str, why: String| LawError::check(file, format!("table `{}`, {key}", table.id), why);
        let report = match form.report.as_str() {
            "hour" => Report::Hour,
            "day" => Report::Day,
            "hour_as_written" => Report::HourAsWritten,
            other => return Err(fault("report", format!("no such report: `{other}`"))),
        };
        let (mut items, mut fallbacks) = (Vec::new(), Vec::new());
        for row in &form.row {
            let key = format!("{} {}", row.parameter, row.averaging);
            let parsed = Pollutant::from_code(&row.parameter)
                .zip(Averaging::from_name(&row.averaging))
                .zip(Averaging::from_name(&row.breakpoints));
            let Some(((pollutant, averaging), breakpoints)) = parsed else {
                return Err(fault(&key, "no such pollutant or averaging time".to_owned()));
            };
            if self.row(pollutant, breakpoints).is_none() {
                return Err(fault(&key, format!("there are no `{}` breakpoints for it", row.breakpoints)));
            }
            let list = if row.role == Role::Item { &mut items } else { &mut fallbacks };
            list.push(Item { pollutant, averaging, breakpoints });
        }
        Ok(ReportTable {
            report,
            items,
            fallbacks,
            primary_above: form.primary_above,
            exceeding_above: form.exceeding_above,
            incomplete_publish_above: form.incomplete_publish_above,
            sourced: table.sourced(),
        })
    }

    pub(crate) fn row(&self, pollutant: Pollutant, averaging: Averaging) -> Option<&Row> {
        self.rows[pollutant.index()][averaging.index()].as_ref()
    }

    /// The items of a report; [`Report::HourAsWritten`] falls back to the hour.
    pub(crate) fn report(&self, report: Report) -> &ReportTable {
        let find = |wanted| self.reports.iter().find(move |one| one.report == wanted);
        let found = find(report).or_else(|| find(Report::Hour));
        found.expect("compile() refuses tables without an hourly and a daily report")
    }

    /// The class of an index.
    pub(crate) fn class(&self, index: u16) -> Option<&Arc<AqiClass>> {
        self.classes.iter().find(|class| class.from <= index && index <= class.to)
    }
}

fn compile_row(body: &Breakpoints, row: &BreakpointRow) -> Result<Row, String> {
    let digits = body.digits.get(&row.parameter).copied().ok_or("its digits are missing")?;
    if row.concentration.len() > POINTS {
        return Err(format!("more than {POINTS} breakpoints"));
    }
    let (mut concentration, mut index) = ([0; POINTS], [0; POINTS]);
    for (at, point) in row.concentration.iter().enumerate() {
        let scaled = point * Decimal::from(10_i64.pow(digits));
        if !scaled.fract().is_zero() {
            return Err(format!("{point} has more than {digits} digits"));
        }
        concentration[at] = scaled.to_i64().ok_or("a breakpoint is too large")?;
        index[at] = body.index[at];
    }
    let above = match &row.above {
        None => Top::Index(body.index_max),
        Some(Above::Index(index)) => Top::Index(*index),
        Some(Above::Use(name)) => {
            Top::Use(Averaging::from_name(name).ok_or("no such averaging time in `above`")?)
        }
    };
    Ok(Row { points: row.concentration.len(), concentration, index, digits, unit: row.unit, above })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_equals_decimal_rounding() {
        let mut values: Vec<f64> = (0..40_000).map(|n| f64::from(n) * 0.025).collect();
        values.extend((0..4_000).map(|n| f64::from(n) * 0.25 + 1e-10));
        values.extend((0..4_000).map(|n| f64::from(n) * 0.25 - 1e-8));
        values.extend([-0.4, -0.5, -0.6, -3.0, 1e12, 2_908.5, 0.05, 0.15, 0.25]);
        for digits in [0, 1, 2] {
            for &value in &values {
                let rounded = Rounding::HalfEven(digits).apply_f64(value).expect("finite");
                let want = (rounded * Decimal::from(10_i64.pow(digits))).to_i64();
                assert_eq!(scale(value, digits), want, "{value} to {digits}");
            }
        }
        assert_eq!(scale(f64::NAN, 0), None);
        assert_eq!(scale(f64::NEG_INFINITY, 1), None);
    }
}
