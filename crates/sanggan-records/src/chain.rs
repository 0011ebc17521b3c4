//! Custody chains: who held how much of what, whether what was sent arrived, and where one lot came from and went.
//!
//! Amounts are whole millionths of the unit of the register's fields ([`Micro`]), so that sums are exact: a tonne is
//! 1,000,000, a gram 1.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use sanggan_pack::FieldKind;
use serde::{Serialize, Serializer};

use crate::graph::NodeKey;
use crate::{Model, Record, RecordId, Value};

/// An amount in millionths of the field's unit. Shown as a number in that unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Micro(pub i64);

impl Micro {
    /// Millionths in one.
    pub const ONE: i64 = 1_000_000;

    /// The nearest amount; `None` when there is none (not finite, or above nine million million).
    pub fn of(number: f64) -> Option<Micro> {
        let scaled = (number * Micro::ONE as f64).round();
        (scaled.abs() < 9e18).then_some(Micro(scaled as i64))
    }

    fn plus(self, other: Micro) -> Micro {
        Micro(self.0.saturating_add(other.0))
    }

    fn minus(self, other: Micro) -> Micro {
        Micro(self.0.saturating_sub(other.0))
    }
}

/// `12.5`, `-0.000001`: no more digits than needed.
impl std::fmt::Display for Micro {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, rest) = (size / Micro::ONE as u64, size % Micro::ONE as u64);
        if rest == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{rest:06}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl Serialize for Micro {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0 as f64 / Micro::ONE as f64)
    }
}

/// Who holds something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Holder {
    /// A record.
    Record(NodeKey),
    /// One of whom only the name is written.
    Named {
        /// The name.
        name: String,
    },
    /// Nobody is written: outside of what the register knows.
    Outside,
}

/// Something handed from one to another.
#[derive(Debug, Clone, PartialEq)]
pub struct HandOver {
    /// The record that says so.
    pub record: NodeKey,
    /// Who gave.
    pub from: Holder,
    /// Who took.
    pub to: Holder,
    /// What: equal texts are one thing.
    pub what: String,
    /// How much was sent; `None`: not known.
    pub sent: Option<Micro>,
    /// How much arrived; `None`: not known, or not yet.
    pub received: Option<Micro>,
    /// When it was sent; `None`: not known.
    pub sent_on: Option<Date>,
    /// When it arrived.
    pub received_on: Option<Date>,
}

impl HandOver {
    /// The hand-over that a record is; `None` when its register is no chain or it is retired.
    pub fn of(model: &Model, record: &Record) -> Option<HandOver> {
        let def = model.def();
        let role = def.chain.as_ref()?;
        if record.retired {
            return None;
        }
        let value = |field: &str| record.values.get(def.position(field)?).filter(|value| !value.is_empty());
        let amount = |field: &str| match value(field)? {
            Value::Number(number) => Micro::of(*number),
            Value::Integer(number) => number.checked_mul(Micro::ONE).map(Micro),
            _ => None,
        };
        let day = |field: &str| match value(field)? {
            Value::Date(day) => Some(*day),
            Value::Time(moment) => Some(moment.local_date()),
            _ => None,
        };
        let holder = |field: &str| {
            let to = def.field(field).and_then(|field| match &field.kind {
                FieldKind::Reference { to, .. } => Some(to.clone()),
                _ => None,
            });
            match (value(field), to) {
                (Some(Value::Reference(id)), Some(register)) => Holder::Record(NodeKey { register, id: *id }),
                (Some(Value::Text(name)), _) => Holder::Named { name: name.clone() },
                _ => Holder::Outside,
            }
        };
        Some(HandOver {
            record: NodeKey { register: def.id.clone(), id: record.id },
            from: holder(&role.from),
            to: holder(&role.to),
            what: value(&role.what).map(words).unwrap_or_default(),
            sent: amount(&role.sent),
            received: role.received.as_deref().and_then(amount),
            sent_on: day(&role.sent_on),
            received_on: role.received_on.as_deref().and_then(day),
        })
    }

    /// When it came to who took it, as far as is known: not before it was sent.
    fn arrived_on(&self) -> Option<Date> {
        self.received_on.or(if self.received.is_some() { self.sent_on } else { None })
    }
}

/// The value as the name of a thing.
fn words(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Texts(texts) => texts.join(";"),
        Value::Reference(RecordId(id)) => format!("#{id}"),
        Value::Integer(number) => number.to_string(),
        other => crate::canonical_value(other).to_string(),
    }
}

/// What one holder did with one thing in the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Who.
    pub holder: Holder,
    /// What.
    pub what: String,
    /// Held when the period began; `None`: not known, the holder makes the thing or nobody counted.
    pub opening: Option<Micro>,
    /// Came in.
    #[serde(rename = "in")]
    pub came: Micro,
    /// Went out.
    #[serde(rename = "out")]
    pub went: Micro,
    /// Held when it ended; `None`: cannot be told.
    pub stock: Option<Micro>,
    /// Sent to this holder and not arrived when the period ended.
    pub under_way: Micro,
}

/// What does not add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// More or less arrived than was sent.
    Difference {
        /// The hand-over.
        record: NodeKey,
        /// What.
        what: String,
        /// Sent.
        sent: Micro,
        /// Arrived.
        received: Micro,
        /// Arrived less sent: below 0 something was lost.
        difference: Micro,
    },
    /// A holder gave more than it ever held.
    NegativeStock {
        /// Who.
        holder: Holder,
        /// What.
        what: String,
        /// From this day.
        on: Date,
        /// The least that it would have held.
        stock: Micro,
        /// The hand-over that first did it.
        record: NodeKey,
    },
    /// It arrived before it was sent.
    ArrivedBeforeSent {
        /// The hand-over.
        record: NodeKey,
    },
    /// Giver and taker are the same.
    ToItself {
        /// The hand-over.
        record: NodeKey,
    },
    /// An amount or a day is missing, so the balance cannot be told.
    Unknown {
        /// The hand-over.
        record: NodeKey,
    },
}

/// The balance of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// For each holder and thing.
    pub lines: Vec<Line>,
    /// What does not add up, by hand-over.
    pub findings: Vec<Finding>,
}

/// Movements of one holder and thing.
#[derive(Default)]
struct Account {
    /// Counted before everything else.
    counted: Option<Micro>,
    /// Whether anything ever came, so that a stock can be told at all.
    receives: bool,
    /// Whether an amount or day is missing.
    unknown: bool,
    /// (day, out after in, amount, record).
    moves: Vec<(Date, bool, Micro, NodeKey)>,
    under_way: Micro,
}

/// The balance of the days from `from` to `to`, both included. `openings`: what was counted at holders before all
/// hand-overs given here; earlier hand-overs than `from` belong to the opening of the period.
///
/// A holder who never received a thing and of whom nothing was counted makes it: its stock cannot be told.
pub fn balance(
    openings: &BTreeMap<(Holder, String), Micro>,
    hand_overs: &[HandOver],
    from: Date,
    to: Date,
) -> Balance {
    let mut accounts: BTreeMap<(Holder, String), Account> = BTreeMap::new();
    let mut findings = Vec::new();
    for ((holder, what), amount) in openings {
        accounts.entry((holder.clone(), what.clone())).or_default().counted = Some(*amount);
    }
    for hand in hand_overs {
        let record = || hand.record.clone();
        if hand.from == hand.to && hand.from != Holder::Outside {
            findings.push(Finding::ToItself { record: record() });
            continue;
        }
        if hand.sent_on.zip(hand.received_on).is_some_and(|(sent, received)| received < sent) {
            findings.push(Finding::ArrivedBeforeSent { record: record() });
        }
        if let Some((sent, received)) =
            hand.sent.zip(hand.received).filter(|(sent, received)| sent != received)
        {
            let (what, difference) = (hand.what.clone(), received.minus(sent));
            findings.push(Finding::Difference { record: record(), what, sent, received, difference });
        }
        let missing = hand.sent.is_none()
            || hand.sent_on.is_none()
            || hand.what.is_empty()
            || (hand.received_on.is_some() && hand.received.is_none());
        if missing {
            findings.push(Finding::Unknown { record: record() });
        }
        let mut account = |holder: &Holder, work: &dyn Fn(&mut Account)| {
            if *holder != Holder::Outside {
                work(accounts.entry((holder.clone(), hand.what.clone())).or_default());
            }
        };
        account(&hand.from, &|account| match hand.sent.zip(hand.sent_on) {
            Some((amount, day)) => account.moves.push((day, true, amount, record())),
            None => account.unknown = true,
        });
        account(&hand.to, &|account| {
            account.receives = true;
            match (hand.received, hand.arrived_on(), hand.sent, hand.sent_on) {
                (Some(amount), Some(day), ..) => {
                    account.moves.push((day, false, amount, record()));
                    if let Some((sent, sent_on)) = hand.sent.zip(hand.sent_on)
                        && sent_on <= to
                        && to < day
                    {
                        account.under_way = account.under_way.plus(sent);
                    }
                }
                (None, None, Some(sent), Some(day)) if day <= to => {
                    account.under_way = account.under_way.plus(sent)
                }
                (None, None, Some(_), Some(_)) => {}
                _ => account.unknown = true,
            }
        });
    }
    let mut lines = Vec::new();
    for ((holder, what), mut account) in accounts {
        account.moves.sort();
        let known = !account.unknown && (account.counted.is_some() || account.receives);
        let mut stock = account.counted.unwrap_or_default();
        let (mut opening, mut came, mut went) = (stock, Micro(0), Micro(0));
        let mut below: Option<(Date, Micro, NodeKey)> = None;
        for (day, out, amount, record) in &account.moves {
            if *day > to {
                break;
            }
            stock = if *out { stock.minus(*amount) } else { stock.plus(*amount) };
            if *day < from {
                opening = stock;
            } else if *out {
                went = went.plus(*amount);
            } else {
                came = came.plus(*amount);
            }
            if stock < Micro(0) {
                let (first, least, first_record) = below.take().unwrap_or((*day, stock, record.clone()));
                below = Some((first, least.min(stock), first_record));
            }
        }
        if let Some((on, least, record)) = below.filter(|_| known) {
            findings.push(Finding::NegativeStock {
                holder: holder.clone(),
                what: what.clone(),
                on,
                stock: least,
                record,
            });
        }
        lines.push(Line {
            holder,
            what,
            opening: known.then_some(opening),
            came,
            went,
            stock: known.then_some(stock),
            under_way: account.under_way,
        });
    }
    Balance { lines, findings }
}

/// A hand-over that a lot may have gone through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// Which.
    pub record: NodeKey,
    /// Hand-overs from the lot, 1 is next to it.
    pub step: u32,
    /// The most of the lot that it can hold.
    pub at_most: Option<Micro>,
}

/// Which way to follow a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// Where it may have gone.
    Forwards,
    /// Where it may have come from.
    Backwards,
}

/// Where the lot of one hand-over may have gone, or come from: hand-overs of the same thing by who took it, not before
/// it arrived; and so on. Nearest first. Holders mix what they hold, so this is what is possible, never more than the
/// amounts allow; each hand-over is followed once.
pub fn trace(hand_overs: &[HandOver], lot: &NodeKey, follow: Follow) -> Vec<Trace> {
    let Some(first) = hand_overs.iter().find(|hand| &hand.record == lot) else { return Vec::new() };
    let continues = |before: &HandOver, after: &HandOver| {
        before.what == after.what
            && before.to == after.from
            && before.to != Holder::Outside
            && before.arrived_on().or(before.sent_on) <= after.sent_on
            && after.sent_on.is_some()
    };
    let mut seen = BTreeSet::from([&first.record]);
    let mut found: Vec<Trace> = Vec::new();
    let mut edge: Vec<(&HandOver, Option<Micro>)> = vec![(first, first.received.or(first.sent))];
    let mut step = 0;
    while !edge.is_empty() {
        step += 1;
        let mut next: Vec<(&HandOver, Option<Micro>)> = Vec::new();
        for hand in hand_overs.iter().filter(|hand| !seen.contains(&hand.record)) {
            let comes = edge.iter().filter(|(at, _)| match follow {
                Follow::Forwards => continues(at, hand),
                Follow::Backwards => continues(hand, at),
            });
            let amounts: Vec<Option<Micro>> = comes.map(|(_, amount)| *amount).collect();
            if amounts.is_empty() {
                continue;
            }
            let all =
                amounts.into_iter().try_fold(Micro(0), |sum, amount| amount.map(|amount| sum.plus(amount)));
            let own = if follow == Follow::Forwards { hand.sent } else { hand.received.or(hand.sent) };
            let lot = first.received.or(first.sent);
            let at_most = [all, own, lot].into_iter().flatten().min();
            next.push((hand, at_most));
            found.push(Trace { record: hand.record.clone(), step, at_most });
        }
        seen.extend(next.iter().map(|(hand, _)| &hand.record));
        edge = next;
    }
    found.sort_by(|a, b| (a.step, &a.record).cmp(&(b.step, &b.record)));
    found
}
