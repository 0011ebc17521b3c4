//! The settings, with their defaults.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Secret, StoreUrl};

macro_rules! settings {
    ($($(#[$sdoc:meta])* $name:ident { $($(#[doc = $doc:literal])* $field:ident : $type:ty = $default:expr),+ $(,)? })+) => {
        $(
            $(#[$sdoc])*
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
            #[serde(deny_unknown_fields, default)]
            pub struct $name { $($(#[doc = $doc])* pub $field: $type),+ }

            impl Default for $name {
                fn default() -> Self {
                    $name { $($field: $default),+ }
                }
            }
        )+

        /// What the source says of each setting: (section type, key, meaning).
        pub(crate) const MEANINGS: &[(&str, &str, &str)] =
            &[$($((stringify!($name), stringify!($field), concat!($($doc),+))),+),+];
    };
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn everywhere(port: u16) -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], port))
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

settings! {
    /// Everything that can be set.
    Settings {
        /// Version of the file's format; only 1 exists.
        version: u32 = 1,
        /// Where data live.
        data: DataSettings = DataSettings::default(),
        /// The registers.
        store: StoreSettings = StoreSettings::default(),
        /// The web side.
        http: HttpSettings = HttpSettings::default(),
        /// The identity provider people may log in through.
        oidc: OidcSettings = OidcSettings::default(),
        /// The side of the data loggers.
        gateway: GatewaySettings = GatewaySettings::default(),
        /// The lake.
        lake: LakeSettings = LakeSettings::default(),
        /// What runs by itself, and when.
        schedule: ScheduleSettings = ScheduleSettings::default(),
        /// Logging.
        log: LogSettings = LogSettings::default(),
        /// Definition files.
        packs: PackSettings = PackSettings::default(),
        /// The law.
        law: LawSettings = LawSettings::default(),
    }

    /// Where data live.
    DataSettings {
        /// Folder of the lake and the store; made when it is not there.
        folder: PathBuf = PathBuf::from("sanggan-data"),
    }

    /// The registers.
    StoreSettings {
        /// Database of stations, devices, accounts, registers and journal: `postgres://user:password@host:port/database`
        /// (PostgreSQL 15 or newer with PostGIS), or `sqlite:file`; empty: the file `store.sqlite` in the data folder.
        url: StoreUrl = StoreUrl::default(),
    }

    /// The web side.
    HttpSettings {
        /// Address and port of the web server.
        listen: SocketAddr = local(8212),
        /// The address under which users reach it, as shown in links and logs; empty: that of `listen`.
        public_url: String = String::new(),
        /// Whether the session cookie is sent over HTTPS only; switch on behind a TLS proxy.
        secure_cookie: bool = false,
        /// Hours after log-in after which a session ends in any case.
        session_hours: u32 = 12,
        /// Minutes without a request after which a session ends.
        session_idle_minutes: u32 = 120,
        /// Largest request body in bytes.
        max_body_bytes: u32 = 16 * 1024 * 1024,
    }

    /// The identity provider people may log in through (OpenID Connect).
    OidcSettings {
        /// The provider's address, as its tokens name it; empty: there is none.
        issuer: String = String::new(),
        /// What this platform is called there.
        client_id: String = String::new(),
        /// Its secret there; never shown.
        client_secret: Secret = Secret::default(),
        /// Where the provider sends people back to; empty: `http.public_url` with `/api/v1/session/oidc/callback` behind it.
        redirect_url: String = String::new(),
        /// What is asked of the provider beside `openid`, with spaces between.
        scopes: String = "profile".to_owned(),
        /// The claim that gives the log-in name here.
        name_claim: String = "preferred_username".to_owned(),
        /// The claim whose values the rules speak of.
        group_claim: String = "groups".to_owned(),
        /// What members of a group are here, the first rule that fits: `GROUP: ROLE area=CODE department=ID enterprise=KEY; …`.
        /// Whom no rule fits gets in nowhere.
        rules: String = String::new(),
        /// What the button says in Chinese.
        label_zh: String = "统一身份认证".to_owned(),
        /// What the button says in English.
        label_en: String = "Single sign-on".to_owned(),
    }

    /// The side of the data loggers.
    GatewaySettings {
        /// Address and port on which data loggers sign in (HJ 212 over TCP).
        listen: SocketAddr = everywhere(9212),
        /// Connections beyond which new ones are closed at once.
        max_connections: u32 = 20_000,
        /// Connections of one address beyond which its new ones are closed at once (many loggers may share one).
        max_connections_per_address: u32 = 2_000,
        /// Seconds without a byte after which a connection is closed.
        idle_timeout_s: u32 = 600,
        /// Seconds in which a frame begun must be whole.
        frame_timeout_s: u32 = 60,
        /// Packets waiting for the lake above which connections are not read.
        max_waiting_frames: u32 = 20_000,
        /// Packets remembered a device, to know a repeat by.
        remembered_frames: u32 = 64,
    }

    /// The lake.
    LakeSettings {
        /// Milliseconds a write may wait for others to share its fsync.
        group_commit_ms: u32 = 5,
        /// Unsealed rows above which writers wait for a seal.
        max_hot_rows: u32 = 2_000_000,
        /// Rows a question in SQL may return at most.
        max_result_rows: u32 = 100_000,
    }

    /// What runs by itself, and when.
    ScheduleSettings {
        /// Seconds between looks for rows to seal to Parquet.
        seal_every_s: u32 = 600,
        /// Rows in the durable front from which sealing begins at once.
        seal_rows: u32 = 500_000,
        /// Hours between compactions of small Parquet files.
        compact_every_hours: u32 = 24,
        /// Seconds between recomputations of statistics touched by new rows.
        statistics_every_s: u32 = 5,
    }

    /// Logging.
    LogSettings {
        /// `text` for people, `json` for machines.
        format: LogFormat = LogFormat::Text,
        /// What is logged, as `level` or `target=level,…`.
        filter: String = "info".to_owned(),
    }

    /// Definition files.
    PackSettings {
        /// Folder of the city's pack; empty: the built-in one.
        city: String = String::new(),
        /// Folder of national definitions; empty: the built-in ones.
        national: String = String::new(),
    }

    /// The law.
    LawSettings {
        /// Folder of corrected or added editions (`gb-3838/2002.toml` in it replaces the built-in file of that name);
        /// empty: only the built-in ones. `sanggan standards check FOLDER` checks it.
        folder: String = String::new(),
    }
}
