//! CSV.

use crate::{Entry, Limits, SheetError, headings, row, text};

pub(crate) fn read<E>(
    bytes: &[u8],
    limits: Limits,
    mut each: impl FnMut(Entry<'_>) -> Result<(), E>,
) -> Result<Result<(), E>, SheetError> {
    let text = text::decode(bytes)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(text::separator(&text))
        .from_reader(text.as_bytes());
    let mut names: Option<Vec<String>> = None;
    let mut record = csv::StringRecord::new();
    let mut cells = Vec::new();
    let mut rows = 0;
    let mut lines = Lines { text: text.as_bytes(), byte: 0, line: 1 };
    loop {
        // The text is UTF-8 by now, so the reader has nothing to refuse.
        let more = reader.read_record(&mut record).map_err(|error| SheetError::Workbook(error.into()))?;
        if !more {
            break;
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        cells.clear();
        cells.extend(record.iter().map(str::to_owned));
        let given = match &names {
            None => {
                let found = headings(std::mem::take(&mut cells), limits)?;
                let given = each(Entry::Headings(&found));
                names = Some(found);
                given
            }
            Some(names) => {
                rows += 1;
                if limits.rows < rows {
                    return Err(SheetError::TooLarge { what: "rows", bound: limits.rows });
                }
                row(line, &mut cells, names, &mut each)
            }
        };
        if let Err(stop) = given {
            return Ok(Err(stop));
        }
    }
    if names.is_none() { Err(SheetError::Empty) } else { Ok(Ok(())) }
}

/// Counts lines up to a record. The reader's own count is of where the end of the line before it was left half read.
struct Lines<'a> {
    text: &'a [u8],
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    fn at(&mut self, byte: u64) -> u64 {
        let rest = self.text.len();
        let mut to = usize::try_from(byte).unwrap_or(rest).min(rest);
        while self.text.get(to).is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
            to += 1;
        }
        let passed = self.text.get(self.byte..to).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.byte = to.max(self.byte);
        self.line
    }
}
