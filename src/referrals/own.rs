//! Sending what someone wrote about themself: a draft becomes a person, what they want, what they agreed to, and a referral.

use chrono::NaiveDateTime;

use super::{Answers, New, Taken, Way, draft, draft::Draft, open};
use crate::{
    accounts::{self, clients, token::Token},
    app::App,
    audit::Actor,
    db::Conn,
    error::Failure,
    mail::{self, NoteReceived},
    matching,
    people::{
        self,
        aspirations::{self, Wanted},
        consents::{self, How, Purpose},
        timeline::{self, Sort},
    },
    values::{Email, SubjectId, TeamId},
    vault::{Key, Private},
};

/// Sends what a browser holds, once, whatever is pressed however often. Fails with what is lacking, and nothing is changed then.
pub fn send(c: &mut Conn, app: &App, browser: &Token, now: NaiveDateTime) -> Result<(), Failure> {
    let Some((Draft { id, subject, answers, .. }, key)) = draft::take(c, &app.vault, browser, now)? else { return Ok(()) };
    let lacking = answers.lacking();
    if !lacking.is_empty() {
        return Err(Failure::Invalid(lacking));
    }
    let team = only_team(c)?;
    people::add_with(c, &app.vault, &key, team, &answers.about(), now)?;
    keep_wishes(c, app, subject, &answers, now)?;
    let new = New {
        person: subject,
        way: Way::Own,
        taken: Taken::Page,
        team,
        venue: answers.venue,
        referrer: None,
        words: Private::new(answers.words.as_str()),
        form_mark: id,
    };
    let about = answers.about();
    if let Some(email) = &about.contact.email {
        clients::account_for(c, &app.vault, subject, about.called(), Some(email), now)?;
    }
    receipt(c, app, &key, about.contact.email.as_ref(), now)?;
    consents::give(c, subject, Purpose::Keep, How::Page, Actor::Person(subject), now)?;
    open(c, &key, &new, Actor::Person(subject), now)?;
    Ok(())
}

fn keep_wishes(c: &mut Conn, app: &App, person: SubjectId, answers: &Answers, now: NaiveDateTime) -> Result<(), Failure> {
    if !answers.words.is_empty() {
        let near = answers.area.as_str().parse().unwrap_or_default();
        let wanted = Wanted { words: answers.words.clone(), near, ..Wanted::default() };
        aspirations::add(c, &app.vault, person, &wanted, &matching::verbs::domains(app, answers.words.as_str()), now)?;
    }
    if !answers.helper.is_empty() {
        let note = format!("{} helped to fill this in.", answers.helper.as_str());
        timeline::add(c, &app.vault, person, Sort::Note, None, &note, now)?;
    }
    Ok(())
}

/// The team, where there is but one; where there are several, one of them takes the referral.
pub(super) fn only_team(c: &mut Conn) -> Result<Option<TeamId>, Failure> {
    let teams = accounts::store::teams(c, 2)?;
    Ok(if let [team] = teams.as_slice() { Some(team.id) } else { None })
}

/// A letter that says no more than that we have a note; to whoever gave an address.
pub(super) fn receipt(c: &mut Conn, app: &App, key: &Key, to: Option<&Email>, now: NaiveDateTime) -> Result<(), Failure> {
    let Some(to) = to else { return Ok(()) };
    let letter = NoteReceived { link: Some(format!("{}my-path", app.web.public_url())) };
    mail::post(c, &app.vault, key.subject(), &Private::new(to.as_str()), &letter, now)
}
