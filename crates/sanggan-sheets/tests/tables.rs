//! Tables in and out, as people send them.

use sanggan_sheets::{CsvWriter, Entry, Form, Limits, SheetError, XlsxWriter, read};

/// The table as one line an entry.
fn shown(bytes: &[u8], form: Form) -> Result<Vec<String>, SheetError> {
    shown_within(bytes, form, None, Limits::default())
}

fn shown_within(
    bytes: &[u8],
    form: Form,
    sheet: Option<&str>,
    limits: Limits,
) -> Result<Vec<String>, SheetError> {
    let mut lines = Vec::new();
    let read = read(bytes, form, sheet, limits, |entry| {
        lines.push(match entry {
            Entry::Headings(names) => format!("# {}", names.join("|")),
            Entry::Row { line, cells } => format!("{line} {}", cells.join("|")),
            Entry::Bad { line, why } => format!("{line} bad: {why}"),
        });
        Ok::<(), ()>(())
    })?;
    read.expect("nothing stops it");
    Ok(lines)
}

fn owned(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

#[test]
fn csv_is_read_in_any_encoding_and_with_any_separator() {
    let text = "断面,总磷(mg/L)\r\n固定桥,0.12\r\n\r\n\"新兴,桥\",0.3\r\n";
    let want = ["# 断面|总磷(mg/L)", "2 固定桥|0.12", "4 新兴,桥|0.3"];
    assert_eq!(shown(text.as_bytes(), Form::Csv).expect("UTF-8"), want);
    let marked = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    assert_eq!(shown(&marked, Form::Csv).expect("UTF-8 with its mark"), want);
    let (gbk, ..) = encoding_rs::GB18030.encode(text);
    assert_eq!(shown(&gbk, Form::Csv).expect("GB 18030"), want);
    let wide: Vec<u8> =
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(shown(&wide, Form::Csv).expect("UTF-16"), want);
    for separator in ["\t", ";"] {
        let text = format!("a{separator}b\n1{separator}2\n");
        assert_eq!(shown(text.as_bytes(), Form::Csv).expect("a table"), ["# a|b", "2 1|2"]);
    }
}

#[test]
fn a_row_of_another_length_is_bad_and_the_rest_is_read() {
    let got = shown(b"a,b\n1,2\n3\n4,5,6\n7,8,\n9,\n", Form::Csv).expect("a table");
    assert_eq!(
        got,
        [
            "# a|b",
            "2 1|2",
            "3 bad: the row has 1 cells and the headings are 2",
            "4 bad: the row has 3 cells and the headings are 2",
            "5 7|8",
            "6 9|",
        ]
    );
}

#[test]
fn what_is_no_table_is_refused_with_the_reason() {
    let error = |bytes: &[u8], form| shown(bytes, form).expect_err("no table").to_string();
    assert_eq!(error(b"", Form::Csv), "the table is empty");
    assert_eq!(error(b"\n , \n", Form::Csv), "the table is empty");
    assert_eq!(error(b"a,b,a\n1,2,3\n", Form::Csv), "two columns are called `a`");
    assert!(error(b"a,b\n\xff\xff,1\n", Form::Csv).ends_with("line 2 cannot be read"));
    assert_eq!(error(b"PK\x03\x04 and no archive", Form::Xlsx), "the workbook cannot be read");
    let few = Limits { rows: 2, ..Limits::default() };
    let error = shown_within(b"a\n1\n2\n3\n", Form::Csv, None, few).expect_err("three rows");
    assert_eq!(error.to_string(), "the table has more than 2 rows");
}

fn workbook() -> Vec<u8> {
    let mut writer = XlsxWriter::new(&owned(&["断面", "总磷", "编码"])).expect("headings");
    writer.row(&owned(&["固定桥", "0.12", "0140600"])).expect("a row");
    writer.row(&owned(&["=1+1", "", "12345678901234567890"])).expect("a row");
    writer.row(&owned(&["-0.5", "1e3", ""])).expect("a row");
    writer.finish().expect("a workbook")
}

#[test]
fn a_workbook_reads_back_as_written() {
    let bytes = workbook();
    assert_eq!(Form::of(&bytes), Form::Xlsx);
    let want = ["# 断面|总磷|编码", "2 固定桥|0.12|0140600", "3 =1+1||12345678901234567890", "4 -0.5|1e3|"];
    assert_eq!(shown(&bytes, Form::Xlsx).expect("a workbook"), want);
    let error = shown_within(&bytes, Form::Xlsx, Some("表二"), Limits::default()).expect_err("no such sheet");
    assert_eq!(error.to_string(), "the workbook has no sheet `表二`; it has: Sheet1");
}

#[test]
fn days_of_a_workbook_are_days() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(2, 1, "日期").expect("a cell");
    let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2020, 5, 8).expect("a day");
    let format = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_datetime_with_format(4, 1, &day, &format).expect("a cell");
    let bytes = workbook.save_to_buffer().expect("a workbook");
    assert_eq!(shown(&bytes, Form::Xlsx).expect("a workbook"), ["# |日期", "5 |2020-05-08"]);
}

#[test]
fn a_bomb_is_refused_before_it_is_unfolded() {
    let mut bytes = std::io::Cursor::new(Vec::new());
    {
        use std::io::Write as _;
        let mut archive = zip::ZipWriter::new(&mut bytes);
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file("xl/worksheets/sheet1.xml", options).expect("a member");
        for _ in 0..64 {
            archive.write_all(&vec![b' '; 1 << 20]).expect("zeros");
        }
        archive.finish().expect("an archive");
    }
    let small = Limits { unfolded_bytes: 1 << 20, ..Limits::default() };
    let error = shown_within(&bytes.into_inner(), Form::Xlsx, None, small).expect_err("64 MB");
    assert_eq!(error.to_string(), "the table has more than 1048576 unfolded bytes");
}

#[test]
fn what_is_written_as_csv_is_never_a_formula() {
    let mut writer = CsvWriter::new(&owned(&["a", "b"])).expect("headings");
    writer.row(&owned(&["=HYPERLINK(\"x\")", "-5"])).expect("a row");
    let first = writer.take().expect("bytes");
    writer.row(&owned(&["@x", "+1,5"])).expect("a row");
    let text = String::from_utf8([first, writer.take().expect("bytes")].concat()).expect("UTF-8");
    assert_eq!(text, "\u{feff}a,b\n\"'=HYPERLINK(\"\"x\"\")\",-5\n'@x,\"'+1,5\"\n");
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(0u8.., 0..400), zip in 0u8..2) {
        let form = if zip == 1 { Form::Xlsx } else { Form::Csv };
        let _ = shown(&bytes, form);
    }

    #[test]
    fn a_workbook_with_a_flipped_byte_is_read_or_refused(at in 0usize..4000, to in 0u8..) {
        let mut bytes = workbook();
        let at = at % bytes.len();
        bytes[at] = to;
        let _ = shown(&bytes, Form::Xlsx);
    }
}
