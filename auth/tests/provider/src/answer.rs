//! An honest answer, before a fault gets hold of it.

use axum::body::{Body, Bytes};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::json;

use crate::document::Document;

pub(crate) const JSON: &str = "application/json";

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self::empty(status)
            .header(header::CONTENT_TYPE, content_type)
            .body(body)
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn json(status: u16, content: &impl ToString) -> Self {
        Self::new(status, JSON, content.to_string())
    }

    pub(crate) fn html(page: &'static str) -> Self {
        Self::new(200, "text/html; charset=utf-8", page)
    }

    /// RFC 6749 §5.2.
    pub(crate) fn error(status: u16, error: &str, description: &str) -> Self {
        let document = Document::from([("error", json!(error)), ("error_description", json!(description))]);
        Self::json(status, &document)
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn into_response(self, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
