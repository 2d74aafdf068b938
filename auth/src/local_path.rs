//! `next`: where a person goes after signing in, always on this origin (promise 6; RFC 9700 §2.1, open redirectors).

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longer targets are not worth a cookie's room.
const MAX_LEN: usize = 1024;

/// A path with an optional query on this origin: one leading slash and nothing that a browser could read as a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalPath(String);

/// The text is not a path on this origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a path on this origin")]
pub struct NotLocal;

impl LocalPath {
    /// Accepts a path on this origin and nothing else.
    ///
    /// Browsers read `\` as `/`, drop tabs and newlines inside a URL, and take `//host` for another origin
    /// (WHATWG URL §4.4), so none of these may occur. Nor may they in any reading of the path by a proxy that decodes
    /// it, be it several times (RFC 3986 §2.4). The fragment never reaches a server; it is refused rather than lost.
    pub fn parse(text: &str) -> Result<Self, NotLocal> {
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.len() > MAX_LEN || !printable || !text.starts_with('/') || text.contains(['\\', '#']) {
            return Err(NotLocal);
        }
        fully_decoded(path_of(text))?;
        Ok(Self(text.to_owned()))
    }

    /// Where people land when nothing better is known.
    pub fn dashboard() -> Self {
        Self("/dashboard".to_owned())
    }

    /// [`LocalPath::parse`], or the dashboard. Going back to the start of a sign-in would loop, so that falls back too.
    pub fn parse_or_dashboard(text: Option<&str>) -> Self {
        text.and_then(|text| Self::parse(text).ok())
            .filter(|path| !path.is_part_of_signing_in())
            .unwrap_or_else(Self::dashboard)
    }

    /// The path with its query.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_part_of_signing_in(&self) -> bool {
        // A proxy that decodes `/%6cogin` would make a loop of it. Whether the decoded path ends at `;` or a decoded
        // `?` is up to the server.
        let path = fully_decoded(path_of(&self.0)).unwrap_or_default();
        let path = path.split(['?', '#', ';']).next().unwrap_or_default();
        let path = path.trim_end_matches('/');
        path.starts_with("/auth/") || matches!(path, "/login" | "/logout" | "/auth")
    }
}

fn path_of(text: &str) -> &str {
    text.split('?').next().unwrap_or_default()
}

/// Decodes `path` until nothing is left to decode. Fails if a reading on the way there could be another origin's.
fn fully_decoded(path: &str) -> Result<String, NotLocal> {
    let mut reading = path.to_owned();
    loop {
        if hides_a_host(&reading) {
            return Err(NotLocal);
        }
        // What is no text when decoded are overlong encodings, which old decoders take for slashes and dots.
        let next = decoded_once(&reading).ok_or(NotLocal)?;
        if next == reading {
            return Ok(reading);
        }
        reading = next; // It is shorter: this ends.
    }
}

fn hides_a_host(path: &str) -> bool {
    // `//` anywhere in the path: normalising proxies and `/..//host` both turn it into a leading one.
    path.contains("//")
        || ["%2f", "%2F"].iter().any(|slash| path.contains(slash))
        || path.contains(|c: char| c == '\\' || c.is_control())
        || path.split('/').any(|segment| matches!(segment, "." | ".."))
}

/// RFC 3986 §2.1; a `%` without two digits stands for itself, as in browsers. `None` if the result is not UTF-8.
fn decoded_once(path: &str) -> Option<String> {
    let hex = |digit: u8| u8::try_from(char::from(digit).to_digit(16)?).ok();
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [byte, after @ ..] = rest {
        let encoded = match after {
            [high, low, after @ ..] if *byte == b'%' => hex(*high).zip(hex(*low)).map(|pair| (pair, after)),
            _ => None,
        };
        let (byte, after) = match encoded {
            Some(((high, low), after)) => (high << 4 | low, after),
            None => (*byte, after),
        };
        decoded.push(byte);
        rest = after;
    }
    String::from_utf8(decoded).ok()
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for LocalPath {
    type Error = NotLocal;

    fn try_from(text: String) -> Result<Self, NotLocal> {
        Self::parse(&text)
    }
}

impl From<LocalPath> for String {
    fn from(path: LocalPath) -> Self {
        path.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rules: next-kept
    #[test]
    fn paths_on_this_origin_are_kept_with_their_query() {
        for path in [
            "/",
            "/dashboard",
            "/sessions?tab=devices&q=%C3%A4",
            "/a/b/c",
            "/x?u=https://a.example//b",
        ] {
            assert_eq!(LocalPath::parse(path).map(String::from).as_deref(), Ok(path));
        }
    }

    /// Rules: next-hostile
    #[test]
    fn everything_a_browser_could_read_as_another_origin_is_refused() {
        let hostile = [
            "",
            "dashboard",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\tevil",
            "/\n/evil",
            "/%2f/evil.example",
            "/%5cevil.example",
            "/%09/evil.example",
            "/%7fevil.example",
            "/dashboard%2fevil.example",
            "/%252fevil.example",
            "/%%35cevil.example",
            "/%25252e%25252e/evil.example",
            "/%c0%afevil.example",
            "/a//evil.example",
            "/./evil",
            "/..//evil.example",
            "/%2e%2e/evil",
            " /evil",
            "/evil ",
            "/ä",
            "/a#b",
            "@evil.example",
            "/a\u{0}",
        ];
        for text in hostile {
            assert_eq!(LocalPath::parse(text), Err(NotLocal), "{text:?} must be refused");
        }
        assert_eq!(
            LocalPath::parse(&format!("/{}", "a".repeat(MAX_LEN))),
            Err(NotLocal)
        );
    }

    /// Rules: next-loop
    #[test]
    fn a_target_that_would_sign_in_again_falls_back_to_the_dashboard() {
        for path in [
            "/login",
            "/login/?next=/x",
            "/auth/login",
            "/logout",
            "/logout;a=b",
            "/%6cogin",
            "/auth/callback?code=1",
        ] {
            assert_eq!(LocalPath::parse_or_dashboard(Some(path)), LocalPath::dashboard());
        }
        assert_eq!(
            LocalPath::parse_or_dashboard(Some("/login-help")).as_str(),
            "/login-help"
        );
    }
}
