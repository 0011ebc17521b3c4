//! Reading the general tables of an edition: the evaluators' way to every number of the law.

use rust_decimal::Decimal;

use crate::circumstances::{Circumstances, Holds};
use crate::edition::{Basis, Edition, Sourced, Text};
use crate::law::{Law, Loaded};
use crate::schema::general::{
    Band, Bands, Bound, Circumstance, Conditional, FactorRow, Factors, Grade, Graded, GradedRow, Item,
    LimitCell, List, Scores,
};
use crate::schema::{Content, TableForm};
use crate::{Rounding, Unjudged};

/// An edition and its tables, as an evaluator reads them.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'a> {
    pub(crate) loaded: &'a Loaded,
}

macro_rules! by_kind {
    ($($(#[$doc:meta])* $name:ident -> $body:ty = $variant:ident),+ $(,)?) => {
        $($(#[$doc])*
        pub fn $name(&self, id: &str) -> Option<(Sourced, &'a $body)> {
            self.loaded.tables.iter().find_map(|table| match &table.content {
                Content::$variant(body) if table.id == id => Some((table.sourced(), body)),
                _ => None,
            })
        })+
    };
}

impl<'a> Tables<'a> {
    /// The edition.
    pub fn edition(&self) -> &'a Edition {
        &self.loaded.edition
    }

    /// The circumstances its rows ask for.
    pub fn circumstances(&self) -> &'a [Circumstance] {
        &self.loaded.circumstances
    }

    by_kind! {
        /// Limits by grade.
        graded -> Graded = Graded,
        /// Limits by circumstances.
        conditional -> Conditional = Conditional,
        /// Values to classes.
        bands -> Bands = Bands,
        /// Named numbers.
        factors -> Factors = Factors,
        /// Questions with points.
        scores -> Scores = Scores,
        /// Entries.
        list -> List = List,
    }

    /// The grades of a table of grades, best first.
    pub fn grades(&self, id: &str) -> Option<(Sourced, &'a [Grade])> {
        self.loaded.tables.iter().find_map(|table| match &table.content {
            Content::Grades(body) if table.id == id => Some((table.sourced(), body.row.as_slice())),
            _ => None,
        })
    }

    /// A named number of a table of values.
    pub fn value(&self, table: &str, key: &str) -> Option<(Sourced, f64)> {
        self.loaded.tables.iter().find_map(|one| match &one.content {
            Content::Values(body) if one.id == table => Some((one.sourced(), *body.value.get(key)?)),
            _ => None,
        })
    }

    /// The same, or the error that names what the data file lacks.
    ///
    /// # Errors
    /// [`Unjudged::NotInTheLaw`].
    pub fn need<T>(&self, found: Option<T>, what: &str) -> Result<T, Unjudged> {
        found.ok_or_else(|| Unjudged::NotInTheLaw {
            edition: self.loaded.edition.id.as_str().to_owned(),
            what: what.to_owned(),
        })
    }
}

impl Law {
    /// The tables of the edition of `standard` that the basis names.
    ///
    /// # Errors
    /// [`Unjudged`] when none holds.
    pub fn tables(&self, standard: &'static str, basis: Basis<'_>) -> Result<Tables<'_>, Unjudged> {
        self.pick(standard, basis).map(|loaded| Tables { loaded })
    }

    /// The tables of the latest edition, for lists of items and circumstances (not for judging).
    pub fn latest(&self, standard: &str) -> Option<Tables<'_>> {
        let mut of_standard = self.loaded.iter().filter(|one| one.edition.standard == standard);
        of_standard.rfind(|one| one.edition.by_date).map(|loaded| Tables { loaded })
    }
}

impl Item {
    /// How a value is rounded before it is compared.
    pub fn rounding(&self) -> Rounding {
        self.digits.map_or(Rounding::None, Rounding::HalfEven)
    }
}

impl Graded {
    /// The item of this key.
    pub fn item(&self, key: &str) -> Option<&Item> {
        self.item.iter().find(|item| item.key == key)
    }

    /// The row of an item that holds in the circumstances.
    ///
    /// # Errors
    /// The circumstances that would have to be known.
    pub fn row(&self, key: &str, case: &Circumstances) -> Result<Option<&GradedRow>, Vec<String>> {
        let mut unknown = Vec::new();
        for row in self.row.iter().filter(|row| row.item == key) {
            match case.hold(&row.when) {
                Holds::Yes => return Ok(Some(row)),
                Holds::No => {}
                Holds::Unknown(keys) => unknown.extend(keys),
            }
        }
        unknown.sort();
        unknown.dedup();
        if unknown.is_empty() { Ok(None) } else { Err(unknown) }
    }

    /// The number of the best grade whose limit the value meets; the number of columns when it meets none.
    /// Cells that are words are passed over: an evaluator that knows the word looks at it first.
    pub fn grade_of(&self, row: &GradedRow, value: Decimal) -> usize {
        row.limits.iter().position(|limit| meets(row.bound, limit, value)).unwrap_or(row.limits.len())
    }

    /// The id of a grade by its number; the grade beyond for the number of columns.
    pub fn grade_id(&self, number: usize) -> Option<&str> {
        self.grades.get(number).map(String::as_str).or(self.beyond.as_deref())
    }
}

fn meets(bound: Bound, limit: &LimitCell, value: Decimal) -> bool {
    match (bound, limit) {
        (Bound::Max, LimitCell::Number(limit)) => value <= *limit,
        (Bound::Min, LimitCell::Number(limit)) => *limit <= value,
        (_, LimitCell::Range(from, to)) => *from <= value && value <= *to,
        _ => false,
    }
}

impl Bands {
    /// The band a value lies in, after the table's rounding, among those that hold in the circumstances.
    pub fn band(&self, value: Decimal, case: &Circumstances) -> Option<&Band> {
        let value = self.digits.map_or(Rounding::None, Rounding::HalfEven).apply(value);
        self.row.iter().find(|band| case.hold(&band.when) == Holds::Yes && band.contains(value))
    }
}

impl Band {
    /// Whether the number lies in it.
    pub fn contains(&self, number: Decimal) -> bool {
        self.at_least.is_none_or(|bound| bound <= number)
            && self.above.is_none_or(|bound| bound < number)
            && self.at_most.is_none_or(|bound| number <= bound)
            && self.below.is_none_or(|bound| number < bound)
    }
}

impl Factors {
    /// The row of this key (or HJ 524/525 code, name or alias) that holds in the circumstances.
    pub fn row(&self, name: &str, case: &Circumstances) -> Option<&FactorRow> {
        self.row.iter().find(|row| row.is_called(name) && case.hold(&row.when) == Holds::Yes)
    }

    /// A number by row and column.
    pub fn get(&self, row: &str, column: &str) -> Option<Decimal> {
        self.row(row, &Circumstances::new())?.values.get(column).copied()
    }
}

impl FactorRow {
    /// Whether this is the row's key, code, name or alias.
    pub fn is_called(&self, name: &str) -> bool {
        self.key == name
            || self.code.as_deref() == Some(name)
            || self.name.zh == name
            || self.name.en.eq_ignore_ascii_case(name)
            || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }
}

impl TableForm {
    pub(crate) fn heading(&self) -> Text {
        self.title.clone().unwrap_or_else(|| self.clause.clone())
    }
}
