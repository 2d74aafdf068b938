//! Where a request comes from: the peer, or whom the proxies in front of the server name, as far as they are trusted
//! (`TRUSTED_PROXIES`). Shown to people among their devices; nothing is decided by it.

use std::net::{IpAddr, SocketAddr};

use app::context::ClientAddress;
use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};

use crate::state::AppState;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Tells everybody behind it.
pub async fn client_address(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| peer.ip());
    let address = address(request.headers(), peer, state.trusted_proxies);
    request.extensions_mut().insert(ClientAddress(address));
    next.run(request).await
}

/// Each trusted proxy has added whom it was asked by at the end of the list; what stands before that, anybody may have
/// written.
fn address(headers: &HeaderMap, peer: Option<IpAddr>, trusted_proxies: usize) -> Option<IpAddr> {
    let Some(before_last) = trusted_proxies.checked_sub(1) else {
        return peer;
    };
    let named: Vec<_> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    named.iter().rev().nth(before_last)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn found(forwarded: &[&'static str], trusted_proxies: usize) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }
        let peer = "10.0.0.1".parse().ok();
        address(&headers, peer, trusted_proxies).map(|address| address.to_string())
    }

    #[test]
    fn without_a_trusted_proxy_the_peer_counts_whatever_the_header_says() {
        assert_eq!(found(&["203.0.113.9"], 0).as_deref(), Some("10.0.0.1"));
    }

    #[test]
    fn what_stands_before_the_trusted_proxies_names_is_not_believed() {
        let list = ["6.6.6.6, 203.0.113.9", "198.51.100.7"];
        assert_eq!(found(&list, 1).as_deref(), Some("198.51.100.7"));
        assert_eq!(found(&list, 2).as_deref(), Some("203.0.113.9"));
        assert_eq!(found(&list, 4), None);
        assert_eq!(found(&["unknown"], 1), None);
        assert_eq!(found(&[], 1), None);
    }
}
