//! The local law of Shuozhou for discharges, in the form of the national files: the limits by place of its plan.

use sanggan_standards::discharge::{Outlet, OutletLimit, Place, outlet_limits};
use sanggan_standards::{Basis, Circumstances, Decimal, Law};

const PLAN: [(&str, &str); 2] = [
    ("plan-discharge/2022.toml", include_str!("../../../packs/shuozhou/law/plan-discharge/2022.toml")),
    (
        "plan-discharge/2026-continued.toml",
        include_str!("../../../packs/shuozhou/law/plan-discharge/2026-continued.toml"),
    ),
];

fn law() -> Law {
    let over: Vec<(String, String)> =
        PLAN.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Law::load_over(&over).expect("the plan is law")
}

fn limit(law: &Law, day: &str, place: &str, case: &[(&str, &str)], item: &str) -> OutletLimit {
    let mut outlet = Outlet::at(Place::read(law, place).expect("a place"));
    outlet.case = case.iter().fold(Circumstances::new(), |case, (key, choice)| case.with(key, choice));
    let basis = Basis::OfDay(day.parse().expect("a day"));
    let mut limits = outlet_limits(law, &outlet, Some(item), basis).expect("some standard was in force");
    assert_eq!(limits.len(), 1, "{item}");
    limits.remove(0)
}

/// `≤40 by plan-discharge-2022`, or what is open.
fn line(found: &OutletLimit) -> String {
    let limit = found.limit.as_ref().map_or("none".to_owned(), |limit| {
        let max = limit.max.map_or("-".to_owned(), |max: Decimal| max.normalize().to_string());
        let by = limit.edition.as_ref().map_or("permit", |edition| edition.id.as_str());
        format!("≤{max} by {by}")
    });
    if found.open.is_empty() { limit } else { format!("{limit}, {} open", found.open.len()) }
}

#[test]
fn the_plan_of_the_city_limits_cod_ammonia_and_phosphorus_by_place() {
    let law = law();
    let river = ("receiving", "river");
    for (day, place, source, item, want) in [
        // Industry in the three counties: class V, elsewhere the special limits of its trade, not at hand.
        ("2023-06-01", "山阴县", "industrial_water", "cod", "≤40 by plan-discharge-2022"),
        ("2023-06-01", "应县", "industrial_water", "nh3n", "≤2 by plan-discharge-2022"),
        ("2023-06-01", "140681", "industrial_water", "tp", "≤0.4 by plan-discharge-2022"),
        // Whether the works are older than 1998 is not known, and the figures for older ones are not at hand.
        ("2023-06-01", "山阴县", "general_industry", "cod", "≤40 by plan-discharge-2022, 1 open"),
        ("2023-06-01", "平鲁区", "industrial_water", "cod", "≤40 by DB14/1928-2019, 1 open"),
        // The county is not known: class V would not be stricter than the province, the special limits may be.
        ("2023-06-01", "朔州市", "industrial_water", "cod", "≤40 by DB14/1928-2019, 1 open"),
        // Mine water: class III, everywhere in the city.
        ("2023-06-01", "山西省朔州市平鲁区", "mine_water", "cod", "≤20 by plan-discharge-2022"),
        ("2023-06-01", "山阴", "mine_water", "nh3n", "≤1 by plan-discharge-2022"),
        ("2023-06-01", "Youyu County", "mine_water", "tp", "≤0.2 by plan-discharge-2022"),
        // Sewage works: class V.
        ("2023-06-01", "怀仁市", "sewage_works", "tp", "≤0.4 by plan-discharge-2022"),
        // Another city of the province, and another province.
        ("2023-06-01", "140200", "mine_water", "cod", "≤40 by DB14/1928-2019"),
        ("2023-06-01", "150600", "mine_water", "cod", "none, 2 open"),
        // Before the plan, and after its period.
        ("2022-08-25", "山阴县", "industrial_water", "cod", "≤40 by DB14/1928-2019"),
        ("2026-06-01", "山阴县", "mine_water", "cod", "≤20 by plan-discharge-2026-continued"),
    ] {
        let found = limit(&law, day, place, &[("source", source), river], item);
        let got = line(&found);
        assert_eq!(got, want, "{day} {place} {source} {item}");
    }
}

#[test]
fn the_plan_is_unconfirmed_after_its_period() {
    let law = law();
    for (day, want) in [("2025-12-31", "Confirmed"), ("2026-01-01", "Unconfirmed")] {
        let found = limit(&law, day, "山阴县", &[("source", "mine_water"), ("receiving", "river")], "cod");
        let status = found.limit.map(|limit| format!("{:?}", limit.sourced.status));
        assert_eq!(status.as_deref(), Some(want), "{day}");
    }
}

#[test]
fn the_figures_of_the_plan_are_the_classes_of_surface_water() {
    let law = law();
    let tables = law.latest("plan-discharge").expect("it is there");
    let (_, plan) = tables.conditional("water").expect("its limits");
    let Some(water) = law.latest("GB 3838") else { return };
    let (_, classes) = water.graded("basic").expect("the basic items");
    for row in &plan.row {
        let class =
            if row.clause.as_ref().is_some_and(|clause| clause.zh.contains("III")) { "III" } else { "V" };
        let at = classes.grades.iter().position(|grade| grade == class).expect("the class");
        let limits = classes.row.iter().filter(|of| of.item == row.item);
        let found = limits.filter_map(|of| match of.limits.get(at) {
            Some(sanggan_standards::LimitCell::Number(number)) => Some(*number),
            _ => None,
        });
        assert!(found.into_iter().any(|number| Some(number) == row.max), "{} {:?}", row.item, row.max);
    }
}
