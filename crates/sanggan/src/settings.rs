//! From file, environment and arguments to settings, and from these to the options of each part.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sanggan_api::{ApiSettings, Names, OidcRule, OidcSettings};
use sanggan_base::ErrorCode;
use sanggan_config::{Settings, Sources};
use sanggan_gateway::GatewaySettings;
use sanggan_lake::LakeOptions;
use sanggan_pack::{Files, Pack};

use crate::cli::Common;
use crate::exit::Failure;

/// Files a pack folder may hold.
const PACK_SUFFIXES: [&str; 3] = ["toml", "geojson", "csv"];

/// The folder of a city's own law in its pack.
const LAW: &str = "law";

/// The settings in force for this command line; `over` are settings the command itself makes.
pub(crate) fn load(common: &Common, over: &[(&str, String)]) -> Result<Settings, Failure> {
    let file = match &common.config {
        None => None,
        Some(path) => {
            let text =
                std::fs::read_to_string(path).map_err(Failure::file("read the settings file", path))?;
            Some((path.display().to_string(), text))
        }
    };
    let mut arguments: Vec<(String, String)> =
        over.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    if let Some(folder) = &common.data {
        arguments.push(("data.folder".to_owned(), folder.display().to_string()));
    }
    for item in &common.set {
        let (key, value) = item.split_once('=').ok_or_else(|| {
            Failure::bad_input(format!("`--set {item}` has no `=`"), "write --set http.listen=0.0.0.0:80")
        })?;
        arguments.push((key.trim().to_owned(), value.to_owned()));
    }
    let environment = std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    Ok(Settings::load(&Sources { file, environment, arguments })?)
}

/// The definition files the settings name.
pub(crate) fn pack(settings: &Settings) -> Result<Pack, Failure> {
    let city = &settings.packs.city;
    let national = &settings.packs.national;
    match (national.is_empty(), city.is_empty()) {
        (true, true) => Ok(Pack::embedded()?),
        (true, false) => Ok(Pack::of_city(&read_folder(city)?)?),
        (false, false) => Ok(Pack::load(&read_folder(national)?, &read_folder(city)?)?),
        (false, true) => Err(Failure::bad_input(
            "`packs.national` is set and `packs.city` is not",
            "name both folders, or only `packs.city`",
        )),
    }
}

/// Every file of a pack folder, by its path there. Hidden folders are passed over.
fn read_folder(folder: &str) -> Result<Files, Failure> {
    let folder = PathBuf::from(folder);
    let mut files = Files::new();
    collect(&folder, &folder, &mut files)?;
    let law = folder.join(LAW);
    if law.is_dir() {
        files.extend(
            crate::law::read_folder(&law)?.into_iter().map(|(name, text)| (format!("{LAW}/{name}"), text)),
        );
    }
    Ok(files)
}

/// Adds what lies in a folder of the pack and below it, without the folder of law, which has its own form.
fn collect(pack: &Path, folder: &Path, files: &mut Files) -> Result<(), Failure> {
    let failed = || Failure::file("read the pack folder", folder);
    for entry in std::fs::read_dir(folder).map_err(failed())? {
        let path = entry.map_err(failed())?.path();
        let name = path.strip_prefix(pack).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let wanted =
            path.extension().is_some_and(|suffix| PACK_SUFFIXES.iter().any(|known| suffix == *known));
        if path.is_dir() {
            if !hidden && name != LAW {
                collect(pack, &path, files)?;
            }
        } else if wanted && !hidden {
            let text = std::fs::read_to_string(&path).map_err(Failure::file("read", &path))?;
            files.insert(name, text);
        }
    }
    Ok(())
}

/// How the lake is opened.
pub(crate) fn lake(settings: &Settings) -> LakeOptions {
    LakeOptions {
        commit_delay_ms: u64::from(settings.lake.group_commit_ms),
        hot_rows_max: settings.lake.max_hot_rows as usize,
        ..LakeOptions::new(settings.data.folder.join("lake"))
    }
}

/// The bounds of the gateway.
pub(crate) fn gateway(settings: &Settings) -> GatewaySettings {
    let set = &settings.gateway;
    GatewaySettings {
        listen: set.listen,
        connections_max: set.max_connections as usize,
        connections_per_peer_max: set.max_connections_per_address as usize,
        idle_timeout: Duration::from_secs(u64::from(set.idle_timeout_s)),
        frame_deadline: Duration::from_secs(u64::from(set.frame_timeout_s)),
        queue_frames: set.max_waiting_frames as usize,
        remembered_per_device: set.remembered_frames as usize,
        ..GatewaySettings::default()
    }
}

/// The bounds of the HTTP edge.
pub(crate) fn api(settings: &Settings) -> Result<ApiSettings, Failure> {
    Ok(ApiSettings {
        oidc: oidc(settings)?,
        secure_cookie: settings.http.secure_cookie,
        body_bytes_max: settings.http.max_body_bytes as usize,
        sql_rows_max: settings.lake.max_result_rows as usize,
        public_url: settings.http.public_url.clone(),
        scratch_folder: settings.data.folder.join("scratch"),
        ..ApiSettings::default()
    })
}

/// The identity provider, if one is named.
fn oidc(settings: &Settings) -> Result<Option<OidcSettings>, Failure> {
    let set = &settings.oidc;
    if set.issuer.is_empty() {
        return Ok(None);
    }
    let rules = OidcRule::read_all(&set.rules)
        .map_err(|why| Failure::bad_input(format!("`oidc.rules`: {why}"), "sanggan config reference"))?;
    let redirect_url = if set.redirect_url.is_empty() {
        format!("{}/api/v1/session/oidc/callback", settings.http.public_url.trim_end_matches('/'))
    } else {
        set.redirect_url.clone()
    };
    Ok(Some(OidcSettings {
        issuer: set.issuer.clone(),
        client_id: set.client_id.clone(),
        client_secret: set.client_secret.secret().to_owned(),
        redirect_url,
        scopes: set.scopes.split_whitespace().map(str::to_owned).collect(),
        name_claim: set.name_claim.clone(),
        group_claim: set.group_claim.clone(),
        rules,
        label: Names::new(set.label_zh.clone(), set.label_en.clone()),
    }))
}

/// Prints the settings as TOML.
pub(crate) fn as_toml(settings: &Settings) -> Result<String, Failure> {
    toml::to_string_pretty(settings).map_err(Failure::step("write the settings as TOML", ErrorCode::Internal))
}
