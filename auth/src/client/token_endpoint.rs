//! Calls to the token endpoint, forgiving where a wrong answer does no harm, and strict where it may.

use std::pin::Pin;

use openidconnect::AsyncHttpClient;
use serde_json::Value;

use crate::{
    http::{Call, HttpError},
    json,
};

/// The HTTP client as openidconnect uses it at the token endpoint.
pub(super) struct TokenEndpoint<'a>(pub(super) Call<'a>);

impl<'c> AsyncHttpClient<'c> for TokenEndpoint<'_> {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<Vec<u8>>, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: http::Request<Vec<u8>>) -> Self::Future {
        Box::pin(async move { Ok(self.0.send(request).await?.map(with_unique_members)) })
    }
}

/// The answer, read once, so that whatever reads it next sees what we saw. One with repeated members becomes unreadable.
///
/// The token's own `exp` decides when it ends (promise 15), so an `expires_in` that is no whole number of seconds is
/// dropped rather than let it spoil the sign-in.
fn with_unique_members(body: Vec<u8>) -> Vec<u8> {
    let Ok(mut answer) = json::object(&body) else {
        return Vec::new();
    };
    if answer
        .get("expires_in")
        .is_some_and(|value| !Value::is_u64(value))
    {
        answer.remove("expires_in");
    }
    serde_json::to_vec(&answer).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Rules: rfc6749-5.1-expires-in
    #[test]
    fn a_wrong_expires_in_is_dropped_and_everything_else_kept() {
        for wrong in [
            json!(-1),
            json!("3600"),
            json!(3600.5),
            json!(1e30),
            json!({}),
            json!(null),
        ] {
            let body = json!({ "access_token": "a", "expires_in": wrong }).to_string();
            assert_eq!(with_unique_members(body.into_bytes()), br#"{"access_token":"a"}"#);
        }
        for right in [r#"{"expires_in":299}"#, r#"{"access_token":"a"}"#] {
            assert_eq!(with_unique_members(right.into()), right.as_bytes());
        }
    }

    /// Rules: rfc6749-5.1-html, rfc6749-5.1-duplicate-members
    #[test]
    fn what_is_no_object_with_unique_members_becomes_unreadable() {
        for body in ["<html>", "[]", r#"{"access_token":"a","access_token":"b"}"#] {
            assert!(with_unique_members(body.into()).is_empty(), "{body}");
        }
    }
}
