//! Which limit holds for an outlet: every standard that may bind it, the strictest, and why the others were passed over.

use rust_decimal::Decimal;

use super::outlet::{Outlet, limit_tables, standards};
use super::oxygen::ReferenceOxygen;
use crate::Unjudged;
use crate::circumstances::{Circumstances, Holds};
use crate::edition::{Basis, Edition, Sourced, Status, Text};
use crate::law::{Law, Loaded};
use crate::schema::general::{Bound, ConditionalRow, Item, When};
use crate::tables::Tables;

/// The limits of one item for one outlet.
#[derive(Debug, Clone, PartialEq)]
pub struct OutletLimit {
    /// The item.
    pub item: Item,
    /// `water` or `gas`.
    pub medium: &'static str,
    /// The strictest limit that certainly holds.
    pub limit: Option<Candidate>,
    /// The others that hold, looser or equal.
    pub looser: Vec<Candidate>,
    /// What could make the limit stricter and is not known. While this is not empty the limit is only an upper bound.
    pub open: Vec<Open>,
    /// The standards that were passed over, and why.
    pub passed_over: Vec<Considered>,
    /// Standards that bind the outlet and may limit the item, but whose figures are not at hand.
    pub not_at_hand: Vec<Considered>,
}

/// A limit that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The standard; `None` for the permit.
    pub edition: Option<Edition>,
    /// What vouches for it, its clause and status those of the row.
    pub sourced: Sourced,
    /// The value may not be above this.
    pub max: Option<Decimal>,
    /// The value may not be below this.
    pub min: Option<Decimal>,
    /// A word instead of a number.
    pub word: Option<Text>,
    /// The averaging time (`hour`, `day`).
    pub averaging: Option<String>,
    /// The oxygen content it is stated for.
    pub reference: Reference,
}

/// The oxygen content a limit is stated for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// None: the value is compared as measured.
    None,
    /// This.
    Oxygen(ReferenceOxygen),
    /// It depends on circumstances that are not known.
    Unknown(Vec<String>),
}

/// Something that could make the limit stricter.
#[derive(Debug, Clone, PartialEq)]
pub enum Open {
    /// Circumstances that have to be known.
    Circumstances {
        /// Their keys.
        keys: Vec<String>,
        /// The limit that would hold if they were met.
        candidate: Box<Candidate>,
    },
    /// A limit whose figure is not at hand.
    Figure {
        /// The standard.
        edition: Box<Edition>,
        /// Which limit.
        what: Text,
        /// The circumstances on which it depends, when they are not known either.
        keys: Vec<String>,
    },
}

/// A standard that does not decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// The standard.
    pub standard: Text,
    /// Why it does not.
    pub why: Text,
}

impl Candidate {
    /// `GB 18918-2002 表1 一级A`.
    pub fn label(&self) -> Text {
        match &self.edition {
            Some(edition) => Text::new(
                format!("{} {}", edition.id, self.sourced.clause.zh),
                format!("{} {}", edition.id, self.sourced.clause.en),
            ),
            None => self.sourced.clause.clone(),
        }
    }

    /// The limit as written: `≤50 mg/L`, `6～9`.
    pub fn written(&self, item: &Item) -> Text {
        let unit = match item.unit {
            sanggan_base::Unit::None => String::new(),
            unit => format!(" {unit}"),
        };
        match (self.min, self.max, &self.word) {
            (Some(min), Some(max), _) => {
                Text::new(format!("{min}～{max}{unit}"), format!("{min} to {max}{unit}"))
            }
            (None, Some(max), _) => Text::same(format!("≤{max}{unit}")),
            (Some(min), None, _) => Text::same(format!("≥{min}{unit}")),
            (None, None, Some(word)) => word.clone(),
            (None, None, None) => Text::same("—"),
        }
    }

    /// A measure of strictness that is fair between limits for different oxygen contents: smaller is stricter.
    fn strictness(&self) -> Decimal {
        let Some(max) = self.max else {
            // "Not detected" is stricter than any number; a lower bound alone is compared with none.
            return if self.word.is_some() { Decimal::NEGATIVE_ONE } else { Decimal::MAX };
        };
        match &self.reference {
            Reference::Oxygen(reference) => max.checked_div(reference.air - reference.o2).unwrap_or(max),
            Reference::None | Reference::Unknown(_) => max,
        }
    }

    /// Whether it is stricter. Limits of which only one is stated for an oxygen content are compared as written.
    fn is_stricter_than(&self, other: &Candidate) -> bool {
        match (&self.reference, &other.reference) {
            (Reference::Oxygen(_), Reference::Oxygen(_)) => self.strictness() < other.strictness(),
            _ => match (self.max, other.max) {
                (Some(one), Some(other)) => one < other,
                _ => self.strictness() < other.strictness(),
            },
        }
    }
}

/// The limits of an outlet, item by item; one item when `wanted` names it.
///
/// # Errors
/// [`Unjudged`] when an edition is asked for that does not exist, or no discharge standard was in force.
pub fn outlet_limits(
    law: &Law,
    outlet: &Outlet,
    wanted: Option<&str>,
    basis: Basis<'_>,
) -> Result<Vec<OutletLimit>, Unjudged> {
    let editions = in_force(law, basis)?;
    let case = outlet.known(basis.day());
    let mut limits: Vec<OutletLimit> = Vec::new();
    for loaded in &editions {
        for (medium, _, table) in limit_tables(loaded) {
            if outlet.medium.as_deref().is_some_and(|asked| asked != medium) {
                continue;
            }
            for item in &table.item {
                let other = wanted.is_some_and(|key| key != item.key);
                if !other && limits.iter().all(|limit| limit.item.key != item.key) {
                    limits.push(limit_of(&editions, outlet, &case, medium, item));
                }
            }
        }
    }
    Ok(limits)
}

/// The editions in force on the day, with the one asked for instead of that of its standard.
fn in_force<'a>(law: &'a Law, basis: Basis<'_>) -> Result<Vec<&'a Loaded>, Unjudged> {
    let day = basis.day();
    let mut editions: Vec<&Loaded> =
        standards(law).filter(|one| one.edition.by_date && one.edition.holds_on(day)).collect();
    if let Basis::Edition(name, _) = basis {
        let asked = standards(law)
            .find(|one| one.edition.id.as_str() == name || one.edition.slug() == name)
            .or_else(|| {
                let first = standards(law).filter(|one| one.edition.standard == super::selection::FIRST);
                first.into_iter().find(|one| one.edition.name == name)
            })
            .ok_or_else(|| Unjudged::NoSuchEdition {
                standard: super::selection::FIRST,
                edition: name.to_owned(),
            })?;
        editions.retain(|one| one.edition.standard != asked.edition.standard);
        editions.push(asked);
    }
    if editions.is_empty() {
        return Err(Unjudged::NoEditionInForce { standard: super::selection::FIRST, day, phased_in: None });
    }
    // The more local come later, so that of equal limits theirs is named.
    editions
        .sort_by_key(|one| one.edition.region.as_deref().map(|region| region.trim_end_matches('0').len()));
    Ok(editions)
}

fn limit_of(
    editions: &[&Loaded],
    outlet: &Outlet,
    case: &Circumstances,
    medium: &'static str,
    item: &Item,
) -> OutletLimit {
    let mut found = OutletLimit {
        item: item.clone(),
        medium,
        limit: None,
        looser: Vec::new(),
        open: Vec::new(),
        passed_over: Vec::new(),
        not_at_hand: Vec::new(),
    };
    let (mut held, mut open) = (Vec::new(), Vec::new());
    for loaded in editions {
        consider(loaded, outlet, case, &mut found, (&mut held, &mut open));
    }
    if let Some(permit) = outlet.permits.get(&item.key) {
        let law = strictest(&held).map(|at: usize| &held[at]);
        let permit = permit_candidate(permit.max, law);
        held.push(permit);
    }
    if let Some(at) = strictest(&held) {
        found.limit = Some(held.remove(at));
    }
    found.looser = held;
    let best = found.limit.as_ref();
    found.open.extend(open.into_iter().filter(|one| match one {
        Open::Circumstances { candidate, .. } => best.is_none_or(|best| candidate.is_stricter_than(best)),
        Open::Figure { .. } => true,
    }));
    found
}

/// The position of the strictest; of equals the last, which is the more local or the permit.
fn strictest(held: &[Candidate]) -> Option<usize> {
    let mut best: Option<usize> = None;
    for (at, one) in held.iter().enumerate() {
        if best.is_none_or(|best| !held[best].is_stricter_than(one)) {
            best = Some(at);
        }
    }
    best
}

fn consider(
    loaded: &Loaded,
    outlet: &Outlet,
    case: &Circumstances,
    found: &mut OutletLimit,
    (held, open): (&mut Vec<Candidate>, &mut Vec<Open>),
) {
    let region = loaded.edition.region.as_deref().map_or(Holds::Yes, |region| outlet.place.lies_in(region));
    let mut pass = |why: Text| found.passed_over.push(Considered { standard: title(&loaded.edition), why });
    if region == Holds::No {
        return pass(Text::new("不在其地域范围内", "the outlet is not where it holds"));
    }
    let Some((_, sourced, table)) = limit_tables(loaded).find(|(medium, ..)| *medium == found.medium) else {
        return;
    };
    let mut any = false;
    for row in table.row.iter().filter(|row| row.item == found.item.key) {
        let candidate = || candidate(loaded, &sourced, row, case);
        match both(case.hold(&row.when), &region) {
            Holds::Yes => held.push(candidate()),
            Holds::Unknown(keys) => {
                open.push(Open::Circumstances { keys, candidate: Box::new(candidate()) });
            }
            Holds::No => continue,
        }
        any = true;
    }
    let lacking = Tables { loaded }.list("lacking");
    for row in lacking.iter().flat_map(|(_, list)| &list.row) {
        let about = row.id.split(':').next().unwrap_or_default();
        let unnamed = || table.item.iter().all(|item| item.key != found.item.key);
        let may_limit = about == "also" || (about == "others" && unnamed());
        let keys = match both(case.hold(&row.when), &region) {
            Holds::Yes => Vec::new(),
            Holds::Unknown(keys) => keys,
            Holds::No => continue,
        };
        if about == found.item.key {
            open.push(Open::Figure {
                edition: Box::new(loaded.edition.clone()),
                what: row.name.clone(),
                keys,
            });
            any = true;
        } else if may_limit {
            let why = Text::new(format!("{}未录入", row.name.zh), format!("{}: not at hand", row.name.en));
            found.not_at_hand.push(Considered { standard: title(&loaded.edition), why });
            any = true;
        }
    }
    if !any {
        pass(why_not(loaded, case, &table.row, &found.item));
    }
}

fn both(row: Holds, region: &Holds) -> Holds {
    match (row, region) {
        (Holds::No, _) | (_, Holds::No) => Holds::No,
        (Holds::Yes, Holds::Yes) => Holds::Yes,
        (Holds::Unknown(keys), Holds::Yes) => Holds::Unknown(keys),
        (Holds::Yes, Holds::Unknown(keys)) => Holds::Unknown(keys.clone()),
        (Holds::Unknown(mut keys), Holds::Unknown(more)) => {
            keys.extend(more.iter().cloned());
            keys.sort();
            keys.dedup();
            Holds::Unknown(keys)
        }
    }
}

fn candidate(loaded: &Loaded, table: &Sourced, row: &ConditionalRow, case: &Circumstances) -> Candidate {
    let mut sourced = table.clone();
    if let Some(clause) = &row.clause {
        sourced.clause = clause.clone();
    }
    if let Some(note) = &row.note {
        sourced.note = Some(note.clone());
    }
    let (reference, of_reference) = reference(loaded, case);
    sourced.status = row.status.unwrap_or(table.status).min(of_reference);
    Candidate {
        edition: Some(loaded.edition.clone()),
        sourced,
        max: row.max,
        min: row.min,
        word: row.word.clone(),
        averaging: row.averaging.clone(),
        reference,
    }
}

/// The oxygen content the limits of an edition are stated for in these circumstances, and how sure that is.
fn reference(loaded: &Loaded, case: &Circumstances) -> (Reference, Status) {
    let Some((sourced, table)) = (Tables { loaded }).factors("reference_oxygen") else {
        return (Reference::None, Status::Confirmed);
    };
    let mut unknown = Vec::new();
    for row in &table.row {
        match case.hold(&row.when) {
            Holds::Yes => {
                if let (Some(o2), Some(air)) = (row.values.get("o2"), row.values.get("air")) {
                    let reference = Reference::Oxygen(ReferenceOxygen { o2: *o2, air: *air });
                    return (reference, row.status.unwrap_or(sourced.status));
                }
            }
            Holds::Unknown(keys) => unknown.extend(keys),
            Holds::No => {}
        }
    }
    unknown.sort();
    unknown.dedup();
    let reference = if unknown.is_empty() { Reference::None } else { Reference::Unknown(unknown) };
    (reference, Status::Confirmed)
}

/// The permit's limit: stated as the strictest law for the item is.
fn permit_candidate(max: Decimal, law: Option<&Candidate>) -> Candidate {
    let name = Text::new("排污许可证", "discharge permit");
    Candidate {
        edition: None,
        sourced: Sourced {
            clause: name.clone(),
            source: Text::new("随数据给出", "given with the data"),
            checked_on: law.map_or(jiff::civil::Date::MIN, |law| law.sourced.checked_on),
            status: Status::Confirmed,
            rounding: law
                .map_or_else(|| Text::new("不修约", "not rounded"), |law| law.sourced.rounding.clone()),
            note: None,
        },
        max: Some(max),
        min: None,
        word: None,
        averaging: law.and_then(|law| law.averaging.clone()),
        reference: law.map_or(Reference::None, |law| law.reference.clone()),
    }
}

/// Why an edition has no limit here: outside its scope, no limit for the item at all, or none in the circumstances.
fn why_not(loaded: &Loaded, case: &Circumstances, rows: &[ConditionalRow], item: &Item) -> Text {
    if let Some((_, scope)) = (Tables { loaded }).list("scope")
        && !scope.row.is_empty()
        && scope.row.iter().all(|row| case.hold(&row.when) == Holds::No)
    {
        let whens: Vec<&When> = scope.row.iter().map(|row| &row.when).collect();
        let key = failing(&whens, case);
        let name = name_of(loaded, key.unwrap_or("source"));
        return Text::new(
            format!("不在其适用范围内（{}）", name.zh),
            format!("outside its scope ({})", name.en),
        );
    }
    let of_item: Vec<&When> = rows.iter().filter(|row| row.item == item.key).map(|row| &row.when).collect();
    if of_item.is_empty() {
        return Text::new("没有该项目的限值", "it has no limit for the item");
    }
    let name = name_of(loaded, failing(&of_item, case).unwrap_or("source"));
    Text::new(format!("其条件不满足（{}）", name.zh), format!("its conditions are not met ({})", name.en))
}

/// A circumstance that fails in each of the conditions, else the first that fails in one.
fn failing<'a>(whens: &[&'a When], case: &Circumstances) -> Option<&'a str> {
    let fails = |when: &When, key: &str| {
        when.get(key).is_some_and(|condition| {
            case.hold(&When::from([(key.to_owned(), condition.clone())])) == Holds::No
        })
    };
    let first = whens.first()?;
    let keys = || first.keys().map(String::as_str);
    keys().find(|key| whens.iter().all(|when| fails(when, key))).or_else(|| {
        whens.iter().find_map(|when| when.keys().map(String::as_str).find(|key| fails(when, key)))
    })
}

fn name_of(loaded: &Loaded, key: &str) -> Text {
    let found = loaded.circumstances.iter().find(|one| one.key == key);
    found.map_or_else(|| Text::same(key), |one| one.name.clone())
}

/// `GB 18918-2002 城镇污水处理厂污染物排放标准`.
pub(crate) fn title(edition: &Edition) -> Text {
    Text::new(format!("{} {}", edition.id, edition.title.zh), format!("{} {}", edition.id, edition.title.en))
}

/// How the limit binds, for a page.
impl OutletLimit {
    /// How the limit binds.
    pub fn bound(&self) -> Option<Bound> {
        let limit = self.limit.as_ref()?;
        Some(match (limit.min, limit.max) {
            (Some(_), Some(_)) => Bound::Range,
            (Some(_), None) => Bound::Min,
            (None, Some(_)) => Bound::Max,
            (None, None) => Bound::Word,
        })
    }
}
