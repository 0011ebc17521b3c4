//! How the type of a field and its limits are written.

use super::Language;
use crate::{FieldKind, Geometry, Gives, Registers};

/// The type of a field, with where a reference leads.
pub(super) fn kind(kind: &FieldKind, registers: &Registers, lang: Language) -> String {
    let many = |many: bool| if many { lang.pick("（多个）", " (several)") } else { "" };
    match kind {
        FieldKind::Text { .. } => lang.pick("文本", "text").to_owned(),
        FieldKind::LongText => lang.pick("长文本", "long text").to_owned(),
        FieldKind::Number { unit, .. } => with_unit(lang.pick("数值", "number"), unit),
        FieldKind::Integer { unit, .. } => with_unit(lang.pick("整数", "whole number"), unit),
        FieldKind::Boolean => lang.pick("是否", "yes or no").to_owned(),
        FieldKind::Date => lang.pick("日期", "day").to_owned(),
        FieldKind::Time => lang.pick("时间", "time").to_owned(),
        FieldKind::Enum { many: several, .. } => format!("{}{}", lang.pick("选项", "choice"), many(*several)),
        FieldKind::Reference { to, many: several } => {
            let name = registers.get(to).map_or(to.as_str(), |def| lang.say(&def.name));
            format!("→ [{name}]({to}.{}.md){}", lang.tag(), many(*several))
        }
        FieldKind::Parameter { many: several } => {
            format!("{}{}", lang.pick("监测因子", "parameter"), many(*several))
        }
        FieldKind::Area => lang.pick("区县", "area").to_owned(),
        FieldKind::Station => lang.pick("监测站点", "monitoring station").to_owned(),
        FieldKind::Attachment { photo: true } => lang.pick("照片", "photographs").to_owned(),
        FieldKind::Attachment { photo: false } => lang.pick("附件", "files").to_owned(),
        FieldKind::Geometry { shape } => match shape {
            Geometry::Point => lang.pick("点", "point").to_owned(),
            Geometry::Line => lang.pick("线", "line").to_owned(),
            Geometry::Polygon => lang.pick("面", "polygon").to_owned(),
            Geometry::Any => lang.pick("点、线或面", "point, line or polygon").to_owned(),
        },
        FieldKind::Computed { gives, unit, .. } => {
            let gives = match gives {
                Gives::Text => lang.pick("文本", "text"),
                Gives::Number => lang.pick("数值", "number"),
                Gives::Integer => lang.pick("整数", "whole number"),
                Gives::Boolean => lang.pick("是否", "yes or no"),
                Gives::Date => lang.pick("日期", "day"),
            };
            with_unit(&format!("{}{gives}", lang.pick("计算：", "computed: ")), unit)
        }
    }
}

fn with_unit(word: &str, unit: &str) -> String {
    if unit.is_empty() { word.to_owned() } else { format!("{word}, {unit}") }
}

/// What a field may hold.
pub(super) fn limits(kind: &FieldKind, lang: Language) -> String {
    match kind {
        FieldKind::Text { max_length, pattern } => {
            let length = max_length.map(|most| format!("≤ {most}{}", lang.pick("字", " letters")));
            let pattern = pattern.as_ref().map(|pattern| format!("`{pattern}`"));
            [length, pattern].into_iter().flatten().collect::<Vec<_>>().join(lang.comma())
        }
        FieldKind::Number { min, max, .. } => range(min.as_ref(), max.as_ref()),
        FieldKind::Integer { min, max, .. } => range(min.as_ref(), max.as_ref()),
        FieldKind::Enum { values, .. } => {
            let values = values.iter().map(|value| format!("{} `{}`", lang.say(&value.name), value.id));
            values.collect::<Vec<_>>().join(lang.comma())
        }
        FieldKind::Computed { formula, .. } => format!("`{formula}`"),
        _ => String::new(),
    }
}

fn range<T: std::fmt::Display>(min: Option<&T>, max: Option<&T>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{min} … {max}"),
        (Some(min), None) => format!("≥ {min}"),
        (None, Some(max)) => format!("≤ {max}"),
        (None, None) => String::new(),
    }
}
