//! Letters over SMTP: one connection for each letter, all of it within a deadline.

use std::{future::Future, time::Duration};

use lettre::{
    Address,
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
    },
};
use tokio::{runtime::Builder, time::timeout};

use super::{
    transport::Trouble,
    url::{Secrecy, Server},
};

/// How long one letter may take in all, however slowly the server speaks.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long each of the server's addresses may take to be reached.
const EACH_ADDRESS: Duration = Duration::from_secs(10);
/// How long the server gets for a goodbye, which decides nothing.
const GOODBYE: Duration = Duration::from_secs(1);
/// Answers that say that we, and not the letter, aren't welcome (RFC 4954 and RFC 3207).
const NOT_LET_IN: [u16; 4] = [530, 534, 535, 538];

/// A mail server and how to speak with it.
pub(super) struct Smtp {
    server: Server,
    secrets: Option<TlsParameters>,
    login: Option<Credentials>,
}

impl Smtp {
    pub(super) fn new(server: Server) -> Result<Self, &'static str> {
        let secrets = match server.secrecy {
            Secrecy::ThisMachine => None,
            _ => Some(TlsParameters::new(server.host.clone()).map_err(|_| "this machine can't speak TLS to a mail server")?),
        };
        let login = server.login.as_ref().map(|login| Credentials::new(login.user.0.clone(), login.password.0.clone()));
        Ok(Self { server, secrets, login })
    }

    /// Sends one letter, made ready as bytes.
    pub(super) fn send(&self, envelope: &Envelope, bytes: &[u8]) -> Result<(), Trouble> {
        let hello = hello(envelope.from());
        in_time(async {
            let mut connection = self.connect(&hello).await?;
            let taken = hand_over(&mut connection, envelope, bytes).await;
            // Taken or not: that is settled now.
            let _ = timeout(GOODBYE, connection.quit()).await;
            taken
        })
    }

    /// Greets the server and goes again.
    pub(super) fn look(&self, from: &Address) -> Result<String, String> {
        let looked = in_time(async {
            let mut connection = self.connect(&hello(Some(from))).await?;
            let _ = timeout(GOODBYE, connection.quit()).await;
            Ok(connection.is_encrypted())
        });
        let known = if self.login.is_some() { " and lets us in" } else { "" };
        match looked {
            Ok(true) => Ok(format!("{} answers{known}, encrypted", self.server)),
            Ok(false) => Ok(format!("{} answers{known}, not encrypted, on this machine", self.server)),
            Err(trouble) => Err(format!("{}: {}", self.server, what_to_do(trouble.code()))),
        }
    }

    async fn connect(&self, hello: &ClientId) -> Result<AsyncSmtpConnection, Trouble> {
        let place = (self.server.host.as_str(), self.server.port);
        let from_the_start = self.secrets.clone().filter(|_| self.server.secrecy == Secrecy::FromTheStart);
        let connected = AsyncSmtpConnection::connect_tokio1(place, Some(EACH_ADDRESS), hello, from_the_start, None).await;
        let mut connection =
            connected.map_err(|cause| told(&cause, if is_of_the_network(&cause) { "no-connection" } else { "not-secret" }))?;
        if let (Some(secrets), Secrecy::OnceGreeted) = (&self.secrets, self.server.secrecy) {
            connection.starttls(secrets.clone(), hello).await.map_err(|cause| told(&cause, "not-secret"))?;
        }
        if let Some(login) = &self.login {
            connection.auth(DEFAULT_MECHANISMS, login).await.map_err(|cause| told(&cause, "not-let-in"))?;
        }
        Ok(connection)
    }
}

/// Our name to the server: our letters' domain, which it knows anyway, and not this machine's.
fn hello(from: Option<&Address>) -> ClientId {
    from.map_or_else(ClientId::default, |from| ClientId::Domain(from.domain().to_owned()))
}

async fn hand_over(connection: &mut AsyncSmtpConnection, envelope: &Envelope, bytes: &[u8]) -> Result<(), Trouble> {
    let plain = envelope.from().into_iter().chain(envelope.to()).all(|address| address.to_string().is_ascii());
    if !plain && !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
        return Err(Trouble::for_good("bad-address"));
    }
    let options = if plain { Vec::new() } else { vec![MailParameter::SmtpUtfEight] };
    let refused = |cause: Error| of_the_letter(&cause);
    connection.command(Mail::new(envelope.from().cloned(), options)).await.map_err(refused)?;
    for to in envelope.to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(refused)?;
    }
    connection.command(Data).await.map_err(refused)?;
    connection.message(bytes).await.map_err(refused)?;
    Ok(())
}

/// Whether the network failed us, and not what was said over it.
fn is_of_the_network(cause: &Error) -> bool {
    std::error::Error::source(cause).is_none_or(|source| source.is::<std::io::Error>())
}

/// What a server said to this one letter. A refusal is for good, unless it is about us.
fn of_the_letter(cause: &Error) -> Trouble {
    match cause.status().map(u16::from) {
        Some(code) if cause.is_permanent() && !NOT_LET_IN.contains(&code) => Trouble::ForGood(format!("refused-{code}")),
        _ => told(cause, "broken-off"),
    }
}

/// What went wrong between us and the server, whatever the letter; such things pass or are mended. `else_code` where nothing
/// better is known.
fn told(cause: &Error, else_code: &str) -> Trouble {
    match cause.status().map(u16::from) {
        Some(code) if NOT_LET_IN.contains(&code) => Trouble::ForNow(format!("not-let-in-{code}")),
        Some(code) => Trouble::ForNow(format!("not-now-{code}")),
        None if cause.is_response() => Trouble::for_now("not-understood"),
        None => Trouble::for_now(else_code),
    }
}

/// Runs it here and now, but not beyond the deadline: what isn't done by then is dropped, its connection closed.
fn in_time<T>(work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|cause| {
        tracing::warn!(%cause, "no letter can be sent");
        Trouble::for_now("this-machine")
    })?;
    let outcome = runtime.block_on(async { timeout(DEADLINE, work).await });
    // A name that is still being looked up must not hold us up.
    runtime.shutdown_background();
    outcome.unwrap_or_else(|_| Err(Trouble::for_now("too-slow")))
}

fn what_to_do(code: &str) -> String {
    let advice = match code {
        "no-connection" => "it can't be reached; put MAIL_URL right, or start it",
        "not-secret" => "it offers no encryption that can be trusted; see its certificate, or use smtps://",
        "too-slow" => "it doesn't answer in time; put MAIL_URL right, or see how it is",
        _ if code.starts_with("not-let-in") => "it doesn't let us in; put user and password in MAIL_URL right",
        _ => "it doesn't take letters now; see how it is",
    };
    format!("{advice} ({code})")
}
