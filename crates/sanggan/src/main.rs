//! `sanggan <noun> <verb>`: everything a user starts.
//!
//! Knows how the parts are put together and what is printed; works nothing out itself. Standard output carries
//! data only, everything else goes to standard error.
//!
//! Read first: [`cli`], [`platform`], [`exit`].

mod checkpoint;
mod cli;
mod commands;
mod exit;
mod jobs;
mod journal_key;
mod law;
mod lines;
mod logging;
mod output;
mod platform;
mod progress;
mod registers;
mod settings;
mod stop;

use std::process::ExitCode;

use clap::Parser;

use cli::{ApiVerb, Cli, Command, Common, ConfigVerb, Format, FramesVerb, ImportVerb};
use exit::Failure;
use platform::{Stores, open_store, system_clock};

fn main() -> ExitCode {
    let cli = Cli::parse();
    exit::report(run(&cli))
}

fn run(cli: &Cli) -> Result<(), Failure> {
    let (common, format) = (&cli.common, cli.common.format);
    match &cli.command {
        // These touch no data and need no runtime.
        Command::Frames { verb: FramesVerb::Check { files } } => commands::frames::check(files, format),
        Command::Frames { verb: FramesVerb::Defects } => commands::frames::defects(format),
        Command::Api { verb: ApiVerb::Describe } => output::json(&sanggan_api::openapi()),
        Command::Config { verb: ConfigVerb::Reference } => {
            output::text(&sanggan_config::Settings::reference())
        }
        Command::Config { verb: ConfigVerb::Show } => {
            let settings = settings::load(common, &[])?;
            match format {
                Format::Json => output::json(&settings),
                Format::Text => output::text(&settings::as_toml(&settings)?),
            }
        }
        Command::Assess(args) => commands::assess::run(installed(common)?, args, format),
        Command::Standards { verb } => commands::standards::run(installed(common)?, verb, format),
        Command::Registers { verb } => commands::registers::run(&pack(common)?, verb, format),
        Command::Coverage { lang } => commands::coverage::run(&pack(common)?, *lang, format),
        Command::Serve => {
            let settings = settings::load(common, &[])?;
            logging::start(&settings.log)?;
            block_on(commands::serve::run(settings, format))
        }
        Command::Demo(args) => {
            let settings = commands::demo::settings(common, args)?;
            logging::start(&settings.log)?;
            block_on(commands::demo::run(settings, args, format))
        }
        Command::User { verb } => {
            let settings = quiet_settings(common)?;
            block_on(async {
                let store = open_store(&settings).await?;
                let done = commands::user::run(&store, &settings, verb, format).await;
                store.close().await;
                done
            })
        }
        Command::Import { verb } => with_stores(common, async |stores| {
            // Statistics and seals keep up meanwhile; without them a large import would wait for room for ever.
            let jobs = jobs::Jobs::start(stores);
            let done = match verb {
                ImportVerb::Frames(args) => commands::import::frames::run(stores, args, format).await,
                ImportVerb::Air(args) => commands::import::air::run(stores, args, format).await,
            };
            jobs.stop().await;
            done?;
            jobs::catch_up(stores).await
        }),
        Command::Journal { verb } => {
            let settings = quiet_settings(common)?;
            block_on(async {
                let store = open_store(&settings).await?;
                let done = commands::journal::run(&store, &settings, verb, format).await;
                store.close().await;
                done
            })
        }
        Command::Lake { verb } => {
            with_stores(common, async |stores| commands::lake::run(&stores.lake, verb, format).await)
        }
    }
}

/// The definition files, for commands that open no store.
fn pack(common: &Common) -> Result<sanggan_pack::Pack, Failure> {
    settings::pack(&settings::load(common, &[])?)
}

/// The law with the city's own and the settings' folder laid over it, for commands that open no store.
fn installed(common: &Common) -> Result<&'static sanggan_standards::Law, Failure> {
    let settings = settings::load(common, &[])?;
    law::install(&settings, &settings::pack(&settings)?)
}

/// Runs a command over open stores and closes them, however it ends.
fn with_stores(
    common: &Common,
    command: impl AsyncFnOnce(&Stores) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let settings = quiet_settings(common)?;
    block_on(async {
        let stores = Stores::open(settings, system_clock()).await?;
        let done = command(&stores).await;
        stores.close().await;
        done
    })
}

/// The settings for a short command: it logs only what goes wrong, unless asked.
fn quiet_settings(common: &Common) -> Result<sanggan_config::Settings, Failure> {
    let mut settings = settings::load(common, &[])?;
    if settings.log.filter == sanggan_config::LogSettings::default().filter {
        settings.log.filter = "warn".to_owned();
    }
    logging::start(&settings.log)?;
    Ok(settings)
}

fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::step("start the runtime", sanggan_base::ErrorCode::Internal))?
        .block_on(future)
}
