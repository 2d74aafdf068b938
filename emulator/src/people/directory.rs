//! The directory: who is known, and what becomes of an address that is typed.

use super::{
    Membership, MembershipStatus, ORGANIZATIONS, Organization, Person, Role, colleagues::colleagues, people,
};
use crate::random;

/// Everyone this environment knows: the ready-made people, their colleagues, those who came with a `+sktest` address,
/// and whoever was invited.
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
    /// Its person is in the organization already.
    Member,
}

impl Directory {
    pub(crate) fn new() -> Self {
        Self {
            people: people().iter().cloned().chain(colleagues()).collect(),
        }
    }

    /// Those whom the hosted page offers by name.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(|person| person.is_offered)
    }

    /// The people of an organization, in the order they came.
    pub(crate) fn members<'a>(
        &'a self,
        organization_id: &'a str,
    ) -> impl Iterator<Item = (&'a Person, &'a Membership)> {
        self.people
            .iter()
            .filter_map(|person| Some((person, person.membership(organization_id)?)))
    }

    /// A person's place in an organization, to change it.
    pub(crate) fn membership_mut(
        &mut self,
        person_id: &str,
        organization_id: &str,
    ) -> Option<&mut Membership> {
        let person = self.people.iter_mut().find(|person| person.id == person_id)?;
        let mut memberships = person.memberships.iter_mut();
        memberships.find(|membership| membership.organization.id == organization_id)
    }

    /// Takes a person out of an organization. Whether they were in it.
    pub(crate) fn remove_member(&mut self, person_id: &str, organization_id: &str) -> bool {
        let Some(person) = self.people.iter_mut().find(|person| person.id == person_id) else {
            return false;
        };
        let before = person.memberships.len();
        let others = |membership: &Membership| membership.organization.id != organization_id;
        person.memberships.retain(others);
        person.memberships.len() < before
    }

    /// Invites an address, which may be new here, to an organization. The person, or why not.
    pub(crate) fn invite(
        &mut self,
        email: &str,
        name: Option<(String, String)>,
        organization: &'static Organization,
        role: Role,
        now: i64,
    ) -> Result<Person, AddressError> {
        let email = parse_address(email)?;
        let invitation = Membership {
            status: MembershipStatus::PendingInvite,
            since: now,
            ..Membership::new(organization, role)
        };
        if let Some(known) = self.people.iter_mut().find(|person| person.email == email) {
            if known.membership(organization.id).is_some() {
                return Err(AddressError::Member);
            }
            known.memberships.push(invitation);
            return Ok(known.clone());
        }
        let person = Person {
            memberships: vec![invitation],
            ..new_person(&email, name)
        };
        self.add(person)
    }

    /// Notes that somebody has signed in, which accepts an invitation.
    pub(crate) fn signed_in(&mut self, person_id: &str, organization_id: &str, now: i64) {
        if let Some(membership) = self.membership_mut(person_id, organization_id)
            && membership.status == MembershipStatus::PendingInvite
        {
            membership.status = MembershipStatus::Active;
            membership.since = now;
        }
        if let Some(person) = self.people.iter_mut().find(|person| person.id == person_id) {
            person.last_sign_in = Some(now);
        }
    }

    fn add(&mut self, person: Person) -> Result<Person, AddressError> {
        const CAPACITY: usize = 10_000;
        if self.people.len() >= CAPACITY {
            return Err(AddressError::Full);
        }
        self.people.push(person.clone());
        Ok(person)
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
        let email = parse_address(typed)?;
        let is_test = email
            .split('@')
            .next()
            .is_some_and(|local| local.contains("+sktest"));
        if is_test || self.by_email(&email).is_some() {
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
        let email = self.accept_address(email)?;
        if let Some(known) = self.by_email(&email) {
            return Ok(known.clone());
        }
        let [acme, _] = &ORGANIZATIONS;
        let person = Person {
            memberships: vec![Membership::new(organization.unwrap_or(acme), Role::Member)],
            is_offered: true,
            ..new_person(&email, None)
        };
        self.add(person)
    }
}

/// Somebody who is in no organization yet, called by `name` or after their address.
fn new_person(email: &str, name: Option<(String, String)>) -> Person {
    let (given_name, family_name) = name.unwrap_or_else(|| name_from_address(email));
    Person {
        id: random::id("usr_").into(),
        email: email.to_owned().into(),
        given_name: given_name.into(),
        family_name: family_name.into(),
        memberships: Vec::new(),
        last_sign_in: None,
        is_offered: false,
    }
}

/// An address in the form it is stored, if it is one.
fn parse_address(typed: &str) -> Result<String, AddressError> {
    let email = typed.trim().to_lowercase();
    let (local, domain) = email.split_once('@').ok_or(AddressError::Malformed)?;
    let plain = |part: &str| {
        !part.is_empty()
            && !part
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || "@<>\",;".contains(c))
    };
    if plain(local) && plain(domain) && email.len() <= 254 {
        Ok(email)
    } else {
        Err(AddressError::Malformed)
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
