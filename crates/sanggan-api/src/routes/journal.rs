//! The journal: its entries for those who may read it, its signed heads and hashes for everyone.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use sanggan_base::ErrorCode;
use sanggan_journal::Checkpoint;
use sanggan_store::{Event, EventFilter, JournalEntry, Role};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Ask;
use crate::auth::Caller;
use crate::dto::{JournalConsistency, JournalEntryBody, JournalPage, JournalProof, JournalRow};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::state::JournalSigner;
use crate::{AppState, when};

/// Entries of one answer.
const PAGE: u32 = 100;
/// Most entries of one answer.
const PAGE_MAX: u32 = 1_000;
/// Deepest level of tiles there can be.
const LEVELS: u8 = 8;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct JournalQuery {
    /// Only of this sort of thing (`user`, `device`, `register:REGISTER`, …).
    subject_kind: Option<String>,
    /// Only of this one.
    subject: Option<String>,
    /// Only by this one: `system`, or `user:NAME`.
    who: Option<String>,
    /// Only this action.
    action: Option<String>,
    /// Only from this moment on.
    from: Option<String>,
    /// Only before this moment.
    until: Option<String>,
    /// Only older than this number, for paging back.
    before: Option<i64>,
    /// At most so many; 100 without it, 1000 at most.
    limit: Option<u32>,
}

fn row(event: &Event) -> JournalRow {
    let changed = event.changes.as_ref().and_then(|changes| changes.as_array());
    let field = |change: &serde_json::Value| change.get("field")?.as_str().map(str::to_owned);
    JournalRow {
        seq: event.id,
        at: event.at.to_string(),
        who: event.actor.clone(),
        action: event.action.clone(),
        subject_kind: event.subject_kind.clone(),
        subject: event.subject.clone(),
        version: event.version,
        fields: changed.map(|changes| changes.iter().filter_map(field).collect()).unwrap_or_default(),
        why: event.why.clone(),
    }
}

/// Entries of the journal, the newest first.
#[utoipa::path(
    get, path = "/journal", operation_id = "listJournal", tag = "journal", params(JournalQuery),
    responses(
        (status = 200, description = "Who did what, when and why", body = JournalPage),
        (status = 400, description = "A parameter is faulty", body = ProblemBody)
    )
)]
pub(crate) async fn list_journal(
    State(state): State<AppState>,
    Ask(query): Ask<JournalQuery>,
) -> Answer<Json<JournalPage>> {
    let limit = query.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let filter = EventFilter {
        subject_kind: query.subject_kind,
        subject: query.subject,
        actor: query.who,
        action: query.action,
        from: query.from.as_deref().map(|text| when::moment("from", text)).transpose()?,
        until: query.until.as_deref().map(|text| when::moment("until", text)).transpose()?,
        before_id: query.before,
        limit: limit + 1,
    };
    let mut events = state.store().events(&filter).await?;
    let more = events.len() > limit as usize;
    events.truncate(limit as usize);
    let size = state.store().journal_size().await?;
    let next = if more { events.last().map(|event| event.id) } else { None };
    Ok(Json(JournalPage { size, entries: events.iter().map(row).collect(), next }))
}

async fn entry_of(state: &AppState, seq: i64) -> Answer<JournalEntry> {
    let entry = state.store().journal_entry(seq).await?;
    entry.ok_or_else(|| Problem::not_found(format!("the journal has no entry {seq}")))
}

/// One entry as a whole. To an auditor the values of a record are withheld: administrators see no records.
#[utoipa::path(
    get, path = "/journal/entry/{seq}", operation_id = "getJournalEntry", tag = "journal",
    params(("seq" = i64, Path, description = "The entry's number")),
    responses(
        (status = 200, description = "The entry", body = JournalEntryBody),
        (status = 404, description = "No such entry", body = ProblemBody)
    )
)]
pub(crate) async fn get_journal_entry(
    State(state): State<AppState>,
    caller: Caller,
    Path(seq): Path<String>,
) -> Answer<Json<JournalEntryBody>> {
    let seq = seq.parse().map_err(|_| Problem::not_found(format!("the journal has no entry `{seq}`")))?;
    let entry = entry_of(&state, seq).await?;
    let (row, intact) = (row(&entry.event), entry.is_intact());
    let withheld = caller.role() != Some(Role::Operator) && row.subject_kind.starts_with("register:");
    let (changes, before, after, bytes) = if withheld {
        (None, None, None, None)
    } else {
        (entry.event.changes, entry.event.before, entry.event.after, Some(entry.bytes))
    };
    let leaf = hex::encode(entry.leaf);
    Ok(Json(JournalEntryBody { row, withheld, changes, before, after, bytes, leaf, intact }))
}

/// Which entry, in which tree.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProofQuery {
    /// The entry's number.
    seq: i64,
    /// How many entries the tree has; without it: as many as now.
    size: Option<u64>,
}

/// The proof that an entry is in the tree.
#[utoipa::path(
    get, path = "/journal/proof", operation_id = "getJournalProof", tag = "journal", params(ProofQuery),
    responses(
        (status = 200, description = "Hashes from the leaf to the root", body = JournalProof),
        (status = 404, description = "The entry is not in that tree", body = ProblemBody)
    )
)]
pub(crate) async fn get_journal_proof(
    State(state): State<AppState>,
    Ask(ProofQuery { seq, size }): Ask<ProofQuery>,
) -> Answer<Json<JournalProof>> {
    let size = match size {
        Some(size) => size,
        None => state.store().journal_size().await?,
    };
    let absent = || Problem::not_found(format!("entry {seq} is not in the tree of {size} entries"));
    let proof = state.store().journal_inclusion(seq, size).await?.ok_or_else(absent)?;
    let head = state.store().journal_head_at(size).await?.ok_or_else(absent)?;
    let leaf = hex::encode(entry_of(&state, seq).await?.leaf);
    let proof = proof.iter().map(hex::encode).collect();
    Ok(Json(JournalProof { seq, size, leaf, root: hex::encode(head.root), proof }))
}

/// Which two trees.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConsistencyQuery {
    /// How many entries the earlier one has.
    from: u64,
    /// How many the later one has; without it: as many as now.
    to: Option<u64>,
}

/// The proof that the journal begins with what it was before.
#[utoipa::path(
    get, path = "/journal/consistency", operation_id = "getJournalConsistency", tag = "journal",
    params(ConsistencyQuery),
    responses(
        (status = 200, description = "Hashes that lead from one root to the other", body = JournalConsistency),
        (status = 404, description = "The tree has not grown so far", body = ProblemBody)
    )
)]
pub(crate) async fn get_journal_consistency(
    State(state): State<AppState>,
    Ask(ConsistencyQuery { from, to }): Ask<ConsistencyQuery>,
) -> Answer<Json<JournalConsistency>> {
    let store = state.store();
    let to = match to {
        Some(to) => to,
        None => store.journal_size().await?,
    };
    let absent = || Problem::not_found(format!("there is no way from {from} entries to {to}"));
    let proof = store.journal_consistency(from, to).await?.ok_or_else(absent)?;
    let old = store.journal_head_at(from).await?.ok_or_else(absent)?;
    let new = store.journal_head_at(to).await?.ok_or_else(absent)?;
    Ok(Json(JournalConsistency {
        from,
        to,
        from_root: hex::encode(old.root),
        to_root: hex::encode(new.root),
        proof: proof.iter().map(hex::encode).collect(),
    }))
}

fn signer(state: &AppState) -> Answer<&JournalSigner> {
    state.settings().journal.as_ref().ok_or_else(|| {
        Problem::new(ErrorCode::Unavailable, "this process has no key to sign the journal with")
    })
}

type Plain = ([(HeaderName, &'static str); 2], String);

fn plain(kind: &'static str, text: String) -> Plain {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], text)
}

/// The journal's head, signed: keep it, and the journal can never be changed behind your back.
#[utoipa::path(
    get, path = "/journal/checkpoint", operation_id = "getJournalCheckpoint", tag = "journal",
    responses(
        (status = 200, description = "A signed note (C2SP tlog-checkpoint; SM3 and SM2)", content_type = "text/plain", body = String),
        (status = 503, description = "This process has no key", body = ProblemBody)
    )
)]
pub(crate) async fn get_journal_checkpoint(State(state): State<AppState>) -> Answer<Plain> {
    let JournalSigner { origin, signer } = signer(&state)?;
    let head = state.store().journal_head().await?;
    let note = Checkpoint { origin: origin.clone(), size: head.size, root: head.root }.signed(signer);
    Ok(plain("text/plain; charset=utf-8", note))
}

/// The public key of signed heads.
#[utoipa::path(
    get, path = "/journal/key", operation_id = "getJournalKey", tag = "journal",
    responses(
        (status = 200, description = "SM2, PEM", content_type = "application/x-pem-file", body = String),
        (status = 503, description = "This process has no key", body = ProblemBody)
    )
)]
pub(crate) async fn get_journal_key(State(state): State<AppState>) -> Answer<Plain> {
    let pem = signer(&state)?.signer.public().to_pem();
    let pem = pem.map_err(|error| Problem::internal("could not write the key", &error))?;
    Ok(plain("application/x-pem-file", pem))
}

/// A tile of the tree: up to 256 hashes of 32 bytes, one after the other.
#[utoipa::path(
    get, path = "/journal/tile/{level}/{index}", operation_id = "getJournalTile", tag = "journal",
    params(
        ("level" = u8, Path, description = "0: leaves; each hash above is the root of a full tile below"),
        ("index" = u64, Path, description = "Which tile of the level, from 0")
    ),
    responses(
        (status = 200, description = "Hashes; fewer than 256 in the last tile of a level", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, description = "The tree has not grown so far", body = ProblemBody)
    )
)]
pub(crate) async fn get_journal_tile(
    State(state): State<AppState>,
    Path((level, index)): Path<(String, String)>,
) -> Answer<([(HeaderName, &'static str); 1], Vec<u8>)> {
    let absent = || Problem::not_found(format!("the tree has no tile {level}/{index}"));
    let (Ok(at), Ok(nth)) = (level.parse::<u8>(), index.parse::<u64>()) else { return Err(absent()) };
    if at > LEVELS {
        return Err(absent());
    }
    let tile = state.store().journal_tile(at, nth).await?.ok_or_else(absent)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], tile.hashes.concat()))
}
