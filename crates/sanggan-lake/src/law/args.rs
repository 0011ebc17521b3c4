//! What people give to the functions: days, times, numbers, editions.

use std::cell::Cell;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use datafusion::arrow::compute::{CastOptions, cast, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Date32Type, Float64Type, TimeUnit, TimestampMicrosecondType};
use datafusion::common::{DataFusionError, Result, ScalarValue, plan_err};
use datafusion::logical_expr::ColumnarValue;
use jiff::civil::Date;
use sanggan_standards::assess::parse_day;
use sanggan_standards::{Basis, Law, Text};

use crate::sealed::kind::{ZONE, time_type};

/// Microseconds in an hour.
pub(crate) const HOUR: i64 = 3_600_000_000;
/// What is added to UTC for the time of the place, in microseconds.
const LOCAL: i64 = 8 * HOUR;

/// A number that is no measured value: below zero, not finite, or beyond what is exact.
pub(crate) fn is_amount(value: f64) -> bool {
    (0.0..1e15).contains(&value)
}

/// The type in which a function takes a time; text is read, a time without an offset is local time.
pub(crate) fn time_argument(name: &str, given: &DataType) -> Result<DataType> {
    match given {
        DataType::Timestamp(_, None) => Ok(DataType::Timestamp(TimeUnit::Microsecond, None)),
        DataType::Timestamp(_, Some(_)) | DataType::Null => Ok(time_type()),
        DataType::Date32 | DataType::Date64 | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            Ok(DataType::Timestamp(TimeUnit::Microsecond, None))
        }
        other => plan_err!("{name} must be a time, not {other}"),
    }
}

/// The type in which a function takes a day.
pub(crate) fn day_argument(given: &DataType) -> Result<DataType> {
    match given {
        DataType::Timestamp(_, None) => Ok(DataType::Timestamp(TimeUnit::Microsecond, None)),
        DataType::Timestamp(_, Some(_)) => Ok(time_type()),
        DataType::Date32 | DataType::Date64 => Ok(DataType::Date32),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => Ok(DataType::Utf8),
        other => plan_err!("the day must be a day or a time, not {other}"),
    }
}

/// The type in which a function takes a number; text is read row by row.
pub(crate) fn number_argument(name: &str, given: &DataType) -> Result<DataType> {
    match given {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Ok(DataType::Utf8),
        DataType::Null => Ok(DataType::Float64),
        other if other.is_numeric() => Ok(DataType::Float64),
        other => plan_err!("{name} must be a number, not {other}"),
    }
}

/// The type in which a function takes a name.
pub(crate) fn text_argument(name: &str, given: &DataType) -> Result<DataType> {
    match given {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Null => Ok(DataType::Utf8),
        DataType::Utf8View => Ok(DataType::Utf8View),
        DataType::Dictionary(_, value) if text_argument(name, value).is_ok() => {
            Ok(DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)))
        }
        other => plan_err!("{name} must be text, not {other}"),
    }
}

/// The type in which a function takes an edition: as it is, so that what is written out stays so.
pub(crate) fn edition_argument(given: &DataType) -> Result<DataType> {
    match given {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => Ok(given.clone()),
        other => plan_err!("the edition must be text, not {other}"),
    }
}

/// Microseconds of local time, as [`time_argument`] has them.
pub(crate) fn local_times(times: &dyn Array) -> Result<(&[i64], i64)> {
    let offset = match times.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            debug_assert!(zone.as_deref().is_none_or(|zone| zone == ZONE));
            if zone.is_some() { LOCAL } else { 0 }
        }
        other => return Err(unexpected("a time", other)),
    };
    Ok((times.as_primitive::<TimestampMicrosecondType>().values(), offset))
}

/// Numbers; a text that is none becomes NaN.
pub(crate) fn numbers(given: &ArrayRef) -> Result<Float64Array> {
    if *given.data_type() == DataType::Float64 {
        return Ok(given.as_primitive::<Float64Type>().clone());
    }
    let lenient = CastOptions { safe: true, ..CastOptions::default() };
    let read = cast_with_options(given, &DataType::Float64, &lenient)?;
    let read = read.as_primitive::<Float64Type>();
    let rows =
        (0..given.len()).map(|row| match (given.is_null(row) || is_blank(given, row), read.is_null(row)) {
            (true, _) => None,
            (false, true) => Some(f64::NAN),
            (false, false) => Some(read.value(row)),
        });
    Ok(rows.collect())
}

fn is_blank(given: &ArrayRef, row: usize) -> bool {
    given.as_string_opt::<i32>().is_some_and(|texts| texts.value(row).trim().is_empty())
}

/// A cell as it is shown in a reason.
pub(crate) fn shown(column: &dyn Array, row: usize) -> String {
    ScalarValue::try_from_array(column, row).map(|value| value.to_string()).unwrap_or_default()
}

/// The days of a column that [`day_argument`] coerced.
pub(crate) struct Days {
    column: ArrayRef,
    offset: i64,
    /// The day worked out last: neighbours mostly share it.
    last: Cell<Option<(i32, Date)>>,
}

impl Days {
    pub(crate) fn new(column: &ArrayRef) -> Result<Days> {
        let offset = match column.data_type() {
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => LOCAL,
            DataType::Timestamp(TimeUnit::Microsecond, None) | DataType::Date32 | DataType::Utf8 => 0,
            DataType::Null => {
                return Ok(Days { column: cast(column, &DataType::Utf8)?, offset: 0, last: Cell::new(None) });
            }
            other => return Err(unexpected("a day", other)),
        };
        Ok(Days { column: column.clone(), offset, last: Cell::new(None) })
    }

    /// The day of a row, or why there is none.
    pub(crate) fn of(&self, row: usize) -> std::result::Result<Date, Text> {
        if self.column.is_null(row) {
            return Err(Text::new("缺少：日期", "missing: day"));
        }
        let found = match self.column.data_type() {
            DataType::Date32 => self.since_epoch(self.column.as_primitive::<Date32Type>().value(row)),
            DataType::Utf8 => parse_day(self.column.as_string::<i32>().value(row)),
            _ => {
                let at = self.column.as_primitive::<TimestampMicrosecondType>().value(row);
                let days = i32::try_from(at.saturating_add(self.offset).div_euclid(24 * HOUR)).ok();
                days.and_then(|days| self.since_epoch(days))
            }
        };
        found.ok_or_else(|| {
            let text = shown(&self.column, row);
            Text::new(
                format!("“{text}”不是日期（应为 2020-05-08）"),
                format!("`{text}` is no day (2020-05-08 is one)"),
            )
        })
    }
}

impl Days {
    fn since_epoch(&self, days: i32) -> Option<Date> {
        match self.last.get() {
            Some((same, date)) if same == days => Some(date),
            _ => {
                let date = date(days)?;
                self.last.set(Some((days, date)));
                Some(date)
            }
        }
    }
}

/// The day so many days after 1970-01-01.
pub(crate) fn date(days: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// The edition asked for, checked against the law. One of another standard of the same theme means that of the same
/// publication: `2026-final` of the limits goes with the index rule of 2026.
pub(crate) fn edition(
    standard: &'static str,
    given: Option<&ScalarValue>,
    function: &str,
) -> Result<Option<String>> {
    let Some(given) = given else {
        return plan_err!("{function}: the edition must be written out, it cannot differ from row to row");
    };
    let Some(name) = given.try_as_str().flatten() else { return Ok(None) };
    let law = Law::embedded();
    let has = |name: &str| law.edition(standard, Basis::Edition(name, Date::MIN)).is_ok();
    if has(name) {
        return Ok(Some(name.to_owned()));
    }
    let own = || law.editions().iter().filter(|edition| edition.standard == standard);
    let theme = own().next().map(|edition| edition.theme);
    let mut others = law.editions().iter().filter(|edition| Some(edition.theme) == theme);
    let other = others.find(|edition| edition.name == name || edition.id.as_str() == name);
    if let Some(family) = other.map(|edition| &edition.family).filter(|family| has(family)) {
        return Ok(Some(family.clone()));
    }
    let known: Vec<&str> = own().map(|edition| edition.name.as_str()).collect();
    plan_err!("{function}: {standard} has no edition `{name}`; there are: {}", known.join(", "))
}

/// The edition that [`edition`] found, of an argument at run time.
pub(crate) fn asked(
    standard: &'static str,
    given: Option<&ColumnarValue>,
    function: &str,
) -> Result<Option<String>> {
    match given {
        None => Ok(None),
        Some(ColumnarValue::Scalar(given)) => edition(standard, Some(given), function),
        Some(ColumnarValue::Array(_)) => edition(standard, None, function),
    }
}

pub(crate) fn unexpected(wanted: &str, got: &DataType) -> DataFusionError {
    DataFusionError::Internal(format!("{wanted} was expected, not {got}"))
}
