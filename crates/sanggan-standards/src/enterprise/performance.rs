//! performance-grade/grade of an enterprise
//!
//! # What it decides
//! The performance grade of an enterprise of a key industry: the lowest of the grades of its items; and which items keep
//! it there.
//!
//! # What it leaves undecided
//! The grade of each item by the indicators of its industry, and the measures: they are in the plan of each plant.
//!
//! # Source
//! 环办大气函〔2020〕340号: `data/performance-grade/`, unconfirmed.
//!
//! * GRADE-1: an item without a grade leaves the whole open, unless another already is of the lowest grade.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::Unjudged;
use crate::assess::{
    Answer, Assessment, CannotTell, Column, ColumnChoice, Exclusion, Figure, ItemAnswer, Row, Rows,
};
use crate::edition::{Basis, Text, Theme};
use crate::law::Law;
use crate::schema::general::{Grade, List};
use crate::single_factor::class;

const STANDARD: &str = "performance-grade";

/// Says that the industry does not have the item.
const NOT_APPLICABLE: &str = "not_applicable";

pub(super) const ASSESSMENT: Assessment = Assessment {
    id: "performance-grade",
    theme: Theme::Enterprise,
    title: ("重点行业绩效分级", "Performance grade of an enterprise"),
    about: (
        "由装备水平、能源类型、污染治理技术等九项指标各自的等级确定企业绩效等级（取最低），并指出制约等级的指标；各项等级按分行业指标由评定人员填报，减排措施以一厂一策清单为准。",
        "The performance grade of an enterprise from the grades of its nine items (the lowest counts) and the items that keep it there. The grade of each item is the officer's, by the indicators of the industry; measures are those of the plant's own plan.",
    ),
    standards: &[STANDARD],
    rows: Rows::Each,
    columns,
    figures: &[("items", "参评指标数", "items judged")],
    example: &[&[
        ("enterprise", "朔州某水泥公司"),
        ("industry", "水泥"),
        ("day", "2026-09-10"),
        ("equipment", "A"),
        ("energy", "A"),
        ("treatment", "B"),
        ("limits", "A"),
        ("fugitive", "B"),
        ("monitoring", "A"),
        ("management", "A"),
        ("transport", "C"),
        ("transport_control", "B"),
    ]],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn columns(law: &Law) -> Vec<Column> {
    let mut columns = vec![
        Column::text("enterprise", "企业名称", "enterprise").or("company", &["企业", "单位名称"]),
        Column::text("industry", "行业", "industry").or("sector", &["行业类别", "行业类型"]),
        Column::judged_day().or("评定日期", &[]),
    ];
    let Some(tables) = law.latest(STANDARD) else { return columns };
    let Some(((_, grades), (_, items))) = tables.grades("grades").zip(tables.list("items")) else {
        return columns;
    };
    let mut choices: Vec<ColumnChoice> = grades
        .iter()
        .map(|grade| ColumnChoice {
            id: grade.id.clone(),
            name: grade.name.clone(),
            aliases: grade.aliases.clone(),
        })
        .collect();
    let mut none = ColumnChoice::new(NOT_APPLICABLE, "不涉及", "does not apply");
    none.aliases = ["不适用", "无此项"].map(str::to_owned).to_vec();
    choices.push(none);
    columns.extend(items.row.iter().map(|item| {
        Column::choice(&item.id, &item.name.zh, &item.name.en, choices.clone())
            .or(&format!("{}等级", item.name.zh), &[])
            .note("行业没有此项指标的填“不涉及”", "`does not apply` where the industry lacks the item")
    }));
    columns
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let row = rows.first().ok_or(Unjudged::NothingMeasured)?;
    let tables = law.tables(STANDARD, basis)?;
    let (grade_source, grades) = tables.need(tables.grades("grades"), "grades")?;
    let (item_source, items) = tables.need(tables.list("items"), "items")?;
    let (_, schemes) = tables.need(tables.list("schemes"), "schemes")?;
    let mut answer = Answer::default();
    let (mut given, mut missing): (Vec<(usize, ItemAnswer)>, Vec<&Text>) = (Vec::new(), Vec::new());
    for item in &items.row {
        let Some(id) = row.choice(&item.id) else {
            missing.push(&item.name);
            continue;
        };
        let Some(at) = grades.iter().position(|grade| grade.id == id) else {
            answer.excluded.push(Exclusion {
                what: item.name.clone(),
                why: Text::new("行业没有此项指标", "the industry does not have the item"),
            });
            continue;
        };
        let answered = ItemAnswer {
            key: item.id.clone(),
            name: item.name.clone(),
            value: None,
            unit: Unit::None,
            limit: None,
            class: Some(class(grades, id)),
            meets: None,
            multiple: None,
            note: None,
        };
        given.push((at, answered));
    }
    let worst = given.iter().map(|(at, _)| *at).max().ok_or(Unjudged::NothingMeasured)?;
    let scheme = one_scheme(schemes, grades, &given)?;
    let lowest = grades.iter().rposition(|grade| scheme_of(schemes, &grade.id) == scheme);
    let (grade, name) =
        grades.get(worst).map(|grade| (grade.id.as_str(), &grade.name)).ok_or(Unjudged::NothingMeasured)?;
    let best = grades.iter().position(|grade| scheme_of(schemes, &grade.id) == scheme);
    if missing.is_empty() || Some(worst) == lowest {
        answer.class = Some(class(grades, grade));
        answer.excluded.extend(crate::single_factor::not_measured(&missing));
        if Some(worst) != best {
            let keeping = given.iter().filter(|(at, _)| *at == worst);
            answer.deciding = keeping.map(|(_, item)| item.name.clone()).collect();
        }
        answer.steps.extend(grades.get(worst).and_then(|grade| grade.text.clone()));
    } else {
        let names = Text::joined(&missing, "、", ", ");
        answer.cannot_tell = Some(CannotTell::new(
            "missing",
            format!("缺少：{}；已知各项最低为{}，企业等级不会更高", names.zh, name.zh),
            format!(
                "missing: {}; the lowest known is {}, the enterprise cannot be better",
                names.en, name.en
            ),
        ));
    }
    let count = Decimal::from(given.len());
    answer.figures = vec![Figure::new("items", Text::new("参评指标数", "items judged"), count, Unit::Count)];
    answer.items = given.into_iter().map(|(_, item)| item).collect();
    answer.steps.push(Text::new(
        "企业等级取各项指标的最低等级；行业设有哪些等级以分行业指标为准，减排措施以一厂一策清单为准",
        "the lowest grade of the items is that of the enterprise; which grades an industry has is in its indicators, the measures in the plan of the plant",
    ));
    Ok(answer.by(tables.edition(), &[&grade_source, &item_source]))
}

fn scheme_of<'l>(schemes: &'l List, grade: &str) -> Option<&'l str> {
    schemes.row.iter().find(|row| row.id == grade)?.parent.as_deref()
}

/// The way of grading all items share.
fn one_scheme<'l>(
    schemes: &'l List,
    grades: &[Grade],
    given: &[(usize, ItemAnswer)],
) -> Result<Option<&'l str>, CannotTell> {
    let mut found =
        given.iter().filter_map(|(at, _)| grades.get(*at)).map(|grade| scheme_of(schemes, &grade.id));
    let first = found.next().flatten();
    match found.all(|one| one == first) {
        true => Ok(first),
        false => Err(CannotTell::new(
            "unlike",
            "有的指标按A至D级、有的按引领性评定，不能合并",
            "some items are graded A to D, others as leading or not: they cannot be put together",
        )),
    }
}
