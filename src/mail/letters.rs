//! The letters there are. Each has a fixed subject line that says nothing about anyone, and two forms with the same words and
//! links: text, and HTML in one calm look.

use std::sync::LazyLock;

use chrono::{NaiveDateTime, TimeDelta};
use rust_embed::RustEmbed;
use serde::Serialize;
use tera::{Context, Tera};

use crate::{
    error::Failure,
    values::choice,
    web::views::{samples, say},
};

#[derive(RustEmbed)]
#[folder = "templates/mail"]
struct Files;

/// All templates of letters; Tera escapes those whose names end in `.html`.
static TEMPLATES: LazyLock<Result<Tera, String>> = LazyLock::new(|| {
    let mut tera = Tera::default();
    let texts: Vec<(String, String)> = Files::iter()
        .filter_map(|name| Some((name.to_string(), String::from_utf8_lossy(&Files::get(&name)?.data).into_owned())))
        .collect();
    tera.add_raw_templates(texts).map_err(|cause| cause.to_string())?;
    Ok(tera)
});

/// A kind of letter, with what its templates are given. It may hold a link that signs someone in, so it has no `Debug`.
pub trait Letter: Serialize + Sized {
    /// Its name in the database, and its templates' below `templates/mail/`, without the endings.
    const KIND: &'static str;
    /// The subject line: nothing about anyone, whoever reads it over a shoulder.
    const HEADING: &'static str;
    /// How long after it was posted it is of use; a letter that comes later isn't sent.
    const OF_USE: Option<TimeDelta> = None;

    /// Made-up letters that show each of its states; a test renders them all.
    fn samples() -> Vec<Self>;
}

/// The words of a letter.
pub(super) struct Forms {
    pub(super) text: String,
    pub(super) html: String,
}

/// Both forms of a letter.
pub(super) fn render<L: Letter>(letter: &L) -> Result<Forms, Failure> {
    let templates = TEMPLATES.as_ref().map_err(|cause| Failure::internal(cause.as_str()))?;
    let told = |cause: tera::Error| Failure::internal(cause.to_string());
    let mut context = Context::from_serialize(letter).map_err(told)?;
    context.insert("heading", L::HEADING);
    context.insert("minutes", &L::OF_USE.map(|time| time.num_minutes()));
    let text = templates.render(&format!("{}.txt", L::KIND), &context).map_err(told)?;
    let html = templates.render(&format!("{}.html", L::KIND), &context).map_err(told)?;
    Ok(Forms { text, html })
}

/// What a kind of letter is, in plain words.
pub(super) fn in_words(kind: &str) -> &'static str {
    match kind {
        SignIn::KIND => "A link to sign in",
        StaffInvitation::KIND => "An invitation to work here",
        NewAddress::KIND => "A code to a new address",
        AccountChanged::KIND => "A notice about an account",
        NoteReceived::KIND => "A receipt for a note",
        NewMessage::KIND => "A notice that something waits",
        WhatIsNew::KIND => "The one letter of a day",
        GoOn::KIND => "A link to go on with a note",
        SharedList::KIND => "A list of places to look at",
        StillHere::KIND => "A word to someone who waits",
        RecordEnds::KIND => "A word before something is deleted",
        NotWithUs::KIND => "Where else to try",
        NoteArrived::KIND => "A word to someone who wrote for another",
        NoteFurther::KIND => "A further word to someone who wrote for another",
        _ => OTHER,
    }
}

/// A letter that only an older or newer version knows.
const OTHER: &str = "Another letter";

/// Looks whether the templates of letters can be used.
pub fn check_templates() -> Result<(), Failure> {
    TEMPLATES.as_ref().map(|_| ()).map_err(|cause| Failure::internal(cause.as_str()))
}

/// A link and a short code to sign in with.
#[derive(Serialize)]
pub struct SignIn {
    /// Leads to a page with a button that signs the same browser in.
    pub link: String,
    /// For another device, as it is shown: "482 913".
    pub code: String,
}

/// Someone may set up an account as staff.
#[derive(Serialize)]
pub struct StaffInvitation {
    /// Leads to the page where the account is set up.
    pub link: String,
    /// Days for which it works.
    pub days: u32,
    /// Whether they have an account here already, where they say yes or no.
    pub known: bool,
}

/// Someone wants mail at another address from now on, and this is it. It says nothing of who.
#[derive(Serialize)]
pub struct NewAddress {
    /// To type where it was asked for, as it is shown: "4829 1307"; none where the address has an account already.
    pub code: Option<String>,
}

/// Something about someone's account was changed, by themselves or not.
#[derive(Serialize)]
pub struct AccountChanged {
    what: &'static str,
    when: String,
    link: String,
}

choice! {
    /// What was changed about an account.
    Change {
        /// Password, passkey or authenticator.
        SignIn = "sign-in", "The way you sign in was changed.";
        /// Where mail goes.
        Address = "address", "The address for your mail was changed.";
        /// Its roles.
        Roles = "roles", "What you may see and do was changed.";
        /// Its recovery codes.
        Codes = "codes", "You have new spare codes. The old ones no longer work.";
        /// A card was printed that lets its owner in.
        CardPrinted = "card-printed", "A card was printed for you. It lets you sign in once.";
        /// Someone signed in with a card.
        CardUsed = "card-used", "Someone signed in as you with a printed card.";
        /// It was closed.
        Closed = "closed", "Your account was closed.";
        /// It was closed for work; who is helped here, too, still comes in by a link.
        ClosedForWork = "closed-for-work", "Your account was closed for work. My path is still yours. Sign in by a link.";
        /// It was opened again.
        Reopened = "reopened", "Your account was opened again.";
    }
}

impl AccountChanged {
    /// A notice of this change at this London wall-clock time. `link` leads to where help is.
    pub fn new(change: Change, when: NaiveDateTime, link: String) -> Self {
        Self { what: change.label(), when: format!("{}, {}", say::date(when.date()), say::time(when.time())), link }
    }
}

/// What someone sent about themself has reached us. It says nothing of what that was.
#[derive(Serialize)]
pub struct NoteReceived {
    /// Leads to the note, to add to it or take it back, where they may.
    pub link: Option<String>,
}

/// A new message waits where someone signs in. It says nothing of what is in it, or from whom.
#[derive(Serialize)]
pub struct NewMessage {
    /// Leads to where it can be read.
    pub link: String,
    /// Leads to where they choose how much mail they get.
    pub choose: String,
}

/// Something waits where someone signs in who wants one letter a day at most. It says nothing of what that is, or how much.
#[derive(Serialize)]
pub struct WhatIsNew {
    /// Leads to where it can be seen.
    pub link: String,
    /// Leads to where they choose how much mail they get.
    pub choose: String,
}

/// A link to go on with answers that weren't sent yet. It says nothing of what they are.
#[derive(Serialize)]
pub struct GoOn {
    /// Leads to a button that brings the answers to that device.
    pub link: String,
    /// Days for which it works.
    pub days: u32,
}

/// A list waits that can be looked at without signing in. It says nothing of what is on it.
#[derive(Serialize)]
pub struct SharedList {
    /// Leads to a button that opens it.
    pub link: String,
    /// Days for which it works.
    pub days: i64,
}

/// Whoever waits has not been forgotten. It says nothing of what they wait for.
#[derive(Serialize)]
pub struct StillHere {
    /// Leads to where they choose how much mail they get, where they have an account.
    pub choose: Option<String>,
}

/// What is kept of someone goes soon, unless they sign in. It says nothing of what that is.
#[derive(Serialize)]
pub struct RecordEnds {
    /// The day on which it goes: "20 January 2027".
    pub ends: String,
    /// Leads to where they sign in.
    pub link: String,
}

/// Someone isn't taken on. To them alone, in the words that were written for them.
#[derive(Serialize)]
pub struct NotWithUs {
    /// Whether they wrote the note themself.
    pub own: bool,
    /// Why.
    pub reason: String,
    /// Where else to try.
    pub elsewhere: String,
}

/// Whoever wrote for someone hears that it has arrived, or that someone was in touch. It says nothing of whom it is about.
#[derive(Serialize)]
pub struct NoteArrived {
    /// The day on which they sent it: "3 May 2026".
    pub on: String,
    /// What there is to tell.
    pub what: &'static str,
}

/// Whoever wrote for someone hears how it goes on. It says nothing of whom it is about.
#[derive(Serialize)]
pub struct NoteFurther {
    /// The day on which they sent it: "3 May 2026".
    pub on: String,
    /// What there is to tell.
    pub what: &'static str,
    /// Where else to try.
    pub elsewhere: Option<String>,
}

impl Letter for SignIn {
    const KIND: &'static str = "sign-in";
    const HEADING: &'static str = "Your link to sign in";
    const OF_USE: Option<TimeDelta> = Some(TimeDelta::minutes(10));

    fn samples() -> Vec<Self> {
        vec![Self { link: sample_link("sign-in/"), code: "482 913".to_owned() }]
    }
}

impl Letter for StaffInvitation {
    const KIND: &'static str = "staff-invitation";
    const HEADING: &'static str = "An invitation for you";

    fn samples() -> Vec<Self> {
        [false, true].into_iter().map(|known| Self { link: sample_link("invitations/"), days: 7, known }).collect()
    }
}

impl Letter for NewAddress {
    const KIND: &'static str = "new-address";
    const HEADING: &'static str = "Your code for this address";
    const OF_USE: Option<TimeDelta> = Some(TimeDelta::hours(1));

    fn samples() -> Vec<Self> {
        vec![Self { code: Some("4829 1307".to_owned()) }, Self { code: None }]
    }
}

impl Letter for AccountChanged {
    const KIND: &'static str = "account-changed";
    const HEADING: &'static str = "A change to your account";

    fn samples() -> Vec<Self> {
        let when = samples::now();
        Change::ALL.iter().map(|change| Self::new(*change, when, sample_link("help"))).collect()
    }
}

impl Letter for NoteReceived {
    const KIND: &'static str = "note-received";
    const HEADING: &'static str = "We have your note";

    fn samples() -> Vec<Self> {
        vec![Self { link: None }, Self { link: Some(sample_link("notes/")) }]
    }
}

impl Letter for NewMessage {
    const KIND: &'static str = "new-message";
    const HEADING: &'static str = "A new message is waiting for you";

    fn samples() -> Vec<Self> {
        vec![Self { link: sample_link("messages"), choose: sample_link("account/mail") }]
    }
}

impl Letter for WhatIsNew {
    const KIND: &'static str = "what-is-new";
    const HEADING: &'static str = "Something new is waiting for you";

    fn samples() -> Vec<Self> {
        vec![Self { link: sample_link("start"), choose: sample_link("account/mail") }]
    }
}

impl Letter for GoOn {
    const KIND: &'static str = "go-on";
    const HEADING: &'static str = "Your link to go on";

    fn samples() -> Vec<Self> {
        vec![Self { link: sample_link("note/"), days: 14 }]
    }
}

impl Letter for SharedList {
    const KIND: &'static str = "shared-list";
    const HEADING: &'static str = "There is something for you to look at";

    fn samples() -> Vec<Self> {
        vec![Self { link: sample_link("list/"), days: 14 }]
    }
}

impl Letter for StillHere {
    const KIND: &'static str = "still-here";
    const HEADING: &'static str = "We have not forgotten you";

    fn samples() -> Vec<Self> {
        vec![Self { choose: None }, Self { choose: Some(sample_link("account/mail")) }]
    }
}

impl Letter for RecordEnds {
    const KIND: &'static str = "record-ends";
    const HEADING: &'static str = "Shall we keep this for you?";

    fn samples() -> Vec<Self> {
        vec![Self { ends: "20 January 2027".to_owned(), link: sample_link("my-path") }]
    }
}

impl Letter for NotWithUs {
    const KIND: &'static str = "not-with-us";
    const HEADING: &'static str = "About your note";

    fn samples() -> Vec<Self> {
        let sample = |own| Self {
            own,
            reason: "We only go along within the town.".to_owned(),
            elsewhere: "The library on Rye Lane.\nRing 020 7946 0000.".to_owned(),
        };
        vec![sample(true), sample(false)]
    }
}

impl Letter for NoteArrived {
    const KIND: &'static str = "note-arrived";
    const HEADING: &'static str = "About the note you sent";

    fn samples() -> Vec<Self> {
        vec![Self { on: "3 May 2026".to_owned(), what: "We have been in touch." }]
    }
}

impl Letter for NoteFurther {
    const KIND: &'static str = "note-further";
    const HEADING: &'static str = "About the note you sent";

    fn samples() -> Vec<Self> {
        let sample = |what, elsewhere| Self { on: "3 May 2026".to_owned(), what, elsewhere };
        let elsewhere = Some("The library on Rye Lane.\nRing 020 7946 0000.".to_owned());
        vec![sample("There is now someone beside them.", None), sample("We are not the right ones for it.", elsewhere)]
    }
}

/// Long, and with signs that HTML writes differently, as a real one may be.
fn sample_link(path: &str) -> String {
    format!("https://footbridge.example/{path}?k=Zq3xY0c8-_eJ7m2Vt5LwRs9dKh1nBfUa4GpTiCoXyE&from=mail")
}

#[cfg(test)]
mod tests;
