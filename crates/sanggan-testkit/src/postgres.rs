//! A PostgreSQL of the tests' own: started when the first test asks, gone when the test process is, however it ends.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

/// Oldest major version the store runs on.
const OLDEST: u32 = 15;
/// The guard: makes a server in a folder of its own, obeys `start` and `stop`, and when its standard input ends (the
/// tests are over, or were killed) ends the server and removes the folder.
const GUARD: &str = include_str!("postgres.sh");

/// A running server with PostGIS, reached by a socket in its folder; listens to no port.
#[derive(Debug)]
pub struct Postgres {
    folder: PathBuf,
    bin: PathBuf,
    guard: Mutex<Guard>,
    made: AtomicUsize,
}

#[derive(Debug)]
struct Guard {
    child: Child,
    /// `None` once it is told that the tests are over.
    orders: Option<ChildStdin>,
    answers: BufReader<std::process::ChildStdout>,
}

impl Postgres {
    /// The one server of this test process.
    ///
    /// # Panics
    /// When there is no PostgreSQL, or it does not start; says what to do.
    pub fn shared() -> &'static Postgres {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Postgres::of_its_own)
    }

    /// A server that a test may stop and start again. Gone when dropped.
    ///
    /// # Panics
    /// As [`Postgres::shared`].
    pub fn of_its_own() -> Postgres {
        let Some(bin) = binaries() else {
            panic!(
                "no PostgreSQL {OLDEST} or newer here (looked in /usr/lib/postgresql); run `scripts/install.sh test`"
            );
        };
        // The path of a socket may have 107 bytes: a deep TMPDIR would not do.
        let mut child = Command::new("sh")
            .args(["-c", GUARD, "postgres-guard"])
            .arg(&bin)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell can be started");
        let orders = child.stdin.take();
        let mut answers = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let folder = answer(&mut answers);
        let Some(folder) = folder.strip_prefix("ready ").map(PathBuf::from) else {
            panic!(
                "PostgreSQL at {} did not start, or has no PostGIS: {folder}; run `scripts/install.sh test`",
                bin.display()
            );
        };
        Postgres {
            folder,
            bin,
            guard: Mutex::new(Guard { child, orders, answers }),
            made: AtomicUsize::new(0),
        }
    }

    /// A new, empty database with PostGIS; its address.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn fresh_database(&self) -> String {
        let name = format!("test_{}", self.made.fetch_add(1, Ordering::SeqCst));
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE base STRATEGY file_copy"));
        self.url(&name)
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        let socket = self.folder.to_string_lossy().replace('/', "%2F");
        format!("postgres://postgres@{socket}/{database}")
    }

    /// Runs a statement; what it printed, a line for each row.
    ///
    /// # Panics
    /// When it fails; shows what the server said.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let output = Command::new(self.bin.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-h"])
            .arg(&self.folder)
            .args(["-d", database, "-c", statement])
            .stdin(Stdio::null())
            .output()
            .expect("psql stands beside the server");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{statement}` failed: {said}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// What `pg_dump` writes of a database.
    ///
    /// # Panics
    /// When it fails; shows what it said.
    pub fn dump(&self, url: &str) -> Vec<u8> {
        let output = Command::new(self.bin.join("pg_dump"))
            .args(["--no-owner", url])
            .stdin(Stdio::null())
            .output()
            .expect("pg_dump stands beside the server");
        assert!(output.status.success(), "pg_dump: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Stops the server at once, as a power cut does.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop(&self) {
        self.order("stop");
    }

    /// Starts the server again.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(&self) {
        self.order("start");
    }

    fn order(&self, order: &str) {
        let mut guard = self.guard.lock().expect("no test holds it");
        let orders = guard.orders.as_mut().expect("the tests are not over");
        writeln!(orders, "{order}").and_then(|()| orders.flush()).expect("the guard lives");
        let said = answer(&mut guard.answers);
        assert_eq!(said, "done", "PostgreSQL did not {order}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let guard = self.guard.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(guard.orders.take());
        // Either way the guard ends by itself.
        let _ = guard.child.wait();
    }
}

fn answer(answers: &mut impl BufRead) -> String {
    let mut line = String::new();
    answers.read_line(&mut line).expect("the guard's answer is text");
    line.trim_end().to_owned()
}

/// Where the newest installed server is.
fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let newest = versions
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|&version| {
            version >= OLDEST && Path::new(&format!("/usr/lib/postgresql/{version}/bin/postgres")).exists()
        })
        .max()?;
    Some(PathBuf::from(format!("/usr/lib/postgresql/{newest}/bin")))
}
