//! A year: the judged figures, the composite index and its parts.

use sanggan_base::{Grain, StationCode};
use sanggan_standards::{AnnualFigure, Basis, LimitVerdict};

use super::{Asker, rules, title};
use crate::assess::{self, ZONE};
use crate::dto::{Counts, ExplainInput, Explanation, Names};
use crate::problem::{Answer, Problem};
use crate::routes::stations;
use crate::words;

/// Explains a year's figures and its composite index.
pub(crate) async fn annual(asker: &Asker<'_>, station: &StationCode, year: i16) -> Answer<Explanation> {
    let state = asker.state;
    let judged = assess::year(state, station, year, asker.as_of).await?;
    if judged.inputs.is_empty() {
        return Err(Problem::not_found(format!("`{station}` has no yearly figures for {year}")));
    }
    let basis = Basis::OfDay(judged.basis_day);
    let mut inputs = Vec::new();
    let mut excluded = Vec::new();
    for figure in &judged.result.figures {
        let code = figure.pollutant.code();
        let summary = assess::annual_figure(state, station, judged.start, figure);
        let parts = judged.composite.as_ref().map(|composite| composite.parts.as_slice()).unwrap_or_default();
        let part = parts.iter().find(|part| part.pollutant == figure.pollutant && part.kind == figure.kind);
        let symbol = words::symbol(state, code.as_str());
        let what = figure.kind.stat_kind().map_or_else(|| Names::same(figure.kind.name()), words::kind);
        let input = ExplainInput {
            title: Names::new(format!("{symbol} {}", what.zh), format!("{symbol} {}", what.en)),
            value: summary.value,
            unit: summary.unit,
            flag: None,
            at: None,
            iaqi: None,
            used: summary.value.is_some(),
            why_not: None,
            formula: Some(figure_formula(
                figure,
                part.map(|part| {
                    format!(
                        "C/S = {} ÷ {} = {}",
                        part.concentration.normalize(),
                        part.limit.normalize(),
                        part.index
                    )
                }),
            )),
            explain: summary.value.is_some().then_some(summary.explain),
            frame: None,
        };
        if input.used {
            inputs.push(input);
        } else {
            excluded.push(ExplainInput { why_not: Some(Names::new("没有数据", "no data")), ..input });
        }
    }
    let rule = match &judged.composite {
        Ok(composite) => {
            // The ranking rules have a title and no number of a standard.
            let (standard, edition) = state.law().edition("ranking", basis).map_or_else(
                |_| (Names::same(composite.edition.as_str()), String::new()),
                |edition| (Names::from(&edition.title), edition.name.clone()),
            );
            let text = Names::new(
                "综合指数 = 六项污染物单项指数（浓度 ÷ 二级限值）之和；各项年评价见 HJ 663",
                "composite index = sum of the six single indices (concentration ÷ class 2 limit); the figures are judged by HJ 663",
            );
            rules::of_document(standard, &edition, &composite.sourced, text)
        }
        Err(why) => match (&judged.result.sourced, &judged.result.edition) {
            (Some(sourced), Some(edition)) => {
                rules::of_law("HJ 663", edition.as_str(), sourced, words::unjudged(why))
            }
            _ => rules::none("HJ 663", words::unjudged(why)),
        },
    };
    let value = judged.composite.as_ref().ok().and_then(|composite| words::number(composite.value));
    let used = inputs.iter().filter(|input| input.used).count() as u32;
    let limits = state.law().air_limits(ZONE, basis).unwrap_or_default();
    let limits = limits
        .iter()
        .filter(|limit| judged.result.figures.iter().any(|figure| figure.limit.as_ref() == Some(limit)))
        .map(|limit| stations::air_limit(state, basis, limit))
        .collect();
    let mut formula = Vec::new();
    if let Ok(composite) = &judged.composite {
        formula.push(composite.formula.clone());
    }
    formula.push(format!(
        "优良天数 good days = {} / {} (评价天数 days judged)",
        judged.days.good, judged.days.judged
    ));
    Ok(Explanation {
        title: title(
            state,
            station,
            &[
                Names::new("年评价与综合指数", "annual figures and composite index"),
                words::period(Grain::Year, judged.start),
            ],
        ),
        value,
        unit: sanggan_base::Unit::None.symbol().to_owned(),
        valid: judged.composite.as_ref().is_ok_and(|composite| composite.valid),
        verdict: None,
        rule,
        formula: Some(formula.join("\n")),
        counts: Counts {
            used,
            required: judged.result.figures.len() as u32,
            excluded: excluded.len() as u32,
        },
        inputs,
        excluded,
        frame: None,
        limits,
        as_of: asker.as_of_text(),
    })
}

fn figure_formula(figure: &AnnualFigure, part: Option<String>) -> String {
    let verdict = match &figure.verdict {
        LimitVerdict::Met { value } => {
            let limit =
                figure.limit.as_ref().map(|limit| limit.value.normalize().to_string()).unwrap_or_default();
            format!("{} ≤ {limit}: 达标 met", value.normalize())
        }
        LimitVerdict::Exceeded { value, multiple, .. } => {
            let limit =
                figure.limit.as_ref().map(|limit| limit.value.normalize().to_string()).unwrap_or_default();
            format!("{} > {limit}: 超标 exceeded, {multiple} ×", value.normalize())
        }
        LimitVerdict::NotJudged(why) => {
            let why = words::unjudged(why);
            format!("{} ({})", why.zh, why.en)
        }
    };
    let days = format!("{}/{} d", figure.used, figure.required);
    match part {
        Some(part) => format!("{verdict}; {days}; {part}"),
        None => format!("{verdict}; {days}"),
    }
}
