//! Fines: the amount within the statutory range, and fines counted by the day.

pub(super) mod amount;
pub(super) mod daily;

use jiff::civil::Date;
use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{CannotTell, Cell, Column, Figure, Row};
use crate::circumstances::{Circumstance, Circumstances, Holds};
use crate::edition::{Sourced, Text};
use crate::tables::Tables;

/// What the change of law on some day means for an act and its decision; the source of what was said.
fn frame(tables: &Tables<'_>, act: Date, decided: Date) -> (Vec<Text>, Option<Sourced>) {
    let Some((source, list)) = tables.list("frame") else { return (Vec::new(), None) };
    let mut case = Circumstances::new();
    case.set("act", Circumstance::Day(act));
    case.set("decided", Circumstance::Day(decided));
    let holding: Vec<Text> = list
        .row
        .iter()
        .filter(|row| case.hold(&row.when) == Holds::Yes)
        .map(|row| row.text.clone().unwrap_or_else(|| row.name.clone()))
        .collect();
    let said = !holding.is_empty();
    (holding, said.then_some(source))
}

/// An amount of money; a cell that is no plain number is refused.
fn yuan(row: &Row, column: &Column) -> Result<Decimal, CannotTell> {
    match row.cell(&column.key) {
        Some(Cell::Number(amount)) if !amount.below_detection => Ok(amount.value),
        Some(_) => Err(unreadable(&column.name)),
        None => Err(missing(&column.name)),
    }
}

fn missing(name: &Text) -> CannotTell {
    CannotTell::new("missing", format!("缺少：{}", name.zh), format!("missing: {}", name.en))
}

fn unreadable(name: &Text) -> CannotTell {
    CannotTell::new("unreadable", format!("{}不是数", name.zh), format!("{} is no number", name.en))
}

fn too_large() -> CannotTell {
    CannotTell::new("unreadable", "数值太大，不能计算", "the numbers are too large to be worked out")
}

fn fine(amount: Decimal) -> Figure {
    Figure::new("fine", Text::new("罚款数额", "fine"), amount.normalize(), Unit::Yuan)
}

fn case_columns() -> Vec<Column> {
    vec![
        Column::text("case", "案件", "case").or("case_no", &["案号", "立案号", "案件编号", "处罚决定书文号"]),
        Column::text("enterprise", "当事人", "party")
            .or("company", &["企业", "企业名称", "单位", "单位名称"]),
        Column::judged_day().or("decided", &["处罚日期", "决定日期"]),
        Column::date("act_day", "违法行为日期", "day of the breach")
            .or("act", &["违法日期", "行为日期", "违法行为终了日期"]),
    ]
}
