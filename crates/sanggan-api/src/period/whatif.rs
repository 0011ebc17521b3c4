//! One period under several editions side by side.

use sanggan_base::{Grain, Millis, StationCode};
use sanggan_standards::air::whatif::WhatIf as Counted;
use sanggan_standards::{AnnualInput, AqiResult, Report};

use super::{AirEdition, Days, Span, figures, is_simulated};
use crate::AppState;
use crate::assess::{self, GoodDays};
use crate::dto::{ClassDays, Names, PeriodFigure, WhatIf, WhatIfDay, WhatIfRow};
use crate::problem::Answer;
use crate::{library, paths, words};

/// The days and figures of a place over a span, by each edition.
pub(crate) async fn what_if(
    state: &AppState,
    place: &StationCode,
    span: Span,
    editions: &[AirEdition],
    as_of: Option<Millis>,
) -> Answer<WhatIf> {
    let (from, to) = (span.from_millis(), span.to_millis());
    let mut found = assess::read_six(state, std::slice::from_ref(place), Grain::Day, from, to, as_of).await?;
    let days = found.remove(place).unwrap_or_default();
    let inputs = figures(state.law(), &days, span);
    let judged: Vec<Vec<AqiResult>> = editions.iter().map(|edition| judge(state, &days, *edition)).collect();
    let names: Vec<Option<&str>> = editions.iter().map(|edition| Some(edition.name())).collect();
    let mut counted = assess::counted_days(state, &days, &names).into_iter();
    let rows = editions.iter().map(|edition| row(state, place, span, *edition, counted.next(), &inputs));
    Ok(WhatIf {
        code: place.to_string(),
        name: words::station(state, place),
        simulated: is_simulated(state, place),
        from: span.from.to_string(),
        to: span.to.to_string(),
        rows: rows.collect(),
        days: days.keys().enumerate().map(|(at, start)| day(*start, at, &judged)).collect(),
    })
}

fn judge(state: &AppState, days: &Days, edition: AirEdition) -> Vec<AqiResult> {
    let one = |(start, six): (&Millis, &assess::Six)| {
        let basis = edition.basis(state.law(), "HJ 633", start.local_date());
        state.law().aqi(&six.sample(Grain::Day), Report::Day, basis)
    };
    days.iter().map(one).collect()
}

fn day(start: Millis, at: usize, judged: &[Vec<AqiResult>]) -> WhatIfDay {
    let by_edition: Vec<&AqiResult> = judged.iter().filter_map(|days| days.get(at)).collect();
    let levels = || by_edition.iter().map(|day| day.class.as_ref().map(|class| &class.level));
    WhatIfDay {
        date: start.local_date().to_string(),
        aqi: by_edition.iter().map(|day| day.aqi.map(u32::from)).collect(),
        class: by_edition
            .iter()
            .map(|day| day.class.as_ref().map(|class| Names::from(&class.name)))
            .collect(),
        colour: by_edition.iter().map(|day| day.class.as_ref().map(|class| class.colour.clone())).collect(),
        primary: by_edition.iter().map(|day| words::codes(&day.primary)).collect(),
        differs: levels().any(|level| Some(level) != levels().next()),
    }
}

fn row(
    state: &AppState,
    place: &StationCode,
    span: Span,
    edition: AirEdition,
    under: Option<Counted>,
    inputs: &[AnnualInput],
) -> WhatIfRow {
    let law = state.law();
    let today = state.now().local_date();
    let last = span.last();
    let counts = under.and_then(|under| under.counts.ok()).unwrap_or_default();
    let levels = law.aqi_classes(edition.basis(law, "HJ 633", last)).unwrap_or_default();
    let classes = counts.classes.iter().zip(levels).map(|(one, class)| ClassDays {
        class: Names::from(&one.class.name),
        level: class.level.zh.clone(),
        colour: class.colour.clone(),
        days: one.days,
    });
    let good = GoodDays { judged: counts.valid, good: counts.good };
    let composite = law.composite(inputs, edition.basis(law, "ranking", last));
    let year = law.annual(inputs, assess::ZONE, edition.basis(law, "HJ 663", last));
    let composite_found = composite.as_ref().ok();
    WhatIfRow {
        edition: library::edition_brief(edition.edition(), today),
        standard: edition.edition().standard.clone(),
        days: good.judged,
        good_days: good.good,
        good_ratio: good.ratio(),
        classes: classes.collect(),
        composite: composite_found.and_then(|found| words::number(found.value)),
        composite_edition: composite_found.map(|found| found.edition.to_string()),
        composite_status: composite_found.map(|found| words::status(found.status).to_owned()),
        main: composite_found.map(|found| words::codes(&found.main)).unwrap_or_default(),
        figures: year.figures.iter().map(|one| figure(state, place, span, one)).collect(),
        meets: year.meets.filter(|_| span.is_year()),
        unjudged: if span.is_year() {
            year.unjudged.as_ref().map(words::unjudged)
        } else {
            let why = "not a whole calendar year: the yearly limits are shown, not applied";
            Some(Names::new("不是完整年度：年限值仅供参照，不作判定", why))
        },
    }
}

fn figure(
    state: &AppState,
    place: &StationCode,
    span: Span,
    figure: &sanggan_standards::AnnualFigure,
) -> PeriodFigure {
    let start = span.from_millis();
    // The explanation is that of the stored figure, and only whole months and years have one.
    let grain = if span.is_year() {
        Some(Grain::Year)
    } else {
        let mut months = span.months();
        let first = months.next().filter(|(_, whole)| *whole && months.next().is_none());
        first.map(|_| Grain::Month)
    };
    let explain = grain.zip(figure.kind.stat_kind()).filter(|_| figure.value.is_some());
    let code = figure.pollutant.code_str();
    PeriodFigure {
        parameter: code.to_owned(),
        name: words::parameter(state, code),
        kind: figure.kind.name(),
        value: figure.value.and_then(words::number),
        unit: figure.unit.symbol().to_owned(),
        limit: figure.limit.as_ref().map(sanggan_standards::Limit::value_f64),
        meets: figure.verdict.meets().filter(|_| span.is_year()),
        valid: figure.valid,
        used: figure.used,
        required: figure.required,
        explain: explain.map(|(grain, kind)| paths::statistic(grain, place, code, kind, start)),
    }
}
