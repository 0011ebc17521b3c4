//! Where settings come from, and what may be wrong with them.

use std::fmt;

use toml::de::DeValue;
use toml::{Table, Value};

use crate::Settings;

/// What the names of our environment variables begin with.
const PREFIX: &str = "SANGGAN_";
/// The one version of the file's format.
const FORMAT: u32 = 1;

/// What the binary read, to be put together.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Name and text of the settings file, when there is one.
    pub file: Option<(String, String)>,
    /// Environment variables; those not beginning with `SANGGAN_` are passed over.
    pub environment: Vec<(String, String)>,
    /// Arguments as (key, value), the key written with dots: `("http.listen", "0.0.0.0:80")`.
    pub arguments: Vec<(String, String)>,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// The file with line, the variable or the argument (`sanggan.toml:12`, `SANGGAN_HTTP_LISTEN`,
    /// `argument http.listen`), or the key when only the whole shows it.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Every fault found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigFaults(
    /// Never empty.
    pub Vec<ConfigFault>,
);

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "could not read the settings: {} fault(s)", self.0.len())?;
        for fault in &self.0 {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}

/// Which kind of value a key takes, as its default shows.
fn shape(default: &Value) -> &'static str {
    match default {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "`true` or `false`",
        Value::Table(_) | Value::Array(_) | Value::Datetime(_) => "a section",
    }
}

/// The text of an argument or variable as a value of the same kind as the default.
fn read_as(default: &Value, text: &str) -> Option<Value> {
    match default {
        Value::String(_) => Some(Value::String(text.to_owned())),
        Value::Integer(_) => text.trim().parse().ok().map(Value::Integer),
        Value::Float(_) => text.trim().parse().ok().map(Value::Float),
        Value::Boolean(_) => text.trim().parse().ok().map(Value::Boolean),
        Value::Table(_) | Value::Array(_) | Value::Datetime(_) => None,
    }
}

/// The defaults as (key with dots, value), in the order of the source.
pub(crate) fn defaults() -> Vec<(String, Value)> {
    let tree = Table::try_from(Settings::default()).expect("plain settings are a table");
    let mut list = Vec::new();
    for (key, value) in tree {
        match value {
            Value::Table(section) => {
                list.extend(section.into_iter().map(|(name, value)| (format!("{key}.{name}"), value)))
            }
            value => list.push((key, value)),
        }
    }
    list
}

/// `http.listen` → `SANGGAN_HTTP_LISTEN`.
pub(crate) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_ascii_uppercase())
}

/// Puts a value under a key with dots.
fn put(tree: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            tree.insert(key.to_owned(), value);
        }
        Some((section, name)) => {
            let section = tree.entry(section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                section.insert(name.to_owned(), value);
            }
        }
    }
}

/// Whether the whole tree can be settings with only this key set; says why not.
fn fits(key: &str, value: &Value) -> Result<(), String> {
    let mut alone = Table::new();
    put(&mut alone, key, value.clone());
    alone.try_into::<Settings>().map(|_| ()).map_err(|error| error.message().replace('\n', " "))
}

impl Settings {
    /// Puts the sources together: arguments over environment over file over defaults.
    ///
    /// # Errors
    /// [`ConfigFaults`] with every fault of every source.
    pub fn load(sources: &Sources) -> Result<Settings, ConfigFaults> {
        let mut faults = Vec::new();
        let known = defaults();
        let mut tree = Table::new();
        if let Some((name, text)) = &sources.file {
            tree = file(name, text, &known, &mut faults);
        }
        for (name, text) in &sources.environment {
            if !name.starts_with(PREFIX) {
                continue;
            }
            match known.iter().find(|(key, _)| &variable(key) == name) {
                Some((key, default)) => set(&mut tree, key, default, text, name, &mut faults),
                None => faults
                    .push(ConfigFault { place: name.clone(), what: "is no setting's variable".to_owned() }),
            }
        }
        for (argument, text) in &sources.arguments {
            let place = format!("argument {argument}");
            match known.iter().find(|(key, _)| key == argument) {
                Some((key, default)) => set(&mut tree, key, default, text, &place, &mut faults),
                None => faults.push(ConfigFault { place, what: "is no setting".to_owned() }),
            }
        }
        if !faults.is_empty() {
            return Err(ConfigFaults(faults));
        }
        let settings: Settings = tree.try_into().map_err(|error: toml::de::Error| {
            ConfigFaults(vec![ConfigFault { place: "settings".to_owned(), what: error.message().to_owned() }])
        })?;
        let faults = settings.faults();
        if faults.is_empty() { Ok(settings) } else { Err(ConfigFaults(faults)) }
    }

    /// What is wrong with values that have the right form.
    fn faults(&self) -> Vec<ConfigFault> {
        let mut faults = Vec::new();
        let mut check = |good: bool, key: &str, what: &str| {
            if !good {
                faults.push(ConfigFault { place: key.to_owned(), what: what.to_owned() });
            }
        };
        check(self.version == FORMAT, "version", "only 1 exists");
        check(!self.data.folder.as_os_str().is_empty(), "data.folder", "may not be empty");
        check(
            self.store.url.is_empty() || self.store.url.is_understood(),
            "store.url",
            "must begin with postgres:// or sqlite:",
        );
        check(
            self.http.listen.port() == 0 || self.http.listen != self.gateway.listen,
            "gateway.listen",
            "is the address of http.listen",
        );
        let url = &self.http.public_url;
        check(
            url.is_empty() || url.starts_with("http://") || url.starts_with("https://"),
            "http.public_url",
            "must begin with http:// or https://",
        );
        let oidc = &self.oidc;
        check(
            oidc.issuer.is_empty() || !oidc.client_id.is_empty(),
            "oidc.client_id",
            "is wanted when oidc.issuer is set",
        );
        check(
            oidc.issuer.is_empty() || !oidc.redirect_url.is_empty() || !url.is_empty(),
            "oidc.redirect_url",
            "is wanted when oidc.issuer is set and http.public_url isn't",
        );
        for (key, number) in [
            ("http.session_hours", self.http.session_hours),
            ("http.session_idle_minutes", self.http.session_idle_minutes),
            ("http.max_body_bytes", self.http.max_body_bytes),
            ("gateway.max_connections", self.gateway.max_connections),
            ("gateway.idle_timeout_s", self.gateway.idle_timeout_s),
            ("gateway.frame_timeout_s", self.gateway.frame_timeout_s),
            ("gateway.max_connections_per_address", self.gateway.max_connections_per_address),
            ("gateway.max_waiting_frames", self.gateway.max_waiting_frames),
            ("gateway.remembered_frames", self.gateway.remembered_frames),
            ("lake.max_hot_rows", self.lake.max_hot_rows),
            ("lake.max_result_rows", self.lake.max_result_rows),
            ("schedule.seal_every_s", self.schedule.seal_every_s),
            ("schedule.seal_rows", self.schedule.seal_rows),
            ("schedule.compact_every_hours", self.schedule.compact_every_hours),
            ("schedule.statistics_every_s", self.schedule.statistics_every_s),
        ] {
            check(number > 0, key, "must be above 0");
        }
        check(
            self.schedule.seal_rows <= self.lake.max_hot_rows,
            "schedule.seal_rows",
            "must not be above lake.max_hot_rows, or writers wait before a seal begins",
        );
        faults
    }
}

/// Sets one key from text; what does not fit is a fault of `place`.
fn set(tree: &mut Table, key: &str, default: &Value, text: &str, place: &str, faults: &mut Vec<ConfigFault>) {
    let Some(value) = read_as(default, text) else {
        let what = format!("`{text}`: wanted {}", shape(default));
        return faults.push(ConfigFault { place: place.to_owned(), what });
    };
    match fits(key, &value) {
        Ok(()) => put(tree, key, value),
        Err(what) => faults.push(ConfigFault { place: place.to_owned(), what: format!("`{text}`: {what}") }),
    }
}

/// The settings file as a tree of known keys; everything else in it is a fault with its line.
fn file(name: &str, text: &str, known: &[(String, Value)], faults: &mut Vec<ConfigFault>) -> Table {
    let line = |at: usize| {
        let lines = text.as_bytes()[..at.min(text.len())].iter().filter(|&&byte| byte == b'\n').count();
        format!("{name}:{}", lines + 1)
    };
    let mut tree = Table::new();
    let parsed = match toml::de::DeTable::parse(text) {
        Ok(parsed) => parsed.into_inner(),
        Err(error) => {
            let place = error.span().map_or_else(|| name.to_owned(), |span| line(span.start));
            faults.push(ConfigFault { place, what: error.message().replace('\n', " ") });
            return tree;
        }
    };
    let mut entries = Vec::new();
    for (key, value) in parsed {
        let (at, key) = (key.span().start, key.into_inner().into_owned());
        let is_section = known.iter().any(|(name, _)| name.starts_with(&format!("{key}.")));
        match value.into_inner() {
            DeValue::Table(section) if is_section => {
                for (name, value) in section {
                    entries.push((
                        name.span().start,
                        format!("{key}.{}", name.get_ref()),
                        value.into_inner(),
                    ));
                }
            }
            _ if is_section => {
                faults.push(ConfigFault { place: line(at), what: format!("`{key}` is a section: [{key}]") })
            }
            value => entries.push((at, key, value)),
        }
    }
    entries.sort_by_key(|(at, ..)| *at);
    for (at, key, value) in entries {
        let fault = |what: String| ConfigFault { place: line(at), what: format!("{key}: {what}") };
        if !known.iter().any(|(name, _)| *name == key) {
            faults.push(fault("is no setting".to_owned()));
            continue;
        }
        match plain(value) {
            None => faults.push(fault("is not a plain value".to_owned())),
            Some(value) => match fits(&key, &value) {
                Ok(()) => put(&mut tree, &key, value),
                Err(what) => faults.push(fault(what)),
            },
        }
    }
    if !tree.contains_key("version") && faults.is_empty() {
        faults.push(ConfigFault { place: name.to_owned(), what: "`version = 1` is missing".to_owned() });
    }
    tree
}

/// A value without structure.
fn plain(value: DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::String(text.into_owned())),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(Value::Integer)
        }
        DeValue::Float(number) => number.as_str().parse().ok().map(Value::Float),
        DeValue::Boolean(truth) => Some(Value::Boolean(truth)),
        DeValue::Array(_) | DeValue::Table(_) | DeValue::Datetime(_) => None,
    }
}
