//! Judging by the worst single item, when some values are only known to lie below a detection limit.
//!
//! An item then has not one grade but a span: the best and the worst it may be. What is judged of all items is certain
//! where the worst of the best and the worst of the worst agree; where they do not, there is no answer, and no pass.

use rust_decimal::Decimal;

use crate::Rounding;
use crate::assess::{Cell, ClassAnswer, Exclusion, Measured};
use crate::edition::Text;
use crate::schema::general::Grade;

/// The grades an item may have, by number, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// The best it may be.
    pub(crate) best: usize,
    /// The worst it may be.
    pub(crate) worst: usize,
}

impl Span {
    /// A grade that is known.
    pub(crate) fn of(grade: usize) -> Span {
        Span { best: grade, worst: grade }
    }

    /// The grade, where it is known.
    pub(crate) fn known(self) -> Option<usize> {
        (self.best == self.worst).then_some(self.best)
    }

    /// Whether it is `grade` or better; `None` when that cannot be told.
    pub(crate) fn meets(self, grade: usize) -> Option<bool> {
        match (self.best <= grade, self.worst <= grade) {
            (_, true) => Some(true),
            (false, _) => Some(false),
            (true, false) => None,
        }
    }
}

/// The worst of several: the whole is as bad as its worst item.
pub(crate) fn worst(spans: impl IntoIterator<Item = Span>) -> Option<Span> {
    spans
        .into_iter()
        .reduce(|one, other| Span { best: one.best.max(other.best), worst: one.worst.max(other.worst) })
}

/// The span of a cell, when `grade` tells the grade of a number. Below a detection limit the value may be anything up
/// to it. `None` for cells that are no amounts.
pub(crate) fn of_amount(cell: &Cell, grade: impl Fn(Decimal) -> usize) -> Option<Span> {
    match cell {
        Cell::Number(Measured { value, below_detection: false }) => Some(Span::of(grade(*value))),
        Cell::Number(Measured { value, below_detection: true }) => {
            Some(Span { best: 0, worst: grade(*value) })
        }
        Cell::NotDetected => Some(Span::of(0)),
        _ => None,
    }
}

/// What is to be said of a cell that is not a plain number.
pub(crate) fn note_of(cell: &Cell, span: Span) -> Option<Text> {
    match cell {
        Cell::NotDetected => Some(Text::new(
            "未检出，未注明检出限，按低于最严限值计",
            "not detected, without its detection limit: taken as below the strictest limit",
        )),
        Cell::Number(Measured { value, below_detection: true }) if span.known().is_none() => Some(Text::new(
            format!("低于检出限 {value}，而检出限高于最严限值，不能定级"),
            format!("below the detection limit {value}, which is above the strictest limit: no grade"),
        )),
        Cell::Number(Measured { value, below_detection: true }) => {
            Some(Text::new(format!("低于检出限 {value}"), format!("below the detection limit {value}")))
        }
        _ => None,
    }
}

/// The number of a cell, for display; none where nothing was detected.
pub(crate) fn value_of(cell: &Cell) -> Option<Decimal> {
    match cell {
        Cell::Number(measured) => Some(measured.value),
        _ => None,
    }
}

/// The exceedance multiple (value − limit) / limit, half-even to so many decimals, where there is one.
pub(crate) fn multiple(cell: &Cell, limit: Decimal, digits: u32) -> Option<Decimal> {
    let Cell::Number(Measured { value, below_detection: false }) = cell else {
        return None;
    };
    if *value <= limit {
        return None;
    }
    (*value - limit).checked_div(limit).map(|multiple| Rounding::HalfEven(digits).apply(multiple).normalize())
}

/// A grade as an answer names it.
pub(crate) fn class(grades: &[Grade], id: &str) -> ClassAnswer {
    let found = grades.iter().find(|grade| grade.id == id);
    ClassAnswer {
        id: id.to_owned(),
        name: found.map_or_else(|| Text::same(id), |grade| grade.name.clone()),
        colour: found.and_then(|grade| grade.colour.clone()),
    }
}

/// Items of the standard that were not measured, as one exclusion that names them.
pub(crate) fn not_measured(names: &[&Text]) -> Option<Exclusion> {
    (!names.is_empty()).then(|| {
        let list = Text::joined(names, "、", ", ");
        Exclusion {
            what: Text::new(format!("{}项未测", names.len()), format!("{} items not measured", names.len())),
            why: Text::new(format!("未监测：{}", list.zh), format!("not measured: {}", list.en)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_is_certain_only_where_best_and_worst_agree() {
        let may = Span { best: 0, worst: 2 };
        assert_eq!(worst([may, Span::of(1)]), Some(Span { best: 1, worst: 2 }));
        assert_eq!(worst([may, Span::of(2)]).and_then(Span::known), Some(2));
        assert_eq!((may.meets(2), may.meets(1), Span::of(3).meets(2)), (Some(true), None, Some(false)));
        assert_eq!(worst([]), None);
    }
}
