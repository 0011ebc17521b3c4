//! A river or basin: by the shares of classes from five sections on, by mean concentrations below.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::section::statistic_column;
use super::standard::{
    self, BODY, GB_3838, METHOD, Reading, STATISTICS, Sample, Standard, grade_answer, joined, mean, names,
    nothing_measured,
};
use crate::Rounding;
use crate::assess::{Answer, Assessment, CannotTell, Column, Exclusion, Figure, ItemAnswer, Row, Rows};
use crate::circumstances::{Circumstance, Circumstances, Holds};
use crate::edition::{Basis, Text, Theme};
use crate::law::Law;
use crate::schema::general::{Factors, Item};

/// The state of a river or basin.
pub(super) const RIVER: Assessment = Assessment {
    id: "river",
    theme: Theme::Water,
    title: ("河流、流域水质状况", "State of a river or basin"),
    about: (
        "由各断面评价一条河流或一个流域的水质状况和颜色：断面不少于5个时按断面水质类别比例，少于5个时按各断面浓度均值；并给出主要污染指标。",
        "The state and colour of a river or basin from its sections: from five sections on by the shares of their classes, below by mean concentrations; with the main pollutants.",
    ),
    standards: &[GB_3838, METHOD, STATISTICS],
    rows: Rows::By(&["river", "period"]),
    columns,
    figures: &[
        ("sections", "参评断面数", "sections evaluated"),
        ("share_i", "Ⅰ类断面比例", "share of class I"),
        ("share_ii", "Ⅱ类断面比例", "share of class II"),
        ("share_iii", "Ⅲ类断面比例", "share of class III"),
        ("share_iv", "Ⅳ类断面比例", "share of class IV"),
        ("share_v", "Ⅴ类断面比例", "share of class V"),
        ("share_inferior_v", "劣Ⅴ类断面比例", "share worse than class V"),
        ("share_i_iii", "Ⅰ～Ⅲ类断面比例", "share of classes I to III"),
    ],
    example: &[
        &[
            ("河流", "桑干河"),
            ("period", "2024-06"),
            ("断面", "甲"),
            ("ph", "7.8"),
            ("do", "7.6"),
            ("codmn", "3.1"),
            ("nh3n", "0.3"),
            ("tp", "0.06"),
        ],
        &[
            ("河流", "桑干河"),
            ("period", "2024-06"),
            ("断面", "乙"),
            ("ph", "7.9"),
            ("do", "6.2"),
            ("codmn", "5.4"),
            ("nh3n", "0.9"),
            ("tp", "0.15"),
        ],
        &[
            ("河流", "桑干河"),
            ("period", "2024-06"),
            ("断面", "丙"),
            ("ph", "7.9"),
            ("do", "5.4"),
            ("codmn", "7.4"),
            ("nh3n", "1.3"),
            ("tp", "0.28"),
        ],
    ],
    judge,
};

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = vec![
        Column::text("river", "河流", "river").or("basin", &["流域", "水系", "河流名称"]).required(),
        Column::text("period", "时段", "period").or("月份", &["月", "期间"]),
        Column::text("section", "断面", "section")
            .or("station", &["断面名称", "点位", "点位名称", "站点"])
            .required(),
        Column::judged_day(),
    ];
    columns.extend(Standard::body_column(law).map(|column| column.note("不填按河流", "a river when empty")));
    columns.extend(Standard::columns(law));
    columns.push(statistic_column());
    columns
}

/// One section with its class, or why it has none.
struct Section<'r, 'a> {
    name: &'r str,
    readings: Vec<(&'a Item, Option<Reading>)>,
    sample: Sample<'a>,
    class: Result<usize, Text>,
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let standard = match Standard::of(law, basis) {
        Ok(standard) => standard,
        Err(why) => return Answer::cannot_tell(why),
    };
    let digits = rows
        .iter()
        .any(|row| row.choice("statistic") == Some("mean"))
        .then(|| standard::digits_of_means(law, basis))
        .flatten();
    let sections: Vec<Section> = rows
        .iter()
        .map(|row| section(&standard, row, digits.as_ref().map(|(_, _, digits)| *digits)))
        .collect();
    let mut answer = of_sections(&standard, rows, &sections)
        .unwrap_or_else(|why| Answer::cannot_tell(why).by(standard.gb.edition(), &[&standard.limits.0]));
    if let Some((tables, sourced, _)) = &digits {
        answer = answer.by(tables.edition(), &[sourced]);
    }
    answer.items = sections.iter().map(|one| item(&standard, one)).collect();
    for one in &sections {
        if let Err(why) = &one.class {
            answer.excluded.push(Exclusion { what: Text::same(one.name), why: why.clone() });
        }
    }
    answer
}

fn section<'r, 'a>(standard: &Standard<'a>, row: &'r Row, digits: Option<&Factors>) -> Section<'r, 'a> {
    let readings = standard.readings(row, digits);
    let sample = standard.sample(&readings, None, row.choice(BODY).unwrap_or("river"));
    let class = class_of(standard, &sample);
    Section { name: row.text("section").unwrap_or_default(), readings, sample, class }
}

fn class_of(standard: &Standard, sample: &Sample) -> Result<usize, Text> {
    let class = sample.class().ok_or_else(|| nothing_measured().text)?;
    let lacking = sample.lacking(standard.core.1);
    if lacking.is_empty() || class == standard.worst() {
        return Ok(class);
    }
    let lacking = names(lacking);
    Err(Text::new(format!("缺{}，不给类别", lacking.zh), format!("no class without {}", lacking.en)))
}

fn of_sections(standard: &Standard, rows: &[Row], sections: &[Section]) -> Result<Answer, CannotTell> {
    for (at, one) in sections.iter().enumerate() {
        if sections.iter().take(at).any(|other| other.name == one.name) {
            return Err(CannotTell::new(
                "section_twice",
                format!("断面“{}”出现两次：每个断面给一行（时段均值）", one.name),
                format!(
                    "the section `{}` is there twice: give each one row, the mean of the period",
                    one.name
                ),
            ));
        }
    }
    let judged: Vec<(&Section, usize)> =
        sections.iter().filter_map(|one| Some((one, *one.class.as_ref().ok()?))).collect();
    let mut answer = Answer::default()
        .by(standard.gb.edition(), &[&standard.limits.0])
        .by(standard.method.edition(), &[&standard.counted.0]);
    let count = Text::new("参评断面数", "sections evaluated");
    answer = answer.figure(Figure::new("sections", count, Decimal::from(judged.len()), Unit::None));
    if judged.is_empty() {
        answer.cannot_tell = Some(nothing_measured());
        return Ok(answer);
    }
    if judged.len() < standard.count("river_sections_min")? {
        return by_means(standard, rows, &judged, answer);
    }
    by_shares(standard, &judged, answer)
}

fn by_shares(
    standard: &Standard,
    judged: &[(&Section, usize)],
    mut answer: Answer,
) -> Result<Answer, CannotTell> {
    let share = |of: usize| {
        let percent = Decimal::from(of).checked_mul(Decimal::ONE_HUNDRED)?;
        percent.checked_div(Decimal::from(judged.len()))
    };
    let among = |from: usize, to: usize| {
        let count = judged.iter().filter(|(_, class)| (from..=to).contains(class)).count();
        share(count).unwrap_or_default()
    };
    for class in 0..=standard.worst() {
        let id = standard.limits.1.grade_id(class).unwrap_or_default().to_lowercase();
        let name = standard.class_name(class);
        let name = Text::new(format!("{}断面比例", name.zh), format!("share of {}", name.en));
        answer = answer.figure(percent(&format!("share_{id}"), name, among(class, class)));
    }
    let (good, bad) = (among(0, standard.limit_class), among(standard.worst(), standard.worst()));
    let name = Text::new("Ⅰ～Ⅲ类断面比例", "share of classes I to III");
    answer = answer.figure(percent("share_i_iii", name, good));
    let mut case = Circumstances::new();
    case.set("share_i_iii", Circumstance::Number(good));
    case.set("share_inferior", Circumstance::Number(bad));
    let method = &standard.method;
    let (sourced, table) = method.need(method.list("river"), "river")?;
    let (states_by, states) = method.need(method.grades("states"), "states")?;
    let row = table.row.iter().find(|row| case.hold(&row.when) == Holds::Yes);
    let state = row.and_then(|row| states.iter().find(|grade| grade.id == row.id));
    answer = answer.by(method.edition(), &[&sourced, &states_by, &standard.main]);
    let Some(state) = state else {
        answer.cannot_tell = Some(CannotTell::new(
            "gap_in_the_rule",
            "这两个比例不在定性评价分级的任何一级",
            "no state of the method covers these shares",
        ));
        return Ok(answer);
    };
    answer.class = Some(grade_answer(state));
    answer.steps.push(colour_step(state));
    answer.deciding = by_exceedance(standard, judged);
    Ok(answer)
}

/// The items worse than class III by the share of sections in which they are.
fn by_exceedance(standard: &Standard, judged: &[(&Section, usize)]) -> Vec<Text> {
    let mut over: Vec<(usize, &Item)> = Vec::new();
    for item in standard.items() {
        let exceeds = |one: &&(&Section, usize)| {
            let mut items = one.0.sample.items.iter();
            items.any(|judged| {
                judged.item.key == item.key && judged.counts && standard.limit_class < judged.class
            })
        };
        let count = judged.iter().filter(exceeds).count();
        if 0 < count {
            over.push((count, item));
        }
    }
    over.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    over.truncate(standard.main_count());
    let name = |(count, item): (usize, &Item)| {
        let share = Decimal::from(count * 100).checked_div(Decimal::from(judged.len())).unwrap_or_default();
        let share = one_decimal(share);
        Text::new(format!("{}（{share}%）", item.name.zh), format!("{} ({share} %)", item.name.en))
    };
    over.into_iter().map(name).collect()
}

fn by_means(
    standard: &Standard,
    rows: &[Row],
    judged: &[(&Section, usize)],
    mut answer: Answer,
) -> Result<Answer, CannotTell> {
    let bodies: Vec<&str> = rows.iter().map(|row| row.choice(BODY).unwrap_or("river")).collect();
    let body = bodies.first().copied().unwrap_or("river");
    if bodies.iter().any(|other| *other != body) {
        return Err(CannotTell::new(
            "river_and_lake",
            "河流断面与湖库点位的总磷限值不同，不能求浓度均值一并评价",
            "river sections and lake points have different limits and cannot be judged by one mean",
        ));
    }
    let means = standard.items().iter().map(|item| {
        let of_item = judged.iter().filter_map(|(one, _)| {
            one.readings.iter().find_map(|(other, reading)| match reading {
                Some(Reading::Value(value, _)) if other.key == item.key => Some(*value),
                _ => None,
            })
        });
        let values: Vec<Decimal> = of_item.collect();
        let reading = mean(&values).filter(|_| !values.is_empty()).map(|mean| Reading::Value(mean, None));
        (item, reading)
    });
    let sample = standard.sample(&means.collect::<Vec<_>>(), None, body);
    answer.steps.push(Text::new(
        "断面少于5个：按各断面浓度的算术平均值评价",
        "fewer than five sections: by the arithmetic means of the concentrations",
    ));
    answer = answer.by(standard.method.edition(), &[&standard.sections.0, &standard.main]);
    let class = match class_of(standard, &sample) {
        Ok(class) => class,
        Err(why) => {
            answer.cannot_tell = Some(CannotTell { code: "incomplete", text: why });
            return Ok(answer);
        }
    };
    let name = standard.class_name(class);
    answer.steps.push(Text::new(format!("均值为{}", name.zh), format!("the means are of {}", name.en)));
    let found = standard.state_of(class);
    let state = standard.method.need(found, "states")?;
    answer.class = Some(grade_answer(state));
    answer.steps.push(colour_step(state));
    answer.deciding = standard.main_pollutants(&sample).iter().map(|one| standard.pollutant(one)).collect();
    Ok(answer)
}

fn colour_step(state: &crate::Grade) -> Text {
    let colour = state.colour_name.clone().unwrap_or_else(|| Text::same("-"));
    Text::new(
        format!("水质状况：{}，{}", state.name.zh, colour.zh),
        format!("state: {}, {}", state.name.en, colour.en),
    )
}

/// A section among the items of the answer.
fn item(standard: &Standard, section: &Section) -> ItemAnswer {
    let pollutants: Vec<Text> =
        standard.main_pollutants(&section.sample).iter().map(|one| standard.pollutant(one)).collect();
    let (class, note) = match &section.class {
        Ok(class) => (standard.class_answer(*class), joined(&pollutants)),
        Err(why) => (None, Some(why.clone())),
    };
    ItemAnswer {
        key: section.name.to_owned(),
        name: Text::same(section.name),
        value: None,
        unit: Unit::None,
        limit: None,
        meets: section.class.as_ref().ok().map(|class| *class <= standard.limit_class),
        class,
        multiple: None,
        note,
    }
}

fn one_decimal(value: Decimal) -> Decimal {
    let mut rounded = Rounding::HalfEven(1).apply(value);
    rounded.rescale(1);
    rounded
}

fn percent(key: &str, name: Text, value: Decimal) -> Figure {
    Figure::new(key, name, one_decimal(value), Unit::Percent)
}
