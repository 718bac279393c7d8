//! A backup of PostgreSQL by its own programs, `pg_dump` and `pg_restore`. No password stands on a command line.

use std::{
    error::Error,
    io::{self, Read, Write},
    path::PathBuf,
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio},
    thread::JoinHandle,
};

use percent_encoding::percent_decode_str;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Seconds to wait for a connection, and for a lock.
const PATIENCE: &str = "15";

/// Writes a consistent copy of the database while it goes on being used.
pub(super) fn dump(url: &str, out: &mut dyn Write) -> Outcome<()> {
    let mut command = tool("pg_dump", url)?;
    command.args(["--format=custom", "--no-owner", "--no-privileges", &format!("--lock-wait-timeout={PATIENCE}s")]);
    let mut running = Running::start(command.stdin(Stdio::null()).stdout(Stdio::piped()), "pg_dump")?;
    let copied = running.stdout.take().map_or(Ok(0), |mut from| io::copy(&mut from, out));
    running.end()?;
    copied?;
    Ok(())
}

/// Fills an empty database, wholly or not at all.
pub(super) fn fill(url: &str, from: &mut impl Read) -> Outcome<()> {
    let mut command = tool("pg_restore", url)?;
    command.args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]);
    let mut running = Running::start(command.stdin(Stdio::piped()).stdout(Stdio::null()), "pg_restore")?;
    let copied = match running.stdin.take() {
        Some(mut into) => copy(from, &mut into, &mut running),
        None => Ok(()),
    };
    running.end()?;
    copied
}

/// A backup that breaks off must not be taken for a whole one, so the program is ended before it sees the end of its input.
fn copy(from: &mut impl Read, into: &mut ChildStdin, running: &mut Running) -> Outcome<()> {
    let mut part = vec![0; 1 << 16];
    loop {
        let read = match from.read(&mut part) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(cause) => {
                running.child.kill()?;
                return Err(format!("the backup is damaged or was cut short ({cause}); nothing was restored").into());
            }
        };
        // Why it doesn't listen any more, it says itself.
        if into.write_all(&part[..read]).is_err() {
            return Ok(());
        }
    }
}

/// One of PostgreSQL's programs at work.
struct Running {
    name: &'static str,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    said: JoinHandle<String>,
}

impl Running {
    fn start(command: &mut Command, name: &'static str) -> Outcome<Self> {
        let mut child = command.stderr(Stdio::piped()).spawn().map_err(|cause| format!("{name} can't be run: {cause}"))?;
        let stderr = child.stderr.take();
        let said = std::thread::spawn(move || stderr.map(words).unwrap_or_default());
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        Ok(Self { name, child, stdin, stdout, said })
    }

    fn end(self) -> Outcome<()> {
        let Self { name, mut child, stdin, stdout, said } = self;
        drop((stdin, stdout));
        let status = child.wait()?;
        let said = said.join().unwrap_or_default();
        if status.success() { Ok(()) } else { Err(format!("{name} failed: {}", said.trim()).into()) }
    }
}

fn words(mut from: ChildStderr) -> String {
    let mut said = Vec::new();
    let _ = from.read_to_end(&mut said);
    String::from_utf8_lossy(&said).into_owned()
}

/// One of PostgreSQL's programs, with the database it is for.
fn tool(name: &str, url: &str) -> Outcome<Command> {
    let path = find(name).ok_or_else(|| format!("{name} isn't on this machine; install PostgreSQL's client programs"))?;
    let (url, password) = without_password(url);
    let mut command = Command::new(path);
    command.arg(format!("--dbname={url}")).arg("--no-password").env("PGCONNECT_TIMEOUT", PATIENCE);
    command.envs(password.map(|password| ("PGPASSWORD", password)));
    Ok(command)
}

/// On the path, or else the newest where Debian keeps them.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut debian: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    folders.extend(debian.into_iter().rev());
    folders.into_iter().map(|folder| folder.join(name)).find(|program| program.exists())
}

/// The URL without its password, and the password, whether it stands before the host or among the parameters.
fn without_password(url: &str) -> (String, Option<String>) {
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (address, parameters) = rest.split_once('?').map_or((rest, ""), |(address, parameters)| (address, parameters));
    let (user, host) = address.rsplit_once('@').map_or(("", address), |(user, host)| (user, host));
    let (user, before_host) = user.split_once(':').map_or((user, None), |(user, password)| (user, Some(plain(password))));
    let (passwords, others): (Vec<&str>, Vec<&str>) = parameters.split('&').partition(|part| part.starts_with("password="));
    let among = passwords.first().and_then(|part| part.split_once('=')).map(|(_, password)| plain(password));
    let at = if user.is_empty() { "" } else { "@" };
    let parameters = others.join("&");
    let question = if parameters.is_empty() { "" } else { "?" };
    (format!("{scheme}://{user}{at}{host}{question}{parameters}"), among.or(before_host).filter(|password| !password.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_of_the_url_wherever_it_stands() {
        for (url, without, password) in [
            ("postgres://ann@h/d", "postgres://ann@h/d", None),
            ("postgres://ann:p%40ss@h:5432/d?sslmode=require", "postgres://ann@h:5432/d?sslmode=require", Some("p@ss")),
            (
                "postgres://h/d?user=ann&password=a%26b&connect_timeout=3",
                "postgres://h/d?user=ann&connect_timeout=3",
                Some("a&b"),
            ),
            ("postgresql:///d?host=/run/x&password=s", "postgresql:///d?host=/run/x", Some("s")),
            ("postgres://ann:@h/d", "postgres://ann@h/d", None),
        ] {
            assert_eq!(without_password(url), (without.to_owned(), password.map(str::to_owned)), "{url}");
        }
    }
}
