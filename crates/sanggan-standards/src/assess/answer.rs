//! What an evaluator answers.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::Fault;
use crate::edition::{Edition, EditionId, Sourced, Status, Text};
use crate::{LimitVerdict, Unjudged};

/// One answer: value, class, what decided, and what vouches for it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The index or figure it is about.
    pub value: Option<Figure>,
    /// The class.
    pub class: Option<ClassAnswer>,
    /// Whether what was asked is met; `None` when nothing was to be met or it cannot be told.
    pub meets: Option<bool>,
    /// What decided: primary pollutants, worst items, the reason for the limit.
    pub deciding: Vec<Text>,
    /// The items one by one.
    pub items: Vec<ItemAnswer>,
    /// Further figures, by the keys the assessment declares.
    pub figures: Vec<Figure>,
    /// How the answer came about, step by step.
    pub steps: Vec<Text>,
    /// The edition that judged.
    pub edition: Option<EditionId>,
    /// Whether what judged is confirmed: the least sure table that was used.
    pub status: Option<Status>,
    /// The clauses.
    pub clause: Option<Text>,
    /// The rounding.
    pub rounding: Option<Text>,
    /// What was left out, and why.
    pub excluded: Vec<Exclusion>,
    /// Why there is no class or value.
    pub cannot_tell: Option<CannotTell>,
}

/// A named number.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: Text,
    /// The number, rounded as the rule says, with the digits it is shown with.
    pub value: Decimal,
    /// Its unit.
    pub unit: Unit,
}

impl Figure {
    /// A figure.
    pub fn new(key: &str, name: Text, value: Decimal, unit: Unit) -> Figure {
        Figure { key: key.to_owned(), name, value, unit }
    }
}

/// A class with its label and colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassAnswer {
    /// Its id in the data file.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// The colour the standard gives it.
    pub colour: Option<String>,
}

/// One item of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemAnswer {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: Text,
    /// The value compared, rounded, in the unit of the law.
    pub value: Option<Decimal>,
    /// The unit.
    pub unit: Unit,
    /// The limit it was compared with, as written in the law.
    pub limit: Option<Text>,
    /// Its class.
    pub class: Option<ClassAnswer>,
    /// Whether it meets.
    pub meets: Option<bool>,
    /// The exceedance multiple (超标倍数).
    pub multiple: Option<Decimal>,
    /// What is to be known of it.
    pub note: Option<Text>,
}

/// Something left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// What.
    pub what: Text,
    /// Why.
    pub why: Text,
}

/// Why there is no answer: an answer in its own right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannotTell {
    /// The word for it in the API.
    pub code: &'static str,
    /// The reason.
    pub text: Text,
}

impl CannotTell {
    /// A reason in both languages.
    pub fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> CannotTell {
        CannotTell { code, text: Text::new(zh, en) }
    }
}

impl From<Unjudged> for CannotTell {
    fn from(unjudged: Unjudged) -> CannotTell {
        CannotTell { code: unjudged.code(), text: unjudged.text() }
    }
}

impl Answer {
    /// No answer, and why.
    pub fn cannot_tell(why: impl Into<CannotTell>) -> Answer {
        Answer { cannot_tell: Some(why.into()), ..Answer::default() }
    }

    pub(crate) fn unreadable(faults: &[&Fault]) -> Answer {
        let parts: Vec<&Text> = faults.iter().map(|fault| &fault.why).collect();
        Answer {
            cannot_tell: Some(CannotTell { code: "unreadable", text: Text::joined(&parts, "；", "; ") }),
            excluded: faults
                .iter()
                .map(|fault| Exclusion { what: fault.column.clone(), why: fault.why.clone() })
                .collect(),
            ..Answer::default()
        }
    }

    /// The answer with what vouches for it: the edition, and the tables consulted. Called once a table or with all.
    #[must_use]
    pub fn by(mut self, edition: &Edition, tables: &[&Sourced]) -> Answer {
        self.edition.get_or_insert_with(|| edition.id.clone());
        for table in tables {
            let status = self.status.map_or(table.status, |status| status.min(table.status));
            self.status = Some(status);
            let several = |have: &Option<Text>, more: &Text| match have {
                Some(have) if have.zh.contains(&more.zh) => have.clone(),
                Some(have) => Text::joined(&[have, more], "；", "; "),
                None => more.clone(),
            };
            let cited = edition.citation();
            let clause = Text::new(
                format!("{} {}", cited.zh, table.clause.zh),
                format!("{} {}", cited.en, table.clause.en),
            );
            self.clause = Some(several(&self.clause, &clause));
            self.rounding = Some(several(&self.rounding, &table.rounding));
        }
        self
    }

    /// A further figure.
    #[must_use]
    pub fn figure(mut self, figure: Figure) -> Answer {
        self.figures.push(figure);
        self
    }

    /// The figure of this key.
    pub fn get(&self, key: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.key == key)
    }

    /// The answer in one line, as the case files state it, in Chinese terms with ids for classes.
    pub fn line(&self) -> String {
        let mut parts = Vec::new();
        if let Some(value) = &self.value {
            parts.push(format!("{}={}", value.key, value.value));
        }
        if let Some(class) = &self.class {
            parts.push(format!("class {}", class.id));
        }
        if let Some(meets) = self.meets {
            parts.push(if meets { "met" } else { "not met" }.to_owned());
        }
        if !self.deciding.is_empty() {
            let names: Vec<&str> = self.deciding.iter().map(|text| text.zh.as_str()).collect();
            parts.push(format!("by {}", names.join("+")));
        }
        for item in self.items.iter().filter(|item| item.multiple.is_some()) {
            if let Some(multiple) = item.multiple {
                parts.push(format!("{} ×{multiple}", item.key));
            }
        }
        parts.extend(self.figures.iter().map(|figure| format!("{}={}", figure.key, figure.value)));
        if !self.excluded.is_empty() && self.cannot_tell.is_none() {
            let names: Vec<&str> = self.excluded.iter().map(|one| one.what.zh.as_str()).collect();
            parts.push(format!("without {}", names.join("+")));
        }
        if let Some(why) = &self.cannot_tell {
            parts.push(format!("cannot tell ({}): {}", why.code, why.text.en));
        }
        if self.status == Some(Status::Unconfirmed) {
            parts.push("unconfirmed".to_owned());
        }
        if let Some(edition) = &self.edition {
            parts.push(format!("[{edition}]"));
        }
        parts.join(", ")
    }
}

impl ItemAnswer {
    /// Whether a limit's verdict meets, and its multiple.
    pub fn verdict(mut self, verdict: &LimitVerdict) -> ItemAnswer {
        self.meets = verdict.meets();
        if let LimitVerdict::Exceeded { multiple, .. } = verdict {
            self.multiple = Some(*multiple);
        }
        self
    }
}
