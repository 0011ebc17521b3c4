//! The packs built into the program.

use crate::pack::Files;

const NATIONAL: &[(&str, &str)] = &[
    ("parameters.toml", include_str!("../../../packs/china/parameters.toml")),
    ("defaults.toml", include_str!("../../../packs/china/defaults.toml")),
    ("limits.toml", include_str!("../../../packs/china/limits.toml")),
];

const CITY: &[(&str, &str)] = &[
    ("city.toml", include_str!("../../../packs/shuozhou/city.toml")),
    ("outline.geojson", include_str!("../../../packs/shuozhou/outline.geojson")),
    ("limits.toml", include_str!("../../../packs/shuozhou/limits.toml")),
    ("demo.toml", include_str!("../../../packs/shuozhou/demo.toml")),
];

/// The city's own law, `law/<standard>/<edition>.toml`.
const LAW: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/law.rs"));

fn files(list: &[(&str, &str)]) -> Files {
    list.iter().map(|&(path, text)| (path.to_owned(), text.to_owned())).collect()
}

/// The files of `packs/china`.
pub(crate) fn national() -> Files {
    files(NATIONAL)
}

/// The files of `packs/shuozhou`.
pub(crate) fn city() -> Files {
    let mut all = files(CITY);
    all.extend(files(LAW));
    all
}
