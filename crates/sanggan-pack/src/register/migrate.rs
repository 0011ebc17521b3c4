//! What changes in the store between two versions of one definition. Pure: the store does it.
//!
//! * MIGRATE-1: whatever [`plan`] allows loses nothing that people wrote; a step that could asks the store to look
//!   first ([`Step::DropField`], [`Step::CheckUnused`], [`Step::CheckStateUnused`]).
//! * MIGRATE-2: no step without a greater `version`, so that two tables of one version are the same.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::{Field, FieldKind, Geometry, Lifecycle, RegisterDef};

/// One thing for the store to do, in the order given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Give a column another name.
    RenameField {
        /// Its id before.
        from: String,
        /// Its id now.
        to: String,
    },
    /// Let a column hold more than before.
    WidenField {
        /// The field, by its id now.
        field: String,
        /// How.
        how: Widening,
    },
    /// Add an empty column.
    AddField {
        /// The field.
        field: String,
        /// Whether a record must have it: records there are already are short of it until they are next changed.
        required: bool,
    },
    /// A field must be filled from now on, or no longer. Nothing changes in the store: it is checked in writing.
    SetRequired {
        /// The field, by its id now.
        field: String,
        /// Whether it must be filled.
        required: bool,
    },
    /// Make the column anew and compute it for every record.
    Compute {
        /// The field.
        field: String,
    },
    /// Take a column out. To be refused when any record, of whatever version, has a value in it.
    DropField {
        /// The field.
        field: String,
    },
    /// A value was taken from a list. To be refused when a record holds it.
    CheckUnused {
        /// The field, by its id now.
        field: String,
        /// The value.
        value: String,
    },
    /// A state was taken out. To be refused when a record is in it.
    CheckStateUnused {
        /// The state.
        state: String,
    },
    /// Every record there is already gets the first state of a new lifecycle.
    SetState {
        /// The state.
        state: String,
    },
    /// No two records may have the same values here. To be refused when two do.
    AddUnique {
        /// The fields, by their ids now.
        fields: Vec<String>,
    },
    /// Two records may have the same values here again.
    DropUnique {
        /// The fields, by their ids now where they still are there.
        fields: Vec<String>,
    },
}

/// How a column comes to hold more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Widening {
    /// Whole numbers become numbers.
    Number,
    /// One line of text, or the word of a list, becomes text (`long`: of several lines).
    Text {
        /// Of several lines.
        long: bool,
    },
    /// Limits of a text or number are others. What is there stays as it is; it is checked when it is next written.
    Limits,
    /// Values were added to a list.
    Values {
        /// The new ones.
        added: Vec<String>,
    },
    /// One value becomes a list of one.
    Many,
    /// A point, line or polygon may be any shape.
    AnyShape,
}

/// Something written would be lost, so the definition is not applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// What: the key of the definition (`field.flow`).
    pub what: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.what, self.why, self.remedy)
    }
}

/// The steps from `old`, the definition last applied, to `new`. None when the store stays as it is.
///
/// # Errors
/// Every [`Loss`].
pub fn plan(old: &RegisterDef, new: &RegisterDef) -> Result<Vec<Step>, Vec<Loss>> {
    let mut plan = Plan { old, new, steps: Vec::new(), losses: Vec::new() };
    let renamed = plan.renames();
    plan.fields(&renamed);
    plan.gone(&renamed);
    plan.uniques(&renamed);
    plan.lifecycle();
    let remedy = format!("raise `version` to {}", old.version.saturating_add(1));
    if new.version < old.version {
        let why =
            format!("the store has version {} and the definition is version {}", old.version, new.version);
        plan.loss("version", why, format!("take the newer definition, or {remedy}"));
    } else if new.version == old.version && !plan.steps.is_empty() {
        plan.loss("version", format!("fields changed and it is still {}", new.version), remedy);
    }
    if plan.losses.is_empty() { Ok(plan.steps) } else { Err(plan.losses) }
}

struct Plan<'d> {
    old: &'d RegisterDef,
    new: &'d RegisterDef,
    steps: Vec<Step>,
    losses: Vec<Loss>,
}

/// Old id → new id.
type Renamed<'d> = BTreeMap<&'d str, &'d str>;

impl<'d> Plan<'d> {
    fn loss(&mut self, what: &str, why: impl Into<String>, remedy: impl Into<String>) {
        self.losses.push(Loss { what: what.to_owned(), why: why.into(), remedy: remedy.into() });
    }

    /// `was` counts as long as the store has the old name; afterwards it is only history.
    fn renames(&mut self) -> Renamed<'d> {
        let mut renamed = Renamed::new();
        for field in &self.new.fields {
            let Some(was) = field.was.as_deref().filter(|was| self.old.field(was).is_some()) else {
                continue;
            };
            let what = format!("field.{}.was", field.id);
            if self.old.field(&field.id).is_some() {
                let why = format!("the store has both `{was}` and `{}`", field.id);
                self.loss(&what, why, "choose an id the store does not have");
            } else if let Some(other) = renamed.get(was) {
                let why = format!("`{was}` goes to `{other}` already");
                self.loss(&what, why, "let one field take its values");
            } else {
                renamed.insert(was, field.id.as_str());
                self.steps.push(Step::RenameField { from: was.to_owned(), to: field.id.clone() });
            }
        }
        renamed
    }

    fn fields(&mut self, renamed: &Renamed<'_>) {
        let mut added = Vec::new();
        for field in &self.new.fields {
            let before = renamed.iter().find(|(_, to)| **to == field.id).map(|(from, _)| *from);
            match self.old.field(before.unwrap_or(&field.id)) {
                Some(old) => self.field(old, field),
                None if matches!(field.kind, FieldKind::Computed { .. }) => {
                    added.push(Step::Compute { field: field.id.clone() });
                }
                None => added.push(Step::AddField { field: field.id.clone(), required: field.required }),
            }
        }
        self.steps.append(&mut added);
    }

    /// One field that was there before.
    fn field(&mut self, old: &Field, new: &Field) {
        let id = &new.id;
        if old.required != new.required {
            self.steps.push(Step::SetRequired { field: id.clone(), required: new.required });
        }
        match kind(&old.kind, &new.kind) {
            Change::None => {}
            Change::Widen(how) => {
                self.steps.extend(how.into_iter().map(|how| Step::WidenField { field: id.clone(), how }))
            }
            Change::Compute => self.steps.push(Step::Compute { field: id.clone() }),
            Change::Narrow(why) => {
                let remedy = format!(
                    "add a field with another id beside it and move the values over, or take it out with \
                     `dropped = [\"{}\"]` once it is empty",
                    old.id
                );
                self.loss(&format!("field.{id}"), why, remedy);
            }
        }
        if let (FieldKind::Enum { values: before, .. }, FieldKind::Enum { values: now, .. }) =
            (&old.kind, &new.kind)
        {
            let gone = before.iter().filter(|value| !now.iter().any(|kept| kept.id == value.id));
            let checks = gone.map(|value| Step::CheckUnused { field: id.clone(), value: value.id.clone() });
            self.steps.extend(checks);
        }
    }

    /// Fields that are no longer there.
    fn gone(&mut self, renamed: &Renamed<'_>) {
        for field in &self.old.fields {
            let stays = self.new.field(&field.id).is_some() || renamed.contains_key(field.id.as_str());
            if stays {
                continue;
            }
            let computed = matches!(field.kind, FieldKind::Computed { .. });
            if computed || self.new.dropped.contains(&field.id) {
                self.steps.push(Step::DropField { field: field.id.clone() });
            } else {
                let remedy = format!(
                    "say which field has its values now with `was = \"{0}\"`, or give it up with \
                     `dropped = [\"{0}\"]`",
                    field.id
                );
                self.loss(&format!("field.{}", field.id), "the definition has it no longer", remedy);
            }
        }
    }

    fn uniques(&mut self, renamed: &Renamed<'_>) {
        let now_called = |id: &String| (*renamed.get(id.as_str()).unwrap_or(&id.as_str())).to_owned();
        let all = |def: &RegisterDef| -> Vec<Vec<String>> {
            std::iter::once(vec![def.key.clone()]).chain(def.unique.iter().cloned()).collect()
        };
        let before: Vec<Vec<String>> =
            all(self.old).iter().map(|group| group.iter().map(now_called).collect()).collect();
        let now = all(self.new);
        let gone = before.iter().filter(|group| !now.contains(group));
        self.steps.extend(gone.map(|fields| Step::DropUnique { fields: fields.clone() }));
        let added = now.iter().filter(|group| !before.contains(group));
        self.steps.extend(added.map(|fields| Step::AddUnique { fields: fields.clone() }));
    }

    fn lifecycle(&mut self) {
        match (&self.old.lifecycle, &self.new.lifecycle) {
            (None, None) => {}
            (None, Some(new)) => self.steps.push(Step::SetState { state: new.start.clone() }),
            (Some(_), None) => self.loss(
                "lifecycle",
                "the states of all records would be lost",
                "keep the lifecycle; states may be `final` and transitions taken out",
            ),
            (Some(old), Some(new)) => {
                let has =
                    |lifecycle: &Lifecycle, id: &str| lifecycle.states.iter().any(|state| state.id == id);
                let gone = old.states.iter().filter(|state| !has(new, &state.id));
                self.steps.extend(gone.map(|state| Step::CheckStateUnused { state: state.id.clone() }));
            }
        }
    }
}

enum Change {
    None,
    Widen(Vec<Widening>),
    Compute,
    Narrow(&'static str),
}

/// What becomes of a field's values.
fn kind(old: &FieldKind, new: &FieldKind) -> Change {
    use FieldKind as K;
    let many = |before: bool, now: bool, mut how: Vec<Widening>| match (before, now) {
        (true, false) => Change::Narrow("it held several values and would hold one"),
        (before, now) => {
            if before != now {
                how.push(Widening::Many);
            }
            if how.is_empty() { Change::None } else { Change::Widen(how) }
        }
    };
    let limits = |same: bool| if same { Change::None } else { Change::Widen(vec![Widening::Limits]) };
    match (old, new) {
        (K::Text { .. }, K::Text { .. }) => limits(old == new),
        (K::Number { min, max, unit, .. }, K::Number { min: new_min, max: new_max, unit: new_unit, .. }) => {
            match unit == new_unit {
                true => limits((min, max) == (new_min, new_max)),
                false => Change::Narrow("its unit is another, so its values would mean something else"),
            }
        }
        (K::Integer { min, max, unit }, K::Integer { min: new_min, max: new_max, unit: new_unit }) => {
            match unit == new_unit {
                true => limits((min, max) == (new_min, new_max)),
                false => Change::Narrow("its unit is another, so its values would mean something else"),
            }
        }
        (K::Integer { unit, .. }, K::Number { unit: new_unit, .. }) => match unit == new_unit {
            true => Change::Widen(vec![Widening::Number]),
            false => Change::Narrow("its unit is another, so its values would mean something else"),
        },
        (K::Text { .. }, K::LongText) => Change::Widen(vec![Widening::Text { long: true }]),
        (
            K::Enum { many: false, .. } | K::Parameter { many: false } | K::Area | K::Station,
            K::Text { .. } | K::LongText,
        ) => Change::Widen(vec![Widening::Text { long: matches!(new, K::LongText) }]),
        (K::Enum { values, many: before }, K::Enum { values: new_values, many: now }) => {
            let added: Vec<String> = new_values
                .iter()
                .filter(|value| !values.iter().any(|known| known.id == value.id))
                .map(|value| value.id.clone())
                .collect();
            let how = if added.is_empty() { Vec::new() } else { vec![Widening::Values { added }] };
            many(*before, *now, how)
        }
        (K::Reference { to, many: before }, K::Reference { to: new_to, many: now }) => match to == new_to {
            true => many(*before, *now, Vec::new()),
            false => Change::Narrow("it leads to another register, where its records are not"),
        },
        (K::Parameter { many: before }, K::Parameter { many: now }) => many(*before, *now, Vec::new()),
        (K::Geometry { shape }, K::Geometry { shape: new_shape }) => match (shape, new_shape) {
            (before, now) if before == now => Change::None,
            (_, Geometry::Any) => Change::Widen(vec![Widening::AnyShape]),
            _ => Change::Narrow("its shapes would not fit"),
        },
        (K::Computed { .. }, K::Computed { .. }) if old == new => Change::None,
        (K::Computed { .. }, K::Computed { .. }) => Change::Compute,
        (K::Computed { .. }, _) => Change::Narrow("it was computed and would be written by people"),
        (_, K::Computed { .. }) => Change::Narrow("what people wrote in it would be computed over"),
        (K::LongText, K::LongText)
        | (K::Boolean, K::Boolean)
        | (K::Date, K::Date)
        | (K::Time, K::Time)
        | (K::Area, K::Area)
        | (K::Station, K::Station)
        | (K::Attachment { .. }, K::Attachment { .. }) => Change::None,
        _ => Change::Narrow("its type is another, and its values would not all fit"),
    }
}
