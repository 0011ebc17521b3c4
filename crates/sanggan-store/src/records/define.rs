//! Making the tables that definitions ask for, and bringing them from one definition to the next.
//!
//! * DEFINE-1: all or nothing, in one transaction.
//! * DEFINE-2: nothing that people wrote is lost; a column that goes is empty.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use sanggan_base::Millis;
use sanggan_pack::migrate::{Step, Widening, plan};
use sanggan_pack::{FieldKind, RegisterDef};
use sanggan_records::{Models, Wants};

use super::act::derived;
use super::guard;
use super::put::put;
use super::row::Kept;
use super::schema::{add_field, bounds_table, indexes, make, reference, words_table};
use super::table::{CORNERS, Column, Table, Tables, name};
use super::{Defined, RecordsError, RegisterChange};
use crate::db::{Dialect, Tx, args};
use crate::journal::{self, Entry};
use crate::{Actor, Store, StoreError};

const ATTEMPT: &str = "make the tables of the registers";
/// Records that are worked out anew at one time.
const AT_ONCE: usize = 1_000;

/// A quoted literal of ours.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A definition that could not be read back.
fn corrupt(register: &str, error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt { what: "the definition of a register", text: format!("{register}: {error}") }
}

impl Store {
    /// The models the tables are made for; `None` before [`Store::define`].
    pub fn models(&self) -> Option<Arc<Models>> {
        self.inner.records.borrow().as_ref().map(|tables| Arc::clone(&tables.models))
    }

    /// The tables; before [`Store::define`] there is no register.
    pub(crate) fn tables(&self) -> Result<Arc<Tables>, RecordsError> {
        self.inner
            .records
            .borrow()
            .clone()
            .ok_or_else(|| RecordsError::NoRegister("(none defined yet)".to_owned()))
    }

    /// Brings the tables to these definitions, all or none, and keeps them for the other operations.
    ///
    /// # Errors
    /// [`RecordsError::WouldLose`] with everything that would be lost.
    pub async fn define(&self, models: &Arc<Models>, now: Millis) -> Result<Defined, RecordsError> {
        let tables = Arc::new(Tables::of(models));
        let mut write = self.write(ATTEMPT).await?;
        let defined = define_in(&mut write.tx, &tables, now).await?;
        write.commit(ATTEMPT).await?;
        self.inner.records.send_replace(Some(tables));
        Ok(defined)
    }
}

async fn define_in(tx: &mut Tx, tables: &Arc<Tables>, now: Millis) -> Result<Defined, RecordsError> {
    let int = if tx.dialect() == Dialect::Sqlite { "INTEGER" } else { "BIGINT" };
    let book = format!(
        "CREATE TABLE IF NOT EXISTS record_register (register TEXT PRIMARY KEY, definition TEXT NOT NULL, \
         next_rid {int} NOT NULL, applied_at {int} NOT NULL)"
    );
    tx.script(ATTEMPT, book).await?;
    let mut known = std::collections::BTreeMap::new();
    for row in tx.fetch(ATTEMPT, "SELECT register, definition FROM record_register", args![]).await? {
        let (register, text) = (row.text("register")?, row.text("definition")?);
        let def: RegisterDef = serde_json::from_str(&text).map_err(|error| corrupt(&register, error))?;
        known.insert(register, (text, def));
    }
    let mut defined = Defined::default();
    let mut losses = Vec::new();
    let mut changed: Vec<(&Arc<Table>, RegisterDef, Vec<Step>)> = Vec::new();
    let mut made: Vec<&Arc<Table>> = Vec::new();
    for table in tables.all() {
        match known.get(table.id()) {
            None => made.push(table),
            Some((_, old)) if old == table.def() => {}
            Some((_, old)) => match plan(old, table.def()) {
                Ok(steps) => changed.push((table, old.clone(), steps)),
                Err(more) => losses.extend(more.iter().map(|loss| format!("{}: {loss}", table.id()))),
            },
        }
    }
    defined.left = known.keys().filter(|id| tables.get(id).is_err()).cloned().collect();
    if !losses.is_empty() {
        return Err(RecordsError::WouldLose { whys: losses });
    }
    make_all(tx, tables, &made, now).await?;
    defined.made = made.iter().map(|table| table.id().to_owned()).collect();
    for (table, old, steps) in &changed {
        if let Err(error) = change(tx, tables, table, old, steps, now).await {
            match error {
                RecordsError::WouldLose { whys } => losses.extend(whys),
                error => return Err(error),
            }
        }
        let steps = steps.iter().map(words).collect();
        defined.changed.push(RegisterChange { register: table.id().to_owned(), steps });
    }
    if !losses.is_empty() {
        return Err(RecordsError::WouldLose { whys: losses });
    }
    tell(tx, &defined, now).await?;
    Ok(defined)
}

/// Makes new registers: all tables first, so that references find where they lead.
async fn make_all(
    tx: &mut Tx,
    tables: &Tables,
    made: &[&Arc<Table>],
    now: Millis,
) -> Result<(), RecordsError> {
    let dialect = tx.dialect();
    let mut script = String::new();
    for table in made {
        script.push_str(&make(table, tables, dialect));
    }
    for table in made {
        for (field, column) in table.columns.iter().enumerate() {
            match column {
                Column::Refs(..) => add_field(table, field, tables, dialect, &mut script),
                Column::Ref(_) if dialect == Dialect::Postgres => {
                    let refers = reference(table, field, tables).unwrap_or_default();
                    let own = &table.name;
                    let column = table.column(field);
                    let _ = writeln!(script, "ALTER TABLE \"{own}\" ADD FOREIGN KEY ({column}) {refers};");
                }
                _ => {}
            }
        }
        for (_, sql) in indexes(table, dialect) {
            let _ = writeln!(script, "{sql};");
        }
    }
    if !script.is_empty() {
        tx.script(ATTEMPT, script).await?;
    }
    for table in made {
        let text = serde_json::to_string(table.def()).map_err(|error| corrupt(table.id(), error))?;
        let sql =
            "INSERT INTO record_register (register, definition, next_rid, applied_at) VALUES (?, ?, 1, ?)";
        tx.execute(ATTEMPT, sql, args![table.id(), text, now]).await?;
    }
    Ok(())
}

fn words(step: &Step) -> String {
    serde_json::to_string(step).unwrap_or_default()
}

/// The journal knows which definitions hold since when.
async fn tell(tx: &mut Tx, defined: &Defined, now: Millis) -> Result<(), RecordsError> {
    let made = defined.made.iter().map(|register| (register, "register.make", &[][..]));
    let changed = defined.changed.iter().map(|it| (&it.register, "register.change", it.steps.as_slice()));
    for (register, action, steps) in made.chain(changed) {
        let steps: Vec<serde_json::Value> =
            steps.iter().filter_map(|step| serde_json::from_str(step).ok()).collect();
        let entry = Entry {
            at: now,
            actor: &Actor::System,
            action,
            subject_kind: "register",
            subject: register,
            version: None,
            changes: None,
            before: None,
            after: Some(serde_json::json!({ "steps": steps })),
            why: "",
        };
        journal::record(tx, entry).await?;
    }
    Ok(())
}

/// Refused: why and what to do.
fn loss(table: &Table, key: &str, why: &str, remedy: &str) -> RecordsError {
    RecordsError::WouldLose { whys: vec![format!("{}: {key}: {why}; {remedy}", table.id())] }
}

async fn change(
    tx: &mut Tx,
    tables: &Tables,
    table: &Arc<Table>,
    old: &RegisterDef,
    steps: &[Step],
    now: Millis,
) -> Result<(), RecordsError> {
    let dialect = tx.dialect();
    let before = Table::earlier(old.clone(), &table.model);
    // Indexes go before their columns change, and come back as the new definition wants them.
    let (had, wanted) = (indexes(&before, dialect), indexes(table, dialect));
    let structural = steps.iter().any(|step| {
        !matches!(
            step,
            Step::SetRequired { .. }
                | Step::WidenField { how: Widening::Limits | Widening::Values { .. }, .. }
        )
    });
    for (name, sql) in &had {
        if structural || !wanted.iter().any(|(_, other)| other == sql) {
            tx.execute(ATTEMPT, format!("DROP INDEX IF EXISTS \"{name}\""), args![]).await?;
        }
    }
    for step in steps {
        apply(tx, tables, table, &before, step, now).await?;
    }
    if !steps.is_empty() || derives(old) != derives(table.def()) {
        beside(tx, table, &before).await?;
        rework(tx, tables, table, now).await?;
        if dialect == Dialect::Postgres {
            // Else what is to be checked at the end of the transaction stands in the way of the next change of a table.
            tx.script(ATTEMPT, "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED".to_owned())
                .await?;
        }
    }
    for (name, sql) in wanted {
        let sql = sql.replacen("INDEX", "INDEX IF NOT EXISTS", 1);
        tx.execute(ATTEMPT, sql, args![]).await.map_err(|error| {
            tracing::error!(index = %name, "an index could not be made");
            error
        })?;
    }
    let text = serde_json::to_string(table.def()).map_err(|error| corrupt(table.id(), error))?;
    let sql = "UPDATE record_register SET definition = ?, applied_at = ? WHERE register = ?";
    tx.execute(ATTEMPT, sql, args![text, now, table.id()]).await?;
    Ok(())
}

/// What of a definition decides what is worked out of a record's values.
fn derives(def: &RegisterDef) -> serde_json::Value {
    let fields: Vec<serde_json::Value> = def
        .fields
        .iter()
        .map(|field| {
            let computed = matches!(field.kind, FieldKind::Computed { .. }).then_some(&field.kind);
            serde_json::json!([field.id, field.searched, field.readers, computed])
        })
        .collect();
    serde_json::json!([def.geometry, def.public, def.review, def.lifecycle, fields])
}

async fn count(tx: &mut Tx, table: &Table, condition: &str) -> Result<i64, RecordsError> {
    let sql = format!("SELECT count(*) FROM \"{}\" t WHERE {condition}", table.name);
    Ok(tx.scalar(ATTEMPT, sql, args![]).await?.unwrap_or(0))
}

async fn apply(
    tx: &mut Tx,
    tables: &Tables,
    table: &Table,
    before: &Table,
    step: &Step,
    now: Millis,
) -> Result<(), RecordsError> {
    let dialect = tx.dialect();
    let own = &table.name;
    let position = |id: &str| table.def().position(id);
    match step {
        Step::RenameField { from, to } => {
            let column = before.def().position(from).map(|at| &before.columns[at]);
            let sql = match (column, position(to).map(|at| &table.columns[at])) {
                (Some(Column::Refs(_, links)), _) => {
                    format!("ALTER TABLE \"{links}\" RENAME TO \"{}\"", name("l_", &[table.id(), to]))
                }
                _ => format!("ALTER TABLE \"{own}\" RENAME COLUMN \"{from}\" TO \"{to}\""),
            };
            tx.execute(ATTEMPT, sql, args![]).await?;
        }
        Step::WidenField { field, how: Widening::Number } => match dialect {
            Dialect::Postgres => {
                let sql = format!("ALTER TABLE \"{own}\" ALTER COLUMN \"{field}\" TYPE DOUBLE PRECISION");
                tx.execute(ATTEMPT, sql, args![]).await?;
            }
            Dialect::Sqlite => anew(tx, own, field, "REAL", &format!("CAST(\"{field}\" AS REAL)")).await?,
        },
        Step::WidenField { field, how: Widening::Many } => {
            let Some(at) = position(field) else { return Ok(()) };
            match &table.columns[at] {
                Column::Refs(_, links) => {
                    let gone = aside(tx, own, field).await?;
                    let mut script = String::new();
                    add_field(table, at, tables, dialect, &mut script);
                    let _ = writeln!(
                        script,
                        "INSERT INTO \"{links}\" (rid, nth, target) SELECT rid, 0, \"{gone}\" FROM \"{own}\" WHERE \"{gone}\" IS NOT NULL;\n\
                         UPDATE \"{own}\" SET \"{gone}\" = NULL;"
                    );
                    tx.script(ATTEMPT, script).await?;
                }
                _ if dialect == Dialect::Sqlite => {
                    let sql = format!(
                        "UPDATE \"{own}\" SET \"{field}\" = json_array(\"{field}\") WHERE \"{field}\" IS NOT NULL"
                    );
                    tx.execute(ATTEMPT, sql, args![]).await?;
                }
                _ => {
                    let sql = format!(
                        "ALTER TABLE \"{own}\" ALTER COLUMN \"{field}\" TYPE JSONB USING \
                         CASE WHEN \"{field}\" IS NULL THEN NULL ELSE jsonb_build_array(\"{field}\") END"
                    );
                    tx.execute(ATTEMPT, sql, args![]).await?;
                }
            }
        }
        Step::WidenField { .. } | Step::SetRequired { .. } | Step::DropUnique { .. } => {}
        Step::AddField { field, .. } => {
            let Some(at) = position(field) else { return Ok(()) };
            let mut script = String::new();
            add_field(table, at, tables, dialect, &mut script);
            tx.script(ATTEMPT, script).await?;
        }
        Step::Compute { field } => {
            let Some(at) = position(field) else { return Ok(()) };
            if before.def().field(field).is_some() {
                aside(tx, own, field).await?;
            }
            let mut script = String::new();
            add_field(table, at, tables, dialect, &mut script);
            tx.script(ATTEMPT, script).await?;
        }
        Step::DropField { field } => drop_field(tx, table, before, field).await?,
        Step::CheckUnused { field, value } => {
            let word = literal(value);
            let condition = match position(field).map(|at| (&table.columns[at], dialect)) {
                Some((Column::List, Dialect::Sqlite)) => {
                    format!("EXISTS (SELECT 1 FROM json_each(t.\"{field}\") v WHERE v.value = {word})")
                }
                Some((Column::List, Dialect::Postgres)) => {
                    format!(
                        "EXISTS (SELECT 1 FROM jsonb_array_elements_text(t.\"{field}\") v WHERE v = {word})"
                    )
                }
                _ => format!("t.\"{field}\" = {word}"),
            };
            let used = count(tx, table, &condition).await?;
            if used > 0 {
                return Err(loss(
                    table,
                    &format!("field.{field}.values"),
                    &format!("{used} records hold `{value}`"),
                    "keep the value, or change these records first",
                ));
            }
        }
        Step::CheckStateUnused { state } => {
            let used = count(tx, table, &format!("t.state = {}", literal(state))).await?;
            if used > 0 {
                return Err(loss(
                    table,
                    "lifecycle.state",
                    &format!("{used} records are in the state `{state}`"),
                    "keep the state, or take these records to another first",
                ));
            }
        }
        Step::SetState { state } => {
            let sql = format!("UPDATE \"{own}\" SET state = ?, state_since = ? WHERE state IS NULL");
            tx.execute(ATTEMPT, sql, args![state.as_str(), now]).await?;
        }
        Step::AddUnique { fields } => {
            let columns = fields.iter().map(|field| format!("\"{field}\"")).collect::<Vec<_>>().join(", ");
            let filled = fields
                .iter()
                .map(|field| format!("\"{field}\" IS NOT NULL"))
                .collect::<Vec<_>>()
                .join(" AND ");
            let sql = format!(
                "SELECT count(*) FROM (SELECT 1 FROM \"{own}\" WHERE NOT retired AND {filled} GROUP BY {columns} HAVING count(*) > 1) twice"
            );
            let twice: i64 = tx.scalar(ATTEMPT, sql, args![]).await?.unwrap_or(0);
            if twice > 0 {
                return Err(loss(
                    table,
                    "unique",
                    &format!("{twice} values of {} stand in more than one record", fields.join(", ")),
                    "change these records first, or leave the group out",
                ));
            }
        }
    }
    Ok(())
}

/// A field taken out; refused while a record has a value in it.
async fn drop_field(tx: &mut Tx, table: &Table, before: &Table, field: &str) -> Result<(), RecordsError> {
    let Some(at) = before.def().position(field) else { return Ok(()) };
    let computed = matches!(before.def().fields[at].kind, FieldKind::Computed { .. });
    let filled = match &before.columns[at] {
        Column::Refs(_, links) => {
            let sql = format!("SELECT count(DISTINCT rid) FROM \"{links}\"");
            tx.scalar(ATTEMPT, sql, args![]).await?.unwrap_or(0)
        }
        _ if computed => 0,
        _ => count(tx, table, &format!("t.\"{field}\" IS NOT NULL")).await?,
    };
    if filled > 0 {
        return Err(loss(
            table,
            &format!("field.{field}"),
            &format!("{filled} records have a value in it"),
            "empty it in these records first, or keep the field",
        ));
    }
    match &before.columns[at] {
        Column::Refs(_, links) => tx.execute(ATTEMPT, format!("DROP TABLE \"{links}\""), args![]).await?,
        // SQLite does not take a column out that refers to a table: it stays empty, under another name.
        Column::Ref(_) if tx.dialect() == Dialect::Sqlite => {
            aside(tx, &table.name, field).await?;
            0
        }
        _ => {
            tx.execute(ATTEMPT, format!("ALTER TABLE \"{}\" DROP COLUMN \"{field}\"", table.name), args![])
                .await?
        }
    };
    Ok(())
}

/// Gives a column a name no field has; that name.
async fn aside(tx: &mut Tx, table: &str, field: &str) -> Result<String, RecordsError> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => "SELECT count(*) FROM pragma_table_info(?)",
        Dialect::Postgres => "SELECT count(*) FROM pg_attribute WHERE attrelid = quote_ident(?)::regclass",
    };
    let columns: i64 = tx.scalar(ATTEMPT, sql, args![table]).await?.unwrap_or(0);
    let gone = name(&format!("_gone_{columns}_"), &[field]);
    tx.execute(ATTEMPT, format!("ALTER TABLE \"{table}\" RENAME COLUMN \"{field}\" TO \"{gone}\""), args![])
        .await?;
    Ok(gone)
}

/// SQLite: a column of another type in place of one, filled from it.
async fn anew(tx: &mut Tx, table: &str, field: &str, kind: &str, from: &str) -> Result<(), RecordsError> {
    let script = format!(
        "ALTER TABLE \"{table}\" ADD COLUMN \"_new\" {kind};\nUPDATE \"{table}\" SET \"_new\" = {from};\n\
         ALTER TABLE \"{table}\" DROP COLUMN \"{field}\";\nALTER TABLE \"{table}\" RENAME COLUMN \"_new\" TO \"{field}\";"
    );
    Ok(tx.script(ATTEMPT, script).await?)
}

/// What stands beside the fields, where the new definition wants more or less of it.
async fn beside(tx: &mut Tx, table: &Table, before: &Table) -> Result<(), RecordsError> {
    let own = &table.name;
    let mut script = String::new();
    let real = if tx.dialect() == Dialect::Sqlite { "REAL" } else { "DOUBLE PRECISION" };
    if table.geometry.is_some() && before.geometry.is_none() {
        for corner in CORNERS {
            let _ = writeln!(script, "ALTER TABLE \"{own}\" ADD COLUMN {corner} {real};");
        }
        if tx.dialect() == Dialect::Sqlite {
            script.push_str(&bounds_table(table));
        }
    }
    if table.geometry.is_none() && before.geometry.is_some() {
        for corner in CORNERS {
            let _ = writeln!(script, "ALTER TABLE \"{own}\" DROP COLUMN {corner};");
        }
        if tx.dialect() == Dialect::Sqlite {
            let _ = writeln!(script, "DROP TABLE \"{}\";", table.bounds_name);
        }
    }
    match (tx.dialect(), table.public_searched.is_some(), before.public_searched.is_some()) {
        (Dialect::Sqlite, ..) => {
            // Filled again with every record below.
            let _ = write!(script, "DROP TABLE \"{}\";\n{}", table.words_name, words_table(table));
        }
        (Dialect::Postgres, true, false) => {
            let _ = writeln!(script, "ALTER TABLE \"{own}\" ADD COLUMN _public_words TSVECTOR;");
        }
        (Dialect::Postgres, false, true) => {
            let _ = writeln!(script, "ALTER TABLE \"{own}\" DROP COLUMN _public_words;");
        }
        (Dialect::Postgres, ..) => {}
    }
    if !script.is_empty() {
        tx.script(ATTEMPT, script).await?;
    }
    Ok(())
}

/// Works everything out anew that follows from a record's values: computed fields, due day, words, bounds, publicity.
async fn rework(tx: &mut Tx, tables: &Tables, table: &Table, now: Millis) -> Result<(), RecordsError> {
    let mut last = 0;
    let mut seen = BTreeSet::new();
    loop {
        let sql = format!(
            "SELECT {} FROM \"{}\" t WHERE t.rid > ? ORDER BY t.rid LIMIT {AT_ONCE}",
            table.selected(tx.dialect()),
            table.name
        );
        let rows = tx.fetch(ATTEMPT, sql, args![last]).await?;
        let mut kept: Vec<Kept> = Vec::with_capacity(rows.len());
        for row in &rows {
            let Kept { mut record, .. } = table.read(row)?;
            let mut wanted = Wants::default();
            table.model.wants_values(&record.values, &mut wanted);
            let known = guard::look_up(tx, tables, &wanted).await?;
            let state = record.state.clone();
            table.model.compute(&mut record.values, state.as_deref(), &known);
            kept.push(derived(tx, tables, table, record, now.local_date()).await?);
        }
        let Some(end) = kept.last().map(|kept| kept.record.id.0) else { return Ok(()) };
        debug_assert!(seen.insert(end), "each record once");
        last = end;
        put(tx, table, &kept, false).await?;
    }
}
