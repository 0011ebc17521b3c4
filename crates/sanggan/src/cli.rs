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
    /// The store of frames, observations and statistics.
    Lake {
        #[command(subcommand)]
        verb: LakeVerb,
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
pub(crate) enum RoleName {
    /// Everything, and the users.
    Admin,
    /// Sees and changes what is monitored.
    Operator,
    /// Sees.
    Viewer,
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
pub(crate) enum LakeVerb {
    /// Shows how much is stored.
    Status,
    /// Moves what the statistics have followed into Parquet files.
    Seal,
    /// Rewrites months of many small files into sorted ones.
    Compact,
    /// Asks a question in SQL: frames, observations, observation_versions, statistics, series.
    Sql {
        /// The question; one SELECT.
        query: String,
        /// Most rows of the answer.
        #[arg(long, default_value_t = 10_000)]
        limit: usize,
    },
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
