use expect_test::expect_file;

use crate::run;

/// Every noun and verb, in the order of the help.
const PAGES: [&[&str]; 31] = [
    &[],
    &["serve"],
    &["demo"],
    &["import"],
    &["import", "frames"],
    &["import", "air"],
    &["frames"],
    &["frames", "check"],
    &["frames", "defects"],
    &["user"],
    &["user", "add"],
    &["user", "password"],
    &["user", "list"],
    &["lake"],
    &["lake", "status"],
    &["lake", "seal"],
    &["lake", "compact"],
    &["lake", "sql"],
    &["assess"],
    &["standards"],
    &["standards", "list"],
    &["standards", "show"],
    &["standards", "check"],
    &["standards", "reference"],
    &["registers"],
    &["registers", "check"],
    &["registers", "reference"],
    &["coverage"],
    &["api", "describe"],
    &["config", "show"],
    &["config", "reference"],
];

#[test]
fn the_help_is_as_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::new();
    for page in PAGES {
        let arguments: Vec<&str> = page.iter().copied().chain(["--help"]).collect();
        let ran = run(folder.path(), &arguments);
        assert!(ran.status.success() && ran.stderr.is_empty(), "{arguments:?}: {}", ran.stderr);
        text.push_str(&format!("$ sanggan {}\n{}\n", arguments.join(" "), ran.stdout));
    }
    expect_file!["help.txt"].assert_eq(&text);
}

#[test]
fn the_defects_of_decoder_and_gateway_are_listed_in_both_languages() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = run(folder.path(), &["frames", "defects"]);
    assert!(page.status.success(), "{}", page.stderr);
    for row in
        ["| `crc_mismatch` | 校验错误 | wrong check code | 致命 fatal |", "| `wrong_password` | 密码错误 |"]
    {
        assert!(page.stdout.contains(row), "{}", page.stdout);
    }
    let json = run(folder.path(), &["frames", "defects", "--format", "json"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json.stdout).expect("JSON");
    let codes = page.stdout.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(codes, rows.len());
    assert!(rows.iter().all(|row| row["meaning_zh"].as_str().is_some_and(|text| text.ends_with('。'))));
}

#[test]
fn what_fails_says_why_once_and_gives_its_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases: [(&[&str], i32, &str); 6] = [
        (&["frames", "check", "absent.txt"], 3, "could not open `absent.txt`"),
        (&["frames", "check"], 2, "required arguments were not provided"),
        (
            &["import", "air", "x.csv", "--mapping", "absent.toml"],
            3,
            "could not read the mapping `absent.toml`",
        ),
        (&["config", "show", "--set", "http.listen"], 2, "has no `=`"),
        (&["config", "show", "--set", "http.liste=1"], 2, "http.liste"),
        (&["lake", "sql", "delete from frames"], 2, "only SELECT"),
    ];
    for (arguments, code, said) in cases {
        let ran = run(folder.path(), arguments);
        assert_eq!(ran.status.code(), Some(code), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stdout.is_empty(), "standard output carries data only: {}", ran.stdout);
    }
}

#[test]
fn settings_and_the_interface_describe_themselves() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = run(folder.path(), &["config", "show", "--set", "http.listen=127.0.0.1:4242"]);
    assert!(ran.stdout.contains("listen = \"127.0.0.1:4242\""), "{}", ran.stdout);
    let ran = run(folder.path(), &["config", "reference"]);
    assert!(ran.stdout.contains("gateway.listen"), "{}", ran.stdout);
    let document = run(folder.path(), &["api", "describe"]).json();
    assert!(document["paths"]["/api/v1/overview"]["get"].is_object(), "the overview is in the document");
}

#[test]
fn users_are_made_listed_and_given_new_passwords() {
    let folder = tempfile::tempdir().expect("a folder");
    crate::json(folder.path(), &["user", "add", "wang", "--role", "security_admin", "--data", "data"]);
    let made = crate::json(folder.path(), &["user", "add", "li", "--role", "operator", "--data", "data"]);
    assert_eq!((made["name"].as_str(), made["role"].as_str()), (Some("li"), Some("operator")));
    let first = made["password"].as_str().expect("a password was made").to_owned();
    let again = run(folder.path(), &["user", "add", "li", "--role", "viewer", "--data", "data"]);
    assert_eq!(again.status.code(), Some(4), "{}", again.stderr);
    let other = crate::json(folder.path(), &["user", "password", "li", "--data", "data"]);
    assert_ne!(other["password"].as_str(), Some(first.as_str()));
    let add = [
        "user",
        "add",
        "sun",
        "--role",
        "officer",
        "--area",
        "140602",
        "--department",
        "water",
        "--data",
        "data",
    ];
    crate::json(folder.path(), &add);
    for (wrong, why) in [
        (["--role", "officer", "--area", "999999"], "there is no area `999999`"),
        (["--role", "officer", "--department", "moon"], "there is no department `moon`"),
        (["--role", "operator", "--area", "140602"], "only viewers and officers have areas"),
        (["--role", "enterprise", "--enterprise", "X"], "no record with the key `X`"),
    ] {
        let ran = run(folder.path(), &[&["user", "add", "zhao", "--data", "data"], &wrong[..]].concat());
        assert!(!ran.status.success() && ran.stderr.contains(why), "{}", ran.stderr);
    }
    let users = crate::json(folder.path(), &["user", "list", "--data", "data"]);
    assert_eq!(users.as_array().map(Vec::len), Some(3));
    assert_eq!((&users[1]["name"], &users[1]["areas"][0]), (&"sun".into(), &"140602".into()), "{users}");
    let store = std::fs::read(folder.path().join("data/store.sqlite")).expect("the store is there");
    let holds = |text: &str| store.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("li") && !holds(&first), "a password is never stored in clear");
}
