//! What the emulator does, seen from outside: over HTTP, as an application and as a browser.

mod application;
mod browser;
mod control;
mod logout;
mod refresh;
mod sign_in;
mod tokens;
