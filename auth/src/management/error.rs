//! Why an operation of the management API did not succeed.

use http::StatusCode;

use crate::{client::ClientTokenError, http::HttpError};

/// Each variant is something else for the person who asked to do.
#[derive(Debug, thiserror::Error)]
pub enum ManagementError {
    /// This application has no token of its own, or the API does not accept it. An operator must act.
    #[error("the management API does not accept this application's token")]
    Credentials,
    /// The API refuses this application (403): *Allow Scalekit Management API access* is off.
    #[error("the management API does not let this application do that")]
    Denied,
    /// There is no such thing, or not in this organization.
    #[error("there is no such thing in this organization")]
    NotFound,
    /// It is there already, or somebody else has it.
    #[error("it exists already")]
    Conflict,
    /// The API does not accept what it was given, in this field if it says so.
    #[error("the management API does not accept the value of {}", .field.as_deref().unwrap_or("a field"))]
    Invalid {
        /// As the API names it.
        field: Option<String>,
    },
    /// Too many requests, even after a pause.
    #[error("the management API is too busy")]
    Busy {
        /// After how many seconds the API asks to be tried again.
        retry_after: Option<u32>,
    },
    /// No answer, none in time, or one that says that it cannot work now.
    #[error("the management API gave no answer")]
    Unavailable(#[source] Option<HttpError>),
    /// An answer that makes no sense.
    #[error("the management API's answer makes no sense ({0})")]
    Malformed(String),
}

impl ManagementError {
    /// The operation may succeed later, without anybody changing anything.
    pub fn passes(&self) -> bool {
        matches!(
            self,
            Self::Busy { .. } | Self::Unavailable(_) | Self::Malformed(_)
        )
    }

    /// Only an operator can do something about it.
    pub fn needs_an_operator(&self) -> bool {
        matches!(self, Self::Credentials | Self::Denied)
    }

    /// The same for somebody else who waited for it. What lies behind a broken connection is told once.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::Credentials => Self::Credentials,
            Self::Denied => Self::Denied,
            Self::NotFound => Self::NotFound,
            Self::Conflict => Self::Conflict,
            Self::Invalid { field } => Self::Invalid { field: field.clone() },
            &Self::Busy { retry_after } => Self::Busy { retry_after },
            Self::Unavailable(Some(HttpError::Timeout)) => Self::Unavailable(Some(HttpError::Timeout)),
            Self::Unavailable(_) => Self::Unavailable(None),
            Self::Malformed(why) => Self::Malformed(why.clone()),
        }
    }

    /// What an answer that is no success means.
    pub(super) fn from_answer(status: StatusCode, body: &[u8]) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Credentials,
            StatusCode::FORBIDDEN => Self::Denied,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::CONFLICT => Self::Conflict,
            status if status.is_client_error() => Self::Invalid { field: field(body) },
            status => Self::Malformed(format!("status {status}")),
        }
    }
}

impl From<HttpError> for ManagementError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Unavailable {
                status: StatusCode::TOO_MANY_REQUESTS,
                retry_after,
            } => Self::Busy { retry_after },
            error => Self::Unavailable(Some(error)),
        }
    }
}

impl From<ClientTokenError> for ManagementError {
    fn from(error: ClientTokenError) -> Self {
        match error {
            ClientTokenError::Unreachable(error) => error.into(),
            ClientTokenError::NotDiscovered(_) => Self::Unavailable(None),
            ClientTokenError::Refused(_) => Self::Credentials,
            ClientTokenError::Unreadable => Self::Malformed("token response".to_owned()),
        }
    }
}

/// Which field the API finds fault with, by the first violation that it names. A name only, never its words.
fn field(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let details = body.get("details")?.as_array()?;
    let violation = details.iter().find_map(|detail| {
        let violations = detail.get("validation_error_info")?.get("field_violations")?;
        violations.get(0)?.get("field")?.as_str()
    })?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    (violation.len() <= 64 && violation.bytes().all(is_name)).then(|| violation.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_tells_what_to_do_by_its_status() {
        let kind = |status| ManagementError::from_answer(StatusCode::from_u16(status).unwrap(), b"{}");
        assert!(matches!(kind(401), ManagementError::Credentials));
        assert!(matches!(kind(403), ManagementError::Denied));
        assert!(matches!(kind(404), ManagementError::NotFound));
        assert!(matches!(kind(409), ManagementError::Conflict));
        assert!(matches!(kind(400), ManagementError::Invalid { field: None }));
        assert!(matches!(kind(422), ManagementError::Invalid { .. }));
        assert!(matches!(kind(302), ManagementError::Malformed(_)));
    }

    #[test]
    fn the_field_at_fault_is_named_and_nothing_else_is_repeated() {
        let body = |field| {
            let violation = json!({ "field": field, "description": "<script>" });
            let info = json!({ "validation_error_info": { "field_violations": [violation] } });
            json!({ "details": [{}, info] }).to_string()
        };
        assert_eq!(field(body("slug").as_bytes()).as_deref(), Some("slug"));
        assert_eq!(field(body("<script>").as_bytes()), None);
        assert_eq!(field(b"not JSON"), None);
    }
}
