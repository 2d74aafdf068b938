//! Operations of the management API: the token that they need, the tries that they have, and what becomes of them at an
//! API that misbehaves.

use std::{sync::Arc, time::Duration};

use auth::{
    management::{ApiId, Management, ManagementError, Organization},
    session::SignedIn,
};
use misbehaving_provider::{Endpoint, MisbehavingProvider};
use serde_json::Value;

use crate::relying_party::RelyingParty;

mod addresses;
mod administrators;
mod errors;
mod token;
mod tries;

/// What an operation comes to.
type Outcome = Result<(), Arc<ManagementError>>;

/// A provider, an application, and the organization of somebody who is signed in.
struct World {
    provider: MisbehavingProvider,
    party: RelyingParty,
    management: Management,
    session: SignedIn,
    organization: Organization,
}

impl World {
    /// At an honest provider, with little patience.
    async fn start() -> Self {
        Self::at(MisbehavingProvider::start().await).await
    }

    /// The same with the patience of a real application: five seconds for each operation.
    async fn patient() -> Self {
        let provider = MisbehavingProvider::start().await;
        let party = RelyingParty::of(&provider).await.patient().await;
        Self::of(provider, party).await
    }

    async fn at(provider: MisbehavingProvider) -> Self {
        let party = RelyingParty::of(&provider).await;
        Self::of(provider, party).await
    }

    async fn of(provider: MisbehavingProvider, party: RelyingParty) -> Self {
        let session = party.sign_in(&provider).await.unwrap();
        let management = Management::new(party.client.clone());
        let organization = management.organization(&session).unwrap();
        provider.forget_requests();
        Self {
            provider,
            party,
            management,
            session,
            organization,
        }
    }

    /// The provider accepts no connections any more, and the application knows that those it has are gone: a request on
    /// one of them would be lost, not refused.
    async fn goes_down(&self) {
        self.provider.go_down().await;
        tokio::time::sleep(Duration::from_millis(30)).await;
    }

    /// An operation that changes nothing (GET).
    async fn read(&self) -> Outcome {
        self.organization.profile().await.map(drop).map_err(Arc::new)
    }

    /// An operation that changes something (POST).
    async fn write(&self) -> Outcome {
        self.organization
            .add_domain("acme.example")
            .await
            .map_err(Arc::new)
    }

    /// How often the API was called.
    fn calls(&self) -> usize {
        self.provider.requests(Endpoint::Management).len()
    }

    /// How often a token was asked for.
    fn token_requests(&self) -> usize {
        self.provider.requests(Endpoint::Token).len()
    }

    /// The token that the last call came with.
    fn last_token(&self) -> String {
        let call = self.provider.last_request(Endpoint::Management);
        let token = call.header("authorization").strip_prefix("Bearer ");
        token.expect("a call comes with a token").to_owned()
    }

    /// What the API was last asked: method and address, and what was said.
    fn asked(&self) -> (String, Value) {
        let call = self.provider.last_request(Endpoint::Management);
        let query: Vec<_> = call
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let line = format!("{} {}{mark}{}", call.method, call.path, query.join("&"));
        (line, serde_json::from_slice(&call.body).unwrap_or_default())
    }
}

fn id(text: &str) -> ApiId {
    ApiId::parse(text).unwrap()
}
