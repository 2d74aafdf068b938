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
    /// (WHATWG URL §4.4), so none of these may occur. An encoded slash or backslash right at the start is refused
    /// too: a proxy that decodes it would make a host of it. The fragment never reaches a server; it is refused
    /// rather than lost.
    pub fn parse(text: &str) -> Result<Self, NotLocal> {
        let printable = text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        if text.len() > MAX_LEN || !printable || text.contains(['\\', '#']) {
            return Err(NotLocal);
        }
        let rest = text.strip_prefix('/').ok_or(NotLocal)?.to_ascii_lowercase();
        let path = rest.split('?').next().unwrap_or_default();
        // `//` anywhere in the path: normalising proxies and `/..//host` both turn it into a leading one.
        let hides_a_host = path.starts_with('/')
            || path.contains("//")
            || ["%2f", "%5c", "%09", "%0a", "%0d", "%00"]
                .iter()
                .any(|encoded| path.contains(encoded))
            || path
                .split('/')
                .any(|segment| matches!(segment, "." | ".." | "%2e" | "%2e%2e" | ".%2e" | "%2e."));
        if hides_a_host {
            Err(NotLocal)
        } else {
            Ok(Self(text.to_owned()))
        }
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
        let path = self.0.split('?').next().unwrap_or_default().trim_end_matches('/');
        path.starts_with("/auth/") || matches!(path, "/login" | "/logout" | "/auth")
    }
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

    #[test]
    fn a_target_that_would_sign_in_again_falls_back_to_the_dashboard() {
        for path in [
            "/login",
            "/login/?next=/x",
            "/auth/login",
            "/logout",
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
