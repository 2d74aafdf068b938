//! Misbehaving on request: what an endpoint may be told to do instead of its work, and the count of what was asked.

mod inject;

use std::{collections::BTreeMap, time::Duration};

pub(crate) use inject::{Delivery, inject};
use serde::{Deserialize, Serialize};

use crate::management;

/// An endpoint that can be made to fail and whose requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`
    Discovery,
    /// `/keys`
    Keys,
    /// `/oauth/authorize`
    Authorize,
    /// `/oauth/token`
    Token,
    /// `/userinfo`
    UserInfo,
    /// `/revoke`
    Revoke,
    /// `/oidc/logout` and `/end_session`
    Logout,
    /// Management API: an organization and its features.
    Organization,
    /// Management API: the people of an organization, their memberships and invitations.
    Members,
    /// Management API: roles.
    Roles,
    /// Management API: single sign-on connections.
    Connections,
    /// Management API: directories, their users and groups.
    Directories,
    /// Management API: domains.
    Domains,
    /// Management API: session policies.
    Policy,
    /// Management API: links to the admin portal.
    Portal,
    /// Management API: people, across organizations.
    Users,
    /// Management API: sessions.
    Sessions,
}

impl Endpoint {
    fn of(path: &str) -> Option<Self> {
        Some(match path {
            "/.well-known/openid-configuration" => Self::Discovery,
            "/keys" => Self::Keys,
            "/oauth/authorize" => Self::Authorize,
            "/oauth/token" => Self::Token,
            "/userinfo" => Self::UserInfo,
            "/revoke" => Self::Revoke,
            "/oidc/logout" | "/end_session" => Self::Logout,
            _ => return Self::of_management(path.strip_prefix(management::PREFIX)?),
        })
    }

    fn of_management(path: &str) -> Option<Self> {
        let mut segments = path.split('/').skip(1);
        let word = |segment: Option<&str>| segment?.split(':').next().map(str::to_owned);
        let first = word(segments.next())?;
        Some(match (first.as_str(), word(segments.nth(1)).as_deref()) {
            ("sessions", _) | ("users", Some("sessions")) => Self::Sessions,
            ("users", _) => Self::Users,
            ("memberships" | "invites", _) | ("organizations", Some("users")) => Self::Members,
            ("connections", _) | ("organizations", Some("connections")) => Self::Connections,
            ("organizations", Some("roles")) => Self::Roles,
            ("organizations", Some("directories")) => Self::Directories,
            ("organizations", Some("domains")) => Self::Domains,
            ("organizations", Some("session-policy")) => Self::Policy,
            ("organizations", Some("portal_links")) => Self::Portal,
            ("organizations", None | Some("settings")) => Self::Organization,
            _ => return None,
        })
    }
}

/// What an endpoint does instead of its work, or with it. On the wire: `{"fault":"status","value":503}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", content = "value", rename_all = "lowercase")]
pub enum Fault {
    /// Answers with this status and an empty body. A number that is no HTTP status answers 500.
    Status(u16),
    /// Waits, then does its work. Milliseconds on the wire.
    Delay(#[serde(with = "milliseconds")] Duration),
    /// Closes the connection with a reset instead of answering.
    Reset,
    /// Never answers.
    Hang,
    /// Answers 200 with a web page.
    Garbage,
    /// Does its work, then waits before it answers. Milliseconds on the wire.
    Late(#[serde(with = "milliseconds")] Duration),
    /// Does its work, then closes the connection with a reset: the answer is lost.
    Lost,
    /// Does its work, but a gateway in front of it answers with this status and an empty body.
    Masked(u16),
}

/// A fault and how many of an endpoint's requests it hits. On the wire: the fault with `"share":0.25`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Misbehaviour {
    #[serde(flatten)]
    fault: Fault,
    /// 1 unless said.
    #[serde(default)]
    share: Share,
    /// What the requests so far have added up to; at [`Share::WHOLE`] the fault is due.
    #[serde(skip)]
    owed: u32,
}

impl Misbehaviour {
    pub(crate) fn new(fault: Fault, share: f64) -> Self {
        Self {
            fault,
            share: share.into(),
            owed: 0,
        }
    }

    /// The fault, if the next request is one that it hits: of a share of 0.25 each fourth. Not left to chance, so that
    /// tests can count on it.
    fn hit(&mut self) -> Option<Fault> {
        self.owed += self.share.0;
        let due = self.owed >= Share::WHOLE;
        if due {
            self.owed -= Share::WHOLE;
        }
        due.then_some(self.fault)
    }
}

/// A part of all requests, in millionths: a quarter added up four times has to be a whole.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(from = "f64", into = "f64")]
struct Share(u32);

impl Share {
    const WHOLE: u32 = 1_000_000;
}

impl Default for Share {
    fn default() -> Self {
        Self(Self::WHOLE)
    }
}

impl From<f64> for Share {
    /// What is less than nothing is nothing, more than everything is everything.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between 0 and a million"
    )]
    fn from(share: f64) -> Self {
        Self((share.clamp(0.0, 1.0) * f64::from(Self::WHOLE)).round() as u32)
    }
}

impl From<Share> for f64 {
    fn from(share: Share) -> Self {
        Self::from(share.0) / Self::from(Share::WHOLE)
    }
}

mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(value.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// The faults that are set.
pub(crate) type Faults = BTreeMap<Endpoint, Misbehaviour>;

/// How often the endpoints were asked, for tests to assert on. It holds counts, never values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Requests {
    endpoints: BTreeMap<Endpoint, u64>,
    grants: BTreeMap<String, u64>,
    faults: BTreeMap<Endpoint, u64>,
    most_concurrent_refreshes: usize,
}

impl Requests {
    /// Requests that an endpoint received, those that a fault hit included.
    pub fn to(&self, endpoint: Endpoint) -> u64 {
        self.endpoints.get(&endpoint).copied().unwrap_or_default()
    }

    /// Token requests with this `grant_type`, refused ones included. Those that a fault answered in place of the work
    /// were never read and are not among them.
    pub fn with_grant(&self, grant_type: &str) -> u64 {
        self.grants.get(grant_type).copied().unwrap_or_default()
    }

    /// Requests to an endpoint that a fault hit.
    pub fn faults(&self, endpoint: Endpoint) -> u64 {
        self.faults.get(&endpoint).copied().unwrap_or_default()
    }

    /// How many refreshes of one session have been under way at the same time, at most: from their arrival to their
    /// answer, or until the application hung up.
    pub fn most_concurrent_refreshes(&self) -> usize {
        self.most_concurrent_refreshes
    }

    pub(crate) fn count_grant(&mut self, grant_type: &'static str) {
        *self.grants.entry(grant_type.to_owned()).or_default() += 1;
    }

    fn count(&mut self, endpoint: Endpoint, fault: Option<Fault>) {
        *self.endpoints.entry(endpoint).or_default() += 1;
        if fault.is_some() {
            *self.faults.entry(endpoint).or_default() += 1;
        }
    }

    fn saw_concurrent_refreshes(&mut self, number: usize) {
        self.most_concurrent_refreshes = self.most_concurrent_refreshes.max(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_hits_exactly_that_many() {
        for (share, of_a_hundred) in [(1.0, 100), (0.25, 25), (0.1, 10), (0.0, 0), (-1.0, 0), (7.0, 100)] {
            let mut misbehaviour = Misbehaviour::new(Fault::Reset, share);
            let hit = (0..100).filter(|_| misbehaviour.hit().is_some()).count();
            assert_eq!(hit, of_a_hundred, "{share}");
        }
        assert!(Misbehaviour::new(Fault::Reset, f64::NAN).hit().is_none());
    }
}
