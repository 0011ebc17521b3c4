//! The Prometheus figures of the whole program.

use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

/// How often the recorder is tidied.
pub(crate) const UPKEEP_EVERY: Duration = Duration::from_secs(5);
/// Buckets for durations in seconds, from a memory answer to a long query.
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The recorder that `/metrics` shows.
#[derive(Debug, Clone)]
pub struct Metrics(PrometheusHandle);

/// There can be one recorder in a process.
#[derive(Debug, thiserror::Error)]
#[error("could not install the metrics recorder")]
pub struct MetricsError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Metrics {
    /// Makes this process count. To be called once, before anything counts.
    ///
    /// # Errors
    /// [`MetricsError`] when a recorder is installed already.
    pub fn install() -> Result<Metrics, MetricsError> {
        let builder =
            PrometheusBuilder::new().set_buckets(&SECONDS).map_err(|error| MetricsError(error.into()))?;
        let handle = builder.install_recorder().map_err(|error| MetricsError(error.into()))?;
        describe();
        Ok(Metrics(handle))
    }

    /// The figures as Prometheus reads them.
    pub fn render(&self) -> String {
        self.0.render()
    }

    pub(crate) fn upkeep(&self) {
        self.0.run_upkeep();
    }
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    sanggan_gateway::describe_metrics();
    describe_counter!("sanggan_http_requests_total", "HTTP requests, by method, path and status.");
    describe_histogram!("sanggan_http_seconds", Unit::Seconds, "From a request to its answer, by path.");
    describe_histogram!("sanggan_overview_build_seconds", Unit::Seconds, "Making the overview.");
    describe_gauge!("sanggan_live_clients", "Clients of the live stream.");
    describe_counter!("sanggan_live_lagged_total", "Batches the live stream could not follow.");
}
