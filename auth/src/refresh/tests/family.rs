//! The tokens of one session at the provider, and what became of each.

use std::{sync::Arc, time::Duration};

use time::OffsetDateTime;
use tokio::time::Instant;

use super::process::Process;

/// All tokens of a session, in the order in which they were given.
#[derive(Debug, Default)]
pub(super) struct Family {
    tokens: Vec<Issued>,
    end: Option<End>,
    role: u32,
    in_flight: Vec<Arc<Process>>,
    /// How many exchanges there were.
    pub(super) exchanges: usize,
    /// How many exchanges of living processes there were at once, at most.
    pub(super) most_in_flight: usize,
    /// Tokens that were used again, and how long after their first use.
    pub(super) reuses: Vec<(usize, Duration)>,
    /// Tokens that were revoked by the application.
    pub(super) given_back: Vec<usize>,
}

/// What was given at one exchange.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) role: String,
    pub(super) expires_at: OffsetDateTime,
    /// When the refresh token was first used.
    pub(super) first_used: Option<Instant>,
    /// For which refresh token it was given.
    parent: Option<usize>,
    /// Who got it, if the answer arrived.
    holder: Option<Arc<Process>>,
}

/// Why a session is over at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// An administrator wished it.
    Revoked,
    /// A refresh token was used again after its grace, which looks like theft.
    Reuse {
        token: usize,
        first_used: Instant,
        at: Instant,
    },
}

impl Family {
    pub(super) fn issued(&self, serial: usize) -> &Issued {
        &self.tokens[serial]
    }

    pub(super) fn end(&self) -> Option<End> {
        self.end
    }

    /// An administrator ends the session.
    pub(super) fn revoke(&mut self) {
        self.end.get_or_insert(End::Revoked);
    }

    /// An administrator gives the person another role: the next tokens say so.
    pub(super) fn change_role(&mut self) {
        self.role += 1;
    }

    pub(super) fn issue(&mut self, expires_at: OffsetDateTime) -> usize {
        self.tokens.push(Issued {
            role: format!("role-{}", self.role),
            expires_at,
            first_used: None,
            parent: None,
            holder: None,
        });
        self.tokens.len() - 1
    }

    /// What is given for the refresh token `serial`, if anything.
    pub(super) fn trade(
        &mut self,
        serial: usize,
        now: Instant,
        grace: Duration,
        expires_at: OffsetDateTime,
    ) -> Option<usize> {
        if self.end.is_some() {
            return None;
        }
        let token = &mut self.tokens[serial];
        if let Some(first_used) = token.first_used {
            self.reuses.push((serial, now - first_used));
            if now - first_used >= grace {
                self.end = Some(End::Reuse {
                    token: serial,
                    first_used,
                    at: now,
                });
                return None;
            }
        }
        token.first_used.get_or_insert(now);
        let next = self.issue(expires_at);
        self.tokens[next].parent = Some(serial);
        Some(next)
    }

    pub(super) fn is_delivered(&mut self, serial: usize, holder: &Arc<Process>) {
        self.tokens[serial].holder = Some(Arc::clone(holder));
    }

    /// The newest tokens that arrived at a process which still lives.
    pub(super) fn newest_in_hand(&self) -> Option<usize> {
        let is_in_hand = |token: &Issued| token.holder.as_ref().is_some_and(|holder| !holder.is_dead());
        self.tokens.iter().rposition(is_in_hand)
    }

    /// The living processes that got something for the refresh token `serial`.
    pub(super) fn holders_for(&self, serial: usize) -> impl Iterator<Item = &Arc<Process>> {
        let successors = self
            .tokens
            .iter()
            .filter(move |token| token.parent == Some(serial));
        successors
            .filter_map(|token| token.holder.as_ref())
            .filter(|holder| !holder.is_dead())
    }

    pub(super) fn takes_off(&mut self, process: &Arc<Process>) {
        self.exchanges += 1;
        self.in_flight.push(Arc::clone(process));
        let living = self.in_flight.iter().filter(|process| !process.is_dead());
        self.most_in_flight = self.most_in_flight.max(living.count());
    }

    pub(super) fn lands(&mut self, process: &Arc<Process>) {
        let mine = self
            .in_flight
            .iter()
            .position(|other| Arc::ptr_eq(other, process));
        self.in_flight.remove(mine.unwrap());
    }
}
