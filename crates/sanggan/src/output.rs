//! Standard output carries data and nothing else; everything said to a person goes to standard error.

use std::io::Write;

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::exit::Failure;

/// Writes text as it is to standard output.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    write(text.as_bytes())
}

/// Writes bytes as they are to standard output.
pub(crate) fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    write(bytes)
}

/// Writes one value as indented JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<(), Failure> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(cannot_serialise)?;
    bytes.push(b'\n');
    write(&bytes)
}

/// Writes one value as one line of JSON, for programs that read line by line.
pub(crate) fn json_line<T: Serialize>(value: &T) -> Result<(), Failure> {
    let mut bytes = serde_json::to_vec(value).map_err(cannot_serialise)?;
    bytes.push(b'\n');
    write(&bytes)
}

fn cannot_serialise(source: serde_json::Error) -> Failure {
    Failure::step("write the answer as JSON", sanggan_base::ErrorCode::Internal)(source)
}

fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Failure::OutputClosed),
        Err(error) => {
            Err(Failure::step("write to standard output", sanggan_base::ErrorCode::Unavailable)(error))
        }
    }
}

/// Says something to the person at the terminal.
pub(crate) fn note(text: &str) {
    // If standard error is gone there is nobody left to tell.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Columns of text, the last one not padded.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width());
        cells.chain([header[column].width()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells
            .iter()
            .enumerate()
            .map(|(i, cell)| {
                let fill = widths[i].saturating_sub(cell.width());
                format!("{cell}{}", " ".repeat(fill))
            })
            .collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let mut text = line(header.to_vec());
    for row in rows {
        text.push_str(&line(row.iter().map(String::as_str).collect()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let rows = vec![vec!["a".to_owned(), "12".to_owned()], vec!["bcd".to_owned(), "3".to_owned()]];
        assert_eq!(table(&["x", "n"], &rows), "x    n\na    12\nbcd  3\n");
        // A Chinese character is as wide as two letters.
        let rows = vec![vec!["水".to_owned(), "1".to_owned()], vec!["abc".to_owned(), "2".to_owned()]];
        assert_eq!(table(&["x", "n"], &rows), "x    n\n水   1\nabc  2\n");
    }
}
