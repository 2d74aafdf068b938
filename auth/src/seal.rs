//! Encryption at rest: AES-256-GCM under keys derived with HKDF-SHA-256 (RFC 5869) from `SESSION_SECRETS`.
//!
//! Every purpose has keys of its own, and a caller may mix a second ingredient into the key: session records mix in
//! the cookie value, so that neither the database nor the secrets alone open them (promise 8).
//!
//! A sealed value is `format (1 byte) | key id (4) | nonce (12) | ciphertext and tag`. The key id says which secret
//! sealed it, so that older secrets still open older values after a rotation.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest,
    hkdf::{HKDF_SHA256, Prk, Salt},
    hmac,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::clock::Surroundings;

const FORMAT: u8 = 1;
const KEY_ID_LEN: usize = 4;
const HEADER_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;
/// `SESSION_SECRETS` are keys of 256 bits.
pub const SECRET_LEN: usize = 32;

/// What a key is for. A value sealed for one purpose does not open for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The session record: tokens, claims, everything.
    Session,
    /// What a person's other sessions may show of this one: device and times.
    SessionSummary,
    /// The sign-in in progress, kept in a cookie.
    Transaction,
    /// Keyed hashes for look-up columns.
    Index,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Session => b"session record",
            Self::SessionSummary => b"session summary",
            Self::Transaction => b"sign-in transaction",
            Self::Index => b"look-up index",
        }
    }
}

/// Why a sealed value does not open. Deliberately vague: whoever tampers learns nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value is damaged, foreign, or was sealed with a secret that is no longer configured")]
pub struct OpenError;

/// Why `SESSION_SECRETS` cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// Nothing was given.
    #[error("it is empty")]
    Empty,
    /// One of the comma-separated parts is not base64 of 32 bytes.
    #[error("key {0} is not base64 of exactly 32 bytes")]
    Malformed(usize),
}

/// The keys of `SESSION_SECRETS`, newest first: the first seals, all open.
#[derive(Clone)]
pub struct Secrets(Vec<Secret>);

#[derive(Clone)]
struct Secret {
    id: [u8; KEY_ID_LEN],
    root: Prk,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} redacted)", self.0.len())
    }
}

impl Secrets {
    /// Reads comma-separated base64 keys of 32 bytes, newest first.
    pub fn parse(text: &str) -> Result<Self, SecretsError> {
        let keys = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .enumerate()
            .map(|(index, part)| {
                let bytes = STANDARD
                    .decode(part)
                    .map_err(|_| SecretsError::Malformed(index + 1))?;
                <[u8; SECRET_LEN]>::try_from(bytes).map_err(|_| SecretsError::Malformed(index + 1))
            })
            .collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(SecretsError::Empty);
        }
        Ok(Self(keys.iter().map(Secret::new).collect()))
    }

    /// A new random key in the notation of `SESSION_SECRETS`.
    pub fn generate(surroundings: &Surroundings) -> String {
        STANDARD.encode(surroundings.random::<SECRET_LEN>())
    }

    /// Seals `plaintext` for `purpose`. `ingredient` is mixed into the key; `context` is bound to the value but not
    /// kept in it. Both must be the same to open it.
    pub fn seal(
        &self,
        purpose: Purpose,
        ingredient: &[u8],
        context: &[u8],
        plaintext: &[u8],
        surroundings: &Surroundings,
    ) -> Vec<u8> {
        let [secret, ..] = self.0.as_slice() else {
            unreachable!("parse() refuses an empty list")
        };
        let nonce = surroundings.random::<NONCE_LEN>();
        let mut ciphertext = plaintext.to_vec();
        secret
            .aead(purpose, ingredient)
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context),
                &mut ciphertext,
            )
            .unwrap_or_else(|_| unreachable!("AES-GCM refuses only plaintexts beyond 64 GiB"));

        let mut sealed = Vec::with_capacity(HEADER_LEN + ciphertext.len());
        sealed.push(FORMAT);
        sealed.extend_from_slice(&secret.id);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut ciphertext);
        sealed
    }

    /// Opens what [`Secrets::seal`] made with the same purpose, ingredient and context.
    pub fn open(
        &self,
        purpose: Purpose,
        ingredient: &[u8],
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Vec<u8>, OpenError> {
        let (header, ciphertext) = sealed.split_at_checked(HEADER_LEN).ok_or(OpenError)?;
        let (format, rest) = header.split_first().ok_or(OpenError)?;
        let (id, nonce) = rest.split_at_checked(KEY_ID_LEN).ok_or(OpenError)?;
        if *format != FORMAT {
            return Err(OpenError);
        }
        let secret = self.0.iter().find(|secret| secret.id == id).ok_or(OpenError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| OpenError)?;
        let mut buffer = ciphertext.to_vec();
        let length = secret
            .aead(purpose, ingredient)
            .open_in_place(nonce, Aad::from(context), &mut buffer)
            .map_err(|_| OpenError)?
            .len();
        buffer.truncate(length);
        Ok(buffer)
    }

    /// The keyed hash under which a value is found again without being readable, made with the newest secret.
    pub fn index(&self, value: &[u8]) -> [u8; 32] {
        let [secret, ..] = self.0.as_slice() else {
            unreachable!("parse() refuses an empty list")
        };
        secret.index(value)
    }

    /// All hashes under which a value may be found: a row keeps the one of the secret that was the newest when it was
    /// written.
    pub fn indexes(&self, value: &[u8]) -> Vec<[u8; 32]> {
        self.0.iter().map(|secret| secret.index(value)).collect()
    }
}

impl Secret {
    fn new(key: &[u8; SECRET_LEN]) -> Self {
        let mut id = [0; KEY_ID_LEN];
        for (to, from) in id
            .iter_mut()
            .zip(digest::digest(&digest::SHA256, &[b"key id", key.as_slice()].concat()).as_ref())
        {
            *to = *from;
        }
        Self {
            id,
            root: Salt::new(HKDF_SHA256, b"scalekit sign-in for leptos").extract(key),
        }
    }

    fn derive(&self, purpose: Purpose, ingredient: &[u8]) -> [u8; 32] {
        let mut key = [0; 32];
        self.root
            .expand(&[purpose.label(), ingredient], HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut key))
            .unwrap_or_else(|_| unreachable!("32 bytes are within HKDF's limit of 255 blocks"));
        key
    }

    fn index(&self, value: &[u8]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.derive(Purpose::Index, &[]));
        let mut out = [0; 32];
        out.copy_from_slice(hmac::sign(&key, value).as_ref());
        out
    }

    fn aead(&self, purpose: Purpose, ingredient: &[u8]) -> LessSafeKey {
        let key = UnboundKey::new(&AES_256_GCM, &self.derive(purpose, ingredient))
            .unwrap_or_else(|_| unreachable!("the derived key has the length that AES-256 wants"));
        LessSafeKey::new(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(bytes: &[u8]) -> Secrets {
        let text: Vec<_> = bytes
            .iter()
            .map(|byte| STANDARD.encode([*byte; SECRET_LEN]))
            .collect();
        Secrets::parse(&text.join(", ")).unwrap()
    }

    fn sealed_by(secrets: &Secrets) -> Vec<u8> {
        secrets.seal(
            Purpose::Session,
            b"cookie",
            b"row",
            b"tokens",
            &Surroundings::system(),
        )
    }

    #[test]
    fn what_was_sealed_opens() {
        let secrets = secrets(&[1]);
        let opened = secrets.open(Purpose::Session, b"cookie", b"row", &sealed_by(&secrets));
        assert_eq!(opened.as_deref(), Ok(b"tokens".as_slice()));
    }

    /// Rules: transaction-sealed
    #[test]
    fn it_opens_only_for_its_purpose_ingredient_and_context() {
        let secrets = secrets(&[1]);
        let sealed = sealed_by(&secrets);
        assert_eq!(
            secrets.open(Purpose::Transaction, b"cookie", b"row", &sealed),
            Err(OpenError)
        );
        assert_eq!(
            secrets.open(Purpose::Session, b"another cookie", b"row", &sealed),
            Err(OpenError)
        );
        assert_eq!(
            secrets.open(Purpose::Session, b"cookie", b"another row", &sealed),
            Err(OpenError)
        );
    }

    /// Rules: transaction-sealed
    #[test]
    fn any_changed_byte_or_missing_end_is_noticed() {
        let secrets = secrets(&[1]);
        let sealed = sealed_by(&secrets);
        for position in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[position] ^= 1;
            assert_eq!(
                secrets.open(Purpose::Session, b"cookie", b"row", &damaged),
                Err(OpenError)
            );
            assert_eq!(
                secrets.open(Purpose::Session, b"cookie", b"row", &sealed[..position]),
                Err(OpenError)
            );
        }
    }

    #[test]
    fn an_old_secret_opens_until_it_is_removed() {
        let sealed = sealed_by(&secrets(&[1]));
        assert!(
            secrets(&[2, 1])
                .open(Purpose::Session, b"cookie", b"row", &sealed)
                .is_ok()
        );
        assert_eq!(
            secrets(&[2]).open(Purpose::Session, b"cookie", b"row", &sealed),
            Err(OpenError)
        );
    }

    #[test]
    fn malformed_secrets_are_named_by_position() {
        assert_eq!(Secrets::parse(" , ").unwrap_err(), SecretsError::Empty);
        let good = STANDARD.encode([7; SECRET_LEN]);
        assert_eq!(
            Secrets::parse(&format!("{good},short")).unwrap_err(),
            SecretsError::Malformed(2)
        );
    }
}
