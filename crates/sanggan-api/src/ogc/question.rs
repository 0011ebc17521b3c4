//! The query of `items`, read into a question to the store.

use sanggan_base::Millis;
use sanggan_geo::Shape;
use sanggan_geo::crs::Crs;
use sanggan_geo::geo_types::{LineString, coord};
use sanggan_records::{Ask, Bounds, Condition, Test, Total, Value};

use super::describe::{RESERVED, filters};
use super::{Request, unknown_parameter};
use crate::problem::{Answer, Problem};
use crate::registers::Opened;
use crate::registers::ask::RecordsQuery;
use crate::when;

/// Features of a page when the client doesn't say.
pub(super) const LIMIT: u32 = 100;
/// Most features of a page; who asks for more gets these.
pub(super) const LIMIT_MAX: u32 = 1_000;

/// What is asked of a collection.
pub(super) struct Question {
    pub(super) ask: Ask,
    /// The system the answer is in.
    pub(super) crs: Crs,
}

impl Question {
    pub(super) async fn read(request: &Request, opened: &Opened) -> Answer<Question> {
        let query = &request.query;
        let mut seen: Vec<&str> = Vec::new();
        for (key, _) in query {
            if seen.contains(&key.as_str()) {
                return Err(Problem::bad_field("query", format!("`{key}` stands twice")));
            }
            seen.push(key);
        }
        let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let bounds_crs = crs("bbox-crs", get("bbox-crs"))?;
        let bounds = get("bbox").map(|text| bounds(text, bounds_crs)).transpose()?;
        let records = RecordsQuery {
            r#where: conditions(query, opened)?,
            after: get("after").map(str::to_owned),
            limit: Some(get("limit").map(limit).transpose()?.unwrap_or(LIMIT)),
            ..RecordsQuery::default()
        };
        let mut ask: Ask = records.ask(&request.state, opened).await?;
        ask.bounds = bounds;
        // Counted once: who reads page after page keeps the figure of the first.
        ask.total = if ask.after.is_none() { Total::Exact } else { Total::No };
        if let Some(text) = get("datetime") {
            ask.conditions.extend(changed(text)?);
        }
        Ok(Question { ask, crs: crs("crs", get("crs"))? })
    }
}

/// The system named by a parameter; CRS84 without it.
pub(super) fn crs(name: &'static str, text: Option<&str>) -> Answer<Crs> {
    let Some(text) = text else { return Ok(Crs::Crs84) };
    // `[EPSG:4490]` as the later parts of the standard write it.
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    let known = Crs::from_uri(text).ok().filter(|crs| crs.uri().is_some());
    known.ok_or_else(|| {
        let all: Vec<&str> = Crs::answered().collect();
        Problem::bad_field(name, format!("`{text}` is none of {}", all.join(", ")))
    })
}

fn limit(text: &str) -> Answer<u32> {
    match text.parse::<u64>() {
        Ok(limit) if limit > 0 => Ok(u32::try_from(limit).unwrap_or(LIMIT_MAX).min(LIMIT_MAX)),
        _ => Err(Problem::bad_field("limit", format!("`{text}` is not a number from 1"))),
    }
}

/// A rectangle of four numbers, or of six with heights, in the order of the system's axes.
fn bounds(text: &str, crs: Crs) -> Answer<Bounds> {
    let bad = || {
        Problem::bad_field("bbox", format!("`{text}` is not four numbers (or six, with heights)"))
            .hint("bbox=west,south,east,north in degrees, or in the order of the axes of bbox-crs")
    };
    let numbers =
        text.split(',').map(|part| part.trim().parse::<f64>().ok().filter(|number| number.is_finite()));
    let numbers: Vec<f64> = numbers.collect::<Option<_>>().ok_or_else(bad)?;
    let (low, high) = match numbers[..] {
        [a, b, c, d] => ((a, b), (c, d)),
        [a, b, _, c, d, _] => ((a, b), (c, d)),
        _ => return Err(bad()),
    };
    let corners = LineString(vec![coord! { x: low.0, y: low.1 }, coord! { x: high.0, y: high.1 }]);
    let Shape::LineString(corners) = crs.asked(&Shape::LineString(corners)) else { return Err(bad()) };
    let (low, high) = (corners.0[0], corners.0[1]);
    let on_earth =
        |at: sanggan_geo::geo_types::Coord| at.x.abs() <= 180.0 + 1e-9 && at.y.abs() <= 90.0 + 1e-9;
    if low.y > high.y || !on_earth(low) || !on_earth(high) {
        return Err(bad());
    }
    let (west, east) = around(low.x, high.x);
    Ok(Bounds { west, south: low.y, east, north: high.y })
}

/// A rectangle over the 180th meridian has its west in the east. The platform's shapes lie on one side of it: the
/// half that can hold any is taken.
fn around(west: f64, east: f64) -> (f64, f64) {
    if west <= east {
        (west, east)
    } else if 180.0 - west >= east + 180.0 {
        (west, 180.0)
    } else {
        (-180.0, east)
    }
}

/// Every parameter that is no word of the standard is a property: equal to the value.
fn conditions(query: &[(String, String)], opened: &Opened) -> Answer<Vec<String>> {
    let fields = filters(opened);
    let def = opened.def();
    let mut conditions = Vec::new();
    for (key, value) in query.iter().filter(|(key, _)| !RESERVED.contains(&key.as_str())) {
        let own = match key.as_str() {
            "state" if def.lifecycle.is_some() => "_state",
            "schematic" => "_schematic",
            name if fields.iter().any(|&nth| def.fields[nth].id == name) => name,
            other => return Err(unknown_parameter(other)),
        };
        conditions.push(format!("{own}:eq:{value}"));
    }
    Ok(conditions)
}

/// A moment or an interval (`a/b`, `../b`, `a/..`): records last changed then. A day is the whole of it.
fn changed(text: &str) -> Answer<Vec<Condition>> {
    let bad = |what: &str| Problem::bad_field("datetime", format!("`{text}`: {what}"));
    let open = |part: &str| part.is_empty() || part == "..";
    let (from, until) = match text.split_once('/') {
        None if open(text) => return Err(bad("it names no time")),
        None => (Some(text), Some(text)),
        Some((from, until)) if open(from) && open(until) => {
            return if until.contains('/') { Err(bad("it is no interval")) } else { Ok(Vec::new()) };
        }
        Some((from, until)) => {
            (Some(from).filter(|part| !open(part)), Some(until).filter(|part| !open(part)))
        }
    };
    let from = from.map(|text| when::moment("datetime", text)).transpose()?;
    let until = until.map(|text| end("datetime", text)).transpose()?;
    if let (Some(from), Some(until)) = (from, until)
        && from > until
    {
        return Err(bad("it ends before it begins"));
    }
    let condition = |test| Condition { field: "_changed_at".to_owned(), test };
    let from = from.map(|at| condition(Test::AtLeast(Value::Time(at))));
    let until = until.map(|at| condition(Test::AtMost(Value::Time(at))));
    Ok(from.into_iter().chain(until).collect())
}

/// The last millisecond that a text means: of a day its end, of a moment given to the second that second's.
fn end(field: &'static str, text: &str) -> Answer<Millis> {
    let start = when::moment(field, text)?;
    if text.trim().parse::<jiff::civil::Date>().is_ok() {
        return crate::registers::ask::as_of(text.trim());
    }
    Ok(if text.contains('.') { start } else { Millis(start.0 + 999) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_in_every_system() {
        let rows = [
            ("112,39,113,40", Crs::Crs84, Some((112.0, 39.0, 113.0, 40.0))),
            ("112,39,-5,113,40,5", Crs::Crs84, Some((112.0, 39.0, 113.0, 40.0))),
            ("39,112,40,113", Crs::Cgcs2000, Some((112.0, 39.0, 113.0, 40.0))),
            ("39,112,40,113", Crs::Wgs84, Some((112.0, 39.0, 113.0, 40.0))),
            ("100,39,-100,40", Crs::Crs84, Some((100.0, 39.0, 180.0, 40.0))),
            ("170,39,130,40", Crs::Crs84, Some((-180.0, 39.0, 130.0, 40.0))),
            ("112,40,113,39", Crs::Crs84, None),
            ("39,112,40,113", Crs::Crs84, None),
            ("112,39,113", Crs::Crs84, None),
            ("a,b,c,d", Crs::Crs84, None),
            ("NaN,39,113,40", Crs::Crs84, None),
            ("", Crs::Crs84, None),
        ];
        for (text, crs, expected) in rows {
            let met = bounds(text, crs).ok().map(|rect| (rect.west, rect.south, rect.east, rect.north));
            assert_eq!(met, expected, "{text}");
        }
        let rect = bounds("12467782.9,4721671.6,12579102.4,4865942.3", Crs::WebMercator).expect("metres");
        assert!((rect.west - 112.0).abs() < 1e-4 && (rect.north - 40.0).abs() < 1e-4, "{rect:?}");
    }

    #[test]
    fn moments_and_intervals() {
        let rows = [
            ("2026-11-23T10:00:00+08:00", Some(2)),
            ("2026-11-23T02:00:00Z", Some(2)),
            ("2026-11-23", Some(2)),
            ("2026-11-23/2026-11-24", Some(2)),
            ("../2026-11-24", Some(1)),
            ("/2026-11-24", Some(1)),
            ("2026-11-24T00:00:00Z/..", Some(1)),
            ("../..", Some(0)),
            ("", None),
            ("..", None),
            ("2026-11-24/2026-11-23", None),
            ("yesterday", None),
            ("2026-11-23/2026-11-24/2026-11-25", None),
        ];
        for (text, expected) in rows {
            assert_eq!(changed(text).ok().map(|conditions| conditions.len()), expected, "{text}");
        }
    }

    #[test]
    fn limits_are_cut_not_refused() {
        assert_eq!(limit("5000").ok(), Some(LIMIT_MAX));
        assert_eq!(limit("99999999999").ok(), Some(LIMIT_MAX));
        assert_eq!(limit("1").ok(), Some(1));
        assert!(limit("0").is_err() && limit("-1").is_err() && limit("x").is_err());
    }

    #[test]
    fn systems_answers_come_in() {
        assert_eq!(crs("crs", None).ok(), Some(Crs::Crs84));
        assert_eq!(crs("crs", Some("http://www.opengis.net/def/crs/EPSG/0/4490")).ok(), Some(Crs::Cgcs2000));
        assert_eq!(crs("crs", Some("[EPSG:3857]")).ok(), Some(Crs::WebMercator));
        // Known, and not one answers are given in.
        assert!(crs("crs", Some("EPSG:4525")).is_err());
        assert!(crs("crs", Some("")).is_err());
    }
}
