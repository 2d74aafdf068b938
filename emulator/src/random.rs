//! Random values: opaque secrets, and identifiers in the shape Scalekit gives them (`ses_` and a run of digits).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Fills an array with random bytes.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that draws random bytes"
)]
fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // The system's generator failing is not something a test tool can work around, and a predictable secret would be
    // worse than stopping.
    if aws_lc_rs::rand::fill(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}

/// A value nobody can guess: 256 bits, URL-safe.
pub(crate) fn secret() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// A new refresh token.
pub(crate) fn refresh_token() -> String {
    format!("rt_{}", secret())
}

/// A new identifier: the prefix and eighteen digits.
pub(crate) fn id(prefix: &str) -> String {
    const DIGITS: u64 = 900_000_000_000_000_000;
    let number = u64::from_be_bytes(bytes::<8>()) % DIGITS + DIGITS / 9;
    format!("{prefix}{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_a_prefix_and_eighteen_digits() {
        for _ in 0..1000 {
            let id = id("ses_");
            let digits = id.strip_prefix("ses_").unwrap();
            assert_eq!(digits.len(), 18, "{id}");
            assert!(digits.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }
}
