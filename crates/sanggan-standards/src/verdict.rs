//! Why the law gives no answer.

use jiff::civil::Date;

use crate::{Averaging, Pollutant};

/// Why something cannot be judged. An answer in its own right, never a pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unjudged {
    /// No edition held nationwide on that day; `phased_in` names one that some cities already used.
    #[error("no edition of {standard} was in force nationwide on {day}")]
    NoEditionInForce {
        /// The standard asked for.
        standard: &'static str,
        /// The day.
        day: Date,
        /// The edition that was being introduced city by city on that day, to be asked for by name.
        phased_in: Option<String>,
    },
    /// The edition asked for by name does not exist.
    #[error("{standard} has no edition `{edition}`")]
    NoSuchEdition {
        /// The standard asked for.
        standard: &'static str,
        /// The name given.
        edition: String,
    },
    /// The edition sets no limit for this parameter and averaging time.
    #[error("{edition} has no limit for {parameter}, {averaging}")]
    NoLimit {
        /// The edition consulted.
        edition: String,
        /// The parameter.
        parameter: String,
        /// The averaging time.
        averaging: &'static str,
    },
    /// No concentration was given at all.
    #[error("nothing was measured")]
    NothingMeasured,
    /// Some pollutants are missing and the rest give an index that may not be published (HJ 633-2026, 5.3.1).
    #[error(
        "incomplete: the others give {would_be}, not above {publish_above}, so the index is not published"
    )]
    Incomplete {
        /// The pollutants without a valid value.
        missing: Vec<Pollutant>,
        /// The index from the others.
        would_be: u16,
        /// Only a larger index is published.
        publish_above: u16,
    },
    /// The value is invalid by the rule on the least amount of data.
    #[error("too few data: {used} of {required}")]
    TooFewData {
        /// What there was.
        used: u32,
        /// What the rule asks for.
        required: u32,
    },
    /// The value given is no concentration (negative, infinite, not a number).
    #[error("`{value}` is no concentration")]
    NotAConcentration {
        /// The value as text.
        value: String,
    },
    /// The figure was not given.
    #[error("no {averaging} value of {pollutant}")]
    Missing {
        /// Symbol of the pollutant.
        pollutant: &'static str,
        /// Name of the averaging time.
        averaging: &'static str,
    },
}

impl Unjudged {
    /// The word for it in the API.
    pub fn code(&self) -> &'static str {
        match self {
            Unjudged::NoEditionInForce { .. } => "no_edition_in_force",
            Unjudged::NoSuchEdition { .. } => "no_such_edition",
            Unjudged::NoLimit { .. } => "no_limit",
            Unjudged::NothingMeasured => "nothing_measured",
            Unjudged::Incomplete { .. } => "incomplete",
            Unjudged::TooFewData { .. } => "too_few_data",
            Unjudged::NotAConcentration { .. } => "not_a_concentration",
            Unjudged::Missing { .. } => "missing",
        }
    }

    pub(crate) fn missing(pollutant: Pollutant, averaging: Averaging) -> Unjudged {
        Unjudged::Missing { pollutant: pollutant.symbol(), averaging: averaging.name() }
    }
}
