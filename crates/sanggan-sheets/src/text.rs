//! From bytes to text: which encoding, which separator.

use std::borrow::Cow;

use crate::SheetError;

/// The text, decoded from UTF-8, UTF-16 (with its mark) or GB 18030.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, SheetError> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, faulty) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return if faulty { Err(failed(bytes, mark)) } else { Ok(text) };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    let (text, faulty) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
    if faulty { Err(failed(bytes, 0)) } else { Ok(text) }
}

/// The first line that GB 18030 cannot read.
fn failed(bytes: &[u8], from: usize) -> SheetError {
    let lines = bytes[from..].split(|byte| *byte == b'\n');
    let at = lines.take_while(|line| !encoding_rs::GB18030.decode_without_bom_handling(line).1).count();
    SheetError::Encoding { line: at as u64 + 1 }
}

/// The separator that the first line has most of; the comma when it has none.
pub(crate) fn separator(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let count = |byte: u8| first.bytes().filter(|one| *one == byte).count();
    [b',', b'\t', b';']
        .into_iter()
        .rev()
        .max_by_key(|byte| count(*byte))
        .filter(|byte| 0 < count(*byte))
        .unwrap_or(b',')
}
