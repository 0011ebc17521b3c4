//! The generators: what every site shows at a moment and over a period.

use jiff::civil::Weekday;
use sanggan_base::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use sanggan_base::{Flag, Millis};

use crate::fault::ValueFault;
use crate::noise::{self, episode, smooth};
use crate::profile::{Monthly, Profiles};
use crate::site::{Quantity, Site, SiteKind, SiteParameter};

/// One value at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The value in the platform's unit; as measured for flue gas.
    pub value: f64,
    /// The value converted to the reference oxygen content; equal to `value` where nothing is converted.
    pub converted: f64,
    /// The mark.
    pub flag: Flag,
}

/// One value over a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Period {
    /// Mean of the period.
    pub mean: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Mean, smallest and largest of the converted values.
    pub converted: [f64; 3],
    /// m³ for a flow, kg for a concentration at an outlet, otherwise 0.
    pub total: f64,
    /// The mark.
    pub flag: Flag,
}

/// The whole simulated region: the same seed gives the same values, whenever and in whatever order asked.
#[derive(Debug, Clone)]
pub struct World {
    seed: u64,
    profiles: Profiles,
}

/// The local calendar position of a moment.
struct When {
    hour: f64,
    /// 0 at the middle of January, 11 at the middle of December.
    month: f64,
    month_index: usize,
    weekday: usize,
}

struct Weather {
    temperature: f64,
    humidity: f64,
    pressure: f64,
    wind: f64,
    wind_direction: f64,
    stagnation: f64,
    dust: f64,
    clearness: f64,
}

const REGION: u64 = 0x5EED;

impl World {
    /// A region with these profiles.
    pub fn new(seed: u64, profiles: Profiles) -> World {
        World { seed, profiles }
    }

    /// The profiles it was made with.
    pub fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// The seed it was made with.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What each parameter of `site` shows at `at`, in the order of [`Site::parameters`].
    /// Empty while the site is silent.
    pub fn sample(&self, site: &Site, at: Millis) -> Vec<Sample> {
        let mut samples = self.undisturbed(site, at);
        for (number, scheduled) in site.faults.iter().enumerate() {
            let seed = self.seed ^ site.key ^ number as u64;
            let Some(since) = scheduled.schedule.since(seed, at) else { continue };
            if scheduled.fault == ValueFault::Silent {
                return Vec::new();
            }
            let frozen = (scheduled.fault == ValueFault::Stuck).then(|| self.undisturbed(site, since));
            for (i, parameter) in site.parameters.iter().enumerate() {
                if scheduled.parameter.as_ref().is_some_and(|code| *code != parameter.code) {
                    continue;
                }
                let sample = &mut samples[i];
                let factor = match &scheduled.fault {
                    ValueFault::Exceedance { factor } => {
                        let share = (at.0 - since.0) as f64 / scheduled.schedule.for_ms.max(1) as f64;
                        1.0 + (factor - 1.0) * (share * std::f64::consts::PI).sin().max(0.0).powf(0.3)
                    }
                    ValueFault::Drift { share_per_hour } => {
                        1.0 + share_per_hour * (at.0 - since.0) as f64 / HOUR_MS as f64
                    }
                    ValueFault::Stuck => {
                        if let Some(frozen) = &frozen {
                            *sample = Sample { flag: sample.flag, ..frozen[i] };
                        }
                        1.0
                    }
                    ValueFault::Mark(flag) => {
                        sample.flag = *flag;
                        1.0
                    }
                    ValueFault::Silent => 1.0,
                };
                sample.value *= factor;
                sample.converted *= factor;
            }
        }
        samples
    }

    /// What each parameter of `site` shows over `length_ms` from `start`, from `count` samples.
    /// Empty when the site was silent all the time.
    pub fn period(&self, site: &Site, start: Millis, length_ms: i64, count: u32) -> Vec<Period> {
        let count = i64::from(count.max(1));
        let step = length_ms / count;
        let rows: Vec<Vec<Sample>> = (0..count)
            .map(|i| self.sample(site, start.plus(i * step + step / 2)))
            .filter(|row| !row.is_empty())
            .collect();
        if rows.is_empty() {
            return Vec::new();
        }
        let flow = site
            .parameters
            .iter()
            .position(|p| matches!(p.quantity, Quantity::WaterFlow | Quantity::GasFlow));
        let step_s = step as f64 / 1000.0;
        (0..site.parameters.len()).map(|i| self.one_period(site, i, flow, step_s, &rows)).collect()
    }

    fn one_period(
        &self,
        site: &Site,
        i: usize,
        flow: Option<usize>,
        step_s: f64,
        rows: &[Vec<Sample>],
    ) -> Period {
        let flag = commonest(rows.iter().map(|row| row[i].flag));
        let fold = |pick: fn(&Sample) -> f64| -> [f64; 3] {
            let mut values = [0.0, f64::MAX, f64::MIN];
            for row in rows {
                let value = pick(&row[i]);
                values[0] += value / rows.len() as f64;
                values[1] = values[1].min(value);
                values[2] = values[2].max(value);
            }
            values
        };
        let [mut mean, min, max] = fold(|s| s.value);
        if site.parameters[i].quantity == Quantity::WindDirection {
            mean = circular_mean(rows.iter().map(|row| row[i].value));
        }
        // Water: L/s → m³ and mg/L → g by the L; gas: m³/s and mg/m³.
        let total: f64 = match (site.parameters[i].quantity, flow, site.kind) {
            (Quantity::WaterFlow, ..) => rows.iter().map(|row| row[i].value * step_s / 1000.0).sum(),
            (Quantity::GasFlow, ..) => rows.iter().map(|row| row[i].value * step_s).sum(),
            (Quantity::Concentration, Some(f), SiteKind::Water | SiteKind::Gas) => {
                rows.iter().map(|row| row[i].value * row[f].value * step_s / 1e6).sum()
            }
            _ => 0.0,
        };
        Period { mean, min, max, converted: fold(|s| s.converted), total, flag }
    }

    fn undisturbed(&self, site: &Site, at: Millis) -> Vec<Sample> {
        let when = When::of(at);
        match site.kind {
            SiteKind::Air => self.air(site, at, &when),
            SiteKind::Water => self.water(site, at, &when),
            SiteKind::Gas => self.gas(site, at, &when),
        }
    }

    fn weather(&self, at: Millis, when: &When) -> Weather {
        let p = &self.profiles.weather;
        let s = self.seed ^ REGION;
        let front = smooth(s, 1, at, 70 * HOUR_MS);
        let clear = smooth(s, 2, at, 30 * HOUR_MS);
        let clearness = (1.0 + 0.22 * clear).clamp(0.35, 1.3);
        let day_cycle = ((when.hour - 15.0) / 24.0 * std::f64::consts::TAU).cos();
        let temperature = monthly(&p.temperature, when)
            + p.temperature_diurnal * clearness * day_cycle
            + p.temperature_synoptic * front
            + 0.25 * smooth(s, 3, at, 20 * MINUTE_MS);
        let wind = monthly(&p.wind, when)
            * hourly(&p.wind_diurnal, when.hour)
            * (0.42 * smooth(s, 4, at, 26 * HOUR_MS) - 0.12 * front
                + 0.16 * smooth(s, 5, at, 10 * MINUTE_MS))
            .exp();
        let humidity = monthly(&p.humidity, when) * (1.0 - 0.24 * day_cycle) * (1.0 - 0.18 * clear);
        let air = &self.profiles.air;
        let chance = monthly(&air.episode_chance, when);
        let still = episode(s, 6, at, 6 * DAY_MS, 30 * HOUR_MS, chance) * (air.episode_factor - 1.0);
        let stagnation = (1.0 + still)
            * (0.32 * smooth(s, 7, at, 40 * HOUR_MS) + 0.12 * smooth(s, 8, at, 5 * HOUR_MS)).exp()
            * (monthly(&p.wind, when) / wind.max(0.3)).powf(0.22)
            / 1.12;
        let dust = episode(s, 9, at, 5 * DAY_MS, 9 * HOUR_MS, monthly(&air.dust_chance, when));
        Weather {
            temperature,
            humidity: humidity.clamp(8.0, 99.0),
            pressure: p.pressure * (1.0 + 0.0055 * smooth(s, 10, at, 80 * HOUR_MS))
                - 0.25 * (temperature - 7.0),
            wind: wind.clamp(0.1, 16.0),
            wind_direction: (p.wind_direction
                + 95.0 * smooth(s, 11, at, 18 * HOUR_MS)
                + 22.0 * smooth(s, 12, at, 15 * MINUTE_MS))
            .rem_euclid(360.0),
            stagnation,
            dust,
            clearness,
        }
    }

    fn air(&self, site: &Site, at: Millis, when: &When) -> Vec<Sample> {
        let weather = self.weather(at, when);
        let local = self.seed ^ site.key;
        // Stations of one city move together; each adds a little of its own.
        let own = |channel: u64, size: f64| {
            (size
                * (0.8 * smooth(local, channel, at, 7 * HOUR_MS)
                    + 0.4 * smooth(local, channel, at, 11 * MINUTE_MS)))
            .exp()
        };
        let pollutant = |code: &str, factor: f64, channel: u64| -> f64 {
            let Some(p) = self.profiles.air.pollutant.get(code) else { return 0.0 };
            let weekend = if when.weekday >= 5 { p.weekend } else { 1.0 };
            monthly(&p.monthly, when)
                * hourly(&p.diurnal, when.hour)
                * weekend
                * weather.stagnation.powf(p.stagnation)
                * factor
                * own(channel, 0.14)
        };
        let fine = site.parameters.iter().find(|p| p.quantity == Quantity::FineDust);
        let value = |p: &SiteParameter| -> f64 {
            match p.quantity {
                Quantity::Temperature => weather.temperature + 0.4 * smooth(local, 21, at, 9 * HOUR_MS),
                Quantity::Humidity => weather.humidity,
                Quantity::Pressure => weather.pressure * p.factor,
                Quantity::WindSpeed => weather.wind * own(22, 0.2),
                Quantity::WindDirection => {
                    (weather.wind_direction + 14.0 * smooth(local, 23, at, 12 * MINUTE_MS)).rem_euclid(360.0)
                }
                Quantity::FineDust => (pollutant("a34004", p.factor, 24)
                    + 0.12 * weather.dust * self.profiles.air.dust_pm10)
                    .max(1.0),
                // Coarse dust holds the fine part, so it is never less.
                Quantity::CoarseDust => {
                    let fine = fine.map_or(0.0, |f| pollutant("a34004", f.factor, 24));
                    let dust = weather.dust * self.profiles.air.dust_pm10;
                    (pollutant("a34002", p.factor, 25) + dust).max(fine * 1.08 + dust * 0.3).max(3.0)
                }
                Quantity::Pollutant => pollutant(p.code.as_str(), p.factor, p.channel).max(0.05),
                Quantity::Ozone => {
                    self.ozone(at, when, &weather, p.factor.max(0.2), pollutant("a21004", 1.0, 26), local)
                }
                _ => p.typical * own(p.channel, p.spread),
            }
        };
        site.parameters
            .iter()
            .map(|p| {
                let value = value(p);
                Sample { value, converted: value, flag: Flag::Normal }
            })
            .collect()
    }

    fn ozone(&self, at: Millis, when: &When, weather: &Weather, factor: f64, no2: f64, local: u64) -> f64 {
        let p = &self.profiles.air.ozone;
        let warmth = 1.0 + 0.02 * (weather.temperature - monthly(&self.profiles.weather.temperature, when));
        let made = monthly(&p.photochemical, when)
            * hourly(&p.diurnal, when.hour)
            * weather.clearness.powf(1.5)
            * warmth.clamp(0.6, 1.5)
            * (0.10 * smooth(local, 27, at, 3 * HOUR_MS)).exp();
        let lost = p.titration * no2 * (1.0 - 0.7 * hourly(&p.diurnal, when.hour));
        ((monthly(&p.background, when) + made - lost) * factor).max(3.0)
    }

    fn water(&self, site: &Site, at: Millis, when: &When) -> Vec<Sample> {
        let Some(profile) = self.profiles.water.get(&site.profile) else { return Vec::new() };
        let local = self.seed ^ site.key;
        let [first, end] = profile.hours;
        let open = (f64::from(first)..f64::from(end)).contains(&when.hour) && profile.weekdays[when.weekday];
        let load = hourly(&profile.diurnal, when.hour);
        let flow_noise =
            (0.07 * smooth(local, 31, at, 5 * HOUR_MS) + 0.05 * smooth(local, 32, at, 4 * MINUTE_MS)).exp();
        let sample = |p: &SiteParameter| -> f64 {
            match p.quantity {
                Quantity::WaterFlow if open => p.typical * load * flow_noise,
                Quantity::WaterFlow => 0.0,
                Quantity::Ph => {
                    p.typical
                        + 0.16 * smooth(local, 33, at, 9 * HOUR_MS)
                        + 0.03 * smooth(local, 34, at, 6 * MINUTE_MS)
                }
                Quantity::WaterTemperature => {
                    monthly(&profile.temperature, when) + 0.6 * smooth(local, 35, at, 12 * HOUR_MS)
                }
                _ if !open => 0.0,
                // Composite samplers report by the hour: slow noise, and a little more when the load is high.
                _ => {
                    let slow = smooth(local, p.channel, at, 8 * HOUR_MS)
                        + 0.35 * smooth(local, p.channel, at, 2 * HOUR_MS);
                    p.typical * (1.0 + 0.10 * (load - 1.0)) * (p.spread * slow).exp()
                }
            }
        };
        let flag = if open { Flag::Normal } else { Flag::Stopped };
        site.parameters
            .iter()
            .map(|p| {
                let value = sample(p);
                Sample { value, converted: value, flag }
            })
            .collect()
    }

    fn gas(&self, site: &Site, at: Millis, when: &When) -> Vec<Sample> {
        let Some(profile) = self.profiles.gas.get(&site.profile) else { return Vec::new() };
        let local = self.seed ^ site.key;
        let running = profile.months[when.month_index];
        let load = (hourly(&profile.load, when.hour)
            * (0.05 * smooth(local, 41, at, 6 * HOUR_MS) + 0.015 * smooth(local, 42, at, 5 * MINUTE_MS))
                .exp())
        .clamp(0.0, 1.08);
        let oxygen = profile.oxygen_full
            + (profile.oxygen_idle - profile.oxygen_full) * (1.0 - load).max(0.0)
            + 0.18 * smooth(local, 43, at, 12 * MINUTE_MS);
        // Converting to the reference oxygen: c = c' (air − ref)/(air − O2'); here the other way.
        let dilution = (profile.oxygen_air - oxygen) / (profile.oxygen_air - profile.oxygen_reference);
        let weather = (!running).then(|| self.weather(at, when));
        let outside = weather.map_or(0.0, |w| w.temperature);
        let sample = |p: &SiteParameter| -> (f64, f64) {
            let plain = |value: f64| (value, value);
            match p.quantity {
                Quantity::GasFlow if running => plain(p.typical * load),
                Quantity::Oxygen if running => plain(oxygen),
                Quantity::Oxygen => plain(profile.oxygen_air - 0.1),
                Quantity::GasTemperature if running => {
                    plain(p.typical * (0.92 + 0.08 * load) + 0.8 * smooth(local, 44, at, 9 * MINUTE_MS))
                }
                Quantity::GasTemperature => plain(outside),
                Quantity::GasMoisture if running => {
                    plain(p.typical * (1.0 + 0.05 * smooth(local, 45, at, HOUR_MS)))
                }
                Quantity::GasVelocity if running => plain(p.typical * load),
                Quantity::GasPressure if running => plain(p.typical * (0.5 + 0.5 * load)),
                Quantity::Concentration if running => {
                    let noise = 0.8 * smooth(local, p.channel, at, 5 * HOUR_MS)
                        + 0.6 * smooth(local, p.channel, at, 7 * MINUTE_MS);
                    let converted = p.typical * (p.spread * noise).exp();
                    (converted * dilution, converted)
                }
                Quantity::Other => {
                    plain(p.typical * (p.spread * smooth(local, p.channel, at, HOUR_MS)).exp())
                }
                _ => plain(0.0),
            }
        };
        let flag = if running { Flag::Normal } else { Flag::Stopped };
        site.parameters
            .iter()
            .map(|p| {
                let (value, converted) = sample(p);
                Sample { value, converted, flag }
            })
            .collect()
    }
}

impl When {
    fn of(at: Millis) -> When {
        let local = at.local();
        let date = local.date();
        let month_index = usize::from(date.month().unsigned_abs() - 1);
        let day = f64::from(date.day()) - 1.0 + f64::from(local.hour()) / 24.0;
        let month = month_index as f64 + day / f64::from(date.days_in_month()) - 0.5;
        When {
            hour: f64::from(local.hour())
                + f64::from(local.minute()) / 60.0
                + f64::from(local.second()) / 3600.0,
            month: month.rem_euclid(12.0),
            month_index,
            weekday: match date.weekday() {
                Weekday::Monday => 0,
                Weekday::Tuesday => 1,
                Weekday::Wednesday => 2,
                Weekday::Thursday => 3,
                Weekday::Friday => 4,
                Weekday::Saturday => 5,
                Weekday::Sunday => 6,
            },
        }
    }
}

fn monthly(levels: &Monthly, when: &When) -> f64 {
    let left = when.month.floor();
    let share = when.month - left;
    let left = left as usize % 12;
    levels[left] * (1.0 - share) + levels[(left + 1) % 12] * share
}

fn hourly(factors: &[f64; 24], hour: f64) -> f64 {
    // A factor stands for the middle of its hour.
    let position = (hour - 0.5).rem_euclid(24.0);
    let left = position.floor();
    let share = position - left;
    let left = left as usize % 24;
    factors[left] * (1.0 - share) + factors[(left + 1) % 24] * share
}

/// The mark most samples of the period carry; a tie goes to the mark that came first.
fn commonest(flags: impl Iterator<Item = Flag>) -> Flag {
    let mut counts: Vec<(Flag, usize)> = Vec::new();
    for flag in flags {
        match counts.iter_mut().find(|(known, _)| *known == flag) {
            Some((_, count)) => *count += 1,
            None => counts.push((flag, 1)),
        }
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(Flag::Normal, |(flag, _)| *flag)
}

fn circular_mean(degrees: impl Iterator<Item = f64>) -> f64 {
    let (sin, cos) = degrees.fold((0.0, 0.0), |(sin, cos), d| {
        let r = d.to_radians();
        (sin + f64::sin(r), cos + f64::cos(r))
    });
    sin.atan2(cos).to_degrees().rem_euclid(360.0)
}

/// A number from 0 to 1 that belongs to `key` in the world of `seed`.
pub fn share_of(seed: u64, key: &str) -> f64 {
    noise::unit(noise::hash(seed, &[noise::text_key(key)]))
}

#[cfg(test)]
#[path = "world_tests.rs"]
mod tests;
