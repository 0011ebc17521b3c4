//! What may happen to a record: `step(record, event) -> effects`.

use jiff::civil::Date;
use sanggan_base::Millis;
use sanggan_pack::{FieldKind, RegisterDef};
use serde::Serialize;

use crate::formula::after;
use crate::rights::{self, Caller, Role};
use crate::{Change, Fault, Given, Model, Record, RecordId, Refusal, Resolve, Value, Why, changes};

/// What somebody wants to happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A new record.
    Create {
        /// Its values.
        values: Given,
        /// Made for the demo.
        schematic: bool,
        /// The state it is brought in with (seeds, imports); `None`: the first.
        state: Option<String>,
    },
    /// Other values.
    Change {
        /// The version that was seen.
        version: u32,
        /// Those that change.
        values: Given,
    },
    /// Another state.
    Transition {
        /// The version that was seen.
        version: u32,
        /// Which way.
        transition: String,
        /// Values that change with it.
        values: Given,
    },
    /// Out of the register.
    Retire {
        /// The version that was seen.
        version: u32,
    },
}

/// Who, when, why.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// When.
    pub now: Millis,
    /// Why, as they say; may be empty.
    pub why: &'a str,
}

/// What follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Effects {
    /// `create`, `change`, `retire`, or the id of the transition.
    pub action: String,
    /// The record as it is then. Of a new record the number is 0: the store gives it one.
    pub record: Record,
    /// What became different, field by field, without `state`.
    pub changes: Vec<Change>,
    /// Whether everybody may read it then.
    pub public: bool,
    /// What is due on it then.
    pub due: Option<DueInfo>,
}

/// Why something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DueKind {
    /// It has to be looked over again.
    Review,
    /// It may not stay longer in its state.
    Deadline,
}

/// What is due on a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueInfo {
    /// The last day on which it is in time.
    pub on: Date,
    /// Why.
    pub kind: DueKind,
    /// The day has passed.
    pub overdue: bool,
}

/// What follows from `event` on `before` (`None`: a record that is not there yet), or why nothing does.
///
/// # Errors
/// [`Refusal`]: rights, version, state, faults, condition or reason, in this order.
pub fn step(
    model: &Model,
    before: Option<&Record>,
    event: Event,
    by: By<'_>,
    resolve: &dyn Resolve,
) -> Result<Effects, Refusal> {
    match (before, event) {
        (None, Event::Create { values, schematic, state }) => {
            create(model, values, schematic, state, by, resolve)
        }
        (Some(before), Event::Change { version, values }) => {
            rights::may_change(by.caller, model.def(), before)?;
            current(model, before, version)?;
            let allowed = rights::writable_fields(by.caller, model.def(), Some(before));
            let after = with(model, before, values, &allowed, before.state.clone(), by, resolve)?;
            sound(model, &after, resolve)?;
            Ok(effects(model, "change", Some(before), after, by, resolve))
        }
        (Some(before), Event::Transition { version, transition, values }) => {
            rights::may_transition(by.caller, model.def(), before, &transition)?;
            current(model, before, version)?;
            go(model, before, &transition, values, by, resolve)
        }
        (Some(before), Event::Retire { version }) => {
            rights::may_retire(by.caller, model.def(), before)?;
            current(model, before, version)?;
            if by.why.trim().is_empty() {
                return Err(no_reason(model, before, "移出", "retire"));
            }
            let after = Record {
                version: before.version.saturating_add(1),
                changed_at: by.now,
                changed_by: by.caller.name.clone(),
                retired: true,
                ..before.clone()
            };
            Ok(effects(model, "retire", Some(before), after, by, resolve))
        }
        (None, _) | (Some(_), Event::Create { .. }) => Err(Refusal::new(
            Why::Unknown,
            format!("“{}”没有这条记录", model.def().name.zh),
            format!("`{}` has no such record", model.def().id),
        )),
    }
}

fn create(
    model: &Model,
    mut values: Given,
    schematic: bool,
    state: Option<String>,
    by: By<'_>,
    resolve: &dyn Resolve,
) -> Result<Effects, Refusal> {
    let def = model.def();
    rights::may_create(by.caller, def)?;
    let mut allowed = rights::writable_fields(by.caller, def, None);
    if by.caller.role == Some(Role::Enterprise)
        && let Some(field) = def.enterprise.as_deref().and_then(|field| def.position(field))
        && let Some(own) = by.caller.enterprise
    {
        allowed.push(field);
        if !values.iter().any(|(position, value)| *position == field && !value.is_empty()) {
            values.push((field, Value::Reference(own)));
        }
    }
    let start = def.lifecycle.as_ref().map(|life| life.start.clone());
    let state = match state.filter(|state| start.as_ref() != Some(state)) {
        None => start,
        Some(state) => {
            let known = def.lifecycle.iter().flat_map(|life| &life.states).any(|known| known.id == state);
            if !known || by.caller.role != Some(Role::Operator) {
                return Err(Refusal::new(
                    Why::State,
                    format!("新记录不能以状态“{state}”登记"),
                    format!(
                        "a record of `{}` cannot begin in the state `{state}`; leave the state out",
                        def.id
                    ),
                ));
            }
            Some(state)
        }
    };
    let blank = Record {
        id: RecordId(0),
        version: 0,
        state_since: state.as_ref().map(|_| by.now),
        state: state.clone(),
        changed_at: by.now,
        changed_by: by.caller.name.clone(),
        schematic,
        retired: false,
        values: model.blank(),
    };
    let after = with(model, &blank, values, &allowed, state, by, resolve)?;
    sound(model, &after, resolve)?;
    Ok(effects(model, "create", None, after, by, resolve))
}

fn go(
    model: &Model,
    before: &Record,
    transition: &str,
    values: Given,
    by: By<'_>,
    resolve: &dyn Resolve,
) -> Result<Effects, Refusal> {
    let def = model.def();
    let ways = def.lifecycle.iter().flat_map(|life| &life.transitions);
    let Some((index, way)) = ways.enumerate().find(|(_, way)| way.id == transition) else {
        return rights::may_transition(by.caller, def, before, transition).and(Err(Refusal::new(
            Why::Unknown,
            format!("没有办理步骤“{transition}”"),
            format!("there is no transition `{transition}`"),
        )));
    };
    let from = before.state.as_deref().unwrap_or_default();
    if !way.from.iter().any(|state| state == from) {
        let zh = way.from.iter().map(|state| state_name(def, state).0).collect::<Vec<_>>().join("、");
        return Err(Refusal::new(
            Why::State,
            format!(
                "不能办理“{}”：记录现为“{}”，该步骤只能从 {zh} 开始",
                way.name.zh,
                state_name(def, from).0
            ),
            format!(
                "cannot take `{transition}` on record {} of `{}`: it is in the state `{from}`, the way begins at {}",
                before.id,
                def.id,
                way.from.join(", ")
            ),
        ));
    }
    let mut allowed = rights::writable_fields(by.caller, def, Some(before));
    let hidden = rights::hidden_fields(by.caller, def, Some(before));
    let asked = way.requires.iter().chain(&way.evidence).filter_map(|field| def.position(field));
    allowed.extend(asked.filter(|field| !hidden.contains(field)));
    let mut after = with(model, before, values, &allowed, Some(way.to.clone()), by, resolve)?;
    after.state_since = Some(by.now);

    let mut faults = model.missing(&after.values, after.state.as_deref(), resolve);
    for (field, evidence) in
        way.requires.iter().map(|field| (field, false)).chain(way.evidence.iter().map(|field| (field, true)))
    {
        let Some(position) = def.position(field) else { continue };
        if after.values[position].is_empty() && !faults.iter().any(|fault| fault.field == *field) {
            let name = &def.fields[position].name;
            let (zh, en) = if evidence { ("须上传", "files in") } else { ("须填写", "") };
            faults.push(Fault::new(
                field,
                "required",
                format!("办理“{}”{zh}{}", way.name.zh, name.zh),
                format!("`{transition}` needs {en}{}{}", if evidence { " " } else { "" }, name.en),
            ));
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::of_faults(faults));
    }
    let today = by.now.local_date();
    match model.when(index, &after.values, before.state.as_deref(), today, resolve) {
        None | Some((Some(true), _)) => {}
        Some((Some(false), said)) => {
            return Err(Refusal::new(
                Why::Condition,
                format!("不能办理“{}”：须{}", way.name.zh, said.zh),
                format!(
                    "cannot take `{transition}` on record {} of `{}`: it must hold that {}",
                    before.id, def.id, said.en
                ),
            ));
        }
        Some((None, said)) => {
            return Err(Refusal::new(
                Why::Condition,
                format!("不能办理“{}”：无法判断是否{}，请先补齐其中的字段", way.name.zh, said.zh),
                format!(
                    "cannot take `{transition}` on record {} of `{}`: it cannot be told whether {}; fill in \
                     the fields this names",
                    before.id, def.id, said.en
                ),
            ));
        }
    }
    if way.reason && by.why.trim().is_empty() {
        return Err(no_reason(
            model,
            before,
            &format!("办理“{}”", way.name.zh),
            &format!("take `{transition}` on"),
        ));
    }
    Ok(effects(model, transition, Some(before), after, by, resolve))
}

/// The record with these values, in this state; every value allowed and sound by itself.
fn with(
    model: &Model,
    before: &Record,
    values: Given,
    allowed: &[usize],
    state: Option<String>,
    by: By<'_>,
    resolve: &dyn Resolve,
) -> Result<Record, Refusal> {
    let def = model.def();
    let mut after = before.clone();
    let mut faults = Vec::new();
    for (position, value) in values {
        let (Some(slot), Some(field)) = (after.values.get_mut(position), def.fields.get(position)) else {
            let id = position.to_string();
            faults.push(Fault::new(&id, "unknown_field", "没有这个字段", "there is no such field"));
            continue;
        };
        let same = *slot == value || (slot.is_empty() && value.is_empty());
        if same || matches!(field.kind, FieldKind::Computed { .. }) {
            continue;
        }
        if !allowed.contains(&position) {
            faults.push(Fault::new(
                &field.id,
                "read_only",
                format!("您不能填写{}", field.name.zh),
                format!("you may not fill in {}", field.name.en),
            ));
            continue;
        }
        match model.verify(position, &value) {
            Ok(()) => *slot = if value.is_empty() { Value::Null } else { value },
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::of_faults(faults));
    }
    after.state = state;
    after.version = before.version.saturating_add(1);
    after.changed_at = by.now;
    after.changed_by = by.caller.name.clone();
    model.compute(&mut after.values, after.state.as_deref(), resolve);
    rights::may_become(by.caller, def, &after).map(|()| after)
}

fn sound(model: &Model, record: &Record, resolve: &dyn Resolve) -> Result<(), Refusal> {
    let faults = model.missing(&record.values, record.state.as_deref(), resolve);
    if faults.is_empty() { Ok(()) } else { Err(Refusal::of_faults(faults)) }
}

/// Whether the record is still there and as it was seen.
fn current(model: &Model, record: &Record, version: u32) -> Result<(), Refusal> {
    let (id, register) = (record.id, &model.def().id);
    if record.version != version {
        return Err(Refusal::new(
            Why::Version,
            format!("记录已被 {} 修改（现为第 {} 版），请核对后重新提交", record.changed_by, record.version),
            format!(
                "record {id} of `{register}` is at version {}, changed by {}; look at it and send the change again",
                record.version, record.changed_by
            ),
        ));
    }
    if record.retired {
        return Err(Refusal::new(
            Why::State,
            "记录已移出登记册，不能再改",
            format!("record {id} of `{register}` is retired and changes no more"),
        ));
    }
    Ok(())
}

fn effects(
    model: &Model,
    action: &str,
    before: Option<&Record>,
    after: Record,
    by: By<'_>,
    resolve: &dyn Resolve,
) -> Effects {
    let none = Vec::new();
    Effects {
        action: action.to_owned(),
        changes: changes(before.map_or(&none, |record| &record.values), &after.values),
        public: !after.retired && model.is_public(&after.values, after.state.as_deref(), resolve),
        due: due(model, &after, by.now.local_date()),
        record: after,
    }
}

fn no_reason(model: &Model, record: &Record, zh: &str, en: &str) -> Refusal {
    Refusal::new(
        Why::Reason,
        format!("{zh}须说明原因"),
        format!("cannot {en} record {} of `{}` without a reason; say why", record.id, model.def().id),
    )
}

/// The names of a state.
fn state_name<'d>(def: &'d RegisterDef, id: &'d str) -> (&'d str, &'d str) {
    let mut states = def.lifecycle.iter().flat_map(|life| &life.states);
    states.find(|state| state.id == id).map_or((id, id), |state| (&state.name.zh, &state.name.en))
}

/// What is due on the record: the earlier of its review and the deadline of its state. Nothing on a retired record or
/// one in a final state.
///
/// A record that was never looked over is overdue from the beginning: its day is the one before it came into its
/// state or, without a lifecycle, was last changed. So `overdue` is always `on < today`.
pub fn due(model: &Model, record: &Record, today: Date) -> Option<DueInfo> {
    let def = model.def();
    let state = record.state.as_deref();
    let state =
        def.lifecycle.iter().flat_map(|life| &life.states).find(|known| Some(known.id.as_str()) == state);
    if record.retired || state.is_some_and(|state| state.is_final) {
        return None;
    }
    let since = record.state_since.unwrap_or(record.changed_at).local_date();
    let review = def.review.as_ref().map(|review| {
        let on = match def.position(&review.field).and_then(|field| record.values.get(field)) {
            Some(Value::Date(last)) => after(*last, review.every),
            Some(Value::Time(last)) => after(last.local_date(), review.every),
            _ => since.yesterday().unwrap_or(since),
        };
        DueInfo { on, kind: DueKind::Review, overdue: on < today }
    });
    let deadline = state.and_then(|state| state.deadline).map(|period| {
        let on = after(since, period);
        DueInfo { on, kind: DueKind::Deadline, overdue: on < today }
    });
    match (review, deadline) {
        (Some(review), Some(deadline)) => Some(if review.on < deadline.on { review } else { deadline }),
        (review, deadline) => review.or(deadline),
    }
}
