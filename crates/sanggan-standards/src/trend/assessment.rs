//! TREND/trend
//!
//! # What it decides
//! Whether a series of figures (a year's mean, a month's percentile) rises or falls, and how fast: rank correlation by
//! HJ 663, test of Mann and Kendall, slope of Theil and Sen.
//!
//! # What it leaves undecided
//! Short series, lengths the table of critical values does not have, series with two values for one period. When the
//! two tests disagree both are told and the class is that of Mann and Kendall.
//!
//! # Source
//! HJ 663-2013 annex; Mann 1945, Kendall 1975, Sen 1968, Gilbert 1987: `data/trend/`.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::spearman::{self, SpearmanVerdict};
use super::{PKind, mann_kendall, theil_sen};
use crate::assess::{
    Answer, Assessment, CannotTell, Cell, ClassAnswer, Column, Exclusion, Figure, ItemAnswer, Row, Rows,
};
use crate::edition::{Basis, Text, Theme};
use crate::{Law, Rounding, Unjudged, exact, to_f64};

const TREND: &str = "trend";

const FIGURES: &[(&str, &str, &str)] = &[
    ("n", "个数 N", "number of values"),
    ("slope", "泰尔-森斜率（每年）", "slope of Theil and Sen, a year"),
    ("slope_low", "斜率置信下限", "slope, lower end"),
    ("slope_high", "斜率置信上限", "slope, upper end"),
    ("intercept", "截距（时间为0处）", "intercept, at time 0"),
    ("s", "曼-肯德尔 S", "S of Mann and Kendall"),
    ("z", "曼-肯德尔 Z", "Z of Mann and Kendall"),
    ("p", "曼-肯德尔 p（双侧）", "p of Mann and Kendall, two-sided"),
    ("tau", "肯德尔 τ", "Kendall's tau"),
    ("rs", "秩相关系数 rs", "rank correlation"),
    ("rs_critical", "rs 临界值", "critical value of rs"),
];

/// Whether a series rises or falls.
pub(super) const ASSESSMENT: Assessment = Assessment {
    id: "trend",
    theme: Theme::Air,
    title: ("变化趋势", "Trend"),
    about: (
        "判断同一序列（如某点位某项目历年均值）的变化趋势：秩相关系数法（HJ 663）、曼-肯德尔检验，并给出泰尔-森斜率、截距和置信区间。逐月、逐季的序列含季节变化，宜用年值。",
        "Tells whether a series (such as the yearly means of an item at a place) rises or falls: rank correlation (HJ 663), test of Mann and Kendall, and the slope of Theil and Sen with intercept and interval. Monthly and quarterly series follow the seasons: yearly figures are to be preferred.",
    ),
    standards: &[TREND],
    rows: Rows::By(&["series"]),
    columns,
    figures: FIGURES,
    example: &[
        &[("series", "PM2.5"), ("period", "2016"), ("value", "57")],
        &[("series", "PM2.5"), ("period", "2017"), ("value", "52")],
        &[("series", "PM2.5"), ("period", "2018"), ("value", "49")],
        &[("series", "PM2.5"), ("period", "2019"), ("value", "44")],
        &[("series", "PM2.5"), ("period", "2020"), ("value", "37")],
    ],
    judge,
};

fn columns(_law: &Law) -> Vec<Column> {
    vec![
        Column::text("series", "序列", "series")
            .or("name", &["项目", "指标", "点位", "station", "item", "parameter"]),
        Column::judged_day().note("所用版本按此日选取。", "The edition is picked by it."),
        Column::text("period", "时段", "period")
            .or("year", &["年", "年份", "年度", "月份", "month", "quarter"])
            .required()
            .note("2020、2020-03、2020Q1 或顺序号。", "2020, 2020-03, 2020Q1, or a running number."),
        Column::signed("value", "数值", "value", Unit::None)
            .or("concentration", &["值", "浓度", "均值", "mean", "年均值"]),
    ]
}

/// A period as a number of years: `2020`, `2020-03`, `2020年3月`, `2020Q1`; or a running number.
fn time_of(period: &str) -> Option<(f64, bool)> {
    let plain =
        period.trim().trim_end_matches(['年', '月']).replace(['年', '/', '.'], "-").to_ascii_uppercase();
    let part = |text: &str, of: f64| -> Option<f64> {
        let number: u8 = text.trim().parse().ok()?;
        (1.0..=of).contains(&f64::from(number)).then(|| f64::from(number - 1) / of)
    };
    let year = |text: &str| text.trim().trim_end_matches('-').parse::<u16>().ok().map(f64::from);
    if let Some((of, quarter)) = plain.split_once('Q') {
        return Some((year(of)? + part(quarter, 4.0)?, true));
    }
    match plain.split_once('-') {
        Some((of, month)) => Some((year(of)? + part(month, 12.0)?, true)),
        None => year(&plain).map(|year| (year, false)),
    }
}

/// The points of a series in order of time; (time, value, whether periods are parts of years).
fn points(rows: &[Row], excluded: &mut Vec<Exclusion>) -> Result<(Vec<(f64, f64)>, bool), CannotTell> {
    let (mut points, mut seasonal) = (Vec::with_capacity(rows.len()), false);
    for row in rows {
        let period = row.text("period").unwrap_or_default();
        let Some((time, part)) = time_of(period) else {
            return Err(CannotTell::new(
                "unreadable",
                format!("时段“{period}”不是年、月、季或顺序号"),
                format!("`{period}` is no year, month, quarter or running number"),
            ));
        };
        seasonal |= part;
        let value = match row.cell("value") {
            Some(Cell::Number(measured)) if measured.below_detection => {
                return Err(CannotTell::new(
                    "below_detection",
                    format!("{period}：低于检出限的值不能排序"),
                    format!("{period}: a value below the detection limit has no rank"),
                ));
            }
            Some(Cell::Number(measured)) => to_f64(measured.value),
            Some(Cell::NotDetected) => {
                return Err(CannotTell::new(
                    "below_detection",
                    format!("{period}：未检出，不能排序"),
                    format!("{period}: not detected, which has no rank"),
                ));
            }
            _ => {
                excluded
                    .push(Exclusion { what: Text::same(period), why: Text::new("没有数值", "no value") });
                continue;
            }
        };
        points.push((time, value));
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    if let Some(pair) = points.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(CannotTell::new(
            "twice",
            format!("同一时段有两个值（{}）", pair[0].0),
            format!("there are two values for one period ({})", pair[0].0),
        ));
    }
    Ok((points, seasonal))
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let mut excluded = Vec::new();
    match judged(law, rows, basis, &mut excluded) {
        Ok(mut answer) => {
            answer.excluded.extend(excluded);
            answer
        }
        Err(why) => Answer { excluded, ..Answer::cannot_tell(why) },
    }
}

fn class(id: &str, zh: &str, en: &str) -> ClassAnswer {
    ClassAnswer { id: id.to_owned(), name: Text::new(zh, en), colour: None }
}

fn judged(
    law: &Law,
    rows: &[Row],
    basis: Basis<'_>,
    excluded: &mut Vec<Exclusion>,
) -> Result<Answer, CannotTell> {
    let tables = law.tables(TREND, basis)?;
    let (tests_source, tests) = tables.need(tables.factors("tests"), "tests")?;
    let (spearman_source, critical) = tables.need(tables.factors("spearman"), "spearman")?;
    let number = |key: &str| tables.need(tests.get(key, "value"), key);
    let count = |key: &str| number(key).map(|value| to_f64(value) as u32);
    let (alpha, digits) = (to_f64(number("alpha")?), count("statistic_digits")?);
    let (points, seasonal) = points(rows, excluded)?;
    let required = count("values_min")?;
    let used = crate::statistics::count(points.len());
    if used < required {
        return Err(Unjudged::TooFewData { used, required }.into());
    }
    let values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
    let too_large =
        || CannotTell::new("unreadable", "数值过大，不能计算", "the values are too large to work with");
    let test = mann_kendall(&values, count("normal_from")? as usize).ok_or_else(too_large)?;
    let line = theil_sen(&points, test.variance, alpha).ok_or_else(too_large)?;
    let rs = super::spearman(&values).and_then(exact).ok_or_else(too_large)?;
    let rs = Rounding::HalfEven(count("coefficient_digits")?).apply(rs);
    let mut answer = Answer::default();
    let mut told = |key: &str, value: f64| -> Result<(), CannotTell> {
        let value = Rounding::HalfEven(digits).apply_f64(value).ok_or_else(too_large)?;
        let mut shown = value.normalize();
        if key == "p" {
            // 0 would read as impossible.
            shown.rescale(digits);
        }
        push(&mut answer, key, shown);
        Ok(())
    };
    told("n", f64::from(used))?;
    told("slope", line.slope)?;
    if let Some((low, high)) = line.interval {
        told("slope_low", low)?;
        told("slope_high", high)?;
    }
    told("intercept", line.intercept)?;
    told("s", test.s as f64)?;
    told("z", test.z)?;
    if let Some(p) = test.p {
        told("p", p)?;
    }
    told("tau", test.tau)?;
    push(&mut answer, "rs", rs);

    let significant = test.p.map(|p| p < alpha);
    let by_test = match (significant, test.s.signum()) {
        (Some(true), 1) => Some(class("rising", "显著上升", "significant rise")),
        (Some(true), -1) => Some(class("falling", "显著下降", "significant fall")),
        (Some(_), _) => Some(class("none", "无显著变化", "no significant change")),
        (None, _) => None,
    };
    if test.kind == PKind::Undecided {
        answer.excluded.push(Exclusion {
            what: Text::new("曼-肯德尔 p", "p of Mann and Kendall"),
            why: Text::new(
                "短序列有相同值，两种分布都不适用",
                "a short series with equal values, for which neither distribution holds",
            ),
        });
    }
    answer.items.push(ItemAnswer {
        key: "mann_kendall".to_owned(),
        name: Text::new("曼-肯德尔检验", "test of Mann and Kendall"),
        value: Rounding::HalfEven(digits).apply_f64(test.z),
        unit: Unit::None,
        limit: None,
        class: by_test.clone(),
        meets: None,
        multiple: None,
        note: Some(match test.kind {
            PKind::Normal => Text::new("正态近似", "normal approximation"),
            PKind::Exact => Text::new("S 的精确分布", "exact distribution of S"),
            PKind::Undecided => Text::new("不判断", "not told"),
        }),
    });
    let by_rank = match spearman::verdict(critical, "p05", points.len(), rs) {
        SpearmanVerdict::Told { critical, significant } => {
            push(&mut answer, "rs_critical", critical);
            Some(match (significant, rs.is_sign_negative()) {
                (true, false) => class("rising", "显著上升", "significant rise"),
                (true, true) => class("falling", "显著下降", "significant fall"),
                (false, _) => class("none", "无显著变化", "no significant change"),
            })
        }
        SpearmanVerdict::OutsideTheTable => {
            answer.excluded.push(Exclusion {
                what: Text::new("秩相关系数的显著性", "significance of the rank correlation"),
                why: Text::new(
                    format!("临界值表不能判断 N = {used}"),
                    format!("the table of critical values does not tell for N = {used}"),
                ),
            });
            None
        }
    };
    // The method of HJ 663 decides where its table tells.
    let (decided, method) = match (&by_rank, &by_test) {
        (Some(class), _) => (Some(class), Text::new("秩相关系数法", "rank correlation")),
        (None, class) => (class.as_ref(), Text::new("曼-肯德尔检验", "test of Mann and Kendall")),
    };
    answer.class = decided.cloned();
    answer.deciding.extend(decided.map(|_| method));
    if let (Some(one), Some(other)) = (&by_test, &by_rank)
        && one.id != other.id
    {
        answer.steps.push(Text::new(
            format!("两种检验结论不同：曼-肯德尔“{}”，秩相关“{}”", one.name.zh, other.name.zh),
            format!(
                "The tests disagree: Mann and Kendall `{}`, rank correlation `{}`",
                one.name.en, other.name.en
            ),
        ));
    }
    answer.items.push(ItemAnswer {
        key: "spearman".to_owned(),
        name: Text::new("秩相关系数法", "rank correlation"),
        value: Some(rs),
        unit: Unit::None,
        limit: answer.get("rs_critical").map(|figure| Text::same(figure.value.to_string())),
        class: by_rank,
        meets: None,
        multiple: None,
        note: None,
    });
    if seasonal {
        answer.steps.push(Text::new(
            "序列为月值或季值，含季节变化，检验结果仅供参考。",
            "The series is of months or quarters and follows the seasons; take the tests with care.",
        ));
    }
    Ok(answer.by(tables.edition(), &[&tests_source, &spearman_source]))
}

fn push(answer: &mut Answer, key: &str, value: Decimal) {
    if let Some((_, zh, en)) = FIGURES.iter().find(|(name, ..)| *name == key) {
        answer.figures.push(Figure::new(key, Text::new(*zh, *en), value, Unit::None));
    }
}
