//! Zones: which rules of place hold at a point on a day.
//!
//! Zones come from records whose register says they are areas in which rules hold, drawn or derived as a strip along
//! a line. Their versions in time are records of their own.

use jiff::civil::Date;
use rstar::{AABB, RTree, RTreeObject};
use sanggan_geo::geo_types::Point;
use sanggan_geo::{Shape, measure};
use sanggan_pack::FieldKind;
use serde::Serialize;

use crate::graph::NodeKey;
use crate::{Model, Record, RecordId, Value};

/// The state in which zones of a register with a lifecycle hold; in another they are being prepared. One in a final
/// state held until its last day, if it has one.
pub const IN_FORCE: &str = "in_force";

/// One zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// The record.
    pub key: NodeKey,
    /// What kind: the value of the field the register names, or the register's id.
    pub kind: String,
    /// The first day; `None`: always did.
    pub from: Option<Date>,
    /// The last day; `None`: it still does.
    pub until: Option<Date>,
    /// Drawn for the demonstration.
    pub schematic: bool,
    /// The area itself.
    pub shape: Shape,
}

/// A zone that is yet to be derived: the strip along the line of another record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineWanted {
    /// The record whose line it is.
    pub line: NodeKey,
}

impl Zone {
    /// The record whose line the zone is derived from, for the caller to fetch; `None` when it is drawn.
    pub fn line_of(model: &Model, record: &Record) -> Option<LineWanted> {
        let def = model.def();
        let buffer = def.zone.as_ref()?.buffer.as_ref()?;
        let FieldKind::Reference { to, .. } = &def.field(&buffer.of)?.kind else { return None };
        match record.values.get(def.position(&buffer.of)?)? {
            Value::Reference(id) => Some(LineWanted { line: NodeKey { register: to.clone(), id: *id } }),
            _ => None,
        }
    }

    /// The zone that a record is; `None` when its register has no zones, it is retired, not in force, or has no area.
    /// `line`: the line that [`Zone::line_of`] asked for.
    pub fn of(model: &Model, record: &Record, line: Option<&Shape>) -> Option<Zone> {
        let def = model.def();
        let role = def.zone.as_ref()?;
        let value = |field: &Option<String>| record.values.get(def.position(field.as_deref()?)?);
        let day = |field: &Option<String>| match value(field) {
            Some(Value::Date(day)) => Some(*day),
            Some(Value::Time(moment)) => Some(moment.local_date()),
            _ => None,
        };
        let (from, until) = (day(&role.from), day(&role.until));
        if record.retired || !was_in_force(def, record, until) {
            return None;
        }
        let shape = match &role.buffer {
            Some(buffer) => {
                let metres = match record.values.get(def.position(&buffer.metres)?)? {
                    Value::Number(metres) => *metres,
                    Value::Integer(metres) => *metres as f64,
                    _ => return None,
                };
                measure::buffer(line?, metres)
            }
            None => match value(&def.geometry) {
                Some(Value::Shape(shape)) => shape.as_ref().clone(),
                _ => return None,
            },
        };
        let kind = match value(&role.kind) {
            Some(Value::Text(kind)) if !kind.is_empty() => kind.clone(),
            _ => def.id.clone(),
        };
        let key = NodeKey { register: def.id.clone(), id: record.id };
        Some(Zone { key, kind, from, until, schematic: record.schematic, shape })
    }

    /// Whether it holds on the day.
    pub fn holds(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

fn was_in_force(def: &sanggan_pack::RegisterDef, record: &Record, until: Option<Date>) -> bool {
    let Some(life) = def.lifecycle.as_ref() else { return true };
    if !life.states.iter().any(|state| state.id == IN_FORCE) {
        return true;
    }
    let state = life.states.iter().find(|state| Some(&state.id) == record.state.as_ref());
    state.is_some_and(|state| state.id == IN_FORCE || (state.is_final && until.is_some()))
}

/// A zone that holds somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Holding {
    /// Its register.
    pub register: String,
    /// Its record.
    #[serde(rename = "rid")]
    pub id: RecordId,
    /// What kind.
    pub kind: String,
    /// Since when.
    pub from: Option<String>,
    /// Until when.
    pub until: Option<String>,
    /// Drawn for the demonstration.
    pub schematic: bool,
}

/// Where each zone stands in the list, by its rectangle.
#[derive(Debug, Clone, PartialEq)]
struct Box2 {
    zone: usize,
    bounds: AABB<[f64; 2]>,
}

impl RTreeObject for Box2 {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.bounds
    }
}

/// Every zone, found by place.
#[derive(Debug, Clone, Default)]
pub struct Zones {
    zones: Vec<Zone>,
    tree: RTree<Box2>,
}

impl Zones {
    /// The index of these zones.
    pub fn new(zones: impl IntoIterator<Item = Zone>) -> Zones {
        let zones: Vec<Zone> = zones.into_iter().collect();
        let boxes = zones.iter().enumerate().filter_map(|(zone, shape)| {
            let bounds = measure::bounds(&shape.shape)?;
            let corners = ([bounds.min().x, bounds.min().y], [bounds.max().x, bounds.max().y]);
            Some(Box2 { zone, bounds: AABB::from_corners(corners.0, corners.1) })
        });
        let tree = RTree::bulk_load(boxes.collect());
        Zones { zones, tree }
    }

    /// The zones, in the order given.
    pub fn all(&self) -> &[Zone] {
        &self.zones
    }

    /// The zones that hold at the point on the day, ordered by kind and record. A point on the edge is inside.
    pub fn at(&self, longitude: f64, latitude: f64, day: Date) -> Vec<Holding> {
        let mut found: Vec<&Zone> = self
            .tree
            .locate_in_envelope_intersecting(AABB::from_point([longitude, latitude]))
            .filter_map(|hit| self.zones.get(hit.zone))
            .filter(|zone| zone.holds(day) && measure::point_in(&zone.shape, Point::new(longitude, latitude)))
            .collect();
        found.sort_by(|a, b| (&a.kind, &a.key).cmp(&(&b.kind, &b.key)));
        found.into_iter().map(Holding::of).collect()
    }

    /// The zones that hold on the day and have a point in common with the shape, in the same order.
    pub fn touching(&self, shape: &Shape, day: Date) -> Vec<Holding> {
        let Some(bounds) = measure::bounds(shape) else { return Vec::new() };
        let envelope = AABB::from_corners([bounds.min().x, bounds.min().y], [bounds.max().x, bounds.max().y]);
        let mut found: Vec<&Zone> = self
            .tree
            .locate_in_envelope_intersecting(envelope)
            .filter_map(|hit| self.zones.get(hit.zone))
            .filter(|zone| zone.holds(day) && measure::touches(&zone.shape, shape))
            .collect();
        found.sort_by(|a, b| (&a.kind, &a.key).cmp(&(&b.kind, &b.key)));
        found.into_iter().map(Holding::of).collect()
    }
}

impl Holding {
    fn of(zone: &Zone) -> Holding {
        Holding {
            register: zone.key.register.clone(),
            id: zone.key.id,
            kind: zone.kind.clone(),
            from: zone.from.map(|day| day.to_string()),
            until: zone.until.map(|day| day.to_string()),
            schematic: zone.schematic,
        }
    }
}
