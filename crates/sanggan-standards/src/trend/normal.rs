//! The normal distribution: the tail of a Z and the Z of a tail.

/// The probability that a standard normal variable is at least as far from 0 as `z`, on both sides.
pub(super) fn two_sided(z: f64) -> f64 {
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// The Z whose two-sided tail is `alpha`; by halving, as the tail falls with Z. `None` outside (0, 1).
pub(super) fn z_of(alpha: f64) -> Option<f64> {
    if !(alpha > 0.0 && alpha < 1.0) {
        return None;
    }
    let (mut low, mut high) = (0.0_f64, 40.0_f64);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if alpha < two_sided(middle) { low = middle } else { high = middle }
    }
    Some(f64::midpoint(low, high))
}

/// The complementary error function for x ≥ 0: the series of erf near 0, the continued fraction beyond
/// (Abramowitz and Stegun 7.1.6 and 7.1.14).
fn erfc(x: f64) -> f64 {
    let scale = (-x * x).exp() / std::f64::consts::PI.sqrt();
    if x < 2.0 {
        let (mut term, mut sum, mut n) = (x, x, 0.0);
        while term.abs() > sum.abs() * 1e-17 && n < 200.0 {
            n += 1.0;
            term *= 2.0 * x * x / (2.0 * n + 1.0);
            sum += term;
        }
        return 1.0 - 2.0 * scale * sum;
    }
    let mut fraction = x;
    for k in (1..=120).rev() {
        fraction = x + f64::from(k) / 2.0 / fraction;
    }
    scale / fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_the_tables() {
        // Percentage points printed in every table of the normal distribution.
        for (z, tail) in [
            (0.0, 1.0),
            (1.0, 0.317_310_507_9),
            (1.96, 0.049_995_790_3),
            (2.575_829_303_5, 0.01),
            (3.5, 0.000_465_258_2),
            (6.0, 1.973_175_3e-9),
        ] {
            assert!((two_sided(z) - tail).abs() < 1e-6 * tail, "{z}: {}", two_sided(z));
        }
        assert!((z_of(0.05).expect("inside") - 1.959_963_984_5).abs() < 1e-9);
        assert_eq!(z_of(0.0), None);
        assert_eq!(z_of(f64::NAN), None);
    }
}
