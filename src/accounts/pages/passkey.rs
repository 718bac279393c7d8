//! Adding passkeys, taking them away, and signing in with one. These are asked by the page's script: a device can't be reached
//! without one.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Json},
};
use serde::Deserialize;
use webauthn_rs::{Webauthn, prelude::PublicKeyCredential};

use super::password::own_words;
use crate::{
    accounts::{
        Principal, State,
        letters::Sender,
        passkey::{self, Added},
        session::{self, Browser, Jar, Stage},
        store, ticket,
        token::Token,
    },
    app::App,
    error::Failure,
    web::{form::Typed, see_other, way_back},
};

fn webauthn(app: &App) -> Result<&Webauthn, Failure> {
    app.passkeys.as_deref().ok_or(Failure::NotFound)
}

/// `POST /account/passkeys/begin`
pub async fn begin_adding(app: Data<App>, who: Principal) -> Result<HttpResponse, Failure> {
    let (shared, now) = (app.clone(), app.clock.stamp());
    let asked = app.db.write(move |c| {
        let (name, email) = own_words(c, &shared.vault, who.account)?;
        let name = if email.is_empty() { name } else { email };
        passkey::begin_adding(c, &shared.vault, webauthn(&shared)?, who.account, &name, now)
    });
    Ok(HttpResponse::Ok().json(asked.await?))
}

/// `POST /account/passkeys`
pub async fn add(app: Data<App>, who: Principal, added: Json<Added>) -> Result<HttpResponse, Failure> {
    let (shared, sender, now) = (app.clone(), Sender::of(&app), app.clock.stamp());
    app.db.write(move |c| passkey::add(c, &sender, webauthn(&shared)?, who.account, &added, now)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /account/passkeys/remove`
pub async fn remove(app: Data<App>, who: Principal, body: Bytes) -> Result<HttpResponse, Failure> {
    let (id, sender, now) = (Typed::read(&body).one("passkey").to_owned(), Sender::of(&app), app.clock.stamp());
    app.db.write(move |c| passkey::remove(c, &sender, who.account, &id, now)).await?;
    Ok(see_other("/account?done=passkey"))
}

/// `POST /sign-in/passkey/begin`
pub async fn begin_signing_in(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let (shared, now, browser) = (app.clone(), app.clock.stamp(), Browser::of(&app, &request));
    let asked = app.db.write(move |c| passkey::begin_signing_in(c, &shared.vault, webauthn(&shared)?, &browser, now)).await?;
    Ok(HttpResponse::Ok().json(asked))
}

/// A device's answer.
#[derive(Deserialize)]
pub struct Answered {
    round: String,
    #[serde(default)]
    to: String,
    credential: PublicKeyCredential,
}

/// `POST /sign-in/passkey`: says where to go, with the session in a cookie.
pub async fn sign_in(app: Data<App>, request: HttpRequest, answered: Json<Answered>) -> Result<HttpResponse, Failure> {
    let (shared, now, browser) = (app.clone(), app.clock.stamp(), Browser::of(&app, &request));
    let Json(Answered { round, to, credential }) = answered;
    let session = app.db.write(move |c| {
        let Some(account) = passkey::check(c, &shared.vault, webauthn(&shared)?, &round, &credential, now)? else {
            return Ok(None);
        };
        let open = store::account(c, account)?.is_some_and(|row| row.state == State::Active.code());
        if !open {
            return Ok(None);
        }
        ticket::signed_in(c, account, now)?;
        session::begin(c, account, Stage::Whole, &browser, now).map(Some)
    });
    let session: Token = session.await?.ok_or_else(|| Failure::invalid("passkey", "That didn’t work. Try again."))?;
    let to = if way_back(&to).is_empty() { "/start" } else { &to };
    Ok(HttpResponse::Ok().cookie(Jar::Session.give(&app, &session)).json(serde_json::json!({ "to": to })))
}
