//! The parameters of `/auth/login` and `/auth/callback`, as they stand in the query string.

use std::collections::HashMap;

use super::SignInError;
use crate::client::Hints;

/// No parameter of an honest request is longer.
const HINT_MAX_LEN: usize = 256;

/// A query string's parameters, with their repetitions: a protocol parameter that occurs twice is an attack or a
/// mistake (RFC 6749 §3.1).
pub(super) struct Parameters(HashMap<String, Vec<String>>);

impl Parameters {
    pub(super) fn parse(query: &str) -> Self {
        let mut parameters = HashMap::<_, Vec<_>>::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            parameters
                .entry(name.into_owned())
                .or_default()
                .push(value.into_owned());
        }
        Self(parameters)
    }

    pub(super) fn one(&self, name: &'static str) -> Result<Option<&str>, SignInError> {
        match self.0.get(name).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([value]) => Ok(Some(value)),
            Some(_) => Err(SignInError::Parameter(name)),
        }
    }

    pub(super) fn hints(&self) -> Result<Hints, SignInError> {
        let prompt = self.hint("prompt")?;
        if !prompt.as_deref().is_none_or(is_prompt) {
            return Err(SignInError::Parameter("prompt"));
        }
        Ok(Hints {
            organization_id: self.hint("organization_id")?,
            connection_id: self.hint("connection_id")?,
            login_hint: self.hint("login_hint")?,
            domain_hint: self.hint("domain_hint")?,
            provider: self.hint("provider")?,
            prompt,
        })
    }

    /// A parameter that is passed on to the provider; an empty form field counts as absent.
    fn hint(&self, name: &'static str) -> Result<Option<String>, SignInError> {
        match self.one(name)?.map(str::trim) {
            None | Some("") => Ok(None),
            Some(value) if value.len() > HINT_MAX_LEN || value.chars().any(char::is_control) => {
                Err(SignInError::Parameter(name))
            }
            Some(value) => Ok(Some(value.to_owned())),
        }
    }
}

/// OpenID Connect Core §3.1.2.1, and `create` (Initiating User Registration 1.0).
fn is_prompt(value: &str) -> bool {
    matches!(value, "login" | "create" | "select_account" | "consent" | "none")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rules: rfc6749-3.1-state-duplicated
    #[test]
    fn a_parameter_that_occurs_twice_is_refused() {
        let parameters = Parameters::parse("state=a&state=a&code=1");
        assert!(matches!(
            parameters.one("state"),
            Err(SignInError::Parameter("state"))
        ));
        assert!(matches!(parameters.one("code"), Ok(Some("1"))));
        assert!(matches!(parameters.one("iss"), Ok(None)));
    }

    /// Rules: core-3.1.2.1-hints-malformed
    #[test]
    fn hints_are_trimmed_bounded_and_free_of_control_characters() {
        let parameters = Parameters::parse(&format!("a=+x+&b=&c=%00&d={}", "d".repeat(257)));
        assert_eq!(parameters.hint("a").unwrap().as_deref(), Some("x"));
        assert_eq!(parameters.hint("b").unwrap(), None);
        assert!(parameters.hint("c").is_err());
        assert!(parameters.hint("d").is_err());
    }
}
