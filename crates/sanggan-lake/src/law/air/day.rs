//! `aqi_day`: from the hours of a place on a day to its index, in one pass.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int32Array, LargeBinaryArray, StructArray,
};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Int32Type};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};
use datafusion::physical_expr::expressions::Literal;
use sanggan_standards::{AirRules, AirSample, Averaging, Law, Pollutant, Report, Text, statistics};

use super::hours::{Days, Hours};
use super::index::{self, Index, KEYS, STANDARD};
use crate::law::args::{self, HOUR};
use crate::law::texts::Texts;

const NAME: &str = "aqi_day";

/// The aggregate, over narrow rows (`at, parameter, value`) or wide ones (`at` and the six).
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct AqiDay {
    signature: Signature,
}

impl AqiDay {
    pub(crate) fn new() -> AqiDay {
        AqiDay { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

/// How many arguments the narrow and the wide form have, without the edition.
const NARROW: usize = 3;
const WIDE: usize = 7;

fn fields() -> Fields {
    let mut fields = index::fields();
    let number = |name: &str| Arc::new(Field::new(name, DataType::Float64, true));
    fields.extend(["so2", "no2", "co", "o3_8h", "pm10", "pm25"].map(number));
    fields.push(Arc::new(Field::new("hours", DataType::Struct(hour_fields()), true)));
    fields.push(Arc::new(Field::new("passed_over", DataType::Int32, true)));
    fields.push(Arc::new(Field::new("validity", DataType::Utf8View, true)));
    Fields::from(fields)
}

fn hour_fields() -> Fields {
    KEYS.iter().map(|key| Field::new(*key, DataType::Int32, true)).collect()
}

impl AggregateUDFImpl for AqiDay {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Struct(fields()))
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let mut wanted = Vec::with_capacity(given.len());
        match given {
            [at, parameter, value, edition @ ..] if edition.len() <= 1 => {
                wanted.push(args::time_argument("at", at)?);
                wanted.push(args::text_argument("parameter", parameter)?);
                wanted.push(args::number_argument("value", value)?);
            }
            [at, values @ ..] if values.len() == 6 || values.len() == 7 => {
                wanted.push(args::time_argument("at", at)?);
                for (key, value) in KEYS.iter().zip(values) {
                    wanted.push(args::number_argument(key, value)?);
                }
            }
            _ => {
                return plan_err!(
                    "{NAME} takes (at, parameter, value) or (at, so2, no2, co, o3, pm10, pm25), and may be an edition"
                );
            }
        }
        if let Some(edition) = given.get(wanted.len()) {
            wanted.push(args::edition_argument(edition)?);
        }
        Ok(wanted)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format_state_name(args.name, "hours"), DataType::LargeBinary, true))])
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        !args.is_distinct
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(State::new(&args)?))
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct {
            return plan_err!("{NAME} judges every row; DISTINCT has no meaning for it");
        }
        let mut state = State::new(&args)?;
        state.days.grow(1);
        Ok(Box::new(One { state, groups: Vec::new() }))
    }

    fn order_sensitivity(&self) -> datafusion::logical_expr::utils::AggregateOrderSensitivity {
        datafusion::logical_expr::utils::AggregateOrderSensitivity::Insensitive
    }
}

/// The state of all groups.
#[derive(Debug)]
struct State {
    days: Days,
    edition: Option<String>,
    /// Values a row: one, or the six.
    wide: bool,
}

impl State {
    fn new(args: &AccumulatorArgs<'_>) -> Result<State> {
        let wide = WIDE <= args.exprs.len();
        let edition = match args.exprs.get(if wide { WIDE } else { NARROW }) {
            None => None,
            Some(given) => {
                args::edition(STANDARD, given.downcast_ref::<Literal>().map(Literal::value), NAME)?
            }
        };
        Ok(State { days: Days::default(), edition, wide })
    }

    fn take(&mut self, values: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>) -> Result<()> {
        let taken = |row: usize| filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
        let times = values[0].as_ref();
        let (at, offset) = args::local_times(times)?;
        let hour = |row: usize| at[row].saturating_add(offset).div_euclid(HOUR);
        let days = &mut self.days;
        if self.wide {
            for (pollutant, column) in values[1..WIDE].iter().enumerate() {
                let column = args::numbers(column)?;
                let numbers = column.values();
                let plain = filter.is_none() && column.null_count() == 0 && times.null_count() == 0;
                for (row, &group) in groups.iter().enumerate() {
                    if plain || (column.is_valid(row) && times.is_valid(row) && taken(row)) {
                        days.add(group, pollutant, hour(row), numbers[row]);
                    } else if column.is_valid(row) && taken(row) {
                        days.leave_out(group, pollutant);
                    }
                }
            }
            return Ok(());
        }
        let column = args::numbers(&values[2])?;
        let numbers = column.values();
        let plain = filter.is_none() && column.null_count() == 0 && times.null_count() == 0;
        each_pollutant(&values[1], |row, pollutant| {
            if !plain && !(column.is_valid(row) && taken(row)) {
                return;
            }
            match pollutant {
                None => days.pass_over(groups[row]),
                Some(pollutant) if plain || times.is_valid(row) => {
                    days.add(groups[row], pollutant, hour(row), numbers[row]);
                }
                Some(pollutant) => days.leave_out(groups[row], pollutant),
            }
        })
    }

    fn answer(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let days = self.days.emit(emit_to);
        let mut answers = Answers::new(self.edition.as_deref());
        for hours in days.groups() {
            answers.push(&days, hours);
        }
        answers.finish()
    }
}

/// Which pollutant each row is of; `None` = none of the six.
fn each_pollutant(names: &ArrayRef, mut each: impl FnMut(usize, Option<usize>)) -> Result<()> {
    match names.data_type() {
        DataType::Utf8View => {
            let names = names.as_string_view();
            // neighbours are mostly alike, and a short name is its view
            let mut last: Option<(u128, Option<usize>)> = None;
            for (row, &view) in names.views().iter().enumerate() {
                if names.is_null(row) {
                    each(row, None);
                    continue;
                }
                let inline = view as u32 <= 12;
                let pollutant = match last {
                    Some((same, pollutant)) if same == view && inline => pollutant,
                    _ => pollutant_of(names.value(row)),
                };
                last = Some((view, pollutant));
                each(row, pollutant);
            }
        }
        DataType::Dictionary(..) => {
            let names = names.as_dictionary::<Int32Type>();
            let words = names.values().as_string::<i32>();
            let known: Vec<Option<usize>> = words.iter().map(|word| word.and_then(pollutant_of)).collect();
            for row in 0..names.len() {
                each(row, names.key(row).and_then(|key| known.get(key).copied().flatten()));
            }
        }
        _ => {
            let names = names.as_string::<i32>();
            let (mut last, mut pollutant) = ("", None);
            for row in 0..names.len() {
                if names.is_null(row) {
                    each(row, None);
                    continue;
                }
                let name = names.value(row);
                if name != last {
                    (last, pollutant) = (name, pollutant_of(name));
                }
                each(row, pollutant);
            }
        }
    }
    Ok(())
}

/// The place of a pollutant in [`Pollutant::ALL`]: by its code, symbol, column name or Chinese name.
fn pollutant_of(name: &str) -> Option<usize> {
    Pollutant::ALL.iter().zip(KEYS).position(|(pollutant, key)| {
        let is = |other: &str| other.eq_ignore_ascii_case(name);
        is(pollutant.code_str()) || is(key) || is(pollutant.symbol()) || pollutant.name_zh() == name
    })
}

impl GroupsAccumulator for State {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        self.days.grow(total_num_groups);
        self.take(values, group_indices, opt_filter)
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        self.days.grow(total_num_groups);
        self.days.merge(values[0].as_binary::<i64>(), group_indices)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.answer(emit_to)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![Arc::new(self.days.emit(emit_to).write())])
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values[0].len();
        let mut each = State { days: Days::default(), edition: self.edition.clone(), wide: self.wide };
        each.days.grow(rows);
        each.take(values, &(0..rows).collect::<Vec<_>>(), opt_filter)?;
        Ok(vec![Arc::new(each.days.write())])
    }

    fn size(&self) -> usize {
        self.days.bytes()
    }
}

/// The same for a query without groups.
#[derive(Debug)]
struct One {
    state: State,
    groups: Vec<usize>,
}

impl One {
    fn groups(&mut self, rows: usize) -> Vec<usize> {
        let mut groups = std::mem::take(&mut self.groups);
        groups.clear();
        groups.resize(rows, 0);
        groups
    }
}

impl Accumulator for One {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let groups = self.groups(values[0].len());
        self.state.take(values, &groups, None)?;
        self.groups = groups;
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let answer = self.state.answer(EmitTo::All)?;
        self.state.days.grow(1);
        ScalarValue::try_from_array(&answer, 0)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.state.days.bytes()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let written: LargeBinaryArray = self.state.days.emit(EmitTo::All).write();
        self.state.days.grow(1);
        Ok(vec![ScalarValue::try_from_array(&written, 0)?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let groups = self.groups(states[0].len());
        self.state.days.merge(states[0].as_binary::<i64>(), &groups)?;
        self.groups = groups;
        Ok(())
    }
}

/// The answers, row after row.
struct Answers<'a> {
    law: &'static Law,
    index: Index<'a>,
    concentrations: [Vec<Option<f64>>; 6],
    hours: [Vec<i32>; 6],
    passed_over: Vec<i32>,
    validity: Texts,
    /// The rules met so far, with the code of their editions.
    rules: Vec<(&'static AirRules, u32)>,
}

impl<'a> Answers<'a> {
    fn new(edition: Option<&'a str>) -> Answers<'a> {
        Answers {
            law: Law::embedded(),
            index: Index::new(Report::Day, edition),
            concentrations: Default::default(),
            hours: Default::default(),
            passed_over: Vec::new(),
            validity: Texts::default(),
            rules: Vec::new(),
        }
    }

    fn push(&mut self, days: &Days, hours: &Hours) {
        self.passed_over.push(i32::try_from(hours.others()).unwrap_or(i32::MAX));
        for (at, counts) in self.hours.iter_mut().enumerate() {
            counts.push(hours.count(at).cast_signed());
        }
        let excluded = excluded(hours);
        let date = match (hours.day().and_then(args::date), untold(hours)) {
            (Some(date), None) => date,
            (_, why) => {
                let why = why.unwrap_or_else(|| Text::new("没有监测值", "nothing was measured"));
                self.index.push_untold(why, excluded);
                self.concentrations.iter_mut().for_each(|column| column.push(None));
                self.validity.push_code(None);
                return;
            }
        };
        let rules = self.law.air_rules(date);
        let code = match self.rules.iter().find(|(same, _)| std::ptr::eq(*same, rules)) {
            Some((_, code)) => *code,
            None => {
                let editions: Vec<&str> = rules.editions.iter().map(|edition| edition.as_str()).collect();
                let code = self.validity.code(Text::same(editions.join(", ")));
                self.rules.push((rules, code));
                code
            }
        };
        self.validity.push_code(Some(code));
        let mut sample = AirSample::new();
        for (at, pollutant) in Pollutant::ALL.into_iter().enumerate() {
            let value = if pollutant == Pollutant::O3 {
                let ozone = days.ozone(hours);
                let largest = statistics::largest(&ozone, rules.day_hours_min, 0);
                sample.set(pollutant, Averaging::MaxHour, largest.value.filter(|_| largest.valid));
                let mda8 = statistics::mda8(&ozone, rules);
                let value = mda8.value.filter(|_| mda8.valid);
                sample.set(pollutant, Averaging::Mda8, value);
                value
            } else {
                let value = hours.mean(at).filter(|_| rules.day_hours_min <= hours.count(at));
                sample.set(pollutant, Averaging::Day, value);
                value
            };
            self.concentrations[at].push(value.map(clean));
        }
        self.index.push(date, &sample, excluded);
    }

    fn finish(self) -> Result<ArrayRef> {
        let mut columns = self.index.columns()?;
        columns.extend(
            self.concentrations.into_iter().map(|column| Arc::new(Float64Array::from(column)) as ArrayRef),
        );
        let hours: Vec<ArrayRef> =
            self.hours.into_iter().map(|column| Arc::new(Int32Array::from(column)) as ArrayRef).collect();
        columns.push(Arc::new(StructArray::try_new(hour_fields(), hours, None)?));
        columns.push(Arc::new(Int32Array::from(self.passed_over)));
        columns.push(self.validity.zh()?);
        Ok(Arc::new(StructArray::try_new(fields(), columns, None)?))
    }
}

/// Without the noise of adding binary fractions, which differs with the order of the rows.
fn clean(value: f64) -> f64 {
    if value < 1e6 { (value * 1e9).round() / 1e9 } else { value }
}

/// Why a group cannot be judged at all.
fn untold(hours: &Hours) -> Option<Text> {
    if hours.is_mixed() {
        return Some(Text::new(
            "分组中有不止一天的数据（应按站点和日期分组）",
            "the group has rows of more than one day; group by place and day",
        ));
    }
    let twice = index::symbols(hours.twice());
    (!twice.is_empty()).then(|| {
        Text::new(format!("{twice} 同一小时有不止一个值"), format!("{twice}: more than one value in an hour"))
    })
}

/// What was left out and why.
fn excluded(hours: &Hours) -> Option<Text> {
    let named = Pollutant::ALL.into_iter().enumerate().filter(|(at, _)| 0 < hours.left_out(*at));
    let parts: Vec<(String, String)> = named
        .map(|(at, one)| {
            let rows = hours.left_out(at);
            let rows = if rows == u8::MAX { format!("≥{rows}") } else { rows.to_string() };
            (
                format!("{} {rows} 行不是浓度", one.symbol()),
                format!("{}: {rows} rows are no concentration", one.symbol()),
            )
        })
        .collect();
    if parts.is_empty() {
        return None;
    }
    let (zh, en): (Vec<String>, Vec<String>) = parts.into_iter().unzip();
    Some(Text::new(zh.join("；"), en.join("; ")))
}
