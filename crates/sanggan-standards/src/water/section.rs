//! The class of one section or sampling point: the single-factor rule.
//!
//! * WATER-1: the class is that of the worst item that counts; an item that is not given never makes it better.
//! * WATER-2: where river and lake limits would give different classes and the kind of water is not known, there is no class.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::by_name;
use super::standard::{
    self, GB_3838, METHOD, Reading, STATISTICS, Sample, Standard, joined, names, nothing_measured,
};
use crate::assess::{
    Answer, Assessment, CannotTell, Column, ColumnChoice, Exclusion, Figure, ItemAnswer, Row, Rows,
};
use crate::edition::{Basis, Text, Theme};
use crate::law::Law;
use crate::schema::general::Item;

/// The class of a section.
pub(super) const WATER: Assessment = Assessment {
    id: "water",
    theme: Theme::Water,
    title: ("断面（点位）水质类别", "Water quality class of a section or point"),
    about: (
        "按单因子评价法给出一个断面或一次采样的水质类别、水质状况和颜色、主要污染指标及超标倍数，并与目标类别比较。总氮（湖库）和粪大肠菌群单独评价，水温不评价。",
        "The class of a section or sample by the single-factor rule, its state and colour, the main pollutants with their multiples, and whether a target class is met. Total nitrogen (lakes) and faecal coliforms are evaluated by themselves; temperature is not.",
    ),
    standards: &[GB_3838, METHOD, STATISTICS, by_name::NAMES],
    rows: Rows::Each,
    columns,
    figures: &[("evaluated", "参评项目数", "items evaluated")],
    example: &[&[
        ("断面", "甲断面"),
        ("day", "2024-06-03"),
        ("body", "河流"),
        ("pH值", "7.8"),
        ("溶解氧(mg/L)", "6.4"),
        ("高锰酸盐指数(mg/L)", "7.2"),
        ("氨氮(mg/L)", "1.24"),
        ("总磷(mg/L)", "0.26"),
        ("target", "Ⅳ"),
    ]],
    judge,
};

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = vec![
        Column::text("section", "断面", "section")
            .or("station", &["断面名称", "点位", "点位名称", "站点", "point"]),
        Column::text("water_body", "水体名称", "water body")
            .or("river", &["河流名称", "所在水体", "湖库名称"]),
        Column::judged_day(),
    ];
    columns.extend(Standard::body_column(law).map(|column| {
        by_name::offered(column).note(
            "总磷的河流与湖库限值不同；不填且两者结论不同时不能判断。“按名称判断”由水体或断面的名称推断，结果标为未核对",
            "total phosphorus has different limits; where they give different classes and this is empty, no class. `by_name` guesses from the name of the water body or section, and says so",
        )
    }));
    columns.extend(Standard::columns(law));
    columns.push(
        Column::number("do_saturation", "溶解氧饱和率", "saturation of dissolved oxygen", Unit::Percent)
            .or("饱和率", &["DO%"])
            .note("≥90% 时溶解氧为Ⅰ类", "from 90 % dissolved oxygen is class I"),
    );
    columns.push(Column::signed("temp", "水温", "water temperature", Unit::Celsius).or("w01010", &["温度"]));
    columns.push(target_column(law));
    columns.push(statistic_column());
    columns.push(scope_column());
    columns
}

/// The class a section is to reach.
pub(super) fn target_column(law: &Law) -> Column {
    let grades = law.latest(GB_3838).and_then(|tables| tables.grades("classes")).map(|(_, grades)| grades);
    let limited = law.latest(GB_3838).and_then(|tables| tables.graded("basic")).map(|(_, body)| &body.grades);
    let choices = grades
        .unwrap_or_default()
        .iter()
        .filter(|grade| limited.is_some_and(|limited| limited.contains(&grade.id)))
        .map(|grade| ColumnChoice {
            id: grade.id.clone(),
            name: grade.name.clone(),
            aliases: grade.aliases.clone(),
        });
    Column::choice("target", "目标类别", "target class", choices.collect())
        .or("水质目标", &["考核目标", "目标", "功能区类别"])
}

pub(super) fn statistic_column() -> Column {
    let choices = vec![
        ColumnChoice::new("single", "单次值", "single value"),
        ColumnChoice::new("mean", "均值", "mean of a period"),
    ];
    Column::choice("statistic", "数据性质", "kind of value", choices).note(
        "均值（月、季、年）先按数据统计技术规定修约再比较；单次、小时值按报出值比较，不填视为单次值",
        "means (month, quarter, year) are rounded by the rules of statistics first; single and hourly values are compared as reported; empty is single",
    )
}

fn scope_column() -> Column {
    let choices = vec![
        ColumnChoice::new("complete", "按规定项目", "with the items a class needs"),
        ColumnChoice::new("measured", "按已测项目", "by the measured items"),
    ];
    Column::choice("scope", "评价范围", "items evaluated", choices).note(
        "不填时，缺 pH、溶解氧、高锰酸盐指数、氨氮之一就不给类别（已劣于Ⅴ类的除外）",
        "when empty, no class without pH, dissolved oxygen, permanganate index and ammonia nitrogen (unless worse than V already)",
    )
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let standard = match Standard::of(law, basis) {
        Ok(standard) => standard,
        Err(why) => return Answer::cannot_tell(why),
    };
    let Some(row) = rows.first() else { return Answer::cannot_tell(nothing_measured()) };
    let digits =
        if row.choice("statistic") == Some("mean") { standard::digits_of_means(law, basis) } else { None };
    let readings = standard.readings(row, digits.as_ref().map(|(_, _, digits)| *digits));
    let body = match by_name::body(law, row, basis) {
        Ok(body) => body,
        Err(why) => return Answer::cannot_tell(why),
    };
    let question = Question {
        readings: &readings,
        saturation: row.value("do_saturation"),
        body: body.id(),
        target: row.choice("target").and_then(|id| standard.limits.1.grades.iter().position(|one| one == id)),
        measured_only: row.choice("scope") == Some("measured"),
    };
    let mut answer = body.vouch(question.answer(&standard));
    if let Some((tables, sourced, _)) = &digits {
        answer = answer.by(tables.edition(), &[sourced]);
    }
    if row.cell("temp").is_some() {
        answer.excluded.push(Exclusion {
            what: Text::new("水温", "water temperature"),
            why: Text::new(
                "标准限制的是人为造成的周平均温升和温降，需本底水温",
                "the standard limits the man-made change of weekly means, which needs the natural temperature",
            ),
        });
    }
    answer
}

/// One sample to be judged.
pub(super) struct Question<'q, 'a> {
    pub(super) readings: &'q [(&'a Item, Option<Reading>)],
    pub(super) saturation: Option<Decimal>,
    pub(super) body: Option<&'q str>,
    pub(super) target: Option<usize>,
    /// Whether the items at hand are enough, whatever they are.
    pub(super) measured_only: bool,
}

impl<'a> Question<'_, 'a> {
    pub(super) fn answer(&self, standard: &Standard<'a>) -> Answer {
        let river_and_lake = ["river", "lake"];
        let bodies: Vec<&str> = self.body.map_or(river_and_lake.to_vec(), |body| vec![body]);
        let samples: Vec<Sample> =
            bodies.iter().map(|body| standard.sample(self.readings, self.saturation, body)).collect();
        // The last knows a limit for whatever has one.
        let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
            return Answer::cannot_tell(nothing_measured());
        };
        let mut answer = Answer::default().by(standard.gb.edition(), &[&standard.limits.0]);
        answer.items = last.items.iter().map(|judged| self.item(standard, first, judged)).collect();
        answer.excluded = self.exclusions(last);
        let (Some(class), Some(other)) = (first.class(), last.class()) else {
            answer.cannot_tell = Some(nothing_measured());
            return answer;
        };
        answer = answer.by(standard.method.edition(), &[&standard.counted.0, &standard.sections.0]);
        if self.readings.iter().any(|(_, reading)| matches!(reading, Some(Reading::Value(_, Some(_)))))
            && let Some((tables, sourced)) = standard.below_detection()
        {
            answer = answer.by(tables.edition(), &[sourced]);
        }
        let lacking = last.lacking(standard.core.1);
        let complete = lacking.is_empty() || class.min(other) == standard.worst();
        if let Some(target) = self.target {
            let passes = complete && lacks_phosphorus(last).is_none() && class.max(other) <= target;
            answer.meets = match class.min(other) > target {
                true => Some(false),
                false => passes.then_some(true),
            };
            if answer.meets.is_none() {
                answer.steps.push(Text::new(
                    "是否达到目标类别不能判断：项目不全，或水体类型不明",
                    "whether the target is met cannot be told: items are missing, or the kind of water is not known",
                ));
            }
        }
        if class != other {
            answer.cannot_tell = Some(CannotTell::new(
                "body_unknown",
                format!(
                    "水体类型不明：按河流为{}，按湖库为{}",
                    standard.class_name(class).zh,
                    standard.class_name(other).zh
                ),
                format!(
                    "the kind of water is not known: {} as a river, {} as a lake",
                    standard.class_name(class).en,
                    standard.class_name(other).en
                ),
            ));
            return answer;
        }
        if !complete && !self.measured_only {
            answer = answer.by(standard.method.edition(), &[&standard.core.0]);
            let (lacking, name) = (names(lacking), standard.class_name(class));
            answer.cannot_tell = Some(CannotTell::new(
                "incomplete",
                format!("缺{}，不给类别；已测项目最差为{}", lacking.zh, name.zh),
                format!("no class without {}; the worst of the measured items is {}", lacking.en, name.en),
            ));
            return answer;
        }
        self.state(standard, first, last, class, answer)
    }

    /// The class, its state, and what decided.
    fn state(
        &self,
        standard: &Standard<'a>,
        first: &Sample<'a>,
        last: &Sample<'a>,
        class: usize,
        mut answer: Answer,
    ) -> Answer {
        let counted = last.items.iter().filter(|one| one.counts).count();
        answer.class = standard.class_answer(class);
        let name = Text::new("参评项目数", "items evaluated");
        answer = answer.figure(Figure::new("evaluated", name, Decimal::from(counted), Unit::None));
        if let Some((state, colour)) =
            standard.grade(class).and_then(|grade| Some((grade.state.as_ref()?, grade.colour_name.as_ref()?)))
        {
            answer.steps.insert(
                0,
                Text::new(
                    format!("水质状况：{}，{}", state.zh, colour.zh),
                    format!("state: {}, {}", state.en, colour.en),
                ),
            );
        }
        let worst = names(last.worst().into_iter().map(|one| one.item));
        answer.steps.push(Text::new(
            format!("类别最差的项目：{}", worst.zh),
            format!("items of the worst class: {}", worst.en),
        ));
        if class <= standard.limit_class {
            if class != 0 {
                answer.deciding = last.worst().iter().map(|one| one.item.name.clone()).collect();
            }
            return answer;
        }
        let pollutants = |sample| -> Vec<Text> {
            standard.main_pollutants(sample).into_iter().map(|one| standard.pollutant(one)).collect()
        };
        let main = pollutants(last);
        if main == pollutants(first) {
            answer.deciding = main;
        } else {
            answer.steps.push(Text::new(
                "主要污染指标因水体类型不明不能确定",
                "the main pollutants cannot be told, the kind of water is not known",
            ));
        }
        if standard.main_pollutants(last).into_iter().any(|one| standard.is_first(one)) {
            answer = answer.by(standard.method.edition(), &[&standard.first.0]);
        }
        answer.by(standard.method.edition(), &[&standard.main])
    }

    /// An item; where the kind of water decides and is not known, without class.
    fn item(&self, standard: &Standard<'a>, first: &Sample<'a>, judged: &standard::Judged<'a>) -> ItemAnswer {
        let mut answer = standard.item_answer(judged, self.target);
        let twin = first.items.iter().find(|one| one.item.key == judged.item.key);
        let differs = match twin {
            Some(twin) => twin.class != judged.class || twin.multiple != judged.multiple,
            None => true,
        };
        if self.body.is_none() && differs {
            let river = twin
                .map_or_else(|| Text::new("没有限值", "no limit"), |twin| standard.class_name(twin.class));
            let lake = standard.class_name(judged.class);
            let note = Text::new(
                format!("水体类型不明：河流{}，湖库{}", river.zh, lake.zh),
                format!("the kind of water is not known: river {}, lake {}", river.en, lake.en),
            );
            answer.note = joined(&answer.note.into_iter().chain([note]).collect::<Vec<_>>());
            (answer.class, answer.meets, answer.multiple, answer.limit) = (None, None, None, None);
        }
        answer
    }

    fn exclusions(&self, sample: &Sample<'a>) -> Vec<Exclusion> {
        let mut excluded = Vec::new();
        if !sample.missing.is_empty() {
            let count = sample.missing.len();
            let missing = names(sample.missing.iter().copied());
            excluded.push(Exclusion {
                what: Text::new(format!("未测项目{count}项"), format!("{count} items not measured")),
                why: Text::new(format!("没有监测值：{}", missing.zh), format!("no value: {}", missing.en)),
            });
        }
        for item in &sample.unusable {
            excluded.push(Exclusion {
                what: item.name.clone(),
                why: Text::new("未检出，但没有给出检出限", "not detected, and no detection limit is stated"),
            });
        }
        for item in &sample.without_limit {
            excluded.push(Exclusion {
                what: item.name.clone(),
                why: Text::new("河流没有该项限值", "rivers have no limit for it"),
            });
        }
        excluded
    }
}

/// Whether total phosphorus, on which a pass depends beside the core items, is not there.
fn lacks_phosphorus<'a>(sample: &Sample<'a>) -> Option<&'a Item> {
    sample.missing.iter().chain(&sample.unusable).copied().find(|item| item.key == "tp")
}
