//! GB 3838 and the evaluation method as the evaluators of this folder read them: the class of an item, of a sample,
//! and the main pollutants. Every number and list comes from the data files.

use rust_decimal::Decimal;

use crate::assess::{CannotTell, Cell, ClassAnswer, Column, ItemAnswer, Row};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Sourced, Text};
use crate::law::Law;
use crate::schema::general::{Bound, Factors, Grade, Graded, GradedRow, Item, LimitCell, List};
use crate::tables::Tables;
use crate::{Rounding, Unjudged};

pub(super) const GB_3838: &str = "GB 3838";
pub(super) const METHOD: &str = "water-evaluation";
pub(super) const STATISTICS: &str = "water-statistics";

/// The circumstance that decides between the two limits of total phosphorus.
pub(super) const BODY: &str = "body";

/// The tables, found once for an answer.
pub(super) struct Standard<'a> {
    pub(super) gb: Tables<'a>,
    pub(super) method: Tables<'a>,
    pub(super) limits: (Sourced, &'a Graded),
    /// The items that count in the class.
    pub(super) counted: (Sourced, &'a List),
    /// The items without which there is no class.
    pub(super) core: (Sourced, &'a List),
    /// The classes with state and colour.
    pub(super) sections: (Sourced, &'a [Grade]),
    /// The items named first among the main pollutants.
    pub(super) first: (Sourced, &'a List),
    /// How main pollutants are named.
    pub(super) main: Sourced,
    main_count: usize,
    multiple_digits: u32,
    /// Number of the class from which exceedance is measured.
    pub(super) limit_class: usize,
    saturation: Decimal,
    /// The part of the detection limit that stands for a value below it.
    below: Option<(Tables<'a>, Sourced, Decimal)>,
}

/// What was read of an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reading {
    /// A number to compare; with the detection limit when it stands for a value below it.
    Value(Decimal, Option<Decimal>),
    /// Not detected, with no detection limit stated.
    NotDetected,
}

/// An item with its class.
#[derive(Debug, Clone)]
pub(super) struct Judged<'a> {
    pub(super) item: &'a Item,
    row: &'a GradedRow,
    pub(super) value: Decimal,
    pub(super) detection_limit: Option<Decimal>,
    /// Number of its class, the best being 0.
    pub(super) class: usize,
    /// Whether it counts in the class of the sample.
    pub(super) counts: bool,
    /// How many times above the limit of the class exceedance is measured from; not for ranges and least values.
    pub(super) multiple: Option<Decimal>,
    /// Whether saturation made it the best class.
    by_saturation: bool,
}

/// The items of one sample, judged.
#[derive(Debug, Clone, Default)]
pub(super) struct Sample<'a> {
    pub(super) items: Vec<Judged<'a>>,
    /// Items that would count and were not given.
    pub(super) missing: Vec<&'a Item>,
    /// Items that would count and were given as "not detected" without a limit.
    pub(super) unusable: Vec<&'a Item>,
    /// Items for which there is no limit in these waters.
    pub(super) without_limit: Vec<&'a Item>,
}

impl<'a> Standard<'a> {
    pub(super) fn of(law: &'a Law, basis: Basis<'_>) -> Result<Standard<'a>, Unjudged> {
        let gb = law.tables(GB_3838, basis)?;
        let method = law.tables(METHOD, Basis::OfDay(basis.day())).or_else(|why| {
            // A question about a day before the method ("what if") names the edition of GB 3838.
            let asked = matches!(basis, Basis::Edition(..));
            law.latest(METHOD).filter(|_| asked).ok_or(why)
        })?;
        let limits = gb.need(gb.graded("basic"), "basic")?;
        let list = |id: &'static str| method.need(method.list(id), id);
        let reference = list("limit_class")?.1.row.first().map(|row| row.id.as_str());
        let number = |key: &'static str| -> Result<(Sourced, Decimal), Unjudged> {
            method.need(named_number(&method, "main", key), key)
        };
        let whole = |value: Decimal| u32::try_from(value.trunc().normalize().mantissa()).unwrap_or(0);
        let below = law.tables(STATISTICS, Basis::OfDay(basis.day())).ok().or_else(|| law.latest(STATISTICS));
        let saturation = named_number(&gb, "oxygen", "class_i_saturation_percent").map(|(_, value)| value);
        Ok(Standard {
            gb,
            method,
            counted: list("items")?,
            core: list("core")?,
            sections: method.need(method.grades("section"), "section")?,
            first: list("first")?,
            main: number("count")?.0,
            main_count: usize::try_from(whole(number("count")?.1)).unwrap_or(0),
            multiple_digits: whole(number("multiple_digits")?.1),
            limit_class: gb
                .need(limits.1.grades.iter().position(|id| Some(id.as_str()) == reference), "limit_class")?,
            saturation: gb.need(saturation, "oxygen")?,
            below: below.and_then(|tables| {
                let (sourced, share) = share_below_detection(&tables)?;
                Some((tables, sourced, share))
            }),
            limits,
        })
    }

    /// The items of the table of limits.
    pub(super) fn items(&self) -> &'a [Item] {
        &self.limits.1.item
    }

    /// Whether an item counts in the class.
    pub(super) fn counts(&self, key: &str) -> bool {
        has(self.counted.1, key)
    }

    /// What a row says of an item. A value below the detection limit stands for a part of it.
    pub(super) fn read(&self, row: &Row, key: &str) -> Option<Reading> {
        match row.cell(key)? {
            Cell::Number(measured) if measured.below_detection => {
                let share = self.below.as_ref().map(|(_, _, share)| *share)?;
                Some(match measured.value.checked_mul(share) {
                    Some(value) => Reading::Value(value.normalize(), Some(measured.value)),
                    None => Reading::NotDetected,
                })
            }
            Cell::Number(measured) => Some(Reading::Value(measured.value, None)),
            Cell::NotDetected => Some(Reading::NotDetected),
            _ => None,
        }
    }

    /// What a row says of every item of the table; means are rounded by the digits of statistics.
    pub(super) fn readings(&self, row: &Row, means: Option<&Factors>) -> Vec<(&'a Item, Option<Reading>)> {
        let one = |item: &'a Item| {
            let reading = self.read(row, &item.key).map(|reading| match (reading, means) {
                (Reading::Value(value, limit), Some(digits)) => {
                    Reading::Value(round_mean(digits, &item.key, value), limit)
                }
                (reading, _) => reading,
            });
            (item, reading)
        };
        self.items().iter().map(one).collect()
    }

    /// Judges one item; `None` when these waters have no limit for it.
    pub(super) fn judge(
        &self,
        item: &'a Item,
        value: Decimal,
        detection_limit: Option<Decimal>,
        saturation: Option<Decimal>,
        case: &Circumstances,
    ) -> Option<Judged<'a>> {
        let graded = self.limits.1;
        let row = graded.row(&item.key, case).ok().flatten()?;
        let value = item.rounding().apply(value);
        let by_concentration = graded.grade_of(row, value);
        let saturated = row.bound == Bound::Min
            && item.key == "do"
            && saturation.is_some_and(|percent| self.saturation <= percent);
        let multiple = match (row.bound, row.limits.get(self.limit_class)) {
            (Bound::Max, Some(LimitCell::Number(limit))) if *limit < value => {
                value.checked_sub(*limit).and_then(|by| by.checked_div(*limit))
            }
            _ => None,
        };
        Some(Judged {
            item,
            row,
            value,
            detection_limit,
            class: if saturated { 0 } else { by_concentration },
            counts: self.counts(&item.key),
            multiple,
            by_saturation: saturated && by_concentration != 0,
        })
    }

    /// Judges what was read of the items in one kind of water body.
    pub(super) fn sample(
        &self,
        readings: &[(&'a Item, Option<Reading>)],
        saturation: Option<Decimal>,
        body: &str,
    ) -> Sample<'a> {
        let case = Circumstances::new().with(BODY, body);
        let mut sample = Sample::default();
        for (item, reading) in readings {
            let counts = self.counts(&item.key);
            match reading {
                Some(Reading::Value(value, detection_limit)) => {
                    match self.judge(item, *value, *detection_limit, saturation, &case) {
                        Some(judged) => sample.items.push(judged),
                        None => sample.without_limit.push(item),
                    }
                }
                Some(Reading::NotDetected) if counts => sample.unusable.push(item),
                None if counts => sample.missing.push(item),
                Some(Reading::NotDetected) | None => {}
            }
        }
        sample
    }

    /// Whether an item is named first among the main pollutants.
    pub(super) fn is_first(&self, judged: &Judged) -> bool {
        has(self.first.1, &judged.item.key)
    }

    /// The main pollutants: of the items worse than the reference class those named first by the method, then by
    /// class, then by multiple, as many as the method names.
    pub(super) fn main_pollutants<'s>(&self, sample: &'s Sample<'a>) -> Vec<&'s Judged<'a>> {
        let mut over: Vec<&Judged> =
            sample.items.iter().filter(|one| one.counts && self.limit_class < one.class).collect();
        over.sort_by(|a, b| {
            let rank = |one: &Judged| (self.is_first(one), one.class, one.multiple);
            rank(b).cmp(&rank(a))
        });
        over.truncate(self.main_count);
        over
    }

    /// The class of this number with state and colour.
    pub(super) fn grade(&self, class: usize) -> Option<&'a Grade> {
        let id = self.limits.1.grade_id(class)?;
        self.sections.1.iter().find(|grade| grade.id == id)
    }

    pub(super) fn class_answer(&self, class: usize) -> Option<ClassAnswer> {
        self.grade(class).map(grade_answer)
    }

    pub(super) fn class_name(&self, class: usize) -> Text {
        self.grade(class).map_or_else(|| Text::same("-"), |grade| grade.name.clone())
    }

    /// The worst class there is.
    pub(super) fn worst(&self) -> usize {
        self.limits.1.grades.len()
    }

    /// The multiple as it is shown, always with the same digits.
    pub(super) fn round_multiple(&self, multiple: Decimal) -> Decimal {
        let mut rounded = Rounding::HalfEven(self.multiple_digits).apply(multiple);
        rounded.rescale(self.multiple_digits);
        rounded
    }

    /// `氨氮（1.30）`, as bulletins name a pollutant.
    pub(super) fn pollutant(&self, judged: &Judged) -> Text {
        let name = &judged.item.name;
        match judged.multiple.map(|multiple| self.round_multiple(multiple)) {
            Some(times) => Text::new(format!("{}（{times}）", name.zh), format!("{} ({times})", name.en)),
            None => name.clone(),
        }
    }

    /// The item as an answer shows it, measured by the reference class or a target.
    pub(super) fn item_answer(&self, judged: &Judged, target: Option<usize>) -> ItemAnswer {
        let against = target.unwrap_or(self.limit_class);
        let mut notes = Vec::new();
        if let Some(limit) = judged.detection_limit {
            notes.push(Text::new(
                format!("低于检出限 {limit}，以 {} 参评", judged.value),
                format!("below the detection limit {limit}, evaluated as {}", judged.value),
            ));
        }
        if judged.by_saturation {
            notes.push(Text::new("按饱和率为Ⅰ类", "class I by saturation"));
        }
        if !judged.counts {
            notes.push(Text::new("单独评价，不参与水质类别", "by itself, does not count in the class"));
        }
        ItemAnswer {
            key: judged.item.key.clone(),
            name: judged.item.name.clone(),
            value: Some(judged.value),
            unit: judged.item.unit,
            limit: judged.row.limits.get(against).map(|limit| limit_text(judged.row.bound, limit)),
            class: self.class_answer(judged.class),
            meets: Some(judged.class <= against),
            multiple: judged.multiple.map(|multiple| self.round_multiple(multiple)),
            note: joined(&notes),
        }
    }

    /// What vouches for values below the detection limit.
    pub(super) fn below_detection(&self) -> Option<(Tables<'a>, &Sourced)> {
        self.below.as_ref().map(|(tables, sourced, _)| (*tables, sourced))
    }

    /// How many main pollutants are named.
    pub(super) fn main_count(&self) -> usize {
        self.main_count
    }

    /// What a number of the method is, as a count.
    pub(super) fn count(&self, key: &'static str) -> Result<usize, Unjudged> {
        let found = named_number(&self.method, "main", key).map(|(_, value)| value);
        let value = self.method.need(found, key)?;
        Ok(usize::try_from(value.trunc().normalize().mantissa()).unwrap_or(usize::MAX))
    }

    /// The state of a class by its own id (`light`).
    pub(super) fn state_of(&self, class: usize) -> Option<&'a Grade> {
        let state = self.grade(class)?.state.as_ref()?;
        let (_, states) = self.method.grades("states")?;
        states.iter().find(|grade| grade.name.zh == state.zh)
    }

    /// Item columns of the latest edition, for the lists of columns.
    pub(super) fn columns(law: &Law) -> Vec<Column> {
        let tables = law.latest(GB_3838);
        let graded = tables.and_then(|tables| tables.graded("basic"));
        graded.map(|(_, body)| body.item.iter().map(Column::of_item).collect()).unwrap_or_default()
    }

    /// The column of the kind of water body.
    pub(super) fn body_column(law: &Law) -> Option<Column> {
        let tables = law.latest(GB_3838)?;
        tables.circumstances().iter().find(|one| one.key == BODY).map(Column::of_circumstance)
    }
}

impl<'a> Sample<'a> {
    /// The class: the worst of the items that count.
    pub(super) fn class(&self) -> Option<usize> {
        self.items.iter().filter(|one| one.counts).map(|one| one.class).max()
    }

    /// The items that have the worst class.
    pub(super) fn worst(&self) -> Vec<&Judged<'a>> {
        let class = self.class();
        self.items.iter().filter(|one| one.counts && Some(one.class) == class).collect()
    }

    /// The items of a list that were not given, or not in a way that can be judged.
    pub(super) fn lacking(&self, list: &List) -> Vec<&'a Item> {
        self.missing.iter().chain(&self.unusable).copied().filter(|item| has(list, &item.key)).collect()
    }
}

/// A number of a table of named numbers, with what vouches for it.
pub(super) fn named_number(tables: &Tables, table: &str, key: &str) -> Option<(Sourced, Decimal)> {
    let (sourced, factors) = tables.factors(table)?;
    Some((sourced, factors.get(key, "value")?))
}

/// The part of the detection limit that stands for a value below it, by the rules of statistics.
pub(super) fn share_below_detection(statistics: &Tables) -> Option<(Sourced, Decimal)> {
    named_number(statistics, "below_detection", "share_of_detection_limit")
}

/// The digits to which means are rounded, when the rule was in force on the day.
pub(super) fn digits_of_means<'a>(
    law: &'a Law,
    basis: Basis<'_>,
) -> Option<(Tables<'a>, Sourced, &'a Factors)> {
    let tables = law.tables(STATISTICS, Basis::OfDay(basis.day())).ok()?;
    let (sourced, factors) = tables.factors("digits")?;
    Some((tables, sourced, factors))
}

/// A mean rounded by the rule of its item.
pub(super) fn round_mean(digits: &Factors, key: &str, value: Decimal) -> Decimal {
    let digits = digits.get(key, "digits").and_then(|digits| u32::try_from(digits.mantissa()).ok());
    digits.map_or(value, |digits| Rounding::HalfEven(digits).apply(value))
}

pub(super) fn has(list: &List, key: &str) -> bool {
    list.row.iter().any(|row| row.id == key)
}

/// `≤0.2`, `≥5`, `6～9`.
pub(super) fn limit_text(bound: Bound, limit: &LimitCell) -> Text {
    match (bound, limit) {
        (Bound::Min, LimitCell::Number(limit)) => Text::same(format!("≥{}", limit.normalize())),
        (_, LimitCell::Number(limit)) => Text::same(format!("≤{}", limit.normalize())),
        (_, LimitCell::Range(from, to)) => Text::same(format!("{}～{}", from.normalize(), to.normalize())),
        (_, LimitCell::Word(word)) => crate::words::word(word),
    }
}

/// The names of items as one text.
pub(super) fn names<'i>(items: impl IntoIterator<Item = &'i Item>) -> Text {
    let names: Vec<&Text> = items.into_iter().map(|item| &item.name).collect();
    Text::joined(&names, "、", ", ")
}

pub(super) fn joined(texts: &[Text]) -> Option<Text> {
    (!texts.is_empty()).then(|| Text::joined(&texts.iter().collect::<Vec<_>>(), "；", "; "))
}

/// A grade as the class of an answer.
pub(super) fn grade_answer(grade: &Grade) -> ClassAnswer {
    ClassAnswer { id: grade.id.clone(), name: grade.name.clone(), colour: grade.colour.clone() }
}

/// The arithmetic mean.
pub(super) fn mean(values: &[Decimal]) -> Option<Decimal> {
    let sum = values.iter().try_fold(Decimal::ZERO, |sum, value| sum.checked_add(*value))?;
    sum.checked_div(Decimal::from(values.len()))
}

pub(super) fn nothing_measured() -> CannotTell {
    CannotTell::from(Unjudged::NothingMeasured)
}
