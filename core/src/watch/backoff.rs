//! When to try again.

use crate::{Duration, Instant};

/// How long to wait before the next connection: twice as long after each failure in a row, and
/// not all clients at the same moment.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Backoff {
    /// After the first failure. Default: one second. When the server refused something, which may
    /// be the login, it is a minute at least, if [`most`](Self::most) is not less: some accounts are
    /// locked by a few tries in a row.
    pub first: Duration,
    /// At most. Default: 15 minutes.
    pub most: Duration,
    /// Something that differs from device to device and from start to start.
    pub seed: u32,
}

impl Backoff {
    /// The defaults.
    pub const fn new() -> Self {
        Self { first: Duration::from_secs(1), most: Duration::from_secs(15 * 60), seed: 1 }
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

/// Failures in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failures {
    /// How many milliseconds to wait after the next; 0 if it is the first.
    wait: u32,
    random: u32,
}

impl Failures {
    pub(super) const fn new(backoff: &Backoff) -> Self {
        // Zero is where xorshift stays.
        Self { wait: 0, random: backoff.seed | 1 }
    }

    pub(super) const fn forget(&mut self) {
        self.wait = 0;
    }

    /// The next failure is that the server refused something.
    pub(super) fn refuse(&mut self) {
        self.wait = self.wait.max(60_000);
    }

    /// One more: when to try again. Between three quarters of the time and all of it.
    pub(super) fn add(&mut self, backoff: &Backoff, now: Instant) -> Instant {
        let millis = |it: Duration| u32::try_from(it.as_millis()).unwrap_or(u32::MAX);
        let wait = self.wait.max(millis(backoff.first)).min(millis(backoff.most));
        self.wait = wait.saturating_mul(2);
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        let wait = u64::from(wait);
        let less = (wait >> 2).wrapping_mul(u64::from(self.random & 0xff)) >> 8;
        now.saturating_add(Duration::from_millis(wait.saturating_sub(less)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_doubles_up_to_the_most_and_is_never_the_same() {
        let backoff = Backoff { seed: 7, ..Backoff::new() };
        let mut failures = Failures::new(&backoff);
        let waits: [u64; 100] =
            core::array::from_fn(|_| failures.add(&backoff, Instant::ZERO).as_millis());
        for (count, wait) in waits.iter().enumerate() {
            let whole = if count < 10 { 1000 << count } else { u64::MAX }.min(900_000);
            assert!((whole * 3 / 4..=whole).contains(wait), "{count}: {wait}");
        }
        let at_most = waits.get(20..).unwrap_or_default();
        assert!(at_most.windows(2).any(|pair| pair.first() != pair.last()));
        failures.forget();
        assert!(failures.add(&backoff, Instant::ZERO).as_millis() <= 1000);
    }
}
