//! Circumstances of a case (which water, which place, which season) and whether a row holds in them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::schema::general::{Condition, Span, When};

/// What is known of a case, by the keys of `when`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Circumstances {
    known: BTreeMap<String, Circumstance>,
}

/// One thing known.
#[derive(Debug, Clone, PartialEq)]
pub enum Circumstance {
    /// A choice, by its id.
    Choice(String),
    /// A number, in the unit of the circumstance.
    Number(Decimal),
    /// A day.
    Day(Date),
}

/// Whether a row holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Cannot tell: these circumstances are not known.
    Unknown(Vec<String>),
}

impl Circumstances {
    /// Nothing known.
    pub fn new() -> Circumstances {
        Circumstances::default()
    }

    /// The same with one more choice known.
    #[must_use]
    pub fn with(mut self, key: &str, choice: &str) -> Circumstances {
        self.set(key, Circumstance::Choice(choice.to_owned()));
        self
    }

    /// Makes one known.
    pub fn set(&mut self, key: &str, value: Circumstance) {
        self.known.insert(key.to_owned(), value);
    }

    /// What is known of `key`.
    pub fn get(&self, key: &str) -> Option<&Circumstance> {
        self.known.get(key)
    }

    /// The choice known of `key`.
    pub fn choice(&self, key: &str) -> Option<&str> {
        match self.known.get(key)? {
            Circumstance::Choice(id) => Some(id),
            _ => None,
        }
    }

    /// Whether a row with these conditions holds. One that fails decides, whatever is unknown besides.
    pub fn hold(&self, when: &When) -> Holds {
        let mut unknown = Vec::new();
        for (key, condition) in when {
            match self.known.get(key) {
                None => unknown.push(key.clone()),
                Some(known) if !met(condition, known) => return Holds::No,
                Some(_) => {}
            }
        }
        if unknown.is_empty() { Holds::Yes } else { Holds::Unknown(unknown) }
    }
}

fn met(condition: &Condition, known: &Circumstance) -> bool {
    match (condition, known) {
        (Condition::Is(id), Circumstance::Choice(choice)) => id == choice,
        (Condition::OneOf(ids), Circumstance::Choice(choice)) => ids.contains(choice),
        (Condition::Within(span), Circumstance::Number(number)) => span.contains(*number),
        (Condition::Within(span), Circumstance::Day(day)) => {
            span.from.is_none_or(|from| from <= *day) && span.before.is_none_or(|before| *day < before)
        }
        _ => false,
    }
}

impl Span {
    /// Whether the number lies in it.
    pub fn contains(&self, number: Decimal) -> bool {
        self.at_least.is_none_or(|bound| bound <= number)
            && self.above.is_none_or(|bound| bound < number)
            && self.at_most.is_none_or(|bound| number <= bound)
            && self.below.is_none_or(|bound| number < bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_guessed() {
        let when: When =
            toml::from_str("body = 'lake'\ncapacity = { above = 65 }\nbuilt = { before = 2006-01-01 }")
                .expect("conditions");
        let mut case = Circumstances::new();
        assert_eq!(case.hold(&when), Holds::Unknown(vec!["body".into(), "built".into(), "capacity".into()]));
        case = case.with("body", "river");
        assert_eq!(case.hold(&when), Holds::No);
        case = case.with("body", "lake");
        case.set("capacity", Circumstance::Number(Decimal::from(65)));
        assert_eq!(case.hold(&when), Holds::No);
        case.set("capacity", Circumstance::Number(Decimal::new(651, 1)));
        assert_eq!(case.hold(&when), Holds::Unknown(vec!["built".into()]));
        case.set("built", Circumstance::Day(jiff::civil::date(2005, 12, 31)));
        assert_eq!(case.hold(&when), Holds::Yes);
        case.set("built", Circumstance::Day(jiff::civil::date(2006, 1, 1)));
        assert_eq!(case.hold(&when), Holds::No);
    }
}
