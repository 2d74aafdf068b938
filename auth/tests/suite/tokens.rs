//! What a token must be like to sign somebody in: a provider that bends it, and the check that notices.

mod access_token;
mod any_claims;
mod dates;
mod id_token;
mod inspection;
mod key_rotation;
mod keys;
mod refresh;
mod shape;
mod signature;
