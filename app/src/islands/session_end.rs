//! Tells people before their session ends, while they can still do something about it (WCAG 2.2.1).

#[cfg(any(feature = "hydrate", test))]
mod life;

use leptos::{html, prelude::*};

/// A bar at the foot of the window in the last two minutes of the session, with a way to go on; at the end the page
/// reloads, so that the server decides what may be shown. Says nothing until the browser has brought it to life.
#[cfg(feature = "ssr")]
#[component]
pub fn SessionEnd(
    /// How long the session lives when the page is rendered.
    remaining: crate::tokens::Remaining,
    /// Where the person signs in again and comes back from.
    sign_in_again: String,
) -> impl IntoView {
    view! {
        <Announcing>
            // Only what comes into a region that is there already is read out everywhere.
            <p class="unseen" role="status"></p>
            <aside class="session-end" aria-label="Your session" hidden
                data-idle=remaining.idle_seconds data-absolute=remaining.absolute_seconds>
                <p>
                    <span class="session-end-before"></span>
                    <span class="session-end-left" aria-hidden="true"></span>
                    <span class="session-end-about unseen"></span>
                    <span class="session-end-after"></span>
                </p>
                <button class="button is-primary" type="button" hidden>"Stay signed in"</button>
                <a class="button" rel="external" href=sign_in_again hidden>"Sign in again"</a>
            </aside>
        </Announcing>
    }
    .into_any()
}

/// Brings it to life.
#[island]
pub fn Announcing(
    /// The bar.
    children: Children,
) -> impl IntoView {
    let root = NodeRef::<html::Div>::new();
    #[cfg(feature = "hydrate")]
    super::markup::bring_to_life(root, browser::announce);
    view! { <div class="island" node_ref=root>{children()}</div> }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::{
        cell::{Cell, RefCell},
        rc::Rc,
        time::Duration,
    };

    use leptos::{prelude::*, task::spawn_local};
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, Event, FocusEvent, HtmlElement};

    use super::life::{End, Life, Phase, Reply, Saying, about, exactly};
    use crate::{
        islands::{
            ask::{NoAnswer, stay},
            markup::{number, on, part, show},
            page::reload,
            tabs::{Word, listen, tell},
            ticks::{Ticks, every_second},
        },
        tokens::Remaining,
    };

    /// Time to read a sentence, for slow readers too.
    const REPLY_SHOWS: Duration = Duration::from_secs(8);

    /// The bar and what it knows.
    struct Bar {
        status: Element,
        frame: Element,
        before: Element,
        left: Element,
        about: Element,
        after: Element,
        stay: Element,
        sign_in_again: Element,
        life: Cell<Life>,
        elapsed: Cell<i64>,
        reply: Cell<Reply>,
        said: Cell<Saying>,
        /// Where the focus was before it came to the button.
        came_from: RefCell<Option<HtmlElement>>,
    }

    pub(super) fn announce(root: &Element) -> Option<()> {
        let frame = part(root, ".session-end")?;
        let remaining = Remaining {
            idle_seconds: number(&frame, "data-idle")?,
            absolute_seconds: number(&frame, "data-absolute")?,
        };
        let bar = Rc::new(Bar {
            status: part(root, "[role=status]")?,
            frame,
            before: part(root, ".session-end-before")?,
            left: part(root, ".session-end-left")?,
            about: part(root, ".session-end-about")?,
            after: part(root, ".session-end-after")?,
            stay: part(root, "button")?,
            sign_in_again: part(root, "a")?,
            life: Cell::new(Life::new(remaining)),
            elapsed: Cell::default(),
            reply: Cell::new(Reply::None),
            said: Cell::new(Saying::Nothing),
            came_from: RefCell::default(),
        });

        let this = Rc::clone(&bar);
        on(&bar.stay, "focus", move |event: FocusEvent| {
            let before = event.related_target();
            this.came_from
                .replace(before.and_then(|element| element.dyn_into().ok()));
        });
        let this = Rc::clone(&bar);
        on(&bar.stay, "click", move |_: Event| this.stay_signed_in());
        let this = Rc::clone(&bar);
        listen(move |word| {
            if let Word::Alive(remaining) = word {
                this.life
                    .set(this.life.get().prolonged(remaining, this.elapsed.get()));
                this.update();
            }
        });
        tell(Word::Alive(remaining));
        every_second(move |seconds| {
            bar.elapsed.set(seconds);
            bar.update()
        });
        Some(())
    }

    impl Bar {
        fn stay_signed_in(self: &Rc<Self>) {
            let this = Rc::clone(self);
            spawn_local(async move {
                this.reply.set(match stay().await {
                    Ok(()) => Reply::Kept,
                    Err(NoAnswer::SignedOut) => return reload(),
                    Err(NoAnswer::Unreached) => Reply::Unreached,
                });
                this.update();
                let forget = move || {
                    this.reply.set(Reply::None);
                    this.update();
                };
                set_timeout(forget, REPLY_SHOWS);
            });
        }

        /// Shows and says what is true now.
        fn update(&self) -> Ticks {
            let phase = self.life.get().phase(self.elapsed.get());
            if phase == Phase::Over {
                reload();
                return Ticks::End;
            }
            let reply = self.reply.get();
            let (end, left) = match phase {
                Phase::Ending(end, left) if reply != Reply::Kept => (Some(end), left),
                _ => (None, 0),
            };
            self.left.set_text_content(end.map(|_| exactly(left)).as_deref());

            let saying = Saying::new(reply, phase);
            if saying != self.said.replace(saying) {
                let write = |element: &Element, text: Option<&str>| element.set_text_content(text);
                let before = [reply.text(), end.map_or("", End::before)].concat();
                write(&self.status, Some(&saying.aloud(left)));
                write(&self.before, Some(&before));
                write(&self.about, end.map(|_| about(left)).as_deref());
                write(&self.after, end.map(End::after));
                let _ = self
                    .frame
                    .toggle_attribute_with_force("data-kept", reply == Reply::Kept);
                show(&self.frame, saying != Saying::Nothing);
                show(&self.stay, end == Some(End::Idle));
                show(&self.sign_in_again, end == Some(End::Absolute));
                if end != Some(End::Idle) {
                    self.give_focus_back();
                }
            }
            Ticks::GoOn
        }

        /// The button goes when it has been pressed; whoever uses the keyboard goes on where they were (WCAG 2.4.3).
        fn give_focus_back(&self) {
            let is_lost = |focus: Element| focus.matches("body, .session-end *").unwrap_or_default();
            if let Some(before) = self.came_from.take()
                && document().active_element().is_none_or(is_lost)
            {
                let _ = before.focus();
            }
        }
    }
}
