//! What in the platform rests on a standard: the evaluators say it themselves, outlets' limits name it, and the pages
//! and standing figures of the platform are listed here.

use sanggan_standards::{Edition, assessment, assessments};
use sanggan_store::Registry;

use crate::dto::{Names, UseKind, UsedBy};

/// What a page or figure rests on.
enum Rests {
    /// These standards.
    On(&'static [&'static str]),
    /// Whatever this assessment rests on.
    As(&'static str),
}

struct Use {
    kind: UseKind,
    id: &'static str,
    title: (&'static str, &'static str),
    path: Option<&'static str>,
    rests: Rests,
}

const fn page(id: &'static str, zh: &'static str, en: &'static str, path: &'static str, rests: Rests) -> Use {
    Use { kind: UseKind::Page, id, title: (zh, en), path: Some(path), rests }
}

const fn indicator(
    id: &'static str,
    zh: &'static str,
    en: &'static str,
    path: &'static str,
    rests: Rests,
) -> Use {
    Use { kind: UseKind::Indicator, id, title: (zh, en), path: Some(path), rests }
}

/// The pages and standing figures of the platform.
const USES: &[Use] = &[
    page("overview", "总览", "Overview", "/", Rests::On(&["HJ 633", "GB 3095", "HJ 663", "ranking"])),
    page(
        "air_calendar",
        "空气质量日历",
        "Air quality calendar",
        "/assessment?tab=calendar",
        Rests::On(&["HJ 633"]),
    ),
    page(
        "air_whatif",
        "换一版标准再评",
        "Under another edition",
        "/assessment?tab=calendar",
        Rests::On(&["HJ 633", "GB 3095", "HJ 663", "ranking"]),
    ),
    page(
        "air_ranking",
        "综合指数与排名",
        "Composite index and ranking",
        "/assessment?tab=ranking",
        Rests::On(&["ranking", "HJ 633"]),
    ),
    page("air_trend", "变化趋势", "Trends", "/assessment?tab=trend", Rests::As("trend")),
    page(
        "air_exceedances",
        "超标日",
        "Days above the standard",
        "/assessment?tab=exceedances",
        Rests::On(&["HJ 633"]),
    ),
    page("water_sections", "河流断面", "River sections", "/assessment?tab=rivers", Rests::As("water")),
    page("outlets", "排放口", "Outlets", "/outlets", Rests::On(&["HJ 75", "HJ 356"])),
    indicator("aqi", "实时空气质量指数", "Air quality index now", "/", Rests::On(&["HJ 633"])),
    indicator("good_days", "优良天数", "Good days", "/", Rests::On(&["HJ 633", "HJ 663"])),
    indicator(
        "composite",
        "环境空气质量综合指数",
        "Composite air quality index",
        "/assessment?tab=ranking",
        Rests::On(&["ranking"]),
    ),
    indicator("annual_figures", "年评价指标", "Yearly figures", "/", Rests::On(&["HJ 663", "GB 3095"])),
    indicator(
        "air_validity",
        "空气小时、日、月、年均值的有效性",
        "Validity of hourly to yearly means of air",
        "/explain",
        Rests::On(&["GB 3095", "HJ 663"]),
    ),
    indicator(
        "gas_validity",
        "废气小时均值的有效性",
        "Validity of hourly means of stacks",
        "/outlets",
        Rests::On(&["HJ 75"]),
    ),
    indicator(
        "water_validity",
        "废水小时、日均值的有效性",
        "Validity of hourly and daily means of waste water",
        "/outlets",
        Rests::On(&["HJ 356"]),
    ),
];

/// What rests on `editions` of one standard. With a registry also the outlets whose limits name one of them.
pub(crate) fn used_by(standard: &str, editions: &[&Edition], registry: Option<&Registry>) -> Vec<UsedBy> {
    let mut found: Vec<UsedBy> = assessments()
        .filter(|assessment| assessment.standards.contains(&standard))
        .map(|assessment| UsedBy {
            kind: UseKind::Assessment,
            id: assessment.id.to_owned(),
            title: Names::from(&assessment.title()),
            path: Some(format!("/assess/{}", assessment.id)),
        })
        .collect();
    let rests = |rests: &Rests| match rests {
        Rests::On(standards) => standards.contains(&standard),
        Rests::As(id) => assessment(id).is_some_and(|one| one.standards.contains(&standard)),
    };
    found.extend(USES.iter().filter(|one| rests(&one.rests)).map(|one| UsedBy {
        kind: one.kind,
        id: one.id.to_owned(),
        title: Names::new(one.title.0, one.title.1),
        path: one.path.map(str::to_owned),
    }));
    let Some(registry) = registry else { return found };
    for station in registry.stations() {
        let names_it = registry.limits(&station.code).iter().any(|limit| {
            limit.standard.zh == standard
                && editions
                    .iter()
                    .any(|edition| edition.name == limit.edition || edition.family == limit.edition)
        });
        if names_it {
            found.push(UsedBy {
                kind: UseKind::Limit,
                id: station.code.to_string(),
                title: Names::from(&station.name),
                path: Some(format!("/outlets/{}", station.code)),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use sanggan_standards::Law;

    use super::*;

    #[test]
    fn the_pages_rest_on_standards_that_are_there() {
        let law = Law::embedded();
        for one in USES {
            let Rests::On(standards) = one.rests else { continue };
            for standard in standards {
                assert!(law.latest(standard).is_some(), "{} rests on `{standard}`", one.id);
            }
        }
    }
}
