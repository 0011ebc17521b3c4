//! Tables as people exchange them: CSV and XLSX, bytes in and bytes out, every cell as text with its line.
//!
//! Knows no file, no column's meaning and no law.
//!
//! Read first: [`read`], [`Entry`], [`CsvWriter`], [`XlsxWriter`].
//!
//! * SHEETS-1: a row is given as it stands or as bad with its line and reason; none is passed over in silence.
//! * SHEETS-2: no input makes this crate panic or take memory without bound.
//! * SHEETS-3: what is written opens in a spreadsheet as text and numbers, never as a formula.

mod csv_form;
mod text;
mod write;
mod xlsx_form;

pub use write::{CsvWriter, XlsxWriter};

/// How a table is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text with commas, semicolons or tabs between cells; UTF-8, UTF-16 or GB 18030.
    Csv,
    /// An Excel workbook (2007 and later).
    Xlsx,
}

impl Form {
    /// The form the bytes have: a workbook begins like a ZIP archive.
    pub fn of(bytes: &[u8]) -> Form {
        if bytes.starts_with(b"PK\x03\x04") { Form::Xlsx } else { Form::Csv }
    }
}

/// What is read, in the order of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry<'a> {
    /// The headings: the first row that has a cell.
    Headings(&'a [String]),
    /// A row with as many cells as there are headings. `line` counts from 1, as editors and spreadsheets show it.
    Row {
        /// Where it begins.
        line: u64,
        /// Its cells.
        cells: &'a [String],
    },
    /// A row that cannot be given.
    Bad {
        /// Where it begins.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
}

/// Bounds on what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows, without the headings.
    pub rows: u64,
    /// Columns.
    pub columns: usize,
    /// Bytes a workbook may unfold to.
    pub unfolded_bytes: u64,
}

impl Default for Limits {
    /// A million rows is what a sheet of Excel holds.
    fn default() -> Limits {
        Limits { rows: 1_100_000, columns: 1_000, unfolded_bytes: 2 << 30 }
    }
}

/// Says why a table cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SheetError {
    /// It has no row with a cell.
    #[error("the table is empty")]
    Empty,
    /// The bytes are no text in a known encoding.
    #[error("the text is neither UTF-8, UTF-16 nor GB 18030: line {line} cannot be read")]
    Encoding {
        /// The first line that fails.
        line: u64,
    },
    /// Two columns have the same heading.
    #[error("two columns are called `{0}`")]
    DoubleHeading(String),
    /// There is more than the bounds allow.
    #[error("the table has more than {bound} {what}")]
    TooLarge {
        /// Rows, columns, bytes.
        what: &'static str,
        /// The bound.
        bound: u64,
    },
    /// The workbook is damaged, protected or none.
    #[error("the workbook cannot be read")]
    Workbook(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The workbook has no such sheet.
    #[error("the workbook has no sheet `{wanted}`; it has: {}", there.join(", "))]
    NoSuchSheet {
        /// The name given.
        wanted: String,
        /// The names there are.
        there: Vec<String>,
    },
    /// The answer could not be written.
    #[error("the table cannot be written")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Reads a table and gives it to `each`, entry by entry. `sheet` names the sheet of a workbook; the first without it.
///
/// # Errors
/// [`SheetError`]; entries before the fault have been given by then.
/// What `each` returns stops the reading and is handed back as the inner error.
pub fn read<E>(
    bytes: &[u8],
    form: Form,
    sheet: Option<&str>,
    limits: Limits,
    each: impl FnMut(Entry<'_>) -> Result<(), E>,
) -> Result<Result<(), E>, SheetError> {
    match form {
        Form::Csv => csv_form::read(bytes, limits, each),
        Form::Xlsx => xlsx_form::read(bytes, sheet, limits, each),
    }
}

/// Cells of the heading row, blanks at the ends removed; trailing columns without a heading are dropped.
fn headings(mut cells: Vec<String>, limits: Limits) -> Result<Vec<String>, SheetError> {
    for cell in &mut cells {
        *cell = cell.trim().to_owned();
    }
    while cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    if limits.columns < cells.len() {
        return Err(SheetError::TooLarge { what: "columns", bound: limits.columns as u64 });
    }
    let mut sorted: Vec<&String> = cells.iter().filter(|cell| !cell.is_empty()).collect();
    sorted.sort();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(SheetError::DoubleHeading(pair[0].clone()));
    }
    Ok(cells)
}

/// Gives one row: as long as the headings (empty cells at its end do not count), or bad.
fn row<E>(
    line: u64,
    cells: &mut Vec<String>,
    headings: &[String],
    each: &mut impl FnMut(Entry<'_>) -> Result<(), E>,
) -> Result<(), E> {
    while headings.len() < cells.len() && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    if cells.len() == headings.len() {
        return each(Entry::Row { line, cells });
    }
    let why = format!("the row has {} cells and the headings are {}", cells.len(), headings.len());
    each(Entry::Bad { line, why })
}
