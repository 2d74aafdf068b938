//! Identifiers that become parts of an address at the management API. What is not one never gets there, so that no
//! crafted value can lead to another address.

use std::{fmt, str::FromStr};

/// Longer than any of Scalekit's.
const MAX_LEN: usize = 128;

/// Such as `org_59615193906282635`: letters, digits, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ApiId(String);

/// The text is no identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier")]
pub struct MalformedId;

impl ApiId {
    /// Parses an identifier.
    pub fn parse(text: &str) -> Result<Self, MalformedId> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if (1..=MAX_LEN).contains(&text.len()) && text.bytes().all(is_plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedId)
        }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ApiId {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        Self::parse(text)
    }
}

impl fmt::Display for ApiId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_lead_elsewhere_is_no_identifier() {
        for text in [
            "",
            ".",
            "..",
            "usr_1/../org_2",
            "usr_1?x",
            "usr_1:enable",
            "usr_1%2f",
            "usr 1",
            "usr_1\n",
            "usr_ä",
            &"a".repeat(129),
        ] {
            assert_eq!(ApiId::parse(text), Err(MalformedId), "{text:?}");
        }
        assert_eq!(
            ApiId::parse("usr_63261014140912135").unwrap().as_str(),
            "usr_63261014140912135"
        );
        assert!(ApiId::parse("skc-1").is_ok());
    }
}
