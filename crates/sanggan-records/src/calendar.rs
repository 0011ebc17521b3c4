//! Seasons (heating, ozone, flood, harvest …): in which a day lies, from the windows that were decided for each year.
//!
//! A window that nobody recorded is not a season that does not hold: then it cannot be told.

use jiff::civil::Date;
use serde::Serialize;

use crate::{Model, Record, RecordId, Value, rights};

/// The register whose records are the windows.
pub const SEASONS: &str = "seasons";

/// One window: a season of one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Window {
    /// The record that says so.
    #[serde(rename = "rid")]
    pub id: RecordId,
    /// `heating`.
    pub kind: String,
    /// The year it belongs to; a window across New Year belongs to the year it begins in.
    pub year: i64,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Where it holds; `None`: in the whole city.
    pub area: Option<String>,
}

impl Window {
    /// The window that a record of [`SEASONS`] is; `None` when it is retired, of another register or not whole.
    pub fn of(model: &Model, record: &Record) -> Option<Window> {
        let def = model.def();
        if def.id != SEASONS || record.retired {
            return None;
        }
        let value = |field: &str| record.values.get(def.position(field)?);
        let day = |field: &str| match value(field)? {
            Value::Date(day) => Some(*day),
            _ => None,
        };
        let (from, until) = (day("starts_on")?, day("ends_on")?);
        Some(Window {
            id: record.id,
            kind: match value("kind")? {
                Value::Text(kind) => kind.clone(),
                _ => return None,
            },
            year: match value("year") {
                Some(Value::Integer(year)) => *year,
                _ => i64::from(from.year()),
            },
            from,
            until,
            area: rights::area_of(def, &record.values).map(str::to_owned),
        })
        .filter(|window| window.from <= window.until)
    }

    fn holds(&self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }
}

/// Whether a season holds on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Season {
    /// It does, by this window.
    Held(Window),
    /// It does not: the windows of the year are recorded, and the day lies in none.
    Not,
    /// No window of the year is recorded.
    CannotTell {
        /// The year whose window is wanted.
        year: i64,
    },
}

/// Windows that were recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    windows: Vec<Window>,
}

impl Calendar {
    /// The calendar of these windows.
    pub fn new(windows: impl IntoIterator<Item = Window>) -> Calendar {
        let mut windows: Vec<Window> = windows.into_iter().collect();
        windows.sort_by(|a, b| (&a.kind, a.from, a.id).cmp(&(&b.kind, b.from, b.id)));
        Calendar { windows }
    }

    /// Every kind of which there is a window.
    pub fn kinds(&self) -> Vec<&str> {
        let mut kinds: Vec<&str> = self.windows.iter().map(|window| window.kind.as_str()).collect();
        kinds.dedup();
        kinds
    }

    /// Whether the season holds on the day in the area (`None`: asked for the whole city, so that only windows of the
    /// whole city count). A window of the area itself goes before one of the city in the same year.
    ///
    /// Where seasons of the kind ever run across New Year, a day before its own year's window needs the window of the
    /// year before, too.
    pub fn in_season(&self, kind: &str, day: Date, area: Option<&str>) -> Season {
        let own = |year: i64| -> Vec<&Window> {
            let of_year = self.windows.iter().filter(|window| window.kind == kind && window.year == year);
            let (local, city): (Vec<&Window>, Vec<&Window>) = of_year
                .filter(|window| window.area.is_none() || window.area.as_deref() == area)
                .partition(|window| window.area.is_some());
            if local.is_empty() { city } else { local }
        };
        let year = i64::from(day.year());
        let (this, last) = (own(year), own(year - 1));
        if let Some(window) = this.iter().chain(&last).find(|window| window.holds(day)) {
            return Season::Held((*window).clone());
        }
        if this.is_empty() {
            return Season::CannotTell { year };
        }
        let crosses = self
            .windows
            .iter()
            .any(|window| window.kind == kind && i64::from(window.until.year()) > window.year);
        let begun = this.iter().any(|window| window.from <= day);
        if crosses && last.is_empty() && !begun {
            return Season::CannotTell { year: year - 1 };
        }
        Season::Not
    }
}
