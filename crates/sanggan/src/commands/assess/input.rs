//! The rows of a file, whatever its form.

use std::path::Path;

use sanggan_base::ErrorCode;
use sanggan_sheets::{Entry, Form, Limits};

use crate::exit::Failure;

/// How a Parquet file begins.
const PARQUET_MARK: &[u8] = b"PAR1";

/// Gives the entries of a file to `each`.
pub(super) fn read(
    path: &Path,
    sheet: Option<&str>,
    mut each: impl FnMut(Entry<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if is_parquet(path)? {
        let mut line = 0;
        let given = sanggan_lake::read_parquet_text(path, |cells| {
            // The headings come first; a row's line is its number.
            line += 1;
            if line == 1 { each(Entry::Headings(cells)) } else { each(Entry::Row { line: line - 1, cells }) }
        })?;
        return given;
    }
    let bytes = std::fs::read(path).map_err(Failure::file("read", path))?;
    let what = format!("read `{}` as a table", path.display());
    sanggan_sheets::read(&bytes, Form::of(&bytes), sheet, Limits::default(), each)
        .map_err(Failure::step(what, ErrorCode::BadInput))?
}

fn is_parquet(path: &Path) -> Result<bool, Failure> {
    use std::io::Read as _;
    let mut file = std::fs::File::open(path).map_err(Failure::file("open", path))?;
    let mut mark = [0; PARQUET_MARK.len()];
    match file.read_exact(&mut mark) {
        Ok(()) => Ok(mark == PARQUET_MARK),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(Failure::file("read", path)(error)),
    }
}
