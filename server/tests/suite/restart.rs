//! What survives a restart, and what a copy of the database tells a thief.

use std::{fs, path::PathBuf};

use crate::test_app::Setup;

const OTHER_SECRET: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// A folder for one test, removed afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn setup(&self) -> Setup {
        Setup {
            store: format!("sqlite:{}", self.0.join("sessions.db").display()),
            ..Setup::default()
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn restarting_the_server_keeps_people_signed_in() {
    let folder = Folder::new("restart");
    let app = folder.setup().start().await;
    let mut browser = app.signed_in("ada@acme.example").await;
    let address = app.address;
    let emulator = app.stop().await.unwrap();

    let _app = folder.setup().start_again(address, emulator).await;
    let dashboard = browser.get("/dashboard").await;
    assert_eq!(dashboard.status, 200);
    assert!(dashboard.body.contains("Ada Admin"));
}

#[tokio::test]
async fn a_session_whose_secret_is_missing_is_explained_and_opens_again_once_it_is_back() {
    let folder = Folder::new("secrets");
    let app = folder.setup().start().await;
    let mut browser = app.signed_in("ada@acme.example").await;
    let address = app.address;
    let emulator = app.stop().await.unwrap();

    let replaced = Setup {
        variables: vec![("SESSION_SECRETS", OTHER_SECRET.to_owned())],
        ..folder.setup()
    };
    let app = replaced.start_again(address, emulator).await;
    let answer = browser.get("/dashboard").await;
    assert_eq!(
        (answer.status, answer.location().as_str()),
        (303, "/login?reason=unreadable&next=%2Fdashboard")
    );
    let login = browser.get(&answer.location()).await;
    assert_eq!(login.status, 200, "{}", login.body);
    assert!(
        login
            .body
            .contains("Your session could not be opened again after a change on our side."),
        "{}",
        login.body
    );
    let emulator = app.stop().await.unwrap();

    let _app = folder.setup().start_again(address, emulator).await;
    assert_eq!(browser.get("/dashboard").await.status, 200);
}

#[tokio::test]
async fn a_copy_of_the_database_reveals_no_token_email_or_name() {
    let folder = Folder::new("copy");
    let app = folder.setup().start().await;
    let browser = app.signed_in("ada@acme.example").await;
    let bytes: Vec<u8> = fs::read_dir(&folder.0)
        .unwrap()
        .flat_map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect();
    let contains = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);

    assert!(contains(b"CREATE TABLE"), "this is the database");
    // Long enough that ciphertext does not contain them by chance. The first is how our JWTs begin.
    for secret in [
        "eyJhbGciOi",
        "ada@acme.example",
        "Ada Admin",
        "usr_6326",
        "org_5961",
        "scalekit_tokens",
    ] {
        assert!(!contains(secret.as_bytes()), "{secret} is readable");
    }
    assert!(
        !contains(browser.session().unwrap().as_bytes()),
        "the cookie is readable"
    );
}
