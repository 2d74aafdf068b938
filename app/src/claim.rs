//! The claims of tokens, made ready for people: what each means, and its value in a form that can be read.

use auth::claims::{Claims, Value};
use time::OffsetDateTime;

use crate::moment::Moment;

/// One claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its name.
    pub name: String,
    /// What it is about, where that is known.
    pub about: Option<&'static str>,
    /// What it says.
    pub shown: Shown,
    /// Its value as text, to copy.
    pub text: String,
}

/// A value for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// As it is: plain text, or JSON.
    Text(String),
    /// A list of names.
    List(Vec<String>),
    /// A point in time, and how far away that is.
    Time(Moment, String),
}

impl Claim {
    /// The claim `name` with `value`, seen at `now`.
    pub fn new(name: &str, value: &Value, now: OffsetDateTime) -> Self {
        Self {
            name: name.to_owned(),
            about: about(name),
            shown: Shown::new(name, value, now),
            text: plain(value),
        }
    }

    /// All of `claims`, in their order.
    pub fn all(claims: &Claims, now: OffsetDateTime) -> Vec<Self> {
        claims
            .iter()
            .map(|(name, value)| Self::new(name, value, now))
            .collect()
    }
}

impl Shown {
    fn new(name: &str, value: &Value, now: OffsetDateTime) -> Self {
        let time = is_time(name)
            .then(|| OffsetDateTime::from_unix_timestamp(value.as_i64()?).ok())
            .flatten();
        if let Some(time) = time {
            let moment = Moment::from(time);
            let relative = moment.relative(now);
            return Self::Time(moment, relative);
        }
        let names = value
            .as_array()
            .filter(|items| !items.is_empty())
            .and_then(|items| {
                let name = |item: &Value| item.as_str().map(str::to_owned);
                items.iter().map(name).collect()
            });
        names.map_or_else(|| Self::Text(plain(value)), Self::List)
    }
}

/// As JSON, or as plain text if it is a string.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn is_time(name: &str) -> bool {
    matches!(name, "exp" | "iat" | "nbf" | "auth_time" | "updated_at")
}

/// What a claim is about (RFC 7519 §4.1, OpenID Connect Core §2 and §5.1, Scalekit's own).
fn about(name: &str) -> Option<&'static str> {
    Some(match name {
        "iss" => "Issuer: who made the token",
        "sub" => "Subject: the person, as the issuer knows them",
        "aud" => "Audience: whom the token is for",
        "azp" => "Authorized party: the application it was given to",
        "client_id" => "The application it was given to",
        "exp" => "When it ends",
        "iat" => "When it was made",
        "nbf" => "When it begins",
        "auth_time" => "When the person proved who they are",
        "jti" => "The token's own number",
        "nonce" => "Ties it to the sign-in that this browser began",
        "at_hash" => "Ties it to the access token",
        "c_hash" => "Ties it to the authorization code",
        "amr" => "How the person proved who they are",
        "acr" => "How well the person proved who they are",
        "sid" => "The session at the identity provider",
        "oid" => "The organization signed in to",
        "xoid" => "The organization in this application's own books",
        "xuid" => "The person in this application's own books",
        "roles" | "https://scalekit.com/roles" => "Roles in the organization",
        "permissions" | "https://scalekit.com/permissions" | "scalekit:permissions" => {
            "What the person may do"
        }
        "scope" | "scopes" => "What the application may ask for",
        "name" => "What to call the person",
        "given_name" => "First name",
        "family_name" => "Last name",
        "preferred_username" => "User name",
        "email" => "E-mail address",
        "email_verified" => "Whether the address is proved",
        "phone_number" => "Telephone number",
        "picture" => "Where a picture is",
        "locale" => "Language",
        "zoneinfo" => "Time zone",
        "updated_at" => "When the profile last changed",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    #[test]
    fn values_are_shown_as_what_they_are() {
        let shown = |name, value: Value| Claim::new(name, &value, NOW).shown;
        let text = |text: &str| Shown::Text(text.to_owned());
        assert!(matches!(
            shown("exp", 1_742_975_822.into()),
            Shown::Time(moment, _) if moment.human == "26 Mar 2025, 07:57 UTC"
        ));
        assert_eq!(shown("sub", "usr_1".into()), text("usr_1"));
        assert_eq!(shown("aud", vec!["a"].into()), Shown::List(vec!["a".to_owned()]));
        assert_eq!(shown("x", Value::Array(Vec::new())), text("[]"));
        assert_eq!(shown("x", vec![1].into()), text("[1]"));
        assert_eq!(shown("exp", "soon".into()), text("soon"));
        assert_eq!(shown("email_verified", true.into()), text("true"));
    }
}
