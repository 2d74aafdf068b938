//! Who a person is and what they may do, read from verified claims (promises 3 and 4).

use serde_json::Map;

pub use serde_json::Value;

/// The claims of a verified token, as the provider sent them.
pub type Claims = Map<String, Value>;

/// Where providers put permissions, in Scalekit's order. OAuth `scope` is deliberately not among them: it says what the
/// *application* may ask for, never what the person may do.
const PERMISSION_CLAIMS: [&str; 3] = [
    "permissions",
    "https://scalekit.com/permissions",
    "scalekit:permissions",
];
const ROLE_CLAIMS: [&str; 2] = ["roles", "https://scalekit.com/roles"];

/// The permissions of a token: the first claim of the chain that is a non-empty array of strings.
pub fn permissions(token: &Claims) -> Vec<String> {
    first_list(token, &PERMISSION_CLAIMS)
}

/// The roles, by the same rule.
pub fn roles(token: &Claims) -> Vec<String> {
    first_list(token, &ROLE_CLAIMS)
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

fn first_list(token: &Claims, names: &[&str]) -> Vec<String> {
    names
        .iter()
        .find_map(|name| token.get(*name).and_then(non_empty_strings))
        .unwrap_or_default()
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
        assert_eq!(permissions(&access), ["organization:settings"]);
    }

    #[test]
    fn anything_but_an_array_of_strings_grants_nothing() {
        for value in [
            json!("organization:settings"),
            json!(["a", 1]),
            json!({"0": "a"}),
            json!(null),
        ] {
            assert!(permissions(&claims(json!({ "permissions": value }))).is_empty());
        }
    }

    #[test]
    fn the_oauth_scope_is_never_a_permission() {
        let access = claims(json!({ "scope": "organization:settings", "scopes": ["organization:settings"] }));
        assert!(permissions(&access).is_empty());
    }

    #[test]
    fn roles_have_a_fallback_claim() {
        assert_eq!(
            roles(&claims(json!({ "https://scalekit.com/roles": ["admin"] }))),
            ["admin"]
        );
        assert_eq!(
            roles(&claims(
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
