//! What is made of all records of some registers, kept until the journal has another entry.

use std::sync::Arc;

use sanggan_records::rights::Scope;
use sanggan_records::{Ask, Model, Record};

use crate::AppState;
use crate::problem::Answer;

/// Records read at once.
const PAGE: u32 = 1_000;

/// A thing, and the size of the journal it was made at.
#[derive(Debug)]
pub(crate) struct Cached<T>(tokio::sync::Mutex<Option<(u64, Arc<T>)>>);

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Cached(tokio::sync::Mutex::default())
    }
}

impl<T> Cached<T> {
    /// The thing as it is, made by `make` when anything was written since.
    pub(crate) async fn get(
        &self,
        state: &AppState,
        make: impl AsyncFnOnce(&AppState) -> Answer<T>,
    ) -> Answer<Arc<T>> {
        let size = state.store().journal_head().await?.size;
        let mut kept = self.0.lock().await;
        if let Some((of, thing)) = &*kept
            && *of == size
        {
            return Ok(Arc::clone(thing));
        }
        let thing = Arc::new(make(state).await?);
        *kept = Some((size, Arc::clone(&thing)));
        Ok(thing)
    }
}

/// Gives every record of a register that is not taken out; for the platform's own use, before rights.
pub(crate) async fn each(state: &AppState, model: &Model, mut each: impl FnMut(Record)) -> Answer<()> {
    let mut ask = Ask { limit: PAGE, ..Ask::default() };
    loop {
        let page = state.store().records(&model.def().id, &Scope::Areas(Vec::new()), &ask).await?;
        page.records.into_iter().for_each(&mut each);
        match page.next {
            Some(next) => ask.after = Some(next),
            None => return Ok(()),
        }
    }
}
