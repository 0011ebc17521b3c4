//! `sanggan lake`: the store of frames, observations and statistics.

use sanggan_lake::{Lake, Table};

use crate::cli::{Format, LakeVerb};
use crate::exit::Failure;
use crate::output;

/// Runs one of the verbs.
pub(crate) async fn run(lake: &Lake, verb: &LakeVerb, format: Format) -> Result<(), Failure> {
    match verb {
        LakeVerb::Status => show(&lake.status(), format),
        LakeVerb::Seal => show(&lake.seal().await?, format),
        LakeVerb::Compact => show(&serde_json::json!({ "months_rewritten": lake.compact().await? }), format),
        LakeVerb::Sql { query, limit } => {
            let table = lake.sql(query, *limit).await?;
            if format == Format::Json {
                return output::json(&table);
            }
            if table.truncated {
                output::note(&format!("cut off after {limit} rows; --limit takes more"));
            }
            output::text(&as_text(&table))
        }
    }
}

/// A flat object as `name  value` lines, or as JSON.
fn show<T: serde::Serialize>(value: &T, format: Format) -> Result<(), Failure> {
    if format == Format::Json {
        return output::json(value);
    }
    let value = serde_json::to_value(value)
        .map_err(Failure::step("show the answer", sanggan_base::ErrorCode::Internal))?;
    let rows: Vec<Vec<String>> = value
        .as_object()
        .map(|object| {
            object.iter().map(|(name, value)| vec![name.replace('_', " "), value.to_string()]).collect()
        })
        .unwrap_or_default();
    let text: String = rows.iter().map(|row| format!("{:22} {}\n", row[0], row[1])).collect();
    output::text(&text)
}

fn as_text(table: &Table) -> String {
    let header: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let cell = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let rows: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    output::table(&header, &rows)
}
