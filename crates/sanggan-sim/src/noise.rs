//! Randomness that is a function of its arguments, so that history and live values agree.

use sanggan_base::Millis;

/// Mixes `seed` and `parts` into 64 well spread bits (SplitMix64's finaliser, once a part).
pub fn hash(seed: u64, parts: &[u64]) -> u64 {
    let mut state = seed ^ 0x9E37_79B9_7F4A_7C15;
    for &part in parts {
        state = mix(state.wrapping_add(0x9E37_79B9_7F4A_7C15) ^ mix(part));
    }
    mix(state)
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The number that stands for a text in [`hash`].
pub fn text_key(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |state, byte| mix(state ^ u64::from(byte)))
}

/// A number from 0 (included) to 1 (excluded).
pub fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// Mean 0, variance about 1, never beyond ±3.5: the sum of four uniform numbers.
pub fn bell(bits: u64) -> f64 {
    let sum: f64 = (0..4).map(|i| ((bits >> (16 * i)) & 0xFFFF) as f64 / 65_536.0).sum();
    (sum - 2.0) * 3f64.sqrt()
}

/// Noise that changes smoothly over about `period_ms`; mean 0, standard deviation about 0.8.
pub fn smooth(seed: u64, channel: u64, at: Millis, period_ms: i64) -> f64 {
    let cell = at.0.div_euclid(period_ms);
    let within = at.0.rem_euclid(period_ms) as f64 / period_ms as f64;
    let ease = within * within * (3.0 - 2.0 * within);
    let left = bell(hash(seed, &[channel, period_ms as u64, cell as u64]));
    let right = bell(hash(seed, &[channel, period_ms as u64, (cell + 1) as u64]));
    left + (right - left) * ease
}

/// A bump that comes at most once in each window of `window_ms`: 0 outside, 1 at its top.
///
/// `chance` says in which share of the windows there is one; `width_ms` is its half width. Returns the
/// height at `at` times a factor from 0.4 to 1 that differs from bump to bump.
pub fn episode(seed: u64, channel: u64, at: Millis, window_ms: i64, width_ms: i64, chance: f64) -> f64 {
    let cell = at.0.div_euclid(window_ms);
    let mut height: f64 = 0.0;
    for window in [cell - 1, cell, cell + 1] {
        let bits = hash(seed, &[channel, window as u64, 77]);
        if unit(bits) >= chance {
            continue;
        }
        let top = window * window_ms + (unit(hash(bits, &[1])) * window_ms as f64) as i64;
        let distance = (at.0 - top) as f64 / width_ms as f64;
        if distance.abs() < 2.5 {
            let strength = 0.4 + 0.6 * unit(hash(bits, &[2]));
            height = height.max(strength * (-distance * distance).exp());
        }
    }
    height
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_a_function_of_its_arguments_and_stays_in_bounds() {
        let mut sum = 0.0;
        for i in 0..10_000 {
            let at = Millis(i * 60_000);
            let value = smooth(7, 3, at, 3_600_000);
            assert_eq!(value, smooth(7, 3, at, 3_600_000));
            assert!(value.abs() <= 3.5, "noise left its bounds: {value}");
            sum += value;
        }
        assert!((sum / 10_000.0).abs() < 0.3, "the mean of the noise is {}", sum / 10_000.0);
        assert_ne!(smooth(7, 3, Millis(0), 3_600_000), smooth(8, 3, Millis(0), 3_600_000));
    }

    #[test]
    fn neighbouring_moments_have_neighbouring_values() {
        for i in 0..5_000 {
            let at = Millis(i * 60_000);
            let step = (smooth(1, 1, at.plus(60_000), 3_600_000) - smooth(1, 1, at, 3_600_000)).abs();
            assert!(step < 0.2, "a jump of {step} within one minute of an hour's noise");
        }
    }
}
