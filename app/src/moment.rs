//! Points in time and spans between them, in words.

use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// A point in time, for people and for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970.
    pub unix: i64,
    /// RFC 3339.
    pub machine: String,
    /// Such as `23 Nov 2026, 18:26 UTC`.
    pub human: String,
}

impl From<OffsetDateTime> for Moment {
    fn from(time: OffsetDateTime) -> Self {
        let human = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
        // A date at the end of all dates has no other form.
        let time = time
            .checked_to_offset(time::UtcOffset::UTC)
            .unwrap_or(time)
            .replace_nanosecond(0)
            .unwrap_or(time);
        Self {
            unix: time.unix_timestamp(),
            machine: time.format(&Rfc3339).unwrap_or_default(),
            human: time.format(&human).unwrap_or_default(),
        }
    }
}

impl Moment {
    /// Seen from `now`, such as `in 4 min` or `2 days ago`.
    pub fn relative(&self, now: OffsetDateTime) -> String {
        let seconds = self.unix - now.unix_timestamp();
        let span = span(seconds.abs());
        match seconds {
            // No two clocks are quite the same.
            -5..=5 => "now".to_owned(),
            6.. => format!("in {span}"),
            ..-5 => format!("{span} ago"),
        }
    }
}

/// A span, to the minute below two days.
pub(crate) fn span(seconds: i64) -> String {
    let minutes = seconds / 60 % 60;
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} min"),
        3600..172_800 if minutes == 0 => format!("{} h", seconds / 3600),
        3600..172_800 => format!("{} h {minutes} min", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_from_now() {
        let now = OffsetDateTime::from_unix_timestamp(1_000_000).unwrap();
        let told = |seconds: i64| Moment::from(now + time::Duration::seconds(seconds)).relative(now);
        assert_eq!(told(0), "now");
        assert_eq!(told(5), "now");
        assert_eq!(told(-5), "now");
        assert_eq!(told(6), "in 6 s");
        assert_eq!(told(-6), "6 s ago");
        assert_eq!(told(59), "in 59 s");
        assert_eq!(told(299), "in 4 min");
        assert_eq!(told(-7200), "2 h ago");
        assert_eq!(told(5400), "in 1 h 30 min");
        assert_eq!(told(-200_000), "2 days ago");
    }
}
