//! WKT as people write it.

use std::fmt::Write;

use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point,
    Polygon,
};

use crate::{Shape, Words};

/// Why a text is not a geometry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the WKT geometry: {what} at character {at}")]
pub struct WktError {
    /// What was met.
    pub what: Words,
    /// Where, from 1.
    pub at: usize,
}

impl WktError {
    /// In Chinese.
    pub fn zh(&self) -> String {
        format!("无法读取 WKT 图形：第 {} 个字符处{}", self.at, self.what.zh)
    }
}

/// Collections in collections deeper than this are refused.
const DEEPEST: u32 = 16;

/// Reads `POINT (112.4 39.3)` and the other simple geometries; heights and measures are dropped, `SRID=4326;` before
/// it is allowed. A ring that isn't closed is a fault.
pub fn parse(text: &str) -> Result<Shape, WktError> {
    let mut reader = Reader { text, at: 0 };
    if reader.word_is("SRID") {
        let rest = &text[reader.at..];
        let Some(end) = rest.find(';') else {
            return Err(reader.fault("SRID 之后缺少 `;`", "SRID without `;` after it"));
        };
        if rest[..end].trim_start_matches('=').trim() != "4326" {
            return Err(reader.fault("SRID 不是 4326", "an SRID other than 4326"));
        }
        reader.at += end + 1;
    }
    let shape = reader.geometry(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.fault("图形之后还有别的内容", "something after the geometry"));
    }
    Ok(shape)
}

/// Prints with at most `digits` digits after the point.
pub fn print(shape: &Shape, digits: usize) -> String {
    let mut out = String::new();
    put(&mut out, shape, digits);
    out
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn fault(&self, zh: impl Into<String>, en: impl Into<String>) -> WktError {
        WktError { what: Words::new(zh, en), at: self.text[..self.at].chars().count() + 1 }
    }

    fn space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    /// The next word, not taken.
    fn word(&mut self) -> &'a str {
        self.space();
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        &rest[..end]
    }

    /// Takes the next word when it is this one.
    fn word_is(&mut self, word: &str) -> bool {
        let met = self.word();
        let is = met.eq_ignore_ascii_case(word);
        if is {
            self.at += met.len();
        }
        is
    }

    /// Takes the character when it is next.
    fn next_is(&mut self, c: char) -> bool {
        self.space();
        let is = self.text[self.at..].starts_with(c);
        if is {
            self.at += c.len_utf8();
        }
        is
    }

    fn expect(&mut self, c: char) -> Result<(), WktError> {
        if self.next_is(c) { Ok(()) } else { Err(self.fault(format!("缺少 `{c}`"), format!("no `{c}`"))) }
    }

    fn number(&mut self) -> Result<f64, WktError> {
        self.space();
        let rest = &self.text[self.at..];
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E')))
            .unwrap_or(rest.len());
        match rest[..end].parse::<f64>() {
            Ok(number) if number.is_finite() => {
                self.at += end;
                Ok(number)
            }
            _ => Err(self.fault("应当是数字", "no number")),
        }
    }

    /// `x y`, and up to two more numbers, dropped.
    fn coordinate(&mut self) -> Result<Coord<f64>, WktError> {
        let x = self.number()?;
        let y = self.number()?;
        for _ in 0..2 {
            self.space();
            if self.text[self.at..].starts_with([',', ')']) {
                break;
            }
            self.number()?;
        }
        Ok(Coord { x, y })
    }

    /// `EMPTY` or `( item, … )`.
    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Result<T, WktError>) -> Result<Vec<T>, WktError> {
        let mut items = Vec::new();
        if self.word_is("EMPTY") {
            return Ok(items);
        }
        self.expect('(')?;
        loop {
            items.push(item(self)?);
            if !self.next_is(',') {
                break;
            }
        }
        self.expect(')')?;
        Ok(items)
    }

    fn line(&mut self) -> Result<LineString<f64>, WktError> {
        self.list(Self::coordinate).map(LineString)
    }

    fn ring(&mut self) -> Result<LineString<f64>, WktError> {
        let ring = self.line()?;
        if ring.0.first() != ring.0.last() {
            return Err(
                self.fault("面的边界没有闭合（末点与首点不同）", "a ring whose last point is not its first")
            );
        }
        Ok(ring)
    }

    fn polygon(&mut self) -> Result<Polygon<f64>, WktError> {
        let mut rings = self.list(Self::ring)?.into_iter();
        let exterior = rings.next().unwrap_or_else(LineString::empty);
        Ok(Polygon::new(exterior, rings.collect()))
    }

    fn geometry(&mut self, depth: u32) -> Result<Shape, WktError> {
        let word = self.word();
        let name = word.to_ascii_uppercase();
        // `POINTZ` and `POINT Z` alike.
        let name = match name.strip_suffix("ZM").or_else(|| name.strip_suffix(['Z', 'M'])) {
            Some(short) if !short.is_empty() => short.to_owned(),
            _ => name,
        };
        let start = self.at;
        self.at += word.len();
        let _ = self.word_is("ZM") || self.word_is("Z") || self.word_is("M");
        Ok(match name.as_str() {
            "POINT" => {
                let mut points = self.list(Self::coordinate)?;
                match points.len() {
                    0 => Geometry::MultiPoint(MultiPoint(Vec::new())),
                    1 => Geometry::Point(Point(points.remove(0))),
                    _ => return Err(self.fault("POINT 只能有一个点", "a POINT of several points")),
                }
            }
            "LINESTRING" => Geometry::LineString(self.line()?),
            "POLYGON" => Geometry::Polygon(self.polygon()?),
            "MULTIPOINT" => Geometry::MultiPoint(MultiPoint(self.list(|this| {
                // Both `(1 2), (3 4)` and the older `1 2, 3 4`.
                let wrapped = this.next_is('(');
                let at = this.coordinate()?;
                if wrapped {
                    this.expect(')')?;
                }
                Ok(Point(at))
            })?)),
            "MULTILINESTRING" => Geometry::MultiLineString(MultiLineString(self.list(Self::line)?)),
            "MULTIPOLYGON" => Geometry::MultiPolygon(MultiPolygon(self.list(Self::polygon)?)),
            "GEOMETRYCOLLECTION" if depth >= DEEPEST => {
                return Err(self.fault(
                    format!("图形集合嵌套超过 {DEEPEST} 层"),
                    format!("collections in collections {DEEPEST} deep"),
                ));
            }
            "GEOMETRYCOLLECTION" => {
                Geometry::GeometryCollection(GeometryCollection(self.list(|this| this.geometry(depth + 1))?))
            }
            "" => {
                return Err(self.fault(
                    "没有图形；应像 `POINT (112.4 39.3)` 这样开头",
                    "no geometry; it begins like `POINT (112.4 39.3)`",
                ));
            }
            _ => {
                self.at = start;
                return Err(
                    self.fault(format!("不认识的图形类型 {word}"), format!("the geometry type {word}"))
                );
            }
        })
    }
}

fn put(out: &mut String, shape: &Shape, digits: usize) {
    let line =
        |out: &mut String, line: &LineString<f64>| list(out, &line.0, |out, at| coordinate(out, *at, digits));
    let polygon = |out: &mut String, polygon: &Polygon<f64>| {
        let rings: Vec<&LineString<f64>> = Some(polygon.exterior())
            .filter(|ring| !ring.0.is_empty())
            .into_iter()
            .chain(polygon.interiors())
            .collect();
        list(out, &rings, |out, ring| line(out, ring));
    };
    match shape {
        Geometry::Point(point) => {
            out.push_str("POINT ");
            list(out, &[point.0], |out, at| coordinate(out, *at, digits));
        }
        Geometry::Line(segment) => {
            put(out, &Geometry::LineString(LineString(vec![segment.start, segment.end])), digits);
        }
        Geometry::LineString(path) => {
            out.push_str("LINESTRING ");
            line(out, path);
        }
        Geometry::Polygon(one) => {
            out.push_str("POLYGON ");
            polygon(out, one);
        }
        Geometry::MultiPoint(points) => {
            out.push_str("MULTIPOINT ");
            list(out, &points.0, |out, point| list(out, &[point.0], |out, at| coordinate(out, *at, digits)));
        }
        Geometry::MultiLineString(lines) => {
            out.push_str("MULTILINESTRING ");
            list(out, &lines.0, |out, path| line(out, path));
        }
        Geometry::MultiPolygon(polygons) => {
            out.push_str("MULTIPOLYGON ");
            list(out, &polygons.0, |out, one| polygon(out, one));
        }
        Geometry::GeometryCollection(members) => {
            out.push_str("GEOMETRYCOLLECTION ");
            list(out, &members.0, |out, member| put(out, member, digits));
        }
        Geometry::Rect(rect) => put(out, &Geometry::Polygon(rect.to_polygon()), digits),
        Geometry::Triangle(triangle) => put(out, &Geometry::Polygon(triangle.to_polygon()), digits),
    }
}

fn list<T>(out: &mut String, items: &[T], mut item: impl FnMut(&mut String, &T)) {
    if items.is_empty() {
        out.push_str("EMPTY");
        return;
    }
    out.push('(');
    for (index, one) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        item(out, one);
    }
    out.push(')');
}

fn coordinate(out: &mut String, at: Coord<f64>, digits: usize) {
    number(out, at.x, digits);
    out.push(' ');
    number(out, at.y, digits);
}

/// A number with at most `digits` digits after the point, no zeros at its end and no negative zero.
pub(crate) fn number(out: &mut String, number: f64, digits: usize) {
    let start = out.len();
    write!(out, "{number:.digits$}").expect("writing to a string never fails");
    if out[start..].contains('.') {
        let kept = out[start..].trim_end_matches('0').trim_end_matches('.').len();
        out.truncate(start + kept);
    }
    if &out[start..] == "-0" {
        out.truncate(start);
        out.push('0');
    }
}
