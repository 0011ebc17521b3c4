//! Conditions and formulas of definitions: CEL over the fields of one record.
//!
//! Beside CEL's own functions (with its `math` and `strings` extensions) there are, over days written `2026-11-23`:
//! `days_between(from, to)`, `plus_days(day, n)`, `plus_months(day, n)`, `year_of(day)`, `month_of(day)`; and
//! `round(number, digits)`.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use cel::common::ast::{EntryExpr, Expr};
use cel::common::types::{DYN_TYPE, INT_TYPE, STRING_TYPE};
use cel::common::value::CowVal;
use cel::{Context, Env, ExecutionError, IdedExpr, Program, extensions};
use jiff::ToSpan;
use jiff::civil::Date;
use regex::Regex;
use sanggan_geo::Shape;
use sanggan_pack::{Field, FieldKind, Gives, Name, RegisterDef};

use crate::{Resolve, Value};

/// A compiled expression and the fields it reads.
#[derive(Debug)]
pub(crate) struct Formula {
    said: Name,
    program: Program,
    fields: Vec<usize>,
}

/// What a formula is told about the record.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) def: &'a RegisterDef,
    pub(crate) values: &'a [Value],
    pub(crate) state: Option<&'a str>,
    pub(crate) today: Option<Date>,
    pub(crate) resolve: &'a dyn Resolve,
}

impl Formula {
    /// Compiles `source`; `today`: whether it may ask for the day.
    pub(crate) fn new(def: &RegisterDef, source: &str, today: bool) -> Result<Formula, String> {
        let program =
            ENV.compile(source).map_err(|error| format!("`{source}` is no CEL expression: {error}"))?;
        let mut names = BTreeSet::new();
        free_names(program.expression(), &mut Vec::new(), &mut names);
        let mut fields = Vec::new();
        for name in names {
            match (def.position(&name), name.as_str()) {
                (Some(field), _) => fields.push(field),
                (None, "state") if def.lifecycle.is_some() => {}
                (None, "today") if today => {}
                (None, _) => {
                    return Err(format!("`{source}` names `{name}`, which is no field of the register"));
                }
            }
        }
        let formula = Formula { said: say(def, source), program, fields };
        for variant in 0..3 {
            if let Err(error) = formula.program.execute(&formula.sample(def, today, variant))
                && is_mistake(&error)
            {
                return Err(format!(
                    "`{source}` does not fit the kinds of the fields ({error}); numbers are doubles (write `100.0`), \
                     integers are ints (`double(count)` makes one a double)"
                ));
            }
        }
        Ok(formula)
    }

    /// The expression in words: fields and values by their names.
    pub(crate) fn said(&self) -> &Name {
        &self.said
    }

    /// The fields it reads.
    pub(crate) fn fields(&self) -> &[usize] {
        &self.fields
    }

    /// A context in which every field is filled, for a trial of the kinds.
    fn sample<'s>(&self, def: &RegisterDef, today: bool, variant: usize) -> Context<'s, 's> {
        let mut context = Context::with_env(Arc::clone(&ENV));
        for &position in &self.fields {
            if let Some(field) = def.fields.get(position) {
                context.add_variable_from_value(field.id.as_str(), sample_value(field, variant));
            }
        }
        context
            .add_variable_from_value("state", def.lifecycle.as_ref().map_or("", |life| life.start.as_str()));
        if today {
            context.add_variable_from_value("today", "2026-01-31");
        }
        context
    }

    /// What it gives for this record.
    pub(crate) fn run(&self, row: Row<'_>) -> Result<cel::Value, String> {
        let mut context = Context::with_env(Arc::clone(&ENV));
        for &position in &self.fields {
            let (Some(field), Some(value)) = (row.def.fields.get(position), row.values.get(position)) else {
                continue;
            };
            if let Some(value) = to_cel(field, value, row.resolve) {
                context.add_variable_from_value(field.id.as_str(), value);
            }
        }
        match row.state {
            Some(state) => context.add_variable_from_value("state", state),
            None => context.add_variable_from_value("state", cel::Value::Null),
        }
        if let Some(today) = row.today {
            context.add_variable_from_value("today", today.to_string());
        }
        self.program.execute(&context).map_err(|error| error.to_string())
    }

    /// Whether it holds; `None`: cannot be told.
    pub(crate) fn holds(&self, row: Row<'_>) -> Option<bool> {
        match self.run(row) {
            Ok(cel::Value::Bool(holds)) => Some(holds),
            _ => None,
        }
    }

    /// What it gives as a value of `gives`; nothing when it cannot be told.
    pub(crate) fn compute(&self, row: Row<'_>, gives: Gives) -> Value {
        let Ok(value) = self.run(row) else { return Value::Null };
        match (gives, value) {
            (Gives::Text, cel::Value::String(text)) => Value::Text(text.to_string()),
            (Gives::Text, cel::Value::Int(number)) => Value::Text(number.to_string()),
            (Gives::Number, cel::Value::Float(number)) if number.is_finite() => Value::Number(number + 0.0),
            (Gives::Number, cel::Value::Int(number)) => Value::Number(number as f64),
            (Gives::Integer, cel::Value::Int(number)) => Value::Integer(number),
            (Gives::Integer, cel::Value::Float(number)) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Value::Integer(number as i64)
            }
            (Gives::Boolean, cel::Value::Bool(yes)) => Value::Boolean(yes),
            (Gives::Date, cel::Value::String(text)) => text.parse().map_or(Value::Null, Value::Date),
            _ => Value::Null,
        }
    }
}

/// The expression in words of both languages: names of fields, of the values of lists and of states for their ids.
fn say(def: &RegisterDef, source: &str) -> Name {
    let value = |id: &str| {
        let values = def.fields.iter().filter_map(|field| match &field.kind {
            FieldKind::Enum { values, .. } => {
                values.iter().find(|value| value.id == id).map(|value| &value.name)
            }
            _ => None,
        });
        let states = def.lifecycle.iter().flat_map(|life| &life.states).filter(|state| state.id == id);
        values.chain(states.map(|state| &state.name)).next().cloned().unwrap_or_else(|| Name::same(id))
    };
    let pair = |zh: &str, en: &str| Name { zh: zh.to_owned(), en: en.to_owned() };
    let mut said = Name::default();
    for token in TOKENS.find_iter(source).map(|found| found.as_str()) {
        let word = match token {
            "&&" => pair("且", "and"),
            "||" => pair("或", "or"),
            "==" => pair("为", "is"),
            "!=" => pair("不为", "is not"),
            "<=" => pair("不大于", "at most"),
            ">=" => pair("不小于", "at least"),
            "true" => pair("是", "yes"),
            "false" => pair("否", "no"),
            "null" => pair("空", "empty"),
            "today" => pair("今天", "today"),
            "state" if def.field("state").is_none() => pair("状态", "the state"),
            text if text.starts_with(['\'', '"']) => value(text.trim_matches(['\'', '"'])),
            name => def.field(name).map_or_else(|| Name::same(name), |field| field.name.clone()),
        };
        for (line, word) in [(&mut said.zh, word.zh), (&mut said.en, word.en)] {
            let tight =
                line.is_empty() || line.ends_with(['(', '.', '!']) || matches!(token, ")" | "(" | "." | ",");
            line.push_str(if tight { "" } else { " " });
            line.push_str(&word);
        }
    }
    said
}

/// Words, texts, numbers and signs of an expression.
static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"[A-Za-z_]\w*|'[^']*'|"[^"]*"|[0-9]+(?:\.[0-9]+)?|&&|\|\||[=!<>]=|\S"#)
        .expect("a sound pattern")
});

/// Errors that no record can put right.
fn is_mistake(error: &ExecutionError) -> bool {
    matches!(
        error,
        ExecutionError::NoSuchOverload(_)
            | ExecutionError::UndeclaredReference(_)
            | ExecutionError::ValuesNotComparable(..)
            | ExecutionError::UnsupportedBinaryOperator(..)
            | ExecutionError::UnexpectedType { .. }
            | ExecutionError::InvalidArgumentCount { .. }
    )
}

/// The names of an expression that its own macros do not bind.
fn free_names(expression: &IdedExpr, bound: &mut Vec<String>, names: &mut BTreeSet<String>) {
    match &expression.expr {
        Expr::Ident(name) => {
            let plain = name.strip_prefix('.').unwrap_or(name);
            if !plain.starts_with('@') && !bound.iter().any(|known| known == plain) && !is_type_name(plain) {
                names.insert(plain.to_owned());
            }
        }
        Expr::Call(call) => {
            if let Some(target) = &call.target {
                let namespace =
                    matches!(&target.expr, Expr::Ident(name) if NAMESPACES.contains(&name.as_str()));
                if !namespace {
                    free_names(target, bound, names);
                }
            }
            call.args.iter().for_each(|argument| free_names(argument, bound, names));
        }
        Expr::Comprehension(loops) => {
            free_names(&loops.iter_range, bound, names);
            free_names(&loops.accu_init, bound, names);
            let depth = bound.len();
            bound.push(loops.iter_var.clone());
            bound.extend(loops.iter_var2.clone());
            bound.push(loops.accu_var.clone());
            for part in [&loops.loop_cond, &loops.loop_step, &loops.result] {
                free_names(part, bound, names);
            }
            bound.truncate(depth);
        }
        Expr::List(list) => list.elements.iter().for_each(|element| free_names(element, bound, names)),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    free_names(&entry.key, bound, names);
                    free_names(&entry.value, bound, names);
                }
            }
        }
        Expr::Select(select) => free_names(&select.operand, bound, names),
        Expr::Struct(_) | Expr::Literal(_) | Expr::Unspecified => {}
    }
}

/// Namespaces of functions (`math.greatest`), which look like variables.
const NAMESPACES: &[&str] = &["math", "strings", "optional"];

fn is_type_name(name: &str) -> bool {
    matches!(
        name,
        "int" | "uint" | "double" | "string" | "bool" | "bytes" | "list" | "map" | "null_type" | "type"
    )
}

/// The value as CEL sees it; `None`: cannot be told (a reference whose record is not known).
fn to_cel(field: &Field, value: &Value, resolve: &dyn Resolve) -> Option<cel::Value> {
    if value.is_empty() {
        return Some(cel::Value::Null);
    }
    let to = match &field.kind {
        FieldKind::Reference { to, .. } => to.as_str(),
        _ => "",
    };
    Some(match value {
        Value::Null => cel::Value::Null,
        Value::Text(text) => text.as_str().into(),
        Value::Number(number) => (*number).into(),
        Value::Integer(number) => (*number).into(),
        Value::Boolean(yes) => (*yes).into(),
        Value::Date(day) => day.to_string().into(),
        Value::Time(moment) => moment.to_string().into(),
        Value::Texts(texts) => list(texts.iter().map(|text| text.as_str().into())),
        Value::Reference(id) => resolve.key_of(to, *id)?.into(),
        Value::References(ids) => {
            let keys: Option<Vec<String>> = ids.iter().map(|&id| resolve.key_of(to, id)).collect();
            list(keys?.into_iter().map(cel::Value::from))
        }
        Value::Shape(shape) => shape_word(shape).into(),
    })
}

fn list(items: impl Iterator<Item = cel::Value>) -> cel::Value {
    cel::Value::List(Arc::new(items.collect()))
}

/// What kind of shape it is, in the words of GeoJSON.
pub(crate) fn shape_word(shape: &Shape) -> &'static str {
    match shape {
        Shape::Point(_) => "Point",
        Shape::MultiPoint(_) => "MultiPoint",
        Shape::Line(_) | Shape::LineString(_) => "LineString",
        Shape::MultiLineString(_) => "MultiLineString",
        Shape::Polygon(_) | Shape::Rect(_) | Shape::Triangle(_) => "Polygon",
        Shape::MultiPolygon(_) => "MultiPolygon",
        Shape::GeometryCollection(_) => "GeometryCollection",
    }
}

/// A value such as the field may hold.
fn sample_value(field: &Field, variant: usize) -> cel::Value {
    let several = |many: bool, text: &str| -> cel::Value {
        if many { list(std::iter::once(text.into())) } else { text.into() }
    };
    match &field.kind {
        FieldKind::Text { .. } | FieldKind::LongText => "1".into(),
        FieldKind::Number { .. } => [1.0, 1000.0, 0.5][variant % 3].into(),
        FieldKind::Integer { .. } => [1_i64, 1000, 2][variant % 3].into(),
        FieldKind::Boolean => variant.is_multiple_of(2).into(),
        FieldKind::Date => "2026-01-31".into(),
        FieldKind::Time => "2026-01-31T08:00:00+08:00".into(),
        FieldKind::Enum { values, many } => {
            let id = values.get(variant % values.len().max(1)).map_or("", |value| value.id.as_str());
            several(*many, id)
        }
        FieldKind::Reference { many, .. } | FieldKind::Parameter { many } => several(*many, "1"),
        FieldKind::Area | FieldKind::Station => "140600".into(),
        FieldKind::Attachment { .. } => several(true, "0"),
        FieldKind::Geometry { .. } => "Point".into(),
        FieldKind::Computed { gives, .. } => match gives {
            Gives::Text => "1".into(),
            Gives::Number => 1.0.into(),
            Gives::Integer => 1_i64.into(),
            Gives::Boolean => variant.is_multiple_of(2).into(),
            Gives::Date => "2026-01-31".into(),
        },
    }
}

/// CEL's own functions and ours, made once.
static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    env.add_extension(extensions::math).expect("CEL's own functions do not overlap");
    env.add_extension(extensions::strings).expect("CEL's own functions do not overlap");
    let texts = || vec![STRING_TYPE, STRING_TYPE];
    let shift = || vec![STRING_TYPE, INT_TYPE];
    env.add_overload("days_between", "sanggan_days_between", texts(), |arguments| {
        let (from, to) = (day("days_between", &arguments, 0)?, day("days_between", &arguments, 1)?);
        let days = from.until(to).map_err(|error| wrong("days_between", error))?.get_days();
        give(i64::from(days).into())
    })
    .expect("CEL has no function of this name");
    env.add_overload("plus_days", "sanggan_plus_days", shift(), |arguments| {
        let (from, days) = (day("plus_days", &arguments, 0)?, whole("plus_days", &arguments, 1)?);
        let span = jiff::Span::new().try_days(days).map_err(|error| wrong("plus_days", error))?;
        give(from.checked_add(span).map_err(|error| wrong("plus_days", error))?.to_string().into())
    })
    .expect("CEL has no function of this name");
    env.add_overload("plus_months", "sanggan_plus_months", shift(), |arguments| {
        let (from, months) = (day("plus_months", &arguments, 0)?, whole("plus_months", &arguments, 1)?);
        let span = jiff::Span::new().try_months(months).map_err(|error| wrong("plus_months", error))?;
        give(from.checked_add(span).map_err(|error| wrong("plus_months", error))?.to_string().into())
    })
    .expect("CEL has no function of this name");
    env.add_overload("year_of", "sanggan_year_of", vec![STRING_TYPE], |arguments| {
        give(i64::from(day("year_of", &arguments, 0)?.year()).into())
    })
    .expect("CEL has no function of this name");
    env.add_overload("month_of", "sanggan_month_of", vec![STRING_TYPE], |arguments| {
        give(i64::from(day("month_of", &arguments, 0)?.month()).into())
    })
    .expect("CEL has no function of this name");
    env.add_overload("round", "sanggan_round", vec![DYN_TYPE, INT_TYPE], |arguments| {
        let number = match argument("round", &arguments, 0)? {
            cel::Value::Float(number) => number,
            cel::Value::Int(number) => number as f64,
            _ => return Err(ExecutionError::function_error("round", "the first argument is no number")),
        };
        let scale = 10_f64.powi(whole("round", &arguments, 1)?.clamp(0, 12) as i32);
        give(((number * scale).round() / scale).into())
    })
    .expect("CEL has no function of this name");
    Arc::new(env)
});

fn argument(
    function: &str,
    arguments: &[CowVal<'_, '_>],
    index: usize,
) -> Result<cel::Value, ExecutionError> {
    let argument = arguments.get(index).ok_or_else(|| wrong(function, "an argument is missing"))?;
    cel::Value::try_from(argument.as_ref())
}

/// The day that an argument names: text that begins with one.
fn day(function: &str, arguments: &[CowVal<'_, '_>], index: usize) -> Result<Date, ExecutionError> {
    match argument(function, arguments, index)? {
        cel::Value::String(text) => {
            let head = text.get(..10).unwrap_or(&text);
            head.parse().map_err(|_| wrong(function, format!("`{text}` is no day like 2026-11-23")))
        }
        _ => Err(wrong(function, "a day is wanted, as text")),
    }
}

fn whole(function: &str, arguments: &[CowVal<'_, '_>], index: usize) -> Result<i64, ExecutionError> {
    match argument(function, arguments, index)? {
        cel::Value::Int(number) => Ok(number),
        _ => Err(wrong(function, "a whole number is wanted")),
    }
}

fn wrong(function: &str, what: impl ToString) -> ExecutionError {
    ExecutionError::function_error(function, what)
}

fn give<'b, 'v>(value: cel::Value) -> Result<CowVal<'b, 'v>, ExecutionError> {
    value.try_into().map(CowVal::Owned)
}

/// `day` later by a period, months first; the last day there is when it would be after all days.
pub(crate) fn after(day: Date, period: sanggan_pack::Period) -> Date {
    day.saturating_add(i64::from(period.months).months()).saturating_add(i64::from(period.days).days())
}
