//! Pages of records.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::Stream;
use sanggan_records::rights::Scope;
use sanggan_records::{Ask, Page, Record, Total};

use super::RecordsError;
use super::past;
use super::question::Question;
use super::row::Kept;
use super::select::{self, Mark, Where};
use super::table::Table;
use crate::Store;
use crate::db::{Arg, Db};

const ATTEMPT: &str = "read records";
/// Records of one page when everything is read.
const STREAMED: u32 = 1_000;

/// Records in order, page by page.
struct Walk<'a> {
    db: &'a Db,
    question: &'a Question<'a>,
    base: Where,
    /// Records whose past is another than their present, in order; they are not found by `base`.
    apart: VecDeque<Kept>,
    after: Option<Mark>,
    /// Whether the part of the order is being read in which the first column is filled.
    filled: bool,
    ended: bool,
}

impl Walk<'_> {
    fn mark(&self, kept: &Kept) -> Mark {
        Mark { keys: self.question.keys(kept), rid: kept.record.id.0 }
    }

    /// The next records the base has, at least one unless there are no more.
    async fn some(&mut self, count: usize) -> Result<Vec<Kept>, RecordsError> {
        let question = self.question;
        let mut out = Vec::new();
        while out.is_empty() && !self.ended {
            let (sql, args) = select::page(
                question,
                self.db.dialect(),
                &self.base,
                self.filled,
                self.after.as_ref(),
                count,
            );
            let rows = self.db.fetch(ATTEMPT, sql, args).await?;
            for row in &rows {
                out.push(question.table.read(row)?);
            }
            if let Some(last) = out.last() {
                self.after = Some(self.mark(last));
            }
            if rows.len() < count {
                if self.filled && !question.sort.is_empty() {
                    self.filled = false;
                    self.after = None;
                } else {
                    self.ended = true;
                }
            }
            if question.looks_at_shapes() {
                out.retain(|kept| question.touches(kept));
            }
        }
        Ok(out)
    }

    /// `count` records, or fewer when there are no more.
    async fn take(&mut self, count: usize) -> Result<Vec<Kept>, RecordsError> {
        let question = self.question;
        let mut out: Vec<Kept> = Vec::with_capacity(count.min(1_000));
        while out.len() < count {
            let more = self.some(count - out.len()).await?;
            if more.is_empty() {
                break;
            }
            out.extend(more);
        }
        if !self.apart.is_empty() {
            let mut both: Vec<Kept> = out.into_iter().chain(self.apart.drain(..)).collect();
            let keyed = |kept: &Kept| (question.keys(kept), kept.record.id.0);
            both.sort_by(|a, b| {
                let ((one, a), (other, b)) = (keyed(a), keyed(b));
                question.order((&one, a), (&other, b))
            });
            let rest = both.split_off(count.min(both.len()));
            self.apart = rest.into();
            out = both;
        }
        Ok(out)
    }
}

async fn walk<'a>(
    db: &'a Db,
    store: &Store,
    table: &Arc<Table>,
    question: &'a Question<'a>,
    ask: &Ask,
) -> Result<(Walk<'a>, Option<past::Apart>), RecordsError> {
    let after = ask.after.as_deref().map(|text| Mark::parse(question, text)).transpose()?;
    let apart = match ask.as_of {
        Some(moment) => Some(past::apart(store, table, question, moment).await?),
        None => None,
    };
    let base = select::conditions(db, question, ask.as_of).await?;
    let mut earlier: Vec<Kept> = apart.as_ref().map(|apart| apart.fitting.clone()).unwrap_or_default();
    if let Some(after) = &after {
        earlier.retain(|kept| {
            let keys = question.keys(kept);
            question.order((&keys, kept.record.id.0), (&after.keys, after.rid)).is_gt()
        });
    }
    earlier.sort_by(|a, b| {
        let (one, other) = (question.keys(a), question.keys(b));
        question.order((&one, a.record.id.0), (&other, b.record.id.0))
    });
    let filled = match &after {
        Some(mark) => !matches!(mark.keys.first(), Some(Arg::Null(_))),
        None => true,
    };
    Ok((Walk { db, question, base, apart: earlier.into(), after, filled, ended: false }, apart))
}

/// How many records a question finds.
async fn total(db: &Db, question: &Question<'_>, base: &Where) -> Result<u64, RecordsError> {
    let table = question.table;
    if !question.looks_at_shapes() {
        let sql = format!("SELECT count(*) FROM \"{}\" t WHERE {}", table.name, base.sql());
        let count: i64 = db.scalar(ATTEMPT, sql, base.args.clone()).await?.unwrap_or(0);
        return Ok(count.unsigned_abs());
    }
    // Shapes that lie across the edge are looked at one by one.
    let mut count = 0;
    let sql =
        format!("SELECT {} FROM \"{}\" t WHERE {}", table.selected(db.dialect()), table.name, base.sql());
    for row in db.fetch(ATTEMPT, sql, base.args.clone()).await? {
        count += u64::from(question.touches(&table.read(&row)?));
    }
    Ok(count)
}

impl Store {
    /// A page of records. Conditions and orders on fields the public does not see are refused in its scope; whoever
    /// asks otherwise is looked at by [`sanggan_records::rights::may_ask`] beforehand. Words are looked for in the
    /// searched fields that everybody who sees a record may read.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`], [`RecordsError::BadAsk`].
    pub async fn records(&self, register: &str, scope: &Scope, ask: &Ask) -> Result<Page, RecordsError> {
        let tables = self.tables()?;
        let table = tables.get(register)?;
        let question = Question::new(table, scope, ask)?;
        let (mut walk, apart) = walk(self.db(), self, table, &question, ask).await?;
        let mut found = walk.take(question.limit + 1).await?;
        let more = found.len() > question.limit;
        found.truncate(question.limit);
        let next = found.last().filter(|_| more).map(|last| walk.mark(last).text(&question));
        let total = match ask.total {
            Total::No => None,
            Total::Exact => {
                let apart = apart.map_or(0, |apart| apart.fitting.len() as u64);
                Some(total(self.db(), &question, &walk.base).await? + apart)
            }
        };
        Ok(Page { records: found.into_iter().map(|kept| kept.record).collect(), next, total })
    }

    /// Every record that an [`Ask`] finds, page after page, in its order; [`Ask::limit`] counts for nothing.
    pub fn record_stream<'s>(
        &'s self,
        register: &'s str,
        scope: &'s Scope,
        ask: Ask,
    ) -> impl Stream<Item = Result<Record, RecordsError>> + Send + 's {
        let begin = (Ask { limit: STREAMED, total: Total::No, ..ask }, VecDeque::<Record>::new(), false);
        futures::stream::try_unfold(begin, move |(mut ask, mut waiting, mut ended)| async move {
            while waiting.is_empty() && !ended {
                let page = self.records(register, scope, &ask).await?;
                waiting.extend(page.records);
                ended = page.next.is_none();
                ask.after = page.next;
            }
            Ok(waiting.pop_front().map(|record| (record, (ask, waiting, ended))))
        })
    }
}
