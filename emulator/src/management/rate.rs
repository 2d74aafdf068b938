//! How often the management API may be asked: so many requests in each second of this environment's clock.

use time::OffsetDateTime;

/// The requests of the current second.
#[derive(Default)]
pub(crate) struct Rate {
    second: i64,
    count: u32,
}

impl Rate {
    /// Counts a request; whether it is one of the `most` that a second may have.
    pub(super) fn allows(&mut self, now: OffsetDateTime, most: u32) -> bool {
        let second = now.unix_timestamp();
        if self.second != second {
            *self = Self { second, count: 0 };
        }
        self.count = self.count.saturating_add(1);
        self.count <= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_so_many_requests_and_the_next_one_has_as_many_again() {
        let mut rate = Rate::default();
        let start = OffsetDateTime::UNIX_EPOCH;
        let allowed = |rate: &mut Rate, now| (0..5).filter(|_| rate.allows(now, 3)).count();
        assert_eq!(allowed(&mut rate, start), 3);
        assert_eq!(allowed(&mut rate, start + time::Duration::seconds(1)), 3);
    }
}
