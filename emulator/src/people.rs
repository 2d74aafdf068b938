//! Who can sign in: the organizations, roles and ready-made people of this environment.

use std::{borrow::Cow, sync::LazyLock};

use serde::Serialize;

mod colleagues;
mod directory;
mod role;

pub(crate) use directory::{AddressError, Directory};
pub use role::Role;

/// A customer of the application.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Organization {
    /// `org_…`
    pub id: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// The domain of its people's addresses; a `domain_hint` of it leads to this organization.
    pub domain: &'static str,
    /// `conn_…`: its simulated single sign-on connection.
    pub connection_id: &'static str,
}

static ORGANIZATIONS: [Organization; 2] = [
    Organization {
        id: "org_59615193906282635",
        name: "Acme Corp",
        domain: "acme.example",
        connection_id: "conn_59615210314400908",
    },
    Organization {
        id: "org_61022748190511244",
        name: "Globex",
        domain: "globex.example",
        connection_id: "conn_61022755036856460",
    },
];

/// The organizations of this environment.
pub fn organizations() -> &'static [Organization] {
    &ORGANIZATIONS
}

/// The organization with this id.
pub(crate) fn organization(id: &str) -> Option<&'static Organization> {
    ORGANIZATIONS.iter().find(|organization| organization.id == id)
}

/// A person's place in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Membership {
    /// Where.
    pub organization: &'static Organization,
    /// As what.
    pub role: Role,
    /// Whether they have accepted.
    pub status: MembershipStatus,
    /// When it began, or the invitation was sent; seconds since 1970.
    pub since: i64,
    /// How often the invitation has been sent again.
    pub resent: u32,
}

/// How far a membership has come, in the words of the management API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MembershipStatus {
    /// In use.
    Active,
    /// Invited; the first sign-in accepts.
    PendingInvite,
}

impl Membership {
    fn new(organization: &'static Organization, role: Role) -> Self {
        Self {
            organization,
            role,
            status: MembershipStatus::Active,
            since: FOUNDED,
            resent: 0,
        }
    }
}

/// When this environment's organizations were founded: 2 June 2025.
pub(crate) const FOUNDED: i64 = 1_748_854_800;

/// Someone who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// `usr_…`, the `sub` claim.
    pub id: Cow<'static, str>,
    /// The address, in lower case.
    pub email: Cow<'static, str>,
    /// First name.
    pub given_name: Cow<'static, str>,
    /// Last name; empty for a person made from a one-word address.
    pub family_name: Cow<'static, str>,
    /// None for somebody who was removed from their last organization.
    pub memberships: Vec<Membership>,
    /// When they last signed in; seconds since 1970.
    pub last_sign_in: Option<i64>,
    /// Whether the hosted page offers them by name.
    #[serde(skip)]
    pub(crate) is_offered: bool,
}

impl Person {
    /// First and last name.
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
            .trim()
            .to_owned()
    }

    /// One or two letters for the avatar.
    pub(crate) fn initials(&self) -> String {
        self.given_name
            .chars()
            .take(1)
            .chain(self.family_name.chars().take(1))
            .collect()
    }

    /// The person's place in an organization, if there is one.
    pub(crate) fn membership(&self, organization_id: &str) -> Option<&Membership> {
        self.memberships
            .iter()
            .find(|membership| membership.organization.id == organization_id)
    }
}

/// The ready-made people: an admin, a member, and someone in two organizations.
pub fn people() -> &'static [Person] {
    static PEOPLE: LazyLock<Vec<Person>> = LazyLock::new(|| {
        let [acme, globex] = &ORGANIZATIONS;
        let person =
            |id, email, given_name, family_name, memberships: &[(&'static Organization, Role)]| Person {
                id: Cow::Borrowed(id),
                email: Cow::Borrowed(email),
                given_name: Cow::Borrowed(given_name),
                family_name: Cow::Borrowed(family_name),
                memberships: memberships
                    .iter()
                    .map(|&(organization, role)| Membership::new(organization, role))
                    .collect(),
                last_sign_in: None,
                is_offered: true,
            };
        vec![
            person(
                "usr_63261014140912135",
                "ada@acme.example",
                "Ada",
                "Admin",
                &[(acme, Role::Admin)],
            ),
            person(
                "usr_63261027545843210",
                "max@acme.example",
                "Max",
                "Member",
                &[(acme, Role::Member)],
            ),
            person(
                "usr_63261039876145672",
                "olga@globex.example",
                "Olga",
                "Orgs",
                &[(globex, Role::Admin), (acme, Role::Member)],
            ),
        ]
    });
    &PEOPLE
}
