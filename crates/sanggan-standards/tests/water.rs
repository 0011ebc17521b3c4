//! The class of water in bulk agrees with the assessment, value by value.

use proptest::prelude::*;
use sanggan_standards::assess::{Cell, Measured};
use sanggan_standards::{Assessment, Basis, Law, Row, assess, exact, water};

fn basis() -> Basis<'static> {
    Basis::OfDay(jiff::civil::date(2024, 6, 1))
}

fn water() -> &'static Assessment {
    assess::assessment("water").expect("it is there")
}

/// What the assessment says: the class or the word for why there is none.
fn by_assessment(keys: &[String], values: &[Option<f64>], body: Option<&str>, measured: bool) -> String {
    let mut row = Row::default();
    for (key, value) in keys.iter().zip(values) {
        if let Some(value) = value {
            let value = exact(*value).expect("a number");
            row = row.with(key, Cell::Number(Measured { value, below_detection: false }));
        }
    }
    if let Some(body) = body {
        row = row.with("body", Cell::Choice(body.to_owned()));
    }
    if measured {
        row = row.with("scope", Cell::Choice("measured".to_owned()));
    }
    let answer = water().answer(Law::embedded(), &[row], basis());
    match (answer.class, answer.cannot_tell) {
        (Some(class), None) => class.id,
        (None, Some(why)) => why.code.to_owned(),
        other => panic!("a class or a reason: {other:?}"),
    }
}

/// Values at, near and far from limits; the noise of binary sums among them.
fn value() -> impl Strategy<Value = Option<f64>> {
    let limits = prop::sample::select(vec![
        0.00005, 0.0001, 0.001, 0.002, 0.005, 0.01, 0.02, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 1.0,
        1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.5, 9.0, 10.0, 15.0, 20.0, 30.0, 40.0,
    ]);
    let near = (
        limits,
        prop::sample::select(vec![
            0.0, 1e-15, 4e-10, 6e-10, 1e-9, 2e-8, 1e-4, -1e-15, -4e-10, -6e-10, -1e-9, -2e-8, -1e-5,
        ]),
    );
    prop_oneof![
        2 => Just(None),
        4 => near.prop_map(|(limit, noise)| Some(f64::max(limit + noise, 0.0))),
        2 => (0.0..14.0_f64).prop_map(Some),
        2 => (0.0..0.2_f64).prop_map(Some),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]
    #[test]
    fn the_classifier_agrees_with_the_assessment(
        values in prop::collection::vec(value(), 21),
        ph in prop::option::of(5.5..9.5_f64),
        few in any::<bool>(),
        body in prop::sample::select(vec![None, Some("river"), Some("lake")]),
        measured in any::<bool>(),
    ) {
        let law = Law::embedded();
        let mut values = values;
        values[0] = ph;
        if few {
            for value in &mut values[7..] { *value = None; }
        }
        if let Some(Some(value)) = values.first_mut() { *value = value.min(14.0); }
        let mut quick = law.water_classifier(body.and_then(|body| law.water_body(body)), basis()).expect("in force");
        if measured { quick = quick.by_measured(); }
        let want = by_assessment(quick.item_keys(), &values, body, measured);
        let got = match quick.classify(&values) {
            Ok(one) => quick.class_id(one.class).expect("a class").to_owned(),
            Err(why) => why.code().to_owned(),
        };
        prop_assert_eq!(got, want);
    }
}

#[test]
fn what_is_no_concentration_has_no_class() {
    let law = Law::embedded();
    let quick = law.water_classifier(Some(water::WaterBody::River), basis()).expect("in force");
    assert_eq!(quick.item_keys().len(), 21);
    let good = [Some(7.5), Some(8.0), Some(2.0), None, None, Some(0.1), Some(0.02)];
    let one = quick.classify(&good).expect("a class");
    assert_eq!(quick.class_id(one.class), Some("I"));
    for bad in [-0.001, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        for at in 0..good.len() {
            let mut values = good;
            values[at] = Some(bad);
            let item = u8::try_from(at).expect("few");
            assert_eq!(quick.classify(&values), Err(water::Unclassed::NotAConcentration { item }), "{bad}");
        }
    }
    let mut acid = good;
    acid[0] = Some(14.1);
    assert_eq!(quick.classify(&acid), Err(water::Unclassed::NotAConcentration { item: 0 }));
    assert_eq!(quick.classify(&[]), Err(water::Unclassed::NothingMeasured));
    assert_eq!(quick.classify(&[Some(7.0)]), Err(water::Unclassed::Incomplete { missing: 0b10_0110 }));
}

#[test]
fn cities_are_ranked_from_the_smallest_index() {
    let index = |text: &str| text.parse().expect("a number");
    let ranked =
        water::rank(&[("丙", index("5.1")), ("甲", index("3.2")), ("乙", index("5.1")), ("丁", index("7"))]);
    let places: Vec<(&str, usize)> = ranked.iter().map(|one| (one.name, one.place)).collect();
    assert_eq!(places, [("甲", 1), ("丙", 2), ("乙", 2), ("丁", 4)]);
}
