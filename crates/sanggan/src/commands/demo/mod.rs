//! `sanggan demo`: a whole simulated city, or a recording, through the real platform.

mod accounts;
mod city;
mod history;
mod replay;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sanggan_base::time::DAY_MS;
use sanggan_base::{Grain, Millis};
use sanggan_config::Settings;
use sanggan_sim::net::{self, Traffic};
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::city::City;
use self::history::History;
use super::serve::announce;
use crate::cli::{Common, DemoArgs, Format};
use crate::exit::Failure;
use crate::platform::{Platform, Stores, system_clock};
use crate::{output, settings, stop};

/// The folder when none is named.
const FOLDER: &str = "sanggan-demo";
/// Marks a folder that a demonstration made, and may delete.
const MARKER: &str = "DEMONSTRATION";
/// How often it is written down how far the live loggers have come.
const CARRY_ON: Duration = Duration::from_secs(60);
/// At most one connection a logger; so many loggers are switched on a second.
const LOGGERS_A_SECOND: u32 = 50;

#[derive(Serialize)]
struct AccountLine<'a> {
    event: &'static str,
    #[serde(flatten)]
    account: &'a accounts::Account,
}

/// The settings of a demonstration: those of the command line, in a folder of its own.
pub(crate) fn settings(common: &Common, args: &DemoArgs) -> Result<Settings, Failure> {
    let mut over = vec![("http.listen", args.http.to_string()), ("gateway.listen", args.gateway.to_string())];
    if common.data.is_none() {
        over.push(("data.folder", FOLDER.to_owned()));
    }
    let settings = settings::load(common, &over)?;
    if !(args.speed.is_finite() && (0.01..=100_000.0).contains(&args.speed)) {
        return Err(Failure::bad_input(format!("--speed {} is out of range", args.speed), "0.01 to 100000"));
    }
    prepare_folder(&settings.data.folder, args.fresh)?;
    Ok(settings)
}

/// Makes the folder, or makes sure that it is a demonstration's.
fn prepare_folder(folder: &Path, fresh: bool) -> Result<(), Failure> {
    let marker = folder.join(MARKER);
    let is_empty = match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(Failure::file("read the data folder", folder)(error)),
    };
    if !is_empty && !marker.exists() {
        return Err(Failure::bad_input(
            format!("`{}` holds data that no demonstration made", folder.display()),
            "name another folder with --data",
        ));
    }
    if fresh && !is_empty {
        std::fs::remove_dir_all(folder)
            .map_err(Failure::file("delete the demonstration's folder", folder))?;
    }
    std::fs::create_dir_all(folder).map_err(Failure::file("make the data folder", folder))?;
    let text = "Everything in this folder is a demonstration's. `sanggan demo --fresh` deletes it.\n";
    std::fs::write(&marker, text).map_err(Failure::file("write", &marker))
}

/// Runs the demonstration.
pub(crate) async fn run(settings: Settings, args: &DemoArgs, format: Format) -> Result<(), Failure> {
    let stop = stop::on_signal();
    let mut api = settings::api(&settings)?;
    api.web_folder = args.web.clone();
    match &args.replay {
        Some(file) => replay::run(settings, api, args, file, format, stop).await,
        None => simulate(settings, api, args, format, stop).await,
    }
}

async fn simulate(
    settings: Settings,
    api: sanggan_api::ApiSettings,
    args: &DemoArgs,
    format: Format,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let clock = system_clock();
    let stores = Stores::open(settings, Arc::clone(&clock)).await?;
    let city = Arc::new(City::of(&stores.pack, args.seed, args.speed)?);
    if let Some(demo) = &stores.pack.demo {
        stores.store.seed(demo, clock()).await?;
        crate::registers::seed(&stores, true).await?;
    }
    print_accounts(&stores, format).await?;
    let state_file: PathBuf = stores.folder.join("demo-history.json");
    let mut history = History::new(stores.lake.clone(), Arc::clone(&city), &state_file)?;
    let start = clock();
    history.fill_first(start).await?;
    let platform = Platform::start(stores, api).await?;
    announce(&platform, true, format)?;

    let tasks = TaskTracker::new();
    let (stop_loggers, stopped) = watch::channel(false);
    let traffic = Arc::new(Traffic::default());
    let mut gateway = platform.gateway.local_addr();
    if gateway.ip().is_unspecified() {
        gateway.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    for (nth, logger) in city.loggers(start).into_iter().enumerate() {
        let (clock, traffic, stopped) = (Arc::clone(&clock), Arc::clone(&traffic), stopped.clone());
        tasks.spawn(async move {
            tokio::time::sleep(Duration::from_secs(1) / LOGGERS_A_SECOND * nth as u32).await;
            net::run(logger, gateway, clock, traffic, stopped).await;
        });
    }
    let first = match args.history {
        Some(days) => start.plus(-i64::from(days) * DAY_MS),
        None => start.floor(Grain::Year),
    };
    tasks.spawn(keep_history(history, first, start, clock, stop.clone()));
    let quiet = stop.clone();
    tasks.spawn(async move {
        quiet.cancelled().await;
        stop_loggers.send_replace(true);
    });
    tasks.close();
    let ran = platform.run_until(stop.clone()).await;
    stop.cancel();
    tasks.wait().await;
    ran
}

/// Fills the past, then writes down from time to time how far the present has come.
async fn keep_history(
    mut history: History,
    first: Millis,
    start: Millis,
    clock: sanggan_lake::Clock,
    stop: CancellationToken,
) {
    let began = std::time::Instant::now();
    match history.fill_back(first, start, &stop).await {
        Ok(()) if !stop.is_cancelled() => {
            tracing::info!(from = %first, seconds = began.elapsed().as_secs(), "the simulated past is filled");
        }
        Ok(()) => return,
        Err(failure) => {
            tracing::error!(error = &failure as &dyn std::error::Error, "could not fill the simulated past");
            return;
        }
    }
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(CARRY_ON) => {}
        }
        if let Err(failure) = history.carried_on(clock()) {
            tracing::warn!(
                error = &failure as &dyn std::error::Error,
                "could not write down how far the demonstration is"
            );
        }
    }
}

/// Prints the accounts with their passwords.
async fn print_accounts(stores: &Stores, format: Format) -> Result<(), Failure> {
    let accounts = accounts::issue(stores).await?;
    match format {
        Format::Json => {
            for account in &accounts {
                output::json_line(&AccountLine { event: "account", account })?;
            }
            Ok(())
        }
        Format::Text => {
            let rows: Vec<Vec<String>> = accounts
                .iter()
                .map(|account| {
                    vec![
                        account.name.to_owned(),
                        account.password.clone(),
                        account.role.to_owned(),
                        account.of.clone(),
                    ]
                })
                .collect();
            output::text(&output::table(&["name", "password", "role", "of"], &rows))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_folder_of_its_own_is_used_and_deleted() {
        let folder = tempfile::tempdir().expect("a folder");
        let real = folder.path().join("real");
        std::fs::create_dir(&real).expect("makes");
        std::fs::write(real.join("store.sqlite"), "precious").expect("writes");
        assert!(prepare_folder(&real, true).is_err());
        assert!(real.join("store.sqlite").exists());

        let demo = folder.path().join("demo");
        assert!(prepare_folder(&demo, false).is_ok());
        std::fs::write(demo.join("lake"), "x").expect("writes");
        assert!(prepare_folder(&demo, false).is_ok());
        assert!(demo.join("lake").exists());
        assert!(prepare_folder(&demo, true).is_ok());
        assert!(!demo.join("lake").exists() && demo.join(MARKER).exists());
    }
}
