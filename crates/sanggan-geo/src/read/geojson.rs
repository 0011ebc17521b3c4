//! GeoJSON files, feature by feature: only one of them is in memory as JSON.

use std::collections::HashMap;
use std::fmt;

use encoding_rs::GB18030;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{Feature, Layer, Limits, ReadError, convert, too_many};
use crate::Words;
use crate::crs::Crs;
use crate::geojson::{GeojsonError, broken, parse_in_feature};

const FORMAT: &str = "GeoJSON";

pub(super) fn read(bytes: &[u8], limits: Limits) -> Result<Layer, ReadError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // GeoJSON is UTF-8; some Chinese programs write GBK all the same.
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => GB18030.decode_without_bom_handling(bytes).0,
    };
    let mut reader = Reader { limits, too_many: false, layer: Layer::default(), columns: HashMap::new() };
    let mut json = serde_json::Deserializer::from_str(&text);
    let members =
        match Document(&mut reader).deserialize(&mut json).and_then(|members| json.end().map(|()| members)) {
            Ok(members) => members,
            Err(_) if reader.too_many => return Err(too_many(FORMAT, limits)),
            Err(error) => return Err(refused(&broken(&error))),
        };
    if let Some(members) = members {
        // Not a collection: one feature, or a bare geometry.
        let Members { other, properties } = members;
        let geometry = match other.get("type").and_then(Value::as_str) {
            Some("FeatureCollection") => {
                return Err(file("缺少 `features` 数组", "`features` is missing"));
            }
            Some("Feature") => other.get("geometry").cloned(),
            Some(_) => Some(Value::Object(other.clone())),
            None => return Err(file("缺少 `type`", "`type` is missing")),
        };
        reader.add(Item::Feature { geometry, properties }, false);
        reader.named(&other);
    }
    let mut layer = reader.layer;
    for feature in &mut layer.features {
        feature.attributes.resize(layer.columns.len(), Value::Null);
    }
    if let Some(name) = layer.crs.clone() {
        convert(&mut layer, Crs::from_uri(&name)?);
    }
    Ok(layer)
}

fn file(zh: &str, en: &str) -> ReadError {
    ReadError::File { format: FORMAT, fault: Words::new(zh, en) }
}

fn refused(error: &GeojsonError) -> ReadError {
    ReadError::File { format: FORMAT, fault: words(error) }
}

fn words(error: &GeojsonError) -> Words {
    Words::new(
        format!("{} 处{}", error.place, error.what.zh),
        format!("{} at {}", error.what.en, error.place),
    )
}

struct Reader {
    limits: Limits,
    too_many: bool,
    layer: Layer,
    columns: HashMap<String, usize>,
}

impl Reader {
    fn add(&mut self, item: Item, in_collection: bool) {
        let number = self.layer.features.len();
        let Item::Feature { geometry, properties } = item else {
            let fault = Words::new(
                format!("features[{number}] 不是对象"),
                format!("features[{number}] is no object"),
            );
            self.layer.features.push(Feature { shape: None, attributes: Vec::new(), fault: Some(fault) });
            return;
        };
        let (shape, fault) = match geometry {
            None | Some(Value::Null) => (None, None),
            Some(geometry) => match parse_in_feature(&geometry, in_collection.then_some(number)) {
                Ok(shape) => (Some(shape), None),
                Err(error) => (None, Some(words(&error))),
            },
        };
        let mut attributes = vec![Value::Null; self.layer.columns.len()];
        for (name, value) in properties.0 {
            let at = match self.columns.get(&name) {
                Some(at) => *at,
                None => {
                    self.columns.insert(name.clone(), self.layer.columns.len());
                    self.layer.columns.push(name);
                    attributes.push(Value::Null);
                    attributes.len() - 1
                }
            };
            attributes[at] = value;
        }
        self.layer.features.push(Feature { shape, attributes, fault });
    }

    /// The system named by the `crs` member of the older GeoJSON.
    fn named(&mut self, members: &Map<String, Value>) {
        self.layer.crs = members
            .get("crs")
            .and_then(|crs| crs.pointer("/properties/name"))
            .and_then(Value::as_str)
            .map(str::to_owned);
    }
}

/// The members of an object that is no collection.
#[derive(Default)]
struct Members {
    other: Map<String, Value>,
    properties: Properties,
}

/// The properties of a feature, in the order they stand in; whatever isn't an object has none.
#[derive(Default)]
struct Properties(Vec<(String, Value)>);

/// What stands among the features of a collection.
enum Item {
    Feature { geometry: Option<Value>, properties: Properties },
    Other,
}

/// Implements what a visitor of objects does with everything else: it reads past it.
macro_rules! otherwise {
    ($other:expr) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("JSON")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok($other)
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($other)
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($other)
        }

        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($other)
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($other)
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($other)
        }

        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($other)
        }
    };
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Properties;
            otherwise!(Properties::default());

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
                let mut properties = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    properties.push(entry);
                }
                Ok(Properties(properties))
            }
        }
        deserializer.deserialize_any(Object)
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Item;
            otherwise!(Item::Other);

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
                let mut geometry = None;
                let mut properties = Properties::default();
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "geometry" => geometry = map.next_value()?,
                        "properties" => properties = map.next_value()?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(Item::Feature { geometry, properties })
            }
        }
        deserializer.deserialize_any(Object)
    }
}

/// The whole text. Gives its members when it isn't a collection.
struct Document<'a>(&'a mut Reader);

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = Option<Members>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = Option<Members>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Members::default();
        let mut collection = false;
        while let Some(name) = map.next_key::<String>()? {
            if name == "features" {
                collection = true;
                map.next_value_seed(Features(self.0))?;
            } else if name == "properties" {
                members.properties = map.next_value()?;
            } else {
                members.other.insert(name, map.next_value()?);
            }
        }
        if !collection {
            return Ok(Some(members));
        }
        self.0.named(&members.other);
        Ok(None)
    }
}

struct Features<'a>(&'a mut Reader);

impl<'de> DeserializeSeed<'de> for Features<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(value) = seq.next_element::<Item>()? {
            if self.0.layer.features.len() == self.0.limits.features {
                self.0.too_many = true;
                return Err(serde::de::Error::custom("too many features"));
            }
            self.0.add(value, true);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(text: &str) -> Layer {
        read(text.as_bytes(), Limits::default()).expect("the test's file is sound")
    }

    #[test]
    fn columns_are_gathered_and_faults_name_the_feature() {
        let layer = layer(
            r#"{"type":"FeatureCollection","features":[
              {"type":"Feature","geometry":{"type":"Point","coordinates":[112.4,39.3,1090]},"properties":{"名称":"甲"}},
              {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2]]]},"properties":{"流量":3.5}},
              {"type":"Feature","geometry":null,"properties":null}, 7]}"#,
        );
        assert_eq!(layer.columns, ["名称", "流量"]);
        assert_eq!(layer.features.len(), 4);
        assert!(layer.features.iter().all(|feature| feature.attributes.len() == 2));
        assert_eq!(layer.features[0].shape, Some(crate::Shape::Point((112.4, 39.3).into())));
        let fault = layer.features[1].fault.as_ref().expect("the ring is open");
        assert_eq!(
            fault.en,
            "a ring whose last position is not its first at features[1].geometry.coordinates[0]"
        );
        assert!(fault.zh.contains("没有闭合"), "{}", fault.zh);
        assert_eq!(layer.features[1].attributes[1], Value::from(3.5));
        assert!(layer.features[2].shape.is_none() && layer.features[2].fault.is_none());
        assert!(layer.features[3].fault.is_some());
    }

    #[test]
    fn single_features_geometries_and_named_systems() {
        assert_eq!(layer(r#"{"type":"Point","coordinates":[1,2]}"#).features.len(), 1);
        let one = layer(
            r#"{"type":"Feature","properties":{"b":2,"a":1},"geometry":{"type":"Point","coordinates":[1,2]}}"#,
        );
        assert_eq!(one.columns, ["b", "a"], "in the order they stand in");
        let zone = layer(
            r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[37500000,4318000]}}],"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4525"}}}"#,
        );
        let Some(crate::Shape::Point(point)) = zone.features[0].shape else { panic!("a point") };
        assert!((point.x() - 111.0).abs() < 1e-9 && (38.9..39.1).contains(&point.y()), "{point:?}");
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        let error =
            |text: &str, limits| read(text.as_bytes(), limits).expect_err("the file is broken").to_string();
        let all = Limits::default();
        assert_eq!(
            error("{\"type\":", all),
            "cannot read the GeoJSON file: EOF while parsing a value at line 1 column 8"
        );
        assert_eq!(error("{}", all), "cannot read the GeoJSON file: `type` is missing");
        assert_eq!(
            error(r#"{"type":"FeatureCollection"}"#, all),
            "cannot read the GeoJSON file: `features` is missing"
        );
        let two = r#"{"type":"FeatureCollection","features":[{},{}]}"#;
        assert!(error(two, Limits { features: 1, ..all }).contains("more than 1 features"));
        assert!(
            error(r#"{"features":[],"crs":{"properties":{"name":"EPSG:4610"}}}"#, all).contains("Xian 1980")
        );
    }

    #[test]
    fn gbk_text_is_read() {
        let text = r#"{"type":"Feature","properties":{"名称":"桑干河"},"geometry":null}"#;
        let (bytes, ..) = GB18030.encode(text);
        let layer = read(&bytes, Limits::default()).expect("the file is sound");
        assert_eq!(layer.columns, ["名称"]);
        assert_eq!(layer.features[0].attributes[0], Value::from("桑干河"));
    }
}
