//! What must hold inside one definition: whatever it names is there and of the right kind.

use std::collections::BTreeSet;

use super::words::{FIELD_ID, is_field_id, is_row_id};
use super::{Field, FieldKind, Gives, Lifecycle, Lines, RegisterDef};
use crate::fault::PackFault;

/// The register of enterprises; others lead to it to say whose a record is.
pub(super) const ENTERPRISES: &str = "enterprises";

/// What a node of the graph may be.
const NODES: [&str; 9] =
    ["river", "section", "outlet", "source", "works", "spring", "reservoir", "intake", "point"];

/// Checks one definition by itself.
pub(super) fn check(def: &RegisterDef, lines: &Lines, faults: &mut Vec<PackFault>) {
    let mut rules = Rules { def, lines, faults };
    rules.head();
    rules.sections();
    rules.roles();
    if let Some(lifecycle) = &def.lifecycle {
        rules.lifecycle(lifecycle);
    }
    rules.versions();
}

struct Rules<'a> {
    def: &'a RegisterDef,
    lines: &'a Lines,
    faults: &'a mut Vec<PackFault>,
}

type Kind = (fn(&FieldKind) -> bool, &'static str);

const TEXT: Kind = (|kind| matches!(kind, FieldKind::Text { .. }), "a text field");
const TITLE: Kind = (
    |kind| {
        matches!(
            kind,
            FieldKind::Text { .. }
                | FieldKind::LongText
                | FieldKind::Date
                | FieldKind::Enum { many: false, .. }
                | FieldKind::Computed { gives: Gives::Text, .. }
        )
    },
    "a text, long_text, date, enum or computed text field",
);
const AREA: Kind = (|kind| matches!(kind, FieldKind::Area), "an area field");
const GEOMETRY: Kind =
    (|kind| matches!(kind, FieldKind::Geometry { .. }), "a point, line, polygon or shape field");
const DAY: Kind = (
    |kind| matches!(kind, FieldKind::Date | FieldKind::Time | FieldKind::Computed { gives: Gives::Date, .. }),
    "a date or time field",
);
const NUMBER: Kind = (
    |kind| {
        matches!(
            kind,
            FieldKind::Number { .. }
                | FieldKind::Integer { .. }
                | FieldKind::Computed { gives: Gives::Number | Gives::Integer, .. }
        )
    },
    "a number or integer field",
);
const LINK: Kind =
    (|kind| matches!(kind, FieldKind::Reference { many: false, .. }), "a reference to one record");
const CARRIER: Kind = (|kind| LINK.0(kind) || TEXT.0(kind), "a reference to one record or a text field");
const WORD: Kind = (
    |kind| {
        LINK.0(kind)
            || TEXT.0(kind)
            || matches!(
                kind,
                FieldKind::Enum { many: false, .. }
                    | FieldKind::Parameter { many: false }
                    | FieldKind::Computed { gives: Gives::Text, .. }
            )
    },
    "a text, enum, parameter or reference field of one value",
);
const FILES: Kind = (|kind| matches!(kind, FieldKind::Attachment { .. }), "an attachment field");
const LISTED: Kind = (|kind| !GEOMETRY.0(kind), "a field other than a shape");
const UNIQUE: Kind = (
    |kind| {
        !matches!(
            kind,
            FieldKind::LongText
                | FieldKind::Attachment { .. }
                | FieldKind::Geometry { .. }
                | FieldKind::Computed { .. }
                | FieldKind::Enum { many: true, .. }
                | FieldKind::Reference { many: true, .. }
                | FieldKind::Parameter { many: true }
        )
    },
    "a field of one written value",
);
const ANY: Kind = (|_| true, "a field");

impl Rules<'_> {
    fn fault(&mut self, key: &str, what: impl Into<String>) {
        self.faults.push(self.lines.fault(key, what));
    }

    /// The field with this id, when it is of the kind.
    fn field(&mut self, key: &str, id: &str, kind: Kind) -> Option<&Field> {
        if id.is_empty() {
            return None; // already a fault of reading
        }
        match self.def.field(id) {
            None => self.fault(key, format!("there is no field `{id}`")),
            Some(field) if !kind.0(&field.kind) => self.fault(key, format!("`{id}` is not {}", kind.1)),
            Some(field) => return Some(field),
        }
        None
    }

    fn optional(&mut self, key: &str, id: Option<&String>, kind: Kind) {
        if let Some(id) = id {
            self.field(key, id, kind);
        }
    }

    fn head(&mut self) {
        let def = self.def;
        if def.rows.is_empty() && def.reason.is_none() {
            self.fault("rows", "carries no row of the plan's list; name one, or say why in `reason`");
        }
        for row in def.rows.iter().filter(|row| !is_row_id(row)) {
            self.fault("rows", format!("`{row}` is no row of the plan's list (wanted: S and three digits)"));
        }
        if def.sources.is_empty() {
            self.fault("sources", "names no source; name the standard, the form or the plan's section");
        }
        if def.fields.is_empty() {
            self.fault("field", "the register has no field");
        }
        for (key, id, kind) in [("key", &def.key, TEXT), ("title", &def.title, TITLE)] {
            if self.field(key, id, kind).is_some_and(|field| !field.readers.is_empty()) {
                self.fault(key, format!("`{id}` has `readers`; what a record is known by everybody reads"));
            }
        }
        self.optional("area", def.area.as_ref(), AREA);
        self.optional("geometry", def.geometry.as_ref(), GEOMETRY);
        if let Some(id) = &def.enterprise {
            if def.id == ENTERPRISES {
                self.fault("enterprise", "each record of this register is itself the enterprise");
            }
            let leads = self.field("enterprise", id, LINK).map(|field| field.kind.clone());
            if matches!(&leads, Some(FieldKind::Reference { to, .. }) if to != ENTERPRISES) {
                self.fault("enterprise", format!("`{id}` does not lead to `{ENTERPRISES}`"));
            }
        }
        if def.list.is_empty() {
            self.fault("list", "names no column");
        }
        for id in &def.list {
            self.field("list", id, LISTED);
        }
        for id in def.unique.iter().flatten() {
            self.field("unique", id, UNIQUE);
        }
        if def.unique.iter().any(Vec::is_empty) {
            self.fault("unique", "has an empty group");
        }
        if let Some(public) = &def.public {
            for id in &public.fields {
                if self.field("public.fields", id, ANY).is_some_and(|field| !field.readers.is_empty()) {
                    self.fault("public.fields", format!("`{id}` has `readers`; it cannot be public as well"));
                }
            }
        }
        if let Some(review) = &def.review {
            self.field("review.field", &review.field, DAY);
        }
        let owned = def.enterprise.is_some() || def.id == ENTERPRISES;
        for field in def.fields.iter().filter(|field| field.enterprise_writes && !owned) {
            let key = format!("field.{}.enterprise_writes", field.id);
            self.fault(&key, "the register has no `enterprise`, so no record belongs to one");
        }
    }

    /// Fields of one section stand together.
    fn sections(&mut self) {
        let (mut seen, mut last) = (BTreeSet::new(), None);
        for field in &self.def.fields {
            let section = field.section.as_ref().map(|name| &name.zh);
            if section != last
                && let Some(section) = section
                && !seen.insert(section)
            {
                let key = format!("field.{}.section", field.id);
                self.fault(
                    &key,
                    format!("section `{section}` stands above already; put its fields together"),
                );
            }
            last = section;
        }
    }

    fn roles(&mut self) {
        let def = self.def;
        if let Some(role) = &def.graph {
            if !role.node.is_empty() && !NODES.contains(&role.node.as_str()) {
                let what = format!("there is no node `{}`; known: {}", role.node, NODES.join(", "));
                self.fault("graph.node", what);
            }
            self.optional("graph.into", role.into.as_ref(), LINK);
            self.optional("graph.into_at", role.into_at.as_ref(), NUMBER);
            self.optional("graph.on", role.on.as_ref(), LINK);
            self.optional("graph.on_at", role.on_at.as_ref(), NUMBER);
            self.optional("graph.length", role.length.as_ref(), NUMBER);
            if role.into.is_none() && (role.into_at.is_some() || role.length.is_some()) {
                self.fault("graph", "`into_at` and `length` say nothing without `into`");
            }
            if role.on.is_none() && role.on_at.is_some() {
                self.fault("graph", "`on_at` says nothing without `on`");
            }
        }
        if let Some(role) = &def.chain {
            self.field("chain.from", &role.from, LINK);
            self.field("chain.to", &role.to, LINK);
            self.optional("chain.by", role.by.as_ref(), CARRIER);
            self.field("chain.what", &role.what, WORD);
            self.field("chain.sent", &role.sent, NUMBER);
            self.optional("chain.received", role.received.as_ref(), NUMBER);
            self.field("chain.sent_on", &role.sent_on, DAY);
            self.optional("chain.received_on", role.received_on.as_ref(), DAY);
        }
        if let Some(role) = &def.zone {
            self.optional("zone.kind", role.kind.as_ref(), WORD);
            self.optional("zone.from", role.from.as_ref(), DAY);
            self.optional("zone.until", role.until.as_ref(), DAY);
            match &role.buffer {
                Some(buffer) => {
                    self.field("zone.buffer.of", &buffer.of, LINK);
                    self.field("zone.buffer.metres", &buffer.metres, NUMBER);
                }
                None if def.geometry.is_none() => {
                    self.fault("zone", "a zone needs `geometry`, or a `buffer` along a line");
                }
                None => {}
            }
        }
    }

    fn lifecycle(&mut self, lifecycle: &Lifecycle) {
        let states: BTreeSet<&str> = lifecycle.states.iter().map(|state| state.id.as_str()).collect();
        let owned = self.def.enterprise.is_some() || self.def.id == ENTERPRISES;
        for state in &lifecycle.states {
            self.word("lifecycle.state", &state.id);
            let key = format!("lifecycle.state.{}", state.id);
            if state.is_final && state.deadline.is_some() {
                self.fault(&format!("{key}.deadline"), "nothing is due in a final state");
            }
            let leaves = lifecycle.transitions.iter().any(|way| way.from.contains(&state.id));
            if !state.is_final && !leaves {
                self.fault(&key, "no transition leads out of it; add one, or `final = true`");
            }
        }
        if !lifecycle.start.is_empty() && !states.contains(lifecycle.start.as_str()) {
            self.fault("lifecycle.start", format!("there is no state `{}`", lifecycle.start));
        }
        for way in &lifecycle.transitions {
            self.word("lifecycle.transition", &way.id);
            let key = |name: &str| format!("lifecycle.transition.{}.{name}", way.id);
            if way.from.is_empty() {
                self.fault(&key("from"), "names no state");
            }
            let from = way.from.iter().map(|state| ("from", state));
            for (name, state) in from.chain([("to", &way.to)]) {
                if !state.is_empty() && !states.contains(state.as_str()) {
                    self.fault(&key(name), format!("there is no state `{state}`"));
                }
            }
            for id in &way.requires {
                self.field(&key("requires"), id, ANY);
            }
            for id in &way.evidence {
                self.field(&key("evidence"), id, FILES);
            }
            if way.enterprise && !owned {
                let what = "the register has no `enterprise`, so no record belongs to one";
                self.fault(&key("enterprise"), what);
            }
        }
        let mut reached = BTreeSet::from([lifecycle.start.as_str()]);
        loop {
            let next = lifecycle.transitions.iter().filter(|way| {
                !reached.contains(way.to.as_str())
                    && way.from.iter().any(|state| reached.contains(state.as_str()))
            });
            let next: Vec<&str> = next.map(|way| way.to.as_str()).collect();
            if next.is_empty() {
                break;
            }
            reached.extend(next);
        }
        if states.contains(lifecycle.start.as_str()) {
            for state in states.difference(&reached).filter(|state| !state.is_empty()) {
                let what = format!("no way leads to it from `{}`", lifecycle.start);
                self.fault(&format!("lifecycle.state.{state}"), what);
            }
        }
    }

    fn word(&mut self, list: &str, id: &str) {
        if !id.is_empty() && !is_field_id(id) {
            self.fault(&format!("{list}.{id}"), format!("`{id}` is no id ({FIELD_ID})"));
        }
    }

    /// What is said of earlier versions does not speak against this one.
    fn versions(&mut self) {
        for id in &self.def.dropped {
            if self.def.field(id).is_some() {
                self.fault("dropped", format!("`{id}` is a field"));
            }
        }
        for field in &self.def.fields {
            if let Some(was) = &field.was
                && (self.def.field(was).is_some() || self.def.dropped.contains(was))
            {
                let key = format!("field.{}.was", field.id);
                self.fault(&key, format!("`{was}` is a field still, or is dropped"));
            }
        }
    }
}
