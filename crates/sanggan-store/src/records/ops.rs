//! The operations on records, each in its own file; this one is their table of contents.
#![allow(clippy::todo, unused_variables)]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use futures::Stream;
use jiff::civil::Date;
use sanggan_base::Millis;
use sanggan_records::rights::Scope;
use sanggan_records::{Ask, By, Event, Known, Link, Models, Page, Record, RecordId, Wants};

use super::{
    Counts, Defined, DueRecord, ImportDone, ImportPlan, ImportRow, Place, Progress, RecordEvent,
    RecordsError, Related, Seen,
};
use crate::Store;

impl Store {
    /// The models the tables are made for; `None` before [`Store::define`].
    pub fn models(&self) -> Option<Arc<Models>> {
        todo!()
    }

    /// Brings the tables to these definitions, all or none, and keeps them for the other operations.
    ///
    /// # Errors
    /// [`RecordsError::WouldLose`] with everything that would be lost.
    pub async fn define(&self, models: &Arc<Models>, now: Millis) -> Result<Defined, RecordsError> {
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

    /// Looks up what a model wants to know before values can be read or a record checked.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`].
    pub async fn look_up(&self, wants: &Wants) -> Result<Known, RecordsError> {
        todo!()
    }

    /// Lets an event happen to a record (`None`: [`Event::Create`]): [`sanggan_records::step`] on the record as it
    /// is, in the transaction that writes what follows.
    ///
    /// # Errors
    /// [`RecordsError::NoRecord`], [`RecordsError::Stale`], [`RecordsError::Refused`], and, when it is taken out,
    /// [`RecordsError::Referred`] while others that are not taken out refer to it.
    pub async fn act(
        &self,
        register: &str,
        rid: Option<RecordId>,
        event: Event,
        by: By<'_>,
    ) -> Result<Record, RecordsError> {
        todo!()
    }

    /// Several events, each by itself: one that does not go leaves the others.
    ///
    /// # Errors
    /// Only when the base fails; what becomes of each record stands in the answer, in the order given.
    pub async fn act_many(
        &self,
        register: &str,
        events: Vec<(RecordId, Event)>,
        by: By<'_>,
    ) -> Result<Vec<Result<Record, RecordsError>>, RecordsError> {
        todo!()
    }

    /// Takes a record back into its register.
    ///
    /// # Errors
    /// [`RecordsError::Stale`], [`RecordsError::Refused`] for want of rights, when its key was given to another, or
    /// when what it refers to is taken out.
    pub async fn restore_record(
        &self,
        register: &str,
        rid: RecordId,
        version: u32,
        by: By<'_>,
    ) -> Result<Record, RecordsError> {
        todo!()
    }

    /// Imports rows, batch by batch, in one transaction; each row is an event of [`sanggan_records::step`].
    ///
    /// # Errors
    /// When the base fails; nothing is written then.
    pub async fn import_records(
        &self,
        register: &str,
        rows: impl Stream<Item = Vec<ImportRow>> + Send + Unpin,
        plan: ImportPlan,
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
