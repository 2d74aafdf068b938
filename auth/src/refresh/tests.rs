//! Sessions outlive whatever happens while their tokens are renewed (promises 12 to 15): single misfortunes by name,
//! and all of them at once in [`model`].

mod bench;
mod crashes;
mod dice;
mod endings;
mod family;
mod faults;
mod model;
mod one_exchange;
mod process;
mod provider;
mod store_outages;
mod world;
