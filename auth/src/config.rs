//! Configuration from the environment, read once and validated as a whole (`DESIGN.md` §4): every mistake is reported,
//! each with what to do about it.

use std::{fmt, path::PathBuf, time::Duration};

use url::{Host, Url};

use crate::{
    claims::ListClaims,
    seal::Secrets,
    secret::ClientSecret,
    store::{StoreUrl, StoreUrlError},
};

const CALLBACK_PATH: &str = "/auth/callback";
/// Scalekit accepts no longer redirect URIs.
const REDIRECT_URI_MAX_LEN: usize = 256;
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_hours(1);
const DEFAULT_ABSOLUTE_TIMEOUT: Duration = Duration::from_hours(24);

/// Everything that `auth` needs to know, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who signs people in, and as which application we ask.
    pub provider: ProviderSettings,
    /// How sessions are kept.
    pub session: SessionSettings,
    /// `TRUSTED_PROXIES`: how many proxies in front of the server are believed about where a request comes from.
    pub trusted_proxies: usize,
}

/// This application as the provider knows it.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// The issuer: `SCALEKIT_ENV_URL` without trailing slash.
    pub issuer: String,
    /// `SCALEKIT_CLIENT_ID`.
    pub client_id: String,
    /// `SCALEKIT_CLIENT_SECRET`.
    pub client_secret: ClientSecret,
    /// `SCALEKIT_REDIRECT_URI`, exactly as registered: providers compare it character by character.
    pub redirect_uri: String,
    /// `SCALEKIT_POST_LOGOUT_REDIRECT_URI`, exactly as registered.
    pub post_logout_redirect_uri: String,
    /// `SCALEKIT_SCOPES`; contains `openid`.
    pub scopes: Vec<String>,
    /// The origin people use, from the redirect URI: `https://app.example`.
    pub public_origin: String,
    /// `SCALEKIT_ROLES_CLAIM`: where a person's roles are.
    pub role_claims: ListClaims,
    /// `SCALEKIT_PERMISSIONS_CLAIM`: where a person's permissions are.
    pub permission_claims: ListClaims,
    /// `SCALEKIT_ACCESS_TOKEN`.
    pub access_token: AccessTokenFormat,
}

/// What access tokens are to this application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessTokenFormat {
    /// `verify`: a JWT is verified in full, must be made for this application, and speaks for the person's rights.
    /// What is no JWT is opaque.
    Verified,
    /// `opaque`: meant for somebody else, never read. The ID token and UserInfo speak for the person's rights.
    Opaque,
}

impl ProviderSettings {
    /// Whether people reach us through TLS: decides the `Secure` attribute, the `__Host-` prefix and HSTS.
    pub fn is_https(&self) -> bool {
        self.public_origin.starts_with("https://")
    }
}

/// How sessions are kept and how long they live.
#[derive(Debug, Clone)]
pub struct SessionSettings {
    /// `SESSION_STORE_URL`.
    pub store: StoreUrl,
    /// `SESSION_SECRETS`.
    pub secrets: Secrets,
    /// A session ends after this long without a request: `SESSION_IDLE_TIMEOUT`.
    pub idle_timeout: Duration,
    /// A session ends this long after signing in, whatever happens: `SESSION_ABSOLUTE_TIMEOUT`.
    pub absolute_timeout: Duration,
}

/// What the server assumes where the environment is silent. Outside development nothing is assumed that weakens
/// security.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// Stands in for the provider when no variable about it is set. `None` outside development.
    pub emulator: Option<EmulatorDefaults>,
    /// Stands in for `SESSION_SECRETS`. `None` outside development.
    pub session_secrets: Option<String>,
    /// Where people reach us in development; `None` makes `SCALEKIT_REDIRECT_URI` required.
    pub redirect_uri: Option<String>,
    /// Where the SQLite file goes.
    pub data_directory: PathBuf,
}

/// How to reach the emulator.
#[derive(Debug, Clone)]
pub struct EmulatorDefaults {
    /// Its issuer.
    pub issuer: String,
    /// The client it knows.
    pub client_id: String,
    /// That client's secret.
    pub client_secret: String,
}

/// One mistake in the configuration: which variable, what is wrong, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The variable's name.
    pub variable: &'static str,
    /// What is wrong and how to mend it. Never contains the value of a secret.
    pub advice: String,
}

/// All the mistakes of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigurationError(pub Vec<Mistake>);

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        write!(
            f,
            "{count} problem{} in the configuration:",
            if count == 1 { "" } else { "s" }
        )?;
        for Mistake { variable, advice } in &self.0 {
            write!(f, "\n  {variable}: {advice}")?;
        }
        Ok(())
    }
}

/// Environment variables that name the provider, in order of preference: Scalekit's own material uses all three.
pub const ISSUER_VARIABLES: [&str; 3] = ["SCALEKIT_ENV_URL", "SCALEKIT_ENVIRONMENT_URL", "SCALEKIT_DOMAIN"];

impl Settings {
    /// Reads the settings through `lookup` (usually [`std::env::var`]); an empty variable counts as absent.
    pub fn read(
        lookup: impl Fn(&str) -> Option<String>,
        defaults: &Defaults,
    ) -> Result<Self, ConfigurationError> {
        let mut reader = Reader {
            lookup: |name: &str| {
                lookup(name)
                    .map(|value| value.trim().to_owned())
                    .filter(|value| !value.is_empty())
            },
            mistakes: Vec::new(),
        };
        let provider = reader.provider(defaults);
        let session = reader.session(defaults);
        let trusted_proxies = reader.trusted_proxies();
        match (provider, session, trusted_proxies) {
            (Some(provider), Some(session), Some(trusted_proxies)) if reader.mistakes.is_empty() => {
                Ok(Self {
                    provider,
                    session,
                    trusted_proxies,
                })
            }
            _ => Err(ConfigurationError(reader.mistakes)),
        }
    }
}

struct Reader<L> {
    lookup: L,
    mistakes: Vec<Mistake>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    fn mistake<T>(&mut self, variable: &'static str, advice: impl Into<String>) -> Option<T> {
        self.mistakes.push(Mistake {
            variable,
            advice: advice.into(),
        });
        None
    }

    fn provider(&mut self, defaults: &Defaults) -> Option<ProviderSettings> {
        // The emulator stands in as a whole or not at all: a real environment with the emulator's secret helps nobody.
        let issuer_variable = ISSUER_VARIABLES
            .into_iter()
            .find(|variable| (self.lookup)(variable).is_some());
        let emulator = defaults.emulator.as_ref().filter(|_| issuer_variable.is_none());

        let issuer = match (issuer_variable, emulator) {
            (Some(variable), _) => self.issuer(variable),
            (None, Some(emulator)) => Some(emulator.issuer.clone()),
            (None, None) => self.mistake(
                "SCALEKIT_ENV_URL",
                "is missing; copy the environment URL from the Scalekit dashboard, API credentials",
            ),
        };
        let client_id = self.required("SCALEKIT_CLIENT_ID", emulator.map(|emulator| &emulator.client_id));
        let client_secret = self.required(
            "SCALEKIT_CLIENT_SECRET",
            emulator.map(|emulator| &emulator.client_secret),
        );
        let redirect_uri = self.redirect_uri(defaults);
        let post_logout = self.post_logout_redirect_uri(redirect_uri.as_ref().map(|(text, _)| text));
        let scopes = self.scopes();
        let role_claims = self.list_claims("SCALEKIT_ROLES_CLAIM", ListClaims::roles());
        let permission_claims = self.list_claims("SCALEKIT_PERMISSIONS_CLAIM", ListClaims::permissions());
        let access_token = self.access_token();

        let (redirect_uri, url) = redirect_uri?;
        Some(ProviderSettings {
            issuer: issuer?,
            client_id: client_id?,
            client_secret: ClientSecret::new(client_secret?),
            public_origin: url.origin().ascii_serialization(),
            redirect_uri,
            post_logout_redirect_uri: post_logout?,
            scopes: scopes?,
            role_claims: role_claims?,
            permission_claims: permission_claims?,
            access_token: access_token?,
        })
    }

    fn required(&mut self, variable: &'static str, default: Option<&String>) -> Option<String> {
        match (self.lookup)(variable).or_else(|| default.cloned()) {
            Some(value) => Some(value),
            None => self.mistake(
                variable,
                "is missing; copy it from the Scalekit dashboard, API credentials",
            ),
        }
    }

    fn issuer(&mut self, variable: &'static str) -> Option<String> {
        let text = (self.lookup)(variable)?;
        match Url::parse(&text) {
            Ok(url) if url.query().is_some() || url.fragment().is_some() => {
                self.mistake(variable, "must not have a query or a fragment")
            }
            Ok(url) if has_credentials(&url) => {
                self.mistake(variable, "must not have a user name or a password")
            }
            Ok(url) if is_secure(&url) => Some(text.trim_end_matches('/').to_owned()),
            Ok(url) if url.scheme() == "http" => self.mistake(
                variable,
                "must start with https:// (http:// is accepted for this machine only)",
            ),
            _ => self.mistake(
                variable,
                "is not a URL; it looks like https://your-app.scalekit.com",
            ),
        }
    }

    /// As written, and parsed.
    fn redirect_uri(&mut self, defaults: &Defaults) -> Option<(String, Url)> {
        const VARIABLE: &str = "SCALEKIT_REDIRECT_URI";
        let Some(text) = (self.lookup)(VARIABLE).or_else(|| defaults.redirect_uri.clone()) else {
            return self.mistake(
                VARIABLE,
                "is missing; set https://your.host/auth/callback and register the same in the Scalekit dashboard",
            );
        };
        let Ok(url) = Url::parse(&text) else {
            return self.mistake(
                VARIABLE,
                "is not a URL; it looks like https://your.host/auth/callback",
            );
        };
        if !is_secure(&url) {
            self.mistake(
                VARIABLE,
                "must start with https:// (http:// is accepted for this machine only)",
            )
        } else if url.path() != CALLBACK_PATH {
            self.mistake(VARIABLE, "must end in /auth/callback, without a trailing slash")
        } else if url.query().is_some() || url.fragment().is_some() {
            self.mistake(VARIABLE, "must not have a query or a fragment")
        } else if text.len() > REDIRECT_URI_MAX_LEN {
            self.mistake(VARIABLE, "must be at most 256 characters")
        } else if has_credentials(&url) || !is_plain(&text) {
            self.mistake(
                VARIABLE,
                "must be written plainly: scheme, host and /auth/callback, nothing else",
            )
        } else {
            Some((text, url))
        }
    }

    fn post_logout_redirect_uri(&mut self, redirect_uri: Option<&String>) -> Option<String> {
        const VARIABLE: &str = "SCALEKIT_POST_LOGOUT_REDIRECT_URI";
        match (self.lookup)(VARIABLE) {
            None => redirect_uri.map(|text| text.trim_end_matches(CALLBACK_PATH).to_owned()),
            // Kept as written: the provider compares it with what is registered, character by character.
            Some(text) => match Url::parse(&text) {
                Ok(url) if is_secure(&url) && !has_credentials(&url) => Some(text),
                _ => self.mistake(
                    VARIABLE,
                    "must be an absolute https:// URL without a user name, as registered at Scalekit",
                ),
            },
        }
    }

    fn scopes(&mut self) -> Option<Vec<String>> {
        let text = (self.lookup)("SCALEKIT_SCOPES");
        let text = text.as_deref().unwrap_or("openid profile email offline_access");
        let scopes: Vec<_> = text.split_ascii_whitespace().map(str::to_owned).collect();
        if scopes.iter().any(|scope| scope == "openid") {
            Some(scopes)
        } else {
            self.mistake(
                "SCALEKIT_SCOPES",
                "must contain `openid`: without it there is no ID token",
            )
        }
    }

    fn list_claims(&mut self, variable: &'static str, default: ListClaims) -> Option<ListClaims> {
        match (self.lookup)(variable) {
            None => Some(default),
            Some(text) => match ListClaims::parse(&text) {
                Ok(claims) => Some(claims),
                Err(error) => self.mistake(
                    variable,
                    format!("{error}; write names such as roles, or pointers such as /realm_access/roles"),
                ),
            },
        }
    }

    fn access_token(&mut self) -> Option<AccessTokenFormat> {
        match (self.lookup)("SCALEKIT_ACCESS_TOKEN").as_deref() {
            None | Some("verify") => Some(AccessTokenFormat::Verified),
            Some("opaque") => Some(AccessTokenFormat::Opaque),
            Some(_) => self.mistake(
                "SCALEKIT_ACCESS_TOKEN",
                "must be `verify` (a JWT made for this application) or `opaque` (made for somebody else)",
            ),
        }
    }

    fn trusted_proxies(&mut self) -> Option<usize> {
        const VARIABLE: &str = "TRUSTED_PROXIES";
        const MOST: usize = 10;
        match (self.lookup)(VARIABLE).map(|text| text.parse()) {
            None => Some(0),
            Some(Ok(number)) if number <= MOST => Some(number),
            Some(_) => self.mistake(
                VARIABLE,
                "must be the number of proxies in front of the server that set X-Forwarded-For, such as 1",
            ),
        }
    }

    fn session(&mut self, defaults: &Defaults) -> Option<SessionSettings> {
        let store = match (self.lookup)("SESSION_STORE_URL") {
            None => Some(StoreUrl::Sqlite(defaults.data_directory.join("sessions.db"))),
            Some(text) => match StoreUrl::parse(&text) {
                Ok(store) => Some(store),
                Err(StoreUrlError(advice)) => self.mistake("SESSION_STORE_URL", advice),
            },
        };
        let secrets = match (self.lookup)("SESSION_SECRETS").or_else(|| defaults.session_secrets.clone()) {
            None => self.mistake(
                "SESSION_SECRETS",
                "is missing; make a key with `openssl rand -base64 32` and give every replica the same",
            ),
            Some(text) => match Secrets::parse(&text) {
                Ok(secrets) => Some(secrets),
                Err(error) => self.mistake(
                    "SESSION_SECRETS",
                    format!("{error}; make a key with `openssl rand -base64 32`, newest first, separated by commas"),
                ),
            },
        };
        let idle_timeout = self.duration("SESSION_IDLE_TIMEOUT", DEFAULT_IDLE_TIMEOUT);
        let absolute_timeout = self.duration("SESSION_ABSOLUTE_TIMEOUT", DEFAULT_ABSOLUTE_TIMEOUT);
        if idle_timeout > absolute_timeout && absolute_timeout.is_some() {
            return self.mistake(
                "SESSION_IDLE_TIMEOUT",
                "must not be longer than SESSION_ABSOLUTE_TIMEOUT",
            );
        }
        Some(SessionSettings {
            store: store?,
            secrets: secrets?,
            idle_timeout: idle_timeout?,
            absolute_timeout: absolute_timeout?,
        })
    }

    fn duration(&mut self, variable: &'static str, default: Duration) -> Option<Duration> {
        const SHORTEST: Duration = Duration::from_mins(1);
        const LONGEST: Duration = Duration::from_hours(9600);
        match (self.lookup)(variable) {
            None => Some(default),
            Some(text) => match humantime::parse_duration(&text) {
                Ok(duration) if (SHORTEST..=LONGEST).contains(&duration) => Some(duration),
                _ => self.mistake(
                    variable,
                    "must be a duration from 1m to 400days, such as 30m, 1h or 7days",
                ),
            },
        }
    }
}

/// Whether the callback's address is written as it is: nothing in it is left out or resolved when it is parsed.
fn is_plain(text: &str) -> bool {
    let origin = text.strip_suffix(CALLBACK_PATH);
    let authority = origin.and_then(|origin| origin.split_once("://"));
    let is_odd = |letter: char| matches!(letter, '/' | '\\') || letter.is_ascii_control() || letter == ' ';
    authority.is_some_and(|(_, authority)| !authority.contains(is_odd))
}

/// Whether it would tell a user name or a password to everybody who sees it.
fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// https, or http that does not leave this machine.
pub(crate) fn is_secure(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
