//! The binary as an operator meets it: exit codes and messages.

use std::process::{Command, Output};

fn server(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let folder = std::env::temp_dir();
    Command::new(env!("CARGO_BIN_EXE_server"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn every_mistake_is_named_in_one_message_with_exit_code_2() {
    let variables = [
        ("SCALEKIT_ENV_URL", "acme"),
        ("SCALEKIT_REDIRECT_URI", "http://app.example/auth/callback"),
        ("SESSION_SECRETS", "weak"),
        ("LEPTOS_SITE_ADDR", "everywhere"),
    ];
    let output = server(&variables, &[]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let message = said(&output);
    for name in [
        "LEPTOS_SITE_ADDR",
        "SCALEKIT_ENV_URL",
        "SCALEKIT_CLIENT_ID",
        "SCALEKIT_CLIENT_SECRET",
        "SCALEKIT_REDIRECT_URI",
        "SESSION_SECRETS",
    ] {
        assert!(
            message.contains(&format!("\n  {name}: ")),
            "{name} is not named in {message}"
        );
    }
    assert!(!message.contains("weak"), "{message}");
}

#[test]
fn a_port_that_is_taken_is_one_sentence_and_exit_code_1() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let variables = [
        ("LEPTOS_SITE_ADDR", address.as_str()),
        ("SCALEKIT_ENV_URL", "http://127.0.0.1:9"),
        ("SCALEKIT_CLIENT_ID", "skc_1"),
        ("SCALEKIT_CLIENT_SECRET", "secret"),
        ("SCALEKIT_REDIRECT_URI", "http://localhost:3000/auth/callback"),
        ("SESSION_SECRETS", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("SESSION_STORE_URL", "memory:"),
    ];
    let output = server(&variables, &[]);
    assert_eq!(output.status.code(), Some(1));
    let message = said(&output);
    assert!(
        message.starts_with(&format!("error: {address} is taken; ")),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1, "{message}");
}

#[test]
fn help_and_version_are_there() {
    let help = server(&[], &["--help"]);
    assert!(help.status.success());
    let text = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(
        text.contains("--check") && text.contains("SCALEKIT_ENV_URL"),
        "{text}"
    );
    assert!(server(&[], &["--version"]).status.success());
}
