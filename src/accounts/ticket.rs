//! What lets someone in once: a link by mail, an invitation, a printed card.
//!
//! Asking for a link does the same for every address: a row and a job. Only the job looks whether there is an account, so neither
//! the answer nor its time tells. The link works in the browser that asked; on another device, the code from the letter is typed
//! where the link was asked for.

mod address;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use uuid::Uuid;

pub use self::address::{ADDRESS_LASTS, redeem_address, want_address, wanted_address};
use super::{
    State,
    session::{self, Browser, PROOF, Stage},
    store,
    token::{self, Token},
    tries,
};
use crate::{
    audit::{self, Action, Actor, Entry},
    db::Conn,
    demo,
    error::Failure,
    jobs,
    schema::{known_browsers, tickets},
    values::{AccountId, SubjectId, choice},
    vault::{Sealed, Vault},
};

/// How long a link by mail and its code work.
pub const LINK_LASTS: TimeDelta = TimeDelta::minutes(10);
/// How long an invitation works.
pub const INVITATION_LASTS: TimeDelta = TimeDelta::days(7);
/// How long a printed card works.
pub const CARD_LASTS: TimeDelta = TimeDelta::days(28);
/// How long a calendar's link works.
pub const FEED_LASTS: TimeDelta = TimeDelta::days(365);
/// How long the demo's own links work.
const DEMO_LASTS: TimeDelta = TimeDelta::days(1);
/// Most wrong codes for one link.
const MOST_TRIES: i32 = 5;
/// Groups of four letters on a card: 60 bits.
const CARD_GROUPS: usize = 3;
/// How long used and old tickets are kept.
const KEEP: TimeDelta = TimeDelta::days(1);

choice! {
    /// What a ticket is.
    Purpose {
        Link = "link", "A link by mail";
        Invitation = "invitation", "An invitation";
        Card = "card", "A printed card";
        Demo = "demo", "A link to try the demo";
        Feed = "feed", "A calendar's link";
        Address = "address", "A code to a new address";
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = tickets)]
struct Row {
    id: String,
    purpose: String,
    account_id: Option<String>,
    email_mark: Option<String>,
    browser: Option<String>,
    token: Option<String>,
    code: Option<String>,
    tries: i32,
    asked_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    used_at: Option<NaiveDateTime>,
    known: Option<String>,
    network: Option<String>,
    back: Option<String>,
    address: Option<Sealed>,
}

impl Row {
    fn new(purpose: Purpose, lasts: TimeDelta, now: NaiveDateTime) -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            purpose: purpose.code().to_owned(),
            account_id: None,
            email_mark: None,
            browser: None,
            token: None,
            code: None,
            tries: 0,
            asked_at: now,
            expires_at: now + lasts,
            used_at: None,
            known: None,
            network: None,
            back: None,
            address: None,
        }
    }

    fn keep(&self, c: &mut Conn) -> Result<(), Failure> {
        diesel::insert_into(tickets::table).values(self).execute(c)?;
        Ok(())
    }
}

/// Asks for a letter with a link that leads to this path of the site, or to where they begin. The same is done for every address;
/// what comes back is for the browser to hold. None where too many links were asked for from its network.
pub fn ask_for_link(
    c: &mut Conn,
    vault: &Vault,
    email_mark: String,
    from: &Browser,
    back: &str,
    now: NaiveDateTime,
) -> Result<Option<Token>, Failure> {
    if !from.network.is_empty() && !tries::count(c, vault, tries::ASKED, &from.network, now)? {
        return Ok(None);
    }
    let browser = Token::random()?;
    let row = Row {
        email_mark: Some(email_mark),
        browser: Some(browser.hash()),
        known: from.known.as_ref().map(Token::hash),
        network: Some(vault.mark("network", &from.network)),
        back: (!back.is_empty()).then(|| back.to_owned()),
        ..Row::new(Purpose::Link, LINK_LASTS, now)
    };
    row.keep(c)?;
    jobs::ask_for(c, &format!("sign-in-{}", row.id), jobs::Kind::SignInLetter, &row.id, now, now)?;
    Ok(Some(browser))
}

/// What a letter says that lets someone in.
pub struct Secrets {
    /// For the link.
    pub link: Token,
    /// To type where the link was asked for.
    pub code: zeroize::Zeroizing<String>,
}

/// Makes the secrets of a link that was asked for, if its address has an account and not too many letters went there.
pub fn answer(c: &mut Conn, vault: &Vault, id: &str, now: NaiveDateTime) -> Result<Option<(store::Row, Secrets)>, Failure> {
    let still = tickets::table.find(id).filter(tickets::token.is_null().and(tickets::expires_at.gt(now)));
    let asked: Option<Row> = still.select(Row::as_select()).first(c).optional()?;
    let Some((asked, mark)) = asked.and_then(|row| row.email_mark.clone().map(|mark| (row, mark))) else { return Ok(None) };
    let account = store::account_by_mark(c, &mark)?.filter(store::Row::lets_in);
    let Some(account) = account else { return Ok(None) };
    if !may_have_letter(c, vault, &account.id, &asked, now)? {
        return Ok(None);
    }
    let secrets = Secrets { link: Token::random()?, code: token::digits()? };
    let set = (
        tickets::account_id.eq(&account.id),
        tickets::token.eq(secrets.link.hash()),
        tickets::code.eq(kept_code(vault, id, &secrets.code)),
    );
    diesel::update(tickets::table.find(id)).set(set).execute(c)?;
    Ok(Some((account, secrets)))
}

/// Strangers use up only what is theirs: a browser in which the account signed in before is counted by itself, any other with its
/// network. However many networks ask, one letter an hour still goes.
fn may_have_letter(c: &mut Conn, vault: &Vault, account: &str, asked: &Row, now: NaiveDateTime) -> Result<bool, Failure> {
    if let Some(known) = known_as(c, account, asked.known.as_deref().unwrap_or_default())? {
        return tries::count(c, vault, tries::LETTERS, &format!("{account} {known}"), now);
    }
    let network = asked.network.as_deref().unwrap_or_default();
    if !tries::count(c, vault, tries::LETTERS, &format!("{account} from {network}"), now)? {
        return Ok(false);
    }
    Ok(tries::count(c, vault, tries::LETTERS_IN_ALL, account, now)?
        || tries::count(c, vault, tries::LETTERS_BEYOND, account, now)?)
}

fn kept_code(vault: &Vault, id: &str, code: &str) -> String {
    vault.mark("link-code", &format!("{id} {code}"))
}

/// A ticket without a letter: an invitation, or the demo's own.
pub fn issue(c: &mut Conn, account: AccountId, purpose: Purpose, now: NaiveDateTime) -> Result<Token, Failure> {
    let lasts = if purpose == Purpose::Demo { DEMO_LASTS } else { INVITATION_LASTS };
    let link = Token::random()?;
    let row = Row { account_id: Some(account.to_string()), token: Some(link.hash()), ..Row::new(purpose, lasts, now) };
    row.keep(c)?;
    Ok(link)
}

/// A link for a calendar to read from, in place of the one before. It lets nobody in.
pub fn renew_feed(c: &mut Conn, account: AccountId, now: NaiveDateTime) -> Result<Token, Failure> {
    end(c, account, Purpose::Feed)?;
    let link = Token::random()?;
    let row = Row { account_id: Some(account.to_string()), token: Some(link.hash()), ..Row::new(Purpose::Feed, FEED_LASTS, now) };
    row.keep(c)?;
    Ok(link)
}

/// Whose calendar's link it is, if it still works.
pub fn feed_of(c: &mut Conn, link: &Token, now: NaiveDateTime) -> Result<Option<AccountId>, Failure> {
    let works = tickets::purpose.eq(Purpose::Feed.code()).and(tickets::expires_at.gt(now));
    let account: Option<Option<String>> =
        tickets::table.filter(tickets::token.eq(link.hash()).and(works)).select(tickets::account_id).first(c).optional()?;
    Ok(account.flatten().and_then(|id| id.parse().ok()))
}

/// A code to print on a card; an older card of the same account works no more, nor does it prove anything.
pub fn print_card(
    c: &mut Conn,
    vault: &Vault,
    account: AccountId,
    now: NaiveDateTime,
) -> Result<zeroize::Zeroizing<String>, Failure> {
    end(c, account, Purpose::Card)?;
    let code = token::letters(CARD_GROUPS)?;
    let kept = vault.mark("card", &token::typed(&code));
    Row { account_id: Some(account.to_string()), code: Some(kept), ..Row::new(Purpose::Card, CARD_LASTS, now) }.keep(c)?;
    Ok(code)
}

/// Whether this browser asked for the link; where it didn't, the link shows no button. Says nothing of whether the link works.
pub fn asked_here(c: &mut Conn, link: &Token, browser: &Browser) -> Result<bool, Failure> {
    let bound: Option<Option<String>> =
        tickets::table.filter(tickets::token.eq(link.hash())).select(tickets::browser).first(c).optional()?;
    Ok(match bound {
        Some(None) => true,
        Some(bound) => bound == browser.asked.as_ref().map(Token::hash),
        None => browser.asked.is_some(),
    })
}

/// Redeems a link, once. Of many at the same time, one gets in.
pub fn redeem_link(c: &mut Conn, link: &Token, browser: &Browser, now: NaiveDateTime) -> Result<Option<Redeemed>, Failure> {
    let asked = browser.asked.as_ref().map(Token::hash).unwrap_or_default();
    let bound = tickets::purpose.eq(Purpose::Link.code()).and(tickets::browser.eq(asked).assume_not_null());
    let unbound = tickets::purpose.eq(Purpose::Demo.code());
    let ticket = tickets::table.filter(tickets::token.eq(link.hash()).and(bound.or(unbound))).select(USED).first(c).optional()?;
    use_up(c, ticket, now)
}

/// Redeems an invitation, once.
pub fn redeem_invitation(c: &mut Conn, link: &Token, now: NaiveDateTime) -> Result<Option<Redeemed>, Failure> {
    let ticket = tickets::table
        .filter(tickets::token.eq(link.hash()).and(tickets::purpose.eq(Purpose::Invitation.code())))
        .select(USED)
        .first(c)
        .optional()?;
    use_up(c, ticket, now)
}

/// Whose invitation it is, if it still works.
pub fn invited(c: &mut Conn, link: &Token, now: NaiveDateTime) -> Result<Option<AccountId>, Failure> {
    let works = tickets::purpose.eq(Purpose::Invitation.code()).and(tickets::used_at.is_null()).and(tickets::expires_at.gt(now));
    let account: Option<Option<String>> =
        tickets::table.filter(tickets::token.eq(link.hash()).and(works)).select(tickets::account_id).first(c).optional()?;
    Ok(account.flatten().and_then(|id| id.parse().ok()))
}

/// Whether an account has an invitation that still works.
pub fn is_invited(c: &mut Conn, account: AccountId, now: NaiveDateTime) -> Result<bool, Failure> {
    let theirs = tickets::account_id.eq(account.to_string()).and(tickets::purpose.eq(Purpose::Invitation.code()));
    let works = theirs.and(tickets::used_at.is_null()).and(tickets::expires_at.gt(now));
    Ok(tickets::table.filter(works).select(tickets::id).first::<String>(c).optional()?.is_some())
}

/// Ends an account's invitations.
pub fn end_invitations(c: &mut Conn, account: AccountId) -> Result<(), Failure> {
    end(c, account, Purpose::Invitation)
}

/// Redeems the code of the letter in the browser that asked for it. Few wrong tries spoil the link.
pub fn redeem_code(
    c: &mut Conn,
    vault: &Vault,
    code: &str,
    browser: &Browser,
    now: NaiveDateTime,
) -> Result<Option<Redeemed>, Failure> {
    let Some(asked) = &browser.asked else { return Ok(None) };
    let theirs = tickets::browser.eq(asked.hash()).and(tickets::tries.lt(MOST_TRIES)).and(tickets::used_at.is_null());
    let id: Option<String> = tickets::table.filter(theirs).select(tickets::id).first(c).optional()?;
    let Some(id) = id else { return Ok(None) };
    use_up_by_code(c, vault, &id, code, now)
}

/// Uses up a ticket whose code was typed, and counts the try.
fn use_up_by_code(c: &mut Conn, vault: &Vault, id: &str, code: &str, now: NaiveDateTime) -> Result<Option<Redeemed>, Failure> {
    diesel::update(tickets::table.find(id)).set(tickets::tries.eq(tickets::tries + 1)).execute(c)?;
    let right = tickets::table.find(id).filter(tickets::code.eq(kept_code(vault, id, &token::typed(code))));
    let ticket = right.select(USED).first(c).optional()?;
    use_up(c, ticket, now)
}

/// Ends an account's links that were sent by mail and not used.
pub fn end_links(c: &mut Conn, account: AccountId) -> Result<(), Failure> {
    end(c, account, Purpose::Link)
}

fn end(c: &mut Conn, account: AccountId, purpose: Purpose) -> Result<(), Failure> {
    let theirs = tickets::account_id.eq(account.to_string()).and(tickets::purpose.eq(purpose.code()));
    diesel::delete(tickets::table.filter(theirs)).execute(c)?;
    Ok(())
}

/// Redeems the code of a printed card, once, in whatever browser.
pub fn redeem_card(c: &mut Conn, vault: &Vault, code: &str, now: NaiveDateTime) -> Result<Option<Redeemed>, Failure> {
    let kept = vault.mark("card", &token::typed(code));
    let card = tickets::table.filter(tickets::code.eq(kept).and(tickets::purpose.eq(Purpose::Card.code())));
    let ticket = card.select(USED).first(c).optional()?;
    use_up(c, ticket, now)
}

/// Whether it is the code of an account's newest card, used or not: whoever signed in with it still has it in their hands.
pub fn is_card_of(c: &mut Conn, vault: &Vault, account: AccountId, code: &str, now: NaiveDateTime) -> Result<bool, Failure> {
    let kept = vault.mark("card", &token::typed(code));
    let theirs = tickets::account_id.eq(account.to_string()).and(tickets::purpose.eq(Purpose::Card.code()));
    let card = tickets::table.filter(theirs.and(tickets::code.eq(kept)).and(tickets::expires_at.gt(now)));
    Ok(card.select(tickets::id).first::<String>(c).optional()?.is_some())
}

/// What using a ticket up looks at.
type Used = (String, Option<String>, String, Option<String>);
const USED: (tickets::id, tickets::account_id, tickets::purpose, tickets::back) =
    (tickets::id, tickets::account_id, tickets::purpose, tickets::back);

/// Whom a ticket lets in, and what sort it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemed {
    /// The account.
    pub account: AccountId,
    /// What the ticket was.
    pub purpose: Purpose,
    /// The path of the site it leads to, where it is one in particular.
    pub back: Option<String>,
}

/// The one place where a ticket is used up: a conditional update, so that it can't be twice.
fn use_up(c: &mut Conn, ticket: Option<Used>, now: NaiveDateTime) -> Result<Option<Redeemed>, Failure> {
    let Some((id, Some(account), purpose, back)) = ticket else { return Ok(None) };
    let unused = tickets::table.find(&id).filter(tickets::used_at.is_null().and(tickets::expires_at.gt(now)));
    let used = diesel::update(unused).set(tickets::used_at.eq(now)).execute(c)?;
    let redeemed = || Some(Redeemed { account: account.parse().ok()?, purpose: Purpose::from_code(&purpose)?, back });
    Ok(if used == 1 { redeemed() } else { None })
}

/// Where someone is after a ticket was redeemed.
#[derive(Debug)]
pub enum Arrival {
    /// Signed in.
    In(Token),
    /// Their role asks for a password; this browser is known now.
    Password,
    /// The account is closed.
    Closed,
}

/// Lets in whoever redeemed a ticket. Staff still need their password and second step, but for the demo's own links.
pub fn arrive(
    c: &mut Conn,
    &Redeemed { account, purpose, .. }: &Redeemed,
    browser: &Browser,
    now: NaiveDateTime,
) -> Result<(Arrival, Option<Token>), Failure> {
    let Some(row) = store::account(c, account)?.filter(|row| row.lets_in() || row.state == State::Invited.code()) else {
        return Ok((Arrival::Closed, None));
    };
    let known = make_known(c, account, now)?;
    let staff = store::grants_now(c, account, &row)?.iter().any(|grant| grant.role.is_staff());
    // The demo's people have no password; elsewhere everyone of staff has one before they are active.
    let trying = purpose == Purpose::Demo || (row.password.is_none() && demo::is_demo(c)?);
    if staff && !trying {
        return Ok((Arrival::Password, Some(known)));
    }
    if row.state == State::Invited.code() {
        store::set_state(c, account, State::Active, now)?;
    }
    let session = session::begin(c, account, Stage::Whole, browser, now)?;
    if purpose == Purpose::Card {
        by_card(c, account, &row, &session, now)?;
    } else {
        signed_in(c, account, now)?;
    }
    Ok((Arrival::In(session), Some(known)))
}

/// Others may have held the card. So its use stands in the person's own record, and who has an address for mail must still prove
/// there who they are before anything that matters.
fn by_card(c: &mut Conn, account: AccountId, row: &store::Row, session: &Token, now: NaiveDateTime) -> Result<(), Failure> {
    if row.email.is_some() {
        session::proved(c, &session.hash(), now - PROOF)?;
    }
    let person = row.person_id.as_ref().and_then(|person| person.parse().ok());
    let subject = Some(person.unwrap_or(SubjectId(account.0)));
    audit::record(c, &Entry { actor: Actor::Account(account), action: Action::CardUsed, subject, about: None }, now)
}

/// Notes that someone signed in.
pub fn signed_in(c: &mut Conn, account: AccountId, now: NaiveDateTime) -> Result<(), Failure> {
    let entry =
        Entry { actor: Actor::Account(account), action: Action::SignedIn, subject: Some(SubjectId(account.0)), about: None };
    audit::record(c, &entry, now)
}

/// A secret by which a browser is known to an account from now on.
pub fn make_known(c: &mut Conn, account: AccountId, now: NaiveDateTime) -> Result<Token, Failure> {
    let known = Token::random()?;
    let row = (
        known_browsers::id.eq(known.hash()),
        known_browsers::account_id.eq(account.to_string()),
        known_browsers::known_at.eq(now),
    );
    diesel::insert_into(known_browsers::table).values(row).execute(c)?;
    Ok(known)
}

/// The hash by which a browser is known to an account, if it is.
pub fn is_known(c: &mut Conn, account: Option<&str>, browser: &Browser) -> Result<Option<String>, Failure> {
    let hash = browser.known.as_ref().map(Token::hash).unwrap_or_default();
    known_as(c, account.unwrap_or_default(), &hash)
}

fn known_as(c: &mut Conn, account: &str, hash: &str) -> Result<Option<String>, Failure> {
    let theirs = known_browsers::id.eq(hash).and(known_browsers::account_id.eq(account));
    Ok(known_browsers::table.filter(theirs).select(known_browsers::id).first(c).optional()?)
}

/// Ends every ticket there is.
pub fn end_all(c: &mut Conn) -> Result<(), Failure> {
    diesel::delete(tickets::table).execute(c)?;
    Ok(())
}

/// Drops tickets that can't be used any more.
pub fn tidy(c: &mut Conn, now: NaiveDateTime) -> Result<(), Failure> {
    diesel::delete(tickets::table.filter(tickets::expires_at.lt(now - KEEP))).execute(c)?;
    diesel::delete(known_browsers::table.filter(known_browsers::known_at.lt(now - TimeDelta::days(365)))).execute(c)?;
    Ok(())
}
