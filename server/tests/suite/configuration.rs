//! The binary as an operator meets it: exit codes and messages.

use std::{
    fs,
    process::{Command, Output},
};

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

/// With all in order but the store.
fn server_over(store: &str, arguments: &[&str]) -> Output {
    // `--check` looks for the site's files before it opens the store.
    let site = concat!(env!("CARGO_TARGET_TMPDIR"), "/site");
    fs::create_dir_all(format!("{site}/pkg")).unwrap();
    let variables = [
        ("LEPTOS_SITE_ADDR", "127.0.0.1:0"),
        ("LEPTOS_SITE_ROOT", site),
        ("SCALEKIT_ENV_URL", "http://127.0.0.1:9"),
        ("SCALEKIT_CLIENT_ID", "skc_1"),
        ("SCALEKIT_CLIENT_SECRET", "secret"),
        ("SCALEKIT_REDIRECT_URI", "http://localhost:3000/auth/callback"),
        ("SESSION_SECRETS", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("SESSION_STORE_URL", store),
    ];
    server(&variables, arguments)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What the operator may see of it, log and all.
fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &said(output)
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
fn a_store_of_an_unknown_kind_is_named_with_exit_code_2() {
    let output = server_over("mongodb://ada:hunter2@x", &[]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let message = said(&output);
    assert!(message.contains("\n  SESSION_STORE_URL: "), "{message}");
    assert!(!printed(&output).contains("hunter2"), "{}", printed(&output));
}

#[test]
fn a_store_that_cannot_be_reached_is_named_without_its_password() {
    let starts: [(&[&str], i32); 2] = [(&[], 1), (&["--check"], 3)];
    for (arguments, code) in starts {
        let output = server_over("postgres://ada:hunter2@127.0.0.1:1/x", arguments);
        assert_eq!(output.status.code(), Some(code), "{}", printed(&output));
        let message = said(&output);
        assert!(message.contains("SESSION_STORE_URL"), "{message}");
        assert!(message.contains("127.0.0.1:1/x"), "{message}");
        assert!(!printed(&output).contains("hunter2"), "{}", printed(&output));
    }
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
