//! Operations still to come.
#![allow(clippy::todo, unused_variables)]

use std::path::Path;

use futures::Stream;
use sanggan_records::rights::Scope;
use sanggan_records::{Ask, By};

use super::{ImportDone, ImportPlan, ImportRow, Progress, RecordsError};
use crate::Store;

impl Store {
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
