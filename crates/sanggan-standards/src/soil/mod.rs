//! Soil: farmland (GB 15618), the classes of cultivated land, construction land (GB 36600), sludge (GB 4284).
//!
//! `soil` takes samples of farmland and of construction land in one table and judges each by the standard of its land.

mod construction;
mod farmland;
mod sludge;

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{
    Answer, Assessment, CannotTell, Cell, Column, ColumnKind, Exclusion, Figure, ItemAnswer, Row, Rows,
};
use crate::edition::{Text, Theme};
use crate::law::Law;
use crate::schema::general::Grade;
use crate::single_factor::{self, Span};

/// Decimals of an exceedance multiple.
const MULTIPLE_DIGITS: u32 = 2;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[
    Assessment {
        id: "soil",
        theme: Theme::Soil,
        title: ("土壤（农用地和建设用地）", "Soil of farmland and construction land"),
        about: (
            "按“土地利用”一栏决定适用标准：水田、水旱轮作地、果园、其他按 GB 15618 判定，第一类、第二类用地按 GB 36600 判定。",
            "The column `land` decides the standard: paddy, rotation, orchard and other farmland by GB 15618, first and second type of development land by GB 36600.",
        ),
        standards: &[farmland::GB_15618, construction::GB_36600],
        rows: Rows::Each,
        columns: |law| {
            let mut columns = farmland::columns(law);
            for more in construction::columns(law) {
                match columns.iter_mut().find(|column| column.key == more.key) {
                    Some(column) => join(column, more),
                    None => columns.push(more),
                }
            }
            columns
        },
        figures: FIGURES,
        example: farmland::EXAMPLE,
        judge: |law, rows, basis| {
            let land = rows.first().and_then(|row| row.choice("land"));
            let (answer, known) = match land {
                Some(land) if construction::is_its_land(law, land) => {
                    let answer = construction::judge(law, rows, Assessment::by_day(basis));
                    (answer, construction::columns(law))
                }
                _ => (farmland::judge(law, rows, basis), farmland::columns(law)),
            };
            let answer = answer.map(|answer| without_value(law, answer, rows, &known));
            answer.unwrap_or_else(Answer::cannot_tell)
        },
    },
    Assessment {
        id: "farmland-soil",
        theme: Theme::Soil,
        title: ("农用地土壤", "Farmland soil"),
        about: (
            "按 GB 15618 以土壤pH和土地利用取筛选值、管制值，给出风险低、可能存在风险或风险高，以及各项目超筛选值倍数。",
            "Farmland soil by GB 15618: screening and control values by pH and land use, the risk (low, possible, high), and each item's multiple over the screening value.",
        ),
        standards: &[farmland::GB_15618],
        rows: Rows::Each,
        columns: farmland::columns,
        figures: FIGURES,
        example: farmland::EXAMPLE,
        judge: |law, rows, basis| farmland::judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
    },
    Assessment {
        id: "cultivated-land",
        theme: Theme::Soil,
        title: ("耕地土壤环境质量类别", "Class of cultivated land"),
        about: (
            "按土壤中镉、汞、砷、铅、铬五项划分优先保护类、安全利用类、严格管控类。只依据土壤，不含农产品协同监测结果的调整。",
            "Priority protection, safe use or strict control, by cadmium, mercury, arsenic, lead and chromium in the soil. By soil only: adjustments by what is found in crops are left undecided.",
        ),
        standards: &[farmland::GB_15618],
        rows: Rows::Each,
        columns: farmland::columns,
        figures: FIGURES,
        example: farmland::EXAMPLE,
        judge: |law, rows, basis| farmland::divide(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
    },
    Assessment {
        id: "construction-land",
        theme: Theme::Soil,
        title: ("建设用地土壤", "Soil of construction land"),
        about: (
            "按 GB 36600 第一类、第二类用地的筛选值和管制值判定：风险可忽略、应开展详细调查、风险不可接受。砷、钴、钒可另填土壤环境背景值。",
            "Soil of development land by GB 36600, first or second type: negligible risk, detailed investigation due, unacceptable risk. For arsenic, cobalt and vanadium the natural background may be given.",
        ),
        standards: &[construction::GB_36600],
        rows: Rows::Each,
        columns: construction::columns,
        figures: FIGURES,
        example: &[&[
            ("point", "S3"),
            ("day", "2026-04-20"),
            ("land", "第二类用地"),
            ("as", "75"),
            ("cd", "0.6"),
            ("pb", "310"),
            ("cr6", "0.5L"),
            ("bap", "0.2"),
        ]],
        judge: |law, rows, basis| construction::judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
    },
    sludge::SLUDGE,
];

const FIGURES: &[(&str, &str, &str)] = &[
    ("items", "参评项目数", "items judged"),
    ("over_screening", "超过筛选值的项目数", "items above the screening value"),
    ("over_control", "超过管制值的项目数", "items above the control value"),
];

/// One column for both standards: all names, and for a choice all answers.
fn join(column: &mut Column, more: Column) {
    let names = more.aliases.into_iter().chain([more.name.zh, more.name.en]);
    for name in names {
        if !column.is_called(&name) {
            column.aliases.push(name);
        }
    }
    if let (ColumnKind::Choice(have), ColumnKind::Choice(more)) = (&mut column.kind, more.kind) {
        have.extend(more);
    }
}

/// Names what was measured and has no value in the standard of this land: it is passed over, not met.
fn without_value(law: &Law, mut answer: Answer, rows: &[Row], known: &[Column]) -> Answer {
    let all: Vec<Column> = farmland::columns(law).into_iter().chain(construction::columns(law)).collect();
    for key in rows.iter().flat_map(Row::keys) {
        // A pH is asked of farmland only, and says nothing by itself.
        if key != "ph" && known.iter().all(|column| column.key != key) {
            answer.excluded.push(Exclusion {
                what: all
                    .iter()
                    .find(|column| column.key == key)
                    .map_or_else(|| Text::same(key), |column| column.name.clone()),
                why: Text::new(
                    "该类用地的标准没有此项目的限值",
                    "the standard of this land has no value for it",
                ),
            });
        }
    }
    answer
}

fn head() -> Vec<Column> {
    vec![
        Column::text("point", "采样点", "sampling point")
            .or("site", &["点位", "点位编号", "地块", "样品编号"]),
        Column::judged_day(),
    ]
}

/// The screening and the control value of an item; some items have no control value.
#[derive(Debug, Clone, Copy)]
struct Values {
    screening: Decimal,
    control: Option<Decimal>,
}

/// At or below the screening value, up to the control value, above it.
const AT_MOST_SCREENING: usize = 0;
const ABOVE_SCREENING: usize = 1;
const ABOVE_CONTROL: usize = 2;

/// One item compared with its two values.
fn item(
    key: &str,
    name: &Text,
    unit: Unit,
    cell: &Cell,
    values: Values,
    background: Option<Decimal>,
    grades: &[Grade],
) -> Option<(ItemAnswer, Span)> {
    let grade = |value: Decimal| {
        if values.control.is_some_and(|control| control < value) {
            ABOVE_CONTROL
        } else if values.screening < value {
            ABOVE_SCREENING
        } else {
            AT_MOST_SCREENING
        }
    };
    let mut span = single_factor::of_amount(cell, grade)?;
    let mut note = single_factor::note_of(cell, span);
    // Nature put it there: land at or below the natural background is not managed as contaminated.
    if let (Some(background), Some(value)) = (background, single_factor::value_of(cell))
        && value <= background
        && span.worst != AT_MOST_SCREENING
    {
        span = Span::of(AT_MOST_SCREENING);
        note = Some(Text::new(
            format!("高于筛选值，但不高于土壤环境背景值 {background}，不纳入污染地块管理"),
            format!(
                "above the screening value, but not above the background {background}: not managed as contaminated"
            ),
        ));
    }
    let (screening, control) = (values.screening.normalize(), values.control.map(|value| value.normalize()));
    let limit = match control {
        Some(control) => Text::new(
            format!("筛选值 {screening}，管制值 {control}"),
            format!("screening {screening}, control {control}"),
        ),
        None => Text::new(format!("筛选值 {screening}"), format!("screening {screening}")),
    };
    let class = span.known().and_then(|known| grades.get(known));
    let answer = ItemAnswer {
        key: key.to_owned(),
        name: name.clone(),
        value: single_factor::value_of(cell),
        unit,
        limit: Some(limit),
        class: class.map(|grade| single_factor::class(grades, &grade.id)),
        meets: span.meets(AT_MOST_SCREENING),
        multiple: single_factor::multiple(cell, values.screening, MULTIPLE_DIGITS),
        note,
    };
    Some((answer, span))
}

/// The answer of all items: the grade of the worst, or why there is none.
fn whole(items: Vec<(ItemAnswer, Span)>, missing: &[&Text], grades: &[Grade]) -> Result<Answer, CannotTell> {
    let spans: Vec<Span> = items.iter().map(|(_, span)| *span).collect();
    let whole = single_factor::worst(spans.iter().copied()).ok_or(crate::Unjudged::NothingMeasured)?;
    let beyond = |grade: usize| spans.iter().filter(|span| span.meets(grade) == Some(false)).count();
    let mut answer = Answer {
        meets: whole.meets(AT_MOST_SCREENING),
        figures: vec![
            count("items", spans.len()),
            count("over_screening", beyond(AT_MOST_SCREENING)),
            count("over_control", beyond(ABOVE_SCREENING)),
        ],
        excluded: single_factor::not_measured(missing).into_iter().collect(),
        ..Answer::default()
    };
    match whole.known().and_then(|known| grades.get(known).map(|grade| (known, grade))) {
        Some((known, grade)) => {
            answer.class = Some(single_factor::class(grades, &grade.id));
            answer.steps.extend(grade.text.clone());
            let worst = items.iter().filter(|(_, span)| 0 < known && span.known() == Some(known));
            answer.deciding = worst.map(|(item, _)| item.name.clone()).collect();
        }
        None => answer.cannot_tell = Some(doubtful(&items, whole)),
    }
    answer.items = items.into_iter().map(|(item, _)| item).collect();
    Ok(answer)
}

/// Which items keep the whole from having a grade.
fn doubtful(items: &[(ItemAnswer, Span)], whole: Span) -> CannotTell {
    let names: Vec<&Text> = items
        .iter()
        .filter(|(_, span)| span.known().is_none() && whole.best < span.worst)
        .map(|(item, _)| &item.name)
        .collect();
    let names = Text::joined(&names, "、", ", ");
    CannotTell::new(
        "detection_limit",
        format!("{}的检出限高于筛选值，不能判定", names.zh),
        format!("the detection limit of {} is above the screening value", names.en),
    )
}

fn not_an_amount(name: &Text) -> CannotTell {
    CannotTell::new(
        "not_a_value",
        format!("{}：不能写作未检出", name.zh),
        format!("{}: it cannot be given as not detected", name.en),
    )
}

fn count(key: &str, number: usize) -> Figure {
    let name = FIGURES.iter().find(|(id, ..)| *id == key);
    let name = name.map_or_else(|| Text::same(key), |(_, zh, en)| Text::new(*zh, *en));
    Figure::new(key, name, Decimal::from(number), Unit::Count)
}

/// The pH of a soil as a column: 0 to 14.
fn ph_column() -> Column {
    let mut column = Column::number("ph", "土壤pH", "soil pH", Unit::None).or("pH", &["pH值", "酸碱度"]);
    column.kind =
        ColumnKind::Number { unit: Unit::None, min: Some(Decimal::ZERO), max: Some(Decimal::from(14)) };
    column
}

/// A measured pH.
fn ph_of(row: &Row) -> Result<Decimal, CannotTell> {
    match row.cell("ph") {
        Some(Cell::Number(measured)) if !measured.below_detection => Ok(measured.value),
        Some(_) => Err(not_an_amount(&Text::new("土壤pH", "soil pH"))),
        None => Err(CannotTell::new(
            "missing",
            "缺少：土壤pH，筛选值按pH分档",
            "missing: soil pH, by which the values are graded",
        )),
    }
}
