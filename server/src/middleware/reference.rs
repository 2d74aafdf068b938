//! The reference number: on every log line of a request, in the `x-request-id` header, and on error pages
//! (promise 20).

pub use app::context::Reference;
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument as _;

use crate::state::AppState;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Crockford's base32: no letter that looks like a digit, so that people can read it over the phone.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Gives the request its number. One that comes with the request is not used: it would let strangers write into our
/// log and our pages.
pub async fn reference(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let text = render(state.services.surroundings.random());
    // The query may hold codes and addresses; it is not logged.
    let span = tracing::info_span!(
        "request",
        request.id = %text,
        http.method = %request.method(),
        http.path = shown(request.uri().path())
    );
    let header = HeaderValue::from_str(&text);
    request.extensions_mut().insert(Reference(text));
    async move {
        let mut response = next.run(request).await;
        if let Ok(header) = header {
            response.headers_mut().insert(HEADER, header);
        }
        tracing::debug!(http.status = response.status().as_u16(), "request answered");
        response
    }
    .instrument(span)
    .await
}

/// A path as a log line can hold it: not for ever long, and in plain characters.
fn shown(path: &str) -> String {
    path.chars().take(256).flat_map(char::escape_default).collect()
}

/// Such as `7Q2M-9XKD`: 40 bits, enough to find a line in a day's log.
fn render(random: [u8; 5]) -> String {
    let bits = random
        .iter()
        .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let mut text = String::with_capacity(9);
    for position in (0..8).rev() {
        let index = usize::try_from(bits >> (position * 5) & 31).unwrap_or_default();
        text.push(ALPHABET.get(index).copied().map_or('0', char::from));
        if position == 4 {
            text.push('-');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn all_forty_bits_are_in_the_reference() {
        assert_eq!(render([0; 5]), "0000-0000");
        assert_eq!(render([0xff; 5]), "ZZZZ-ZZZZ");
        assert_eq!(render([0, 0, 0, 0, 1]), "0000-0001");
        assert_eq!(render([0x08, 0, 0, 0, 0]), "1000-0000");
    }
}
