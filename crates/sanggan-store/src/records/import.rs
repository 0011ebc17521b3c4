//! Many records at once: each row an event, a thousand rows a round of statements.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use futures::{Stream, StreamExt};
use sanggan_records::rights::{self, Role};
use sanggan_records::{By, Event, Fault, Known, Record, RecordId, Refusal, Value, Wants, due, step};

use super::act::{self, Happened, tell};
use super::guard::{self, Found, Step};
use super::put::{put, take_numbers};
use super::row::{Kept, text_of, tidy};
use super::table::{Column, Table, Tables};
use super::{
    ImportDone, ImportMatch, ImportMode, ImportPlan, ImportProgress, ImportRow, Progress, RecordsError,
    RowFault,
};
use crate::Store;
use crate::db::{Dialect, Tx, args};

const ATTEMPT: &str = "import records";
/// Rows of one round.
const ROUND: usize = 1_000;
/// Good rows are made to last after so many rows, so that others may write between.
const LASTING: u64 = 20_000;
/// From so many records on, the base is asked to look at its indexes anew.
const MANY: u64 = 5_000;

/// A row that may become a record, or change one.
struct Sound {
    line: u64,
    before: Option<Record>,
    kept: Kept,
}

struct Import<'a> {
    tables: &'a Tables,
    table: &'a Table,
    plan: ImportPlan,
    by: By<'a>,
    done: ImportDone,
    /// Records found by key, of other registers.
    found: HashMap<String, HashMap<String, RecordId>>,
    /// The same, by number.
    known: Found,
    /// Keys that came already.
    keys: HashSet<String>,
    /// What is wrong with the rows of this round.
    faults: Vec<RowFault>,
    /// Rows that name records of this register which are not there yet.
    held: Vec<ImportRow>,
}

impl Import<'_> {
    fn bad(&mut self, faults: impl IntoIterator<Item = RowFault>) {
        self.done.progress.bad += 1;
        self.faults.extend(faults);
    }

    /// Keeps as many faults of the round as there is room for, in the order of the file.
    fn keep_faults(&mut self) {
        self.faults.sort_by_key(|fault| fault.line);
        let room = self.plan.faults.saturating_sub(self.done.faults.len());
        self.done.faults.extend(self.faults.drain(..).take(room));
    }

    fn row_fault(&self, line: u64, fault: Fault, value: String) -> RowFault {
        RowFault { line, field: fault.field, code: fault.code.to_owned(), value, zh: fault.zh, en: fault.en }
    }

    fn refused(&self, line: u64, refusal: Refusal, values: &[Value]) -> Vec<RowFault> {
        if refusal.faults.is_empty() {
            return vec![RowFault {
                line,
                field: String::new(),
                code: "refused".to_owned(),
                value: String::new(),
                zh: refusal.zh,
                en: refusal.en,
            }];
        }
        refusal
            .faults
            .into_iter()
            .map(|fault| {
                let value = self.table.def().position(&fault.field).and_then(|at| values.get(at));
                let value = value.map(text_of).unwrap_or_default();
                self.row_fault(line, fault, value)
            })
            .collect()
    }

    /// The key a row gives.
    fn key_of(&self, row: &ImportRow) -> Option<String> {
        row.values.iter().rev().find_map(|(field, value)| match value {
            Value::Text(text) if *field == self.table.key => Some(text.clone()),
            _ => None,
        })
    }

    /// The values of a row, each at its place.
    fn values_of(&self, row: &ImportRow) -> Vec<Value> {
        let mut values = self.table.model.blank();
        for (field, value) in &row.values {
            if let Some(slot) = values.get_mut(*field) {
                slot.clone_from(value);
            }
        }
        values
    }

    /// Finds the records that rows name by key.
    async fn find(&mut self, tx: &mut Tx, rows: &[ImportRow]) -> Result<(), RecordsError> {
        let mut wanted: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
        for (field, keys) in rows.iter().flat_map(|row| &row.keys) {
            if let Some(Column::Ref(to) | Column::Refs(to, _)) = self.table.columns.get(*field) {
                let found = self.found.get(to);
                let new = keys.iter().filter(|key| !found.is_some_and(|found| found.contains_key(*key)));
                wanted.entry(to).or_default().extend(new);
            }
        }
        for (register, keys) in wanted {
            let more = guard::by_key(tx, self.tables.get(register)?, keys.into_iter()).await?;
            self.known.there.entry(register.to_owned()).or_default().extend(more.values());
            self.found.entry(register.to_owned()).or_default().extend(more);
        }
        Ok(())
    }

    /// Puts numbers in place of keys. `Ok(false)`: a record of this register is not there yet.
    fn resolve(&self, row: &mut ImportRow, last: bool) -> Result<bool, Vec<RowFault>> {
        let mut faults = Vec::new();
        let mut values = Vec::new();
        for (field, keys) in &row.keys {
            let (to, many) = match self.table.columns.get(*field) {
                Some(Column::Ref(to)) => (to, false),
                Some(Column::Refs(to, _)) => (to, true),
                _ => continue,
            };
            let found = self.found.get(to);
            let mut ids = Vec::with_capacity(keys.len());
            for key in keys {
                match found.and_then(|found| found.get(key)) {
                    Some(id) => ids.push(*id),
                    None if to == self.table.id() && !last => return Ok(false),
                    None => {
                        let (field, to) = (
                            &self.table.def().fields[*field],
                            self.tables.get(to).map(|it| it.def().name.clone()),
                        );
                        let (zh, en) = to.map(|name| (name.zh, name.en)).unwrap_or_default();
                        let fault = Fault::new(
                            &field.id,
                            "reference",
                            format!("{}：“{zh}”没有“{key}”，请先登记或改正", field.name.zh),
                            format!(
                                "{}: `{en}` has no `{key}`; add it first, or put it right",
                                field.name.en
                            ),
                        );
                        faults.push(self.row_fault(row.line, fault, key.clone()));
                    }
                }
            }
            let value = match (ids.as_slice(), many) {
                ([], _) => Value::Null,
                ([id], false) => Value::Reference(*id),
                (_, false) => {
                    let field = &self.table.def().fields[*field];
                    let (zh, en) = ("只能填一条记录", "takes one record only");
                    let fault = Fault::new(
                        &field.id,
                        "reference",
                        format!("{}{zh}", field.name.zh),
                        format!("{} {en}", field.name.en),
                    );
                    faults.push(self.row_fault(row.line, fault, keys.join(";")));
                    Value::Null
                }
                (_, true) => Value::References(ids),
            };
            values.push((*field, value));
        }
        if faults.is_empty() {
            row.keys.clear();
            row.values.extend(values);
            Ok(true)
        } else {
            Err(faults)
        }
    }

    /// One round.
    async fn round(&mut self, tx: &mut Tx, rows: Vec<ImportRow>, last: bool) -> Result<(), RecordsError> {
        self.find(tx, &rows).await?;
        let mut ready = Vec::with_capacity(rows.len());
        for mut row in rows {
            if !row.faults.is_empty() {
                let faults = std::mem::take(&mut row.faults);
                self.bad(faults);
                continue;
            }
            match self.resolve(&mut row, last) {
                Ok(true) => ready.push(row),
                Ok(false) => self.held.push(row),
                Err(faults) => self.bad(faults),
            }
        }
        let keys: Vec<String> = ready.iter().filter_map(|row| self.key_of(row)).collect();
        let there = guard::by_key(tx, self.table, keys.iter()).await?;
        let mut before = self.before(tx, &there).await?;
        let mut wants = Wants::default();
        if self.table.model.reads_keys() {
            for row in &ready {
                let before = self.key_of(row).and_then(|key| before.get(there.get(&key)?));
                act::wants(self.table, before, &row.values, &mut wants);
            }
        }
        let known = guard::look_up(tx, self.tables, &wants).await?;
        let mut sound = Vec::with_capacity(ready.len());
        for row in ready {
            let key = self.key_of(&row);
            if let Some(key) = &key
                && !self.keys.insert(key.clone())
            {
                let field = &self.table.def().fields[self.table.key];
                let fault = Fault::new(
                    &field.id,
                    "unique",
                    format!("{}“{key}”在文件中出现不止一次，请只保留一行", field.name.zh),
                    format!(
                        "{}: `{key}` stands in the file more than once; keep one row of it",
                        field.name.en
                    ),
                );
                let fault = self.row_fault(row.line, fault, key.clone());
                self.bad([fault]);
                continue;
            }
            let rid = key.as_ref().and_then(|key| there.get(key));
            if let (Some(other), ImportMatch::Create) = (rid, self.plan.existing) {
                let (values, text) = (self.values_of(&row), key.clone().unwrap_or_default());
                let fault = guard::not_unique(self.table, &[self.table.key], &values, *other, &text);
                let fault = self.row_fault(row.line, fault, text);
                self.bad([fault]);
                continue;
            }
            let before =
                rid.filter(|_| self.plan.existing == ImportMatch::Upsert).and_then(|rid| before.remove(rid));
            if let Some(row) = self.judge(row, before, &known) {
                sound.push(row);
            }
        }
        self.write(tx, sound).await?;
        self.keep_faults();
        self.done.progress.good = self.done.created + self.done.changed + self.done.unchanged;
        Ok(())
    }

    /// The records that rows change.
    async fn before(
        &self,
        tx: &mut Tx,
        there: &HashMap<String, RecordId>,
    ) -> Result<HashMap<RecordId, Record>, RecordsError> {
        let mut out = HashMap::new();
        if self.plan.existing == ImportMatch::Create || there.is_empty() {
            return Ok(out);
        }
        let sql = format!(
            "SELECT {} FROM \"{}\" t WHERE t.rid IN ({})",
            self.table.selected(tx.dialect()),
            self.table.name,
            super::put::numbers(there.values().map(|id| id.0))
        );
        for row in tx.fetch(ATTEMPT, sql, args![]).await? {
            let record = self.table.read(&row)?.record;
            out.insert(record.id, record);
        }
        Ok(out)
    }

    /// What follows from a row; `None`: nothing, which is counted.
    fn judge(&mut self, row: ImportRow, before: Option<Record>, known: &Known) -> Option<Sound> {
        let values = self.values_of(&row);
        let event = match &before {
            Some(before) => Event::Change { version: before.version, values: row.values },
            None => Event::Create {
                values: row.values,
                schematic: self.plan.schematic || row.schematic,
                state: row.state.clone(),
            },
        };
        let effects = match step(&self.table.model, before.as_ref(), event, self.by, known) {
            Ok(effects) => effects,
            Err(refusal) => {
                let faults = self.refused(row.line, refusal, &values);
                self.bad(faults);
                return None;
            }
        };
        let mut nothing = before.as_ref().is_some_and(|before| act::is_nothing(before, &effects));
        let mut kept = Kept {
            due_on: effects.due.as_ref().map(|due| due.on),
            public: effects.public,
            record: effects.record,
        };
        if let (Some(state), true) = (&row.state, before.is_some())
            && kept.record.state.as_ref() != Some(state)
        {
            let life = self.table.def().lifecycle.iter().flat_map(|life| &life.states);
            if self.by.caller.role != Some(Role::Operator) || !life.into_iter().any(|it| it.id == *state) {
                let refusal = Refusal::new(
                    sanggan_records::Why::State,
                    format!("不能通过导入改为状态“{state}”"),
                    format!("an import cannot bring a record to the state `{state}`; leave the state out"),
                );
                let faults = self.refused(row.line, refusal, &values);
                self.bad(faults);
                return None;
            }
            let record = &mut kept.record;
            record.state = Some(state.clone());
            record.state_since = Some(self.by.now);
            record.version = before.as_ref().map_or(1, |before| before.version.saturating_add(1));
            record.changed_at = self.by.now;
            record.changed_by.clone_from(&self.by.caller.name);
            kept.public = self.table.model.is_public(&record.values, Some(state), known);
            kept.due_on = due(&self.table.model, record, self.by.now.local_date()).map(|due| due.on);
            nothing = false;
        }
        if nothing {
            self.done.unchanged += 1;
            return None;
        }
        tidy(&mut kept.record.values);
        Some(Sound { line: row.line, before, kept })
    }

    /// Writes what the tables have nothing against.
    async fn write(&mut self, tx: &mut Tx, sound: Vec<Sound>) -> Result<(), RecordsError> {
        let steps: Vec<Step<'_>> =
            sound.iter().map(|row| Step { before: row.before.as_ref(), after: &row.kept.record }).collect();
        let faults = guard::faults(tx, self.tables, self.table, &steps, &self.known).await?;
        let (mut new, mut changed, mut before) = (Vec::new(), Vec::new(), Vec::new());
        for (row, faults) in sound.into_iter().zip(faults) {
            if !faults.is_empty() {
                let faults = self.refused(row.line, Refusal::of_faults(faults), &row.kept.record.values);
                self.bad(faults);
                continue;
            }
            match row.before {
                Some(was) => {
                    before.push(was);
                    changed.push(row.kept);
                }
                None => new.push(row.kept),
            }
        }
        if !new.is_empty() {
            let first = take_numbers(tx, self.table, new.len()).await?;
            for (kept, rid) in new.iter_mut().zip(first..) {
                kept.record.id = RecordId(rid);
            }
        }
        put(tx, self.table, &new, true).await?;
        put(tx, self.table, &changed, false).await?;
        let action = "import";
        let told = new.iter().map(|kept| Happened { action, before: None, after: &kept.record });
        let more = changed.iter().zip(&before).map(|(kept, before)| Happened {
            action,
            before: Some(before),
            after: &kept.record,
        });
        let told: Vec<Happened<'_>> = told.chain(more).collect();
        if !told.is_empty() {
            tell(tx, self.table, &told, self.by).await?;
        }
        self.done.created += new.len() as u64;
        self.done.changed += changed.len() as u64;
        Ok(())
    }
}

impl Store {
    /// Imports rows, batch by batch; each row is an event of [`sanggan_records::step`]. All-or-nothing is one
    /// transaction; good rows are made to last every 20,000 rows, so that others may write meanwhile.
    ///
    /// # Errors
    /// [`RecordsError::Refused`] for want of rights; when the base fails, what did not last yet is not written.
    pub async fn import_records(
        &self,
        register: &str,
        mut rows: impl Stream<Item = Vec<ImportRow>> + Send + Unpin,
        plan: ImportPlan,
        progress: Progress<'_>,
        by: By<'_>,
    ) -> Result<ImportDone, RecordsError> {
        let tables = self.tables()?;
        let table = Arc::clone(tables.get(register)?);
        rights::may_import(by.caller, table.def()).map_err(RecordsError::Refused)?;
        let mut import = Import {
            tables: &tables,
            table: &table,
            plan,
            by,
            done: ImportDone::default(),
            found: HashMap::new(),
            known: Found { keys: true, ..Found::default() },
            keys: HashSet::new(),
            faults: Vec::new(),
            held: Vec::new(),
        };
        let mut write = self.write(ATTEMPT).await?;
        if write.tx.dialect() == Dialect::Postgres {
            // Search words of many records are put into their index together.
            write.tx.script(ATTEMPT, "SET LOCAL gin_pending_list_limit = '64MB'".to_owned()).await?;
        }
        let mut lasting = 0;
        while let Some(batch) = rows.next().await {
            let mut batch = batch;
            while !batch.is_empty() {
                let rest = batch.split_off(batch.len().min(ROUND));
                import.done.progress.read += batch.len() as u64;
                import.round(&mut write.tx, batch, false).await?;
                batch = rest;
                progress(import.done.progress);
            }
            if plan.mode == ImportMode::GoodRows && import.done.progress.read - lasting >= LASTING {
                lasting = import.done.progress.read;
                write.commit(ATTEMPT).await?;
                write = self.write(ATTEMPT).await?;
                // Others may have taken records out meanwhile.
                import.found.clear();
                import.known.there.clear();
            }
        }
        // Each round may bring what another waits for; when none does, what is missing is a fault.
        loop {
            let waiting = std::mem::take(&mut import.held);
            let before = waiting.len();
            if before == 0 {
                break;
            }
            import.rounds(&mut write.tx, waiting, false).await?;
            if import.held.len() == before {
                let waiting = std::mem::take(&mut import.held);
                import.rounds(&mut write.tx, waiting, true).await?;
            }
        }
        import.done.faults.sort_by_key(|fault| fault.line);
        let ImportProgress { bad, .. } = import.done.progress;
        import.done.written = match plan.mode {
            ImportMode::DryRun => false,
            ImportMode::AllOrNothing => bad == 0,
            ImportMode::GoodRows => true,
        };
        progress(import.done.progress);
        if !import.done.written {
            write.tx.rollback(ATTEMPT).await?;
            return Ok(import.done);
        }
        if import.done.created + import.done.changed >= MANY {
            look_anew(&mut write.tx, &table).await?;
        }
        write.commit(ATTEMPT).await?;
        Ok(import.done)
    }
}

impl Import<'_> {
    async fn rounds(&mut self, tx: &mut Tx, rows: Vec<ImportRow>, last: bool) -> Result<(), RecordsError> {
        let mut rows = rows;
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(ROUND));
            self.round(tx, rows, last).await?;
            rows = rest;
        }
        Ok(())
    }
}

/// Lets the base look at a table's indexes, so that it chooses well among them.
async fn look_anew(tx: &mut Tx, table: &Table) -> Result<(), RecordsError> {
    let name = &table.name;
    let script = match tx.dialect() {
        // Other connections read the figures when they read the schema; so that is made to change.
        Dialect::Sqlite => format!(
            "PRAGMA analysis_limit = 2000; ANALYZE \"{name}\"; CREATE TABLE _look (x); DROP TABLE _look;"
        ),
        Dialect::Postgres => format!("ANALYZE \"{name}\""),
    };
    Ok(tx.script("look at the indexes of a register", script).await?)
}
