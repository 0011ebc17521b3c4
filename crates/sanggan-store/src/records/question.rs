//! An [`Ask`] made ready: every field found, every value of its kind; and whether one record fits it, without a base.

use std::cmp::Ordering;

use jiff::ToSpan;
use jiff::civil::Date;
use sanggan_geo::geo_types::{Coord, Geometry as Shape, Rect};
use sanggan_geo::measure;
use sanggan_pack::{FieldKind, Geometry};
use sanggan_records::rights::Scope;
use sanggan_records::{Ask, Bounds, Due, Test, Value};

use super::RecordsError;
use super::row::Kept;
use super::table::{Column, Table};
use super::words;
use crate::db::Arg;

/// What a condition or an order is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Subject {
    /// A field.
    Field(usize),
    /// The state.
    State,
    /// When it was last changed.
    ChangedAt,
    /// Whether it is schematic.
    Schematic,
    /// When something is due.
    Due,
}

/// How a condition tests, its values of the column's kind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Check {
    /// Is one of these, or is empty when `empty`.
    In(Vec<Arg>, bool),
    /// Is none of these; is not empty when `!empty`.
    NotIn(Vec<Arg>, bool),
    /// Compared: `<`, `<=`, `>`, `>=`.
    Order(&'static str, Arg),
    /// Has these characters, small.
    Has(String),
    /// Is empty or not.
    Empty(bool),
}

/// Most records of one page.
const MOST: u32 = 10_000;

/// A question about one register.
pub(crate) struct Question<'a> {
    pub(crate) table: &'a Table,
    pub(crate) scope: &'a Scope,
    pub(crate) retired: bool,
    pub(crate) conditions: Vec<(Subject, Check)>,
    pub(crate) phrases: Vec<Vec<String>>,
    pub(crate) bounds: Option<Bounds>,
    /// The last day that is asked for, and whether an earlier one than it only.
    pub(crate) due_until: Option<Date>,
    pub(crate) sort: Vec<(Subject, bool)>,
    pub(crate) limit: usize,
}

impl Subject {
    pub(crate) fn column(&self, table: &Table) -> Column {
        match self {
            Subject::Field(field) => table.columns[*field].clone(),
            Subject::State => Column::Text,
            Subject::ChangedAt => Column::Time,
            Subject::Schematic => Column::Bool,
            Subject::Due => Column::Date,
        }
    }

    /// Its column in a statement.
    pub(crate) fn sql(&self, table: &Table) -> String {
        match self {
            Subject::Field(field) => format!("t.{}", table.column(*field)),
            Subject::State => "t.state".to_owned(),
            Subject::ChangedAt => "t.changed_at".to_owned(),
            Subject::Schematic => "t.schematic".to_owned(),
            Subject::Due => "t._due_on".to_owned(),
        }
    }

    /// What a record has there, of a plain column.
    pub(crate) fn of(&self, table: &Table, kept: &Kept) -> Arg {
        let record = &kept.record;
        match self {
            Subject::Field(field) => table.columns[*field].arg(&record.values[*field]),
            Subject::State => Arg::from(record.state.as_deref()),
            Subject::ChangedAt => Arg::from(record.changed_at),
            Subject::Schematic => Arg::from(record.schematic),
            Subject::Due => Arg::from(kept.due_on.map(|day| day.to_string())),
        }
    }
}

fn bad(table: &Table, why: String) -> RecordsError {
    RecordsError::BadAsk { register: table.id().to_owned(), why }
}

impl<'a> Question<'a> {
    pub(crate) fn new(table: &'a Table, scope: &'a Scope, ask: &Ask) -> Result<Question<'a>, RecordsError> {
        let mut conditions = Vec::new();
        for condition in &ask.conditions {
            let subject = subject(table, scope, &condition.field)?;
            conditions.push((subject.clone(), check(table, &subject, &condition.field, &condition.test)?));
        }
        let mut sort = Vec::new();
        for by in &ask.sort {
            let subject = subject(table, scope, &by.field)?;
            if !subject.column(table).is_plain() {
                return Err(bad(table, format!("`{}` has no order; sort by another field", by.field)));
            }
            sort.push((subject, by.descending));
        }
        let due_until = match (ask.due, ask.today) {
            (None, _) => None,
            (Some(_), None) => return Err(bad(table, "what is due needs to know today".to_owned())),
            (Some(Due::Overdue), Some(today)) => Some(today.yesterday().unwrap_or(today)),
            (Some(Due::Within(days)), Some(today)) => Some(today.saturating_add(i64::from(days).days())),
        };
        if ask.bounds.is_some() && table.geometry.is_none() {
            return Err(bad(table, "it has no shapes, so `bbox` finds nothing in it".to_owned()));
        }
        let phrases = words::phrases(&ask.words);
        if phrases.is_empty() && !ask.words.trim().is_empty() {
            return Err(bad(table, "there is no word in what is searched for".to_owned()));
        }
        Ok(Question {
            table,
            scope,
            retired: ask.retired && *scope != Scope::Public,
            conditions,
            phrases,
            bounds: ask.bounds,
            due_until,
            sort,
            limit: if ask.limit == 0 { 100 } else { ask.limit.min(MOST) as usize },
        })
    }

    /// Whether shapes must be looked at beside their bounds.
    pub(crate) fn looks_at_shapes(&self) -> bool {
        let kind = self.table.geometry.map(|field| &self.table.def().fields[field].kind);
        self.bounds.is_some() && !matches!(kind, Some(FieldKind::Geometry { shape: Geometry::Point }))
    }

    /// Whether a record whose bounds meet the rectangle touches it.
    pub(crate) fn touches(&self, kept: &Kept) -> bool {
        let Some(bounds) = self.bounds else { return true };
        let Some(field) = self.table.geometry else { return false };
        let Value::Shape(shape) = &kept.record.values[field] else { return false };
        let Some([west, south, east, north]) = self.table.corners(&kept.record) else { return false };
        if west > bounds.east || east < bounds.west || south > bounds.north || north < bounds.south {
            return false;
        }
        let inside =
            west >= bounds.west && east <= bounds.east && south >= bounds.south && north <= bounds.north;
        if inside {
            return true;
        }
        let rect =
            Rect::new(Coord { x: bounds.west, y: bounds.south }, Coord { x: bounds.east, y: bounds.north });
        measure::touches(shape, &Shape::Polygon(rect.to_polygon()))
    }

    /// Whether a record is in the answer.
    pub(crate) fn fits(&self, kept: &Kept) -> bool {
        let record = &kept.record;
        let table = self.table;
        if record.retired && !self.retired {
            return false;
        }
        let public = kept.public && !record.retired;
        let own = |id| match table.enterprise {
            Some(field) => record.values[field] == Value::Reference(id),
            None => table.id() == ENTERPRISES && record.id == id,
        };
        let (seen, searched) = match self.scope {
            Scope::Nothing => return false,
            Scope::Public => (public, table.public_searched.as_ref()),
            Scope::Areas(areas) => {
                let here = match table.area.map(|field| &record.values[field]) {
                    Some(Value::Text(area)) => areas.is_empty() || areas.iter().any(|it| it.as_str() == area),
                    _ => true,
                };
                (here, None)
            }
            Scope::Enterprise(id) if own(*id) => (true, None),
            Scope::Enterprise(_) => (public, table.public_searched.as_ref()),
            Scope::Own(id) => (own(*id), None),
        };
        seen && self.conditions.iter().all(|(subject, check)| self.holds(subject, check, kept))
            && self.due_until.is_none_or(|until| kept.due_on.is_some_and(|due| due <= until))
            && (self.phrases.is_empty()
                || words::found(&table.terms(record, searched.unwrap_or(&table.searched)), &self.phrases))
            && self.touches(kept)
    }

    fn holds(&self, subject: &Subject, check: &Check, kept: &Kept) -> bool {
        let values: Vec<Arg> = match subject {
            Subject::Field(field) => match &kept.record.values[*field] {
                Value::Texts(texts) => texts.iter().map(Arg::from).collect(),
                Value::References(ids) => ids.iter().map(|id| Arg::Int(id.0)).collect(),
                Value::Shape(_) => vec![Arg::Bool(true)],
                _ => vec![subject.of(self.table, kept)],
            },
            _ => vec![subject.of(self.table, kept)],
        };
        let values: Vec<&Arg> = values.iter().filter(|it| !matches!(it, Arg::Null(_))).collect();
        match check {
            Check::In(these, empty) => {
                values.iter().any(|it| these.contains(it)) || (*empty && values.is_empty())
            }
            Check::NotIn(these, empty) => {
                !values.iter().any(|it| these.contains(it)) && (*empty || !values.is_empty())
            }
            Check::Order(order, with) => values.iter().any(|it| {
                let found = compare(it, with);
                match *order {
                    "<" => found == Ordering::Less,
                    "<=" => found != Ordering::Greater,
                    ">" => found == Ordering::Greater,
                    _ => found != Ordering::Less,
                }
            }),
            Check::Has(part) => values.iter().any(|it| match it {
                Arg::Text(text) => text.to_ascii_lowercase().contains(part),
                _ => false,
            }),
            Check::Empty(empty) => values.is_empty() == *empty,
        }
    }

    /// Where a record stands in the order.
    pub(crate) fn keys(&self, kept: &Kept) -> Vec<Arg> {
        self.sort.iter().map(|(subject, _)| subject.of(self.table, kept)).collect()
    }

    /// Whether the number comes last in falling order: as the first column does, so that one index gives both.
    pub(crate) fn falls(&self) -> bool {
        self.sort.first().is_some_and(|(_, descending)| *descending)
    }

    /// The order of two records by their keys and numbers; what is empty comes last whichever way.
    pub(crate) fn order(&self, a: (&[Arg], i64), b: (&[Arg], i64)) -> Ordering {
        for ((one, other), (_, descending)) in a.0.iter().zip(b.0).zip(&self.sort) {
            let found = match (one, other) {
                (Arg::Null(_), Arg::Null(_)) => Ordering::Equal,
                (Arg::Null(_), _) => Ordering::Greater,
                (_, Arg::Null(_)) => Ordering::Less,
                _ if *descending => compare(other, one),
                _ => compare(one, other),
            };
            if found != Ordering::Equal {
                return found;
            }
        }
        if self.falls() { b.1.cmp(&a.1) } else { a.1.cmp(&b.1) }
    }
}

/// The register whose records are the enterprises themselves.
pub(crate) const ENTERPRISES: &str = "enterprises";

fn compare(a: &Arg, b: &Arg) -> Ordering {
    match (a, b) {
        (Arg::Int(a), Arg::Int(b)) => a.cmp(b),
        (Arg::Real(a), Arg::Real(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
        (Arg::Text(a), Arg::Text(b)) => a.cmp(b),
        (Arg::Bool(a), Arg::Bool(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}

fn subject(table: &Table, scope: &Scope, field: &str) -> Result<Subject, RecordsError> {
    Ok(match field {
        "_state" => Subject::State,
        "_changed_at" => Subject::ChangedAt,
        "_schematic" => Subject::Schematic,
        "_due" => Subject::Due,
        field => {
            let position = table.def().position(field);
            let public = table.def().public.as_ref();
            let hidden = *scope == Scope::Public
                && !public.is_some_and(|public| public.fields.iter().any(|it| it == field));
            match position {
                Some(position) if !hidden => Subject::Field(position),
                _ => {
                    let fields: Vec<&str> =
                        table.def().fields.iter().map(|field| field.id.as_str()).collect();
                    let known =
                        if hidden { String::new() } else { format!("; it has {}", fields.join(", ")) };
                    return Err(bad(table, format!("there is no field `{field}`{known}")));
                }
            }
        }
    })
}

fn check(table: &Table, subject: &Subject, field: &str, test: &Test) -> Result<Check, RecordsError> {
    let column = subject.column(table);
    let value = |value: &Value| -> Result<Arg, RecordsError> {
        let arg = match (&column, value) {
            (Column::List, Value::Text(text)) => Arg::from(text),
            (column, value) => column.arg(value),
        };
        match arg {
            Arg::Null(_) | Arg::Shape(_) => {
                Err(bad(table, format!("`{field}` is not compared with `{}`", super::row::text_of(value))))
            }
            arg => Ok(arg),
        }
    };
    let these = |values: &[Value]| -> Result<(Vec<Arg>, bool), RecordsError> {
        let given = values.iter().filter(|it| !it.is_empty()).map(value).collect::<Result<Vec<_>, _>>()?;
        Ok((given, values.iter().any(Value::is_empty)))
    };
    let ordered = |order: &'static str, with: &Value| {
        if column.is_plain() {
            Ok(Check::Order(order, value(with)?))
        } else {
            Err(bad(table, format!("`{field}` has no order; ask whether it has a value")))
        }
    };
    Ok(match test {
        Test::In(values) => {
            let (given, empty) = these(values)?;
            Check::In(given, empty)
        }
        Test::NotIn(values) => {
            let (given, empty) = these(values)?;
            Check::NotIn(given, !empty)
        }
        Test::Less(with) => ordered("<", with)?,
        Test::AtMost(with) => ordered("<=", with)?,
        Test::More(with) => ordered(">", with)?,
        Test::AtLeast(with) => ordered(">=", with)?,
        Test::Has(part) if column == Column::Text => Check::Has(part.to_ascii_lowercase()),
        Test::Has(_) => return Err(bad(table, format!("`{field}` is no text; ask for a whole value"))),
        Test::Empty(empty) => Check::Empty(*empty),
    })
}
