//! GB/T 14848/single-factor
//!
//! # What it decides
//! The class of a groundwater sample by its worst item, and the class of each item; where classes share a limit the
//! better one counts (从优不从劣).
//!
//! # What it leaves undecided
//! Gross alpha and beta activity above class III (IV and V read the same in the standard), items below a detection limit
//! that itself is above class I, unless a worse item decides anyway. Items that were not measured are named, not judged.
//!
//! # Source
//! GB/T 14848-2017, tables 1 and 2. Numbers: `data/gb-t-14848/`.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{
    Answer, Assessment, CannotTell, Cell, Column, ColumnChoice, ColumnKind, Figure, ItemAnswer, Row, Rows,
};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;
use crate::schema::general::{Bound, Grade, Graded, GradedRow, LimitCell};
use crate::single_factor::{self, Span};
use crate::{Rounding, Unjudged};

pub(crate) const GB_14848: &str = "GB/T 14848";

/// The class whose limits multiples are stated over when no target class is given: the one drinking water is taken from.
const USUAL_TARGET: &str = "III";
/// Decimals of an exceedance multiple.
const MULTIPLE_DIGITS: u32 = 2;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[Assessment {
    id: "groundwater",
    theme: Theme::Groundwater,
    title: ("地下水质量", "Groundwater quality"),
    about: (
        "按 GB/T 14848 单因子评价法，以最差指标的类别作为地下水质量类别，给出各指标类别和超Ⅲ类（或目标类别）倍数。总α、总β放射性超过Ⅲ类后标准不能区分Ⅳ类和Ⅴ类。",
        "The class of groundwater by its worst item (GB/T 14848), with the class of each item and the multiple over class III (or the target class). Beyond class III the standard cannot tell classes IV and V of gross alpha and beta activity apart.",
    ),
    standards: &[GB_14848],
    rows: Rows::Each,
    columns,
    figures: &[
        ("items", "参评指标数", "items judged"),
        ("over", "超过Ⅲ类（或目标类别）的指标数", "items over class III (or the target class)"),
    ],
    example: &[&[
        ("point", "SZ-01"),
        ("day", "2026-05-08"),
        ("ph", "7.6"),
        ("total_hardness", "480"),
        ("nh3n", "0.12"),
        ("nitrate", "24"),
        ("fluoride", "1.2"),
        ("hg", "0.00004L"),
        ("odour_taste", "无"),
    ]],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
}];

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = vec![
        Column::text("point", "监测点", "sampling point").or("well", &["监测井", "点位", "井号", "点位名称"]),
        Column::judged_day(),
    ];
    let Some(tables) = law.latest(GB_14848) else {
        return columns;
    };
    if let Some((_, grades)) = tables.grades("classes") {
        columns.push(
            Column::choice("target", "目标类别", "target class", grades.iter().map(grade_choice).collect())
                .or("target_class", &["水质目标", "考核目标", "目标水质"]),
        );
    }
    for body in ["regular", "other"].iter().filter_map(|id| tables.graded(id)) {
        for item in &body.1.item {
            let mut column = Column::of_item(item);
            if body.1.row.iter().any(|row| row.item == item.key && row.bound == Bound::Word) {
                column.kind = ColumnKind::Choice(none_or_present());
            }
            columns.push(column);
        }
    }
    columns
}

fn grade_choice(grade: &Grade) -> ColumnChoice {
    ColumnChoice { id: grade.id.clone(), name: grade.name.clone(), aliases: grade.aliases.clone() }
}

fn none_or_present() -> Vec<ColumnChoice> {
    let mut none = ColumnChoice::new("none", "无", "none");
    none.aliases = ["未见", "无异臭", "无异臭异味", "无任何嗅和味", "0"].map(str::to_owned).to_vec();
    let mut present = ColumnChoice::new("present", "有", "present");
    present.aliases = ["1"].map(str::to_owned).to_vec();
    vec![none, present]
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let row = rows.first().ok_or(Unjudged::NothingMeasured)?;
    let tables = law.tables(GB_14848, basis)?;
    let (_, grades) = tables.need(tables.grades("classes"), "classes")?;
    let (regular_source, regular) = tables.need(tables.graded("regular"), "regular")?;
    let other = tables.graded("other");
    let target = row.choice("target");
    let compared = target.unwrap_or(USUAL_TARGET);

    let (mut items, mut spans, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    let mut used: Vec<&Sourced> = Vec::new();
    let bodies = [Some((&regular_source, regular)), other.as_ref().map(|(source, body)| (source, *body))];
    for (source, body) in bodies.into_iter().flatten() {
        for item in &body.item {
            let Some(cell) = row.cell(&item.key) else {
                if std::ptr::eq(body, regular) {
                    missing.push(&item.name);
                }
                continue;
            };
            let limits = tables.need(body.row(&item.key, &Circumstances::new()).ok().flatten(), &item.key)?;
            let span = span(body, limits, cell).ok_or_else(|| {
                CannotTell::new(
                    "not_a_value",
                    format!("{}：不能写作未检出", item.name.zh),
                    format!("{}: it cannot be given as not detected", item.name.en),
                )
            })?;
            let at = body.grades.iter().position(|grade| grade == compared).unwrap_or(body.grades.len());
            let limit = limits.limits.get(at);
            items.push(ItemAnswer {
                key: item.key.clone(),
                name: item.name.clone(),
                value: single_factor::value_of(cell),
                unit: item.unit,
                limit: limit.map(|limit| crate::sheet::limit_text(limits.bound, limit)),
                class: span
                    .known()
                    .and_then(|known| body.grade_id(known))
                    .map(|id| single_factor::class(grades, id)),
                meets: span.meets(at),
                multiple: match (limits.bound, limit) {
                    (Bound::Max, Some(LimitCell::Number(limit))) => {
                        single_factor::multiple(cell, *limit, MULTIPLE_DIGITS)
                    }
                    _ => None,
                },
                note: single_factor::note_of(cell, span).or_else(|| between(body, grades, span)),
            });
            spans.push((span, at, &item.name));
            if !used.contains(&source) {
                used.push(source);
            }
        }
    }

    let whole =
        single_factor::worst(spans.iter().map(|(span, ..)| *span)).ok_or(Unjudged::NothingMeasured)?;
    let over = spans.iter().filter(|(span, at, _)| span.meets(*at) == Some(false)).count();
    let mut answer = Answer {
        meets: target.and_then(|_| spans.first()).and_then(|(_, at, _)| whole.meets(*at)),
        items,
        figures: vec![count("items", "参评指标数", "items judged", spans.len()), {
            count("over", "超过Ⅲ类（或目标类别）的指标数", "items over class III (or the target class)", over)
        }],
        excluded: single_factor::not_measured(&missing).into_iter().collect(),
        ..Answer::default()
    };
    match whole.known() {
        Some(known) => {
            answer.class = regular.grade_id(known).map(|id| single_factor::class(grades, id));
            // Class I is the class of every item; of a worse class the items that have it are the reason.
            let deciding = spans.iter().filter(|(span, ..)| 0 < known && span.known() == Some(known));
            answer.deciding = deciding.map(|(.., name)| (*name).clone()).collect();
        }
        None => {
            let doubtful: Vec<&Text> = spans
                .iter()
                .filter(|(span, ..)| span.known().is_none() && whole.best < span.worst)
                .map(|(.., name)| *name)
                .collect();
            let names = Text::joined(&doubtful, "、", ", ");
            let grade = |number| regular.grade_id(number).map(|id| single_factor::class(grades, id).name);
            let (best, worst) = (grade(whole.best), grade(whole.worst));
            let (best, worst) = (best.unwrap_or(Text::same("-")), worst.unwrap_or(Text::same("-")));
            answer.cannot_tell = Some(CannotTell::new(
                "between_classes",
                format!("{}不能定级，地下水类别在{}至{}之间", names.zh, best.zh, worst.zh),
                format!(
                    "{} has no single class: the water is between {} and {}",
                    names.en, best.en, worst.en
                ),
            ));
        }
    }
    Ok(answer.by(tables.edition(), &used))
}

/// The classes an item may have.
fn span(body: &Graded, limits: &GradedRow, cell: &Cell) -> Option<Span> {
    let last = body.grades.len();
    match (limits.bound, cell) {
        (Bound::Word, Cell::Choice(word)) => {
            let same = |limit: &LimitCell| matches!(limit, LimitCell::Word(known) if known == word);
            Some(Span::of(limits.limits.iter().position(same).unwrap_or(last)))
        }
        (Bound::Range | Bound::Min, Cell::Number(measured)) if !measured.below_detection => {
            Some(Span::of(body.grade_of(limits, measured.value)))
        }
        (Bound::Max, _) => {
            let is_word =
                |wanted: &str, limit: &LimitCell| matches!(limit, LimitCell::Word(word) if word == wanted);
            // Class I asks for none detected: below any detection limit, and nothing at all, are class I.
            let none_asked = limits.limits.first().is_some_and(|limit| is_word("not_detected", limit));
            let none_found = match cell {
                Cell::Number(measured) => measured.below_detection || measured.value.is_zero(),
                _ => true,
            };
            if none_asked && none_found {
                return Some(Span::of(0));
            }
            let mut span = single_factor::of_amount(cell, |value| body.grade_of(limits, value))?;
            // The standard words the classes from here on alike, so what is beyond may be any of them.
            let alike = limits.limits.iter().position(|limit| is_word("above_previous", limit));
            if let Some(first) = alike
                && span.best == last
            {
                span.best = first;
            }
            Some(span)
        }
        _ => None,
    }
}

fn between(body: &Graded, grades: &[Grade], span: Span) -> Option<Text> {
    if span.known().is_some() {
        return None;
    }
    let name = |number| body.grade_id(number).map(|id| single_factor::class(grades, id).name);
    let (best, worst) = (name(span.best)?, name(span.worst)?);
    Some(Text::new(
        format!("{}或{}，标准不能区分", best.zh, worst.zh),
        format!("{} or {}: the standard cannot tell them apart", best.en, worst.en),
    ))
}

fn count(key: &str, zh: &str, en: &str, number: usize) -> Figure {
    let value = Rounding::None.apply(Decimal::from(number));
    Figure::new(key, Text::new(zh, en), value, Unit::Count)
}
