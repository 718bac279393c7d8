//! What someone else sends for a person, or a person who comes back: one page, sent as a whole.

use actix_web::http::StatusCode;
use chrono::NaiveDateTime;

use super::{
    New, Referrer, Taken, Way, open,
    own::{only_team, receipt},
    store,
};
use crate::{
    app::App,
    audit::Actor,
    db::Conn,
    error::Failure,
    matching,
    people::{
        self, About,
        aspirations::{self, Wanted},
        consents::{self, How, Purpose},
        timeline::{self, Sort},
    },
    values::{Email, ReferralId, SubjectId, TeamId, Text},
    vault::Private,
    vocabulary::text::folded,
};

/// The code of the failure with which a form gives way to its twin that was quicker by a moment.
const TWICE: &str = "sent-twice";

/// What was sent.
#[derive(Debug, Clone)]
pub struct Note {
    /// The way in.
    pub way: Way,
    /// How it reached us.
    pub taken: Taken,
    /// Whom it is about.
    pub about: About,
    /// What they would like to do.
    pub words: Text<5000>,
    /// Who sent it; none where it was the person themself.
    pub referrer: Option<Referrer>,
    /// What the form was marked with when it was shown.
    pub mark: String,
}

impl Note {
    /// What makes it one referral however often it is sent: the form, and whom it is about. A form that is gone back to and sent
    /// for someone else makes another.
    fn form_mark(&self, app: &App) -> String {
        let contact = &self.about.contact;
        let email = contact.email.as_ref().map_or("", Email::as_str);
        let digits: String = contact.phone.as_str().chars().filter(char::is_ascii_digit).collect();
        let rest = folded(&format!("{} {}", contact.address.as_str(), contact.through.as_str()));
        app.vault.mark("form", &format!("{} {email} {digits} {rest}", self.mark))
    }

    fn how(&self) -> How {
        match (self.taken, &self.referrer) {
            (Taken::Phone, _) => How::Phone,
            (Taken::Page, Some(_)) => How::Told,
            (Taken::Page, None) => How::Page,
        }
    }
}

/// Receives a note, once however often it is sent. What a later sending says differently is kept beside the first.
pub async fn receive(
    app: &actix_web::web::Data<App>,
    note: Note,
    team: Option<TeamId>,
    by: Actor,
) -> Result<ReferralId, Failure> {
    let now = app.clock.stamp();
    let again = (app.clone(), note.clone());
    let shared = app.clone();
    match app.db.write(move |c| receive_now(c, &shared, &note, team, by, now)).await {
        Err(Failure::Refused(_, TWICE)) => {
            let (shared, note) = again;
            app.db.write(move |c| receive_now(c, &shared, &note, team, by, now)).await
        }
        done => done,
    }
}

fn receive_now(
    c: &mut Conn,
    app: &App,
    note: &Note,
    team: Option<TeamId>,
    by: Actor,
    now: NaiveDateTime,
) -> Result<ReferralId, Failure> {
    let form_mark = note.form_mark(app);
    if let Some(row) = store::by_mark(c, &form_mark)? {
        keep_difference(c, app, &row, note, now)?;
        return row.id.parse().map_err(Failure::internal);
    }
    let team = match team {
        Some(team) => Some(team),
        None => only_team(c)?,
    };
    let person = people::add(c, &app.vault, team, &note.about, now)?;
    let key = people::key(c, &app.vault, person)?;
    // What someone else wrote is no wish of theirs until they make it one; it stands beside their wishes, with who wrote it.
    if !note.words.is_empty() && note.referrer.is_none() {
        let near = note.about.area.as_str().parse().unwrap_or_default();
        let wanted = Wanted { words: note.words.clone(), near, ..Wanted::default() };
        aspirations::add(c, &app.vault, person, &wanted, &matching::verbs::domains(app, note.words.as_str()), now)?;
    }
    let to = note.referrer.as_ref().map_or(note.about.contact.email.as_ref(), |referrer| referrer.email.as_ref());
    if note.taken == Taken::Page {
        receipt(c, &app.vault, &key, to, now)?;
    }
    // What the writer may hear is for the person to say; here it is only that they agree to be written about.
    consents::give(c, person, Purpose::Keep, note.how(), by, now)?;
    let new = New {
        person,
        way: note.way,
        taken: note.taken,
        team,
        venue: None,
        referrer: note.referrer.clone(),
        words: Private::new(note.words.as_str()),
        form_mark,
    };
    open(c, &key, &new, by, now)?.ok_or(Failure::Refused(StatusCode::CONFLICT, TWICE))
}

/// The same form was sent again with other words: they aren't lost.
fn keep_difference(c: &mut Conn, app: &App, row: &store::Row, note: &Note, now: NaiveDateTime) -> Result<(), Failure> {
    let person: SubjectId = row.person_id.parse().map_err(Failure::internal)?;
    let key = people::key(c, &app.vault, person)?;
    let before = people::open(&key, "referrals", "words", &row.id, &row.words)?;
    if note.words.is_empty() || folded(before.show()) == folded(note.words.as_str()) {
        return Ok(());
    }
    let words = format!("Sent again with other words: {}", note.words.as_str());
    let sort = if note.referrer.is_some() { Sort::Note } else { Sort::Message };
    timeline::add(c, &app.vault, person, sort, None, &words, now).map(|_| ())
}
