//! How long the sessions of an organization's people may live at the provider.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use time::Duration;

use super::{ManagementError, Organization, shapes::lenient};

/// A policy as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPolicy {
    /// Whether the organization has its own, rather than the application's.
    pub is_custom: bool,
    /// How long a session lives whatever happens.
    pub absolute: Duration,
    /// How long it lives without use; `None` if that does not matter.
    pub idle: Option<Duration>,
}

/// A policy as it is to be. The provider accepts what is stricter than the application's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyChange {
    /// The application's.
    Application,
    /// The organization's own, in minutes.
    Custom {
        /// How long a session lives whatever happens.
        absolute_minutes: u32,
        /// How long it lives without use; `None` if that is not to matter.
        idle_minutes: Option<u32>,
    },
}

#[derive(Deserialize)]
struct Answer {
    policy: Shape,
}

#[derive(Deserialize)]
struct Shape {
    #[serde(default, deserialize_with = "lenient")]
    policy_source: String,
    #[serde(default, deserialize_with = "lenient")]
    absolute_session_timeout: i64,
    #[serde(default, deserialize_with = "lenient")]
    absolute_session_timeout_unit: String,
    #[serde(default, deserialize_with = "lenient")]
    idle_session_timeout: i64,
    #[serde(default, deserialize_with = "lenient")]
    idle_session_timeout_unit: String,
    #[serde(default, deserialize_with = "lenient")]
    idle_session_timeout_enabled: bool,
}

impl From<Shape> for SessionPolicy {
    fn from(shape: Shape) -> Self {
        let idle = span(shape.idle_session_timeout, &shape.idle_session_timeout_unit);
        Self {
            is_custom: shape.policy_source.eq_ignore_ascii_case("CUSTOM"),
            absolute: span(
                shape.absolute_session_timeout,
                &shape.absolute_session_timeout_unit,
            ),
            idle: shape.idle_session_timeout_enabled.then_some(idle),
        }
    }
}

/// Units are in small letters in answers, and in capitals in the documentation of requests.
fn span(number: i64, unit: &str) -> Duration {
    let seconds = match unit.to_ascii_lowercase().as_str() {
        "days" => 86_400,
        "hours" => 3_600,
        _ => 60,
    };
    Duration::seconds(number.saturating_mul(seconds))
}

impl Organization {
    /// Its policy.
    pub async fn session_policy(&self) -> Result<SessionPolicy, ManagementError> {
        let segments = ["organizations", self.id.as_str(), "session-policy"];
        let answer = self.management.get(&segments).read::<Answer>().await?;
        Ok(answer.policy.into())
    }

    /// Gives it another policy.
    pub async fn set_session_policy(&self, change: PolicyChange) -> Result<(), ManagementError> {
        let segments = ["organizations", self.id.as_str(), "session-policy"];
        self.management
            .call(Method::PATCH, &segments)
            .body(&request(change))
            .done()
            .await
    }
}

fn request(change: PolicyChange) -> Value {
    match change {
        PolicyChange::Application => json!({ "policy_source": "APPLICATION" }),
        PolicyChange::Custom {
            absolute_minutes,
            idle_minutes,
        } => {
            let mut request = json!({
                "policy_source": "CUSTOM",
                "absolute_session_timeout": absolute_minutes,
                "absolute_session_timeout_unit": "MINUTES",
                "idle_session_timeout_enabled": idle_minutes.is_some(),
            });
            if let (Some(minutes), Some(request)) = (idle_minutes, request.as_object_mut()) {
                request.insert("idle_session_timeout".to_owned(), minutes.into());
                request.insert("idle_session_timeout_unit".to_owned(), "MINUTES".into());
            }
            request
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_understood_in_small_letters_and_in_capitals() {
        assert_eq!(span(360, "minutes"), Duration::hours(6));
        assert_eq!(span(2, "HOURS"), Duration::hours(2));
        assert_eq!(span(30, "days"), Duration::days(30));
    }

    #[test]
    fn an_idle_timeout_that_is_off_says_nothing() {
        let shape: Shape = serde_json::from_value(json!({
            "policy_source": "APPLICATION",
            "absolute_session_timeout": 360,
            "absolute_session_timeout_unit": "minutes",
            "idle_session_timeout": 84,
        }))
        .unwrap();
        let policy = SessionPolicy::from(shape);
        assert_eq!((policy.is_custom, policy.idle), (false, None));
        assert_eq!(policy.absolute, Duration::hours(6));
    }
}
