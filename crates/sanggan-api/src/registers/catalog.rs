//! Registers as tables of the SQL catalog: `river-outfalls` is `river_outfalls`.
//!
//! Only accounts of the whole city may ask in SQL; fields that only some departments may read are no columns at all.

use std::sync::Arc;

use futures::stream;
use sanggan_lake::{Cell, ColumnKind, ExternalColumn, ExternalTable, Lake, LakeError, Rows};
use sanggan_records::rights::Scope;
use sanggan_records::{Ask, Links, Model, Record};
use sanggan_store::Store;

use super::resolve;
use crate::transfer::cells;

/// Records read at once.
const PAGE: u32 = 2_000;

/// Puts every register of the store into the lake's catalog.
///
/// # Errors
/// [`LakeError::Query`] when a register bears the name of one of the lake's tables.
pub fn attach_registers(lake: &Lake, store: &Store) -> Result<(), LakeError> {
    let models = store.models().unwrap_or_default();
    models.all().try_for_each(|model| {
        lake.attach(Arc::new(RegisterTable { store: store.clone(), model: Arc::clone(model) }))
    })
}

struct RegisterTable {
    store: Store,
    model: Arc<Model>,
}

impl std::fmt::Debug for RegisterTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RegisterTable").field(&self.model.def().id).finish()
    }
}

impl RegisterTable {
    /// Positions of the fields that are columns.
    fn fields(&self) -> Vec<usize> {
        let fields = self.model.def().fields.iter().enumerate();
        fields.filter(|(_, field)| field.readers.is_empty()).map(|(nth, _)| nth).collect()
    }
}

impl ExternalTable for RegisterTable {
    fn name(&self) -> String {
        self.model.def().id.replace('-', "_")
    }

    fn columns(&self) -> Vec<ExternalColumn> {
        let own = |name: &str, kind| ExternalColumn { name: name.to_owned(), kind };
        let def = self.model.def();
        let mut columns = vec![
            own("rid", ColumnKind::Integer),
            own("version", ColumnKind::Integer),
            own("state", ColumnKind::Text),
            own("changed_at", ColumnKind::Time),
            own("schematic", ColumnKind::Boolean),
        ];
        columns
            .extend(self.fields().iter().map(|&nth| own(&def.fields[nth].id, cells::kind(&def.fields[nth]))));
        columns
    }

    fn rows(&self) -> Rows<'static> {
        let (store, model, fields) = (self.store.clone(), Arc::clone(&self.model), self.fields());
        let first = Ask { limit: PAGE, ..Ask::default() };
        Box::pin(stream::try_unfold(Some(first), move |ask| {
            let (store, model, fields) = (store.clone(), Arc::clone(&model), fields.clone());
            async move {
                let Some(ask) = ask else { return Ok(None) };
                let page = store.records(&model.def().id, &Scope::Areas(Vec::new()), &ask).await?;
                let links = resolve::links(&store, &model, &page.records).await?;
                let rows = page.records.iter().map(|record| row(&model, &fields, record, &links)).collect();
                let next = page.next.map(|after| Ask { after: Some(after), ..ask });
                Ok(Some((rows, next)))
            }
        }))
    }
}

fn row(model: &Model, fields: &[usize], record: &Record, links: &Links) -> Vec<Cell> {
    let own = [
        Cell::Integer(record.id.0),
        Cell::Integer(record.version.into()),
        record.state.clone().map_or(Cell::Null, Cell::Text),
        Cell::Time(record.changed_at),
        Cell::Boolean(record.schematic),
    ];
    let fields = fields.iter().map(|&nth| cells::cell(&model.def().fields[nth], &record.values[nth], links));
    own.into_iter().chain(fields).collect()
}
