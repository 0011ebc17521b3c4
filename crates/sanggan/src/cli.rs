//! What may be typed: `sanggan <noun> <verb>`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Environmental monitoring for a city: takes in what the monitors send, judges it, shows it, explains it.
#[derive(Debug, Parser)]
#[command(name = "sanggan", version, about, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// Settings file (TOML); `sanggan config reference` lists what may stand in it.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Sets one setting, over file and environment; may be repeated.
    #[arg(long = "set", global = true, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Data folder; the same as `--set data.folder=DIR`.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// How results are written to standard output.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[value(alias = "table")]
    Text,
    /// JSON, one value or one object a line.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the platform until it is told to stop.
    Serve,
    /// Runs a whole simulated city, or replays recorded frames, in a folder of its own.
    Demo(DemoArgs),
    /// Brings in recorded data.
    Import {
        #[command(subcommand)]
        verb: ImportVerb,
    },
    /// Looks at recorded frames.
    Frames {
        #[command(subcommand)]
        verb: FramesVerb,
    },
    /// Who may log in.
    User {
        #[command(subcommand)]
        verb: UserVerb,
    },
    /// The journal: who did what, and the proof that nobody changed it since.
    Journal {
        #[command(subcommand)]
        verb: JournalVerb,
    },
    /// The store of frames, observations and statistics.
    Lake {
        #[command(subcommand)]
        verb: LakeVerb,
    },
    /// Judges the rows of a table (CSV, XLSX, Parquet) by the law and writes them with the answers added.
    ///
    /// Without WHAT the evaluators are listed; without FILE the form of the table is shown.
    Assess(AssessArgs),
    /// The law: standards, their editions and tables.
    Standards {
        #[command(subcommand)]
        verb: StandardsVerb,
    },
    /// The registers: what the definition files say.
    Registers {
        #[command(subcommand)]
        verb: RegistersVerb,
    },
    /// What carries each row of the city's plan, how far, and which test shows it.
    ///
    /// Fails when a row claims a register or a test that isn't there.
    Coverage {
        /// Language of names and reasons.
        #[arg(long, value_enum, default_value_t = Lang::Zh)]
        lang: Lang,
    },
    /// The HTTP interface.
    Api {
        #[command(subcommand)]
        verb: ApiVerb,
    },
    /// The settings.
    Config {
        #[command(subcommand)]
        verb: ConfigVerb,
    },
}

#[derive(Debug, Clone, Args)]
pub(crate) struct DemoArgs {
    /// Deletes the demonstration's data folder first. Refuses a folder that no demonstration made.
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Address of the web server; port 0 takes any free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8212")]
    pub(crate) http: SocketAddr,
    /// Address on which the (simulated) data loggers sign in; port 0 takes any free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9212")]
    pub(crate) gateway: SocketAddr,
    /// Real-time packets come so many times as often; with --replay, time runs so many times as fast.
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    pub(crate) speed: f64,
    /// Days of simulated past; without it, back to the first of January.
    #[arg(long, value_name = "DAYS")]
    pub(crate) history: Option<u32>,
    /// Replays recorded frames (one a line; plain, .gz or .xz) through the socket in place of the simulated
    /// city. The platform's clock then follows the recording.
    #[arg(long, value_name = "FILE")]
    pub(crate) replay: Option<PathBuf>,
    /// With --replay: leaves the devices of the recording in quarantine until an operator admits them.
    #[arg(long, requires = "replay")]
    pub(crate) quarantine: bool,
    /// Seed of the simulated city.
    #[arg(long, value_name = "N", default_value_t = 140_600)]
    pub(crate) seed: u64,
    /// Reads the web app from this folder in place of the built-in one.
    #[arg(long, value_name = "DIR")]
    pub(crate) web: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportVerb {
    /// Imports recorded frames, one packet a line (plain, .gz or .xz).
    Frames(ImportFramesArgs),
    /// Imports station-hours of ambient air from tables (CSV, plain, .gz or .xz; or Parquet).
    Air(ImportAirArgs),
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ImportFramesArgs {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Admits unknown devices: a station is made for each. Without it their frames are kept in quarantine.
    #[arg(long)]
    pub(crate) admit_unknown: bool,
    /// About when the frames were received (date or date and time, Beijing time). Without it, the running
    /// median of the times in the frames.
    #[arg(long, value_name = "TIME")]
    pub(crate) received_around: Option<String>,
    /// Writes each line's fault to this file (CSV) in place of standard error.
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct ImportAirArgs {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Mapping file (TOML), or the name of a built-in mapping; without it, the first built-in one that fits.
    #[arg(long, value_name = "FILE|NAME")]
    pub(crate) mapping: Option<String>,
    /// Imports the good rows of a file that has bad ones. Without it, such a file is refused as a whole.
    #[arg(long)]
    pub(crate) skip_bad_rows: bool,
    /// Writes each bad row to this file (CSV) in place of standard error.
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FramesVerb {
    /// Decodes recorded frames without storing them and prints the tally.
    Check {
        /// The files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Prints every defect a packet can have, in both languages (Markdown).
    Defects,
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum RoleName {
    /// Sees the figures, and the records of its areas.
    Viewer,
    /// Sees the records of its areas, changes those of its areas and departments.
    Officer,
    /// The whole city, all departments; admits devices, asks SQL.
    Operator,
    /// Its own enterprise, and what is public.
    Enterprise,
    /// State of the platform.
    SystemAdmin,
    /// Accounts, rights, tokens.
    SecurityAdmin,
    /// The journal.
    AuditAdmin,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserVerb {
    /// Makes a user and prints the first password.
    Add {
        /// Name to log in with.
        name: String,
        /// What the user may do.
        #[arg(long, value_enum)]
        role: RoleName,
        /// Code of an area the user works in; may be repeated. None: the whole city. For viewers and officers.
        #[arg(long = "area", value_name = "CODE")]
        areas: Vec<String>,
        /// Department the user is of; may be repeated. None: all. For viewers and officers.
        #[arg(long = "department", value_name = "ID")]
        departments: Vec<String>,
        /// Key of the enterprise's record in the register `enterprises`. For the role enterprise.
        #[arg(long, value_name = "KEY")]
        enterprise: Option<String>,
        /// Full name.
        #[arg(long, value_name = "NAME", default_value = "")]
        full_name: String,
        /// Telephone number.
        #[arg(long, value_name = "NUMBER", default_value = "")]
        phone: String,
        /// Reads the first password from standard input in place of making one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Gives a user a new first password and ends the user's sessions.
    Password {
        /// Whose.
        name: String,
        /// Reads the password from standard input in place of making one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Lists the users.
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JournalVerb {
    /// Prints the journal's head, signed. Keep it: `verify --against` shows later that nothing before it was changed.
    Head,
    /// Works out every leaf and every tile of the tree anew from the entries and compares them with what is kept.
    ///
    /// Names the first entry that differs, and fails when one does.
    Verify {
        /// A head printed earlier; its signature is checked, and that the journal still begins with what it had then.
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
    /// Writes entries, tiles, head and public key to a folder, for somebody else to verify
    /// (docs/guides/verify-the-journal.md).
    Export {
        /// The folder; made when it is not there.
        folder: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LakeVerb {
    /// Shows how much is stored.
    Status,
    /// Moves what the statistics have followed into Parquet files.
    Seal,
    /// Rewrites months of many small files into sorted ones.
    Compact,
    /// Asks a question in SQL: frames, observations, observation_versions, statistics, series; and of the
    /// law: standards, assessments, and what docs/guides/sql.md lists.
    Sql {
        /// The question; one SELECT.
        query: String,
        /// Most rows of the answer.
        #[arg(long, default_value_t = 10_000)]
        limit: usize,
    },
}

/// In which language names and reasons are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The text in this language.
    pub(crate) fn pick(self, text: &sanggan_standards::Text) -> String {
        self.say(&text.zh, &text.en).to_owned()
    }

    /// One of two.
    pub(crate) fn say<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

#[derive(Debug, Clone, Args)]
pub(crate) struct AssessArgs {
    /// What is judged: air-hour, air-day, water, groundwater, soil, noise, discharge, …
    #[arg(value_name = "WHAT")]
    pub(crate) what: Option<String>,
    /// The table: CSV (UTF-8, UTF-16 or GB 18030), XLSX or Parquet. A heading is a name of the column, with its unit in
    /// brackets where it is another: `总磷(μg/L)`.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Where the answered rows go; the suffix (.csv, .xlsx, .parquet) decides the form. Without it: CSV on standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The day by whose law rows without a date are judged; today without it.
    #[arg(long, value_name = "DAY")]
    pub(crate) day: Option<jiff::civil::Date>,
    /// What if: judges by this edition; may be repeated, the answers then stand side by side.
    #[arg(long, value_name = "NAME")]
    pub(crate) edition: Vec<String>,
    /// A cell for every row of a table that has no such column (`body=river`); may be repeated.
    #[arg(long = "with", value_name = "COLUMN=CELL")]
    pub(crate) with: Vec<String>,
    /// The sheet of a workbook; the first without it.
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// Writes each row that cannot be read to this file (CSV) in place of standard error.
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Language of headings, names and reasons.
    #[arg(long, value_enum, default_value_t = Lang::Zh)]
    pub(crate) lang: Lang,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StandardsVerb {
    /// Lists every edition of every standard.
    List {
        /// Language of the titles.
        #[arg(long, value_enum, default_value_t = Lang::Zh)]
        lang: Lang,
    },
    /// Shows the tables of one edition (Markdown).
    Show {
        /// The edition, as listed: gb-3838/2002.
        edition: String,
        /// Language.
        #[arg(long, value_enum, default_value_t = Lang::Zh)]
        lang: Lang,
    },
    /// Checks a folder of corrected or added editions by laying it over the law.
    Check {
        /// The folder; files lie in it as in `crates/sanggan-standards/data`.
        folder: PathBuf,
    },
    /// Prints every reference page of standards and rules (one JSON object: path to Markdown).
    Reference,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegistersVerb {
    /// Checks every definition, its formulas and patterns, and the records it begins with.
    ///
    /// For a folder of your own: --set packs.city=DIR. All faults are told at once, with file and line.
    Check,
    /// Prints every reference page of registers (one JSON object: path to Markdown).
    Reference,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApiVerb {
    /// Prints the OpenAPI document.
    Describe,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Prints the settings in force.
    Show,
    /// Prints every setting with its default and meaning (Markdown).
    Reference,
}
