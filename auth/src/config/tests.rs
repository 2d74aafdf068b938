//! What the configuration accepts, and that every mistake in it is named at once.

use super::*;

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

fn production() -> Defaults {
    Defaults {
        emulator: None,
        session_secrets: None,
        redirect_uri: None,
        data_directory: "/var/lib/app".into(),
    }
}

fn development() -> Defaults {
    Defaults {
        emulator: Some(EmulatorDefaults {
            issuer: "http://127.0.0.1:3300".into(),
            client_id: "skc_emulator".into(),
            client_secret: "emulated".into(),
        }),
        session_secrets: Some(KEY.into()),
        redirect_uri: Some("http://localhost:3000/auth/callback".into()),
        data_directory: ".data".into(),
    }
}

fn read(variables: &[(&str, &str)], defaults: &Defaults) -> Result<Settings, ConfigurationError> {
    let lookup = |name: &str| {
        variables
            .iter()
            .find(|(variable, _)| *variable == name)
            .map(|(_, value)| (*value).to_owned())
    };
    Settings::read(lookup, defaults)
}

const COMPLETE: [(&str, &str); 5] = [
    ("SCALEKIT_ENV_URL", "https://acme.scalekit.dev/"),
    ("SCALEKIT_CLIENT_ID", "skc_1"),
    ("SCALEKIT_CLIENT_SECRET", "s3cret"),
    ("SCALEKIT_REDIRECT_URI", "https://app.example/auth/callback"),
    ("SESSION_SECRETS", KEY),
];

fn complete_but<'v>(variable: &'v str, value: &'v str) -> Vec<(&'v str, &'v str)> {
    let mut variables: Vec<_> = COMPLETE
        .into_iter()
        .filter(|(name, _)| *name != variable)
        .collect();
    variables.push((variable, value));
    variables
}

fn mistakes(result: Result<Settings, ConfigurationError>) -> Vec<&'static str> {
    result
        .unwrap_err()
        .0
        .into_iter()
        .map(|mistake| mistake.variable)
        .collect()
}

#[test]
fn development_needs_no_variable_at_all() {
    let settings = read(&[], &development()).unwrap();
    assert_eq!(settings.provider.issuer, "http://127.0.0.1:3300");
    assert_eq!(
        settings.provider.post_logout_redirect_uri,
        "http://localhost:3000"
    );
    assert_eq!(
        settings.session.store,
        StoreUrl::Sqlite(".data/sessions.db".into())
    );
    assert!(!settings.provider.is_https());
}

#[test]
fn a_complete_production_configuration_is_read() {
    let settings = read(&COMPLETE, &production()).unwrap();
    assert_eq!(
        settings.provider.issuer, "https://acme.scalekit.dev",
        "the trailing slash is trimmed"
    );
    assert_eq!(settings.provider.public_origin, "https://app.example");
    assert_eq!(settings.provider.post_logout_redirect_uri, "https://app.example");
    assert_eq!(
        settings.provider.scopes,
        ["openid", "profile", "email", "offline_access"]
    );
    assert!(settings.provider.is_https());
    assert!(!format!("{settings:?}").contains("s3cret"));
}

/// Rules: w22
#[test]
fn w22_production_defaults_no_secret_and_names_everything_that_is_missing_at_once() {
    assert_eq!(
        mistakes(read(&[], &production())),
        [
            "SCALEKIT_ENV_URL",
            "SCALEKIT_CLIENT_ID",
            "SCALEKIT_CLIENT_SECRET",
            "SCALEKIT_REDIRECT_URI",
            "SESSION_SECRETS"
        ]
    );
}

#[test]
fn an_empty_variable_counts_as_missing() {
    assert_eq!(
        mistakes(read(&complete_but("SCALEKIT_CLIENT_ID", " "), &production())),
        ["SCALEKIT_CLIENT_ID"]
    );
}

/// Rules: core-3.1.2.1-request
#[test]
fn the_redirect_uri_is_sent_exactly_as_it_is_written() {
    let variables = complete_but("SCALEKIT_REDIRECT_URI", "https://APP.example:443/auth/callback");
    let provider = read(&variables, &production()).unwrap().provider;
    assert_eq!(provider.redirect_uri, "https://APP.example:443/auth/callback");
    assert_eq!(provider.public_origin, "https://app.example");
}

#[test]
fn a_real_environment_never_gets_the_emulators_credentials() {
    let variables = [("SCALEKIT_ENV_URL", "https://acme.scalekit.dev")];
    assert_eq!(
        mistakes(read(&variables, &development())),
        ["SCALEKIT_CLIENT_ID", "SCALEKIT_CLIENT_SECRET"]
    );
}

#[test]
fn all_three_names_of_the_environment_url_are_read() {
    for name in ISSUER_VARIABLES {
        let mut variables: Vec<_> = COMPLETE.into_iter().skip(1).collect();
        variables.push((name, "https://acme.scalekit.dev"));
        assert_eq!(
            read(&variables, &production()).unwrap().provider.issuer,
            "https://acme.scalekit.dev"
        );
    }
}

#[test]
fn each_wrong_value_is_refused_by_name() {
    let wrong = [
        ("SCALEKIT_ENV_URL", "acme.scalekit.dev"),
        ("SCALEKIT_ENV_URL", "http://acme.scalekit.dev"),
        ("SCALEKIT_ENV_URL", "https://acme.scalekit.dev?x=1"),
        ("SCALEKIT_ENV_URL", "https://acme.scalekit.dev#x"),
        ("SCALEKIT_ENV_URL", "https://user@acme.scalekit.dev"),
        ("SCALEKIT_REDIRECT_URI", "http://app.example/auth/callback"),
        ("SCALEKIT_REDIRECT_URI", "https://app.example/auth/callback/"),
        ("SCALEKIT_REDIRECT_URI", "https://app.example/auth/callback?x=1"),
        ("SCALEKIT_REDIRECT_URI", "/auth/callback"),
        (
            "SCALEKIT_REDIRECT_URI",
            "https://user:pw@app.example/auth/callback",
        ),
        ("SCALEKIT_REDIRECT_URI", "https://app.example/x/../auth/callback?"),
        // These end like a callback, or are one once they are resolved, but are not written as one.
        (
            "SCALEKIT_REDIRECT_URI",
            "https://app.example/auth/callback?/auth/callback",
        ),
        (
            "SCALEKIT_REDIRECT_URI",
            "https://app.example/auth/callback#/auth/callback",
        ),
        ("SCALEKIT_REDIRECT_URI", "https://app.example/auth/x/../callback"),
        ("SCALEKIT_REDIRECT_URI", "https://app.example/auth\\callback"),
        ("SCALEKIT_REDIRECT_URI", "https://app.example/x/../auth/callback"),
        ("SCALEKIT_REDIRECT_URI", "https://app.\texample/auth/callback"),
        ("SCALEKIT_REDIRECT_URI", "https://:pw@app.example/auth/callback"),
        ("SCALEKIT_POST_LOGOUT_REDIRECT_URI", "/"),
        ("SCALEKIT_POST_LOGOUT_REDIRECT_URI", "http://app.example"),
        ("SCALEKIT_POST_LOGOUT_REDIRECT_URI", "https://user@app.example"),
        ("SCALEKIT_SCOPES", "profile email"),
        ("SCALEKIT_ROLES_CLAIM", ","),
        ("SCALEKIT_PERMISSIONS_CLAIM", "scope"),
        ("SCALEKIT_ACCESS_TOKEN", "jwt"),
        ("TRUSTED_PROXIES", "11"),
        ("TRUSTED_PROXIES", "all"),
        ("SESSION_SECRETS", "c2hvcnQ="),
        ("SESSION_SECRETS", "thirty-two letters and no base64"),
        ("SESSION_STORE_URL", "mongodb://db"),
        ("SESSION_IDLE_TIMEOUT", "soon"),
        ("SESSION_IDLE_TIMEOUT", "25h"),
        ("SESSION_ABSOLUTE_TIMEOUT", "0s"),
        ("SESSION_ABSOLUTE_TIMEOUT", "400days 1s"),
    ];
    for (variable, value) in wrong {
        assert_eq!(
            mistakes(read(&complete_but(variable, value), &production())),
            [variable],
            "{value}"
        );
    }
}

#[test]
fn a_redirect_uri_is_as_long_as_scalekit_accepts_it_and_no_longer() {
    let with_length = |length: usize| {
        let host = "a".repeat(length - "https:///auth/callback".len());
        format!("https://{host}/auth/callback")
    };
    let (longest, longer) = (with_length(256), with_length(257));
    let variables = complete_but("SCALEKIT_REDIRECT_URI", &longest);
    assert_eq!(
        read(&variables, &production()).unwrap().provider.redirect_uri,
        longest
    );
    assert_eq!(
        mistakes(read(
            &complete_but("SCALEKIT_REDIRECT_URI", &longer),
            &production()
        )),
        ["SCALEKIT_REDIRECT_URI"]
    );
}

#[test]
fn the_message_lists_one_mistake_a_line_without_secret_values() {
    let variables = complete_but("SESSION_SECRETS", "my-weak-password");
    let message = read(&variables, &production()).unwrap_err().to_string();
    assert!(message.starts_with("1 problem in the configuration:\n  SESSION_SECRETS: key 1 is not base64"));
    assert!(!message.contains("my-weak-password"));
}
