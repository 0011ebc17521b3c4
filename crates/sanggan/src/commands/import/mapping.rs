//! What the columns of a table of station-hours mean: a small TOML file.

use std::collections::BTreeMap;
use std::path::Path;

use sanggan_base::{AreaCode, ParameterCode, Unit};
use serde::Deserialize;

use crate::exit::Failure;

/// How the table lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Layout {
    /// One row a station and hour, one column a parameter.
    Rows,
    /// One row an hour and parameter, one column a station.
    Wide,
}

/// Whether the hour shown is the beginning or the end of the hour the mean is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HourStamp {
    /// 10 stands for 10:00 to 11:00.
    Begin,
    /// 10 stands for 09:00 to 10:00.
    End,
}

/// One column or type of value.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValueColumn {
    /// What it is.
    pub(crate) parameter: ParameterCode,
    /// The unit in the file.
    pub(crate) unit: Unit,
}

/// What a table's columns mean.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mapping {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) title: String,
    pub(crate) layout: Layout,
    /// Columns that together are the time; joined by a space.
    pub(crate) time: Vec<String>,
    /// How the joined text is read (strptime).
    pub(crate) time_format: String,
    pub(crate) stamp: HourStamp,
    /// Station code; `{column}` stands for the text of a column, `{site}` for the
    /// column's own name (wide), `{area}` for the area's code or the text of its column.
    pub(crate) station: String,
    /// Station name, made in the same way.
    pub(crate) station_name: String,
    /// Column that names the type of value (wide).
    pub(crate) type_column: Option<String>,
    /// Column looked up in `area`.
    pub(crate) area_column: Option<String>,
    /// Text of the area column → area code.
    #[serde(default)]
    pub(crate) area: BTreeMap<String, AreaCode>,
    /// Texts that mean there is no value.
    #[serde(default)]
    pub(crate) missing: Vec<String>,
    /// Columns (types) left out on purpose.
    #[serde(default)]
    pub(crate) ignored: Vec<String>,
    /// Columns (types) taken in.
    pub(crate) value: BTreeMap<String, ValueColumn>,
}

/// The area of stations whose area the mapping does not say.
pub(crate) const AREA_UNKNOWN: &str = "unknown";

impl Mapping {
    /// The mappings built into the program.
    pub(crate) fn built_in() -> Vec<Mapping> {
        [
            include_str!("../../../mappings/station-hours.toml"),
            include_str!("../../../mappings/china-sites.toml"),
        ]
        .iter()
        .map(|text| toml::from_str(text).expect("the built-in mappings are read by a test"))
        .collect()
    }

    /// The built-in mapping of this name, or the one in this file.
    pub(crate) fn find(name_or_file: &str) -> Result<Mapping, Failure> {
        if let Some(mapping) = Mapping::built_in().into_iter().find(|mapping| mapping.name == name_or_file) {
            return Ok(mapping);
        }
        let path = Path::new(name_or_file);
        let text = std::fs::read_to_string(path).map_err(Failure::file("read the mapping", path))?;
        Mapping::from_toml(&text).map_err(Failure::step(
            format!("read the mapping `{name_or_file}`"),
            sanggan_base::ErrorCode::BadInput,
        ))
    }

    fn from_toml(text: &str) -> Result<Mapping, Box<dyn std::error::Error + Send + Sync>> {
        let mapping: Mapping = toml::from_str(text)?;
        if mapping.time.is_empty() {
            return Err("`time` names no column".into());
        }
        if mapping.value.is_empty() {
            return Err("`value` names no column".into());
        }
        if mapping.layout == Layout::Wide && mapping.type_column.is_none() {
            return Err("a wide table needs `type_column`".into());
        }
        Ok(mapping)
    }

    /// Whether every column the mapping names is in `header` (of a wide table: time and type).
    pub(crate) fn fits(&self, header: &[String]) -> bool {
        let has = |name: &String| header.contains(name);
        let named = self.time.iter().chain(&self.type_column).chain(&self.area_column);
        named.into_iter().all(has) && (self.layout == Layout::Wide || self.value.keys().all(has))
    }

    /// The built-in mapping that fits `header`.
    pub(crate) fn fitting(header: &[String]) -> Option<Mapping> {
        Mapping::built_in().into_iter().find(|mapping| mapping.fits(header))
    }
}

/// Fills `{column}` in a template from `text_of`.
pub(crate) fn fill(template: &str, text_of: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, tail) =
            after.split_once('}').ok_or_else(|| format!("`{template}` has a `{{` without `}}`"))?;
        out.push_str(before);
        out.push_str(text_of(name).ok_or_else(|| format!("there is no column `{name}`"))?.trim());
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_mappings_are_found_by_name_and_by_header() {
        for mapping in Mapping::built_in() {
            assert_eq!(Mapping::find(&mapping.name).ok(), Some(mapping));
        }
        let header = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let name = |text| Mapping::fitting(&header(text)).map(|mapping| mapping.name);
        assert_eq!(name("date,hour,type,1001A,1002A").as_deref(), Some("china-sites"));
        assert_eq!(
            name("date,hour,city,station,aqi,level,primary,pm25,pm10,co,no2,o3_1h,o3_8h,so2").as_deref(),
            Some("station-hours")
        );
        assert_eq!(name("time,value"), None);
    }

    #[test]
    fn templates_take_their_columns() {
        let text = |name: &str| (name == "city").then(|| " a ".to_owned());
        assert_eq!(fill("x-{city}.", text), Ok("x-a.".to_owned()));
        assert!(fill("{town}", text).is_err());
        assert!(fill("{city", text).is_err());
    }

    #[test]
    fn a_mapping_that_cannot_work_is_refused() {
        let text = include_str!("../../../mappings/china-sites.toml");
        assert!(Mapping::from_toml(&text.replace("type_column = \"type\"", "")).is_err());
        assert!(Mapping::from_toml(&text.replace("a34004", "a 34004")).is_err());
        assert!(Mapping::from_toml(&text.replace("stamp = \"end\"", "stamp = \"ende\"")).is_err());
    }
}
