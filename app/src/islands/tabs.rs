//! What this application's open pages tell each other about the session they share, in all tabs of a browser.

use std::fmt;

use crate::tokens::Remaining;

/// One message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Somebody has signed out.
    SignedOut,
    /// The session lives for so long from now on.
    Alive(Remaining),
}

impl Word {
    /// Pages of another release may say something else: they are not understood, and nothing happens.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let name = parts.next()?;
        let mut seconds = || parts.next()?.parse().ok();
        match name {
            "signed-out" => Some(Self::SignedOut),
            "alive" => Some(Self::Alive(Remaining {
                idle_seconds: seconds()?,
                absolute_seconds: seconds()?,
            })),
            _ => None,
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedOut => f.write_str("signed-out"),
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
        for word in [Word::SignedOut, alive] {
            assert_eq!(Word::parse(&word.to_string()), Some(word));
        }
        assert_eq!(alive.to_string(), "alive 3600 86400");
    }

    #[test]
    fn what_is_no_word_is_not() {
        for text in [
            "",
            "alive",
            "alive 1",
            "alive soon later",
            "signed-in",
            "Alive 1 2",
        ] {
            assert_eq!(Word::parse(text), None, "{text}");
        }
    }
}
