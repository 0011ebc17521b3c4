//! Tables out.

use rust_xlsxwriter::{Format, Workbook, Worksheet};

use crate::SheetError;

/// The mark by which Excel knows that a CSV is UTF-8.
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether a spreadsheet would take the cell for a formula.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err()
}

/// Writes CSV in UTF-8, row by row. A cell that a spreadsheet would take for a formula gets an apostrophe before it.
#[derive(Debug)]
pub struct CsvWriter {
    writer: csv::Writer<Vec<u8>>,
}

impl CsvWriter {
    /// Begins with the headings.
    ///
    /// # Errors
    /// [`SheetError::Write`].
    pub fn new(headings: &[String]) -> Result<CsvWriter, SheetError> {
        let mut one = CsvWriter { writer: csv::Writer::from_writer(UTF8_MARK.to_vec()) };
        one.row(headings)?;
        Ok(one)
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`SheetError::Write`], also when the row is not as long as the headings.
    pub fn row(&mut self, cells: &[String]) -> Result<(), SheetError> {
        let failed = |error: csv::Error| SheetError::Write(error.into());
        for cell in cells {
            if is_formula(cell) {
                self.writer.write_field(format!("'{cell}")).map_err(failed)?;
            } else {
                self.writer.write_field(cell).map_err(failed)?;
            }
        }
        self.writer.write_record(None::<&[u8]>).map_err(failed)
    }

    /// The bytes written since the last call; for files written piece by piece.
    ///
    /// # Errors
    /// [`SheetError::Write`].
    pub fn take(&mut self) -> Result<Vec<u8>, SheetError> {
        self.writer.flush().map_err(|error| SheetError::Write(error.into()))?;
        let fresh = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let full = std::mem::replace(&mut self.writer, fresh);
        full.into_inner().map_err(|error| SheetError::Write(error.to_string().into()))
    }
}

/// Writes one sheet of a workbook. Numbers are numbers, everything else is text.
pub struct XlsxWriter {
    workbook: Workbook,
    next: u32,
}

impl std::fmt::Debug for XlsxWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("XlsxWriter").field("next", &self.next).finish_non_exhaustive()
    }
}

impl XlsxWriter {
    /// Begins with the headings, which stay in view.
    ///
    /// # Errors
    /// [`SheetError::Write`].
    pub fn new(headings: &[String]) -> Result<XlsxWriter, SheetError> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        let bold = Format::new().set_bold();
        for (column, heading) in headings.iter().enumerate() {
            sheet.write_string_with_format(0, index(column)?, heading, &bold).map_err(failed)?;
        }
        sheet.set_freeze_panes(1, 0).map_err(failed)?;
        Ok(XlsxWriter { workbook, next: 1 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`SheetError::Write`], also beyond what a sheet holds.
    pub fn row(&mut self, cells: &[String]) -> Result<(), SheetError> {
        let line = self.next;
        let sheet = self.workbook.worksheet_from_index(0).map_err(failed)?;
        for (column, cell) in cells.iter().enumerate() {
            write_cell(sheet, line, index(column)?, cell)?;
        }
        self.next += 1;
        Ok(())
    }

    /// The workbook.
    ///
    /// # Errors
    /// [`SheetError::Write`].
    pub fn finish(mut self) -> Result<Vec<u8>, SheetError> {
        self.workbook.save_to_buffer().map_err(failed)
    }
}

fn write_cell(sheet: &mut Worksheet, line: u32, column: u16, cell: &str) -> Result<(), SheetError> {
    if cell.is_empty() {
        return Ok(());
    }
    // Only what reads back the same is a number: an MN or a code with a leading zero stays text.
    match cell.parse::<f64>() {
        Ok(number) if number.is_finite() && plain(cell) => {
            sheet.write_number(line, column, number).map_err(failed)?
        }
        _ => sheet.write_string(line, column, cell).map_err(failed)?,
    };
    Ok(())
}

/// Digits, at most 15 of them, a sign and a point; no leading zero but before the point.
fn plain(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let numerals = digits.bytes().filter(u8::is_ascii_digit).count();
    let zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    numerals <= 15 && !zero && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn index(column: usize) -> Result<u16, SheetError> {
    u16::try_from(column).map_err(|error| SheetError::Write(error.into()))
}

fn failed(error: rust_xlsxwriter::XlsxError) -> SheetError {
    SheetError::Write(error.into())
}
