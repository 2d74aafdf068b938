//! The one HTTP client for calls to the provider: time-outs, a body limit, and no redirects, so that a provider (or
//! whoever poses as one) can neither hang a request, fill the memory, nor send us elsewhere (ASVS 15.3.2).

use std::{pin::Pin, time::Duration};

use http::StatusCode;
use openidconnect::AsyncHttpClient;
use reqwest::redirect;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// For the whole exchange, body included.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// A discovery document or a key set is a few kilobytes, a token response with three tokens rarely ten.
const BODY_LIMIT: usize = 512 * 1024;

/// Why a call to the provider gave no answer that can be read.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The provider cannot be reached, broke off, or took too long.
    #[error("the provider cannot be reached or did not answer in time")]
    Transport(#[from] reqwest::Error),
    /// The provider answers, but cannot do its work now: 429 or 5xx.
    #[error("the provider answered with status {0}")]
    Unavailable(StatusCode),
    /// The answer is longer than any honest one.
    #[error("the provider's answer is longer than {BODY_LIMIT} bytes")]
    TooLong,
    /// The answer cannot be represented.
    #[error("the provider's answer is malformed")]
    Malformed(#[from] http::Error),
}

/// A client that keeps connections to the provider. Cloning shares them.
#[derive(Debug, Clone)]
pub struct HttpClient(reqwest::Client);

impl HttpClient {
    /// A client with the limits of this module.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that builds the client, with its limits"
    )]
    pub fn new() -> Result<Self, HttpError> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("scalekit-signin-leptos/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self(client))
    }

    /// Sends one request and reads the answer up to the limit.
    pub async fn send(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, HttpError> {
        let mut response = self.0.execute(request.try_into()?).await?;
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(HttpError::Unavailable(status));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = http::Response::builder().status(status);
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        Ok(answer.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<Vec<u8>>, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: http::Request<Vec<u8>>) -> Self::Future {
        Box::pin(self.send(request))
    }
}
