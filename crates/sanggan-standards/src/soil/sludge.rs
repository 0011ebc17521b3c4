//! GB 4284/sludge
//!
//! # What it decides
//! Whether sludge is a class A or class B product or may not be used on farmland, by its worst pollutant; and whether the
//! hygiene and physical demands are met, where they were measured.
//!
//! # What it leaves undecided
//! Where the sludge goes, and for how many years: the amounts are in the table `dose`, to be kept by the user.
//!
//! # Source
//! GB 4284-2018, tables 1 to 3. Numbers: `data/gb-4284/`, not yet compared with the text.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::MULTIPLE_DIGITS;
use crate::assess::{Answer, Assessment, CannotTell, Cell, Column, Figure, ItemAnswer, Row, Rows};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;
use crate::schema::general::{Conditional, LimitCell};
use crate::single_factor::{self, Span};
use crate::{Bound, Unjudged};

const GB_4284: &str = "GB 4284";

pub(super) const SLUDGE: Assessment = Assessment {
    id: "sludge",
    theme: Theme::Soil,
    title: ("农用污泥", "Sludge for farm use"),
    about: (
        "按 GB 4284 判定污泥产物为A级、B级或不得农用，并核对卫生学和理化指标。",
        "Whether sludge is a class A or class B product or not for farm use (GB 4284), and whether the hygiene and physical demands are met.",
    ),
    standards: &[GB_4284],
    rows: Rows::Each,
    columns,
    figures: &[
        ("items", "参评污染物数", "pollutants judged"),
        ("failed_demands", "不符合的卫生学和理化指标数", "hygiene and physical demands not met"),
    ],
    example: &[&[
        ("point", "污水处理厂脱水机房"),
        ("day", "2026-03-10"),
        ("cd", "4.2"),
        ("hg", "1.1"),
        ("pb", "88"),
        ("cr", "150"),
        ("as", "18"),
        ("ni", "52"),
        ("zn", "930"),
        ("cu", "260"),
        ("mineral_oil", "380"),
        ("bap", "0.4"),
        ("pah", "2.1"),
        ("water_content", "58"),
    ]],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = super::head();
    let Some(tables) = law.latest(GB_4284) else {
        return columns;
    };
    let pollutants = tables.graded("pollutants").map(|(_, body)| body.item.as_slice()).unwrap_or_default();
    let demands = tables.conditional("hygiene").map(|(_, body)| body.item.as_slice()).unwrap_or_default();
    columns.extend(pollutants.iter().chain(demands).map(Column::of_item));
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let row = rows.first().ok_or(Unjudged::NothingMeasured)?;
    let tables = law.tables(GB_4284, basis)?;
    let (_, grades) = tables.need(tables.grades("classes"), "classes")?;
    let (source, body) = tables.need(tables.graded("pollutants"), "pollutants")?;
    let (mut items, mut missing) = (Vec::new(), Vec::new());
    for item in &body.item {
        let Some(cell) = row.cell(&item.key) else {
            missing.push(&item.name);
            continue;
        };
        let limits = tables.need(body.row(&item.key, &Circumstances::new()).ok().flatten(), &item.key)?;
        let span = single_factor::of_amount(cell, |value| body.grade_of(limits, value));
        let span = span.ok_or_else(|| super::not_an_amount(&item.name))?;
        let strictest = limits.limits.first();
        let class = span.known().and_then(|known| body.grade_id(known));
        let answer = ItemAnswer {
            key: item.key.clone(),
            name: item.name.clone(),
            value: single_factor::value_of(cell),
            unit: item.unit,
            limit: strictest.map(|limit| crate::sheet::limit_text(Bound::Max, limit)),
            class: class.map(|id| single_factor::class(grades, id)),
            meets: span.meets(0),
            multiple: match strictest {
                Some(LimitCell::Number(limit)) => single_factor::multiple(cell, *limit, MULTIPLE_DIGITS),
                _ => None,
            },
            note: single_factor::note_of(cell, span),
        };
        items.push((answer, span));
    }
    let all = single_factor::worst(items.iter().map(|(_, span)| *span)).ok_or(Unjudged::NothingMeasured)?;
    let mut answer = Answer::default();
    // A class is a licence to spread it: none is given while a pollutant is unknown, unless another forbids it anyway.
    let forbidden = all.best == body.grades.len();
    if !missing.is_empty() && !forbidden {
        let names = Text::joined(&missing, "、", ", ");
        answer.cannot_tell = Some(CannotTell::new(
            "missing",
            format!("缺少：{}，污染物齐全才能定级", names.zh),
            format!("missing: {}; the class needs every pollutant", names.en),
        ));
    } else if let Some((known, id)) = all.known().and_then(|known| Some((known, body.grade_id(known)?))) {
        answer.class = Some(single_factor::class(grades, id));
        let worst = items.iter().filter(|(_, span)| 0 < known && span.known() == Some(known));
        answer.deciding = worst.map(|(item, _)| item.name.clone()).collect();
        answer.meets = Some(known < body.grades.len());
    } else {
        answer.cannot_tell = Some(super::doubtful(&items, all));
    }
    answer.excluded = single_factor::not_measured(&missing).into_iter().collect();
    let judged = items.len();
    answer.items = items.into_iter().map(|(item, _)| item).collect();

    let mut used: Vec<Sourced> = vec![source];
    let mut failed = 0usize;
    if let Some((source, demands)) = tables.conditional("hygiene") {
        let compared = demands_of(demands, row);
        if !compared.is_empty() {
            used.push(source);
        }
        failed = compared.iter().filter(|item| item.meets == Some(false)).count();
        answer
            .deciding
            .extend(compared.iter().filter(|item| item.meets == Some(false)).map(|item| item.name.clone()));
        answer.items.extend(compared);
    }
    if 0 < failed && answer.meets.is_some() {
        answer.meets = Some(false);
    }
    let number = |key: &str, zh: &str, en: &str, count: usize| {
        Figure::new(key, Text::new(zh, en), Decimal::from(count), Unit::Count)
    };
    answer.figures = vec![
        number("items", "参评污染物数", "pollutants judged", judged),
        number(
            "failed_demands",
            "不符合的卫生学和理化指标数",
            "hygiene and physical demands not met",
            failed,
        ),
    ];
    Ok(answer.by(tables.edition(), &used.iter().collect::<Vec<_>>()))
}

/// The demands that were measured, each met or not.
fn demands_of(demands: &Conditional, row: &Row) -> Vec<ItemAnswer> {
    let compare = |limit: &crate::schema::general::ConditionalRow| {
        let item = demands.item.iter().find(|item| item.key == limit.item)?;
        let Cell::Number(measured) = row.cell(&item.key)? else {
            return None;
        };
        let low = limit.min.is_none_or(|min| min <= measured.value && !measured.below_detection);
        let high = limit.max.is_none_or(|max| measured.value <= max);
        let span = if low && high { Span::of(0) } else { Span::of(1) };
        let bounds = [limit.min.map(|min| format!("≥ {min}")), limit.max.map(|max| format!("≤ {max}"))];
        Some(ItemAnswer {
            key: item.key.clone(),
            name: item.name.clone(),
            value: Some(measured.value),
            unit: item.unit,
            limit: Some(Text::same(bounds.into_iter().flatten().collect::<Vec<_>>().join(", "))),
            class: None,
            meets: span.meets(0),
            multiple: None,
            note: limit.note.clone(),
        })
    };
    demands.row.iter().filter_map(compare).collect()
}
