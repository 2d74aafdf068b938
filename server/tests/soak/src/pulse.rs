//! Whether the machine is too busy to judge by: whoever asks to be woken after a while is woken later, and answers that
//! need milliseconds take seconds.

use std::time::Duration;

use tokio::time::{Instant, sleep};

const BEAT: Duration = Duration::from_millis(100);

/// Time-outs, leases and the provider's grace are counted in seconds.
const TOO_LATE: Duration = Duration::from_secs(1);
const TOO_SLOW: Duration = Duration::from_secs(2);

/// Whether time-outs mean little.
pub(crate) fn is_too_busy(lateness: Duration, median_latency: Duration) -> bool {
    lateness > TOO_LATE || median_latency > TOO_SLOW
}

/// The most that a timer was late until then.
pub(crate) async fn lateness(until: Instant) -> Duration {
    let mut most = Duration::ZERO;
    while Instant::now() < until {
        let begun = Instant::now();
        sleep(BEAT).await;
        most = most.max(begun.elapsed().saturating_sub(BEAT));
    }
    most
}
