//! The operations on records, each in its own file; this one is their table of contents.
#![allow(clippy::todo, unused_variables)]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use futures::Stream;
use jiff::civil::Date;
use sanggan_base::Millis;
use sanggan_pack::Registers;
use sanggan_records::rights::Scope;
use sanggan_records::{Ask, Link, Page, Record, RecordId};

use super::{
    By, Counts, Defined, Draft, DueRecord, Edit, Finish, ImportDone, ImportPlan, ImportRow, Place, Progress,
    RecordEvent, RecordsError, Related, Seen,
};
use crate::Store;

impl Store {
    /// Brings the tables to these definitions, all or none, and keeps them for the other operations.
    ///
    /// # Errors
    /// [`RecordsError::WouldLose`] with everything that would be lost.
    pub async fn define(&self, registers: &Arc<Registers>, now: Millis) -> Result<Defined, RecordsError> {
        todo!()
    }

    /// A page of records. Conditions, orders and words on fields the scope does not see are refused.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`], [`RecordsError::BadAsk`].
    pub async fn records(&self, register: &str, scope: &Scope, ask: &Ask) -> Result<Page, RecordsError> {
        todo!()
    }

    /// Every record that an [`Ask`] finds, page after page, in its order; [`Ask::limit`] and [`Ask::after`] count
    /// for nothing.
    pub fn record_stream<'s>(
        &'s self,
        register: &'s str,
        scope: &'s Scope,
        ask: Ask,
    ) -> impl Stream<Item = Result<Record, RecordsError>> + Send + 's {
        futures::stream::empty()
    }

    /// One record, taken out or not; `as_of`: as it was then.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`], [`RecordsError::NoRecord`] (also when the scope does not see it).
    pub async fn read_record(
        &self,
        register: &str,
        scope: &Scope,
        rid: RecordId,
        as_of: Option<Millis>,
    ) -> Result<Record, RecordsError> {
        todo!()
    }

    /// Several of them, by number; those that are not there, or not seen, are left out.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn read_records(
        &self,
        register: &str,
        scope: &Scope,
        rids: &[RecordId],
    ) -> Result<Vec<Record>, RecordsError> {
        todo!()
    }

    /// The numbers of the records with these key texts, not taken out.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn find_records(
        &self,
        register: &str,
        keys: &[String],
    ) -> Result<HashMap<String, RecordId>, RecordsError> {
        todo!()
    }

    /// Key and title of records of any registers, for showing what others refer to; retired ones too.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn links(&self, wanted: &[Place]) -> Result<HashMap<Place, Link>, RecordsError> {
        todo!()
    }

    /// What refers to a record, field by field, the first `each` of every group; only of registers in `seen`.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn related(
        &self,
        register: &str,
        rid: RecordId,
        seen: Seen<'_>,
        each: u32,
    ) -> Result<Vec<Related>, RecordsError> {
        todo!()
    }

    /// How much stands in registers, each within what is seen of it.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn record_counts(
        &self,
        seen: Seen<'_>,
        today: Date,
    ) -> Result<BTreeMap<String, Counts>, RecordsError> {
        todo!()
    }

    /// What is due to `until` (that day too) in registers, the longest overdue first.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn due_records(
        &self,
        seen: Seen<'_>,
        until: Date,
        limit: u32,
    ) -> Result<Vec<DueRecord>, RecordsError> {
        todo!()
    }

    /// Makes a record.
    ///
    /// # Errors
    /// [`RecordsError::Refused`].
    pub async fn create_record(
        &self,
        register: &str,
        draft: Draft,
        by: By<'_>,
    ) -> Result<Record, RecordsError> {
        todo!()
    }

    /// Changes a record, or takes it over a transition.
    ///
    /// # Errors
    /// [`RecordsError::NoRecord`], [`RecordsError::Stale`], [`RecordsError::Refused`].
    pub async fn change_record(
        &self,
        register: &str,
        rid: RecordId,
        edit: Edit,
        by: By<'_>,
    ) -> Result<Record, RecordsError> {
        todo!()
    }

    /// Several changes, each by itself: one that does not go leaves the others.
    ///
    /// # Errors
    /// Only when the base fails; what becomes of each record stands in the answer, in the order given.
    pub async fn change_records(
        &self,
        register: &str,
        edits: Vec<(RecordId, Edit)>,
        by: By<'_>,
    ) -> Result<Vec<Result<Record, RecordsError>>, RecordsError> {
        todo!()
    }

    /// Takes a record out of its register (移出); it stays with its history.
    ///
    /// # Errors
    /// [`RecordsError::Stale`], [`RecordsError::Referred`] while others that are not taken out refer to it.
    pub async fn retire_record(
        &self,
        register: &str,
        rid: RecordId,
        version: u32,
        by: By<'_>,
    ) -> Result<Record, RecordsError> {
        todo!()
    }

    /// Takes a record back into its register.
    ///
    /// # Errors
    /// [`RecordsError::Stale`], [`RecordsError::Refused`] when its key was given to another, or what it refers to is
    /// taken out.
    pub async fn restore_record(
        &self,
        register: &str,
        rid: RecordId,
        version: u32,
        by: By<'_>,
    ) -> Result<Record, RecordsError> {
        todo!()
    }

    /// Imports rows, batch by batch, in one transaction.
    ///
    /// # Errors
    /// When the base fails; nothing is written then.
    pub async fn import_records(
        &self,
        register: &str,
        rows: impl Stream<Item = Vec<ImportRow>> + Send + Unpin,
        plan: ImportPlan,
        finish: Finish<'_>,
        progress: Progress<'_>,
        by: By<'_>,
    ) -> Result<ImportDone, RecordsError> {
        todo!()
    }

    /// What happened to a record, the newest first.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn record_history(
        &self,
        register: &str,
        rid: RecordId,
    ) -> Result<Vec<RecordEvent>, RecordsError> {
        todo!()
    }

    /// A vector tile of a register's shapes, with these fields as attributes beside `rid`, `state`, `schematic`,
    /// `title`; empty when nothing is in it. `None`: there is no such tile.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`], [`RecordsError::BadAsk`] when the register has no geometry or no such field.
    pub async fn record_tile(
        &self,
        register: &str,
        (z, x, y): (u8, u32, u32),
        scope: &Scope,
        fields: &[&str],
    ) -> Result<Option<Vec<u8>>, RecordsError> {
        todo!()
    }

    /// Writes what an [`Ask`] finds as a GeoPackage at `path`, with these columns in this order.
    ///
    /// # Errors
    /// [`RecordsError`]; a file begun is left as it is.
    pub async fn export_geopackage(
        &self,
        register: &str,
        scope: &Scope,
        ask: Ask,
        columns: &[&str],
        path: &Path,
    ) -> Result<u64, RecordsError> {
        todo!()
    }
}
