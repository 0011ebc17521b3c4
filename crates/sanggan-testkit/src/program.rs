//! The real program, started in a folder of its own and ended whatever the test does.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A command that has ended.
#[derive(Debug)]
pub struct Ran {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
}

impl Ran {
    /// The printed JSON.
    ///
    /// # Panics
    /// When the command failed or printed no JSON; shows what it said.
    pub fn json(&self) -> Value {
        assert!(self.status.success(), "the command failed ({}):\n{}", self.status, self.stderr);
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("no JSON ({error}): {}\n{}", self.stdout, self.stderr),
        }
    }
}

/// A running program that prints one JSON object a line (`serve` or `demo` with `--format json`).
#[derive(Debug)]
pub struct Program {
    child: Child,
    lines: Receiver<String>,
    said: Arc<Mutex<String>>,
}

impl Program {
    /// Runs a command to its end. Settings of the environment do not reach it.
    ///
    /// # Panics
    /// When the program cannot be started.
    pub fn run<S: AsRef<OsStr>>(binary: &str, folder: &Path, arguments: &[S]) -> Ran {
        let output = command(binary, folder, arguments).output().expect("the program can be started");
        Ran {
            status: output.status,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Starts a command in `folder`.
    ///
    /// # Panics
    /// When the program cannot be started.
    pub fn start<S: AsRef<OsStr>>(binary: &str, folder: &Path, arguments: &[S]) -> Program {
        let mut child = command(binary, folder, arguments).spawn().expect("the program can be started");
        let (sender, lines) = channel();
        let stdout = child.stdout.take().expect("standard output is piped");
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let said = Arc::new(Mutex::new(String::new()));
        let mut stderr = child.stderr.take().expect("standard error is piped");
        let kept = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut buffer = [0u8; 4096];
            while let Ok(count) = stderr.read(&mut buffer) {
                if count == 0 {
                    break;
                }
                kept.lock().expect("no test holds it").push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        });
        Program { child, lines, said }
    }

    /// Everything the program has said on standard error so far.
    pub fn said(&self) -> String {
        self.said.lock().expect("no test holds it").clone()
    }

    /// The next printed object whose `event` is `event`; others before it are passed over.
    ///
    /// # Panics
    /// When it does not come within `wait`, or the program ends first; shows what it said.
    pub fn event(&mut self, event: &str, wait: Duration) -> Value {
        let until = Instant::now() + wait;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => match serde_json::from_str::<Value>(&line) {
                    Ok(value) if value["event"] == event => return value,
                    _ => {}
                },
                Err(RecvTimeoutError::Timeout) => {
                    panic!("no `{event}` within {wait:?}; the program said:\n{}", self.said())
                }
                Err(RecvTimeoutError::Disconnected) => {
                    // What it said last may still be on its way.
                    std::thread::sleep(Duration::from_millis(100));
                    panic!("the program ended before `{event}`; it said:\n{}", self.said())
                }
            }
        }
    }

    /// Kills the program as `kill -9` does, and waits until it is gone.
    ///
    /// # Panics
    /// When the system does not let it.
    pub fn kill(&mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a killed child ends");
    }

    /// Asks the program to stop (SIGTERM) and waits for its end.
    ///
    /// # Panics
    /// When it has not ended after `wait`; it is killed then.
    pub fn stop(&mut self, wait: Duration) -> ExitStatus {
        let asked = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        assert!(asked.is_ok_and(|status| status.success()), "the program could not be asked to stop");
        let until = Instant::now() + wait;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status;
            }
            if Instant::now() >= until {
                let said = self.said();
                self.kill();
                panic!("the program did not stop within {wait:?}; it said:\n{said}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already; either way nothing is left behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command<S: AsRef<OsStr>>(binary: &str, folder: &Path, arguments: &[S]) -> Command {
    let mut command = Command::new(PathBuf::from(binary));
    command
        .current_dir(folder)
        .args(arguments)
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "TMPDIR"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}
