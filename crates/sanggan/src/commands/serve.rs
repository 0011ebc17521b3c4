//! `sanggan serve`: the platform, until it is told to stop.

use serde::Serialize;

use crate::cli::Format;
use crate::exit::Failure;
use crate::platform::{Platform, Stores, system_clock};
use crate::{output, settings, stop};

/// What is printed when the platform answers; one line of JSON with `--format json`.
#[derive(Debug, Serialize)]
pub(crate) struct Ready<'a> {
    pub(crate) event: &'static str,
    pub(crate) url: &'a str,
    pub(crate) http: String,
    pub(crate) gateway: String,
    pub(crate) data: String,
    pub(crate) simulated: bool,
}

#[derive(Serialize)]
struct FirstPassword<'a> {
    event: &'static str,
    name: &'a str,
    role: &'a str,
    password: &'a str,
}

/// Runs the platform.
pub(crate) async fn run(settings: sanggan_config::Settings, format: Format) -> Result<(), Failure> {
    let stop = stop::on_signal();
    let api = settings::api(&settings)?;
    let stores = Stores::open(settings, system_clock()).await?;
    for first in stores.store.ensure_first_admins((stores.clock)()).await? {
        match format {
            Format::Json => output::json_line(&FirstPassword {
                event: "first_password",
                name: &first.name,
                role: first.role.name(),
                password: &first.password,
            })?,
            Format::Text => output::text(&format!(
                "first password of {}: {}   (shown once; it must be changed at the first log-in)\n",
                first.name, first.password
            ))?,
        }
    }
    let platform = Platform::start(stores, api).await?;
    announce(&platform, false, format)?;
    platform.run_until(stop).await
}

/// Says where the platform is.
pub(crate) fn announce(platform: &Platform, simulated: bool, format: Format) -> Result<(), Failure> {
    let url = platform.url();
    let ready = Ready {
        event: "ready",
        url: &url,
        http: platform.http.to_string(),
        gateway: platform.gateway.local_addr().to_string(),
        data: platform.stores.folder.display().to_string(),
        simulated,
    };
    match format {
        Format::Json => output::json_line(&ready),
        Format::Text => output::text(&format!(
            "Sanggan is at {url}\ndata loggers sign in at {} (HJ 212 over TCP)\ndata are in {}\n",
            ready.gateway, ready.data
        )),
    }
}
