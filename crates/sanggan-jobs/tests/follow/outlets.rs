//! Outlets: volumes, loads and means weighed by the flow.

use sanggan_base::{Cadence, Flag, Grain, Measure, StatKind, time::HOUR_MS, time::MINUTE_MS};
use sanggan_pack::StationKind;

use crate::{Bench, PM25};

#[tokio::test(flavor = "multi_thread")]
async fn loads_of_a_waste_water_outlet_by_hand() {
    let bench = Bench::open(&[("w1", StationKind::WaterOutlet)], &[]).await;
    let cod = bench.series("w1", "w01018", Measure::Mean, Cadence::Hour);
    let flow = bench.series("w1", "w00000", Measure::Mean, Cadence::Hour);
    // 10 L/s = 36 m³ an hour; 40 mg/L for twelve hours, then 60 mg/L at 30 L/s for six, then standstill.
    bench.put(cod, "2021-06-01T00:00", HOUR_MS, [40.0; 12].into_iter().chain([60.0; 6])).await;
    bench.put(flow, "2021-06-01T00:00", HOUR_MS, [10.0; 12].into_iter().chain([30.0; 6])).await;
    bench.flagged(cod, "2021-06-01T18:00", HOUR_MS, 6, Flag::Stopped).await;
    bench.flagged(flow, "2021-06-01T18:00", HOUR_MS, 6, Flag::Stopped).await;
    bench.catch_up().await;
    let hour = |kind, start: &'static str| bench.figure("w1", "w01018", Grain::Hour, kind, start);
    assert_eq!(hour(StatKind::Load, "2021-06-01T00:00").await, "1.44 valid 1/1 -0");
    assert_eq!(hour(StatKind::Load, "2021-06-01T12:00").await, "6.48 valid 1/1 -0");
    let volume = |grain, start: &'static str| bench.figure("w1", "w00000", grain, StatKind::Volume, start);
    assert_eq!(volume(Grain::Hour, "2021-06-01T20:00").await, "0 valid 0/0 -0");
    // 12 × 36 + 6 × 108 = 1080 m³; 12 × 1.44 + 6 × 6.48 = 56.16 kg; 52 mg/L.
    assert_eq!(volume(Grain::Day, "2021-06-01T00:00").await, "1080 valid 24/14 -0");
    let day = |kind| bench.figure("w1", "w01018", Grain::Day, kind, "2021-06-01T00:00");
    assert_eq!(day(StatKind::Load).await, "56.16 valid 18/14 -0");
    assert_eq!(day(StatKind::FlowWeightedMean).await, "52 valid 18/14 -0");
    assert_eq!(day(StatKind::Mean).await, "46.6667 valid 18/14 -6");
    // A flow that comes late changes the load.
    bench.put(flow, "2021-06-02T00:00", HOUR_MS, [10.0; 24]).await;
    bench.put(cod, "2021-06-02T00:00", HOUR_MS, [50.0; 23]).await;
    bench.catch_up().await;
    let month = |kind| bench.figure("w1", "w01018", Grain::Month, kind, "2021-06-01T00:00");
    assert_eq!(month(StatKind::Load).await, "97.56 valid 2/2 -0");
    bench.put(flow, "2021-06-02T00:00", HOUR_MS, [20.0; 1]).await;
    bench.catch_up().await;
    assert_eq!(month(StatKind::Load).await, "99.36 valid 2/2 -0");
    // 1080 + 23 × 36 + 72 m³, the hour without a concentration included.
    assert_eq!(
        bench.figure("w1", "w00000", Grain::Month, StatKind::Volume, "2021-06-01T00:00").await,
        "1980 valid 2/2 -0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn loads_of_a_flue_gas_outlet_from_totals_the_device_sent() {
    let bench = Bench::open(&[("g1", StationKind::GasOutlet)], &[]).await;
    let nox = bench.series("g1", "a21002", Measure::Mean, Cadence::Hour);
    let oxygen = bench.series("g1", "a21002", Measure::ConvertedMean, Cadence::Hour);
    let kilograms = bench.series("g1", "a21002", Measure::Total, Cadence::Hour);
    let volume = bench.series("g1", "a00000", Measure::Total, Cadence::Hour);
    // 100,000 m³ at 35 mg/m³ = 3.5 kg; from 12:00 on the device says 4 kg itself.
    bench.put(nox, "2021-06-01T00:00", HOUR_MS, [35.0; 24]).await;
    bench.put(oxygen, "2021-06-01T00:00", HOUR_MS, [42.0; 24]).await;
    bench.put(volume, "2021-06-01T00:00", HOUR_MS, [100_000.0; 24]).await;
    bench.put(kilograms, "2021-06-01T12:00", HOUR_MS, [4.0; 12]).await;
    bench.catch_up().await;
    let day = |kind| bench.figure("g1", "a21002", Grain::Day, kind, "2021-06-01T00:00");
    assert_eq!(day(StatKind::Load).await, "90 valid 24/20 -0");
    assert_eq!(day(StatKind::ConvertedMean).await, "42 valid 24/20 -0");
    assert_eq!(day(StatKind::FlowWeightedMean).await, "35 valid 24/20 -0");
    let month = bench.figure("g1", "a21002", Grain::Month, StatKind::Load, "2021-06-01T00:00").await;
    assert_eq!(month, "90 invalid 1/25 -0");
    assert_eq!(
        bench.figure("g1", "a00000", Grain::Day, StatKind::Volume, "2021-06-01T00:00").await,
        "2400000 valid 24/20 -0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_flow_weighs_the_month_anew_although_the_days_stay() {
    let bench = Bench::open(&[("w1", StationKind::WaterOutlet)], &[]).await;
    let cod = bench.series("w1", "w01018", Measure::Mean, Cadence::Hour);
    let kilograms = bench.series("w1", "w01018", Measure::Total, Cadence::Hour);
    let volume = bench.series("w1", "w00000", Measure::Total, Cadence::Hour);
    for (day, concentration) in [("2021-06-01T00:00", 50.0), ("2021-06-02T00:00", 100.0)] {
        bench.put(cod, day, HOUR_MS, [concentration; 24]).await;
        bench.put(kilograms, day, HOUR_MS, [1.0; 24]).await;
        bench.put(volume, day, HOUR_MS, [10.0; 24]).await;
    }
    bench.catch_up().await;
    let month = || bench.figure("w1", "w01018", Grain::Month, StatKind::FlowWeightedMean, "2021-06-01T00:00");
    assert_eq!(month().await, "75 valid 2/2 -0");
    bench.put(volume, "2021-06-02T00:00", HOUR_MS, [30.0; 24]).await;
    bench.catch_up().await;
    assert_eq!(month().await, "87.5 valid 2/2 -0");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_come_closer_than_declared_do_not_count_for_more_time() {
    // The station is declared with 10 minutes and sends every 5.
    let bench = Bench::open(&[("a1", StationKind::Air), ("w1", StationKind::WaterOutlet)], &[]).await;
    let minutes = bench.series("a1", PM25, Measure::Mean, Cadence::Minute);
    bench.put(minutes, "2021-06-01T00:00", 5 * MINUTE_MS, [20.0; 6]).await;
    bench.put(minutes, "2021-06-01T01:00", 5 * MINUTE_MS, [20.0; 9]).await;
    let volume = bench.series("w1", "w00000", Measure::Total, Cadence::Minute);
    let flow = bench.series("w1", "w00000", Measure::Mean, Cadence::Minute);
    bench.put(flow, "2021-06-01T00:00", 5 * MINUTE_MS, [10.0; 9]).await;
    bench.put(volume, "2021-06-01T00:00", 5 * MINUTE_MS, [3.0; 9]).await;
    bench.catch_up().await;
    let hour = |start| bench.figure("a1", PM25, Grain::Hour, StatKind::Mean, start);
    assert_eq!(hour("2021-06-01T00:00").await, "20 invalid 6/9 -0", "30 minutes are no hour");
    assert_eq!(hour("2021-06-01T01:00").await, "20 valid 9/9 -0");
    // 45 minutes' totals are no hour's: the mean flow of 10 L/s tells 36 m³, not 27.
    let told = bench.figure("w1", "w00000", Grain::Hour, StatKind::Volume, "2021-06-01T00:00").await;
    assert_eq!(told, "36 valid 9/9 -0");
}
