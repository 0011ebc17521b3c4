//! What is wrong with a value, in both languages: each names the field, what came and what is allowed.

use sanggan_pack::{Field, FieldKind};

use crate::Fault;

/// Values of a field that takes several.
pub(crate) const MOST_VALUES: usize = 1_000;

/// A text as it is quoted in a fault.
pub(crate) fn short(text: &str) -> String {
    let mut cut: String =
        text.chars().take(40).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(40).is_some() {
        cut.push('…');
    }
    cut
}

pub(crate) fn unknown_field(name: &str) -> Fault {
    Fault::new(
        name,
        "unknown_field",
        format!("没有字段“{}”", short(name)),
        format!("there is no field `{}`; the definition of the register lists them", short(name)),
    )
}

pub(crate) fn at_most<'a, T>(field: &Field, items: &'a [T]) -> Result<&'a [T], Fault> {
    if items.len() <= MOST_VALUES {
        return Ok(items);
    }
    Err(Fault::new(
        &field.id,
        "length",
        format!("{}最多 {MOST_VALUES} 个值，现有 {} 个", field.name.zh, items.len()),
        format!("{} takes at most {MOST_VALUES} values, these are {}", field.name.en, items.len()),
    ))
}

pub(crate) fn length(field: &Field, text: &str, most: usize) -> Result<(), Fault> {
    let count = text.chars().count();
    if count <= most {
        return Ok(());
    }
    Err(Fault::new(
        &field.id,
        "length",
        format!("{}最多 {most} 个字，现有 {count} 个", field.name.zh),
        format!("{} takes at most {most} characters, these are {count}", field.name.en),
    ))
}

pub(crate) fn characters(field: &Field, text: &str, lines: bool) -> Result<(), Fault> {
    let bad = |c: char| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'));
    if !text.chars().any(bad) {
        return Ok(());
    }
    Err(Fault::new(
        &field.id,
        "type",
        format!("{}只能是{}文字，不能含控制字符", field.name.zh, if lines { "" } else { "一行" }),
        format!(
            "{} takes {}text without control characters",
            field.name.en,
            if lines { "" } else { "one line of " }
        ),
    ))
}

pub(crate) fn no_match(field: &Field, text: &str) -> Fault {
    let pattern = match &field.kind {
        FieldKind::Text { pattern: Some(pattern), .. } => pattern.as_str(),
        _ => "",
    };
    let help = |name: fn(&sanggan_pack::Name) -> &str| field.help.as_ref().map(name).unwrap_or_default();
    Fault::new(
        &field.id,
        "pattern",
        format!("{}：“{}”的格式不对，应符合 {pattern} {}", field.name.zh, short(text), help(|n| &n.zh))
            .trim_end(),
        format!(
            "{}: `{}` has the wrong form, it must match {pattern} {}",
            field.name.en,
            short(text),
            help(|n| &n.en)
        )
        .trim_end(),
    )
}

pub(crate) fn out_of_range<T: std::fmt::Display>(
    field: &Field,
    number: &T,
    min: Option<T>,
    max: Option<T>,
    unit: &str,
) -> Fault {
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let (zh, en) = match (min, max) {
        (Some(min), Some(max)) => {
            (format!("应在 {min} 与 {max}{unit} 之间"), format!("must lie between {min} and {max}{unit}"))
        }
        (Some(min), None) => (format!("不得小于 {min}{unit}"), format!("may not be less than {min}{unit}")),
        (None, Some(max)) => (format!("不得大于 {max}{unit}"), format!("may not be more than {max}{unit}")),
        (None, None) => (String::new(), String::new()),
    };
    Fault::new(
        &field.id,
        "range",
        format!("{}{zh}，现为 {number}", field.name.zh),
        format!("{} {en}, this is {number}", field.name.en),
    )
}

pub(crate) fn not_in_list(field: &Field, given: &str) -> Fault {
    let FieldKind::Enum { values, .. } = &field.kind else { return wrong_type(field) };
    let list = |zh: bool| {
        let mut names: Vec<&str> = values
            .iter()
            .take(20)
            .map(|value| if zh { value.name.zh.as_str() } else { value.id.as_str() })
            .collect();
        if values.len() > 20 {
            names.push("…");
        }
        names.join(if zh { "、" } else { ", " })
    };
    Fault::new(
        &field.id,
        "enum",
        format!("{}：没有选项“{}”，可填：{}", field.name.zh, short(given), list(true)),
        format!("{}: `{}` is not in the list; allowed: {}", field.name.en, short(given), list(false)),
    )
}

pub(crate) fn no_parameter(field: &Field, given: &str) -> Fault {
    Fault::new(
        &field.id,
        "parameter",
        format!("{}：因子表中没有“{}”，请填 HJ 524/525 编码（如 w01018）", field.name.zh, short(given)),
        format!(
            "{}: the parameter table has no `{}`; give a code of HJ 524/525 (such as w01018)",
            field.name.en,
            short(given)
        ),
    )
}

pub(crate) fn no_attachment(field: &Field, given: &str) -> Fault {
    Fault::new(
        &field.id,
        "attachment",
        format!("{}：平台没有附件“{}”，请先上传", field.name.zh, short(given)),
        format!("{}: there is no attachment `{}`; upload it first", field.name.en, short(given)),
    )
}

pub(crate) fn no_geometry(field: &Field, what: &str) -> Fault {
    Fault::new(
        &field.id,
        "geometry",
        format!("{}：无法识别的图形（{what}）；可填“经度,纬度”、WKT 或 GeoJSON", field.name.zh),
        format!("{}: {what}; give `longitude,latitude`, WKT or GeoJSON", field.name.en),
    )
}

/// What the field takes, said when something else came.
pub(crate) fn wrong_type(field: &Field) -> Fault {
    let (zh, en) = match &field.kind {
        FieldKind::Text { .. } | FieldKind::LongText => ("文字", "text"),
        FieldKind::Number { .. } => ("数字，如 1234.5", "a number such as 1234.5"),
        FieldKind::Integer { .. } => ("整数，如 12", "a whole number such as 12"),
        FieldKind::Boolean => ("是或否", "true or false"),
        FieldKind::Date => ("日期，如 2026-11-23", "a day such as 2026-11-23"),
        FieldKind::Time => ("时间，如 2026-11-23 10:00", "a moment such as 2026-11-23T10:00:00+08:00"),
        FieldKind::Enum { .. } => ("选项之一", "a value of its list"),
        FieldKind::Reference { .. } => ("所引用记录的编号或关键字", "the number or the key of a record"),
        FieldKind::Parameter { .. } => ("因子编码", "the code of a parameter"),
        FieldKind::Area => ("区域编码", "the code of an area"),
        FieldKind::Station => ("站点编码", "the code of a station"),
        FieldKind::Attachment { .. } => ("已上传附件的哈希值", "the hashes of files that were uploaded"),
        FieldKind::Geometry { .. } => {
            ("图形（GeoJSON、WKT 或“经度,纬度”）", "a shape (GeoJSON, WKT or `longitude,latitude`)")
        }
        FieldKind::Computed { .. } => ("由平台计算的值", "what the platform computes"),
    };
    Fault::new(
        &field.id,
        "type",
        format!("{}应为{zh}", field.name.zh),
        format!("{} must be {en}", field.name.en),
    )
}
