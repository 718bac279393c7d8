//! Where letters go: the setting `MAIL_URL`.

use std::{ffi::OsStr, fmt, net::IpAddr, path::PathBuf};

use clap::{Arg, Command, Error, builder::TypedValueParser, error::ErrorKind};
use percent_encoding::percent_decode_str;
use url::{Host, Url};

use crate::config::Secret;

/// The port where mail programs hand over letters, and the one that is encrypted from the start (RFC 8314).
const SUBMISSION: u16 = 587;
const SUBMISSIONS: u16 = 465;

/// Where letters go.
#[derive(Debug, Clone)]
pub enum MailUrl {
    /// To a mail server.
    Server(Server),
    /// Into a folder, a file for each.
    Folder(PathBuf),
    /// Nowhere but this process's memory.
    Memory,
}

/// A mail server. Name and password aren't shown.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Name and password, where it wants them.
    pub login: Option<Login>,
    /// How what is said to it is kept secret.
    pub secrecy: Secrecy,
}

/// Name and password for a mail server.
#[derive(Debug, Clone)]
pub struct Login {
    pub(super) user: Secret,
    pub(super) password: Secret,
}

/// How what is said to a mail server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// Encrypted from the start: `smtps://`.
    FromTheStart,
    /// Encrypted once it has greeted us (STARTTLS), or nothing is sent.
    OnceGreeted,
    /// Not encrypted: the server is on this machine.
    ThisMachine,
}

impl MailUrl {
    /// Reads the setting. What is wrong is told without quoting it, since it may hold a password.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text == "memory:" {
            return Ok(Self::Memory);
        }
        match text.strip_prefix("folder:") {
            Some("") => Err("name a folder after folder:"),
            Some(path) => Ok(Self::Folder(PathBuf::from(path))),
            None => server(text).map(Self::Server),
        }
    }
}

fn server(text: &str) -> Result<Server, &'static str> {
    let url =
        Url::parse(text).map_err(|_| "it can't be read; write smtp://USER:PASSWORD@HOST:PORT, with % codes for odd signs")?;
    let host = match url.host() {
        Some(Host::Ipv6(address)) => address.to_string(),
        Some(host) => host.to_string(),
        None => return Err("begin it with smtp://, smtps:// or folder:, and name a host after smtp://"),
    };
    let secrecy = match url.scheme() {
        "smtps" => Secrecy::FromTheStart,
        "smtp" if is_this_machine(&host) => Secrecy::ThisMachine,
        "smtp" => Secrecy::OnceGreeted,
        _ => return Err("begin it with smtp://, smtps:// or folder:"),
    };
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err("end it with the host or the port; write % codes for odd signs in the password");
    }
    let usual = if secrecy == Secrecy::FromTheStart { SUBMISSIONS } else { SUBMISSION };
    Ok(Server { host, port: url.port().unwrap_or(usual), login: login(&url)?, secrecy })
}

fn login(url: &Url) -> Result<Option<Login>, &'static str> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().map(|text| Secret(text.into_owned()));
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err("a password needs a user"),
        (_, None) => Err("a user needs a password"),
        (user, Some(password)) => {
            let decoded = decode(user).and_then(|user| Ok(Login { user, password: decode(password)? }));
            decoded.map(Some).map_err(|_| "user and password must be plain text in % codes")
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Reads the setting for the command line. clap would quote a value that is wrong, password and all; this doesn't.
#[derive(Debug, Clone, Copy)]
pub struct MailUrlParser;

impl TypedValueParser for MailUrlParser {
    type Value = MailUrl;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, value: &OsStr) -> Result<MailUrl, Error> {
        let parsed = value.to_str().ok_or("it isn't plain text").and_then(MailUrl::parse);
        parsed.map_err(|wrong| {
            Error::raw(ErrorKind::ValueValidation, format!("MAIL_URL can't be used: {wrong}\n")).with_cmd(command)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Server {
        match MailUrl::parse(text) {
            Ok(MailUrl::Server(server)) => server,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_server_elsewhere_is_only_spoken_to_in_secret() {
        for (url, secrecy, port) in [
            ("smtp://mail.example", Secrecy::OnceGreeted, 587),
            ("smtp://mail.example:25", Secrecy::OnceGreeted, 25),
            ("smtps://mail.example", Secrecy::FromTheStart, 465),
            ("smtp://localhost:2525", Secrecy::ThisMachine, 2525),
            ("smtp://127.0.0.1", Secrecy::ThisMachine, 587),
            ("smtp://[::1]:25", Secrecy::ThisMachine, 25),
            ("smtp://10.0.0.1", Secrecy::OnceGreeted, 587),
            ("smtp://localhost.example", Secrecy::OnceGreeted, 587),
        ] {
            assert_eq!((of(url).secrecy, of(url).port), (secrecy, port), "{url}");
        }
        assert_eq!(of("smtp://[::1]:25").host, "::1");
    }

    #[test]
    fn a_password_is_read_with_its_odd_signs_and_never_shown() {
        let server = of("smtps://post%40ours:p%3A%2F%C3%A9ss@mail.example");
        let login = server.login.as_ref().expect("a login");
        assert_eq!((login.user.0.as_str(), login.password.0.as_str()), ("post@ours", "p:/éss"));
        assert_eq!(server.to_string(), "mail.example:465");
        let shown = format!("{server:?}");
        assert!(!shown.contains("post") && !shown.contains("ss\""), "{shown}");
    }

    #[test]
    fn other_places_and_nonsense() {
        assert!(matches!(MailUrl::parse("memory:"), Ok(MailUrl::Memory)));
        assert!(matches!(MailUrl::parse("folder:/a/b"), Ok(MailUrl::Folder(path)) if path.ends_with("a/b")));
        for wrong in [
            "",
            "memory",
            "folder:",
            "mail.example",
            "mail.example:25",
            "smtp://",
            "smtp:mail.example",
            "http://mail.example",
            "smtp://a@mail.example",
            "smtp://:b@mail.example",
            "smtp://a:b@mail.example/path",
            "smtp://a:b@mail.example?tls=no",
            "smtp://a:%FF@mail.example",
        ] {
            assert!(MailUrl::parse(wrong).is_err(), "{wrong}");
        }
    }
}
