//! Who a person is and what they may do, read from verified claims (promises 3 and 4).

use serde_json::Map;
use time::OffsetDateTime;

pub use serde_json::Value;

use crate::clock::CLOCK_SKEW;

/// The claims of a verified token, as the provider sent them.
pub type Claims = Map<String, Value>;

/// Claims that may hold a list, in order of preference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListClaims(Vec<ClaimName>);

/// How a claim is found: a name at the top, or a JSON Pointer (RFC 6901) such as `/realm_access/roles`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ClaimName {
    Plain(String),
    Pointer(String),
}

/// These say what the *application* may ask for, never what the person may do.
const SCOPE_CLAIMS: [&str; 3] = ["scope", "scopes", "scp"];

/// The names are not usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListClaimsError {
    /// No name at all.
    #[error("must name at least one claim")]
    Empty,
    /// An OAuth scope is no permission and no role.
    #[error("must not name an OAuth scope: it says what the application may do, not the person")]
    Scope,
}

impl ListClaims {
    /// Where Scalekit puts permissions.
    pub fn permissions() -> Self {
        Self::plain(&[
            "permissions",
            "https://scalekit.com/permissions",
            "scalekit:permissions",
        ])
    }

    /// Where Scalekit puts roles.
    pub fn roles() -> Self {
        Self::plain(&["roles", "https://scalekit.com/roles"])
    }

    fn plain(names: &[&str]) -> Self {
        Self(
            names
                .iter()
                .map(|name| ClaimName::Plain((*name).to_owned()))
                .collect(),
        )
    }

    /// Reads names separated by commas; one that begins with a slash is a JSON Pointer.
    pub fn parse(text: &str) -> Result<Self, ListClaimsError> {
        let names: Vec<_> = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        if names.is_empty() {
            return Err(ListClaimsError::Empty);
        }
        if names.iter().any(|name| {
            SCOPE_CLAIMS
                .iter()
                .any(|scope| name.rsplit('/').next() == Some(scope))
        }) {
            return Err(ListClaimsError::Scope);
        }
        let name = |name: &str| match name.strip_prefix('/') {
            Some(_) => ClaimName::Pointer(name.to_owned()),
            None => ClaimName::Plain(name.to_owned()),
        };
        Ok(Self(names.into_iter().map(name).collect()))
    }

    /// The first of the claims that is a non-empty array of strings; nothing if none is.
    pub fn read(&self, token: &Claims) -> Vec<String> {
        self.0
            .iter()
            .find_map(|name| name.find(token).and_then(non_empty_strings))
            .unwrap_or_default()
    }
}

impl ClaimName {
    fn find<'a>(&self, token: &'a Claims) -> Option<&'a Value> {
        match self {
            Self::Plain(name) => token.get(name),
            Self::Pointer(pointer) => {
                let mut tokens = pointer
                    .split('/')
                    .skip(1)
                    .map(|token| token.replace("~1", "/").replace("~0", "~"));
                let first = token.get(&tokens.next()?)?;
                tokens.try_fold(first, |value, token| value.get(&token))
            }
        }
    }
}

/// What to call the person: ID-token `name`, else given and family name, else the same of the access token, else
/// the e-mail address. `None` when the tokens know no name at all.
pub fn display_name(id_token: &Claims, access_token: &Claims) -> Option<String> {
    full_name(id_token)
        .or_else(|| full_name(access_token))
        .or_else(|| {
            text(id_token, "email")
                .or_else(|| text(access_token, "email"))
                .map(str::to_owned)
        })
}

/// A claim that identifies somebody or something: exactly as it was sent.
pub fn exact<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// A claim for people to read: a non-blank string without the blanks around it.
pub fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims
        .get(name)
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

/// A date in seconds since 1970 (RFC 7519 §2, `NumericDate`; may have a fraction, which is dropped).
pub(crate) fn numeric_date(claims: &Claims, name: &str) -> Option<OffsetDateTime> {
    let seconds = match claims.get(name)? {
        Value::Number(number) => number.as_i64().or_else(|| {
            let seconds = number.as_f64()?.floor();
            // Outside this range a date is absurd, and the conversion would not be exact.
            #[expect(clippy::cast_possible_truncation, reason = "the range was just checked")]
            (0.0..1e12).contains(&seconds).then_some(seconds as i64)
        })?,
        _ => return None,
    };
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

/// Whether a token's `exp` is past, missing or no date (RFC 7519 §4.1.4).
pub(crate) fn is_over(claims: &Claims, now: OffsetDateTime) -> bool {
    numeric_date(claims, "exp").is_none_or(|end| end <= now - CLOCK_SKEW)
}

/// Whether a token's `nbf` lies ahead or is no date (RFC 7519 §4.1.5).
pub(crate) fn is_early(claims: &Claims, now: OffsetDateTime) -> bool {
    claims.contains_key("nbf") && numeric_date(claims, "nbf").is_none_or(|start| start > now + CLOCK_SKEW)
}

fn full_name(claims: &Claims) -> Option<String> {
    if let Some(name) = text(claims, "name") {
        return Some(name.to_owned());
    }
    let parts: Vec<_> = ["given_name", "family_name"]
        .iter()
        .filter_map(|part| text(claims, part))
        .collect();
    if parts.is_empty() {
        None
    } else {
        Some(parts.join(" "))
    }
}

fn non_empty_strings(value: &Value) -> Option<Vec<String>> {
    let items = value.as_array().filter(|items| !items.is_empty())?;
    items
        .iter()
        .map(|item| item.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        let Value::Object(claims) = value else {
            panic!("claims are an object")
        };
        claims
    }

    #[test]
    fn the_first_permission_claim_that_is_a_non_empty_array_of_strings_counts() {
        let access = claims(json!({
            "permissions": [],
            "https://scalekit.com/permissions": ["organization:settings"],
            "scalekit:permissions": ["never:reached"],
        }));
        assert_eq!(ListClaims::permissions().read(&access), ["organization:settings"]);
    }

    #[test]
    fn anything_but_an_array_of_strings_grants_nothing() {
        for value in [
            json!("organization:settings"),
            json!(["a", 1]),
            json!({"0": "a"}),
            json!(null),
        ] {
            let claims = claims(json!({ "permissions": value }));
            assert!(ListClaims::permissions().read(&claims).is_empty());
        }
    }

    /// Rules: w10
    #[test]
    fn w10_the_oauth_scope_is_never_a_permission() {
        let access = claims(json!({
            "scope": "organization:settings",
            "scopes": ["organization:settings"],
            "scp": ["organization:settings"],
        }));
        assert!(ListClaims::permissions().read(&access).is_empty());
        for named in ["scope", "permissions, scp", "/scopes", "/resource/scope"] {
            assert_eq!(ListClaims::parse(named), Err(ListClaimsError::Scope), "{named}");
        }
    }

    #[test]
    fn claims_can_be_named_and_pointed_at() {
        let access = claims(json!({
            "realm_access": { "roles": ["admin"] },
            "https://app.example/roles": ["member"],
            "a/b": { "~c": ["odd"] },
            "list": [["first"]],
        }));
        let read = |names| ListClaims::parse(names).unwrap().read(&access);
        assert_eq!(read("/realm_access/roles"), ["admin"]);
        assert_eq!(read("https://app.example/roles"), ["member"]);
        assert_eq!(
            read("nowhere , /realm_access/nowhere,/realm_access/roles"),
            ["admin"]
        );
        assert_eq!(read("/a~1b/~0c"), ["odd"]);
        assert!(read("/realm_access,/,/list/0/0,realm_access/roles").is_empty());
        for nothing in ["", " , "] {
            assert_eq!(ListClaims::parse(nothing), Err(ListClaimsError::Empty));
        }
    }

    #[test]
    fn absurd_dates_are_no_dates() {
        for exp in [
            json!(1e300),
            json!(-1e300),
            json!(-1.5),
            json!(-0.5),
            json!("1300"),
            json!(null),
            json!(u64::MAX),
        ] {
            assert_eq!(numeric_date(&claims(json!({ "exp": exp })), "exp"), None);
        }
        let fraction = numeric_date(&claims(json!({ "exp": 1300.9 })), "exp").unwrap();
        assert_eq!(fraction.unix_timestamp(), 1300);
    }

    #[test]
    fn roles_have_a_fallback_claim() {
        assert_eq!(
            ListClaims::roles().read(&claims(json!({ "https://scalekit.com/roles": ["admin"] }))),
            ["admin"]
        );
        assert_eq!(
            ListClaims::roles().read(&claims(
                json!({ "roles": ["a"], "https://scalekit.com/roles": ["b"] })
            )),
            ["a"]
        );
    }

    #[test]
    fn the_name_falls_back_step_by_step_to_the_email_address() {
        let none = Claims::new();
        let id = claims(json!({ "name": "Ada Admin", "given_name": "A", "email": "ada@acme.example" }));
        assert_eq!(display_name(&id, &none).as_deref(), Some("Ada Admin"));
        let id = claims(json!({ "name": " ", "given_name": "Ada", "family_name": "Admin" }));
        assert_eq!(display_name(&id, &none).as_deref(), Some("Ada Admin"));
        let id = claims(json!({ "email": "ada@acme.example" }));
        assert_eq!(
            display_name(&id, &claims(json!({ "name": "Ada A." }))).as_deref(),
            Some("Ada A.")
        );
        assert_eq!(display_name(&id, &none).as_deref(), Some("ada@acme.example"));
        assert_eq!(display_name(&none, &none), None);
    }
}
