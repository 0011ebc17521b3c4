//! Editions: which text of a standard holds on which day, and what vouches for a table of it.

use std::sync::Arc;

use jiff::civil::Date;

/// A text in both languages of the platform.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text of both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Text {
        Text { zh: zh.into(), en: en.into() }
    }

    /// A text that reads the same in both: a number, a code, a formula.
    pub fn same(text: impl Into<String>) -> Text {
        let text = text.into();
        Text { zh: text.clone(), en: text }
    }

    /// Several texts as one, the English ones with `en` between, the Chinese ones with `zh`.
    pub fn joined(parts: &[&Text], zh: &str, en: &str) -> Text {
        let all = |of: fn(&Text) -> &str, between: &str| {
            parts.iter().map(|text| of(text)).collect::<Vec<_>>().join(between)
        };
        Text { zh: all(|text| &text.zh, zh), en: all(|text| &text.en, en) }
    }
}

/// Names one edition: `HJ 633-2012`, `GB 3095-2026/transition`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct EditionId(pub(crate) Arc<str>);

impl EditionId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for EditionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How sure we are that a table says what the standard says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Seen by second hand or disputed; shown with a warning.
    Unconfirmed,
    /// Checked against the text of the standard or two independent copies.
    Confirmed,
}

/// What a standard is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Ambient air.
    Air,
    /// Surface water.
    Water,
    /// Groundwater.
    Groundwater,
    /// Soil and sludge.
    Soil,
    /// Noise.
    Noise,
    /// Radiation and electromagnetic fields.
    Radiation,
    /// Discharges of waste water and waste gas.
    Discharge,
    /// Waste.
    Waste,
    /// Taxes, penalties, credit, grades of enterprises.
    Enterprise,
    /// Greenhouse gases.
    Climate,
    /// Ecology and water resources.
    Ecology,
}

impl Theme {
    /// Every theme, in the order of the library.
    pub const ALL: [Theme; 11] = [
        Theme::Air,
        Theme::Water,
        Theme::Groundwater,
        Theme::Soil,
        Theme::Noise,
        Theme::Radiation,
        Theme::Discharge,
        Theme::Waste,
        Theme::Enterprise,
        Theme::Climate,
        Theme::Ecology,
    ];

    /// The name in data files and the API.
    pub fn name(self) -> &'static str {
        match self {
            Theme::Air => "air",
            Theme::Water => "water",
            Theme::Groundwater => "groundwater",
            Theme::Soil => "soil",
            Theme::Noise => "noise",
            Theme::Radiation => "radiation",
            Theme::Discharge => "discharge",
            Theme::Waste => "waste",
            Theme::Enterprise => "enterprise",
            Theme::Climate => "climate",
            Theme::Ecology => "ecology",
        }
    }

    /// The label.
    pub fn label(self) -> Text {
        let (zh, en) = match self {
            Theme::Air => ("环境空气", "Ambient air"),
            Theme::Water => ("地表水", "Surface water"),
            Theme::Groundwater => ("地下水", "Groundwater"),
            Theme::Soil => ("土壤", "Soil"),
            Theme::Noise => ("噪声", "Noise"),
            Theme::Radiation => ("辐射", "Radiation"),
            Theme::Discharge => ("排放", "Discharges"),
            Theme::Waste => ("固体废物", "Waste"),
            Theme::Enterprise => ("企业与监管", "Enterprises and enforcement"),
            Theme::Climate => ("温室气体", "Greenhouse gases"),
            Theme::Ecology => ("生态", "Ecology"),
        };
        Text::new(zh, en)
    }
}

/// What every table of a standard carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced {
    /// Clause or table of the standard.
    pub clause: Text,
    /// Where the numbers were read.
    pub source: Text,
    /// When somebody last compared them.
    pub checked_on: Date,
    /// How sure we are.
    pub status: Status,
    /// How figures of this table are rounded, in words.
    pub rounding: Text,
    /// What a reader should know (practice that differs from the text, doubts).
    pub note: Option<Text>,
}

/// One edition of one standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// Its id.
    pub id: EditionId,
    /// The standard it is an edition of (`HJ 633`).
    pub standard: String,
    /// The name within the standard (`2012`, `2026-transition`).
    pub name: String,
    /// The publication several editions belong to (`2026` for transition and final), for "what if" questions.
    pub family: String,
    /// Title of the standard.
    pub title: Text,
    /// What it is about.
    pub theme: Theme,
    /// The administrative division it holds in (`140000`); nationwide when absent.
    pub region: Option<String>,
    /// First day on which it holds nationwide.
    pub from: Date,
    /// Last day on which it holds; open when absent.
    pub to: Option<Date>,
    /// First day on which some cities used it already.
    pub phased_from: Option<Date>,
    /// The edition after it.
    pub replaced_by: Option<String>,
    /// Whether it is found by its date; `false` for an alternative reading that must be asked for by name.
    pub by_date: bool,
    /// The lowest status of its tables.
    pub status: Status,
    /// The data file, relative to `data/`.
    pub file: String,
}

impl Edition {
    /// How a clause of it is cited: by its number (`GB 3838-2002`), or by its title when the document has no number of
    /// its own.
    pub fn citation(&self) -> Text {
        if self.standard.starts_with(|first: char| first.is_ascii_uppercase()) {
            return Text::same(self.id.as_str());
        }
        Text::new(format!("《{}》", self.title.zh), self.title.en.clone())
    }

    /// The path by which people name it in an address: `gb-3095/2012`.
    pub fn slug(&self) -> &str {
        self.file.strip_suffix(".toml").unwrap_or(&self.file)
    }

    /// Whether the edition holds on `day`.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// Which edition judges: the one in force on a day, or one asked for ("what if").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis<'a> {
    /// The edition in force on this day.
    OfDay(Date),
    /// The edition with this name or of this family (`2012`, `2026`, `2026-final`, `HJ 633-2012`).
    /// Where a family has several editions the one in force on the day counts, else its first.
    Edition(&'a str, Date),
}

impl<'a> Basis<'a> {
    /// The basis for `day` with an optional edition asked for, as a query string gives it.
    pub fn new(day: Date, edition: Option<&'a str>) -> Basis<'a> {
        match edition {
            Some(name) => Basis::Edition(name, day),
            None => Basis::OfDay(day),
        }
    }

    /// The day judged.
    pub fn day(self) -> Date {
        match self {
            Basis::OfDay(day) | Basis::Edition(_, day) => day,
        }
    }
}
