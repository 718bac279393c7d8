//! A PostgreSQL server of the tests' own: the machine's binaries, an unprivileged user, a free port, gone with the tests.

use std::{
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};

/// Runs the server until our end of its standard input closes, which it does however this process ends.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" -p "$3" -k "$2" -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off \
    -c full_page_writes=off -c max_connections=300 -c shared_buffers=64MB >"$2/log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT "$server"
wait "$server"
rm -rf "$2"
"#;

struct Server {
    url: String,
    _keeper: Child,
}

static SERVER: LazyLock<Option<Server>> = LazyLock::new(start);
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A fresh, empty database; none where the machine has no PostgreSQL, which fails under CI=true.
pub fn fresh_database() -> Option<String> {
    let Some(server) = &*SERVER else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "PostgreSQL's binaries are not on this machine");
        eprintln!("skipped: PostgreSQL's binaries are not on this machine");
        return None;
    };
    let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut c = PgConnection::establish(&format!("{}/postgres", server.url)).expect("the test server answers");
    c.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database can be made");
    Some(format!("{}/{name}", server.url))
}

fn start() -> Option<Server> {
    let binaries = binaries()?;
    let folder = std::env::temp_dir().join(format!("footbridge-postgres-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the server");
    let user = unprivileged_user();
    if let Some((uid, gid)) = user {
        chown(&folder, Some(uid), Some(gid)).expect("the folder can be handed over");
    }
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let made = as_user(Command::new(binaries.join("initdb")), user)
        .args(["--username=footbridge", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
        .arg(folder.join("data"))
        .current_dir(&folder)
        .stdout(Stdio::null())
        .output()
        .expect("initdb runs");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let keeper = as_user(Command::new("sh"), user)
        .args(["-c", KEEPER, "keeper"])
        .args([&binaries, &folder])
        .arg(port.to_string())
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let url = format!("postgres://footbridge@127.0.0.1:{port}");
    wait_for(&url, &folder);
    Some(Server { url, _keeper: keeper })
}

fn wait_for(url: &str, folder: &Path) {
    let began = Instant::now();
    while PgConnection::establish(&format!("{url}/postgres")).is_err() {
        let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(began.elapsed() < Duration::from_secs(30), "PostgreSQL does not come up:\n{}", log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut debian: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    folders.extend(debian.into_iter().rev());
    folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// PostgreSQL refuses to run as root; then it runs as `nobody`.
fn unprivileged_user() -> Option<(u32, u32)> {
    let own = std::fs::metadata("/proc/self").ok().map(|meta| std::os::unix::fs::MetadataExt::uid(&meta))?;
    if own != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("a list of users");
    let nobody = users.lines().find(|line| line.starts_with("nobody:")).expect("a user nobody");
    let parts: Vec<&str> = nobody.split(':').collect();
    Some((parts[2].parse().expect("a number"), parts[3].parse().expect("a number")))
}

fn as_user(mut command: Command, user: Option<(u32, u32)>) -> Command {
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}
