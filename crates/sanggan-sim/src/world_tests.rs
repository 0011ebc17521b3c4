use super::*;
use sanggan_base::{Grain, ParameterCode, StationCode};

fn air(code: &str) -> (Site, World) {
    let profiles = Profiles::built_in();
    let levels = [
        ("a34004", 30.0),
        ("a34002", 65.0),
        ("a21026", 14.0),
        ("a21004", 28.0),
        ("a21005", 0.75),
        ("a05024", 69.0),
        ("a01001", 7.0),
        ("a01007", 2.4),
        ("a01008", 300.0),
    ]
    .map(|(code, level)| (ParameterCode::parse(code).expect("a code"), level));
    let site =
        Site::new(StationCode::parse(code).expect("a code"), SiteKind::Air, &levels, Vec::new(), &profiles);
    (site, World::new(42, profiles))
}

fn moment(month: i8, day: i8, hour: i8) -> Millis {
    Millis::from_local(jiff::civil::date(2026, month, day).at(hour, 30, 0, 0)).expect("a moment")
}

fn mean(world: &World, site: &Site, parameter: &str, moments: impl Iterator<Item = Millis>) -> f64 {
    let position = site.position(parameter).expect("measured there");
    let values: Vec<f64> = moments.map(|at| world.sample(site, at)[position].value).collect();
    values.iter().sum::<f64>() / values.len() as f64
}

fn month(number: i8, hours: std::ops::Range<i8>) -> impl Iterator<Item = Millis> {
    (1..29).flat_map(move |day| hours.clone().map(move |hour| moment(number, day, hour)))
}

#[test]
fn ozone_has_its_top_in_summer_afternoons() {
    let (site, world) = air("a-1");
    let afternoon = mean(&world, &site, "a05024", month(6, 13..17));
    assert!(afternoon > 2.0 * mean(&world, &site, "a05024", month(6, 2..6)));
    assert!(afternoon > 1.7 * mean(&world, &site, "a05024", month(1, 13..17)));
    assert!((100.0..260.0).contains(&afternoon), "{afternoon}");
}

#[test]
fn heating_shows_in_winter() {
    let (site, world) = air("a-1");
    for (parameter, ratio) in [("a21026", 2.0), ("a34004", 1.4), ("a21005", 1.4)] {
        let winter = mean(&world, &site, parameter, month(1, 0..24));
        let summer = mean(&world, &site, parameter, month(7, 0..24));
        assert!(winter > ratio * summer, "{parameter}: {winter} in January, {summer} in July");
    }
}

#[test]
fn a_year_has_the_declared_level_and_coarse_dust_holds_the_fine() {
    let (site, world) = air("a-1");
    let year = (0..365 * 8).map(|i| Millis::start_of(jiff::civil::date(2026, 1, 1)).plus(i * 3 * HOUR_MS));
    let level = mean(&world, &site, "a34004", year.clone());
    assert!((20.0..48.0).contains(&level), "PM2.5 of the year: {level}");
    let level = mean(&world, &site, "a05024", year.clone());
    assert!((50.0..90.0).contains(&level), "ozone of the year: {level}");
    for at in year {
        let row = world.sample(&site, at);
        assert!(row.iter().all(|sample| sample.value.is_finite()));
        assert!(row[1].value > row[0].value, "PM10 below PM2.5 at {at}");
    }
}

#[test]
fn stations_of_one_city_move_together_but_are_not_the_same() {
    let (first, world) = air("a-1");
    let (second, _) = air("a-2");
    let pairs: Vec<(f64, f64)> = month(12, 0..24)
        .map(|at| (world.sample(&first, at)[0].value, world.sample(&second, at)[0].value))
        .collect();
    let n = pairs.len() as f64;
    let (ma, mb) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let cov: f64 = pairs.iter().map(|p| (p.0 - ma) * (p.1 - mb)).sum();
    let (va, vb): (f64, f64) =
        (pairs.iter().map(|p| (p.0 - ma).powi(2)).sum(), pairs.iter().map(|p| (p.1 - mb).powi(2)).sum());
    let correlation = cov / (va * vb).sqrt();
    assert!((0.7..0.999).contains(&correlation), "{correlation}");
}

#[test]
fn an_hour_is_the_mean_of_its_samples_in_any_order() {
    let (site, world) = air("a-1");
    let start = moment(11, 23, 10).floor(Grain::Hour);
    let hour = world.period(&site, start, HOUR_MS, 12)[0];
    let samples: Vec<f64> =
        (0..12).rev().map(|i| world.sample(&site, start.plus(i * 300_000 + 150_000))[0].value).collect();
    assert!((hour.mean - samples.iter().sum::<f64>() / 12.0).abs() < 1e-9);
    assert!(hour.min <= hour.mean && hour.mean <= hour.max);
}

#[test]
fn wind_directions_are_averaged_around_the_circle() {
    assert!(
        (circular_mean([350.0, 10.0].into_iter()) - 0.0).abs() < 1e-6
            || circular_mean([350.0, 10.0].into_iter()) > 359.999
    );
    assert!((circular_mean([80.0, 100.0].into_iter()) - 90.0).abs() < 1e-9);
}

#[test]
fn flue_gas_follows_the_load_and_converts_by_oxygen() {
    let profiles = Profiles::built_in();
    let levels = [("a00000", 400.0), ("a19001", 6.0), ("a21002", 30.0), ("a34013", 3.0)]
        .map(|(code, level)| (ParameterCode::parse(code).expect("a code"), level));
    let site =
        Site::new(StationCode::parse("g-1").expect("a code"), SiteKind::Gas, &levels, Vec::new(), &profiles);
    let world = World::new(42, profiles);
    let night = world.period(&site, moment(11, 23, 3), HOUR_MS, 12);
    let evening = world.period(&site, moment(11, 23, 18), HOUR_MS, 12);
    assert!(evening[0].mean > 1.2 * night[0].mean, "flow follows the load");
    assert!(evening[1].mean < night[1].mean, "less oxygen at full load");
    let row = world.sample(&site, moment(11, 23, 18));
    let expected = row[2].value * (21.0 - 6.0) / (21.0 - row[1].value);
    assert!((row[2].converted - expected).abs() < 1e-9, "{} for {expected}", row[2].converted);
    assert_eq!(row[0].converted, row[0].value);
}

#[test]
fn a_food_works_is_stopped_at_night_and_says_so() {
    let profiles = Profiles::built_in();
    let levels = [("w00000", 24.0), ("w01018", 43.0)]
        .map(|(code, level)| (ParameterCode::parse(code).expect("a code"), level));
    let site = Site::new(
        StationCode::parse("f-1").expect("a code"),
        SiteKind::Water,
        &levels,
        Vec::new(),
        &profiles,
    );
    let world = World::new(42, profiles);
    let night = world.sample(&site, moment(11, 24, 2));
    assert_eq!((night[0].value, night[0].flag), (0.0, Flag::Stopped));
    assert_eq!(world.sample(&site, moment(11, 24, 10))[0].flag, Flag::Normal);
}
