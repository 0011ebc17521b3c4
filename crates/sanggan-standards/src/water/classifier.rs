//! The class of millions of samples: the rule of [`super::section`] compiled into arrays.
//!
//! Agrees with the assessment `water` value by value (a test compares them). A value near a limit is compared as the
//! exact decimal, any other as it is.

use rust_decimal::Decimal;

use super::standard::{BODY, GB_3838, Standard, has};
use crate::assess::{Column, ColumnKind};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, EditionId, Text};
use crate::law::Law;
use crate::schema::general::{Bound, GradedRow, Item, LimitCell};
use crate::{Unjudged, exact, to_f64};

/// The kind of water body: total phosphorus has two sets of limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaterBody {
    /// A river, a canal.
    River,
    /// A lake, a reservoir.
    Lake,
}

/// The class of one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaterClass {
    /// Its number, the best being 0; [`WaterClassifier::class_id`] names it.
    pub class: u8,
    /// The items that have it, one bit an item in the order of [`WaterClassifier::item_keys`].
    pub worst: u32,
}

/// Why a sample has no class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclassed {
    /// No value was given.
    NothingMeasured,
    /// The value of this item is no concentration: negative, not a number, or a pH above 14.
    NotAConcentration {
        /// Its position.
        item: u8,
    },
    /// Items are missing without which no class is given.
    Incomplete {
        /// They, one bit an item.
        missing: u32,
    },
    /// River and lake limits give different classes.
    BodyUnknown {
        /// As a river.
        river: u8,
        /// As a lake.
        lake: u8,
    },
}

impl Unclassed {
    /// The word for it in the API, the same as that of the assessment.
    pub fn code(self) -> &'static str {
        match self {
            Unclassed::NothingMeasured => "nothing_measured",
            Unclassed::NotAConcentration { .. } => "not_a_concentration",
            Unclassed::Incomplete { .. } => "incomplete",
            Unclassed::BodyUnknown { .. } => "body_unknown",
        }
    }

    /// The reason in both languages.
    pub fn text(self) -> Text {
        match self {
            Unclassed::NothingMeasured => Unjudged::NothingMeasured.text(),
            Unclassed::NotAConcentration { .. } => Text::new("不是浓度", "no concentration"),
            Unclassed::Incomplete { .. } => {
                Text::new("缺少给出类别所需的项目", "items are missing without which no class is given")
            }
            Unclassed::BodyUnknown { .. } => Text::new(
                "水体类型不明，河流与湖库类别不同",
                "the kind of water is not known, and river and lake differ",
            ),
        }
    }
}

/// A rule of the law compiled for one kind of water body and one edition.
#[derive(Debug, Clone)]
pub struct WaterClassifier {
    edition: EditionId,
    keys: Vec<String>,
    classes: Vec<String>,
    items: Vec<Compiled>,
    /// The items without which there is no class, one bit an item; none when the measured ones are enough.
    core: u32,
    worst: u8,
}

#[derive(Debug, Clone)]
struct Compiled {
    /// Larger values are no concentration.
    greatest: f64,
    river: Option<Limits>,
    /// Only where it differs from the river's, or there is no other.
    lake: Option<Limits>,
}

#[derive(Debug, Clone)]
struct Limits {
    bound: Bound,
    /// From and to; for one-sided limits both are the limit.
    ends: Vec<(f64, f64)>,
    exact: Vec<(Decimal, Decimal)>,
}

/// Nearer to a limit than this a value is compared as the exact decimal: far above the noise that [`exact`] removes,
/// far below what any method resolves.
const NEAR: f64 = 1e-8;

/// Below this every finite value is a number that [`exact`] reads.
const READABLE: f64 = 1e18;

impl Law {
    /// The rule of the assessment `water` for bulk: total phosphorus by the kind of water body, or by both where it is
    /// not known.
    ///
    /// # Errors
    /// [`Unjudged`] when no edition held or a data file lacks a table.
    pub fn water_classifier(
        &self,
        body: Option<WaterBody>,
        basis: Basis<'_>,
    ) -> Result<WaterClassifier, Unjudged> {
        let standard = Standard::of(self, basis)?;
        let graded = standard.limits.1;
        let counted: Vec<&Item> =
            standard.items().iter().filter(|item| standard.counts(&item.key)).take(32).collect();
        let bits = |of: &dyn Fn(&str) -> bool| {
            counted.iter().enumerate().fold(0, |bits, (at, item)| bits | (u32::from(of(&item.key)) << at))
        };
        let limits = |item: &Item, body: &str| -> Option<Limits> {
            let case = Circumstances::new().with(BODY, body);
            graded.row(&item.key, &case).ok().flatten().and_then(Limits::of)
        };
        let items = counted.iter().map(|item| {
            let (mut river, mut lake) = (limits(item, "river"), limits(item, "lake"));
            match body {
                Some(WaterBody::River) => lake = None,
                Some(WaterBody::Lake) => river = lake.take(),
                None if river.as_ref().map(|one| &one.exact) == lake.as_ref().map(|one| &one.exact) => {
                    lake = None;
                }
                None => {}
            }
            let greatest = match Column::of_item(item).kind {
                ColumnKind::Number { max: Some(max), .. } => to_f64(max),
                _ => f64::MAX,
            };
            Compiled { greatest, river, lake }
        });
        let mut classes: Vec<String> = graded.grades.clone();
        classes.extend(graded.beyond.clone());
        Ok(WaterClassifier {
            edition: standard.gb.edition().id.clone(),
            items: items.collect(),
            keys: counted.iter().map(|item| item.key.clone()).collect(),
            core: bits(&|key| has(standard.core.1, key)),
            worst: u8::try_from(graded.grades.len()).unwrap_or(u8::MAX),
            classes,
        })
    }

    /// The kind of water body that people call this (`河流`, `湖库`, `reservoir`).
    pub fn water_body(&self, name: &str) -> Option<WaterBody> {
        let tables = self.latest(GB_3838)?;
        let body = tables.circumstances().iter().find(|one| one.key == BODY)?;
        let name = name.trim();
        let found = body.choice.iter().find(|choice| {
            choice.id.eq_ignore_ascii_case(name)
                || choice.name.zh == name
                || choice.name.en.eq_ignore_ascii_case(name)
                || choice.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
        })?;
        match found.id.as_str() {
            "river" => Some(WaterBody::River),
            "lake" => Some(WaterBody::Lake),
            _ => None,
        }
    }
}

impl WaterClassifier {
    /// The edition that judges.
    pub fn edition(&self) -> &EditionId {
        &self.edition
    }

    /// The keys of the items, in the order in which [`WaterClassifier::classify`] takes their values.
    pub fn item_keys(&self) -> &[String] {
        &self.keys
    }

    /// The id of a class by its number (`III`, `inferior_V`).
    pub fn class_id(&self, class: u8) -> Option<&str> {
        self.classes.get(usize::from(class)).map(String::as_str)
    }

    /// The same rule by whatever items were measured, also where the class needs others.
    #[must_use]
    pub fn by_measured(mut self) -> WaterClassifier {
        self.core = 0;
        self
    }

    /// The class of one sample: a value an item, in the unit of the law, `None` where it was not measured.
    ///
    /// # Errors
    /// [`Unclassed`] says why there is none.
    pub fn classify(&self, values: &[Option<f64>]) -> Result<WaterClass, Unclassed> {
        let (mut class, mut worst, mut given) = (0_u8, 0_u32, 0_u32);
        // As a lake, where it differs.
        let (mut lake_class, mut lake_worst) = (0_u8, 0_u32);
        for (at, (item, value)) in self.items.iter().zip(values).enumerate() {
            let Some(value) = *value else { continue };
            if !(0.0..=item.greatest).contains(&value) || (READABLE < value && exact(value).is_none()) {
                return Err(Unclassed::NotAConcentration { item: u8::try_from(at).unwrap_or(u8::MAX) });
            }
            let bit = 1_u32 << at;
            let river = item.river.as_ref().map(|limits| limits.class_of(value));
            let lake = item.lake.as_ref().map(|limits| limits.class_of(value)).or(river);
            if let Some(one) = river {
                given |= bit;
                worsen(&mut class, &mut worst, one, bit);
            }
            if let Some(one) = lake {
                given |= bit;
                worsen(&mut lake_class, &mut lake_worst, one, bit);
            }
        }
        if given == 0 {
            return Err(Unclassed::NothingMeasured);
        }
        if class != lake_class {
            return Err(Unclassed::BodyUnknown { river: class, lake: lake_class });
        }
        let missing = self.core & !given;
        if missing != 0 && class != self.worst {
            return Err(Unclassed::Incomplete { missing });
        }
        // With the kind of water unknown an item may have the class as a lake only.
        Ok(WaterClass { class, worst: lake_worst })
    }
}

fn worsen(class: &mut u8, worst: &mut u32, one: u8, bit: u32) {
    if *class < one {
        (*class, *worst) = (one, bit);
    } else if *class == one {
        *worst |= bit;
    }
}

impl Limits {
    fn of(row: &GradedRow) -> Option<Limits> {
        let ends = |limit: &LimitCell| match limit {
            LimitCell::Number(limit) => Some((*limit, *limit)),
            LimitCell::Range(from, to) => Some((*from, *to)),
            LimitCell::Word(_) => None,
        };
        let exact: Vec<(Decimal, Decimal)> = row.limits.iter().map(ends).collect::<Option<_>>()?;
        let ends = exact.iter().map(|(from, to)| (to_f64(*from), to_f64(*to))).collect();
        Some(Limits { bound: row.bound, ends, exact })
    }

    /// The number of the best class whose limit the value meets. One-sided limits go one way, so the class is the number
    /// of limits that are not met; counting them needs no branch.
    fn class_of(&self, value: f64) -> u8 {
        let (mut class, mut near) = (0_u8, false);
        match self.bound {
            Bound::Max => {
                for (_, to) in &self.ends {
                    class += u8::from(*to < value);
                    near |= (value - to).abs() < NEAR;
                }
            }
            Bound::Min => {
                for (from, _) in &self.ends {
                    class += u8::from(value < *from);
                    near |= (value - from).abs() < NEAR;
                }
            }
            Bound::Range | Bound::Word => {
                for (from, to) in &self.ends {
                    near |= (value - from).abs() < NEAR || (value - to).abs() < NEAR;
                    if *from <= value && value <= *to {
                        break;
                    }
                    class += 1;
                }
            }
        }
        if near { self.class_of_exact(value) } else { class }
    }

    #[cold]
    fn class_of_exact(&self, value: f64) -> u8 {
        let Some(value) = exact(value) else { return u8::try_from(self.exact.len()).unwrap_or(u8::MAX) };
        let meets = |(from, to): &(Decimal, Decimal)| match self.bound {
            Bound::Max => value <= *to,
            Bound::Min => *from <= value,
            Bound::Range | Bound::Word => *from <= value && value <= *to,
        };
        let class = self.exact.iter().position(meets).unwrap_or(self.exact.len());
        u8::try_from(class).unwrap_or(u8::MAX)
    }
}
