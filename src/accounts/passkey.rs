//! Passkeys: keys on people's own devices, which ask for a finger, a face or a PIN before they answer. One is enough to sign in.
//!
//! A browser offers the passkeys of the account it is known to, so that asking about an address tells nothing. They need a name in
//! the address of the service: browsers give none to a bare IP address.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use url::Url;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{
        CreationChallengeResponse, Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
        RegisterPublicKeyCredential, RequestChallengeResponse,
    },
};

use super::{letters::Sender, session::Browser, token::Token};
use crate::{
    audit::{self, Action, Actor, Entry},
    db::Conn,
    error::{Failure, Problem},
    mail::Change,
    schema::{known_browsers, passkey_rounds, passkeys},
    values::{AccountId, SubjectId},
    vault::{Key, Place, Sealed, Vault},
};

/// How long a device may take to answer.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);
/// Most passkeys of one account.
const MOST: usize = 20;
/// Longest name of a passkey, in characters.
const LONGEST_NAME: usize = 60;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = passkeys)]
struct Row {
    id: String,
    account_id: String,
    name: Sealed,
    passkey: Sealed,
    added_at: NaiveDateTime,
    used_at: Option<NaiveDateTime>,
}

/// A passkey as its owner sees it.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// To take it away by.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was added, UTC.
    #[serde(skip)]
    pub added_at: NaiveDateTime,
}

/// What makes and checks passkeys for the service at this address; none where it has no name.
pub fn for_service(address: &Url) -> Option<Webauthn> {
    let host = address.domain()?;
    let builder = WebauthnBuilder::new(host, address).ok()?.rp_name("Footbridge");
    // On this machine alone, the port is whatever was free.
    builder.allow_any_port(host == "localhost").build().ok()
}

fn place(column: &'static str, id: &str) -> Place {
    Place::new("passkeys", column, id)
}

fn key_of(c: &mut Conn, vault: &Vault, account: AccountId) -> Result<Key, Failure> {
    vault.key(c, SubjectId(account.0))?.ok_or(Failure::NotFound)
}

/// An account's passkeys, the oldest first.
fn of(c: &mut Conn, key: &Key, account: AccountId) -> Result<Vec<(Row, Passkey)>, Failure> {
    let theirs = passkeys::table.filter(passkeys::account_id.eq(account.to_string())).order(passkeys::added_at);
    let rows: Vec<Row> = theirs.limit(i64::try_from(MOST).unwrap_or(i64::MAX)).select(Row::as_select()).load(c)?;
    rows.into_iter().map(|row| opened::<Passkey>(key, &place("passkey", &row.id), &row.passkey).map(|it| (row, it))).collect()
}

fn opened<T: DeserializeOwned>(key: &Key, place: &Place, sealed: &Sealed) -> Result<T, Failure> {
    Ok(serde_json::from_str(key.open(place, sealed)?.show())?)
}

/// What an account's passkeys are called.
pub fn named(c: &mut Conn, vault: &Vault, account: AccountId) -> Result<Vec<Line>, Failure> {
    let key = key_of(c, vault, account)?;
    let line = |(row, _): (Row, Passkey)| {
        let name = key.open(&place("name", &row.id), &row.name)?.show().to_owned();
        Ok(Line { id: row.id, name, added_at: row.added_at })
    };
    of(c, &key, account)?.into_iter().map(line).collect()
}

/// Something asked of a device: what goes to the browser, and the name under which the answer comes back.
#[derive(Serialize)]
pub struct Asked<T> {
    round: String,
    options: T,
}

/// Keeps what was asked until the answer comes.
fn keep<T: Serialize>(c: &mut Conn, key: &Key, account: AccountId, asked: &T, now: NaiveDateTime) -> Result<String, Failure> {
    let round = Token::random()?;
    let id = round.hash();
    let sealed = key.seal(&Place::new("passkey_rounds", "asked", &id), &serde_json::to_string(asked)?);
    let row = (
        passkey_rounds::id.eq(&id),
        passkey_rounds::account_id.eq(account.to_string()),
        passkey_rounds::asked.eq(sealed),
        passkey_rounds::asked_at.eq(now),
    );
    diesel::insert_into(passkey_rounds::table).values(row).execute(c)?;
    Ok(round.show().to_owned())
}

/// Takes what was asked, once, if the answer comes in time.
fn take<T: DeserializeOwned>(
    c: &mut Conn,
    vault: &Vault,
    round: &str,
    now: NaiveDateTime,
) -> Result<Option<(AccountId, Key, T)>, Failure> {
    let id = Token::sent(round).hash();
    let open = passkey_rounds::table.find(&id).filter(passkey_rounds::asked_at.gt(now - PATIENCE));
    let found: Option<(String, Sealed)> = open.select((passkey_rounds::account_id, passkey_rounds::asked)).first(c).optional()?;
    let taken = diesel::delete(passkey_rounds::table.find(&id)).execute(c)?;
    let Some((account, asked)) = found.filter(|_| taken == 1) else { return Ok(None) };
    let account = account.parse().map_err(|_| Failure::internal("a round without an account"))?;
    let key = key_of(c, vault, account)?;
    // One that was asked for something else doesn't read as this.
    let asked = opened(&key, &Place::new("passkey_rounds", "asked", &id), &asked).ok();
    Ok(asked.map(|asked| (account, key, asked)))
}

/// Asks a device for a new passkey.
pub fn begin_adding(
    c: &mut Conn,
    vault: &Vault,
    webauthn: &Webauthn,
    account: AccountId,
    name: &str,
    now: NaiveDateTime,
) -> Result<Asked<CreationChallengeResponse>, Failure> {
    let key = key_of(c, vault, account)?;
    let known = of(c, &key, account)?;
    if known.len() >= MOST {
        return Err(Failure::invalid("passkey", "You have 20 passkeys. Take one away first."));
    }
    let ids = known.iter().map(|(_, passkey)| passkey.cred_id().clone()).collect();
    let (options, asked) = webauthn.start_passkey_registration(account.0, name, name, Some(ids)).map_err(Failure::internal)?;
    Ok(Asked { round: keep(c, &key, account, &asked, now)?, options })
}

/// A device's new passkey.
#[derive(Debug, Deserialize)]
pub struct Added {
    /// What was asked.
    pub round: String,
    /// What its owner calls it.
    #[serde(default)]
    pub name: String,
    /// What the device answered.
    pub credential: RegisterPublicKeyCredential,
}

/// Adds the passkey that the device made for this account.
pub fn add(
    c: &mut Conn,
    sender: &Sender,
    webauthn: &Webauthn,
    account: AccountId,
    Added { round, name, credential }: &Added,
    now: NaiveDateTime,
) -> Result<(), Failure> {
    let refused = || Failure::Invalid(vec![Problem::new("passkey", "That didn’t work. Try again.")]);
    let (asker, key, asked) = take::<PasskeyRegistration>(c, &sender.vault, round, now)?.ok_or_else(refused)?;
    if asker != account {
        return Err(refused());
    }
    let passkey = webauthn.finish_passkey_registration(credential, &asked).map_err(|_| refused())?;
    let id = id_of(&passkey);
    if passkeys::table.find(&id).select(passkeys::id).first::<String>(c).optional()?.is_some() {
        return Err(refused());
    }
    let name: String = name.trim().chars().take(LONGEST_NAME).collect();
    let name = if name.is_empty() { "My passkey" } else { &name };
    let row = Row {
        name: key.seal(&place("name", &id), name),
        passkey: key.seal(&place("passkey", &id), &serde_json::to_string(&passkey)?),
        account_id: account.to_string(),
        added_at: now,
        used_at: None,
        id,
    };
    diesel::insert_into(passkeys::table).values(&row).execute(c)?;
    sender.changed(c, account, Change::SignIn, now)?;
    note(c, account, Action::PasskeyAdded, now)
}

fn id_of(passkey: &Passkey) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(passkey.cred_id())
}

/// Takes one of an account's passkeys away. Not found where it has no such one.
pub fn remove(c: &mut Conn, sender: &Sender, account: AccountId, id: &str, now: NaiveDateTime) -> Result<(), Failure> {
    let theirs = passkeys::table.find(id).filter(passkeys::account_id.eq(account.to_string()));
    if diesel::delete(theirs).execute(c)? != 1 {
        return Err(Failure::NotFound);
    }
    sender.changed(c, account, Change::SignIn, now)?;
    note(c, account, Action::PasskeyRemoved, now)
}

/// Takes all of an account's passkeys away, and what was asked of its devices.
pub fn forget(c: &mut Conn, account: AccountId) -> Result<(), Failure> {
    diesel::delete(passkeys::table.filter(passkeys::account_id.eq(account.to_string()))).execute(c)?;
    diesel::delete(passkey_rounds::table.filter(passkey_rounds::account_id.eq(account.to_string()))).execute(c)?;
    Ok(())
}

fn note(c: &mut Conn, account: AccountId, action: Action, now: NaiveDateTime) -> Result<(), Failure> {
    let entry = Entry { actor: Actor::Account(account), action, subject: Some(SubjectId(account.0)), about: None };
    audit::record(c, &entry, now)
}

/// The account that this browser is known to, if it has passkeys.
pub fn offered(c: &mut Conn, browser: &Browser) -> Result<Option<AccountId>, Failure> {
    let Some(known) = &browser.known else { return Ok(None) };
    let account: Option<String> =
        known_browsers::table.find(known.hash()).select(known_browsers::account_id).first(c).optional()?;
    let Some(account) = account else { return Ok(None) };
    let any: Option<String> =
        passkeys::table.filter(passkeys::account_id.eq(&account)).select(passkeys::id).first(c).optional()?;
    Ok(any.and_then(|_| account.parse().ok()))
}

/// Asks a device to answer with one of the passkeys of the account that this browser is known to.
pub fn begin_signing_in(
    c: &mut Conn,
    vault: &Vault,
    webauthn: &Webauthn,
    browser: &Browser,
    now: NaiveDateTime,
) -> Result<Asked<RequestChallengeResponse>, Failure> {
    let account = offered(c, browser)?.ok_or(Failure::NotFound)?;
    let key = key_of(c, vault, account)?;
    let passkeys: Vec<Passkey> = of(c, &key, account)?.into_iter().map(|(_, passkey)| passkey).collect();
    let (options, asked) = webauthn.start_passkey_authentication(&passkeys).map_err(Failure::internal)?;
    Ok(Asked { round: keep(c, &key, account, &asked, now)?, options })
}

/// Whose passkey it is that answered; none where it isn't the right answer.
pub fn check(
    c: &mut Conn,
    vault: &Vault,
    webauthn: &Webauthn,
    round: &str,
    answer: &PublicKeyCredential,
    now: NaiveDateTime,
) -> Result<Option<AccountId>, Failure> {
    let Some((account, key, asked)) = take::<PasskeyAuthentication>(c, vault, round, now)? else { return Ok(None) };
    let Ok(result) = webauthn.finish_passkey_authentication(answer, &asked) else { return Ok(None) };
    for (row, mut passkey) in of(c, &key, account)? {
        let Some(changed) = passkey.update_credential(&result) else { continue };
        diesel::update(passkeys::table.find(&row.id)).set(passkeys::used_at.eq(now)).execute(c)?;
        if changed {
            let sealed = key.seal(&place("passkey", &row.id), &serde_json::to_string(&passkey)?);
            diesel::update(passkeys::table.find(&row.id)).set(passkeys::passkey.eq(sealed)).execute(c)?;
        }
        return Ok(Some(account));
    }
    Ok(None)
}

/// Drops what no device will answer any more.
pub fn tidy(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    diesel::delete(passkey_rounds::table.filter(passkey_rounds::asked_at.lt(now - PATIENCE))).execute(c)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_without_a_name_has_no_passkeys() {
        let service = |address: &str| Url::parse(address).ok().and_then(|address| for_service(&address)).is_some();
        assert!(service("https://footbridge.example") && service("http://localhost:8080"));
        assert!(!service("http://127.0.0.1:8080") && !service("http://[::1]:8080"));
    }
}
