//! credit/environmental credit of an enterprise
//!
//! # What it decides
//! The situations that decide a grade by themselves (veto), and the weighted score of the indicators.
//!
//! # What it leaves undecided
//! The grade by the score: the bounds of the score are not at hand. A city's pack may lay a table of bands called
//! `thresholds` over the edition; then the grade is that of the score.
//!
//! # Source
//! 环发〔2013〕150号: `data/credit/`, unconfirmed.
//!
//! * CREDIT-1: a veto decides, whatever the score; without one no grade is guessed.
//! * CREDIT-2: a score is the sum over all indicators; one that is lacking, or a weight that is not known, leaves it open.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{
    Answer, Assessment, CannotTell, Cell, Column, ColumnChoice, ColumnKind, Exclusion, Figure, ItemAnswer,
    Row, Rows,
};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;
use crate::schema::general::{Score, Scores};
use crate::single_factor::class;
use crate::{Rounding, Unjudged};

const STANDARD: &str = "credit";

/// Digits of a score as it is shown.
const SCORE_DIGITS: u32 = 2;

pub(super) const ASSESSMENT: Assessment = Assessment {
    id: "credit",
    theme: Theme::Enterprise,
    title: ("企业环境信用评价", "Environmental credit of an enterprise"),
    about: (
        "按企业环境信用评价办法核对一票否决情形并计算21项指标的加权得分；有否决情形的直接定级。分数线尚未取得，无否决情形时只给得分，不定级。每行为一项指标或一个情形。",
        "Checks the situations that decide the grade by themselves and works out the weighted score of the 21 indicators. The bounds of the score are not at hand: without a veto there is a score but no grade. Each row is one indicator or one situation.",
    ),
    standards: &[STANDARD],
    rows: Rows::By(&["enterprise", "year"]),
    columns,
    figures: &[
        ("indicators", "已评指标数", "indicators scored"),
        ("weight", "已评指标权重合计", "weight of the indicators scored"),
        ("situations", "直接定级情形数", "situations that decide"),
    ],
    example: &[
        &[
            ("enterprise", "朔州某公司"),
            ("year", "2025"),
            ("day", "2026-03-20"),
            ("indicator", "大气及水污染物达标排放"),
            ("score", "92"),
        ],
        &[
            ("enterprise", "朔州某公司"),
            ("year", "2025"),
            ("day", "2026-03-20"),
            ("situation", "hidden_pipe"),
        ],
    ],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn percent(key: &str, zh: &str, en: &str, unit: Unit) -> Column {
    let mut column = Column::number(key, zh, en, unit);
    if let ColumnKind::Number { max, .. } = &mut column.kind {
        *max = Some(Decimal::ONE_HUNDRED);
    }
    column
}

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = vec![
        Column::text("enterprise", "企业名称", "enterprise").or("company", &["企业", "单位名称"]),
        Column::text("year", "评价年度", "year").or("年度", &["年份"]),
        Column::judged_day(),
    ];
    let Some(tables) = law.latest(STANDARD) else { return columns };
    let choice =
        |id: &str, name: &Text| ColumnChoice { id: id.to_owned(), name: name.clone(), aliases: Vec::new() };
    if let Some((_, scores)) = tables.scores("indicators") {
        let choices = scores.row.iter().map(|score| choice(&score.key, &score.name)).collect();
        columns.push(Column::choice("indicator", "评价指标", "indicator", choices).or("指标", &["指标名称"]));
    }
    columns.push(percent("score", "指标得分", "score", Unit::None).or("得分", &["分值", "评分"]));
    columns.push(
        percent("weight", "指标权重", "weight", Unit::Percent)
            .or("权重", &[])
            .note("不填时用办法中已知的权重", "when empty the weight of the measure, where it is known"),
    );
    columns.push(Column::yes_no("applicable", "是否适用", "applies").or("适用", &[]));
    if let Some((_, list)) = tables.list("situations") {
        let choices = list.row.iter().filter(|row| row.parent.is_some());
        let choices = choices.map(|row| choice(&row.id, &row.name)).collect();
        let column = Column::choice("situation", "直接定级情形", "situation that decides", choices);
        columns.push(column.or("否决情形", &["一票否决情形", "一票否决"]));
    }
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let tables = law.tables(STANDARD, basis)?;
    let (grade_source, grades) = tables.need(tables.grades("grades"), "grades")?;
    let (indicator_source, scores) = tables.need(tables.scores("indicators"), "indicators")?;
    let (situation_source, situations) = tables.need(tables.list("situations"), "situations")?;
    let mut sources: Vec<Sourced> = vec![grade_source];
    let mut answer = Answer::default();

    // The worst grade that a situation leads to decides.
    let place = |id: &str| grades.iter().position(|grade| grade.id == id);
    let mut vetoes: Vec<(usize, &Text)> = Vec::new();
    for id in rows.iter().filter_map(|row| row.choice("situation")) {
        let entry = situations.row.iter().find(|one| one.id == id);
        let led = entry.and_then(|entry| Some((place(entry.parent.as_deref()?)?, &entry.name)));
        vetoes.extend(led.filter(|one| !vetoes.contains(one)));
    }
    if !vetoes.is_empty() {
        sources.push(situation_source);
    }

    let total = scored(rows, scores, &mut answer)?;
    if !answer.items.is_empty() {
        sources.push(indicator_source);
    }
    if vetoes.is_empty() && answer.items.is_empty() {
        return Err(Unjudged::NothingMeasured.into());
    }
    answer.figures.push(Figure::new(
        "situations",
        Text::new("直接定级情形数", "situations that decide"),
        Decimal::from(vetoes.len()),
        Unit::Count,
    ));
    if let Ok(total) = &total {
        answer.value =
            Some(Figure::new("score", Text::new("加权得分", "weighted score"), *total, Unit::None));
    }
    let worst = vetoes.iter().map(|(at, _)| *at).max();
    let bands = tables.bands("thresholds");
    let by_score = match (&total, &bands) {
        (Ok(total), Some((_, bands))) => bands.band(*total, &Circumstances::new()),
        _ => None,
    };
    let by_score = by_score.and_then(|band| place(&band.id));
    if let Some(at) = by_score
        && worst.is_none_or(|worst| worst < at)
    {
        sources.extend(bands.as_ref().map(|(source, _)| source.clone()));
        answer.class = grades.get(at).map(|grade| class(grades, &grade.id));
    } else if let Some(worst) = worst {
        answer.class = grades.get(worst).map(|grade| class(grades, &grade.id));
        answer.deciding =
            vetoes.iter().filter(|(at, _)| *at == worst).map(|(_, name)| (*name).clone()).collect();
        // Only the worst grade stands whatever the score is; another could still be made worse by it.
        if worst + 1 < grades.len() && by_score.is_none() {
            answer.class = None;
            answer.cannot_tell = Some(total.err().unwrap_or_else(no_thresholds));
        } else if let Err(why) = total {
            answer.steps.push(why.text);
        }
    } else {
        answer.cannot_tell = Some(total.err().unwrap_or_else(no_thresholds));
    }
    Ok(answer.by(tables.edition(), &sources.iter().collect::<Vec<_>>()))
}

fn no_thresholds() -> CannotTell {
    CannotTell::new(
        "no_limit",
        "各等级的分数线尚未取得，只给得分，不定级",
        "the bounds of the score are not at hand: there is a score but no grade",
    )
}

/// Puts the indicators of the rows into the answer and adds them up.
fn scored(
    rows: &[Row],
    scores: &Scores,
    answer: &mut Answer,
) -> Result<Result<Decimal, CannotTell>, CannotTell> {
    let (mut sum, mut weights) = (Decimal::ZERO, Decimal::ZERO);
    let mut without_weight: Vec<&Text> = Vec::new();
    let (mut seen, mut not_applicable): (Vec<&Score>, usize) = (Vec::new(), 0);
    for row in rows {
        let Some(score) =
            row.choice("indicator").and_then(|key| scores.row.iter().find(|one| one.key == key))
        else {
            if row.cell("score").is_some() {
                return Err(CannotTell::new("missing", "缺少：评价指标", "missing: indicator"));
            }
            continue;
        };
        if seen.iter().any(|one| one.key == score.key) {
            return Err(CannotTell::new(
                "twice",
                format!("“{}”有两行", score.name.zh),
                format!("there are two rows for {}", score.name.en),
            ));
        }
        if row.is_yes("applicable") == Some(false) {
            seen.push(score);
            not_applicable += 1;
            answer
                .excluded
                .push(Exclusion { what: score.name.clone(), why: Text::new("不适用", "does not apply") });
            continue;
        }
        let points = match row.cell("score") {
            Some(Cell::Number(points)) if !points.below_detection => points.value,
            Some(_) => return Err(unreadable(score)),
            None => continue,
        };
        let weight = match row.cell("weight") {
            Some(Cell::Number(weight)) if !weight.below_detection => Some(weight.value),
            Some(_) => return Err(unreadable(score)),
            None => score.weight,
        };
        seen.push(score);
        match weight {
            Some(weight) => {
                sum += points * weight / Decimal::ONE_HUNDRED;
                weights += weight;
            }
            None => without_weight.push(&score.name),
        }
        answer.items.push(ItemAnswer {
            key: score.key.clone(),
            name: score.name.clone(),
            value: Some(points.normalize()),
            unit: Unit::None,
            limit: None,
            class: None,
            meets: None,
            multiple: None,
            note: weight.map(|weight| Text::new(format!("权重 {weight}%"), format!("weight {weight} %"))),
        });
    }
    answer.figures = vec![
        Figure::new(
            "indicators",
            Text::new("已评指标数", "indicators scored"),
            Decimal::from(answer.items.len()),
            Unit::Count,
        ),
        Figure::new(
            "weight",
            Text::new("已评指标权重合计", "weight of the indicators scored"),
            weights.normalize(),
            Unit::Percent,
        ),
    ];
    let missing: Vec<&Text> = scores
        .row
        .iter()
        .filter(|score| seen.iter().all(|one| one.key != score.key))
        .map(|score| &score.name)
        .collect();
    if !missing.is_empty() {
        return Ok(Err(CannotTell::new(
            "missing",
            format!("21项指标缺{}项得分：{}", missing.len(), Text::joined(&missing, "、", ", ").zh),
            format!("{} indicators have no score: {}", missing.len(), Text::joined(&missing, "、", ", ").en),
        )));
    }
    if !without_weight.is_empty() {
        let names = Text::joined(&without_weight, "、", ", ");
        return Ok(Err(CannotTell::new(
            "weights",
            format!("权重未知，须填报：{}", names.zh),
            format!("weights to be given: {}", names.en),
        )));
    }
    let whole = Decimal::ONE_HUNDRED;
    if whole < weights || (not_applicable == 0 && weights != whole) {
        return Ok(Err(CannotTell::new(
            "weights",
            format!("权重合计为{}%，应为100%", weights.normalize()),
            format!("the weights add up to {} %, not 100 %", weights.normalize()),
        )));
    }
    if 0 < not_applicable {
        answer.steps.push(Text::new(
            "不适用的指标未计分，也未折算到其他指标",
            "indicators that do not apply bring no points; their weight is not spread over the others",
        ));
    }
    Ok(Ok(Rounding::HalfEven(SCORE_DIGITS).apply(sum).normalize()))
}

fn unreadable(score: &Score) -> CannotTell {
    CannotTell::new(
        "unreadable",
        format!("“{}”的得分或权重不是数", score.name.zh),
        format!("the score or weight of {} is no number", score.name.en),
    )
}
