//! What survives a restart, and what a copy of the database tells a thief.

use std::{fs, path::PathBuf};

use crate::test_app::Setup;

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
