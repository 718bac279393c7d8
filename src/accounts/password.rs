//! Passwords: which are taken, how they are kept, and signing in with one.

use std::sync::OnceLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use chrono::NaiveDateTime;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

use super::{
    Principal, State,
    session::{self, Browser, Stage},
    store, ticket,
    token::Token,
    tries,
};
use crate::{
    app::App,
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::Failure,
    values::{AccountId, Email},
    vault::Vault,
};

/// Fewest characters.
const SHORTEST: usize = 12;
/// Most characters; more are no safer and only cost time.
pub const LONGEST: usize = 128;

/// A password as typed; it shows nowhere.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

impl Password {
    /// What someone typed to sign in, whatever it is.
    pub fn typed(text: &str) -> Self {
        Self(Zeroizing::new(text.chars().take(LONGEST).collect()))
    }

    /// A new one that is hard to guess, also for those who know its owner's `own` words; else what to do.
    pub fn new(text: &str, own: &[&str]) -> Result<Self, &'static str> {
        let length = text.chars().count();
        if length < SHORTEST {
            return Err("Use 12 letters, numbers or signs, or more. Four words that don’t belong together work well.");
        }
        if length > LONGEST {
            return Err("That is too long. Use up to 128 letters, numbers or signs.");
        }
        let known: Vec<&str> = own.iter().copied().chain(["footbridge"]).collect();
        if zxcvbn(text, &known).score() < Score::Three {
            return Err("That one is easy to guess. Four words that don’t belong together work well.");
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// How it is kept: argon2id, with a salt of its own. Takes some tens of milliseconds and 19 MiB on purpose.
    pub fn hashed(&self) -> Result<String, Failure> {
        let hash = Argon2::default().hash_password(self.0.as_bytes()).map_err(|cause| Failure::internal(cause.to_string()))?;
        Ok(hash.to_string())
    }

    /// Whether it is the one that is kept. Where none is kept it takes just as long.
    pub fn is(&self, kept: Option<&str>) -> Result<bool, Failure> {
        let nobodys = nobodys().ok_or_else(|| Failure::internal("no hash to compare with"))?;
        let hash = PasswordHash::new(kept.unwrap_or(nobodys)).map_err(|cause| Failure::internal(cause.to_string()))?;
        let same = Argon2::default().verify_password(self.0.as_bytes(), &hash).is_ok();
        Ok(same && kept.is_some())
    }
}

/// The hash of a password that nobody has, made with the same costs.
fn nobodys() -> Option<&'static str> {
    static NOBODYS: OnceLock<Option<String>> = OnceLock::new();
    NOBODYS.get_or_init(|| Password::typed(Token::random().ok()?.show()).hashed().ok()).as_deref()
}

/// How signing in with a password went.
#[derive(Debug)]
pub enum Outcome {
    /// On to the second step, with a session that can do nothing else.
    Second(Token),
    /// On to setting up the second step.
    SetUp(Token),
    /// They don't go together, or there is no such account, or it is closed: nobody can tell which.
    No,
    /// Too many tries for this address from browsers it isn't known to.
    TooManyForAddress,
    /// Too many tries from this network.
    TooManyFromNetwork,
}

/// Tries an address with a password. Blocks while the password is compared.
pub fn sign_in(app: &App, email: &Email, password: &Password, browser: &Browser) -> Result<Outcome, Failure> {
    let now = app.clock.stamp();
    let mark = app.vault.mark("email", email.as_str());
    let (account, counted_as) = match app.db.write_now(|c| look(c, app, &mark, browser, now))? {
        Ok(found) => found,
        Err(too_many) => return Ok(too_many),
    };
    let kept = account.as_ref().and_then(|account| account.password.as_deref());
    let right = password.is(kept)?;
    let account = account.filter(|account| right && account.state == State::Active.code());
    app.db.write_now(|c| match &account {
        Some(account) => {
            tries::forget(c, &app.vault, tries::PASSWORD, &counted_as)?;
            let stage = if account.totp_step.is_some() { Stage::Second } else { Stage::SetUp };
            let id: AccountId = account.id.parse().map_err(|_| Failure::internal("an account without an id"))?;
            let token = session::begin(c, id, stage, browser, now)?;
            Ok(if stage == Stage::Second { Outcome::Second(token) } else { Outcome::SetUp(token) })
        }
        None => {
            let entry = Entry { actor: Actor::Visitor, action: Action::SignInRefused, subject: None, about: None };
            audit::record(c, &entry, now)?;
            Ok(Outcome::No)
        }
    })
}

type Found = (Option<store::Row>, String);

/// The account, and what its tries are counted as; each try counts before it is looked at, so that many at once count, too.
fn look(c: &mut Conn, app: &App, mark: &str, browser: &Browser, now: NaiveDateTime) -> Result<Result<Found, Outcome>, Failure> {
    let account = store::account_by_mark(c, mark)?;
    let known = ticket::is_known(c, account.as_ref().map(|account| account.id.as_str()), browser)?;
    let counted_as = format!("{mark} {}", known.unwrap_or_default());
    if !browser.network.is_empty() && !tries::count(c, &app.vault, tries::NETWORK, &browser.network, now)? {
        return Ok(Err(Outcome::TooManyFromNetwork));
    }
    if !tries::count(c, &app.vault, tries::PASSWORD, &counted_as, now)? {
        return Ok(Err(Outcome::TooManyForAddress));
    }
    Ok(Ok((account, counted_as)))
}

/// The hash of the password of whoever is signed in; none where there were too many tries.
pub fn kept_within_limits(c: &mut Conn, vault: &Vault, who: &Principal, now: NaiveDateTime) -> Result<Option<String>, Failure> {
    let within = within_limits(c, vault, who, now)?;
    Ok(if within { store::account(c, who.account)?.and_then(|account| account.password) } else { None })
}

/// Counts a try of whoever is signed in to prove who they are. Whether it is within the limit.
pub fn within_limits(c: &mut Conn, vault: &Vault, who: &Principal, now: NaiveDateTime) -> Result<bool, Failure> {
    tries::count(c, vault, tries::PASSWORD, &format!("{} {}", who.account, who.session), now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_and_own_words_are_refused() {
        for poor in ["short", "password1234", "Footbridge2026", "aaaaaaaaaaaaaaaa", "qwertyuiop123"] {
            assert!(Password::new(poor, &[]).is_err(), "{poor}");
        }
        assert!(Password::new("alexandraharewood", &["Alexandra Harewood", "alexandra", "harewood"]).is_err());
        assert!(Password::new("lantern otter brisk Tuesday", &[]).is_ok());
    }

    #[test]
    fn only_the_same_password_is_the_same() {
        let Ok(password) = Password::new("lantern otter brisk Tuesday", &[]) else { panic!("a good password") };
        let Ok(kept) = password.hashed() else { panic!("no hash") };
        assert!(kept.starts_with("$argon2id$"), "{kept}");
        assert_eq!(password.is(Some(&kept)).ok(), Some(true));
        assert_eq!(Password::typed("lantern otter brisk Monday").is(Some(&kept)).ok(), Some(false));
        assert_eq!(password.is(None).ok(), Some(false));
        assert!(!format!("{password:?}").contains("otter"));
    }
}
