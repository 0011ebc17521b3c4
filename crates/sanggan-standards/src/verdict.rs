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
    /// The data file of the edition lacks a number the evaluator needs.
    #[error("{edition} says nothing of {what}")]
    NotInTheLaw {
        /// The edition consulted.
        edition: String,
        /// What was looked for.
        what: String,
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
            Unjudged::NotInTheLaw { .. } => "not_in_the_law",
            Unjudged::Missing { .. } => "missing",
        }
    }

    /// The reason in both languages.
    pub fn text(&self) -> crate::Text {
        let zh = match self {
            Unjudged::NoEditionInForce { standard, day, phased_in: None } => {
                format!("{day} 没有在全国施行的 {standard} 版本")
            }
            Unjudged::NoEditionInForce { standard, day, phased_in: Some(edition) } => {
                format!(
                    "{day} 没有在全国施行的 {standard} 版本（{edition} 版当时分期实施，可指明版本再评价）"
                )
            }
            Unjudged::NoSuchEdition { standard, edition } => format!("{standard} 没有“{edition}”版"),
            Unjudged::NoLimit { edition, parameter, averaging } => {
                let averaging = Averaging::from_name(averaging).map_or(*averaging, Averaging::name_zh);
                format!("{edition} 没有 {parameter} 的{averaging}限值")
            }
            Unjudged::NothingMeasured => "没有监测值".to_owned(),
            Unjudged::Incomplete { missing, would_be, publish_above } => {
                let names: Vec<&str> = missing.iter().map(|one| one.symbol()).collect();
                format!(
                    "缺 {}；其余项目的指数为 {would_be}，不大于 {publish_above}，按规定不发布",
                    names.join("、")
                )
            }
            Unjudged::TooFewData { used, required } => {
                format!("有效数据不足：有 {used} 个，应有 {required} 个")
            }
            Unjudged::NotAConcentration { value } => format!("“{value}”不是浓度"),
            Unjudged::NotInTheLaw { edition, what } => format!("{edition} 的数据文件没有“{what}”"),
            Unjudged::Missing { pollutant, averaging } => {
                let averaging = Averaging::from_name(averaging).map_or(*averaging, Averaging::name_zh);
                format!("缺 {pollutant} 的{averaging}值")
            }
        };
        crate::Text::new(zh, self.to_string())
    }

    pub(crate) fn missing(pollutant: Pollutant, averaging: Averaging) -> Unjudged {
        Unjudged::Missing { pollutant: pollutant.symbol(), averaging: averaging.name() }
    }
}
