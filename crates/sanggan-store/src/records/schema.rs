//! The statements that make a register's table, its links, words, bounds and indexes.

use std::fmt::Write as _;

use sanggan_pack::FieldKind;

use super::question::Subject;
use super::table::{CORNERS, Column, Table, Tables, name};
use crate::db::Dialect;

/// Columns every table has, of the base's types.
fn meta(dialect: Dialect) -> [String; 10] {
    let (int, text, yes, date) = match dialect {
        Dialect::Sqlite => ("INTEGER", "TEXT", "INTEGER", "TEXT"),
        Dialect::Postgres => ("BIGINT", "TEXT COLLATE \"C\"", "BOOLEAN", "DATE"),
    };
    [
        format!("rid {int} PRIMARY KEY"),
        format!("version {int} NOT NULL"),
        format!("state {text}"),
        format!("state_since {int}"),
        format!("changed_at {int} NOT NULL"),
        format!("changed_by {text} NOT NULL"),
        format!("schematic {yes} NOT NULL"),
        format!("retired {yes} NOT NULL"),
        format!("_due_on {date}"),
        format!("_public {yes} NOT NULL"),
    ]
}

pub(crate) fn reference(table: &Table, field: usize, tables: &Tables) -> Option<String> {
    let Column::Ref(to) = &table.columns[field] else { return None };
    let to = tables.get(to).ok()?;
    Some(format!("REFERENCES \"{}\" (rid) DEFERRABLE INITIALLY DEFERRED", to.name))
}

/// Statements that make a field's column, or its table of links, where the register's table is there.
pub(crate) fn add_field(table: &Table, field: usize, tables: &Tables, dialect: Dialect, out: &mut String) {
    let id = &table.def().fields[field].id;
    match &table.columns[field] {
        Column::Refs(to, links) => {
            let int = if dialect == Dialect::Sqlite { "INTEGER" } else { "BIGINT" };
            let target = tables.get(to).map(|to| to.name.clone()).unwrap_or_default();
            let strict = if dialect == Dialect::Sqlite { " STRICT, WITHOUT ROWID" } else { "" };
            let _ = writeln!(
                out,
                "CREATE TABLE \"{links}\" (rid {int} NOT NULL REFERENCES \"{}\" (rid) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, \
                 nth {int} NOT NULL, target {int} NOT NULL REFERENCES \"{target}\" (rid) DEFERRABLE INITIALLY DEFERRED, \
                 PRIMARY KEY (rid, nth)){strict};\nCREATE INDEX \"{}\" ON \"{links}\" (target, rid);",
                table.name,
                name("i_", &[links, "target"]),
            );
        }
        column => {
            let kind = column.sql_type(dialect).unwrap_or_default();
            let refers = reference(table, field, tables).map(|it| format!(" {it}")).unwrap_or_default();
            let _ = writeln!(out, "ALTER TABLE \"{}\" ADD COLUMN \"{id}\" {kind}{refers};", table.name);
        }
    }
}

/// Statements that make a register's table. References are added when every table is there; SQLite takes them at once.
pub(crate) fn make(table: &Table, tables: &Tables, dialect: Dialect) -> String {
    let mut columns: Vec<String> = meta(dialect).to_vec();
    let real = if dialect == Dialect::Sqlite { "REAL" } else { "DOUBLE PRECISION" };
    if table.geometry.is_some() {
        columns.extend(CORNERS.map(|corner| format!("{corner} {real}")));
    }
    if dialect == Dialect::Postgres {
        columns.push("_words TSVECTOR".to_owned());
        if table.public_searched.is_some() {
            columns.push("_public_words TSVECTOR".to_owned());
        }
    }
    for (at, (field, column)) in table.def().fields.iter().zip(&table.columns).enumerate() {
        let Some(kind) = column.sql_type(dialect) else { continue };
        let refers = reference(table, at, tables).filter(|_| dialect == Dialect::Sqlite);
        columns.push(format!("\"{}\" {kind} {}", field.id, refers.unwrap_or_default()));
    }
    let strict = if dialect == Dialect::Sqlite { " STRICT" } else { "" };
    let mut out = format!("CREATE TABLE \"{}\" ({}){strict};\n", table.name, columns.join(", "));
    if dialect == Dialect::Sqlite {
        out.push_str(&words_table(table));
        out.push_str(&bounds_table(table));
    }
    out
}

pub(crate) fn words_table(table: &Table) -> String {
    let columns = if table.public_searched.is_some() { "w, p" } else { "w" };
    format!(
        "CREATE VIRTUAL TABLE \"{}\" USING fts5({columns}, content='', contentless_delete=1, tokenize='unicode61');\n",
        table.words_name
    )
}

pub(crate) fn bounds_table(table: &Table) -> String {
    if table.geometry.is_none() {
        return String::new();
    }
    format!(
        "CREATE VIRTUAL TABLE \"{}\" USING rtree(rid, _west, _east, _south, _north);\n",
        table.bounds_name
    )
}

/// The indexes of a register: name and statement.
pub(crate) fn indexes(table: &Table, dialect: Dialect) -> Vec<(String, String)> {
    let def = table.def();
    let mut out: Vec<(String, String)> = Vec::new();
    let mut add = |prefix: &str, words: &[&str], sql: &dyn Fn(&str) -> String| {
        let mut all = vec![table.name.as_str()];
        all.extend(words);
        let name = name(prefix, &all);
        if !out.iter().any(|(known, _)| *known == name) {
            let sql = sql(&name);
            out.push((name, sql));
        }
    };
    for group in &table.unique {
        if group.iter().any(|&field| matches!(table.columns[field], Column::Refs(..) | Column::Shape)) {
            continue;
        }
        let ids: Vec<&str> = group.iter().map(|&field| def.fields[field].id.as_str()).collect();
        let columns = group.iter().map(|&field| table.column(field)).collect::<Vec<_>>().join(", ");
        add("u_", &ids, &|name| {
            format!("CREATE UNIQUE INDEX \"{name}\" ON \"{}\" ({columns}) WHERE NOT retired", table.name)
        });
    }
    let plain = |column: &str| {
        let column = column.to_owned();
        move |name: &str| format!("CREATE INDEX \"{name}\" ON \"{}\" ({column}, rid)", table.name)
    };
    add("i_", &["_due_on"], &plain("_due_on"));
    add("i_", &["changed_at"], &plain("changed_at"));
    if def.lifecycle.is_some() {
        add("i_", &["state"], &plain("state"));
    }
    for at in 0..def.fields.len() {
        if has_index(table, at) {
            let id = &def.fields[at].id;
            add("i_", &[id], &plain(&format!("\"{id}\"")));
        }
    }
    if dialect == Dialect::Postgres {
        add("g_", &["_words"], &|name| {
            format!("CREATE INDEX \"{name}\" ON \"{}\" USING gin (_words)", table.name)
        });
        if table.public_searched.is_some() {
            add("g_", &["_public_words"], &|name| {
                format!("CREATE INDEX \"{name}\" ON \"{}\" USING gin (_public_words)", table.name)
            });
        }
        if let Some(field) = table.geometry {
            let column = table.column(field);
            add("g_", &["_place"], &|name| {
                format!("CREATE INDEX \"{name}\" ON \"{}\" USING gist ({column})", table.name)
            });
        }
    }
    out
}

/// Whether a field has an index of its own: it leads somewhere, says whose a record is, or is a column of the list.
fn has_index(table: &Table, field: usize) -> bool {
    let (def, column) = (table.def(), &table.columns[field]);
    let field = &def.fields[field];
    let listed = def.list.contains(&field.id) || field.id == def.title;
    let leads = def.area.as_ref() == Some(&field.id) || matches!(column, Column::Ref(_));
    let long = matches!(field.kind, FieldKind::LongText);
    leads || (listed && column.is_plain() && !long && *column != Column::Bool)
}

/// Whether an index answers what equals something there.
pub(crate) fn is_indexed(table: &Table, subject: &Subject) -> bool {
    match subject {
        Subject::Field(field) => *field == table.key || has_index(table, *field),
        Subject::State => table.def().lifecycle.is_some(),
        Subject::ChangedAt | Subject::Due => true,
        Subject::Schematic => false,
    }
}
