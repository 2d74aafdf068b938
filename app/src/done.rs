//! What a server function that does something answers: JSON for scripts, and for a form the way back to its page, with a
//! notice.

use serde::{Deserialize, Serialize};

/// `{success: true, message}`, `{success: true, message, location}` or `{success: false, error}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Whether it is done.
    pub success: bool,
    /// In words, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where to go on, if it is a way to somewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Why it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[cfg(feature = "ssr")]
impl Done {
    /// Answers with `notice`, and leads a form back to `next`.
    pub fn with(notice: crate::notice::Notice, next: Option<&str>) -> Self {
        use crate::context::{is_form, set_code};

        if is_form() {
            go_back(notice, next);
        } else {
            set_code(notice.status());
        }
        let text = Some(notice.text().to_owned());
        let success = notice.status() == 200;
        let (message, error) = if success { (text, None) } else { (None, text) };
        Self {
            success,
            message,
            location: None,
            error,
        }
    }

    /// Answers with a way to `location`, which is somewhere else; a form is led there.
    pub fn at(location: &url::Url, notice: crate::notice::Notice) -> Self {
        use crate::context::{is_form, see_other};

        if is_form() {
            see_other(location.as_str());
        }
        Self {
            success: true,
            message: Some(notice.text().to_owned()),
            location: Some(location.as_str().to_owned()),
            error: None,
        }
    }
}

/// Leads a form back to its page, which then says what came of it.
#[cfg(feature = "ssr")]
pub(crate) fn go_back(notice: crate::notice::Notice, next: Option<&str>) {
    let next = auth::local_path::LocalPath::parse_or_dashboard(next);
    crate::context::see_other(&notice.after(next.as_str()));
}
