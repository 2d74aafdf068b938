//! SIGTERM while a hundred requests wait for a refresh: all are answered, and the new tokens are stored (promise 13).

use std::{
    net::{self, SocketAddr},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use emulator::{Emulator, Endpoint, Fault};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::test_browser::Browser;

const ADA: &str = "ada@acme.example";
const REQUESTS: usize = 100;

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The binary, as an orchestrator runs it.
struct Server(Child);

impl Server {
    async fn start(address: SocketAddr, issuer: &str, folder: &Path) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_server"))
            .current_dir(folder)
            .env_clear()
            .env("LEPTOS_SITE_ADDR", address.to_string())
            .env("LEPTOS_SITE_ROOT", folder)
            .env("SCALEKIT_ENV_URL", issuer)
            .env("SCALEKIT_CLIENT_ID", emulator::CLIENT_ID)
            .env("SCALEKIT_CLIENT_SECRET", emulator::CLIENT_SECRET)
            .env("SCALEKIT_REDIRECT_URI", callback(address))
            .env(
                "SESSION_STORE_URL",
                format!("sqlite:{}", folder.join("s.db").display()),
            )
            .env("SESSION_SECRETS", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while !is_ready(address).await {
            tokio::task::yield_now().await;
        }
        Self(child)
    }

    fn terminate(&self) {
        let told = Command::new("kill").arg(self.0.id().to_string()).status();
        assert!(told.unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    TcpStream::connect(address).await.is_ok() && Browser::new(address).get("/readyz").await.status == 200
}

fn callback(address: SocketAddr) -> String {
    format!("http://localhost:{}/auth/callback", address.port())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_for_a_refresh_when_the_server_is_told_to_stop_is_served() {
    let folder = Folder(std::env::temp_dir().join(format!("stop-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0).unwrap();
    let address = net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let emulator = Emulator::builder()
        .redirect_uri(callback(address))
        .start()
        .await
        .unwrap();
    let control = emulator.control();
    control.set_refresh_grace(Duration::ZERO);
    let mut server = Server::start(address, emulator.issuer(), &folder.0).await;

    // The first page after most of that second refreshes.
    control.set_access_token_lifetime(Duration::from_secs(1));
    let mut browser = Browser::new(address);
    let authorization_url = browser.get("/auth/login").await.location();
    let back = url::Url::parse(&control.approve(&authorization_url, ADA).unwrap()).unwrap();
    let back = format!("{}?{}", back.path(), back.query().unwrap());
    assert_eq!(browser.get(&back).await.status, 303);
    control.set_access_token_lifetime(Duration::from_mins(5));
    control.set_fault(Endpoint::Token, Some(Fault::Delay(Duration::from_secs(2))));
    let asked_before = control.requests().to(Endpoint::Token);

    let (mut first, counting) = (browser.clone(), control.clone());
    let first = tokio::spawn(async move {
        let mut statuses = Vec::new();
        while counting.requests().to(Endpoint::Token) == asked_before {
            statuses.push(first.get("/dashboard").await.status);
        }
        statuses
    });
    while control.requests().to(Endpoint::Token) == asked_before {
        tokio::task::yield_now().await;
    }
    let mut others = Vec::new();
    for _ in 0..REQUESTS {
        others.push(ask_for_dashboard(address, &browser).await);
    }
    // What the server has not read yet when it stops is the load balancer's to send again.
    while has_unread_requests(address) {
        tokio::task::yield_now().await;
    }
    server.terminate();

    assert!(first.await.unwrap().iter().all(|status| *status == 200));
    for mut connection in others {
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        assert!(
            answer.starts_with(b"HTTP/1.1 200 "),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    assert!(server.0.wait().unwrap().success());
    assert_eq!(control.requests().to(Endpoint::Token) - asked_before, 1);

    // Strict: had the new refresh token been lost, the next start would find out.
    control.clear_faults();
    let _again = Server::start(address, emulator.issuer(), &folder.0).await;
    assert_eq!(browser.get("/dashboard").await.status, 200);
}

/// Sends a request for the dashboard on a connection of its own.
async fn ask_for_dashboard(address: SocketAddr, browser: &Browser) -> TcpStream {
    let session = browser.session().unwrap();
    let request = format!(
        "GET /dashboard HTTP/1.1\r\nhost: localhost:{}\r\ncookie: scalekit_session={session}\r\naccept: text/html\r\n\
         sec-fetch-mode: navigate\r\nconnection: close\r\n\r\n",
        address.port()
    );
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    connection
}

/// Whether something was sent to `address` that is still in the system's buffers (proc(5), `/proc/net/tcp`).
fn has_unread_requests(address: SocketAddr) -> bool {
    const ESTABLISHED: &str = "01";
    let here = format!("0100007F:{:04X}", address.port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        fields.next() == Some(&here)
            && fields.nth(1) == Some(ESTABLISHED)
            && fields.next().is_some_and(|queues| !queues.ends_with(":00000000"))
    })
}
