//! The few drawings we need, inline so that they take the text's colour and cost no request.

use leptos::prelude::*;

/// Which drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// A shield: security.
    Shield,
    /// A key: permissions.
    Key,
    /// A bolt: speed.
    Bolt,
    /// A person.
    Person,
    /// A building: organization.
    Building,
    /// A clock: lifetimes.
    Clock,
    /// A list: claims.
    List,
    /// A tick.
    Tick,
    /// An arrow onwards.
    Arrow,
    /// A warning sign.
    Warning,
    /// A padlock: not for you.
    Lock,
    /// Several people.
    People,
    /// A globe: domains.
    Globe,
    /// Two arrows: synchronization, renewal.
    Sync,
    /// A screen: devices.
    Screen,
    /// A cross.
    Cross,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Shield => "M12 3l7 3v5c0 4.6-2.9 8.3-7 10-4.1-1.7-7-5.4-7-10V6l7-3zM9 12l2 2 4-4",
            Self::Key => "M12 16a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM11 13l8.5-8.5M16 8l3 3",
            Self::Bolt => "M13 3L5 14h6l-1 7 8-11h-6l1-7z",
            Self::Person => {
                "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5"
            }
            Self::Building => "M5 21V5l8-2v18M13 9h6v12M3 21h18M8.5 8h1M8.5 12h1M8.5 16h1M16 13h.5M16 17h.5",
            Self::Clock => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",
            Self::List => "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
            Self::Tick => "M5 12.5l4.5 4.5L19 7.5",
            Self::Arrow => "M5 12h14M13 6l6 6-6 6",
            Self::Lock => "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
            Self::People => {
                "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19c.6-3 3.2-4.7 6.5-4.7s5.9 1.7 6.5 4.7M16 4.3a3.5 3.5 0 0 1 \
                 0 6.4M18 14.8c2 .6 3.2 2.1 3.5 4.2"
            }
            Self::Globe => {
                "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c2.5 2.6 3.7 5.6 3.7 9s-1.2 6.4-3.7 9c-2.5-2.6-3.7-5.6-3.7\
                 -9S9.500 5.600 12 3z"
            }
            Self::Sync => {
                "M4 12a8 8 0 0 1 13.7-5.6L20 8.500M20 4v4.500h-4.500M20 12a8 8 0 0 1-13.700 5.600L4 15.500M4 20v-4.500h4.500"
            }
            Self::Screen => "M3.500 5h17v11h-17zM9 20h6M12 16v4",
            Self::Cross => "M6 6l12 12M18 6L6 18",
            Self::Warning => "M12 4L2.5 20h19L12 4zM12 10v4M12 17h.01",
        }
    }
}

/// A drawing beside words; it says nothing that the words do not.
#[component]
pub fn Icon(
    /// Which drawing.
    glyph: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=glyph.path()/>
        </svg>
    }
}
