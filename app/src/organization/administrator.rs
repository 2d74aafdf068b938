//! Somebody who may do to their organization what a server function does.

use std::sync::Arc;

use auth::{
    management::{ApiId, ManagementError, Organization, brings_no_more},
    vault::OpenSession,
};

use crate::{
    context::{ORGANIZATION, Request, query_parameter, set_retry_after, set_status},
    done::Done,
    notice::Notice,
    problem::{Problem, ProblemKind},
};

/// No API is believed that asks for a longer pause, in seconds.
const LONGEST_PAUSE: u32 = 300;

/// A person, and the organization of their session.
pub(super) struct Administrator {
    pub(super) organization: Organization,
    pub(super) session: Arc<OpenSession>,
}

impl Administrator {
    /// Whoever asks, if they may do what is done at `path`.
    pub(super) fn for_path(path: &'static str) -> Result<Self, Problem> {
        let request = Request::current()?;
        let session = request.allowed(path)?;
        // A form of a page that was rendered before the person switched: it was not meant for this organization.
        let meant = query_parameter(ORGANIZATION);
        if meant.is_some() && meant.as_deref() != session.signed_in.organization_id() {
            let problem = Problem {
                status: 409,
                ..Problem::new(ProblemKind::BadRequest, request.reference.0.as_str())
            };
            problem.log("the form is of another organization than the session");
            set_status(&problem);
            return Err(problem);
        }
        let organization = request.services.management.organization(&session.signed_in);
        let organization = organization.ok_or_else(|| {
            // Signed in to no organization: there is nothing to administer.
            let problem = Problem::new(ProblemKind::Forbidden, request.reference.0.as_str());
            set_status(&problem);
            problem
        })?;
        Ok(Self {
            organization,
            session,
        })
    }

    /// An identifier from a form; `None` if it cannot be one.
    #[expect(clippy::unused_self, reason = "reads as what it is for")]
    pub(super) fn id(&self, text: &str) -> Option<ApiId> {
        ApiId::parse(text).ok()
    }

    /// What keeps the person from giving somebody `role`, if anything does.
    pub(super) async fn obstacle_to_giving(&self, role: &str) -> Result<Option<Notice>, ManagementError> {
        let roles = self.organization.roles().await?;
        let own = &self.session.signed_in.permissions;
        Ok(if !roles.iter().any(|known| known.name == role) {
            Some(Notice::NotAccepted)
        } else if brings_no_more(&roles, role, own) {
            None
        } else {
            Some(Notice::BeyondYou)
        })
    }

    /// Whether `member` is the person who asks.
    pub(super) fn is(&self, member: &ApiId) -> bool {
        member.as_str() == self.session.signed_in.user.sub
    }

    /// The answer to something that was not even tried.
    #[expect(clippy::unused_self, reason = "reads as what it is for")]
    pub(super) fn refuse(&self, notice: Notice, next: Option<String>) -> Done {
        Done::with(notice, next.as_deref())
    }

    /// The answer after the management API has been asked: `done`, or why not.
    pub(super) fn answer(
        &self,
        outcome: Result<(), ManagementError>,
        done: Notice,
        next: Option<String>,
    ) -> Done {
        let notice = match &outcome {
            Ok(()) => done,
            Err(error) => {
                tell(error);
                if let ManagementError::Busy { retry_after } = error {
                    set_retry_after(retry_after.unwrap_or(1).min(LONGEST_PAUSE));
                }
                error.into()
            }
        };
        if outcome.is_ok() {
            tracing::info!(
                user.id = %self.session.signed_in.user.sub,
                organization.id = %self.organization.id(),
                action = ?done,
                "the organization was changed"
            );
        }
        Done::with(notice, next.as_deref())
    }
}

/// Whether what was typed is text.
pub(super) fn is_plain(text: impl AsRef<str>) -> bool {
    !text
        .as_ref()
        .chars()
        .any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER)
}

/// Tells the log of a call that failed, as loudly as somebody must act.
pub(super) fn tell(error: &ManagementError) {
    let chain = auth::error_chain(error);
    if error.needs_an_operator() {
        tracing::error!(error = %chain, "the management API refuses this application");
    } else if error.passes() {
        tracing::warn!(error = %chain, "the management API failed for now");
    } else {
        tracing::info!(error = %chain, "the management API refused");
    }
}
