//! How a backup is encrypted: with age, to a recipient whose key lies elsewhere, or with a passphrase.

use std::{
    error::Error,
    fmt,
    fs::{File, OpenOptions},
    io::{BufReader, Read, Write},
    iter,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use age::{
    Decryptor, Encryptor,
    secrecy::{ExposeSecret, SecretString},
    stream::{StreamReader, StreamWriter},
    x25519,
};
use clap::Args;
use zeroize::Zeroizing;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Who can open a new backup.
#[derive(Debug, Clone, Args)]
pub struct Lock {
    /// Whoever has the key to this age recipient, age1..., can open the backup; several with commas between.
    #[arg(long, env = "BACKUP_RECIPIENT", value_delimiter = ',', value_parser = recipient)]
    recipient: Vec<Recipient>,

    /// A file with a passphrase in its first line; whoever knows it can open the backup.
    #[arg(long, env = "BACKUP_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

/// What opens a backup.
#[derive(Debug, Clone, Args)]
pub struct Unlock {
    /// A file with the key to the recipient, as `footbridge backup-key` or age-keygen makes it.
    #[arg(long, env = "BACKUP_IDENTITY_FILE")]
    identity_file: Option<PathBuf>,

    /// A file with the passphrase in its first line.
    #[arg(long, env = "BACKUP_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

/// An age recipient.
#[derive(Clone)]
struct Recipient(x25519::Recipient);

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn recipient(text: &str) -> Result<Recipient, String> {
    text.trim().parse().map(Recipient).map_err(|cause| format!("not an age recipient ({cause}); it begins with age1"))
}

impl Lock {
    /// A writer that encrypts; it must be finished.
    pub(super) fn encrypt<W: Write>(&self, out: W) -> Outcome<StreamWriter<W>> {
        let encryptor = match (&self.passphrase_file, self.recipient.is_empty()) {
            (Some(file), true) => Encryptor::with_user_passphrase(passphrase(file)?),
            (None, false) => Encryptor::with_recipients(self.recipient.iter().map(|one| &one.0 as _))?,
            (Some(_), false) => return Err("give either BACKUP_RECIPIENT or BACKUP_PASSPHRASE_FILE, not both".into()),
            (None, true) => {
                return Err("say who may open the backup: BACKUP_RECIPIENT (made by `footbridge backup-key`) or \
                            BACKUP_PASSPHRASE_FILE"
                    .into());
            }
        };
        Ok(encryptor.wrap_output(out)?)
    }
}

impl Unlock {
    /// A reader that decrypts.
    pub(super) fn decrypt(&self, file: File) -> Outcome<StreamReader<BufReader<File>>> {
        let decryptor = Decryptor::new_buffered(BufReader::new(file)).map_err(|_| "this is not a backup, or it is damaged")?;
        match (decryptor.is_scrypt(), &self.passphrase_file, &self.identity_file) {
            (true, Some(file), _) => {
                let identity = age::scrypt::Identity::new(passphrase(file)?);
                decryptor.decrypt(iter::once(&identity as _)).map_err(|_| "the passphrase doesn't open this backup".into())
            }
            (false, _, Some(file)) => {
                let identities = identities(file)?;
                let opened = decryptor.decrypt(identities.iter().map(|one| one as _));
                opened.map_err(|_| format!("no key in {} opens this backup", file.display()).into())
            }
            (true, None, _) => Err("this backup opens with a passphrase: name its file in BACKUP_PASSPHRASE_FILE".into()),
            (false, _, None) => Err("this backup opens with a key: name its file in BACKUP_IDENTITY_FILE".into()),
        }
    }
}

fn read(path: &Path) -> Outcome<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    let read = File::open(path).and_then(|mut file| file.read_to_string(&mut text));
    read.map_err(|cause| format!("{}: {cause}", path.display()))?;
    Ok(text)
}

fn passphrase(path: &Path) -> Outcome<SecretString> {
    let text = read(path)?;
    match text.lines().next() {
        Some(line) if line.chars().count() >= SHORTEST => Ok(SecretString::from(line.to_owned())),
        _ => Err(format!("{}: its first line must have at least {SHORTEST} characters", path.display()).into()),
    }
}

/// A shorter passphrase is too easily guessed by whoever has the file and time.
const SHORTEST: usize = 16;

fn identities(path: &Path) -> Outcome<Vec<x25519::Identity>> {
    let text = read(path)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let identities: Result<Vec<x25519::Identity>, _> = lines.map(str::parse).collect();
    identities.map_err(|cause| format!("{}: {cause}", path.display()).into())
}

/// Makes a key for backups in a new file and gives its recipient.
pub fn make_key(path: &Path) -> Outcome<String> {
    let identity = x25519::Identity::generate();
    let recipient = identity.to_public().to_string();
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = made.map_err(|cause| format!("{}: {cause}", path.display()))?;
    writeln!(
        file,
        "# Opens Footbridge's backups. Keep it where neither the service nor its backups are.\n# public key: {recipient}"
    )?;
    writeln!(file, "{}", identity.to_string().expose_secret())?;
    file.sync_all()?;
    Ok(recipient)
}
