//! What this application's open pages tell each other about the session they share, in all tabs of a browser.

use std::fmt;

use crate::tokens::Remaining;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// Somebody has signed out.
    SignedOut,
    /// A page of the session with this name is shown: the browser's session is that one now.
    Session(String),
    /// The session lives for so long from now on.
    Alive(Remaining),
}

impl Word {
    /// Pages of another release may say something else: they are not understood, and nothing happens.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let name = parts.next()?;
        match name {
            "signed-out" => Some(Self::SignedOut),
            "session" => Some(Self::Session(parts.next()?.to_owned())),
            "alive" => Some(Self::Alive(Remaining {
                idle_seconds: parts.next()?.parse().ok()?,
                absolute_seconds: parts.next()?.parse().ok()?,
            })),
            _ => None,
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedOut => f.write_str("signed-out"),
            Self::Session(name) => write!(f, "session {name}"),
            Self::Alive(remaining) => {
                write!(
                    f,
                    "alive {} {}",
                    remaining.idle_seconds, remaining.absolute_seconds
                )
            }
        }
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use wasm_bindgen::{JsCast as _, closure::Closure};
    use web_sys::{BroadcastChannel, MessageEvent};

    use super::Word;

    const CHANNEL: &str = "scalekit-session";

    /// Tells every island that listens, in this page and in all others.
    pub(in crate::islands) fn tell(word: Word) {
        // A channel does not hear itself; a new one is heard by all the others.
        if let Ok(channel) = BroadcastChannel::new(CHANNEL) {
            let _ = channel.post_message(&word.to_string().into());
        }
    }

    /// Listens for as long as the page lives.
    pub(in crate::islands) fn listen(hear: impl Fn(Word) + 'static) {
        let Ok(channel) = BroadcastChannel::new(CHANNEL) else {
            return;
        };
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(word) = event.data().as_string().and_then(|text| Word::parse(&text)) {
                hear(word);
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();
    }
}

#[cfg(feature = "hydrate")]
pub(super) use browser::{listen, tell};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_understood() {
        let alive = Word::Alive(Remaining {
            idle_seconds: 3600,
            absolute_seconds: 86_400,
        });
        assert_eq!(alive.to_string(), "alive 3600 86400");
        for word in [Word::SignedOut, Word::Session("0a1b".to_owned()), alive] {
            assert_eq!(Word::parse(&word.to_string()), Some(word));
        }
    }

    #[test]
    fn what_is_no_word_is_not() {
        for text in [
            "",
            "alive",
            "alive 1",
            "session",
            "alive soon later",
            "signed-in",
            "Alive 1 2",
        ] {
            assert_eq!(Word::parse(text), None, "{text}");
        }
    }
}
