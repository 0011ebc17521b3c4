//! Where the answered rows go: a file of the form its name says, or standard output as CSV.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use sanggan_base::ErrorCode;
use sanggan_sheets::{CsvWriter, SheetError, XlsxWriter};

use crate::exit::Failure;

/// Rows after which CSV is handed on.
const FLUSH_ROWS: u64 = 1_024;

/// A table being written.
pub(super) enum Output {
    /// CSV, to a file or standard output.
    Csv { writer: CsvWriter, to: Option<(PathBuf, std::fs::File)>, rows: u64 },
    /// A workbook, to a file.
    Xlsx { writer: XlsxWriter, path: PathBuf },
    /// Parquet, to a file.
    Parquet { headings: Vec<String>, rows: Vec<Vec<String>>, path: PathBuf },
}

impl Output {
    /// Begins with the headings. The suffix of the name decides the form; without a name CSV goes to standard output.
    pub(super) fn open(path: Option<&Path>, headings: Vec<String>) -> Result<Output, Failure> {
        let Some(path) = path else {
            return Ok(Output::Csv { writer: CsvWriter::new(&headings).map_err(failed)?, to: None, rows: 0 });
        };
        let suffix = path.extension().map(|suffix| suffix.to_string_lossy().to_lowercase());
        let file = || std::fs::File::create(path).map_err(Failure::file("write", path));
        match suffix.as_deref() {
            Some("csv") => Ok(Output::Csv {
                writer: CsvWriter::new(&headings).map_err(failed)?,
                to: Some((path.to_owned(), file()?)),
                rows: 0,
            }),
            Some("xlsx") => {
                file()?;
                Ok(Output::Xlsx {
                    writer: XlsxWriter::new(&headings).map_err(failed)?,
                    path: path.to_owned(),
                })
            }
            Some("parquet") => Ok(Output::Parquet { headings, rows: Vec::new(), path: path.to_owned() }),
            _ => Err(Failure::bad_input(
                format!("`{}` has no form that can be written", path.display()),
                "let its name end with .csv, .xlsx or .parquet",
            )),
        }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: Vec<String>) -> Result<(), Failure> {
        match self {
            Output::Csv { writer, to, rows } => {
                writer.row(&cells).map_err(failed)?;
                *rows += 1;
                if rows.is_multiple_of(FLUSH_ROWS) {
                    hand_on(writer, to)?;
                }
                Ok(())
            }
            Output::Xlsx { writer, .. } => writer.row(&cells).map_err(failed),
            Output::Parquet { rows, .. } => {
                rows.push(cells);
                Ok(())
            }
        }
    }

    /// Writes what is left.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self {
            Output::Csv { mut writer, mut to, .. } => hand_on(&mut writer, &mut to),
            Output::Xlsx { writer, path } => {
                let bytes = writer.finish().map_err(failed)?;
                std::fs::write(&path, bytes).map_err(Failure::file("write", &path))
            }
            Output::Parquet { headings, rows, path } => {
                Ok(sanggan_lake::write_parquet_text(&path, &headings, &rows)?)
            }
        }
    }
}

fn hand_on(writer: &mut CsvWriter, to: &mut Option<(PathBuf, std::fs::File)>) -> Result<(), Failure> {
    let bytes = writer.take().map_err(failed)?;
    match to {
        Some((path, file)) => file.write_all(&bytes).map_err(Failure::file("write", path)),
        None => crate::output::bytes(&bytes),
    }
}

fn failed(error: SheetError) -> Failure {
    Failure::step("write the answers", ErrorCode::Unavailable)(error)
}
