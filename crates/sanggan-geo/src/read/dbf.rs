//! The attribute tables of shapefiles (dBase III), with the Chinese encodings they come in.

use encoding_rs::{Encoding, GB18030, UTF_8};
use serde_json::{Number, Value};

use crate::Words;

/// A table, read.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The names of the fields.
    pub(super) columns: Vec<String>,
    /// One row for each record; `None`: deleted.
    pub(super) rows: Vec<Option<Vec<Value>>>,
}

struct Field {
    name: Vec<u8>,
    kind: u8,
    start: usize,
    length: usize,
}

/// Reads a table. `page` is the text of the `.cpg` file beside it.
pub(super) fn read(bytes: &[u8], page: Option<&str>) -> Result<Table, Words> {
    let broken = || Words::new(".dbf 属性表已损坏", "the .dbf table is broken");
    let u16_at = |at: usize| Some(usize::from(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?)));
    let announced =
        u32::from_le_bytes(*bytes.get(4..).and_then(<[u8]>::first_chunk).ok_or_else(broken)?) as usize;
    let header = u16_at(8).ok_or_else(broken)?;
    let length = u16_at(10).filter(|length| *length > 0).ok_or_else(broken)?;
    let language = *bytes.get(29).ok_or_else(broken)?;
    let fields = fields(bytes.get(32..header).ok_or_else(broken)?, length);
    let records: Vec<&[u8]> =
        bytes.get(header..).unwrap_or_default().chunks_exact(length).take(announced).collect();
    let encoding = encoding(page, language, &fields, &records);
    let columns = fields.iter().map(|field| text(&field.name, encoding)).collect();
    let row = |record: &&[u8]| {
        let cell =
            |field: &Field| value(&record[field.start..field.start + field.length], field.kind, encoding);
        (record[0] != b'*').then(|| fields.iter().map(cell).collect())
    };
    Ok(Table { columns, rows: records.iter().map(row).collect() })
}

/// The fields that lie whole within a record of this length.
fn fields(header: &[u8], length: usize) -> Vec<Field> {
    let mut start = 1;
    let mut fields = Vec::new();
    for entry in header.chunks_exact(32).take_while(|entry| entry[0] != b'\r') {
        let name = entry[..11].split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
        let size = usize::from(entry[16]);
        if start + size > length {
            break;
        }
        fields.push(Field { name, kind: entry[11], start, length: size });
        start += size;
    }
    fields
}

/// By the `.cpg` file, else the table's language byte, else by what its texts are: UTF-8, or else GBK.
fn encoding(page: Option<&str>, language: u8, fields: &[Field], records: &[&[u8]]) -> &'static Encoding {
    if let Some(page) = page.map(str::trim).filter(|page| !page.is_empty()) {
        let plain = page.to_ascii_lowercase().replace(['-', '_', ' '], "");
        match plain.trim_start_matches("ansi").trim_start_matches("cp").trim_start_matches("windows") {
            "utf8" | "65001" => return UTF_8,
            "936" | "gbk" | "gb2312" | "gb18030" | "54936" | "oem936" => return GB18030,
            _ => {
                if let Some(encoding) = Encoding::for_label(page.as_bytes()) {
                    return encoding;
                }
            }
        }
    }
    if matches!(language, 0x4d | 0x7a) {
        return GB18030;
    }
    let utf8 = |bytes: &[u8]| match std::str::from_utf8(bytes.trim_ascii_end()) {
        Ok(_) => true,
        // Cut off by the width of the field.
        Err(error) => error.error_len().is_none(),
    };
    let texts = || {
        let cells = fields.iter().filter(|field| field.kind == b'C');
        cells.flat_map(|field| records.iter().map(|record| &record[field.start..field.start + field.length]))
    };
    let all = fields.iter().all(|field| utf8(&field.name)) && texts().all(utf8);
    if all { UTF_8 } else { GB18030 }
}

fn text(bytes: &[u8], encoding: &'static Encoding) -> String {
    let bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    // Half a character at the end was cut off by the width of the field.
    text.trim_end_matches('\u{fffd}').trim().to_owned()
}

fn value(bytes: &[u8], kind: u8, encoding: &'static Encoding) -> Value {
    let plain = || std::str::from_utf8(bytes).unwrap_or_default().trim_matches(['\0', ' ']);
    match kind {
        b'N' | b'F' => number(plain()),
        b'L' => match bytes.first() {
            Some(b'T' | b't' | b'Y' | b'y') => Value::Bool(true),
            Some(b'F' | b'f' | b'N' | b'n') => Value::Bool(false),
            _ => Value::Null,
        },
        b'D' => match plain() {
            day if day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()) && day != "00000000" => {
                format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]).into()
            }
            _ => Value::Null,
        },
        b'I' => bytes.first_chunk().map_or(Value::Null, |bytes| i32::from_le_bytes(*bytes).into()),
        b'B' | b'O' => bytes.first_chunk().map_or(Value::Null, |bytes| f64::from_le_bytes(*bytes).into()),
        // Memos stand in a file of their own that shapefiles don't have.
        b'M' | b'G' | b'P' => Value::Null,
        _ => match text(bytes, encoding) {
            text if text.is_empty() => Value::Null,
            text => text.into(),
        },
    }
}

/// Whole numbers stay whole; what isn't a number (`***`, empty) is nothing.
fn number(text: &str) -> Value {
    if let Ok(whole) = text.parse::<i64>() {
        return whole.into();
    }
    text.parse::<f64>().ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
}
