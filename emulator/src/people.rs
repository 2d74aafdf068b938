//! Who can sign in: the organizations, roles and ready-made people of this environment.

use std::{borrow::Cow, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::random;

/// What a member may do in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Runs the organization.
    Admin,
    /// Works in it.
    Member,
}

impl Role {
    /// The name as it stands in the `roles` claim.
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }

    /// The permissions that the role brings, as they stand in the `permissions` claim.
    pub fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Admin => &[
                "organization:settings",
                "members:manage",
                "workspace_data:read",
                "workspace_data:write",
            ],
            Self::Member => &["workspace_data:read"],
        }
    }
}

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
}

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
    /// At least one.
    pub memberships: Vec<Membership>,
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
                    .map(|&(organization, role)| Membership { organization, role })
                    .collect(),
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

/// Everyone this environment knows: the ready-made people and those who came with a `+sktest` address.
pub(crate) struct Directory {
    people: Vec<Person>,
}

/// Why an address cannot be used to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressError {
    /// It is not an e-mail address.
    Malformed,
    /// Nobody here has it, and it is not a test address.
    Unknown,
    /// The directory is full.
    Full,
}

impl Directory {
    pub(crate) fn new() -> Self {
        Self {
            people: people().to_vec(),
        }
    }

    pub(crate) fn all(&self) -> &[Person] {
        &self.people
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    pub(crate) fn by_email(&self, email: &str) -> Option<&Person> {
        let email = email.trim().to_lowercase();
        self.people.iter().find(|person| person.email == email)
    }

    /// Gives a person a role in an organization. `false` if the person is not a member of it.
    pub(crate) fn set_role(&mut self, email: &str, organization_id: &str, role: Role) -> bool {
        let membership = self
            .people
            .iter_mut()
            .filter(|person| person.email == email)
            .flat_map(|person| &mut person.memberships)
            .find(|membership| membership.organization.id == organization_id);
        membership.map(|membership| membership.role = role).is_some()
    }

    /// The address that the person typed, in the form it is stored, if it can be used to sign in.
    pub(crate) fn accept_address(&self, typed: &str) -> Result<String, AddressError> {
        let email = typed.trim().to_lowercase();
        let (local, domain) = email.split_once('@').ok_or(AddressError::Malformed)?;
        let plain = |part: &str| {
            !part.is_empty()
                && !part
                    .chars()
                    .any(|c| c.is_whitespace() || c.is_control() || "@<>\",;".contains(c))
        };
        if !plain(local) || !plain(domain) || email.len() > 254 {
            return Err(AddressError::Malformed);
        }
        if local.contains("+sktest") || self.by_email(&email).is_some() {
            Ok(email)
        } else {
            Err(AddressError::Unknown)
        }
    }

    /// The person behind an accepted address. A test address is enrolled as a member of the organization that the
    /// sign-in is for, or of the first.
    pub(crate) fn enrol(
        &mut self,
        email: &str,
        organization: Option<&'static Organization>,
    ) -> Result<Person, AddressError> {
        const CAPACITY: usize = 10_000;
        let email = self.accept_address(email)?;
        if let Some(known) = self.by_email(&email) {
            return Ok(known.clone());
        }
        if self.people.len() >= CAPACITY {
            return Err(AddressError::Full);
        }
        let [acme, _] = &ORGANIZATIONS;
        let (given_name, family_name) = name_from_address(&email);
        let person = Person {
            id: random::id("usr_").into(),
            email: email.into(),
            given_name: given_name.into(),
            family_name: family_name.into(),
            memberships: vec![Membership {
                organization: organization.unwrap_or(acme),
                role: Role::Member,
            }],
        };
        self.people.push(person.clone());
        Ok(person)
    }
}

/// `grace.hopper+sktest@example.com` is Grace Hopper.
fn name_from_address(email: &str) -> (String, String) {
    let local = email.split('@').next().unwrap_or_default();
    let plain = local.split('+').next().unwrap_or_default();
    let mut words = plain
        .split(['.', '_', '-'])
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        });
    let given = words.next().unwrap_or_else(|| "Test".to_owned());
    (given, words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_address_becomes_a_person_named_after_it() {
        let mut directory = Directory::new();
        let person = directory
            .enrol(" Grace.Hopper+sktest@Example.com ", None)
            .unwrap();
        assert_eq!(person.name(), "Grace Hopper");
        assert_eq!(person.email, "grace.hopper+sktest@example.com");
        assert_eq!(
            directory
                .enrol("grace.hopper+sktest@example.com", None)
                .unwrap()
                .id,
            person.id
        );
        assert_eq!(
            directory.enrol("+sktest@example.com", None).unwrap().name(),
            "Test"
        );
    }

    #[test]
    fn other_addresses_are_refused_with_the_reason() {
        let directory = Directory::new();
        assert_eq!(
            directory.accept_address("nobody@example.com"),
            Err(AddressError::Unknown)
        );
        for malformed in [
            "",
            "ada",
            "@acme.example",
            "a b+sktest@x",
            "a+sktest@x\r\ny",
            "a+sktest@@x",
        ] {
            assert_eq!(
                directory.accept_address(malformed),
                Err(AddressError::Malformed),
                "{malformed:?}"
            );
        }
    }
}
