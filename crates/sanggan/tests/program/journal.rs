//! The journal from outside: head, export, an independent verifier, and a row changed behind the program's back.

use std::path::Path;
use std::process::Command;

use crate::{json, run};

/// Runs Python, which the verifier needs.
fn python(arguments: &[&str], folder: &Path) -> (bool, String) {
    let ran = Command::new("python3").args(arguments).current_dir(folder).output().expect("python3 runs");
    let said = [ran.stdout, ran.stderr].concat();
    (ran.status.success(), String::from_utf8_lossy(&said).into_owned())
}

fn verify(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/verify-journal.py");
    python(&[&[script.to_str().expect("a path")], arguments].concat(), folder)
}

/// Somebody with the file changes it, whatever the triggers say.
fn tamper(folder: &Path, sql: &str) {
    let code =
        "import sqlite3, sys; base = sqlite3.connect('data/store.sqlite'); base.executescript(sys.argv[1])";
    let (done, said) = python(&["-c", code, sql], folder);
    assert!(done, "{said}");
}

#[test]
fn an_outsider_verifies_an_export_and_a_changed_row_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    json(folder, &["user", "add", "wang", "--role", "security_admin", "--data", "data"]);
    let earlier = run(folder, &["journal", "head", "--data", "data"]).stdout;
    assert!(earlier.starts_with("sanggan/140600\n"), "{earlier}");
    std::fs::write(folder.join("earlier"), &earlier).expect("writes");
    for name in ["li", "zhao", "qian", "sun"] {
        json(folder, &["user", "add", name, "--role", "viewer", "--data", "data"]);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let key = std::fs::metadata(folder.join("data/journal-key.pem")).expect("a key");
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }
    let verified = json(folder, &["journal", "verify", "--against", "earlier", "--data", "data"]);
    let entries = verified["entries"].as_u64().expect("a number");
    assert!(entries >= 5 && verified["against"].as_u64().is_some_and(|then| then < entries), "{verified}");

    let exported = json(folder, &["journal", "export", "out", "--data", "data"]);
    assert_eq!(exported["entries"].as_u64(), Some(entries));
    let (good, said) = verify(folder, &["out", "--earlier", "earlier"]);
    assert!(good && said.contains(&format!("{entries} entries of sanggan/140600")), "{said}");
    assert!(said.contains(verified["root"].as_str().expect("a root")), "{said}");

    // What an outsider is given cannot be changed unseen: an entry, a hash, the head, the key.
    for (file, from, to) in [
        ("entries.jsonl", "\"role\":\"viewer\"", "\"role\":\"operator\""),
        ("checkpoint", "sanggan/140600\n", "sanggan/140601\n"),
        ("entries.jsonl", "\"seq\":2,", "\"seq\":3,"),
    ] {
        let path = folder.join("out").join(file);
        let text = std::fs::read_to_string(&path).expect("reads");
        assert!(text.contains(from), "{file}: {from}");
        std::fs::write(&path, text.replacen(from, to, 1)).expect("writes");
        let (good, said) = verify(folder, &["out"]);
        assert!(!good && said.contains("NOT verified"), "{file}: {said}");
        std::fs::write(&path, text).expect("writes");
    }
    let tile = folder.join("out/tile/0/0");
    let mut bytes = std::fs::read(&tile).expect("reads");
    bytes[70] ^= 1;
    std::fs::write(&tile, &bytes).expect("writes");
    let (good, said) = verify(folder, &["out"]);
    assert!(!good && said.contains("entry 3"), "{said}");

    // Behind the program's back: content alone; content with its leaf; the end cut off.
    let file = folder.join("data/store.sqlite");
    tamper(folder, "PRAGMA wal_checkpoint(TRUNCATE);");
    let whole = std::fs::read(&file).expect("reads");
    let guards = "DROP TRIGGER event_is_never_changed; DROP TRIGGER event_leaf_is_given_once;";
    let cut = "DROP TRIGGER event_is_never_removed; DELETE FROM event WHERE id > 1;";
    for (sql, why) in [
        (format!("{guards} UPDATE event SET actor = 'user:nobody' WHERE id = 3;"), "entry 3 was changed"),
        (format!("{cut} DELETE FROM event WHERE id = 1;"), "entries were removed"),
    ] {
        tamper(folder, &sql);
        let ran = run(folder, &["journal", "verify", "--against", "earlier", "--data", "data"]);
        assert!(!ran.status.success(), "{sql}");
        assert!(ran.stderr.contains(why), "{sql}: {}", ran.stderr);
        for end in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(folder.join(format!("data/store.sqlite{end}")));
        }
        std::fs::write(&file, &whole).expect("writes");
    }
    json(folder, &["journal", "verify", "--data", "data"]);

    // A head of another key is none of this journal's.
    std::fs::remove_file(folder.join("data/journal-key.pem")).expect("removes");
    let ran = run(folder, &["journal", "verify", "--against", "earlier", "--data", "data"]);
    assert!(!ran.status.success() && ran.stderr.contains("not signed"), "{}", ran.stderr);
}
