//! XLSX.

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx, XlsxError};

use crate::{Entry, Limits, SheetError, headings, row};

pub(crate) fn read<E>(
    bytes: &[u8],
    sheet: Option<&str>,
    limits: Limits,
    mut each: impl FnMut(Entry<'_>) -> Result<(), E>,
) -> Result<Result<(), E>, SheetError> {
    refuse_bombs(bytes, limits)?;
    let failed = |error: XlsxError| SheetError::Workbook(error.into());
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(failed)?;
    let names = workbook.sheet_names();
    let name = match sheet {
        Some(wanted) if names.iter().all(|name| name != wanted) => {
            return Err(SheetError::NoSuchSheet { wanted: wanted.to_owned(), there: names });
        }
        Some(wanted) => wanted.to_owned(),
        None => names.first().cloned().ok_or(SheetError::Empty)?,
    };
    let mut reader = workbook.worksheet_cells_reader(&name).map_err(failed)?;
    let mut state = State { names: None, rows: 0, limits };
    let mut cells: Vec<String> = Vec::new();
    let mut at: Option<u32> = None;
    while let Some(cell) = reader.next_cell().map_err(failed)? {
        let (line, column) = cell.get_position();
        if at != Some(line) {
            if let Err(stop) = state.finish(at, &mut cells, &mut each)? {
                return Ok(Err(stop));
            }
            at = Some(line);
        }
        let value = show(cell.get_value());
        let column = column as usize;
        if value.is_empty() {
            continue;
        }
        if limits.columns <= column {
            return Err(SheetError::TooLarge { what: "columns", bound: limits.columns as u64 });
        }
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        cells[column] = value;
    }
    if let Err(stop) = state.finish(at, &mut cells, &mut each)? {
        return Ok(Err(stop));
    }
    if state.names.is_none() { Err(SheetError::Empty) } else { Ok(Ok(())) }
}

struct State {
    names: Option<Vec<String>>,
    rows: u64,
    limits: Limits,
}

impl State {
    /// Gives the row gathered so far.
    fn finish<E>(
        &mut self,
        at: Option<u32>,
        cells: &mut Vec<String>,
        each: &mut impl FnMut(Entry<'_>) -> Result<(), E>,
    ) -> Result<Result<(), E>, SheetError> {
        let Some(at) = at.filter(|_| cells.iter().any(|cell| !cell.trim().is_empty())) else {
            cells.clear();
            return Ok(Ok(()));
        };
        let given = match &self.names {
            None => {
                let found = headings(std::mem::take(cells), self.limits)?;
                let given = each(Entry::Headings(&found));
                self.names = Some(found);
                given
            }
            Some(names) => {
                self.rows += 1;
                if self.limits.rows < self.rows {
                    return Err(SheetError::TooLarge { what: "rows", bound: self.limits.rows });
                }
                // A workbook keeps no empty cells, so a short row is a row whose last cells are empty.
                if cells.len() < names.len() {
                    cells.resize(names.len(), String::new());
                }
                row(u64::from(at) + 1, cells, names, each)
            }
        };
        cells.clear();
        Ok(given)
    }
}

/// A cell as text: numbers without loss, days and times in ISO form, errors as Excel shows them.
fn show(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => value.to_string(),
        DataRef::String(value) | DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => value.clone(),
        DataRef::SharedString(value) => (*value).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::DateTime(stamp) => {
            let (year, month, day, hour, minute, second, _) = stamp.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
            }
        }
    }
}

/// Refuses a workbook that says it unfolds to more than is allowed.
fn refuse_bombs(bytes: &[u8], limits: Limits) -> Result<(), SheetError> {
    let failed = |error: zip::result::ZipError| SheetError::Workbook(error.into());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(failed)?;
    let mut size: u64 = 0;
    for index in 0..archive.len() {
        size = size.saturating_add(archive.by_index_raw(index).map_err(failed)?.size());
    }
    if size <= limits.unfolded_bytes {
        return Ok(());
    }
    Err(SheetError::TooLarge { what: "unfolded bytes", bound: limits.unfolded_bytes })
}
