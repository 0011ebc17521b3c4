//! Custody chains: what was handed over, and whether it adds up.

use std::collections::{BTreeMap, HashMap};

use axum::Json;
use axum::extract::{Path, State};
use sanggan_records::chain::{self, Finding, Follow, HandOver, Holder};
use sanggan_records::graph::NodeKey;
use serde::Deserialize;
use utoipa::IntoParams;

use super::graph::visible;
use super::records::number;
use crate::AppState;
use crate::auth::Caller;
use crate::dto::{ChainBalance, ChainFinding, ChainHolder, ChainLine, ChainStep, ChainTrace, RecordLink};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::{Opened, own};
use crate::routes::Ask;
use crate::when;

/// Hand-overs taken into one balance.
const HAND_OVERS_MAX: usize = 200_000;

/// The days of a balance.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BalanceQuery {
    /// The first day.
    from: String,
    /// The last day.
    to: String,
}

/// The hand-overs of a register that the caller sees.
async fn hand_overs(state: &AppState, opened: &Opened) -> Answer<Vec<HandOver>> {
    if opened.def().chain.is_none() {
        let detail = format!("the records of `{}` hand nothing over", opened.id());
        return Err(Problem::not_found(detail));
    }
    // Amounts and partners of others' hand-overs are no part of what is public of them.
    let scope = own(&opened.scope);
    let mut found = Vec::new();
    let mut ask = sanggan_records::Ask { limit: 1_000, ..Default::default() };
    loop {
        let page = state.store().records(opened.id(), &scope, &ask).await?;
        found.extend(page.records.iter().filter_map(|record| HandOver::of(&opened.model, record)));
        if found.len() > HAND_OVERS_MAX {
            let detail = format!("more than {HAND_OVERS_MAX} hand-overs are no balance of one page");
            return Err(Problem::new(sanggan_base::ErrorCode::TooLarge, detail));
        }
        match page.next {
            Some(next) => ask.after = Some(next),
            None => return Ok(found),
        }
    }
}

type Seen = HashMap<NodeKey, RecordLink>;

fn holder(holder: &Holder, seen: &Seen) -> ChainHolder {
    match holder {
        Holder::Record(key) => {
            ChainHolder { record: seen.get(key).cloned(), name: seen.get(key).map(|link| link.title.clone()) }
        }
        Holder::Named { name } => ChainHolder { record: None, name: Some(name.clone()) },
        Holder::Outside => ChainHolder { record: None, name: None },
    }
}

fn amount(micro: chain::Micro) -> f64 {
    micro.0 as f64 / chain::Micro::ONE as f64
}

/// The balance of a custody chain (联单) over some days: for each holder and thing what came, went and is left, and
/// what does not add up. Only hand-overs the caller sees count.
#[utoipa::path(
    get, path = "/chains/{register}/balance", operation_id = "getChainBalance", tag = "registers",
    params(("register" = String, Path, description = "A register whose records hand something over"), BalanceQuery),
    responses(
        (status = 200, description = "The balance", body = ChainBalance),
        (status = 400, description = "A parameter is faulty", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 404, description = "No such register, or it is no chain", body = ProblemBody)
    )
)]
pub(crate) async fn get_chain_balance(
    State(state): State<AppState>,
    caller: Caller,
    Path(register): Path<String>,
    Ask(query): Ask<BalanceQuery>,
) -> Answer<Json<ChainBalance>> {
    let opened = Opened::of(&state, &caller, &register)?;
    let (from, to) = (when::date("from", &query.from)?, when::date("to", &query.to)?);
    if to < from {
        return Err(Problem::bad_field("to", "the last day is before the first"));
    }
    let hands = hand_overs(&state, &opened).await?;
    let balance = chain::balance(&BTreeMap::new(), &hands, from, to);
    let mut keys: Vec<NodeKey> = hands.iter().map(|hand| hand.record.clone()).collect();
    for hand in &hands {
        for one in [&hand.from, &hand.to] {
            if let Holder::Record(key) = one {
                keys.push(key.clone());
            }
        }
    }
    let seen = visible(&state, &opened.who, &keys).await?;
    let lines = balance.lines.iter().map(|line| ChainLine {
        holder: holder(&line.holder, &seen),
        what: line.what.clone(),
        opening: line.opening.map(amount),
        came: amount(line.came),
        went: amount(line.went),
        stock: line.stock.map(amount),
        under_way: amount(line.under_way),
    });
    let link = |key: &NodeKey| seen.get(key).cloned();
    let plain = |kind: &str, record: &NodeKey| ChainFinding {
        kind: kind.to_owned(),
        record: link(record),
        holder: None,
        what: None,
        sent: None,
        received: None,
        difference: None,
        on: None,
    };
    let findings = balance.findings.iter().map(|finding| match finding {
        Finding::Difference { record, what, sent, received, difference } => ChainFinding {
            what: Some(what.clone()),
            sent: Some(amount(*sent)),
            received: Some(amount(*received)),
            difference: Some(amount(*difference)),
            ..plain("difference", record)
        },
        Finding::NegativeStock { holder: who, what, on, stock, record } => ChainFinding {
            holder: Some(holder(who, &seen)),
            what: Some(what.clone()),
            difference: Some(amount(*stock)),
            on: Some(on.to_string()),
            ..plain("negative_stock", record)
        },
        Finding::ArrivedBeforeSent { record } => plain("arrived_before_sent", record),
        Finding::ToItself { record } => plain("to_itself", record),
        Finding::Unknown { record } => plain("unknown", record),
    });
    Ok(Json(ChainBalance {
        from: from.to_string(),
        to: to.to_string(),
        hand_overs: hands.len(),
        lines: lines.collect(),
        findings: findings.collect(),
    }))
}

/// Which way to follow.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TraceQuery {
    /// `back`: where it came from; `forward`: where it went.
    direction: String,
}

/// Follows what one hand-over moved: where it came from, or where it went.
#[utoipa::path(
    get, path = "/chains/{register}/{rid}/trace", operation_id = "traceChain", tag = "registers",
    params(
        ("register" = String, Path, description = "A register whose records hand something over"),
        ("rid" = i64, Path, description = "The hand-over"),
        TraceQuery
    ),
    responses(
        (status = 200, description = "Hand-overs, step by step", body = ChainTrace),
        (status = 400, description = "A parameter is faulty", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 404, description = "No such record, or the register is no chain", body = ProblemBody)
    )
)]
pub(crate) async fn trace_chain(
    State(state): State<AppState>,
    caller: Caller,
    Path((register, rid)): Path<(String, String)>,
    Ask(query): Ask<TraceQuery>,
) -> Answer<Json<ChainTrace>> {
    let opened = Opened::of(&state, &caller, &register)?;
    let id = number(&rid)?;
    state.store().read_record(opened.id(), &opened.scope, id, None).await?;
    let follow = match query.direction.as_str() {
        "back" => Follow::Backwards,
        "forward" => Follow::Forwards,
        other => {
            return Err(Problem::bad_field("direction", format!("`{other}` is neither back nor forward")));
        }
    };
    let hands = hand_overs(&state, &opened).await?;
    let lot = NodeKey { register: opened.id().to_owned(), id };
    let trace = chain::trace(&hands, &lot, follow);
    let mut keys: Vec<NodeKey> = trace.iter().map(|step| step.record.clone()).collect();
    let of = |key: &NodeKey| hands.iter().find(|hand| hand.record == *key);
    for hand in trace.iter().filter_map(|step| of(&step.record)) {
        for one in [&hand.from, &hand.to] {
            if let Holder::Record(key) = one {
                keys.push(key.clone());
            }
        }
    }
    let seen = visible(&state, &opened.who, &keys).await?;
    let steps = trace.iter().filter_map(|step| {
        let hand = of(&step.record)?;
        Some(ChainStep {
            record: seen.get(&step.record)?.clone(),
            step: step.step,
            from: holder(&hand.from, &seen),
            to: holder(&hand.to, &seen),
            what: hand.what.clone(),
            sent: hand.sent.map(amount),
            received: hand.received.map(amount),
            sent_on: hand.sent_on.map(|day| day.to_string()),
            received_on: hand.received_on.map(|day| day.to_string()),
            at_most: step.at_most.map(amount),
        })
    });
    Ok(Json(ChainTrace { steps: steps.collect() }))
}
