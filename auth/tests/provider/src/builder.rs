//! What a provider is started with.

use std::net::{Ipv4Addr, SocketAddr};

use crate::{provider::MisbehavingProvider, server::Socket};

/// How a provider differs from the usual.
#[derive(Debug, Clone)]
#[must_use = "call `start` to run it"]
pub struct Builder {
    address: SocketAddr,
    issuer_path: String,
    is_down: bool,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            issuer_path: String::new(),
            is_down: false,
        }
    }

    /// Listens at this address. The default is `127.0.0.1` and a port that is free.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Has an issuer with this path after the host: `/` as some providers do, or `/realms/acme`. Empty by default.
    pub fn issuer_path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.issuer_path);
        self
    }

    /// Has an address, but refuses connections until [`come_up`](MisbehavingProvider::come_up).
    pub fn down(mut self) -> Self {
        self.is_down = true;
        self
    }

    /// Starts it.
    #[expect(
        clippy::unused_async,
        reason = "the socket needs the runtime that awaits this"
    )]
    pub async fn start(self) -> MisbehavingProvider {
        let (socket, address) = Socket::reserve(self.address).expect("the address is free");
        let issuer = format!("http://{address}{}", self.issuer_path);
        let provider = MisbehavingProvider::new(issuer, address, socket);
        if !self.is_down {
            provider.come_up();
        }
        provider
    }
}
