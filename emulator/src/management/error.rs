//! What the management API says when it does not do what was asked, in the shape of a recorded answer.

use axum::{
    Json,
    extract::rejection::JsonRejection,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// A refusal.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    /// The number that gRPC gives it.
    code: u8,
    error_code: &'static str,
    message: String,
    /// The field that is at fault.
    field: Option<&'static str>,
}

impl ApiError {
    fn new(status: StatusCode, code: u8, error_code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            error_code,
            message: message.into(),
            field: None,
        }
    }

    pub(super) fn unauthenticated(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 16, "UNAUTHENTICATED", message)
    }

    pub(super) fn not_found(message: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, 5, "NOT_FOUND", message)
    }

    pub(super) fn conflict(message: &str) -> Self {
        Self::new(StatusCode::CONFLICT, 6, "ALREADY_EXISTS", message)
    }

    pub(super) fn invalid(field: &'static str, message: &str) -> Self {
        Self {
            field: Some(field),
            ..Self::new(StatusCode::BAD_REQUEST, 3, "INVALID_ARGUMENT", message)
        }
    }

    pub(super) fn rate_limited() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            8,
            "RATE_LIMITED",
            "too many requests",
        )
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        Self::invalid("body", &rejection.body_text())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut detail = json!({
            "@type": "type.googleapis.com/scalekit.v1.errdetails.ErrorInfo",
            "error_code": self.error_code,
        });
        if let (Some(field), Some(detail)) = (self.field, detail.as_object_mut()) {
            let violation = json!({ "field": field, "description": self.message, "constraint": "" });
            let info = json!({ "field_violations": [violation] });
            detail.insert("validation_error_info".to_owned(), info);
        }
        let body = json!({ "code": self.code, "message": self.message, "details": [detail] });
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            let second = HeaderValue::from_static("1");
            response.headers_mut().insert(header::RETRY_AFTER, second);
        }
        response
    }
}
