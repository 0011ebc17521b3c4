//! One form for every evaluator: rows of named cells in, one answer a row (or a group of rows) out.
//!
//! The same evaluator is reached from a spreadsheet, from SQL, over HTTP and from a form on a page, and always through
//! an [`Assessment`]: it says which columns it reads, in which units, under which names, and what it answers. So a new
//! evaluator needs no command, no function, no address and no page of its own.
//!
//! Read first: [`Assessment`], [`Binding`], [`Answer`].
//!
//! * ASSESS-1: a cell that cannot be read leaves its row unjudged; it is never skipped to reach a class.
//! * ASSESS-2: an empty cell is "not measured": the evaluator says whether it can judge without it.
//! * ASSESS-3: a value is brought to the unit of the law before it is compared, or refused.

mod answer;
mod column;
mod row;

pub use answer::{Answer, CannotTell, ClassAnswer, Exclusion, Figure, ItemAnswer};
pub use column::{Column, ColumnChoice, ColumnKind};
pub use row::{Binding, BoundColumn, Cell, Fault, Measured, Row, parse_day};

use crate::edition::{Basis, Edition, Text, Theme};
use crate::law::Law;

/// One evaluator, as everything outside this crate sees it.
#[derive(Debug)]
pub struct Assessment {
    /// Its id in commands, functions and addresses (`water`, `air-day`).
    pub id: &'static str,
    /// What it is about.
    pub theme: Theme,
    /// Its name, Chinese and English.
    pub title: (&'static str, &'static str),
    /// What it decides and what it leaves undecided, in a sentence or two, Chinese and English.
    pub about: (&'static str, &'static str),
    /// The standards it rests on; the first is the one of which an edition may be asked for.
    pub standards: &'static [&'static str],
    /// Which rows belong to one answer.
    pub rows: Rows,
    /// The columns it reads.
    pub columns: fn(&Law) -> Vec<Column>,
    /// The further figures it may answer, (key, Chinese, English), beside value and class.
    pub figures: &'static [(&'static str, &'static str, &'static str)],
    /// A worked example, (column, cell) by row; shown in forms and documents, and run by the tests.
    pub example: &'static [&'static [(&'static str, &'static str)]],
    /// Judges the rows of one answer; one row where [`Rows::Each`].
    pub judge: fn(&Law, &[Row], Basis<'_>) -> Answer,
}

/// Which rows belong to one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Each row is judged by itself.
    Each,
    /// Rows that agree in these columns are judged together.
    By(&'static [&'static str]),
}

impl Assessment {
    /// Its name.
    pub fn title(&self) -> Text {
        Text::new(self.title.0, self.title.1)
    }

    /// What it decides.
    pub fn about(&self) -> Text {
        Text::new(self.about.0, self.about.1)
    }

    /// Judges rows: those with a cell that cannot be read are answered with the reason (ASSESS-1).
    /// The day is that of the first row's `day` column, else the one of `basis`.
    pub fn answer(&self, law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
        self.answer_with(law, (self.columns)(law).iter(), rows, basis)
    }

    /// The same for rows that a binding read, without listing the columns once more for each answer: for bulk.
    pub fn answer_bound(&self, law: &Law, binding: &Binding, rows: &[Row], basis: Basis<'_>) -> Answer {
        let columns = binding.columns().iter().map(|bound| &bound.column).chain(binding.missing());
        self.answer_with(law, columns, rows, basis)
    }

    fn answer_with<'c>(
        &self,
        law: &Law,
        mut columns: impl Iterator<Item = &'c Column>,
        rows: &[Row],
        basis: Basis<'_>,
    ) -> Answer {
        let faults: Vec<&Fault> = rows.iter().flat_map(|row| &row.faults).collect();
        if !faults.is_empty() {
            return Answer::unreadable(&faults);
        }
        let day = rows.first().and_then(|row| row.day("day"));
        let basis = match (basis, day) {
            (Basis::OfDay(_), Some(day)) => Basis::OfDay(day),
            (Basis::Edition(name, _), Some(day)) => Basis::Edition(name, day),
            (basis, None) => basis,
        };
        let missing =
            |column: &&Column| column.required && rows.iter().any(|row| row.cell(&column.key).is_none());
        match columns.find(missing) {
            Some(column) => Answer::cannot_tell(CannotTell::new(
                "missing",
                format!("缺少：{}", column.name.zh),
                format!("missing: {}", column.name.en),
            )),
            None => (self.judge)(law, rows, basis),
        }
    }

    /// The basis of an edition asked for belongs to the first standard; the others are picked by the day.
    /// Evaluators that consult several standards use this for the second and later ones.
    pub fn by_day(basis: Basis<'_>) -> Basis<'static> {
        Basis::OfDay(basis.day())
    }

    /// The editions that may be asked for.
    pub fn editions<'a>(&self, law: &'a Law) -> Vec<&'a Edition> {
        let first = self.standards.first().copied().unwrap_or_default();
        law.editions().iter().filter(|edition| edition.standard == first).collect()
    }
}

/// Every assessment, by theme and in the order of the library.
pub fn assessments() -> impl Iterator<Item = &'static Assessment> {
    [
        crate::air::ASSESSMENTS,
        crate::trend::ASSESSMENTS,
        crate::water::ASSESSMENTS,
        crate::groundwater::ASSESSMENTS,
        crate::soil::ASSESSMENTS,
        crate::noise::ASSESSMENTS,
        crate::radiation::ASSESSMENTS,
        crate::discharge::ASSESSMENTS,
        crate::waste::ASSESSMENTS,
        crate::enterprise::ASSESSMENTS,
        crate::climate::ASSESSMENTS,
        crate::ecology::ASSESSMENTS,
    ]
    .into_iter()
    .flatten()
}

/// The assessment of this id.
pub fn assessment(id: &str) -> Option<&'static Assessment> {
    assessments().find(|one| one.id == id)
}
