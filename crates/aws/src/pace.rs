//! Rate limiting.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The window in which requests are counted: one second, plus jitter of the network. Without the
/// margin, a delayed request and later ones could arrive within one second of the service's clock.
const SECOND: Duration = Duration::from_millis(1030);

/// A limit of requests per second.
///
/// This is a sliding window instead of a token bucket: after a pause, a bucket lets twice its rate
/// through within one second.
#[derive(Debug)]
pub(crate) struct Pace {
    /// The number of requests in a window, at least one.
    per_second: usize,
    /// The times of the last requests, including reserved ones in the future, oldest first. At most
    /// `per_second` of them.
    sent: Mutex<VecDeque<Instant>>,
}

impl Pace {
    /// Creates a limit that no request has used yet.
    pub(crate) fn new(per_second: NonZeroU32) -> Self {
        let per_second = usize::try_from(per_second.get()).unwrap_or(usize::MAX);
        Self {
            per_second,
            sent: Mutex::default(),
        }
    }

    /// Waits until the next request may be sent.
    pub(crate) async fn turn(&self) {
        let at = self.reserve(Instant::now());
        tokio::time::sleep_until(at).await;
    }

    /// Counts a request that did not wait: a retry by the SDK.
    pub(crate) fn note(&self) {
        let now = Instant::now();
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        // Later times may be reserved already. Keep the order.
        let at = sent.back().map_or(now, |last| now.max(*last));
        self.push(&mut sent, at);
    }

    /// Reserves the earliest time for a request and returns it.
    ///
    /// For two requests per second, five calls at time 0 get the times 0, 0, 1.03, 1.03 and 2.06.
    /// The times never decrease, so requests leave in the order in which they came.
    fn reserve(&self, now: Instant) -> Instant {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = sent.len() >= self.per_second;
        let free = sent
            .front()
            .filter(|_| is_full)
            .map_or(now, |first| *first + SECOND);
        let last = sent.back().copied().unwrap_or(now);
        let at = now.max(free).max(last);
        self.push(&mut sent, at);
        at
    }

    /// Appends a time, forgetting those that no longer matter.
    fn push(&self, sent: &mut VecDeque<Instant>, at: Instant) {
        sent.push_back(at);
        if sent.len() > self.per_second {
            sent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the times, in milliseconds, of requests that are all ready at once.
    fn times(pace: &Pace, now: Instant, count: usize) -> Vec<u128> {
        (0..count)
            .map(|_| (pace.reserve(now) - now).as_millis())
            .collect()
    }

    #[test]
    fn rate_limit_holds_in_every_window() {
        let pace = Pace::new(NonZeroU32::new(3).unwrap());
        let times = times(&pace, Instant::now(), 10);
        assert_eq!(times, [0, 0, 0, 1030, 1030, 1030, 2060, 2060, 2060, 3090]);
        for window in times.windows(4) {
            assert!(window[3] - window[0] >= 1000);
        }
    }

    #[test]
    fn rate_limit_saves_no_credit_in_pauses() {
        let pace = Pace::new(NonZeroU32::new(2).unwrap());
        let start = Instant::now();
        assert_eq!(times(&pace, start, 2), [0, 0]);
        let later = start + Duration::from_mins(1);
        assert_eq!(times(&pace, later, 3), [0, 0, 1030]);
    }

    #[test]
    fn retries_count_against_the_rate() {
        let pace = Pace::new(NonZeroU32::new(2).unwrap());
        pace.note();
        pace.note();
        assert!(pace.reserve(Instant::now()) > Instant::now() + Duration::from_millis(900));
    }
}
