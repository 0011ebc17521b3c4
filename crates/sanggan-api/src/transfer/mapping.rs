//! Which column of a table fills which field.

use std::collections::BTreeMap;

use sanggan_pack::{FieldKind, RegisterDef};

/// Columns of an export that are no fields, and are passed over when such a table comes back.
const OWN_COLUMNS: &[&str] =
    &["rid", "_version", "_state", "_changed_at", "_changed_by", "_schematic", "_due"];

/// Columns that together are a point.
const LON: &[&str] = &["lon", "lng", "longitude", "x", "经度", "东经"];
const LAT: &[&str] = &["lat", "latitude", "y", "纬度", "北纬"];

/// The name under which the shapes of a layer stand among its columns.
pub const SHAPE_COLUMN: &str = "geometry";

/// Where a field's text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum From {
    /// One column.
    Column(usize),
    /// Two columns that make a point.
    LonLat(usize, usize),
}

/// A mapping made sense of: for each field position, where its text comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    /// By position in the definition.
    pub fields: BTreeMap<usize, From>,
}

/// What a mapping somebody gave is wrong about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// No such column.
    #[error("the table has no column `{column}`; it has: {}", there.join(", "))]
    NoColumn {
        /// The name given.
        column: String,
        /// The columns there are.
        there: Vec<String>,
    },
    /// No such field, or one that is computed.
    #[error("`{register}` has no field `{field}` that can be filled in")]
    NoField {
        /// The register.
        register: String,
        /// The name given.
        field: String,
    },
    /// Two columns for one field.
    #[error("two columns fill `{field}`: `{first}` and `{second}`")]
    Twice {
        /// The field.
        field: String,
        /// One column.
        first: String,
        /// The other.
        second: String,
    },
    /// Longitude without latitude, or the reverse.
    #[error(
        "a point needs both a column of longitudes (`FIELD.lon`) and one of latitudes (`FIELD.lat`): `{field}`"
    )]
    HalfPoint {
        /// The field.
        field: String,
    },
    /// No column fills any field.
    #[error("no column of the table fits a field of `{register}`; name them in `mapping`")]
    Nothing {
        /// The register.
        register: String,
    },
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !"()（）[]【】_-:：/.*".contains(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

/// A heading without the unit an export puts behind it: `流量 (t/d)` → `流量`.
fn without_unit(heading: &str) -> &str {
    heading.split(['(', '（', '[']).next().unwrap_or(heading).trim()
}

/// Proposes a field for each column: its id, its name in Chinese or English, with or without a unit behind it.
/// `FIELD.lon` and `FIELD.lat` stand for the halves of a point; columns that fit nothing are left out.
pub fn propose(def: &RegisterDef, headings: &[String]) -> BTreeMap<String, String> {
    let mut proposed = BTreeMap::new();
    let mut taken: Vec<&str> = Vec::new();
    for heading in headings {
        let (whole, bare) = (plain(heading), plain(without_unit(heading)));
        let fits = |field: &&sanggan_pack::Field| {
            [&field.id, &field.name.zh, &field.name.en].into_iter().any(|name| {
                let name = plain(name);
                !name.is_empty() && (name == whole || name == bare)
            })
        };
        let field = def
            .fields
            .iter()
            .filter(|field| can_be_filled(&field.kind) && !taken.contains(&field.id.as_str()))
            .find(fits);
        if let Some(field) = field {
            taken.push(&field.id);
            proposed.insert(heading.clone(), field.id.clone());
        }
    }
    if let Some(place) = def.geometry.as_deref().and_then(|id| def.field(id))
        && !taken.contains(&place.id.as_str())
    {
        let find = |names: &[&str]| headings.iter().find(|heading| names.contains(&plain(heading).as_str()));
        let shape = headings.iter().find(|heading| heading.as_str() == SHAPE_COLUMN);
        if let Some(shape) = shape {
            proposed.insert(shape.clone(), place.id.clone());
        } else if let (Some(lon), Some(lat)) = (find(LON), find(LAT)) {
            proposed.insert(lon.clone(), format!("{}.lon", place.id));
            proposed.insert(lat.clone(), format!("{}.lat", place.id));
        }
    }
    proposed
}

/// Whether somebody may fill in a field of this kind.
pub(crate) fn can_be_filled(kind: &FieldKind) -> bool {
    !matches!(kind, FieldKind::Computed { .. })
}

/// Columns that a table of our own carries beside fields.
pub fn is_own_column(heading: &str) -> bool {
    OWN_COLUMNS.contains(&heading)
}

impl Mapping {
    /// Makes sense of `given`: heading → field. An empty field passes a column over.
    ///
    /// # Errors
    /// [`MappingError`].
    pub fn read(
        def: &RegisterDef,
        headings: &[String],
        given: &BTreeMap<String, String>,
    ) -> Result<Mapping, MappingError> {
        let mut mapping = Mapping::default();
        let mut halves: BTreeMap<usize, [Option<usize>; 2]> = BTreeMap::new();
        for (heading, field) in given.iter().filter(|(_, field)| !field.is_empty()) {
            let column = headings.iter().position(|known| known == heading).ok_or_else(|| {
                MappingError::NoColumn { column: heading.clone(), there: headings.to_vec() }
            })?;
            let no_field = || MappingError::NoField { register: def.id.clone(), field: field.clone() };
            let (name, half) = match field.rsplit_once('.') {
                Some((name, "lon")) => (name, Some(0)),
                Some((name, "lat")) => (name, Some(1)),
                _ => (field.as_str(), None),
            };
            let position = def.position(name).ok_or_else(no_field)?;
            if !can_be_filled(&def.fields[position].kind) {
                return Err(no_field());
            }
            let twice = |first: usize| MappingError::Twice {
                field: name.to_owned(),
                first: headings[first].clone(),
                second: heading.clone(),
            };
            match half {
                Some(half) => {
                    if !matches!(def.fields[position].kind, FieldKind::Geometry { .. }) {
                        return Err(no_field());
                    }
                    let slot = &mut halves.entry(position).or_default()[half];
                    if let Some(first) = slot.replace(column) {
                        return Err(twice(first));
                    }
                }
                None => {
                    if let Some(From::Column(first)) = mapping.fields.insert(position, From::Column(column)) {
                        return Err(twice(first));
                    }
                }
            }
        }
        for (position, half) in halves {
            let [Some(lon), Some(lat)] = half else {
                return Err(MappingError::HalfPoint { field: def.fields[position].id.clone() });
            };
            if let Some(From::Column(first)) = mapping.fields.insert(position, From::LonLat(lon, lat)) {
                return Err(MappingError::Twice {
                    field: def.fields[position].id.clone(),
                    first: headings[first].clone(),
                    second: headings[lon].clone(),
                });
            }
        }
        if mapping.fields.is_empty() {
            return Err(MappingError::Nothing { register: def.id.clone() });
        }
        Ok(mapping)
    }
}
