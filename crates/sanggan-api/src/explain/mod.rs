//! How a number came to be, one step at a time.
//!
//! Every explanation lists its inputs with the paths of their own, so a figure can be walked down:
//! year → days → hours → observations → the packet with its hash.
//!
//! * EXPLAIN-1: what is listed as used is what the figure was made of; where the two cannot be made to agree
//!   the explanation says so instead of showing other inputs.

mod annual;
mod aqi;
mod observation;
mod recipe;
mod rules;
mod statistic;

pub(crate) use annual::annual;
pub(crate) use aqi::{aqi_day, aqi_hour};
pub(crate) use observation::observation;
pub(crate) use statistic::statistic;

use sanggan_base::Millis;

use crate::auth::Caller;
use crate::dto::Names;
use crate::{AppState, words};

/// Who asks for an explanation, and as of when.
pub(crate) struct Asker<'a> {
    pub(crate) state: &'a AppState,
    pub(crate) caller: &'a Caller,
    pub(crate) as_of: Option<Millis>,
}

impl Asker<'_> {
    fn as_of_text(&self) -> String {
        self.as_of.unwrap_or_else(|| self.state.now()).to_string()
    }
}

/// A value in a formula: as few digits as say it exactly enough.
fn number(value: f64) -> String {
    sanggan_standards::exact(value)
        .map_or_else(|| value.to_string(), |decimal| decimal.round_dp(6).normalize().to_string())
}

/// `station · parameter · what · when` in both languages.
fn title(state: &AppState, station: &sanggan_base::StationCode, parts: &[Names]) -> Names {
    let place = words::station(state, station);
    let mut title = Names::new(place.zh, place.en);
    for part in parts {
        title.zh.push_str(" · ");
        title.zh.push_str(&part.zh);
        title.en.push_str(" · ");
        title.en.push_str(&part.en);
    }
    title
}
