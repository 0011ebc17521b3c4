//! Where settings come from, which wins, and how faults are told.

use expect_test::{expect, expect_file};
use sanggan_config::{LogFormat, Settings, Sources};

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn load(
    file: Option<&str>,
    environment: &[(&str, &str)],
    arguments: &[(&str, &str)],
) -> Result<Settings, String> {
    let sources = Sources {
        file: file.map(|text| ("sanggan.toml".to_owned(), text.to_owned())),
        environment: pairs(environment),
        arguments: pairs(arguments),
    };
    Settings::load(&sources).map_err(|faults| faults.to_string())
}

#[test]
fn nothing_said_gives_the_defaults() {
    assert_eq!(load(None, &[], &[]), Ok(Settings::default()));
    assert_eq!(load(Some("version = 1"), &[("PATH", "/bin"), ("HOME", "/")], &[]), Ok(Settings::default()));
}

#[test]
fn arguments_win_over_environment_over_file() {
    let file = "version = 1\n[http]\nlisten = \"127.0.0.1:1\"\n[gateway]\nlisten = \"127.0.0.1:2\"\nmax_connections = 3\n";
    let environment = [("SANGGAN_HTTP_LISTEN", "127.0.0.1:11"), ("SANGGAN_GATEWAY_LISTEN", "127.0.0.1:12")];
    let settings = load(Some(file), &environment, &[("http.listen", "127.0.0.1:21")]).expect("good");
    let rows = (
        settings.http.listen.port(),
        settings.gateway.listen.port(),
        settings.gateway.max_connections,
        settings.gateway.idle_timeout_s,
    );
    assert_eq!(rows, (21, 12, 3, Settings::default().gateway.idle_timeout_s));
}

#[test]
fn every_key_can_be_set_from_each_source() {
    let environment = [
        ("SANGGAN_LOG_FORMAT", "json"),
        ("SANGGAN_HTTP_SECURE_COOKIE", "true"),
        ("SANGGAN_DATA_FOLDER", "/srv/data"),
        ("SANGGAN_LAKE_GROUP_COMMIT_MS", "9"),
    ];
    let settings = load(None, &environment, &[("packs.city", "packs/own")]).expect("good");
    assert_eq!(settings.log.format, LogFormat::Json);
    assert!(settings.http.secure_cookie);
    assert_eq!(settings.data.folder.to_str(), Some("/srv/data"));
    assert_eq!((settings.lake.group_commit_ms, settings.packs.city.as_str()), (9, "packs/own"));
}

#[test]
fn all_faults_are_told_with_their_place() {
    let file = "version = 1\nhttp = 3\nlissten = 2\n\n[gateway]\nlisten = \"here\"\nmax_conections = 5\nidle_timeout_s = -1\n\n[lake]\ngroup_commit_ms = \"three\"\n[log]\nformat = \"xml\"\n[data]\nfolder = [1]\n";
    let environment =
        [("SANGGAN_HTTP_LISTEN", "80"), ("SANGGAN_LAKE_GROUP_COMMIT_MS", "x"), ("SANGGAN_COLOUR", "1")];
    let rows = [
        load(Some(file), &environment, &[("log.colour", "1"), ("http.secure_cookie", "yes")]),
        load(Some("version = 1\n[http\n"), &[], &[]),
        load(Some("[http]\n"), &[], &[]),
        load(
            Some("version = 2\n[http]\nlisten = \"1.1.1.1:80\"\npublic_url = \"ftp://x\"\n[gateway]\nlisten = \"1.1.1.1:80\"\nidle_timeout_s = 0\n[lake]\nmax_hot_rows = 1000\n[schedule]\nseal_every_s = 0\n"),
            &[],
            &[],
        ),
    ]
    .map(|result| result.expect_err("faulty"))
    .join("\n");
    expect![[r#"
        could not read the settings: 13 fault(s)
          sanggan.toml:2: `http` is a section: [http]
          sanggan.toml:3: lissten: is no setting
          sanggan.toml:6: gateway.listen: invalid socket address syntax
          sanggan.toml:7: gateway.max_conections: is no setting
          sanggan.toml:8: gateway.idle_timeout_s: invalid value: integer `-1`, expected u32
          sanggan.toml:11: lake.group_commit_ms: invalid type: string "three", expected u32
          sanggan.toml:13: log.format: unknown variant `xml`, expected `text` or `json`
          sanggan.toml:15: data.folder: is not a plain value
          SANGGAN_HTTP_LISTEN: `80`: invalid socket address syntax
          SANGGAN_LAKE_GROUP_COMMIT_MS: `x`: wanted a whole number
          SANGGAN_COLOUR: is no setting's variable
          argument log.colour: is no setting
          argument http.secure_cookie: `yes`: wanted `true` or `false`
        could not read the settings: 1 fault(s)
          sanggan.toml:2: unclosed table, expected `]`
        could not read the settings: 1 fault(s)
          sanggan.toml: `version = 1` is missing
        could not read the settings: 6 fault(s)
          version: only 1 exists
          gateway.listen: is the address of http.listen
          http.public_url: must begin with http:// or https://
          gateway.idle_timeout_s: must be above 0
          schedule.seal_every_s: must be above 0
          schedule.seal_rows: must not be above lake.max_hot_rows, or writers wait before a seal begins
    "#]]
    .assert_eq(&(rows + "\n"));
}

/// The file at the root shows every key; this test rewrites it with UPDATE_EXPECT=1.
#[test]
fn the_example_file_is_every_setting_at_its_default() {
    let example = Settings::example();
    expect_file!["../../../sanggan.example.toml"].assert_eq(&example);
    assert_eq!(load(Some(&example), &[], &[]), Ok(Settings::default()));
    assert!(!example.contains("# \n"), "a setting without a meaning");
}

#[test]
fn the_reference_page_names_every_key_once() {
    let page = Settings::reference();
    let example_keys =
        Settings::example().lines().filter(|line| line.contains(" = ") && !line.starts_with('#')).count();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    assert_eq!(rows.len(), example_keys);
    assert!(rows.iter().all(|row| !row.ends_with("|  |")), "a setting without a meaning");
    let gateway = rows.iter().find(|row| row.contains("`gateway.listen`")).expect("is there");
    assert_eq!(
        *gateway,
        "| `gateway.listen` | `SANGGAN_GATEWAY_LISTEN` | `\"0.0.0.0:9212\"` | Address and port on which data loggers sign in (HJ 212 over TCP). |"
    );
}
