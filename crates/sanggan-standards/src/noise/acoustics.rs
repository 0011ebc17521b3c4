//! Levels from samples: equivalent level, percentile levels, standard deviation, day-night level.
//!
//! Pure functions over decibels; what counts as day, and which shares of time are asked for, is the caller's.

/// One sound level and how long it lasted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The A-weighted level, in dB(A).
    pub level: f64,
    /// How long it lasted, in any unit common to all samples; 1 for samples of equal length.
    pub duration: f64,
}

/// The equivalent continuous level: `10·lg(Σ tᵢ·10^(0.1·Lᵢ) / Σ tᵢ)`; `None` without samples of some duration.
pub fn leq(samples: &[Sample]) -> Option<f64> {
    let total = total(samples)?;
    let energy: f64 = samples.iter().map(|one| one.duration * 10f64.powf(one.level / 10.0)).sum();
    Some(10.0 * (energy / total).log10()).filter(|level| level.is_finite())
}

/// The level reached or exceeded in this share of the time (0 to 1): samples from loud to quiet until their duration
/// makes up the share. Of 100 samples of equal length the 10th loudest is L10.
///
/// `None` when the longest sample alone takes more than the share or than what is left of the time: the samples are too
/// few to tell.
pub fn exceeded(samples: &[Sample], share: f64) -> Option<f64> {
    let total = total(samples)?;
    // A share of the total never loses to the noise of adding it up.
    let wanted = share * total * (1.0 - 1e-12);
    let longest = samples.iter().map(|one| one.duration).fold(0.0, f64::max);
    if share.min(1.0 - share) * total < longest * (1.0 - 1e-9) {
        return None;
    }
    let mut sorted = samples.to_vec();
    sorted.sort_by(|one, other| other.level.total_cmp(&one.level));
    let mut sum = 0.0;
    sorted
        .iter()
        .find(|one| {
            sum += one.duration;
            wanted <= sum
        })
        .map(|one| one.level)
}

/// The standard deviation of the levels of samples of equal length (n − 1 in the denominator); `None` for fewer than
/// two, or when their lengths differ.
pub fn deviation(samples: &[Sample]) -> Option<f64> {
    let first = samples.first()?.duration;
    if samples.len() < 2 || samples.iter().any(|one| one.duration != first) {
        return None;
    }
    let count = samples.len() as f64;
    let mean = samples.iter().map(|one| one.level).sum::<f64>() / count;
    let squares: f64 = samples.iter().map(|one| (one.level - mean).powi(2)).sum();
    Some((squares / (count - 1.0)).sqrt()).filter(|deviation| deviation.is_finite())
}

/// The level of periods taken together: each its level, its weight in hours, and what is added to the level before.
pub fn combined(periods: &[(f64, f64, f64)]) -> Option<f64> {
    let samples: Vec<Sample> = periods
        .iter()
        .map(|(level, hours, added)| Sample { level: level + added, duration: *hours })
        .collect();
    leq(&samples)
}

fn total(samples: &[Sample]) -> Option<f64> {
    let total: f64 = samples.iter().map(|one| one.duration).sum();
    let sound = samples.iter().all(|one| one.level.is_finite() && 0.0 <= one.duration);
    (sound && total.is_finite() && 0.0 < total).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(levels: impl IntoIterator<Item = f64>) -> Vec<Sample> {
        levels.into_iter().map(|level| Sample { level, duration: 1.0 }).collect()
    }

    #[test]
    fn levels_follow_their_definitions() {
        let round = |value: Option<f64>| value.map(|value| (value * 100.0).round() / 100.0);
        // Twice the energy is 3.01 dB more; a constant level is its own equivalent.
        assert_eq!(round(leq(&equal([60.0, 60.0]))), Some(60.0));
        assert_eq!(round(leq(&equal([60.0, 70.0]))), Some(67.40));
        // 15 min at 70 and 45 min at 60: 10·lg((15·10^7 + 45·10^6) / 60)
        let unequal = [Sample { level: 70.0, duration: 15.0 }, Sample { level: 60.0, duration: 45.0 }];
        assert_eq!(round(leq(&unequal)), Some(65.12));
        let hundred = equal((1..=100).map(f64::from));
        assert_eq!(exceeded(&hundred, 0.1), Some(91.0));
        assert_eq!(exceeded(&hundred, 0.5), Some(51.0));
        assert_eq!(exceeded(&hundred, 0.9), Some(11.0));
        assert_eq!(exceeded(&equal([50.0; 9]), 0.1), None);
        assert_eq!(exceeded(&equal([50.0; 10]), 0.1), Some(50.0));
        assert_eq!(round(deviation(&equal([58.0, 60.0, 62.0]))), Some(2.0));
        // Ld 60, Ln 50: the night with 10 dB added is as loud as the day
        assert_eq!(round(combined(&[(60.0, 16.0, 0.0), (50.0, 8.0, 10.0)])), Some(60.0));
        assert_eq!(leq(&[]), None);
        assert_eq!(leq(&equal([f64::NAN])), None);
    }
}
