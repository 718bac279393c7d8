//! Random secrets: what a browser holds, what a letter says, what is printed on a card.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::error::Failure;

/// Letters and digits that aren't mistaken for one another.
const CLEAR: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// 256 random bits as text for cookies and addresses; only its hash is kept.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Token {
    /// A new one. An error where the system has no randomness.
    pub fn random() -> Result<Self, Failure> {
        Ok(Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(random::<32>()?))))
    }

    /// What someone sent back, whatever it is.
    pub fn sent(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The text to hand out.
    pub fn show(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.as_bytes()))
    }
}

/// Eight random digits, for someone to type on the device where they asked.
pub fn digits() -> Result<Zeroizing<String>, Failure> {
    let number = u64::from_be_bytes(random()?) % 100_000_000;
    Ok(Zeroizing::new(format!("{number:08}")))
}

/// Random groups of four clear letters and digits, 20 bits each, with a hyphen between.
pub fn letters(groups: usize) -> Result<Zeroizing<String>, Failure> {
    let group = |_| {
        let bytes: [u8; 4] = random()?;
        Ok(bytes.iter().map(|byte| char::from(CLEAR[usize::from(byte % 32)])).collect::<String>())
    };
    let groups: Result<Vec<String>, Failure> = (0..groups).map(group).collect();
    Ok(Zeroizing::new(groups?.join("-")))
}

/// A code as typed, in its usual spelling: capitals and digits only.
pub fn typed(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).take(64).collect()
}

/// Random bytes of the system.
pub fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|cause| Failure::internal(cause.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_differ() {
        let (Ok(one), Ok(other)) = (Token::random(), Token::random()) else { panic!("no randomness") };
        assert_eq!(one.show().len(), 43);
        assert_ne!(one.show(), other.show());
        assert_eq!(one.hash(), Token::sent(one.show()).hash());
        assert!(!format!("{one:?}").contains(one.show()));
    }

    #[test]
    fn a_code_may_be_typed_as_people_do() {
        let Ok(code) = letters(4) else { panic!("no randomness") };
        assert_eq!(code.len(), 19);
        assert_eq!(typed(&code), typed(&format!(" {} ", code.to_lowercase().replace('-', " "))));
        assert_eq!(digits().map(|code| code.len()).ok(), Some(8));
    }
}
