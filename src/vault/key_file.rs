//! The key file: what stays outside the database, so that the database alone tells nobody anything.
//!
//! It has one key for marks, which never changes, and one or several numbered master keys, which wrap the keys of persons.

use std::{
    fmt::{self, Write as _},
    fs::{File, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{
    cipher::{self, Secret},
    sealed::Key,
};
use crate::values::SubjectId;

/// What the file begins with, for whoever finds it.
const PREFACE: &str = "\
# Footbridge's keys. Without this file, no person's record in the database can be read, not by anyone.
# Keep a copy of it in a safe place, and never beside a backup of the database.
";

/// The key file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It can't be read or written.
    #[error("the key file {path} can't be used: {1}", path = .0.display())]
    Io(PathBuf, #[source] io::Error),
    /// It was there and isn't any more.
    #[error("the key file {} is gone; put its copy back", .0.display())]
    Gone(PathBuf),
    /// A line of it makes no sense.
    #[error("the key file {path} is damaged in line {1}; put its copy back", path = .0.display())]
    Damaged(PathBuf, usize),
    /// It lacks the key for marks, or has no master key.
    #[error("the key file {} is cut short; put its copy back", .0.display())]
    Short(PathBuf),
    /// Others on the machine can read or write it.
    #[error("everyone on this machine can get at the key file {path}; run `chmod 600 {path}`", path = .0.display())]
    Open(PathBuf),
}

/// A master key with its number.
#[derive(Clone)]
struct Master {
    number: i32,
    secret: Secret,
}

/// The keys of the file.
#[derive(Clone)]
pub(crate) struct Keys {
    marks: Secret,
    masters: Vec<Master>,
}

impl Keys {
    pub(super) fn new() -> Self {
        Self { marks: cipher::new_secret(), masters: vec![Master { number: 1, secret: cipher::new_secret() }] }
    }

    /// Reads the file; none where there is no such file.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, KeyFileError> {
        let trouble = |cause| KeyFileError::Io(path.to_owned(), cause);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(trouble(cause)),
        };
        if std::fs::metadata(path).map_err(trouble)?.permissions().mode() & 0o007 != 0 {
            return Err(KeyFileError::Open(path.to_owned()));
        }
        Self::parse(&text, path).map(Some)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, KeyFileError> {
        let (mut marks, mut masters) = (None, Vec::new());
        for (at, line) in text.lines().enumerate() {
            match line.split(' ').collect::<Vec<_>>()[..] {
                [first, ..] if first.is_empty() || first.starts_with('#') => {}
                ["marks", secret] => marks = Some(cipher::secret_from(secret).ok_or(at)),
                ["master", number, secret] => masters.push(master(number, secret).ok_or(at)),
                _ => masters.push(Err(at)),
            }
        }
        let damaged = |at: usize| KeyFileError::Damaged(path.to_owned(), at + 1);
        let masters = masters.into_iter().collect::<Result<Vec<_>, _>>().map_err(damaged)?;
        match marks.transpose().map_err(damaged)? {
            Some(marks) if !masters.is_empty() => Ok(Self { marks, masters }),
            _ => Err(KeyFileError::Short(path.to_owned())),
        }
    }

    /// Makes the file, which must not be there yet; says whether it was this call that made it.
    pub(crate) fn make(path: &Path) -> Result<(Self, bool), KeyFileError> {
        let keys = Self::new();
        match keys.put(path, |partial| std::fs::hard_link(partial, path)) {
            Ok(()) => Ok((keys, true)),
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                Ok((Self::read(path)?.ok_or_else(|| KeyFileError::Short(path.to_owned()))?, false))
            }
            Err(cause) => Err(KeyFileError::Io(path.to_owned(), cause)),
        }
    }

    /// Writes the file anew; whoever could read it still can, also where another user runs this.
    pub(super) fn replace(&self, path: &Path) -> Result<(), KeyFileError> {
        let put = || {
            let path = std::fs::canonicalize(path)?;
            let was = std::fs::metadata(&path)?;
            self.put(&path, |partial| {
                chown(partial, Some(was.uid()), Some(was.gid()))?;
                std::fs::set_permissions(partial, was.permissions())?;
                std::fs::rename(partial, &path)
            })
        };
        put().map_err(|cause| KeyFileError::Io(path.to_owned(), cause))
    }

    /// Writes the file beside its place and `settle`s it there, so that no moment knows half a file.
    fn put(&self, path: &Path, settle: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let partial = path.with_added_extension(format!("{:016x}", u64::from_be_bytes(cipher::random())));
        let written = self.write_to(&partial).and_then(|()| settle(&partial));
        // Renamed away, or of no use.
        let _ = std::fs::remove_file(&partial);
        written?;
        File::open(folder)?.sync_all()
    }

    fn write_to(&self, path: &Path) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(self.text().as_bytes())?;
        file.sync_all()
    }

    pub(super) fn text(&self) -> Zeroizing<String> {
        let secret = |secret: &Secret| Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(**secret));
        let mut text = Zeroizing::new(String::with_capacity(PREFACE.len() + 100 * (self.masters.len() + 1)));
        text.push_str(PREFACE);
        // Writing to a string can't fail.
        let _ = writeln!(text, "marks {}", *secret(&self.marks));
        for master in &self.masters {
            let _ = writeln!(text, "master {} {}", master.number, *secret(&master.secret));
        }
        text
    }

    /// What tells this file from another's, and gives nothing of it away.
    pub(crate) fn fingerprint(&self) -> String {
        self.mark("footbridge key file", "")
    }

    /// A keyed hash of a value, for one purpose.
    #[allow(clippy::expect_used, reason = "a key of this kind may have any length")]
    pub(super) fn mark(&self, purpose: &str, value: &str) -> String {
        let mut hash = Hmac::<Sha256>::new_from_slice(&*self.marks).expect("a key");
        hash.update(&cipher::joined(&[purpose, value]));
        BASE64_URL_SAFE_NO_PAD.encode(hash.finalize().into_bytes())
    }

    /// The numbers of its master keys.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = i32> {
        self.masters.iter().map(|master| master.number)
    }

    /// The number of the newest master key.
    pub(super) fn newest(&self) -> i32 {
        self.numbers().max().unwrap_or(1)
    }

    pub(super) fn add_master(&mut self) {
        self.masters.push(Master { number: self.newest() + 1, secret: cipher::new_secret() });
    }

    pub(super) fn drop_masters(&mut self, numbers: &[i32]) {
        self.masters.retain(|master| !numbers.contains(&master.number));
    }

    fn master(&self, number: i32) -> Option<&Master> {
        self.masters.iter().find(|master| master.number == number)
    }

    /// Wraps a key with a master key; none where the file lacks that one.
    pub(super) fn wrap(&self, number: i32, key: &Key) -> Option<String> {
        let master = self.master(number)?;
        Some(cipher::seal(&master.secret, &bound(number, key.subject()), key.secret()))
    }

    /// Unwraps a key; none where the file lacks that master key, or where it is another.
    pub(super) fn unwrap(&self, number: i32, subject: SubjectId, wrapped: &str) -> Option<Key> {
        let master = self.master(number)?;
        let bytes = cipher::open(&master.secret, &bound(number, subject), wrapped)?;
        let secret = <[u8; 32]>::try_from(bytes.as_slice()).ok()?;
        Some(Key::new(subject, Zeroizing::new(secret)))
    }
}

fn master(number: &str, secret: &str) -> Option<Master> {
    Some(Master { number: number.parse().ok()?, secret: cipher::secret_from(secret)? })
}

fn bound(number: i32, subject: SubjectId) -> [String; 3] {
    ["footbridge key".to_owned(), number.to_string(), subject.to_string()]
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}
