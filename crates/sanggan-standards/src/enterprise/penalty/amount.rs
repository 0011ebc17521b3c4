//! penalty-discretion/amount of a fine
//!
//! # What it decides
//! The fine within the statutory range by the model of two dimensions, from the grade of the individual factor and the
//! grades of the common ones, moved by an adjustment.
//!
//! # What it leaves undecided
//! Which article was broken and its range, and the grades themselves: the officer gives them. A province's own rule
//! prevails.
//!
//! # Source
//! 环执法〔2019〕42号, annex: `data/penalty-discretion/`, unconfirmed.
//!
//! * PENALTY-1: the fine stays within the statutory range unless the penalty is mitigated (减轻), and never above it.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::{case_columns, fine, frame, missing, too_large, unreadable, yuan};
use crate::assess::{
    Answer, Assessment, CannotTell, Cell, Column, ColumnChoice, ColumnKind, Figure, Row, Rows,
};
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;
use crate::schema::general::{List, Score};
use crate::{Rounding, Unjudged};

const STANDARD: &str = "penalty-discretion";

/// Digits of a fine: a cent.
const FINE_DIGITS: u32 = 2;

/// The part of the score of the individual factor.
const INDIVIDUAL: &str = "individual";

pub(in crate::enterprise) const ASSESSMENT: Assessment = Assessment {
    id: "penalty",
    theme: Theme::Enterprise,
    title: ("行政处罚裁量", "Amount of a fine"),
    about: (
        "按二维裁量模型由法定最低、最高数额和个性、共性因素等级计算罚款数额，并按从重、从轻幅度调整；除减轻外不超出法定幅度。违反条款、法定幅度和等级由执法人员填报，省级裁量基准另有规定的从其规定。",
        "The fine by the model of two dimensions, from the statutory least and most and the grades of the individual and common factors, then adjusted; within the statutory range unless mitigated. The article, its range and the grades are the officer's; a province's own rule prevails.",
    ),
    standards: &[STANDARD],
    rows: Rows::Each,
    columns,
    figures: &[
        ("model", "模型计算数额", "amount by the model"),
        ("adjusted", "调整后数额", "amount after adjustment"),
        ("factors", "共性因素个数", "common factors"),
    ],
    example: &[&[
        ("case", "朔环罚〔2026〕15号"),
        ("enterprise", "朔州某公司"),
        ("day", "2026-04-20"),
        ("least", "100000"),
        ("most", "1000000"),
        ("individual", "3"),
        ("frequency", "1"),
        ("area", "2"),
        ("cooperation", "1"),
        ("adjust", "-10"),
    ]],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn least_column() -> Column {
    Column::number("least", "法定最低数额", "statutory least", Unit::Yuan)
        .or("最低罚款", &["法定最低罚款", "下限", "min"])
        .required()
        .note("法律未定下限的填0", "0 where the law sets none")
}

fn most_column() -> Column {
    Column::number("most", "法定最高数额", "statutory most", Unit::Yuan)
        .or("最高罚款", &["法定最高罚款", "上限", "max"])
        .required()
}

fn adjust_column() -> Column {
    let mut column = Column::signed("adjust", "调整幅度", "adjustment", Unit::Percent)
        .or("从重从轻幅度", &["调整", "裁量调整"])
        .note("从重为正，从轻、减轻为负；不填为0", "heavier positive, lighter negative; none when empty");
    if let ColumnKind::Number { min, max, .. } = &mut column.kind {
        (*min, *max) = (Some(-Decimal::ONE_HUNDRED), Some(Decimal::ONE_HUNDRED));
    }
    column
}

fn grade_column(score: &Score, highest: Decimal) -> Column {
    let mut column = Column::number(&score.key, &score.name.zh, &score.name.en, Unit::None);
    if let ColumnKind::Number { min, max, .. } = &mut column.kind {
        (*min, *max) = (Some(Decimal::ONE), Some(highest));
    }
    if let Some(short) = score.name.zh.strip_suffix("等级") {
        column.aliases.push(short.to_owned());
    }
    column
}

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = case_columns();
    columns.extend([least_column(), most_column()]);
    let Some(tables) = law.latest(STANDARD) else { return columns };
    let highest = tables.factors("model").and_then(|(_, body)| body.get("highest", "value"));
    if let Some((highest, (_, scores))) = highest.zip(tables.scores("factors")) {
        columns.extend(scores.row.iter().map(|score| grade_column(score, highest)));
    }
    columns.push(adjust_column());
    columns.push(
        Column::yes_no("mitigated", "减轻处罚", "mitigated")
            .or("减轻", &[])
            .note("减轻的可低于法定最低数额", "a mitigated fine may be below the statutory least"),
    );
    if let Some((_, list)) = tables.list("not_punished") {
        let choices = list.row.iter().filter(|row| row.parent.is_some());
        let choices = choices.map(|row| ColumnChoice {
            id: row.id.clone(),
            name: row.name.clone(),
            aliases: Vec::new(),
        });
        let column = Column::choice("exemption", "不予处罚情形", "ground for no penalty", choices.collect());
        columns.push(column.or("不予处罚", &["免罚情形"]));
    }
    columns
}

/// The grade a row gives a factor.
fn grade(row: &Row, score: &Score) -> Result<Option<Decimal>, CannotTell> {
    match row.cell(&score.key) {
        None => Ok(None),
        Some(Cell::Number(grade)) if !grade.below_detection && grade.value.fract().is_zero() => {
            Ok(Some(grade.value))
        }
        Some(_) => Err(CannotTell::new(
            "unreadable",
            format!("{}应为1至5的整数", score.name.zh),
            format!("{} is a whole number of 1 to 5", score.name.en),
        )),
    }
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let row = rows.first().ok_or(Unjudged::NothingMeasured)?;
    let tables = law.tables(STANDARD, basis)?;
    let (source, model) = tables.need(tables.factors("model"), "model")?;
    let (score_source, scores) = tables.need(tables.scores("factors"), "factors")?;
    let share = tables.need(model.get("share", "value"), "share")?;
    let highest = tables.need(model.get("highest", "value"), "highest")?;
    let (least, most) = (yuan(row, &least_column())?, yuan(row, &most_column())?);
    if most < least {
        return Err(CannotTell::new(
            "order",
            "法定最高数额低于最低数额",
            "the statutory most is below the least",
        ));
    }
    let mut sources: Vec<Sourced> = vec![source, score_source];
    let act = row.day("act_day").unwrap_or(basis.day());
    let (said, of) = frame(&tables, act, basis.day());
    sources.extend(of);
    let mut answer = Answer { steps: said, ..Answer::default() };

    let exemption = tables.list("not_punished").zip(row.choice("exemption"));
    if let Some(((source, list), id)) = exemption {
        let (step, none) = exempted(list, id);
        answer.steps.extend(step);
        sources.push(source);
        if none {
            answer.deciding =
                list.row.iter().filter(|one| one.id == id).map(|one| one.name.clone()).collect();
            answer.value = Some(fine(Decimal::ZERO));
            return Ok(answer.by(tables.edition(), &sources.iter().collect::<Vec<_>>()));
        }
    }

    let individual =
        tables.need(scores.row.iter().find(|one| one.role.as_deref() == Some(INDIVIDUAL)), INDIVIDUAL)?;
    let a = grade(row, individual)?.ok_or_else(|| missing(&individual.name))?;
    let mut common = Vec::new();
    for score in scores.row.iter().filter(|one| one.role.as_deref() != Some(INDIVIDUAL)) {
        common.extend(grade(row, score)?);
    }
    if common.is_empty() {
        return Err(missing(&Text::new("共性因素等级", "grades of the common factors")));
    }
    let x = by_model(least, most, share, highest, a, &common).ok_or_else(too_large)?;
    let percent = match row.cell("adjust") {
        None => Decimal::ZERO,
        Some(Cell::Number(percent)) if !percent.below_detection => percent.value,
        Some(_) => return Err(unreadable(&adjust_column().name)),
    };
    let factor = Decimal::ONE + percent / Decimal::ONE_HUNDRED;
    let adjusted = x.checked_mul(factor).ok_or_else(too_large)?;
    let floor = if row.is_yes("mitigated") == Some(true) { Decimal::ZERO } else { least };
    let kept = adjusted.clamp(floor, most);
    if kept != adjusted {
        answer.steps.push(Text::new(
            "调整后超出法定幅度，取法定限额（减轻的除外）",
            "the adjusted amount lies outside the statutory range: the bound is taken (unless mitigated)",
        ));
    }
    let cents = |amount: Decimal| Rounding::HalfEven(FINE_DIGITS).apply(amount).normalize();
    answer.value = Some(fine(cents(kept)));
    let yuan = |key: &str, zh: &str, en: &str, amount| {
        Figure::new(key, Text::new(zh, en), cents(amount), Unit::Yuan)
    };
    answer.figures = vec![
        yuan("model", "模型计算数额", "amount by the model", x),
        yuan("adjusted", "调整后数额", "amount after adjustment", adjusted),
        Figure::new(
            "factors",
            Text::new("共性因素个数", "common factors"),
            Decimal::from(common.len()),
            Unit::Count,
        ),
    ];
    answer.steps.push(Text::new(
        "减轻、从轻、从重的理由和幅度由处罚机关认定；省级裁量基准另有规定的从其规定",
        "the grounds and the size of an adjustment are for the authority; a province's own rule prevails",
    ));
    Ok(answer.by(tables.edition(), &sources.iter().collect::<Vec<_>>()))
}

/// What a ground for no penalty means, and whether it leaves no fine.
fn exempted(list: &List, id: &str) -> (Option<Text>, bool) {
    let Some(ground) = list.row.iter().find(|one| one.id == id) else { return (None, false) };
    let parent = ground.parent.as_deref();
    let effect = list.row.iter().find(|one| Some(one.id.as_str()) == parent);
    let step = effect.map(|effect| {
        Text::new(
            format!("{}：{}", ground.name.zh, effect.name.zh),
            format!("{}: {}", ground.name.en, effect.name.en),
        )
    });
    (step, parent == Some("shall"))
}

/// X = Mmin + (Mmax − Mmin) × share × [ (a/5)² + Σb²/(25n) ]; `None` beyond what decimals hold.
fn by_model(
    least: Decimal,
    most: Decimal,
    share: Decimal,
    highest: Decimal,
    a: Decimal,
    common: &[Decimal],
) -> Option<Decimal> {
    let squares: Decimal = common.iter().map(|b| *b * *b).sum();
    let square = highest * highest;
    let first = (a * a).checked_div(square)?;
    let second = squares.checked_div(square.checked_mul(Decimal::from(common.len()))?)?;
    let part = share.checked_mul(first.checked_add(second)?)?;
    least.checked_add(most.checked_sub(least)?.checked_mul(part)?)
}
