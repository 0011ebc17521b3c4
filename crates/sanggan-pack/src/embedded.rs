//! The packs built into the program.

use crate::pack::Files;

/// Every file of `packs/china`, by its path there.
const NATIONAL: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/china.rs"));

/// Every file of `packs/shuozhou`.
const CITY: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/shuozhou.rs"));

fn files(list: &[(&str, &str)]) -> Files {
    list.iter().map(|&(path, text)| (path.to_owned(), text.to_owned())).collect()
}

/// The files of `packs/china`.
pub(crate) fn national() -> Files {
    files(NATIONAL)
}

/// The files of `packs/shuozhou`.
pub(crate) fn city() -> Files {
    files(CITY)
}
