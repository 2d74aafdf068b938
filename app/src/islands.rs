//! What the browser brings to life. Everything else on a page is finished when it arrives.

#[cfg(feature = "hydrate")]
mod ask;
pub mod copy;
pub mod countdown;
#[cfg(feature = "hydrate")]
mod live;
#[cfg(feature = "ssr")]
pub mod loader;
#[cfg(feature = "hydrate")]
mod markup;
#[cfg(feature = "hydrate")]
mod page;
#[cfg(feature = "hydrate")]
mod portal;
pub mod session_end;
pub mod session_watch;
#[cfg(any(feature = "hydrate", test))]
mod tabs;
#[cfg(feature = "hydrate")]
mod ticks;
pub mod token_actions;
