//! A question to a register: which records, in what order, how many.

use jiff::civil::Date;
use sanggan_base::Millis;

use crate::{Record, Value};

/// How a field is tested.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Is one of these (one value: equals). Of a field with several values: has one of these.
    In(Vec<Value>),
    /// Is none of these, or is empty.
    NotIn(Vec<Value>),
    /// Below.
    Less(Value),
    /// Not above.
    AtMost(Value),
    /// Above.
    More(Value),
    /// Not below.
    AtLeast(Value),
    /// The text has these characters in it.
    Has(String),
    /// Is empty (`true`) or filled (`false`).
    Empty(bool),
}

/// One condition; all of an [`Ask`] hold together.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// A field of the register, or `_state`, `_changed_at`, `_schematic`.
    pub field: String,
    /// The test.
    pub test: Test,
}

/// One column of the order. A record's number always comes last, so that paging is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// A field, `_state`, `_changed_at` or `_due`.
    pub field: String,
    /// Largest first.
    pub descending: bool,
}

/// A rectangle, WGS-84 degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// West.
    pub west: f64,
    /// South.
    pub south: f64,
    /// East.
    pub east: f64,
    /// North.
    pub north: f64,
}

/// Which records by what is due: a review, or the deadline of their state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The day has passed.
    Overdue,
    /// It has passed or comes within this many days.
    Within(u16),
}

/// Whether the whole number of matching records is counted too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Total {
    /// Not counted.
    #[default]
    No,
    /// Counted exactly.
    Exact,
}

/// A question.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ask {
    /// Words that the searched fields must hold, Chinese or not; empty: any.
    pub words: String,
    /// All hold.
    pub conditions: Vec<Condition>,
    /// Shapes that touch this.
    pub bounds: Option<Bounds>,
    /// Only what is due.
    pub due: Option<Due>,
    /// Today, for what is due.
    pub today: Option<Date>,
    /// The registers as they were at this moment; `None`: as they are.
    pub as_of: Option<Millis>,
    /// Records taken out of the register too.
    pub retired: bool,
    /// The order; empty: by number.
    pub sort: Vec<Sort>,
    /// Where the last page ended (the answer's `next`); `None`: from the beginning. Never an offset: the thousandth
    /// page costs what the first does.
    pub after: Option<String>,
    /// At most this many records; 0: 100.
    pub limit: u32,
    /// Whether to count.
    pub total: Total,
}

/// One page of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// For [`Ask::after`]; `None`: this was the last page.
    pub next: Option<String>,
    /// How many match in all, when asked.
    pub total: Option<u64>,
}
