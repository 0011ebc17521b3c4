//! A clock that moves only when told.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sanggan_base::Millis;

/// A clock that moves only when told. Clones show the same time.
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<AtomicI64>);

impl FakeClock {
    /// A clock that stands at `at`.
    pub fn at(at: Millis) -> FakeClock {
        FakeClock(Arc::new(AtomicI64::new(at.0)))
    }

    /// A clock that stands at this local time, such as `2026-11-23T10:00`.
    ///
    /// # Panics
    /// When the text is no such time.
    pub fn local(text: &str) -> FakeClock {
        let civil: jiff::civil::DateTime = text.parse().expect("a local time such as 2026-11-23T10:00");
        FakeClock::at(Millis::from_local(civil).expect("a time within the calendar"))
    }

    /// What it shows.
    pub fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }

    /// Moves it on, or back when `ms` is negative.
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// The clock in the form the crates take it.
    pub fn shared(&self) -> Arc<dyn Fn() -> Millis + Send + Sync> {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_only_when_told() {
        let clock = FakeClock::local("2026-11-23T10:00");
        let shared = clock.shared();
        clock.advance(1500);
        assert_eq!(shared().to_string(), "2026-11-23T10:00:01.500+08:00");
    }
}
