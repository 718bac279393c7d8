//! How letters leave: to a mail server, into a folder, into memory.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, UNIX_EPOCH},
};

use chrono::NaiveDateTime;
use lettre::{
    Address, Message,
    message::{Mailbox, MultiPart, header::HeaderName, header::HeaderValue},
};
use url::Host;
use uuid::Uuid;

use super::{smtp::Smtp, url::MailUrl};
use crate::{config::Config, vault::Private};

/// Whom letters are from where `MAIL_FROM` says nothing, which only a folder or memory allows.
const FROM_NOBODY: (&str, &str) = ("footbridge", "localhost");
/// The name that stands before the address they are from: it says nothing about anyone.
const SENDER: &str = "Footbridge";

/// What the file of a letter in a folder ends in.
const ENDING: &str = ".eml";

/// A letter that is opened to be sent.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// The letter's id.
    pub id: String,
    /// The address it goes to.
    pub to: Private,
    /// Its subject line.
    pub heading: String,
    /// Its words as text.
    pub text: Private,
    /// Its words as HTML.
    pub html: Private,
    /// What stands left of the @ in its Message-ID.
    pub message_id: String,
    /// When it was posted, UTC.
    pub posted_at: NaiveDateTime,
}

/// Why a letter was not taken, as a code that says nothing about anyone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It may be taken later.
    ForNow(String),
    /// It never will be.
    ForGood(String),
}

impl Trouble {
    pub(super) fn for_now(code: &str) -> Self {
        Self::ForNow(code.to_owned())
    }

    pub(super) fn for_good(code: &str) -> Self {
        Self::ForGood(code.to_owned())
    }

    /// The code.
    pub fn code(&self) -> &str {
        match self {
            Self::ForNow(code) | Self::ForGood(code) => code,
        }
    }
}

/// How letters leave, and whom they are from.
#[derive(Clone)]
pub struct Transport {
    from: Address,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Smtp(Arc<Smtp>),
    Folder(PathBuf),
    /// A folder of our own, where letters wait for nobody.
    Post(PathBuf),
    Memory(Arc<Mutex<Vec<Parcel>>>),
}

impl Transport {
    /// The transport that the settings name. Nothing is connected to or made yet.
    pub fn new(config: &Config) -> Result<Self, &'static str> {
        let way = match &config.mail_url {
            Some(MailUrl::Server(server)) => Way::Smtp(Arc::new(Smtp::new(server.clone())?)),
            Some(MailUrl::Folder(path)) => Way::Folder(path.clone()),
            Some(MailUrl::Memory) => Way::Memory(Arc::default()),
            None => Way::Post(config.data_dir.join("post")),
        };
        let from = match (&config.mail_from, &way) {
            (Some(from), _) => in_ascii(from).ok_or("MAIL_FROM's domain can't be used")?,
            (None, Way::Smtp(_)) => return Err("MAIL_URL names a mail server, so say in MAIL_FROM whom letters are from"),
            (None, _) => Address::new_dangerous(FROM_NOBODY.0, FROM_NOBODY.1),
        };
        Ok(Self { from, way })
    }

    /// Hands a letter over. Blocks for at most half a minute.
    pub fn send(&self, parcel: &Parcel) -> Result<(), Trouble> {
        let message = message(parcel, &self.from)?;
        match &self.way {
            Way::Smtp(smtp) => smtp.send(message.envelope(), &message.formatted()),
            Way::Folder(folder) | Way::Post(folder) => keep(folder, parcel, &message.formatted()).map_err(|cause| {
                tracing::warn!(%cause, "a letter can't be put into the folder");
                Trouble::for_now("folder")
            }),
            Way::Memory(held) => {
                held.lock().unwrap_or_else(PoisonError::into_inner).push(parcel.clone());
                Ok(())
            }
        }
    }

    /// Whether letters leave this service: to a mail server.
    pub fn leaves(&self) -> bool {
        matches!(self.way, Way::Smtp(_))
    }

    /// The letters in our own folder, where they go there: the id of each, and its file. A folder that someone named is theirs to clear.
    pub(super) fn in_our_folder(&self) -> io::Result<Vec<(String, PathBuf)>> {
        let Way::Post(folder) = &self.way else { return Ok(Vec::new()) };
        let files = match fs::read_dir(folder) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            files => files?,
        };
        let letter = |file: io::Result<fs::DirEntry>| {
            let path = file?.path();
            let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(ENDING));
            let id =
                name.and_then(|name| name.split_once('-')).map(|(_, id)| id.to_owned()).filter(|id| id.parse::<Uuid>().is_ok());
            Ok(id.map(|id| (id, path)))
        };
        files.filter_map(|file| letter(file).transpose()).collect()
    }

    /// What was sent into memory, the oldest first.
    pub fn held(&self) -> Vec<Parcel> {
        match &self.way {
            Way::Memory(held) => held.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            _ => Vec::new(),
        }
    }

    /// Looks whether letters could be sent, without sending any.
    pub fn look(&self) -> Result<String, String> {
        match &self.way {
            Way::Smtp(smtp) => smtp.look(&self.from),
            Way::Folder(folder) | Way::Post(folder) => look_at_folder(folder),
            Way::Memory(_) => Ok("kept in memory and gone when the process ends; MAIL_URL names a mail server".to_owned()),
        }
    }
}

fn message(parcel: &Parcel, from: &Address) -> Result<Message, Trouble> {
    let bad = |_| Trouble::for_good("bad-address");
    let to: Address = parcel.to.show().parse().map_err(|_| Trouble::for_good("bad-address"))?;
    let to = in_ascii(&to).ok_or_else(|| Trouble::for_good("bad-address"))?;
    let seconds = u64::try_from(parcel.posted_at.and_utc().timestamp()).unwrap_or(0);
    let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
    Message::builder()
        .from(Mailbox::new(Some(SENDER.to_owned()), from.clone()))
        .to(Mailbox::new(None, to))
        .subject(parcel.heading.as_str())
        .date(UNIX_EPOCH + Duration::from_secs(seconds))
        .message_id(Some(format!("<{}@{}>", parcel.message_id, from.domain())))
        .raw_header(automatic)
        .multipart(MultiPart::alternative_plain_html(parcel.text.show().to_owned(), parcel.html.show().to_owned()))
        .map_err(bad)
}

/// The address with its domain as mail servers know it.
fn in_ascii(address: &Address) -> Option<Address> {
    if address.domain().is_ascii() {
        return Some(address.clone());
    }
    let domain = Host::parse(address.domain()).ok()?.to_string();
    Address::new(address.user(), domain).ok()
}

/// Writes under another name first, so that nobody finds half a letter. A letter that is sent again replaces itself.
fn keep(folder: &Path, parcel: &Parcel, bytes: &[u8]) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let name = format!("{}-{}", parcel.posted_at.format("%Y%m%dT%H%M%S"), parcel.id);
    let part = folder.join(format!("{name}.part"));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()?;
    fs::rename(part, folder.join(format!("{name}{ENDING}")))
}

fn look_at_folder(folder: &Path) -> Result<String, String> {
    let shown = folder.display();
    let whole = std::path::absolute(folder).map_err(|cause| format!("{shown} can't be used ({cause})"))?;
    let there = whole.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    match fs::metadata(there) {
        Ok(meta) if meta.is_dir() => Ok(format!("kept in {shown} and sent nowhere; MAIL_URL names a mail server")),
        _ => Err(format!("{} is no folder, so letters can't be kept in {shown}", there.display())),
    }
}
