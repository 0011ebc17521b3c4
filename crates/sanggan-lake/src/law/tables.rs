//! The law as tables of the catalog: editions, their tables cell by cell, and the assessments there are.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray, Date32Array, Int32Array, RecordBatch, StringArray};
use datafusion::arrow::error::ArrowError;
use datafusion::catalog::MemTable;
use datafusion::common::Result;
use jiff::civil::Date;
use sanggan_standards::assess::{ColumnKind, Rows};
use sanggan_standards::{Law, assessments};

use super::air::status_name;

/// The name of a table and what fills it.
type Table = (&'static str, fn(&Law) -> Result<RecordBatch, ArrowError>);

const TABLES: [Table; 5] = [
    ("standards", standards),
    ("standard_tables", standard_tables),
    ("standard_cells", standard_cells),
    ("assessments", all_assessments),
    ("assessment_columns", assessment_columns),
];

/// Those of the tables that a query names.
pub(crate) fn tables(names: &HashSet<String>) -> Result<Vec<(&'static str, Arc<MemTable>)>> {
    let wanted = TABLES.iter().filter(|(name, _)| names.contains(*name));
    wanted
        .map(|(name, fill)| {
            let batch = fill(Law::embedded())?;
            Ok((*name, Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?)))
        })
        .collect()
}

fn texts(values: impl Iterator<Item = impl AsRef<str>>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn maybe_texts<'v>(values: impl Iterator<Item = Option<&'v str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn days(values: impl Iterator<Item = Option<Date>>) -> ArrayRef {
    let since = |day: Date| day.since(Date::constant(1970, 1, 1)).map(|span| span.get_days()).ok();
    Arc::new(values.map(|day| day.and_then(since)).collect::<Date32Array>())
}

fn numbers(values: impl Iterator<Item = usize>) -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(values.map(|number| i32::try_from(number).unwrap_or(i32::MAX))))
}

fn standards(law: &Law) -> Result<RecordBatch, ArrowError> {
    let all = law.editions();
    RecordBatch::try_from_iter([
        ("id", texts(all.iter().map(|one| one.id.as_str()))),
        ("standard", texts(all.iter().map(|one| &one.standard))),
        ("edition", texts(all.iter().map(|one| &one.name))),
        ("title", texts(all.iter().map(|one| &one.title.zh))),
        ("title_en", texts(all.iter().map(|one| &one.title.en))),
        ("theme", texts(all.iter().map(|one| one.theme.name()))),
        ("region", maybe_texts(all.iter().map(|one| one.region.as_deref()))),
        ("in_force_from", days(all.iter().map(|one| Some(one.from)))),
        ("in_force_to", days(all.iter().map(|one| one.to))),
        ("replaced_by", maybe_texts(all.iter().map(|one| one.replaced_by.as_deref()))),
        ("found_by_date", Arc::new(BooleanArray::from_iter(all.iter().map(|one| Some(one.by_date))))),
        ("status", texts(all.iter().map(|one| status_name(one.status)))),
    ])
}

fn standard_tables(law: &Law) -> Result<RecordBatch, ArrowError> {
    let editions = law.editions().iter();
    let all: Vec<_> =
        editions.flat_map(|one| law.sheets(&one.id).into_iter().map(move |sheet| (&one.id, sheet))).collect();
    RecordBatch::try_from_iter([
        ("edition", texts(all.iter().map(|(id, _)| id.as_str()))),
        ("id", texts(all.iter().map(|(_, sheet)| &sheet.id))),
        ("title", texts(all.iter().map(|(_, sheet)| &sheet.title.zh))),
        ("title_en", texts(all.iter().map(|(_, sheet)| &sheet.title.en))),
        ("rows", numbers(all.iter().map(|(_, sheet)| sheet.rows.len()))),
        ("clause", texts(all.iter().map(|(_, sheet)| &sheet.sourced.clause.zh))),
        ("clause_en", texts(all.iter().map(|(_, sheet)| &sheet.sourced.clause.en))),
        ("source", texts(all.iter().map(|(_, sheet)| &sheet.sourced.source.zh))),
        ("source_en", texts(all.iter().map(|(_, sheet)| &sheet.sourced.source.en))),
        ("rounding", texts(all.iter().map(|(_, sheet)| &sheet.sourced.rounding.zh))),
        ("rounding_en", texts(all.iter().map(|(_, sheet)| &sheet.sourced.rounding.en))),
        ("checked_on", days(all.iter().map(|(_, sheet)| Some(sheet.sourced.checked_on)))),
        ("status", texts(all.iter().map(|(_, sheet)| status_name(sheet.sourced.status)))),
    ])
}

fn standard_cells(law: &Law) -> Result<RecordBatch, ArrowError> {
    let editions: Vec<_> = law.editions().iter().map(|one| (&one.id, law.sheets(&one.id))).collect();
    let mut all = Vec::new();
    for (id, sheets) in &editions {
        for sheet in sheets {
            for (number, row) in sheet.rows.iter().enumerate() {
                for (heading, cell) in sheet.columns.iter().zip(&row.cells) {
                    let status = row.status.unwrap_or(sheet.sourced.status);
                    all.push((id.as_str(), sheet.id.as_str(), number + 1, heading, cell, status));
                }
            }
        }
    }
    RecordBatch::try_from_iter([
        ("edition", texts(all.iter().map(|one| one.0))),
        ("table_id", texts(all.iter().map(|one| one.1))),
        ("row_number", numbers(all.iter().map(|one| one.2))),
        ("heading", texts(all.iter().map(|one| &one.3.zh))),
        ("heading_en", texts(all.iter().map(|one| &one.3.en))),
        ("cell", texts(all.iter().map(|one| &one.4.zh))),
        ("cell_en", texts(all.iter().map(|one| &one.4.en))),
        ("status", texts(all.iter().map(|one| status_name(one.5)))),
    ])
}

fn all_assessments(law: &Law) -> Result<RecordBatch, ArrowError> {
    let all: Vec<_> = assessments().collect();
    let columns = |one: &sanggan_standards::Assessment| {
        let keys = (one.columns)(law).into_iter().map(|column| column.key);
        keys.collect::<Vec<_>>().join(", ")
    };
    RecordBatch::try_from_iter([
        ("id", texts(all.iter().map(|one| one.id))),
        ("theme", texts(all.iter().map(|one| one.theme.name()))),
        ("title", texts(all.iter().map(|one| one.title.0))),
        ("title_en", texts(all.iter().map(|one| one.title.1))),
        ("about", texts(all.iter().map(|one| one.about.0))),
        ("about_en", texts(all.iter().map(|one| one.about.1))),
        ("standards", texts(all.iter().map(|one| one.standards.join(", ")))),
        ("row_by_row", Arc::new(BooleanArray::from_iter(all.iter().map(|one| Some(one.rows == Rows::Each))))),
        ("columns", texts(all.iter().map(|one| columns(one)))),
        (
            "figures",
            texts(
                all.iter().map(|one| one.figures.iter().map(|(key, ..)| *key).collect::<Vec<_>>().join(", ")),
            ),
        ),
    ])
}

fn assessment_columns(law: &Law) -> Result<RecordBatch, ArrowError> {
    let all: Vec<_> = assessments()
        .flat_map(|one| (one.columns)(law).into_iter().map(move |column| (one.id, column)))
        .collect();
    let kind = |kind: &ColumnKind| match kind {
        ColumnKind::Number { .. } => "number",
        ColumnKind::Text => "text",
        ColumnKind::Day => "day",
        ColumnKind::Choice(_) => "choice",
    };
    let choices = |kind: &ColumnKind| match kind {
        ColumnKind::Choice(choices) => {
            choices.iter().map(|choice| choice.id.as_str()).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    };
    RecordBatch::try_from_iter([
        ("assessment", texts(all.iter().map(|(id, _)| id))),
        ("key", texts(all.iter().map(|(_, column)| &column.key))),
        ("name", texts(all.iter().map(|(_, column)| &column.name.zh))),
        ("name_en", texts(all.iter().map(|(_, column)| &column.name.en))),
        ("kind", texts(all.iter().map(|(_, column)| kind(&column.kind)))),
        ("unit", maybe_texts(all.iter().map(|(_, column)| column.unit().map(|unit| unit.symbol())))),
        ("required", Arc::new(BooleanArray::from_iter(all.iter().map(|(_, column)| Some(column.required))))),
        ("choices", texts(all.iter().map(|(_, column)| choices(&column.kind)))),
        ("aliases", texts(all.iter().map(|(_, column)| column.aliases.join(", ")))),
        (
            "note",
            maybe_texts(all.iter().map(|(_, column)| column.note.as_ref().map(|note| note.zh.as_str()))),
        ),
        (
            "note_en",
            maybe_texts(all.iter().map(|(_, column)| column.note.as_ref().map(|note| note.en.as_str()))),
        ),
    ])
}
