//! The door before every page: who asks, and may they.

use actix_web::{
    Error, HttpMessage, HttpResponse, Route as Mounted,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::{Next, from_fn},
    web::Data,
};
use chrono::NaiveDateTime;

use super::{
    Principal, Role,
    session::{self, Jar, PROOF},
    store,
    token::Token,
};
use crate::{
    app::App,
    db::Conn,
    error::Failure,
    people, referrals,
    routes::{Object, Who},
    values::AccountId,
    web::{errors::refuse, way_back},
};

/// What a route asks of whoever comes.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Who may reach it.
    pub who: Who,
    /// What it is about.
    pub about: Object,
    /// Whether they must have proved a moment ago who they are.
    pub proved: bool,
}

/// What the door says.
enum Verdict {
    /// Come in, whoever you are.
    Enter(Option<Principal>),
    /// Sign in first.
    SignIn,
    /// Prove again who you are.
    ProveAgain,
    /// There is no such thing, or it is not for you: nobody can tell which.
    Nothing(Principal),
}

/// Puts the door before a route.
pub fn before(route: Mounted, rule: Rule) -> Mounted {
    route.wrap(from_fn(move |request, next| enter(rule, request, next)))
}

async fn enter<B: MessageBody + 'static>(
    rule: Rule,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match judge(rule, &request).await {
        Ok(Verdict::Enter(principal)) => {
            if let Some(principal) = principal {
                request.extensions_mut().insert(principal);
            }
            Ok(next.call(request).await?.map_into_boxed_body())
        }
        Ok(Verdict::SignIn) => Ok(elsewhere(request, "/sign-in")),
        Ok(Verdict::ProveAgain) => Ok(elsewhere(request, "/sign-in/again")),
        Ok(Verdict::Nothing(principal)) => {
            // The page that says so stands in the same frame as any other.
            request.extensions_mut().insert(principal);
            Ok(refuse(request, Failure::NotFound))
        }
        Err(failure) => Ok(refuse(request, failure)),
    }
}

/// On to another page, and back to this one from there if it may be shown again.
fn elsewhere(request: ServiceRequest, page: &str) -> ServiceResponse<BoxBody> {
    let back = if request.method() == Method::GET { request.path().to_owned() } else { came_from(&request) };
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("to", &back).finish();
    let to = if back.is_empty() { page.to_owned() } else { format!("{page}?{query}") };
    let answer = HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish();
    request.into_response(answer)
}

/// The page whose form was sent; blank where the browser doesn't say.
fn came_from(request: &ServiceRequest) -> String {
    let said = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok());
    said.and_then(|said| url::Url::parse(said).ok()).map(|page| way_back(page.path()).to_owned()).unwrap_or_default()
}

async fn judge(rule: Rule, request: &ServiceRequest) -> Result<Verdict, Failure> {
    let app = request.app_data::<Data<App>>().ok_or_else(|| Failure::internal("no app"))?.clone();
    let Some(token) = Jar::Session.held(&app, request.request()) else {
        return Ok(if rule.who == Who::Anyone { Verdict::Enter(None) } else { Verdict::SignIn });
    };
    let object = rule.about.part().and_then(|part| request.match_info().get(part)).map(str::to_owned);
    let now = app.clock.stamp();
    let (verdict, see_again) = app.db.read(move |c| look(c, rule, &token, object.as_deref(), now)).await?;
    if let (Verdict::Enter(Some(principal)), true) = (&verdict, see_again) {
        let id = principal.session.clone();
        app.db.write(move |c| session::seen(c, &id, now)).await?;
    }
    Ok(verdict)
}

fn look(c: &mut Conn, rule: Rule, token: &Token, object: Option<&str>, now: NaiveDateTime) -> Result<(Verdict, bool), Failure> {
    let Some((principal, see_again)) = session::who(c, token, now)? else {
        return Ok((if rule.who == Who::Anyone { Verdict::Enter(None) } else { Verdict::SignIn }, false));
    };
    let allowed = match rule.who {
        Who::Anyone | Who::SignedIn => true,
        Who::Having(roles) => principal.is_any(roles),
    };
    if !allowed || !may(c, &principal, rule.about, object, now)? {
        return Ok((Verdict::Nothing(principal), false));
    }
    if rule.proved && principal.proved_at + PROOF <= now {
        return Ok((Verdict::ProveAgain, see_again));
    }
    Ok((Verdict::Enter(Some(principal)), see_again))
}

/// Whether what a route is about is theirs to see; what isn't there is nobody's.
fn may(c: &mut Conn, principal: &Principal, about: Object, object: Option<&str>, now: NaiveDateTime) -> Result<bool, Failure> {
    let object = object.unwrap_or_default();
    match about {
        Object::Nothing | Object::Own => Ok(true),
        Object::Account => known(object, |account| may_see_account(c, principal, account)),
        Object::Person => known(object, |person| people::may_see(c, principal, person, now)),
        Object::InCare => known(object, |person| people::may_work_with(c, principal, person, now)),
        Object::Referral => known(object, |referral| referrals::may_see(c, principal, referral, now)),
    }
}

/// Asks about what a path names; what is no id is nobody's.
fn known<T: std::str::FromStr>(object: &str, ask: impl FnOnce(T) -> Result<bool, Failure>) -> Result<bool, Failure> {
    object.parse().map_or(Ok(false), ask)
}

/// Administrators look after everyone who works here, coordinators after their own teams. A client's account is no one's to see.
pub fn may_see_account(c: &mut Conn, principal: &Principal, account: AccountId) -> Result<bool, Failure> {
    let grants = store::grants(c, account)?;
    if !grants.iter().any(|grant| grant.role != Role::Client) {
        return Ok(false);
    }
    let teams = principal.teams_as(Role::Coordinator);
    let of_theirs = grants.iter().any(|grant| grant.team.is_some_and(|team| teams.contains(&team)));
    Ok(principal.is(Role::Administrator) || of_theirs)
}
