//! Strings that must never be printed: tokens and client secrets redact themselves in `Debug` and have no
//! `Display` (promise 1).

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! redacted {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the raw value.
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The raw value. Every caller is a place where it leaves our hands.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    )*};
}

redacted! {
    /// What the application may do at the provider on the person's behalf (RFC 6749 §1.4).
    AccessToken;
    /// What buys the next access token (RFC 6749 §1.5). Scalekit rotates it at every use.
    RefreshToken;
    /// The signed statement of who signed in (OpenID Connect Core §2).
    IdToken;
    /// The password of this application at the provider (RFC 6749 §2.3.1).
    ClientSecret;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_does_not_print_itself() {
        let token = AccessToken::new("eyJhbGciOi");
        assert_eq!(format!("{token:?}"), "AccessToken([redacted])");
    }
}
