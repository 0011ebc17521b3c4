//! The city water quality index and the rank by it.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::standard::{BODY, GB_3838, Standard, mean, named_number, names};
use crate::assess::{Answer, Assessment, CannotTell, Cell, Column, Exclusion, Figure, ItemAnswer, Row, Rows};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;
use crate::schema::general::{Bound, Item, LimitCell};
use crate::tables::Tables;
use crate::{Rounding, Unjudged};

const RANKING: &str = "water-ranking";

/// The index of a city.
pub(super) const CWQI: Assessment = Assessment {
    id: "cwqi",
    theme: Theme::Water,
    title: ("城市水质指数", "City water quality index"),
    about: (
        "由一个城市各断面（点位）的21项指标均值计算河流、湖库和城市水质指数（CWQI）及其变化程度；指数小者水质好。扣除上游影响和按年度目标的排除不在此计算。",
        "From the means of 21 items over the sections and points of a city: the indices of its rivers and lakes, the city's index (CWQI) and its change; smaller is better. Deducting what comes from upstream and leaving cities out of the rank of change is not done here.",
    ),
    standards: &[RANKING, GB_3838],
    rows: Rows::By(&["city", "period"]),
    columns,
    figures: &[
        ("cwqi_river", "河流水质指数", "index of the rivers"),
        ("cwqi_lake", "湖库水质指数", "index of the lakes"),
        ("river_sections", "河流断面数", "river sections"),
        ("lake_points", "湖库点位数", "lake points"),
        ("change", "变化程度", "change"),
    ],
    example: &[EXAMPLE],
    judge,
};

const EXAMPLE: &[(&str, &str)] = &[
    ("city", "甲市"),
    ("section", "出境断面"),
    ("body", "river"),
    ("ph", "8"),
    ("do", "8"),
    ("codmn", "3"),
    ("cod", "12"),
    ("bod5", "2"),
    ("nh3n", "0.3"),
    ("tp", "0.1"),
    ("cu", "0.002"),
    ("zn", "0.05"),
    ("fluoride", "0.5"),
    ("se", "0.0004L"),
    ("as", "0.002"),
    ("hg", "0.00002"),
    ("cd", "0.0001L"),
    ("cr6", "0.004L"),
    ("pb", "0.002L"),
    ("cyanide", "0.004L"),
    ("phenol", "0.0003L"),
    ("oil", "0.01L"),
    ("las", "0.05L"),
    ("sulfide", "0.01L"),
    ("last", "5"),
];

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = vec![
        Column::text("city", "城市", "city").or("county", &["县", "区县", "市", "地区"]).required(),
        Column::text("period", "时段", "period").or("月份", &["月", "期间"]),
        Column::text("section", "断面", "section").or("station", &["断面名称", "点位", "点位名称", "站点"]),
        Column::judged_day(),
    ];
    columns.extend(Standard::body_column(law).map(Column::required));
    columns.extend(Standard::columns(law));
    columns.push(
        Column::number("last", "上一时段城市水质指数", "index of the period before", Unit::None)
            .or("last_cwqi", &["基准CWQI", "上年CWQI", "去年同期CWQI"]),
    );
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let rule = match law.tables(RANKING, basis) {
        Ok(rule) => rule,
        Err(why) => return Answer::cannot_tell(why),
    };
    let standard = match Standard::of(law, Assessment::by_day(basis)) {
        Ok(standard) => standard,
        Err(why) => return Answer::cannot_tell(why),
    };
    let judged = Rule::of(&rule).map_err(CannotTell::from).and_then(|rule| rule.city(&standard, rows));
    let sourced = named_number(&rule, "index", "digits").map(|(sourced, _)| sourced);
    let vouched: Vec<&Sourced> = sourced.iter().collect();
    judged
        .unwrap_or_else(Answer::cannot_tell)
        .by(rule.edition(), &vouched)
        .by(standard.gb.edition(), &[&standard.limits.0])
}

struct Rule {
    digits: u32,
    change_digits: u32,
    neutral: Decimal,
    below: Decimal,
    class: String,
}

/// The index of one kind of water body.
struct Index<'a> {
    sum: Decimal,
    parts: Vec<(&'a Item, Decimal, Decimal)>,
    missing: Vec<&'a Item>,
}

impl Rule {
    fn of(tables: &Tables) -> Result<Rule, Unjudged> {
        let number =
            |key: &'static str| tables.need(named_number(tables, "index", key).map(|(_, value)| value), key);
        let digits = |key| {
            number(key).map(|value| u32::try_from(value.trunc().normalize().mantissa()).unwrap_or(0).min(9))
        };
        let class =
            tables.list("limit_class").and_then(|(_, list)| list.row.first()).map(|row| row.id.clone());
        Ok(Rule {
            digits: digits("digits")?,
            change_digits: digits("change_digits")?,
            neutral: number("ph_neutral")?,
            below: number("share_of_detection_limit")?,
            class: tables.need(class, "limit_class")?,
        })
    }

    fn city(&self, standard: &Standard, rows: &[Row]) -> Result<Answer, CannotTell> {
        let of = |body: &str| rows.iter().filter(|row| row.choice(BODY) == Some(body)).collect::<Vec<_>>();
        let kinds = [
            ("river", of("river"), "河流", "rivers", "cwqi_river", "river_sections"),
            ("lake", of("lake"), "湖库", "lakes", "cwqi_lake", "lake_points"),
        ];
        let mut answer = Answer::default();
        let (mut weighted, mut count) = (Decimal::ZERO, Decimal::ZERO);
        for (body, rows, zh, en, key, count_key) in kinds {
            if rows.is_empty() {
                continue;
            }
            let index = self.index(standard, &rows, body)?;
            if !index.missing.is_empty() {
                let lacking = names(index.missing.iter().copied());
                answer.excluded.push(Exclusion {
                    what: Text::new(zh, en),
                    why: Text::new(format!("缺{}", lacking.zh), format!("without {}", lacking.en)),
                });
                answer.cannot_tell = Some(CannotTell::new(
                    "incomplete",
                    format!("{zh}缺{}；未监测的指标按规定填上年值", lacking.zh),
                    format!(
                        "{en}: no value of {}; for what is not monitored last year's value is to be given",
                        lacking.en
                    ),
                ));
                continue;
            }
            let label = Text::new(format!("{zh}水质指数"), format!("index of the {en}"));
            answer = answer.figure(Figure::new(key, label, rounded(index.sum, self.digits), Unit::None));
            let sections = Decimal::from(rows.len());
            let label = Text::new(format!("{zh}断面（点位）数"), format!("sections or points of {en}"));
            answer = answer.figure(Figure::new(count_key, label, sections, Unit::None));
            answer.items.extend(index.parts.iter().map(|(item, value, part)| {
                let part = rounded(*part, self.digits);
                ItemAnswer {
                    key: format!("{body}_{}", item.key),
                    name: Text::new(format!("{zh} {}", item.name.zh), format!("{en}: {}", item.name.en)),
                    value: Some(rounded(*value, 6).normalize()),
                    unit: item.unit,
                    limit: None,
                    class: None,
                    meets: None,
                    multiple: None,
                    note: Some(Text::new(format!("单项指数 {part}"), format!("index {part}"))),
                }
            }));
            let product = index.sum.checked_mul(sections).ok_or_else(too_large)?;
            weighted = weighted.checked_add(product).ok_or_else(too_large)?;
            count += sections;
        }
        if answer.cannot_tell.is_some() {
            return Ok(answer);
        }
        let city = weighted.checked_div(count).ok_or_else(super::standard::nothing_measured)?;
        let label = Text::new("城市水质指数", "city water quality index");
        answer.value = Some(Figure::new("cwqi", label, rounded(city, self.digits), Unit::None));
        self.change(rows, city, answer)
    }

    fn change(&self, rows: &[Row], city: Decimal, answer: Answer) -> Result<Answer, CannotTell> {
        let mut given = rows.iter().filter_map(|row| row.value("last"));
        let Some(last) = given.next() else { return Ok(answer) };
        if given.any(|other| other != last) || last.is_zero() {
            return Err(CannotTell::new(
                "last_unclear",
                "各行的上一时段指数不一致或为零",
                "the rows give different indices of the period before, or zero",
            ));
        }
        let change = city.checked_sub(last).and_then(|by| by.checked_div(last));
        let percent =
            change.and_then(|change| change.checked_mul(Decimal::ONE_HUNDRED)).ok_or_else(too_large)?;
        let label = Text::new("变化程度", "change");
        Ok(answer.figure(Figure::new("change", label, rounded(percent, self.change_digits), Unit::Percent)))
    }

    fn index<'a>(&self, standard: &Standard<'a>, rows: &[&Row], body: &str) -> Result<Index<'a>, CannotTell> {
        let case = Circumstances::new().with(BODY, body);
        let graded = standard.limits.1;
        let class = graded.grades.iter().position(|id| *id == self.class).unwrap_or(usize::MAX);
        let mut index = Index { sum: Decimal::ZERO, parts: Vec::new(), missing: Vec::new() };
        for item in standard.items().iter().filter(|item| standard.counts(&item.key)) {
            let values: Vec<Decimal> = rows.iter().filter_map(|row| self.read(row, &item.key)).collect();
            if values.is_empty() {
                index.missing.push(item);
                continue;
            }
            let value = mean(&values).ok_or_else(too_large)?;
            let row = graded.row(&item.key, &case).ok().flatten();
            let limit = row.and_then(|row| Some((row.bound, row.limits.get(class)?)));
            let part = match limit {
                Some((Bound::Max, LimitCell::Number(limit))) => value.checked_div(*limit),
                Some((Bound::Min, LimitCell::Number(limit))) => limit.checked_div(value),
                Some((Bound::Range, LimitCell::Range(from, to))) if value <= self.neutral => {
                    (self.neutral - value).checked_div(self.neutral - *from).filter(|_| from < to)
                }
                Some((Bound::Range, LimitCell::Range(_, to))) => {
                    (value - self.neutral).checked_div(*to - self.neutral)
                }
                _ => None,
            };
            let part = part.ok_or_else(|| {
                CannotTell::new(
                    "no_index",
                    format!("{} 为 {value}，没有单项指数", item.name.zh),
                    format!("{} of {value} has no index", item.name.en),
                )
            })?;
            index.sum = index.sum.checked_add(part).ok_or_else(too_large)?;
            index.parts.push((item, value, part));
        }
        Ok(index)
    }

    fn read(&self, row: &Row, key: &str) -> Option<Decimal> {
        match row.cell(key)? {
            Cell::Number(measured) if measured.below_detection => measured.value.checked_mul(self.below),
            Cell::Number(measured) => Some(measured.value),
            _ => None,
        }
    }
}

fn rounded(value: Decimal, digits: u32) -> Decimal {
    let mut value = Rounding::HalfEven(digits).apply(value);
    value.rescale(digits);
    value
}

fn too_large() -> CannotTell {
    CannotTell::new("too_large", "数值太大，不能计算", "the numbers are too large to be reckoned with")
}

/// A place in the rank.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked<'n> {
    /// The city.
    pub name: &'n str,
    /// Its index, or the change of it.
    pub value: Decimal,
    /// Its place, the smallest value being 1; equal values share a place.
    pub place: usize,
}

/// Ranks cities by their index or by its change, the smallest first.
pub fn rank<'n>(cities: &[(&'n str, Decimal)]) -> Vec<Ranked<'n>> {
    let mut sorted = cities.to_vec();
    sorted.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| a.0.cmp(b.0)));
    let place = |value: Decimal| 1 + sorted.iter().filter(|(_, other)| *other < value).count();
    sorted.iter().map(|&(name, value)| Ranked { name, value, place: place(value) }).collect()
}
