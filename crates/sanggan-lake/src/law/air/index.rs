//! The answer of the air functions: the index with everything that vouches for it, as columns of one STRUCT.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int32Array, StructArray};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::common::Result;
use jiff::civil::Date;
use sanggan_standards::{AirSample, Basis, Law, Pollutant, PollutantSet, Report, Status, Text, Unjudged};

use crate::law::texts::{Code, Texts};

/// The standard whose edition may be asked for.
pub(crate) const STANDARD: &str = "HJ 633";

/// How the pollutants are called in columns, in the order of [`Pollutant::ALL`].
pub(crate) const KEYS: [&str; 6] = ["so2", "no2", "co", "o3", "pm10", "pm25"];

/// The fields every air function answers.
pub(crate) fn fields() -> Vec<FieldRef> {
    let text = |name: &str| Arc::new(Field::new(name, DataType::Utf8View, true));
    let mut fields = vec![Arc::new(Field::new("aqi", DataType::Int32, true))];
    fields.extend(
        [
            "class",
            "class_en",
            "level",
            "level_en",
            "primary",
            "missing",
            "edition",
            "status",
            "clause",
            "clause_en",
            "rounding",
            "rounding_en",
            "excluded",
            "excluded_en",
            "cannot_tell",
            "cannot_tell_en",
        ]
        .map(text),
    );
    fields
}

/// What the law says of a day, with the codes of its texts.
#[derive(Debug, Clone)]
struct OfDay {
    edition: Code,
    status: Code,
    clause: Code,
    rounding: Code,
    /// From, to, class, level.
    classes: Vec<(u16, u16, u32, u32)>,
    unjudged: Code,
}

/// A column of pollutants: `PM2.5`, `O3,PM10`; nothing where there is none.
#[derive(Debug, Default)]
struct Sets {
    texts: Texts,
    known: HashMap<PollutantSet, u32>,
}

impl Sets {
    fn push(&mut self, set: PollutantSet) {
        let code = (!set.is_empty()).then(|| {
            let texts = &mut self.texts;
            *self.known.entry(set).or_insert_with(|| texts.code(Text::same(symbols(set.iter()))))
        });
        self.texts.push_code(code);
    }
}

/// `SO2,PM10`.
pub(crate) fn symbols(pollutants: impl Iterator<Item = Pollutant>) -> String {
    pollutants.map(Pollutant::symbol).collect::<Vec<_>>().join(",")
}

/// The word for a status in the API.
pub(crate) fn status_name(status: Status) -> &'static str {
    match status {
        Status::Confirmed => "confirmed",
        Status::Unconfirmed => "unconfirmed",
    }
}

/// Answers, row after row.
pub(crate) struct Index<'a> {
    law: &'static Law,
    report: Report,
    edition: Option<&'a str>,
    days: HashMap<Date, usize>,
    known: Vec<OfDay>,
    last: Option<(Date, usize)>,
    primaries: Sets,
    missings: Sets,
    aqi: Vec<Option<i32>>,
    class: Texts,
    level: Texts,
    editions: Texts,
    status: Texts,
    clause: Texts,
    rounding: Texts,
    excluded: Texts,
    cannot_tell: Texts,
}

impl<'a> Index<'a> {
    pub(crate) fn new(report: Report, edition: Option<&'a str>) -> Index<'a> {
        Index {
            law: Law::embedded(),
            report,
            edition,
            days: HashMap::new(),
            known: Vec::new(),
            last: None,
            primaries: Sets::default(),
            missings: Sets::default(),
            aqi: Vec::new(),
            class: Texts::default(),
            level: Texts::default(),
            editions: Texts::default(),
            status: Texts::default(),
            clause: Texts::default(),
            rounding: Texts::default(),
            excluded: Texts::default(),
            cannot_tell: Texts::default(),
        }
    }

    /// Adds a row that cannot be judged, and why. What was left out may still be told.
    pub(crate) fn push_untold(&mut self, why: Text, excluded: Option<Text>) {
        self.aqi.push(None);
        for texts in [
            &mut self.class,
            &mut self.level,
            &mut self.primaries.texts,
            &mut self.missings.texts,
            &mut self.editions,
            &mut self.status,
            &mut self.clause,
            &mut self.rounding,
        ] {
            texts.push_code(None);
        }
        self.excluded.push(excluded);
        self.cannot_tell.push(Some(why));
    }

    /// Adds a row: what the law says of these concentrations.
    pub(crate) fn push(&mut self, day: Date, sample: &AirSample, excluded: Option<Text>) {
        let of_day = self.of_day(day);
        let of_day = &self.known[of_day];
        let basis = Basis::new(day, self.edition);
        self.editions.push_code(of_day.edition);
        self.status.push_code(of_day.status);
        self.clause.push_code(of_day.clause);
        self.rounding.push_code(of_day.rounding);
        self.excluded.push(excluded);
        if of_day.unjudged.is_some() {
            self.cannot_tell.push_code(of_day.unjudged);
            self.aqi.push(None);
            self.class.push_code(None);
            self.level.push_code(None);
            self.primaries.push(PollutantSet::default());
            self.missings.push(PollutantSet::default());
            return;
        }
        let quick = self.law.aqi_quick(sample, self.report, basis);
        let class = quick.aqi.and_then(|aqi| {
            of_day.classes.iter().find(|(from, to, ..)| (*from..=*to).contains(&aqi)).copied()
        });
        self.aqi.push(quick.aqi.map(i32::from));
        self.class.push_code(class.map(|(_, _, class, _)| class));
        self.level.push_code(class.map(|(_, _, _, level)| level));
        self.primaries.push(quick.primary);
        self.missings.push(quick.missing);
        match quick.aqi {
            Some(_) => self.cannot_tell.push_code(None),
            None => {
                let why = self.law.aqi(sample, self.report, basis).unjudged;
                self.cannot_tell.push(Some(why.unwrap_or(Unjudged::NothingMeasured).text()));
            }
        }
    }

    fn of_day(&mut self, day: Date) -> usize {
        if let Some((last, at)) = self.last
            && last == day
        {
            return at;
        }
        let at = match self.days.get(&day) {
            Some(&at) => at,
            None => {
                let found = self.look_up(day);
                self.known.push(found);
                self.days.insert(day, self.known.len() - 1);
                self.known.len() - 1
            }
        };
        self.last = Some((day, at));
        at
    }

    fn look_up(&mut self, day: Date) -> OfDay {
        let basis = Basis::new(day, self.edition);
        let empty = self.law.aqi(&AirSample::new(), self.report, basis);
        let Some((edition, sourced)) = empty.edition.zip(empty.sourced) else {
            let why = empty.unjudged.unwrap_or(Unjudged::NothingMeasured).text();
            return OfDay {
                edition: None,
                status: None,
                clause: None,
                rounding: None,
                classes: Vec::new(),
                unjudged: Some(self.cannot_tell.code(why)),
            };
        };
        let classes = self.law.aqi_classes(basis).unwrap_or_default();
        let classes = classes.iter().map(|class| {
            (class.from, class.to, self.class.code(class.name.clone()), self.level.code(class.level.clone()))
        });
        let clause =
            Text::new(format!("{edition} {}", sourced.clause.zh), format!("{edition} {}", sourced.clause.en));
        let classes = classes.collect();
        OfDay {
            edition: Some(self.editions.code(Text::same(edition.as_str()))),
            status: Some(self.status.code(Text::same(status_name(sourced.status)))),
            clause: Some(self.clause.code(clause)),
            rounding: Some(self.rounding.code(sourced.rounding)),
            classes,
            unjudged: None,
        }
    }

    /// The columns, in the order of [`fields`].
    pub(crate) fn columns(self) -> Result<Vec<ArrayRef>> {
        Ok(vec![
            Arc::new(Int32Array::from(self.aqi)),
            self.class.zh()?,
            self.class.en()?,
            self.level.zh()?,
            self.level.en()?,
            self.primaries.texts.zh()?,
            self.missings.texts.zh()?,
            self.editions.zh()?,
            self.status.zh()?,
            self.clause.zh()?,
            self.clause.en()?,
            self.rounding.zh()?,
            self.rounding.en()?,
            self.excluded.zh()?,
            self.excluded.en()?,
            self.cannot_tell.zh()?,
            self.cannot_tell.en()?,
        ])
    }

    /// The columns as one.
    pub(crate) fn into_struct(self) -> Result<ArrayRef> {
        Ok(Arc::new(StructArray::try_new(Fields::from(fields()), self.columns()?, None)?))
    }
}
