//! Black and odorous waters, urban and rural.
//!
//! * BLACK-1: a water is "not black and odorous" only when every item was measured often enough at enough points.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::standard::{grade_answer, named_number, nothing_measured};
use crate::Unjudged;
use crate::assess::{Answer, Assessment, CannotTell, Column, ColumnChoice, ItemAnswer, Row, Rows};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;
use crate::schema::general::Bands;
use crate::tables::Tables;

const URBAN: &str = "black-odorous";
const RURAL: &str = "black-odorous-rural";

/// The degree of a black and odorous water.
pub(super) const BLACK_ODOROUS: Assessment = Assessment {
    id: "black-odorous",
    theme: Theme::Water,
    title: ("黑臭水体", "Black and odorous waters"),
    about: (
        "由各检测点多次检测的透明度、溶解氧、氧化还原电位和氨氮判定城市水体的黑臭级别；农村水体看透明度、溶解氧和氨氮。公众评议不在此评价。",
        "The degree of an urban black and odorous water from transparency, dissolved oxygen, redox potential and ammonia nitrogen, measured several times at its points; a rural one by three of them. What the public says is not evaluated here.",
    ),
    standards: &[URBAN, RURAL],
    rows: Rows::By(&["water_body", "place"]),
    columns,
    figures: &[("points", "检测点数", "points"), ("heavy_points", "重度黑臭检测点数", "heavy points")],
    example: &[&[
        ("水体", "甲沟"),
        ("place", "rural"),
        ("sd", "20"),
        ("depth", "60"),
        ("do", "3.1"),
        ("nh3n", "4.2"),
    ]],
    judge,
};

/// The items with their heading; their limits are in the data files.
const ITEMS: [(&str, &str, &str, Unit); 4] = [
    ("sd", "透明度", "transparency", Unit::Cm),
    ("do", "溶解氧", "dissolved oxygen", Unit::MgPerL),
    ("orp", "氧化还原电位", "redox potential", Unit::MilliVolt),
    ("nh3n", "氨氮", "ammonia nitrogen", Unit::MgPerL),
];

fn columns(_: &Law) -> Vec<Column> {
    let places =
        vec![ColumnChoice::new("urban", "城市", "urban"), ColumnChoice::new("rural", "农村", "rural")];
    let mut columns = vec![
        Column::text("water_body", "水体", "water body")
            .or("river", &["河流", "水体名称", "名称"])
            .required(),
        Column::choice("place", "城乡", "urban or rural", places).or("城市或农村", &[]).required(),
        Column::text("point", "检测点", "point").or("点位", &["断面", "section", "station"]).note(
            "按水流方向填写，连续3个以上重度的点之间为重度区域",
            "in the direction of flow: the reach between three heavy points or more in a row is heavy",
        ),
        Column::judged_day(),
        Column::number("depth", "水深", "depth of the water", Unit::Cm),
    ];
    columns.extend(ITEMS.map(|(key, zh, en, unit)| match key {
        "orp" => Column::signed(key, zh, en, unit).or("ORP", &["Eh"]),
        "sd" => Column::number(key, zh, en, unit).or("SD", &["secchi"]),
        "do" => Column::number(key, zh, en, unit).or("w01009", &[]),
        _ => Column::number(key, zh, en, unit).or("w21003", &["NH3-N", "NH3N"]),
    }));
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let rural = rows.first().and_then(|row| row.choice("place")) == Some("rural");
    let tables = if rural { law.tables(RURAL, Assessment::by_day(basis)) } else { law.tables(URBAN, basis) };
    let judged = tables
        .and_then(Guide::of)
        .map_err(CannotTell::from)
        .and_then(|guide| if rural { guide.rural(rows) } else { guide.urban(rows) });
    judged.unwrap_or_else(Answer::cannot_tell)
}

/// What one value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    None,
    Light,
    /// At least light; whether heavy the guide does not say for water this shallow.
    LightOrHeavy,
    Heavy,
}

struct Guide<'a> {
    tables: Tables<'a>,
    items: Vec<(&'static str, Text, Unit, Sourced, &'a Bands)>,
    shallow: Decimal,
    share: Decimal,
}

/// One point of an urban water.
struct Point<'r> {
    name: &'r str,
    heavy: bool,
    /// Whether a further value could make it heavy.
    open: bool,
    worst: Level,
    note: Text,
}

impl<'a> Guide<'a> {
    fn of(tables: Tables<'a>) -> Result<Guide<'a>, Unjudged> {
        let items = ITEMS
            .into_iter()
            .filter_map(|(key, zh, en, unit)| {
                let (sourced, bands) = tables.bands(key)?;
                Some((key, Text::new(zh, en), unit, sourced, bands))
            })
            .collect();
        let number = |key| number(&tables, key);
        Ok(Guide { items, shallow: number("shallow_cm")?, share: number("shallow_share_percent")?, tables })
    }

    /// The id of the band a row's value of an item lies in; in shallow water transparency has another limit.
    fn level(&self, row: &Row, key: &str, bands: &Bands) -> Option<Level> {
        let measured = row.number(key)?;
        // A value below the detection limit is known only where less is better.
        if measured.below_detection && key != "nh3n" {
            return None;
        }
        let shallow = row.value("depth").filter(|depth| *depth < self.shallow && key == "sd");
        if let Some(depth) = shallow {
            let limit = depth.checked_mul(self.share)?.checked_div(Decimal::ONE_HUNDRED)?;
            return Some(if measured.value < limit { Level::LightOrHeavy } else { Level::None });
        }
        match bands.band(measured.value, &Circumstances::new())?.id.as_str() {
            "none" => Some(Level::None),
            "light" => Some(Level::Light),
            _ => Some(Level::Heavy),
        }
    }

    fn vouched(&self, answer: Answer) -> Answer {
        let mut sources: Vec<Sourced> =
            self.items.iter().map(|(_, _, _, sourced, _)| sourced.clone()).collect();
        sources.extend(named_number(&self.tables, "rule", "shallow_cm").map(|(sourced, _)| sourced));
        answer.by(self.tables.edition(), &sources.iter().collect::<Vec<_>>())
    }

    fn class(&self, answer: &mut Answer, id: &str) -> Result<(), Unjudged> {
        let (_, grades) = self.tables.need(self.tables.grades("classes"), "classes")?;
        let grade = self.tables.need(grades.iter().find(|grade| grade.id == id), id)?;
        answer.class = Some(grade_answer(grade));
        Ok(())
    }

    /// Any item beyond its limit makes a rural water black and odorous.
    fn rural(&self, rows: &[Row]) -> Result<Answer, CannotTell> {
        let mut answer = self.vouched(Answer::default());
        let (mut given, mut all) = (0, true);
        for (key, name, unit, _, bands) in &self.items {
            let levels: Vec<Option<Level>> = rows.iter().map(|row| self.level(row, key, bands)).collect();
            given += levels.iter().flatten().count();
            all &= levels.iter().all(Option::is_some);
            let bad = levels.iter().flatten().any(|level| *level != Level::None);
            if bad {
                answer.deciding.push(name.clone());
            }
            answer.items.push(ItemAnswer {
                key: (*key).to_owned(),
                name: name.clone(),
                value: rows.first().filter(|_| rows.len() == 1).and_then(|row| row.value(key)),
                unit: *unit,
                limit: None,
                class: None,
                meets: levels.iter().any(Option::is_some).then_some(!bad),
                multiple: None,
                note: None,
            });
        }
        if given == 0 {
            return Err(nothing_measured());
        }
        if !answer.deciding.is_empty() {
            self.class(&mut answer, "black_odorous")?;
        } else if all {
            self.class(&mut answer, "none")?;
        } else {
            answer.cannot_tell = Some(CannotTell::new(
                "incomplete",
                "已测的没有超过界限，但三项没有测全",
                "nothing measured is beyond its limit, but not all three items were measured",
            ));
        }
        Ok(answer)
    }

    fn urban(&self, rows: &[Row]) -> Result<Answer, CannotTell> {
        let mut answer = self.vouched(Answer::default());
        let mut names: Vec<&str> = Vec::new();
        for row in rows {
            let name = row.text("point").unwrap_or_default();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let points = names.iter().map(|name| {
            let of_point = rows.iter().filter(|row| row.text("point").unwrap_or_default() == *name);
            self.point(name, &of_point.collect::<Vec<_>>())
        });
        let points: Vec<Point> = points.collect::<Result<_, _>>()?;
        answer.items = points.iter().map(Point::item).collect();
        let heavy = points.iter().filter(|point| point.heavy).count();
        for (key, zh, en, count) in [
            ("points", "检测点数", "points", points.len()),
            ("heavy_points", "重度黑臭检测点数", "heavy points", heavy),
        ] {
            let count = Decimal::from(count);
            answer = answer.figure(crate::assess::Figure::new(key, Text::new(zh, en), count, Unit::None));
        }
        self.reaches(&points, &mut answer)?;
        let reached = |count: usize, of: usize, key| -> Result<bool, Unjudged> {
            let share = Decimal::from(count * 100).checked_div(Decimal::from(of)).unwrap_or_default();
            Ok(number(&self.tables, key)? <= share)
        };
        let could = points.iter().filter(|point| point.heavy || point.open).count();
        let few = Decimal::from(points.len()) < number(&self.tables, "points_min")?;
        if few {
            answer.cannot_tell = Some(CannotTell::new(
                "too_few_data",
                "检测点太少，不能判定整个水体",
                "too few points to judge the whole water",
            ));
        } else if reached(heavy, points.len(), "points_percent")? {
            self.class(&mut answer, "heavy")?;
        } else if reached(could, points.len(), "points_percent")?
            || points.iter().all(|point| point.worst == Level::None) && points.iter().any(|point| point.open)
        {
            answer.cannot_tell = Some(CannotTell::new(
                "incomplete",
                "有的检测点项目不全、次数不足或水深过浅，级别不能判定",
                "points lack items or repetitions, or are too shallow: the degree cannot be told",
            ));
        } else if points.iter().any(|point| point.worst != Level::None) {
            self.class(&mut answer, "light")?;
        } else {
            self.class(&mut answer, "none")?;
        }
        Ok(answer)
    }

    fn point<'r>(&self, name: &'r str, rows: &[&Row]) -> Result<Point<'r>, Unjudged> {
        let percent = |count: usize, of: usize| {
            Decimal::from(count * 100).checked_div(Decimal::from(of)).unwrap_or_default()
        };
        let (one, several) =
            (number(&self.tables, "one_item_percent")?, number(&self.tables, "several_items_percent")?);
        let (least, items_needed) =
            (number(&self.tables, "values_min")?, number(&self.tables, "several_items")?);
        let (mut worst, mut open) = (Level::None, false);
        let (mut at_one, mut at_several) = (false, 0_usize);
        for (key, _, _, _, bands) in &self.items {
            let levels: Vec<Level> = rows.iter().filter_map(|row| self.level(row, key, bands)).collect();
            let enough = least <= Decimal::from(levels.len());
            open |= !enough || levels.contains(&Level::LightOrHeavy);
            worst = levels.iter().copied().max().unwrap_or(Level::None).max(worst);
            if enough {
                let heavy =
                    percent(levels.iter().filter(|level| **level == Level::Heavy).count(), levels.len());
                at_one |= one <= heavy;
                at_several += usize::from(several <= heavy);
            }
        }
        let heavy = at_one || items_needed <= Decimal::from(at_several);
        let note = match (heavy, worst, open) {
            (true, ..) => Text::new("重度黑臭", "heavily black and odorous"),
            (false, _, true) => Text::new(
                "不能判定：项目不全、次数不足或水深过浅",
                "cannot tell: items or repetitions are missing, or too shallow",
            ),
            (false, Level::None, false) => Text::new("未达黑臭", "not black and odorous"),
            (false, ..) => Text::new("轻度黑臭", "lightly black and odorous"),
        };
        Ok(Point { name, heavy, open: open && !heavy, worst, note })
    }

    /// The reaches between heavy points in a row.
    fn reaches(&self, points: &[Point], answer: &mut Answer) -> Result<(), Unjudged> {
        let least = number(&self.tables, "points_in_a_row")?;
        for run in points.chunk_by(|a, b| a.heavy == b.heavy) {
            if let [first, .., last] = run
                && first.heavy
                && least <= Decimal::from(run.len())
            {
                answer.deciding.push(Text::new(
                    format!("{}～{}重度黑臭", first.name, last.name),
                    format!("heavy from {} to {}", first.name, last.name),
                ));
            }
        }
        Ok(())
    }
}

impl Point<'_> {
    fn item(&self) -> ItemAnswer {
        let name = if self.name.is_empty() { "-" } else { self.name };
        ItemAnswer {
            key: name.to_owned(),
            name: Text::same(name),
            value: None,
            unit: Unit::None,
            limit: None,
            class: None,
            meets: None,
            multiple: None,
            note: Some(self.note.clone()),
        }
    }
}

fn number(tables: &Tables, key: &'static str) -> Result<Decimal, Unjudged> {
    tables.need(named_number(tables, "rule", key).map(|(_, value)| value), key)
}
