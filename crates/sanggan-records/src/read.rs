//! Values from outside: requests and cells become values, each checked by itself.

use std::collections::BTreeSet;

use sanggan_geo::check::Kind;
use sanggan_pack::{Field, FieldKind, Geometry};
use serde_json::{Map, Value as Json};

use crate::model::Compiled;
use crate::text::{self, fold, is_nothing};
use crate::wrong::{
    MOST_VALUES, at_most, characters, length, no_attachment, no_geometry, no_match, no_parameter,
    not_in_list, out_of_range, short, unknown_field, wrong_type,
};
use crate::{Fault, Given, Model, RecordId, Resolve, Value, Wants};

/// Characters of a text field that names no `max_length`.
const TEXT_LENGTH: usize = 500;
/// Characters of a long text.
const LONG_TEXT_LENGTH: usize = 20_000;

impl Model {
    /// Adds what [`Model::read_json`] of these values has to have looked up.
    pub fn wants_json(&self, values: &Map<String, Json>, wants: &mut Wants) {
        for (name, json) in values {
            let Some((field, _)) = self.position(name).and_then(|position| self.at(position)) else {
                continue;
            };
            let items: &[Json] = match json {
                Json::Array(items) => items,
                other => std::slice::from_ref(other),
            };
            for item in items {
                match &field.kind {
                    FieldKind::Reference { to, .. } => want(to, named(item), wants),
                    FieldKind::Attachment { .. } => {
                        wants.attachments.extend(hash_in(item).map(str::to_lowercase))
                    }
                    FieldKind::Station => {
                        wants.stations.extend(item.as_str().map(|code| code.trim().to_owned()))
                    }
                    _ => {}
                }
            }
        }
    }

    /// Adds what [`Model::read_text`] of this cell has to have looked up.
    pub fn wants_text(&self, field: usize, cell: &str, wants: &mut Wants) {
        let Some((field, _)) = self.at(field) else { return };
        if is_nothing(cell) {
            return;
        }
        match &field.kind {
            FieldKind::Reference { to, many } => {
                for part in parts(cell, *many, SEMICOLONS) {
                    want(to, Some(numbered(part).map_or(Named::Key(part), Named::Id)), wants);
                }
            }
            FieldKind::Attachment { .. } => {
                wants.attachments.extend(parts(cell, true, SEMICOLONS).into_iter().map(str::to_lowercase));
            }
            FieldKind::Station => wants.stations.extend([cell.trim().to_owned()]),
            _ => {}
        }
    }

    /// Reads the `values` of a request: those that are named, each checked by itself. Computed fields may be named (a
    /// record that is sent back as it came) and are left out of the answer.
    ///
    /// # Errors
    /// Every fault.
    pub fn read_json(&self, values: &Map<String, Json>, resolve: &dyn Resolve) -> Result<Given, Vec<Fault>> {
        let mut given = Given::new();
        let mut faults = Vec::new();
        for (name, json) in values {
            let Some((position, (field, compiled))) =
                self.position(name).and_then(|position| Some((position, self.at(position)?)))
            else {
                faults.push(unknown_field(name));
                continue;
            };
            if matches!(field.kind, FieldKind::Computed { .. }) {
                continue;
            }
            match self.json_value(field, compiled, json, resolve).and_then(|value| {
                self.verify(position, &value)?;
                Ok(value)
            }) {
                Ok(value) => given.push((position, value)),
                Err(fault) => faults.push(fault),
            }
        }
        given.sort_by_key(|(position, _)| *position);
        if faults.is_empty() { Ok(given) } else { Err(faults) }
    }

    /// Reads a cell of a table: codes or names in either language, 是/否, days as people write them. A record of
    /// another register is named by its key, or `#12` by its number; several values stand between semicolons.
    ///
    /// # Errors
    /// The fault.
    pub fn read_text(&self, field: usize, cell: &str, resolve: &dyn Resolve) -> Result<Value, Fault> {
        let Some((def, compiled)) = self.at(field) else { return Err(unknown_field(&field.to_string())) };
        let texty = matches!(def.kind, FieldKind::Text { .. } | FieldKind::LongText);
        if cell.trim().is_empty() || (!texty && is_nothing(cell)) {
            return Ok(Value::Null);
        }
        let value = self.cell_value(def, compiled, cell.trim(), resolve)?;
        self.verify(field, &value)?;
        Ok(value)
    }

    fn json_value(
        &self,
        field: &Field,
        compiled: &Compiled,
        json: &Json,
        resolve: &dyn Resolve,
    ) -> Result<Value, Fault> {
        match json {
            Json::Null => return Ok(Value::Null),
            Json::String(text) if text.trim().is_empty() => return Ok(Value::Null),
            Json::Array(items) if items.is_empty() => return Ok(Value::Null),
            _ => {}
        }
        let many = takes_several(&field.kind);
        match (&field.kind, json) {
            (FieldKind::Number { .. }, Json::Number(number)) => {
                number.as_f64().map(|number| Value::Number(number + 0.0)).ok_or_else(|| wrong_type(field))
            }
            (FieldKind::Integer { .. }, Json::Number(number)) => {
                let whole = number.as_i64().or_else(|| {
                    number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 9e15).map(|number| number as i64)
                });
                whole.map(Value::Integer).ok_or_else(|| wrong_type(field))
            }
            (FieldKind::Boolean, Json::Bool(yes)) => Ok(Value::Boolean(*yes)),
            (FieldKind::Number { .. } | FieldKind::Integer { .. } | FieldKind::Boolean, _) => {
                Err(wrong_type(field))
            }
            (FieldKind::Text { .. }, Json::String(text)) => Ok(Value::Text(text.trim().to_owned())),
            (FieldKind::LongText, Json::String(text)) => Ok(Value::Text(text.trim_end().to_owned())),
            (FieldKind::Reference { to, many: true }, Json::Array(items)) => {
                let mut ids = Vec::with_capacity(items.len().min(MOST_VALUES));
                for item in at_most(field, items)? {
                    let named = named(item).ok_or_else(|| wrong_type(field))?;
                    let id = self.find(field, to, named, resolve)?;
                    if !ids.contains(&id) {
                        ids.push(id);
                    }
                }
                Ok(Value::References(ids))
            }
            (FieldKind::Reference { to, many }, item) => {
                let id = self.find(field, to, named(item).ok_or_else(|| wrong_type(field))?, resolve)?;
                Ok(if *many { Value::References(vec![id]) } else { Value::Reference(id) })
            }
            (FieldKind::Attachment { .. }, json) => {
                let items = match json {
                    Json::Array(items) => items.as_slice(),
                    other => std::slice::from_ref(other),
                };
                let mut hashes = Vec::with_capacity(items.len().min(MOST_VALUES));
                for item in at_most(field, items)? {
                    let hash = hash_in(item).ok_or_else(|| wrong_type(field))?;
                    attach(field, hash, resolve, &mut hashes)?;
                }
                Ok(Value::Texts(hashes))
            }
            (FieldKind::Geometry { .. }, Json::Object(_)) => match sanggan_geo::geojson::parse_geometry(json)
            {
                Ok(shape) => Ok(Value::Shape(Box::new(shape))),
                Err(error) => Err(no_geometry(field, &error.to_string())),
            },
            (FieldKind::Enum { .. } | FieldKind::Parameter { .. }, Json::Array(items)) if many => {
                let mut ids = Vec::with_capacity(items.len().min(MOST_VALUES));
                for item in at_most(field, items)? {
                    let text = item.as_str().ok_or_else(|| wrong_type(field))?;
                    if let Value::Texts(more) = self.cell_value(field, compiled, text.trim(), resolve)? {
                        ids.extend(more.into_iter().filter(|id| !ids.contains(id)).collect::<Vec<_>>());
                    }
                }
                Ok(Value::Texts(ids))
            }
            (_, Json::String(text)) => self.cell_value(field, compiled, text.trim(), resolve),
            _ => Err(wrong_type(field)),
        }
    }

    fn cell_value(
        &self,
        field: &Field,
        compiled: &Compiled,
        cell: &str,
        resolve: &dyn Resolve,
    ) -> Result<Value, Fault> {
        let typed = |value: Option<Value>| value.ok_or_else(|| wrong_type(field));
        match &field.kind {
            FieldKind::Text { .. } | FieldKind::LongText => Ok(Value::Text(cell.to_owned())),
            FieldKind::Number { unit, .. } => typed(text::number(cell, unit).map(Value::Number)),
            FieldKind::Integer { unit, .. } => typed(text::integer(cell, unit).map(Value::Integer)),
            FieldKind::Boolean => typed(text::boolean(cell).map(Value::Boolean)),
            FieldKind::Date => typed(text::date(cell).map(Value::Date)),
            FieldKind::Time => typed(text::moment(cell).map(Value::Time)),
            FieldKind::Enum { many, .. } => words(cell, *many, |word| {
                compiled.words.get(&fold(word)).cloned().ok_or_else(|| not_in_list(field, word))
            }),
            FieldKind::Parameter { many } => words(cell, *many, |word| {
                let codes = self.codes();
                if codes.parameters.contains_key(word) {
                    return Ok(word.to_owned());
                }
                codes
                    .parameter_words
                    .get(&word.to_lowercase())
                    .cloned()
                    .ok_or_else(|| no_parameter(field, word))
            }),
            FieldKind::Area => {
                let areas = &self.codes().areas;
                let by_name =
                    || areas.iter().find(|(_, name)| name.zh == cell || name.en.eq_ignore_ascii_case(cell));
                match areas.contains_key(cell) {
                    true => Ok(Value::Text(cell.to_owned())),
                    false => by_name()
                        .map(|(code, _)| Value::Text(code.clone()))
                        .ok_or_else(|| self.no_area(field, cell)),
                }
            }
            FieldKind::Station if resolve.has_station(cell) => Ok(Value::Text(cell.to_owned())),
            FieldKind::Station => Err(Fault::new(
                &field.id,
                "station",
                format!("{}：平台中没有编码为“{}”的站点，请填写站点编码", field.name.zh, short(cell)),
                format!(
                    "{}: there is no station with the code `{}`; give the code of one",
                    field.name.en,
                    short(cell)
                ),
            )),
            FieldKind::Reference { to, many } => {
                let mut ids = Vec::new();
                for part in parts(cell, *many, SEMICOLONS) {
                    let named = numbered(part).map_or(Named::Key(part), Named::Id);
                    let id = self.find(field, to, named, resolve)?;
                    if !ids.contains(&id) {
                        ids.push(id);
                    }
                }
                match (many, ids.first()) {
                    (true, _) => Ok(Value::References(ids)),
                    (false, Some(&id)) => Ok(Value::Reference(id)),
                    (false, None) => Ok(Value::Null),
                }
            }
            FieldKind::Attachment { .. } => {
                let mut hashes = Vec::new();
                for part in parts(cell, true, SEMICOLONS) {
                    attach(field, part, resolve, &mut hashes)?;
                }
                Ok(Value::Texts(hashes))
            }
            FieldKind::Geometry { .. } => {
                let read = if cell.starts_with('{') {
                    sanggan_geo::geojson::parse_geometry_text(cell).map_err(|error| error.to_string())
                } else if let Some((lon, lat)) = text::lon_lat(cell) {
                    Ok(sanggan_geo::geo_types::Point::new(lon, lat).into())
                } else {
                    sanggan_geo::wkt::parse(cell).map_err(|error| error.to_string())
                };
                read.map(|shape| Value::Shape(Box::new(shape))).map_err(|what| no_geometry(field, &what))
            }
            FieldKind::Computed { .. } => Err(Fault::new(
                &field.id,
                "computed",
                format!("{}由平台计算，不能填写", field.name.zh),
                format!("{} is computed by the platform and cannot be given", field.name.en),
            )),
        }
    }

    /// Whether a value is one the field may hold, as far as the value alone can tell.
    pub(crate) fn verify(&self, position: usize, value: &Value) -> Result<(), Fault> {
        let Some((field, compiled)) = self.at(position) else {
            return Err(unknown_field(&position.to_string()));
        };
        if value.is_empty() {
            return Ok(());
        }
        match (&field.kind, value) {
            (FieldKind::Text { max_length, .. }, Value::Text(text)) => {
                length(field, text, max_length.unwrap_or(TEXT_LENGTH))?;
                characters(field, text, false)?;
                match &compiled.pattern {
                    Some(pattern) if !pattern.is_match(text) => Err(no_match(field, text)),
                    _ => Ok(()),
                }
            }
            (FieldKind::LongText, Value::Text(text)) => {
                length(field, text, LONG_TEXT_LENGTH)?;
                characters(field, text, true)
            }
            (FieldKind::Number { unit, min, max, .. }, Value::Number(number)) => {
                if !number.is_finite() {
                    return Err(wrong_type(field));
                }
                let (low, high) =
                    (min.is_some_and(|min| *number < min), max.is_some_and(|max| max < *number));
                if low || high { Err(out_of_range(field, number, *min, *max, unit)) } else { Ok(()) }
            }
            (FieldKind::Integer { unit, min, max }, Value::Integer(number)) => {
                let (low, high) =
                    (min.is_some_and(|min| *number < min), max.is_some_and(|max| max < *number));
                if low || high { Err(out_of_range(field, number, *min, *max, unit)) } else { Ok(()) }
            }
            (FieldKind::Boolean, Value::Boolean(_))
            | (FieldKind::Date, Value::Date(_))
            | (FieldKind::Time, Value::Time(_))
            | (FieldKind::Station, Value::Text(_))
            | (FieldKind::Reference { many: false, .. }, Value::Reference(_))
            | (FieldKind::Computed { .. }, _) => Ok(()),
            (FieldKind::Enum { values, many }, Value::Text(_) | Value::Texts(_)) if fits(value, *many) => {
                match texts(value).iter().find(|id| !values.iter().any(|known| known.id == **id)) {
                    Some(id) => Err(not_in_list(field, id)),
                    None => Ok(()),
                }
            }
            (FieldKind::Parameter { many }, Value::Text(_) | Value::Texts(_)) if fits(value, *many) => {
                match texts(value).iter().find(|code| !self.codes().parameters.contains_key(**code)) {
                    Some(code) => Err(no_parameter(field, code)),
                    None => Ok(()),
                }
            }
            (FieldKind::Area, Value::Text(code)) => match self.codes().areas.contains_key(code) {
                true => Ok(()),
                false => Err(self.no_area(field, code)),
            },
            (FieldKind::Reference { many: true, .. }, Value::References(ids)) => {
                at_most(field, ids).map(|_| ())
            }
            (FieldKind::Attachment { .. }, Value::Texts(hashes)) => {
                match at_most(field, hashes)?.iter().find(|hash| !is_hash(hash)) {
                    Some(hash) => Err(no_attachment(field, hash)),
                    None => Ok(()),
                }
            }
            (FieldKind::Geometry { shape: kind }, Value::Shape(shape)) => {
                let kind = match kind {
                    Geometry::Point => Kind::Point,
                    Geometry::Line => Kind::Line,
                    Geometry::Polygon => Kind::Polygon,
                    Geometry::Any => Kind::Any,
                };
                match sanggan_geo::check::check(shape, kind).first() {
                    Some(fault) => Err(Fault::new(
                        &field.id,
                        "geometry",
                        format!("{}：{}", field.name.zh, fault.zh()),
                        format!("{}: {}", field.name.en, fault.en()),
                    )),
                    None => Ok(()),
                }
            }
            _ => Err(wrong_type(field)),
        }
    }

    /// The record of `to` that is named.
    fn find(
        &self,
        field: &Field,
        to: &str,
        named: Named<'_>,
        resolve: &dyn Resolve,
    ) -> Result<RecordId, Fault> {
        let (found, said) = match named {
            Named::Id(id) => (resolve.has(to, id).then_some(id), format!("#{id}")),
            Named::Key(key) => (resolve.id_of(to, key), short(key)),
        };
        found.ok_or_else(|| {
            let register = self.register_name(to);
            Fault::new(
                &field.id,
                "reference",
                format!("{}：“{}”中没有“{said}”，请先登记或改正", field.name.zh, register.zh),
                format!(
                    "{}: `{}` has no record `{said}`; add it first or correct this",
                    field.name.en, register.en
                ),
            )
        })
    }

    fn no_area(&self, field: &Field, given: &str) -> Fault {
        let list = |pick: fn(&sanggan_pack::Name) -> &str| {
            self.codes().areas.iter().map(|(code, name)| format!("{code} {}", pick(name))).collect::<Vec<_>>()
        };
        Fault::new(
            &field.id,
            "area",
            format!(
                "{}：没有区域“{}”，可填：{}",
                field.name.zh,
                short(given),
                list(|name| &name.zh).join("、")
            ),
            format!(
                "{}: there is no area `{}`; allowed: {}",
                field.name.en,
                short(given),
                list(|name| &name.en).join(", ")
            ),
        )
    }
}

/// Whether a field of this kind holds several values.
pub(crate) fn takes_several(kind: &FieldKind) -> bool {
    match kind {
        FieldKind::Enum { many, .. } | FieldKind::Reference { many, .. } | FieldKind::Parameter { many } => {
            *many
        }
        FieldKind::Attachment { .. } => true,
        _ => false,
    }
}

fn fits(value: &Value, many: bool) -> bool {
    matches!(value, Value::Texts(texts) if many && texts.len() <= MOST_VALUES)
        || matches!(value, Value::Text(_) if !many)
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Text(text) => vec![text],
        Value::Texts(texts) => texts.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

/// How a request names a record.
enum Named<'a> {
    Id(RecordId),
    Key(&'a str),
}

fn named(json: &Json) -> Option<Named<'_>> {
    match json {
        Json::Number(number) => number.as_i64().map(|id| Named::Id(RecordId(id))),
        Json::String(key) => Some(Named::Key(key.trim())),
        Json::Object(object) => match (object.get("rid"), object.get("key")) {
            (Some(rid), _) => rid.as_i64().map(|id| Named::Id(RecordId(id))),
            (None, Some(Json::String(key))) => Some(Named::Key(key.trim())),
            _ => None,
        },
        _ => None,
    }
}

fn want(to: &str, named: Option<Named<'_>>, wants: &mut Wants) {
    match named {
        Some(Named::Id(id)) => wants.ids.entry(to.to_owned()).or_default().extend([id]),
        Some(Named::Key(key)) => wants.keys.entry(to.to_owned()).or_default().extend([key.to_owned()]),
        None => {}
    }
}

/// `#12` in a cell.
fn numbered(cell: &str) -> Option<RecordId> {
    cell.strip_prefix('#')?.parse().ok().map(RecordId)
}

fn hash_in(json: &Json) -> Option<&str> {
    match json {
        Json::String(hash) => Some(hash.trim()),
        Json::Object(object) => object.get("hash").and_then(Json::as_str),
        _ => None,
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
}

fn attach(field: &Field, hash: &str, resolve: &dyn Resolve, hashes: &mut Vec<String>) -> Result<(), Fault> {
    let hash = hash.to_lowercase();
    if !is_hash(&hash) || !resolve.has_attachment(&hash) {
        return Err(no_attachment(field, &hash));
    }
    if !hashes.contains(&hash) {
        hashes.push(hash);
    }
    Ok(())
}

const SEMICOLONS: &[char] = &[';', '；', '\n'];
const LIST_MARKS: &[char] = &[';', '；', '\n', '、', ',', '，', '|'];

fn parts<'c>(cell: &'c str, many: bool, marks: &[char]) -> Vec<&'c str> {
    if !many {
        return vec![cell.trim()];
    }
    cell.split(marks).map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// One word or several, each looked up; a name may itself hold a list mark, so the finer split comes last.
fn words(cell: &str, many: bool, find: impl Fn(&str) -> Result<String, Fault>) -> Result<Value, Fault> {
    if !many {
        return find(cell).map(Value::Text);
    }
    let mut ids: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for part in parts(cell, true, SEMICOLONS) {
        let found = match find(part) {
            Ok(id) => vec![id],
            Err(fault) if part.contains(LIST_MARKS) => parts(part, true, LIST_MARKS)
                .into_iter()
                .map(&find)
                .collect::<Result<_, _>>()
                .map_err(|_| fault)?,
            Err(fault) => return Err(fault),
        };
        ids.extend(found.into_iter().filter(|id| seen.insert(id.clone())));
    }
    Ok(Value::Texts(ids))
}
