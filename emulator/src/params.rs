//! Request parameters, from a query or a form, under the rules of OAuth: empty means absent, twice is an error.

use axum::http::{HeaderMap, header};

/// Decoded parameters in the order they came.
#[derive(Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Parses `application/x-www-form-urlencoded` text, which a query also is.
    pub(crate) fn parse(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The value, unless it is missing or empty (RFC 6749 section 3.1 treats both alike).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The same, to keep.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// The name of a parameter that came more than once (RFC 6749 section 3.1 forbids it).
    pub(crate) fn repeated(&self) -> Option<&str> {
        self.0.iter().enumerate().find_map(|(index, (name, _))| {
            self.0
                .iter()
                .skip(index + 1)
                .any(|(other, _)| other == name)
                .then_some(name.as_str())
        })
    }

    /// Whether one parameter came more than once.
    pub(crate) fn is_repeated(&self, name: &str) -> bool {
        self.0.iter().filter(|(key, _)| key == name).count() > 1
    }
}

/// Whether the body calls itself a form.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| {
            kind.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_is_absent_and_twice_is_noticed() {
        let params = Params::parse(b"a=1&b=&c=x+y%26z");
        assert_eq!(params.get("a"), Some("1"));
        assert_eq!(params.get("b"), None);
        assert_eq!(params.get("c"), Some("x y&z"));
        assert_eq!(params.repeated(), None);
        assert_eq!(Params::parse(b"a=1&b=2&a=1").repeated(), Some("a"));
    }
}
