//! Authenticated encryption as the vault uses it: XChaCha20-Poly1305, a random nonce each time, text in and out.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::{Zeroize, Zeroizing};

/// What a secret key is.
pub(super) type Secret = Zeroizing<[u8; 32]>;

/// How this way of sealing begins, so that a later one can be told from it.
const VERSION: &str = "1.";
const NONCE: usize = 24;

/// Random bytes from the system.
#[allow(clippy::expect_used, reason = "a machine without randomness can keep nothing secret, so it must not go on")]
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    bytes
}

/// A new secret key.
pub(super) fn new_secret() -> Secret {
    Zeroizing::new(random())
}

/// A secret key from its base64.
pub(super) fn secret_from(text: &str) -> Option<Secret> {
    let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let secret = <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Zeroizing::new);
    bytes.zeroize();
    secret
}

/// Joins parts so that no two lists of parts give the same bytes.
pub(crate) fn joined(parts: &[impl AsRef<str>]) -> Vec<u8> {
    let framed = |part: &str| [&(part.len() as u64).to_be_bytes(), part.as_bytes()].concat();
    parts.iter().flat_map(|part| framed(part.as_ref())).collect()
}

/// Seals `plain`, which then opens only with the same key and the same `bound` parts.
#[allow(clippy::expect_used, reason = "it fails from 256 GB on")]
pub(super) fn seal(key: &Secret, bound: &[impl AsRef<str>], plain: &[u8]) -> String {
    let nonce: [u8; NONCE] = random();
    let payload = Payload { msg: plain, aad: &joined(bound) };
    let sealed = XChaCha20Poly1305::new((&**key).into()).encrypt(&XNonce::from(nonce), payload).expect("it is short enough");
    format!("{VERSION}{}", BASE64_URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
}

/// Opens what was sealed with the same key and the same `bound` parts.
pub(super) fn open(key: &Secret, bound: &[impl AsRef<str>], sealed: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed.strip_prefix(VERSION)?).ok()?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
    let payload = Payload { msg: sealed, aad: &joined(bound) };
    XChaCha20Poly1305::new((&**key).into()).decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
}
