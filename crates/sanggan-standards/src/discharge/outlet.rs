//! What is known of an outlet, and how it is read from a row.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{CannotTell, Column, ColumnChoice, ColumnKind, Row};
use crate::circumstances::{Circumstance as Known, Circumstances, Holds};
use crate::law::{Law, Loaded};
use crate::schema::general::{Circumstance, Conditional, Item};
use crate::tables::Tables;

/// Names of the tables of limits by medium.
pub(crate) const MEDIA: [&str; 2] = ["water", "gas"];

/// What is known of an outlet.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlet {
    /// Kind of source, fuel, dates, grade and so on, by the keys of `when`.
    pub case: Circumstances,
    /// Where it is.
    pub place: Place,
    /// `water` or `gas`; both when not known.
    pub medium: Option<String>,
    /// The limits of its permit, by item.
    pub permits: BTreeMap<String, Permit>,
}

/// A limit of a discharge permit, in the unit of the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permit {
    /// The value may not be above this.
    pub max: Decimal,
}

/// An administrative division by its six-digit code (GB/T 2260): `140621`, `140600`, `140000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

impl Place {
    /// From a code of two to six digits (longer ones are cut) or the name of a place that the law knows.
    pub fn read(law: &Law, text: &str) -> Option<Place> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit()) {
            let pairs = text.len().min(6) / 2 * 2;
            return (2 <= pairs).then(|| Place(format!("{:0<6}", &text[..pairs])));
        }
        let known = circumstances(law);
        let places = || known.iter().filter(|one| matches!(one.key.as_str(), "place" | "county"));
        let exact = places().flat_map(|one| &one.choice).find(|choice| {
            choice.name.zh == text
                || choice.name.en.eq_ignore_ascii_case(text)
                || choice.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(text))
        });
        // 山西省朔州市山阴县: the smallest place named in it.
        let within = || {
            let named = places().flat_map(|one| &one.choice).filter(|choice| text.contains(&choice.name.zh));
            named.max_by_key(|choice| significant(&choice.id).len())
        };
        exact.or_else(within).map(|choice| Place(choice.id.clone()))
    }

    /// The code.
    pub fn code(&self) -> &str {
        &self.0
    }

    /// Whether it lies in a region (`140000`); unknown when the region is a part of it.
    pub fn lies_in(&self, region: &str) -> Holds {
        let (place, region) = (significant(&self.0), significant(region));
        if place.starts_with(region) {
            Holds::Yes
        } else if region.starts_with(place) {
            Holds::Unknown(vec!["county".to_owned()])
        } else {
            Holds::No
        }
    }

    /// Whether it names a county, not only a province or city.
    fn is_county(&self) -> bool {
        significant(&self.0).len() == 6
    }
}

/// A code without the pairs of zeros that stand for "all of it".
fn significant(code: &str) -> &str {
    let mut code = code;
    while let Some(rest) = code.strip_suffix("00") {
        code = rest;
    }
    code
}

impl Outlet {
    /// Nothing known but the place.
    pub fn at(place: Place) -> Outlet {
        Outlet { case: Circumstances::new(), place, medium: None, permits: BTreeMap::new() }
    }

    /// Reads a row with the columns of [`columns`].
    pub(crate) fn of_row(law: &Law, row: &Row) -> Result<Outlet, CannotTell> {
        let written = row.text("place").unwrap_or_default();
        let place = Place::read(law, written).ok_or_else(|| {
            CannotTell::new(
                "unknown_place",
                format!("不认识的地区“{written}”，请填行政区划代码"),
                format!("`{written}` is no place that is known: give its code (GB/T 2260)"),
            )
        })?;
        let mut outlet = Outlet::at(place);
        outlet.case = row.circumstances();
        outlet.medium = row.choice("medium").map(str::to_owned);
        for item in items(law) {
            if let Some(max) = row.value(&format!("permit_{}", item.key)) {
                outlet.permits.insert(item.key, Permit { max });
            }
        }
        Ok(outlet)
    }

    /// The circumstances, with the day judged and the county the place names.
    pub(crate) fn known(&self, day: Date) -> Circumstances {
        let mut case = self.case.clone();
        case.set("day", Known::Day(day));
        if self.place.is_county() {
            case.set("county", Known::Choice(self.place.code().to_owned()));
        }
        case
    }
}

/// The tables of limits of an edition, (medium, table).
pub(crate) fn limit_tables(
    loaded: &Loaded,
) -> impl Iterator<Item = (&'static str, crate::Sourced, &Conditional)> {
    let tables = Tables { loaded };
    MEDIA
        .into_iter()
        .filter_map(move |medium| tables.conditional(medium).map(|(sourced, body)| (medium, sourced, body)))
}

/// The editions that limit discharges.
pub(crate) fn standards(law: &Law) -> impl Iterator<Item = &Loaded> {
    law.loaded.iter().filter(|loaded| {
        loaded.edition.theme == crate::Theme::Discharge && limit_tables(loaded).next().is_some()
    })
}

/// Every circumstance a limit of a discharge may depend on, each once with the choices of all standards.
pub fn circumstances(law: &Law) -> Vec<Circumstance> {
    let mut all: Vec<Circumstance> = Vec::new();
    for one in standards(law).flat_map(|loaded| &loaded.circumstances) {
        match all.iter_mut().find(|known| known.key == one.key) {
            Some(known) => {
                for choice in &one.choice {
                    if known.choice.iter().all(|have| have.id != choice.id) {
                        known.choice.push(choice.clone());
                    }
                }
            }
            None => all.push(one.clone()),
        }
    }
    all
}

/// Every item that some standard limits, each once.
pub fn items(law: &Law) -> Vec<Item> {
    let mut all: Vec<Item> = Vec::new();
    for (_, _, table) in standards(law).flat_map(limit_tables) {
        for item in &table.item {
            if all.iter().all(|known| known.key != item.key) {
                all.push(item.clone());
            }
        }
    }
    all
}

/// The item that is called so.
pub(crate) fn item_called(law: &Law, name: &str) -> Option<Item> {
    items(law).into_iter().find(|item| Column::of_item(item).is_called(name))
}

/// The columns that say what is known of an outlet.
pub(crate) fn columns(law: &Law) -> Vec<Column> {
    let mut columns = vec![
        Column::text("outlet", "排放口", "outlet").or("排口", &["站点", "监控点", "outlet_name"]),
        Column::judged_day(),
        Column::choice(
            "medium",
            "介质",
            "medium",
            vec![ColumnChoice::new("water", "废水", "water"), ColumnChoice::new("gas", "废气", "gas")],
        ),
        Column::text("place", "所在地", "place")
            .or("地区", &["行政区", "行政区划", "行政区划代码", "县区", "county", "region"])
            .required()
            .note(
                "行政区划代码（140621），或规则文件中的地名（山阴县）",
                "the code of the administrative division (140621), or the name of a place the rules know",
            ),
    ];
    for one in circumstances(law) {
        if matches!(one.key.as_str(), "day" | "place" | "county") {
            continue;
        }
        let mut column = Column::of_circumstance(&one);
        if let ColumnKind::Number { unit, min, .. } = &mut column.kind
            && *unit != Unit::Celsius
        {
            *min = Some(Decimal::ZERO);
        }
        column.required = one.key == "source";
        columns.push(column);
    }
    columns
}

/// The columns of a permit's limits.
pub(crate) fn permit_columns(law: &Law) -> impl Iterator<Item = Column> {
    items(law).into_iter().filter(|item| item.key != "ph").map(|item| {
        let mut column = Column::of_item(&item);
        column.key = format!("permit_{}", item.key);
        column.name = crate::Text::new(
            format!("许可限值：{}", item.name.zh),
            format!("permit limit: {}", item.name.en),
        );
        column.aliases = column
            .aliases
            .iter()
            .chain([&item.name.zh])
            .flat_map(|alias| [format!("许可{alias}"), format!("{alias}许可限值"), format!("permit {alias}")])
            .collect();
        column
    })
}
