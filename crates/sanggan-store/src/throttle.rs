//! Slows down whoever guesses passwords.

use std::collections::HashMap;

use sanggan_base::Millis;

/// Names and peers remembered before forgotten ones are swept out.
const SWEEP_ABOVE: usize = 10_000;

/// When and how long log-ins are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThrottleRules {
    /// Failures that cost nothing.
    pub free_failures: u32,
    /// Wait after the first failure beyond these; doubles with each further one.
    pub first_wait_ms: i64,
    /// The longest wait.
    pub longest_wait_ms: i64,
    /// Failures older than this are forgotten.
    pub forget_after_ms: i64,
}

impl Default for ThrottleRules {
    fn default() -> Self {
        ThrottleRules {
            free_failures: 4,
            first_wait_ms: 1_000,
            longest_wait_ms: 15 * 60_000,
            forget_after_ms: 60 * 60_000,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Millis,
}

/// The failures of names and peers, in memory: a restart forgets them, and takes longer than they last.
#[derive(Debug)]
pub(crate) struct Throttle {
    rules: ThrottleRules,
    failures: HashMap<String, Failures>,
}

impl Throttle {
    pub(crate) fn new(rules: ThrottleRules) -> Throttle {
        Throttle { rules, failures: HashMap::new() }
    }

    /// Lets a try through and counts it as failed until [`Throttle::succeeded`], or says how many ms to wait.
    /// Counting first means that tries at the same moment do not slip through together.
    pub(crate) fn begin(&mut self, name: &str, peer: &str, now: Millis) -> Result<(), i64> {
        let keys = keys(name, peer);
        let wait = keys.iter().map(|key| self.wait(key, now)).max().unwrap_or(0);
        if wait > 0 {
            return Err(wait);
        }
        if self.failures.len() > SWEEP_ABOVE {
            let forget_after_ms = self.rules.forget_after_ms;
            self.failures.retain(|_, failures| now.0 - failures.last.0 < forget_after_ms);
        }
        for key in keys {
            let failures = self.failures.entry(key).or_insert(Failures { count: 0, last: now });
            if now.0 - failures.last.0 >= self.rules.forget_after_ms {
                failures.count = 0;
            }
            failures.count = failures.count.saturating_add(1);
            failures.last = now;
        }
        Ok(())
    }

    /// Takes back what [`Throttle::begin`] counted. The name is forgiven; earlier failures of the peer stay, so that
    /// one who has an account cannot wash away guesses at others.
    pub(crate) fn succeeded(&mut self, name: &str, peer: &str) {
        let [name, peer] = keys(name, peer);
        self.failures.remove(&name);
        if let Some(failures) = self.failures.get_mut(&peer) {
            failures.count = failures.count.saturating_sub(1);
        }
    }

    fn wait(&self, key: &str, now: Millis) -> i64 {
        let Some(failures) = self.failures.get(key) else { return 0 };
        if failures.count <= self.rules.free_failures {
            return 0;
        }
        let doublings = (failures.count - self.rules.free_failures - 1).min(40);
        let wait = self.rules.first_wait_ms.saturating_mul(1 << doublings).min(self.rules.longest_wait_ms);
        (failures.last.0 + wait - now.0).clamp(0, wait)
    }
}

fn keys(name: &str, peer: &str) -> [String; 2] {
    [format!("name:{}", name.to_lowercase()), format!("peer:{peer}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_are_forgotten() {
        let mut throttle = Throttle::new(ThrottleRules::default());
        let mut now = Millis(1_000_000);
        let mut waits = Vec::new();
        for _ in 0..16 {
            let wait = match throttle.begin("a", "p", now) {
                Ok(()) => 0,
                Err(wait) => {
                    now = now.plus(wait);
                    throttle.begin("a", "p", now).expect("the wait is over");
                    wait
                }
            };
            waits.push(wait);
        }
        // The fifth failure is the first that costs: the sixth try waits.
        assert_eq!(
            waits,
            [
                0, 0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 512_000,
                900_000
            ]
        );
        assert!(throttle.begin("a", "other peer", now).is_err(), "the name is held whatever the peer");
        assert!(throttle.begin("other", "p", now).is_err(), "the peer is held whatever the name");
        now = now.plus(ThrottleRules::default().forget_after_ms);
        assert!(throttle.begin("a", "p", now).is_ok());
        assert!(throttle.begin("a", "p", now).is_ok(), "the count began anew");
    }

    #[test]
    fn success_forgives_the_name_but_not_the_peers_other_guesses() {
        let mut throttle = Throttle::new(ThrottleRules::default());
        let now = Millis(0);
        for guess in 0..5 {
            throttle.begin(&format!("victim{guess}"), "p", now).expect("free");
            if guess < 4 {
                throttle.begin("own", "p", now).ok();
                throttle.succeeded("own", "p");
            }
        }
        assert!(throttle.begin("own", "p", now).is_err());
        assert!(throttle.begin("own", "q", now).is_ok());
    }

    #[test]
    fn a_clock_that_jumps_back_does_not_lock_for_longer_than_the_wait() {
        let mut throttle = Throttle::new(ThrottleRules::default());
        for _ in 0..5 {
            throttle.begin("a", "p", Millis(10_000_000)).expect("free");
        }
        assert_eq!(throttle.begin("a", "p", Millis(0)), Err(1_000));
    }
}
