//! Two records side by side, which a human may say are one person's.

use std::collections::BTreeSet;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path, Query},
};
use serde::{Deserialize, Serialize};

use super::one::{at, how_they_stand};
use crate::{
    accounts::Principal,
    app::App,
    audit::Action,
    db::Conn,
    error::Failure,
    people::{self, About, aspirations, consents},
    referrals::{self, intake, store},
    values::{ReferralId, SubjectId},
    vault::Vault,
    web::{form::Typed, page::Page, see_other},
};

/// What else is told of each.
const ELSE: [&str; 4] = ["What they want", "What others wrote", "Agreed to", "How it stands"];
/// Wishes of each that are shown.
const MOST_WISHES: usize = 5;

/// Two records side by side.
#[derive(Debug, Clone, Serialize)]
pub struct JoinPage {
    /// Where the referral is.
    pub href: String,
    /// Whose record it would be joined into.
    pub other: String,
    /// What each says, row by row: what, this one, the other.
    pub rows: Vec<(&'static str, String, String)>,
}

impl Page for JoinPage {
    const TEMPLATE: &'static str = "join.html";

    fn title(&self) -> String {
        "Are they the same person?".to_owned()
    }

    fn samples() -> Vec<Self> {
        let row = |what: &'static str, one: &str, other: &str| (what, one.to_owned(), other.to_owned());
        vec![Self {
            href: "/intake/6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d8".to_owned(),
            other: "6f1ed002-ab5f-4df6-8b4b-0a1fc0a5b6d9".to_owned(),
            rows: vec![
                row("Name", "Morgan", "Morgan Vale"),
                row("Phone", "07700 900123", "07700 900123"),
                row("Area", "", "SE15"),
            ],
        }]
    }
}

fn side_by_side(one: &About, other: &About) -> Vec<(&'static str, String, String)> {
    let email = |about: &About| about.contact.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default();
    let row = |what: &'static str, of: fn(&About) -> &str| (what, of(one).to_owned(), of(other).to_owned());
    vec![
        row("Name", |about| about.chosen_name.as_str()),
        row("Pronouns", |about| about.pronouns.as_str()),
        row("Phone", |about| about.contact.phone.as_str()),
        ("E-mail", email(one), email(other)),
        row("Address", |about| about.contact.address.as_str()),
        row("Through", |about| about.contact.through.as_str()),
        row("Area", |about| about.area.as_str()),
        row("Languages", |about| about.languages.as_str()),
        row("What helps", |about| about.access_needs.as_str()),
        row("Good at", |about| about.strengths.as_str()),
        row("Never in a message", |about| about.contact.never_say.as_str()),
        row("A good time", |about| about.contact.when.as_str()),
    ]
}

/// What else there is of someone, in the order of [`ELSE`].
fn besides(c: &mut Conn, vault: &Vault, person: SubjectId) -> Result<[String; 4], Failure> {
    let wishes = aspirations::of(c, vault, person)?;
    let wishes: Vec<&str> = wishes.iter().take(MOST_WISHES).map(|wish| wish.wanted.words.as_str()).collect();
    let written = referrals::written_for(c, vault, person)?;
    let written: Vec<String> = written.iter().map(|one| format!("{}: {}", one.by.in_words(), one.words.show())).collect();
    let agreed = consents::of(c, person)?;
    let agreed = agreed.iter().filter(|consent| consent.withdrawn_at.is_none()).map(|consent| consent.purpose.label());
    let agreed: Vec<&str> = agreed.collect::<BTreeSet<_>>().into_iter().collect();
    Ok([wishes.join("; "), written.join("; "), agreed.join("; "), how_they_stand(c, person)?.to_owned()])
}

/// With whose record.
#[derive(Debug, Default, Deserialize)]
pub struct With {
    #[serde(default)]
    with: String,
}

/// `GET /intake/{referral}/join`
pub async fn join(
    app: Data<App>,
    request: HttpRequest,
    who: Principal,
    id: Path<ReferralId>,
    asked: Query<With>,
) -> Result<HttpResponse, Failure> {
    let Ok(other) = asked.with.parse::<SubjectId>() else { return Ok(see_other(&format!("/intake/{id}"))) };
    let (shared, now, id) = (app.clone(), app.clock.stamp(), *id);
    let page = app.db.write(move |c| {
        let person = store::person_of(c, id)?.ok_or(Failure::NotFound)?;
        if person == other || !people::may_see(c, &who, other, now)? {
            return Err(Failure::NotFound);
        }
        let one = people::about(c, &shared.vault, person)?.ok_or(Failure::NotFound)?;
        let two = people::about(c, &shared.vault, other)?.ok_or(Failure::NotFound)?;
        let (here, there) = (besides(c, &shared.vault, person)?, besides(c, &shared.vault, other)?);
        let mut rows = side_by_side(&one, &two);
        rows.extend(ELSE.into_iter().zip(here.into_iter().zip(there)).map(|(what, (here, there))| (what, here, there)));
        rows.retain(|(_, one, other)| !one.is_empty() || !other.is_empty());
        people::note_read(c, &who, person, Action::RecordRead, now)?;
        people::note_read(c, &who, other, Action::RecordRead, now)?;
        Ok(JoinPage { href: format!("/intake/{id}"), other: other.to_string(), rows })
    });
    app.page(&request, &page.await?)
}

/// `POST /intake/{referral}/join`
pub async fn joined(app: Data<App>, who: Principal, id: Path<ReferralId>, body: Bytes) -> Result<HttpResponse, Failure> {
    let typed = Typed::read(&body);
    let (other, theirs) = (typed.one("other").parse::<SubjectId>(), typed.one("theirs") == "yes");
    let other = other.map_err(|_| Failure::invalid("other", "Choose the record that it is to be joined with."))?;
    let (shared, now, id) = (app.clone(), app.clock.stamp(), *id);
    let stands = app.db.write(move |c| intake::join_into(c, &shared, &who, id, (other, theirs), now)).await?;
    Ok(see_other(&stands.map_or_else(|| "/intake?done=joined".to_owned(), |id| at(id, "joined"))))
}
