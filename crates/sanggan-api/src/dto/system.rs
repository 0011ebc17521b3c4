//! The program itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A question to the catalog.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SqlBody {
    /// One SELECT.
    pub query: String,
    /// Most rows wanted.
    pub limit: Option<usize>,
}

/// A table.
#[derive(Debug, Serialize, ToSchema)]
pub struct SqlTable {
    /// Its columns.
    pub columns: Vec<SqlColumn>,
    /// Its rows.
    #[schema(value_type = Vec<Vec<serde_json::Value>>)]
    pub rows: Vec<Vec<serde_json::Value>>,
    /// Whether rows were cut off.
    pub truncated: bool,
}

/// A column.
#[derive(Debug, Serialize, ToSchema)]
pub struct SqlColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
}

/// How the program does.
#[derive(Debug, Serialize, ToSchema)]
pub struct Status {
    /// The lake.
    pub lake: LakeFigures,
    /// The gateway; `null` when this process runs none.
    #[schema(required)]
    pub gateway: Option<GatewayFigures>,
    /// Statistics; how far they follow.
    pub statistics: StatisticsFigures,
    /// Seconds since start.
    pub uptime_s: u64,
    /// The program's version.
    pub version: String,
    /// The server's time.
    pub now: String,
}

/// Rows and files.
#[derive(Debug, Serialize, ToSchema)]
pub struct LakeFigures {
    /// Packets not sealed yet.
    pub hot_frames: u64,
    /// Values not sealed yet.
    pub hot_observations: u64,
    /// Statistics not sealed yet.
    pub hot_statistics: u64,
    /// Packets in Parquet.
    pub sealed_frames: u64,
    /// Values in Parquet.
    pub sealed_observations: u64,
    /// Statistics in Parquet.
    pub sealed_statistics: u64,
    /// Files.
    pub sealed_files: u64,
    /// Their bytes.
    pub sealed_bytes: u64,
    /// Series.
    pub series: u32,
    /// Last commit.
    pub last_seq: u64,
    /// Last packet.
    pub last_frame: u64,
}

/// The gateway.
#[derive(Debug, Serialize, ToSchema)]
pub struct GatewayFigures {
    /// Open connections.
    pub connections: u64,
    /// Connections accepted since start.
    pub accepted: u64,
    /// Connections refused since start because a cap was reached.
    pub refused: u64,
    /// Packets of the last hour.
    pub frames_last_hour: u64,
    /// Values of the last hour.
    pub values_last_hour: u64,
}

/// The statistics follower.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatisticsFigures {
    /// Last commit they contain.
    pub followed_seq: u64,
    /// Commits they are behind.
    pub behind: u64,
}

/// `/healthz`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok` or `failing`.
    pub status: String,
    /// Whether the lake takes batches.
    pub lake: bool,
    /// Whether the store answers.
    pub store: bool,
    /// The program's version.
    pub version: String,
}
