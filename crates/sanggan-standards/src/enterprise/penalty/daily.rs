//! penalty-daily/fine by the day
//!
//! # What it decides
//! The days counted from the day after the order to correct was delivered to the day of the recheck, and the fine they
//! make; several rechecks of one case add up.
//!
//! # What it leaves undecided
//! Whether the breach is one of those that may be fined by the day, and the procedure.
//!
//! # Source
//! 环境保护主管部门实施按日连续处罚办法, articles 17 and 19: `data/penalty-daily/`.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sanggan_base::Unit;

use super::{case_columns, fine, frame, missing, too_large, yuan};
use crate::Unjudged;
use crate::assess::{Answer, Assessment, CannotTell, Column, Exclusion, Figure, Row, Rows};
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;

const STANDARD: &str = "penalty-daily";

/// The result of a recheck that finds nothing to fine.
const CORRECTED: &str = "corrected";

pub(in crate::enterprise) const ASSESSMENT: Assessment = Assessment {
    id: "penalty-daily",
    theme: Theme::Enterprise,
    title: ("按日连续处罚", "Fine by the day"),
    about: (
        "由原处罚数额、责令改正决定书送达日和复查日计算计罚日数和按日连续处罚数额；一案多次复查的分行填写，日数累计。是否属于可按日连续处罚的行为由执法人员认定。",
        "Days counted and fine from the original fine, the day the order to correct was delivered and the day of the recheck; several rechecks of a case are written in rows and add up. Whether the breach may be fined by the day is for the officer.",
    ),
    standards: &[STANDARD],
    rows: Rows::By(&["case", "enterprise"]),
    columns,
    figures: &[("days", "计罚日数", "days counted"), ("daily", "每日数额", "amount a day")],
    example: &[&[
        ("case", "朔环罚〔2026〕12号"),
        ("enterprise", "朔州某公司"),
        ("original_fine", "200000"),
        ("delivered", "2026-03-02"),
        ("recheck", "2026-03-20"),
        ("result", "continued"),
    ]],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn fine_column() -> Column {
    Column::number("original_fine", "原处罚数额", "original fine", Unit::Yuan)
        .or("原处罚金额", &["原罚款数额", "原罚款", "罚款数额"])
        .required()
        .note("单位元；万元写在表头", "in yuan; write 万元 in the heading for ten thousands")
}

fn delivered_column() -> Column {
    Column::date("delivered", "责令改正决定书送达日", "day the order was delivered")
        .or("送达日期", &["送达日", "责令改正送达日"])
        .required()
}

fn recheck_column() -> Column {
    Column::date("recheck", "复查日", "day of the recheck").or("复查日期", &["复查发现日"]).required()
}

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = case_columns();
    columns.extend([fine_column(), delivered_column(), recheck_column()]);
    let result = law.latest(STANDARD).map(|tables| tables.circumstances()).unwrap_or_default();
    let result = result.iter().find(|one| one.key == "result");
    columns.extend(result.map(|one| Column::of_circumstance(one).required()));
    columns
}

/// One stretch of days that is fined, both ends counted.
struct Stretch {
    first: Date,
    last: Date,
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let first = rows.first().ok_or(Unjudged::NothingMeasured)?;
    let tables = law.tables(STANDARD, order_basis(first, basis))?;
    let (source, rule) = tables.need(tables.factors("rule"), "rule")?;
    let whole = |key: &str| rule.get(key, "days").and_then(|days| days.to_i64());
    let begins = tables.need(whole("begins_after"), "begins_after")?;
    let amount = yuan(first, &fine_column())?;
    let mut answer = Answer::default();
    let mut stretches: Vec<Stretch> = Vec::new();
    for row in rows {
        if yuan(row, &fine_column())? != amount {
            return Err(CannotTell::new(
                "unlike",
                "同一案件各行的原处罚数额不同",
                "the rows of the case have different original fines",
            ));
        }
        let delivered = row.day("delivered").ok_or_else(|| missing(&delivered_column().name))?;
        let recheck = row.day("recheck").ok_or_else(|| missing(&recheck_column().name))?;
        if row.choice("result") == Some(CORRECTED) {
            answer.excluded.push(Exclusion {
                what: Text::same(recheck.to_string()),
                why: Text::new(
                    "复查时已改正，不按日连续处罚",
                    "corrected at the recheck: no fine by the day",
                ),
            });
            continue;
        }
        let from = delivered.checked_add(jiff::Span::new().days(begins)).map_err(|_| too_large())?;
        if recheck < from {
            return Err(CannotTell::new(
                "order",
                format!("复查日 {recheck} 不在送达日 {delivered} 之后"),
                format!("the recheck on {recheck} does not come after the delivery on {delivered}"),
            ));
        }
        if let Some(within) = whole("recheck_within")
            && within < days(delivered, recheck)
        {
            answer.steps.push(Text::new(
                format!("复查晚于送达后 {within} 日（期限未核实）"),
                format!(
                    "the recheck came more than {within} days after delivery (the limit is not confirmed)"
                ),
            ));
        }
        stretches.push(Stretch { first: from, last: recheck });
    }
    stretches.sort_by_key(|stretch| stretch.first);
    if let Some(pair) = stretches.windows(2).find(|pair| pair[1].first <= pair[0].last) {
        return Err(CannotTell::new(
            "twice",
            format!("{} 计罚两次", pair[1].first),
            format!("{} would be fined twice", pair[1].first),
        ));
    }
    let counted: i64 = stretches.iter().map(|stretch| days(stretch.first, stretch.last) + 1).sum();
    let total = amount.checked_mul(Decimal::from(counted)).ok_or_else(too_large)?;
    answer.value = Some(fine(total));
    answer.figures = vec![
        Figure::new("days", Text::new("计罚日数", "days counted"), Decimal::from(counted), Unit::Day),
        Figure::new("daily", Text::new("每日数额", "amount a day"), amount.normalize(), Unit::Yuan),
    ];
    let spans = stretches.iter().map(|one| {
        let count = days(one.first, one.last) + 1;
        Text::new(
            format!("{} 至 {}：{count} 日", one.first, one.last),
            format!("{} to {}: {count} day(s)", one.first, one.last),
        )
    });
    answer.steps.splice(0..0, spans);
    let mut sources: Vec<Sourced> = vec![source];
    let act = first.day("act_day").or(first.day("delivered")).unwrap_or(basis.day());
    let decided = first.day("day").or(stretches.last().map(|one| one.last)).unwrap_or(act);
    let (said, of) = frame(&tables, act, decided);
    answer.steps.extend(said);
    sources.extend(of);
    Ok(answer.by(tables.edition(), &sources.iter().collect::<Vec<_>>()))
}

/// Where no day of decision is written, the edition is that of the day the order was delivered.
fn order_basis<'b>(row: &Row, basis: Basis<'b>) -> Basis<'b> {
    match (basis, row.day("day"), row.day("delivered")) {
        (Basis::OfDay(_), None, Some(delivered)) => Basis::OfDay(delivered),
        _ => basis,
    }
}

/// Days from one to another.
fn days(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}
