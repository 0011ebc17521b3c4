//! Log lines on standard error.

use sanggan_base::ErrorCode;
use sanggan_config::{LogFormat, LogSettings};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::exit::Failure;
use crate::platform::now;

/// Times as everywhere at the edge: ISO 8601 with +08:00.
struct Beijing;

impl FormatTime for Beijing {
    fn format_time(&self, writer: &mut Writer<'_>) -> std::fmt::Result {
        write!(writer, "{}", now())
    }
}

/// Libraries that tell at level info what only their makers want to know.
const QUIET: &str = "buoyant_kernel=warn,delta_kernel=warn,deltalake=warn,deltalake_core=warn";

/// Starts logging as the settings say.
pub(crate) fn start(settings: &LogSettings) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", settings.filter))
        .map_err(Failure::step(format!("read the log filter `{}`", settings.filter), ErrorCode::BadInput))?;
    let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr()) && std::env::var_os("NO_COLOR").is_none();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_timer(Beijing)
        .with_ansi(ansi);
    let started = match settings.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    started.map_err(|source| Failure::Step {
        attempt: "start logging".to_owned(),
        code: ErrorCode::Internal,
        source,
    })
}
