//! What the records of a register are beside being rows: public, reviewed, nodes, hand-overs, zones.

use serde::{Deserialize, Serialize};

use crate::{Name, Period};

/// What everybody may read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicView {
    /// The fields.
    pub fields: Vec<String>,
    /// A CEL expression: only records for which it is true.
    pub when: Option<String>,
}

/// How often a record is looked over again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The longest time between.
    pub every: Period,
    /// The date field that tells when it was last done; without a date the record is overdue.
    pub field: String,
}

/// A record's place in the graph of waters and pipes. Edges point the way the water goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphRole {
    /// What the node is: `river`, `section`, `outlet`, `source`, `works`, `spring`, `reservoir`, `intake`, `point`.
    pub node: String,
    /// The reference field to what its water goes into; `None`: nothing is said.
    pub into: Option<String>,
    /// The number field: where on that river, km above its mouth. Unknown makes a distance unknown, never 0.
    pub into_at: Option<String>,
    /// The reference field to the river it lies on (sections, reservoirs, intakes): it takes what comes from above
    /// and hands it on below.
    pub on: Option<String>,
    /// The number field: where on that river, km above its mouth.
    pub on_at: Option<String>,
    /// The number field of the length of the way to `into`, km (a pipe, a ditch).
    pub length: Option<String>,
}

/// A record that hands something from one holder to another (manifests).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainRole {
    /// Who gives: a reference field.
    pub from: String,
    /// Who takes: a reference field.
    pub to: String,
    /// Who carries: a reference or text field.
    pub by: Option<String>,
    /// What it is: a field whose equal values are one thing (a waste code).
    pub what: String,
    /// How much was sent: a number field.
    pub sent: String,
    /// How much arrived: a number field.
    pub received: Option<String>,
    /// When it was sent: a date or time field.
    pub sent_on: String,
    /// When it arrived.
    pub received_on: Option<String>,
}

/// A record that is an area in which rules hold. Its versions in time are records of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneRole {
    /// What kind of zone; a field whose value names it, or the register's own id when `None`.
    pub kind: Option<String>,
    /// The date field from which it holds; `None`: always did.
    pub from: Option<String>,
    /// The last day it holds; `None`: it still does.
    pub until: Option<String>,
    /// Zones derived from lines, in place of drawn ones.
    pub buffer: Option<BufferRule>,
}

/// A strip along a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BufferRule {
    /// The reference field to the record whose line is buffered.
    pub of: String,
    /// The number field that gives the width on each side, m.
    pub metres: String,
    /// How the strip is called.
    pub name: Name,
}
