//! The page and the example file that show every setting, made from the source.

use std::fmt::Write;

use toml::Value;

use crate::Settings;
use crate::settings::MEANINGS;
use crate::source::{defaults, variable};

/// Key with dots → what the source says of it.
fn meaning(key: &str) -> &'static str {
    let (section, name) = key.split_once('.').unwrap_or(("settings", key));
    MEANINGS
        .iter()
        .find(|(of, field, _)| {
            let of = of.trim_end_matches("Settings").to_ascii_lowercase();
            let of = if of.is_empty() { "settings" } else { of.as_str() };
            let of = if of == "pack" { "packs" } else { of };
            of == section && *field == name
        })
        .map_or("", |(_, _, text)| text.trim())
}

/// In the order of the source rather than of the alphabet.
fn in_order() -> Vec<(String, Value)> {
    let mut list = defaults();
    let place = |key: &str| MEANINGS.iter().position(|(_, _, text)| text.trim() == meaning(key));
    list.sort_by_key(|(key, _)| (key.contains('.'), place(key)));
    list
}

impl Settings {
    /// The keys with environment variable, default and meaning, as a Markdown page.
    pub fn reference() -> String {
        let mut page = String::from(
            "# Settings\n\n\
             Generated from `crates/sanggan-config`; do not edit.\n\n\
             A setting is looked for in the arguments (`--set key=value`), then in the environment, then in the file\n\
             (`sanggan.toml`, form: `sanggan.example.toml`), and has its default otherwise. An unknown key or variable is\n\
             an error.\n\n\
             | key | environment | default | meaning |\n|---|---|---|---|\n",
        );
        for (key, value) in in_order() {
            let meaning = meaning(&key).replace('|', "\\|");
            writeln!(page, "| `{key}` | `{}` | `{value}` | {meaning} |", variable(&key))
                .expect("writing to a string");
        }
        page
    }

    /// A settings file with every key at its default and what it means; `sanggan.example.toml`.
    pub fn example() -> String {
        let mut file = String::from(
            "# Every setting of Sanggan, at its default. Generated; see docs/reference/config.md.\n",
        );
        let mut open = String::new();
        for (key, value) in in_order() {
            let (section, name) = key.split_once('.').unwrap_or(("", &key));
            if section != open {
                write!(file, "\n[{section}]").expect("writing to a string");
                open = section.to_owned();
            }
            write!(file, "\n# {}\n{name} = {value}\n", meaning(&key)).expect("writing to a string");
        }
        file
    }
}
