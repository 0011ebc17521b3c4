//! The query of a list, an export or a map, read into an [`Ask`].

use axum::extract::Query;
use axum::http::Uri;
use sanggan_base::Millis;
use sanggan_pack::FieldKind;
use sanggan_records::{Ask, Bounds, Condition, Due, Known, Model, Sort, Test, Total, Value, Wants};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Opened;
use crate::AppState;
use crate::problem::{Answer, Problem};
use crate::when;

/// Most records of a page.
const PAGE_MAX: u32 = 1_000;
/// Most conditions of a question.
const CONDITIONS_MAX: usize = 50;

/// Which records.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordsQuery {
    /// Words the searched fields must hold.
    pub(crate) words: Option<String>,
    /// Conditions `FIELD:OP:VALUE`, all of which hold. OP: `eq`, `ne`, `in` (values with `|` between), `lt`, `le`, `gt`, `ge`,
    /// `has`, `empty`, `filled`. FIELD also `_state`, `_changed_at`, `_schematic`.
    #[param(style = Form, explode = true)]
    pub(crate) r#where: Vec<String>,
    /// Shapes that touch this rectangle: west,south,east,north.
    pub(crate) bbox: Option<String>,
    /// `overdue`, or the number of days within which something is due.
    pub(crate) due: Option<String>,
    /// The records as they were at the end of this day, or at this moment.
    pub(crate) as_of: Option<String>,
    /// Whether records taken out of the register are shown too.
    pub(crate) retired: Option<bool>,
    /// Fields to order by, `-` before one: largest first. Also `_state`, `_changed_at`, `_due`.
    pub(crate) sort: Option<String>,
    /// Where the last page ended.
    pub(crate) after: Option<String>,
    /// Most records, to 1,000.
    pub(crate) limit: Option<u32>,
    /// Whether to count all that match.
    pub(crate) total: Option<bool>,
}

impl RecordsQuery {
    /// From the query of `uri`: `where` may stand several times. What is not about records is given back.
    pub(crate) fn parse(uri: &Uri) -> Answer<(RecordsQuery, Vec<(String, String)>)> {
        let mut read = RecordsQuery::default();
        let mut others = Vec::new();
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|rejection| Problem::bad_field("query", rejection.body_text()))?;
        for (key, value) in pairs {
            match key.as_str() {
                "words" => read.words = Some(value),
                "where" => read.r#where.push(value),
                "bbox" => read.bbox = Some(value),
                "due" => read.due = Some(value),
                "as_of" => read.as_of = Some(value),
                "retired" => read.retired = Some(flag("retired", &value)?),
                "sort" => read.sort = Some(value),
                "after" => read.after = Some(value),
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=PAGE_MAX).contains(limit));
                    read.limit = Some(limit.ok_or_else(|| {
                        Problem::bad_field("limit", format!("`{value}` is not a number from 1 to {PAGE_MAX}"))
                    })?);
                }
                "total" => read.total = Some(flag("total", &value)?),
                _ => others.push((key, value)),
            }
        }
        Ok((read, others))
    }

    /// [`RecordsQuery::parse`] for paths that take nothing else.
    pub(crate) fn only(uri: &Uri) -> Answer<RecordsQuery> {
        let (read, others) = RecordsQuery::parse(uri)?;
        match others.first() {
            None => Ok(read),
            Some((key, _)) => Err(Problem::bad_field("query", format!("there is no parameter `{key}`"))),
        }
    }

    /// The question, checked against the register.
    pub(crate) async fn ask(&self, state: &AppState, opened: &Opened) -> Answer<Ask> {
        let model = &opened.model;
        if self.r#where.len() > CONDITIONS_MAX {
            return Err(Problem::bad_field("where", format!("more than {CONDITIONS_MAX} conditions")));
        }
        let parts: Vec<Part<'_>> =
            self.r#where.iter().map(|text| Part::of(model, text)).collect::<Answer<_>>()?;
        let mut wants = Wants::default();
        for part in &parts {
            if let Place::Field(nth) = part.place {
                part.values().for_each(|value| model.wants_text(nth, value, &mut wants));
            }
        }
        let known = state.store().look_up(&wants).await?;
        let conditions = parts.iter().map(|part| part.condition(model, &known)).collect::<Answer<_>>()?;
        Ok(Ask {
            words: self.words.clone().unwrap_or_default(),
            conditions,
            bounds: self.bbox.as_deref().map(bounds).transpose()?,
            due: self.due.as_deref().map(due).transpose()?,
            today: Some(super::today(state.now())),
            as_of: self.as_of.as_deref().map(as_of).transpose()?,
            retired: self.retired.unwrap_or(false),
            sort: self.sort.as_deref().map(|text| sort(model, text)).transpose()?.unwrap_or_default(),
            after: self.after.clone().filter(|after| !after.is_empty()),
            limit: self.limit.unwrap_or(100),
            total: if self.total.unwrap_or(false) { Total::Exact } else { Total::No },
        })
    }
}

fn flag(name: &'static str, value: &str) -> Answer<bool> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Problem::bad_field(name, format!("`{value}` is neither true nor false"))),
    }
}

/// `west,south,east,north`.
pub(crate) fn bounds(text: &str) -> Answer<Bounds> {
    let numbers: Vec<f64> =
        text.split(',').filter_map(|part| part.trim().parse().ok()).filter(|n: &f64| n.is_finite()).collect();
    let bad = || Problem::bad_field("bbox", format!("`{text}` is not west,south,east,north in degrees"));
    let (&[west, south, east, north], 4) = (&numbers[..], text.split(',').count()) else { return Err(bad()) };
    let fits = (-180.0..=180.0).contains(&west)
        && (-180.0..=180.0).contains(&east)
        && (-90.0..=90.0).contains(&south)
        && (-90.0..=90.0).contains(&north)
        && west <= east
        && south <= north;
    if fits { Ok(Bounds { west, south, east, north }) } else { Err(bad()) }
}

fn due(text: &str) -> Answer<Due> {
    if text == "overdue" {
        return Ok(Due::Overdue);
    }
    text.parse()
        .map(Due::Within)
        .map_err(|_| Problem::bad_field("due", format!("`{text}` is neither `overdue` nor a number of days")))
}

/// A day means its end; a moment itself.
pub(crate) fn as_of(text: &str) -> Answer<Millis> {
    if let Ok(day) = text.parse::<jiff::civil::Date>() {
        let next = when::date("as_of", text)?.tomorrow().unwrap_or(day);
        return Ok(Millis(Millis::start_of(next).0 - 1));
    }
    when::moment("as_of", text)
}

fn sort(model: &Model, text: &str) -> Answer<Vec<Sort>> {
    let columns = text.split(',').filter(|part| !part.is_empty()).map(|part| {
        let (field, descending) = part.strip_prefix('-').map_or((part, false), |field| (field, true));
        let known = matches!(field, "_state" | "_changed_at" | "_due") || model.position(field).is_some();
        if known {
            Ok(Sort { field: field.to_owned(), descending })
        } else {
            Err(Problem::bad_field("sort", format!("`{}` has no field `{field}`", model.def().id)))
        }
    });
    columns.collect()
}

/// What a condition is about.
#[derive(Clone, Copy)]
enum Place {
    Field(usize),
    State,
    ChangedAt,
    Schematic,
}

/// One condition, taken apart.
struct Part<'q> {
    place: Place,
    field: &'q str,
    op: &'q str,
    value: &'q str,
}

impl<'q> Part<'q> {
    fn of(model: &Model, text: &'q str) -> Answer<Part<'q>> {
        let mut pieces = text.splitn(3, ':');
        let (field, op) = (pieces.next().unwrap_or_default(), pieces.next().unwrap_or_default());
        let value = pieces.next().unwrap_or_default();
        let place = match field {
            "_state" => Place::State,
            "_changed_at" => Place::ChangedAt,
            "_schematic" => Place::Schematic,
            _ => Place::Field(model.position(field).ok_or_else(|| {
                Problem::bad_field("where", format!("`{}` has no field `{field}`", model.def().id))
            })?),
        };
        let known = ["eq", "ne", "in", "lt", "le", "gt", "ge", "has", "empty", "filled"];
        if !known.contains(&op) {
            let detail = format!("`{text}` is not FIELD:OP:VALUE with OP one of {}", known.join(", "));
            return Err(Problem::bad_field("where", detail));
        }
        Ok(Part { place, field, op, value })
    }

    /// The values a condition names.
    fn values(&self) -> impl Iterator<Item = &'q str> + use<'q> {
        let several = matches!(self.op, "in" | "ne");
        let none = matches!(self.op, "has" | "empty" | "filled");
        let value = self.value;
        let parts: Vec<&str> = if none {
            Vec::new()
        } else if several {
            value.split('|').filter(|part| !part.is_empty()).collect()
        } else {
            vec![value]
        };
        parts.into_iter()
    }

    fn condition(&self, model: &Model, known: &Known) -> Answer<Condition> {
        let mut values = Vec::new();
        for text in self.values() {
            values.extend(self.read(model, known, text)?);
        }
        let first = |mut values: Vec<Value>| {
            values.pop().ok_or_else(|| {
                Problem::bad_field("where", format!("`{}:{}` needs a value", self.field, self.op))
            })
        };
        let test = match self.op {
            "ne" => Test::NotIn(values),
            "lt" => Test::Less(first(values)?),
            "le" => Test::AtMost(first(values)?),
            "gt" => Test::More(first(values)?),
            "ge" => Test::AtLeast(first(values)?),
            "has" => Test::Has(self.value.to_owned()),
            "empty" => Test::Empty(true),
            "filled" => Test::Empty(false),
            _ => Test::In(values),
        };
        Ok(Condition { field: self.field.to_owned(), test })
    }

    /// A value as the field keeps it; of a field with several, each by itself.
    fn read(&self, model: &Model, known: &Known, text: &str) -> Answer<Vec<Value>> {
        let bad = |what: &str| Problem::bad_field("where", format!("`{}`: {what}", self.field));
        Ok(match self.place {
            Place::State => vec![Value::Text(text.to_owned())],
            Place::Schematic => vec![Value::Boolean(flag("where", text)?)],
            Place::ChangedAt => vec![Value::Time(as_of(text)?)],
            Place::Field(nth) => {
                if matches!(model.def().fields[nth].kind, FieldKind::Geometry { .. }) {
                    return Err(bad("a shape is asked for with `bbox`"));
                }
                match model.read_text(nth, text, known).map_err(|fault| bad(&fault.en))? {
                    Value::Texts(texts) => texts.into_iter().map(Value::Text).collect(),
                    Value::References(ids) => ids.into_iter().map(Value::Reference).collect(),
                    value => vec![value],
                }
            }
        })
    }
}
