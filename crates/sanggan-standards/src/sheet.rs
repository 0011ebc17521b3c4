//! The law as people read it: every table of every edition as columns and rows of text in both languages.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::edition::{EditionId, Sourced, Text};
use crate::law::Law;
use crate::schema::general::{
    Band, Bound, Circumstance as CircumstanceForm, Condition, Item, LimitCell, When,
};
use crate::schema::{Above, Content, TableForm};
use crate::{Averaging, Status};

/// One table, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// The table's id in the data file.
    pub id: String,
    /// Its kind in the data file.
    pub kind: &'static str,
    /// Its title, or its clause when the standard gives it none.
    pub title: Text,
    /// The formula that goes with it, in the standard's symbols.
    pub formula: Option<Text>,
    /// Clause, source, status, rounding, note.
    pub sourced: Sourced,
    /// The headings.
    pub columns: Vec<Text>,
    /// The rows, a cell a column.
    pub rows: Vec<SheetRow>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetRow {
    /// A cell a column.
    pub cells: Vec<Text>,
    /// Colour of the class the row is about.
    pub colour: Option<String>,
    /// The row's status where it differs from the table's.
    pub status: Option<Status>,
    /// A doubt or exception of the row.
    pub note: Option<Text>,
}

impl From<Vec<Text>> for SheetRow {
    fn from(cells: Vec<Text>) -> SheetRow {
        SheetRow { cells, colour: None, status: None, note: None }
    }
}

impl Law {
    /// Every table of an edition as a sheet.
    pub fn sheets(&self, edition: &EditionId) -> Vec<Sheet> {
        let found = self.by_id(edition.as_str());
        let tables = found.iter().flat_map(|one| one.tables.iter().map(|table| (table, &one.circumstances)));
        tables.map(|(table, own)| sheet(self, own, table)).collect()
    }
}

fn head(zh: &str, en: &str) -> Text {
    Text::new(zh, en)
}

fn sheet(law: &Law, own: &[CircumstanceForm], table: &TableForm) -> Sheet {
    let (kind, columns, rows) = body(law, own, &table.content);
    Sheet {
        id: table.id.clone(),
        kind,
        title: table.heading(),
        formula: table.formula.clone(),
        sourced: table.sourced(),
        columns,
        rows,
    }
}

type Body = (&'static str, Vec<Text>, Vec<SheetRow>);

fn body(law: &Law, own: &[CircumstanceForm], content: &Content) -> Body {
    let parameter = || head("项目", "Item");
    let unit = || head("单位", "Unit");
    let averaging = || head("平均时间", "Averaging time");
    match content {
        Content::Limits(body) => {
            let row = |row: &crate::schema::LimitRow| -> SheetRow {
                let name = body.name.get(&row.parameter).cloned();
                vec![
                    name.unwrap_or_else(|| code_name(law, row.parameter.as_str())),
                    averaging_name(&row.averaging),
                    number(row.first),
                    number(row.second),
                    unit_text(row.unit),
                ]
                .into()
            };
            let columns =
                vec![parameter(), averaging(), head("一级", "Grade 1"), head("二级", "Grade 2"), unit()];
            ("limits", columns, body.row.iter().map(row).collect())
        }
        Content::Breakpoints(body) => {
            let mut columns = vec![parameter(), averaging(), unit()];
            columns.extend(body.index.iter().map(|index| Text::same(format!("IAQI {index}"))));
            let row = |row: &crate::schema::BreakpointRow| -> SheetRow {
                let mut cells = vec![
                    code_name(law, row.parameter.as_str()),
                    averaging_name(&row.averaging),
                    unit_text(row.unit),
                ];
                cells.extend(row.concentration.iter().map(|one| number(*one)));
                if let Some(above) = &row.above {
                    cells.push(match above {
                        Above::Index(index) => {
                            Text::new(format!("以上为 {index}"), format!("above: {index}"))
                        }
                        Above::Use(name) => {
                            let name = averaging_name(name);
                            Text::new(format!("以上用{}", name.zh), format!("above: by {}", name.en))
                        }
                    });
                }
                cells.resize(columns.len(), Text::same("-"));
                cells.into()
            };
            let rows = body.row.iter().map(row).collect();
            ("breakpoints", columns, rows)
        }
        Content::Report(body) => {
            let row = |row: &crate::schema::ReportRow| -> SheetRow {
                vec![
                    code_name(law, row.parameter.as_str()),
                    averaging_name(&row.averaging),
                    averaging_name(&row.breakpoints),
                ]
                .into()
            };
            let columns = vec![parameter(), averaging(), head("分级限值行", "Breakpoint row")];
            ("report", columns, body.row.iter().map(row).collect())
        }
        Content::Classes(body) => {
            let columns = vec![
                head("指数", "Index"),
                head("级别", "Level"),
                head("类别", "Class"),
                head("颜色", "Colour"),
                head("对健康的影响", "Effect on health"),
                head("建议措施", "Advice"),
            ];
            let row = |class: &crate::AqiClass| SheetRow {
                colour: Some(class.colour.clone()),
                ..vec![
                    Text::same(format!("{}–{}", class.from, class.to)),
                    class.level.clone(),
                    class.name.clone(),
                    class.colour_name.clone(),
                    class.effect.clone(),
                    class.advice.clone(),
                ]
                .into()
            };
            ("classes", columns, body.row.iter().map(row).collect())
        }
        Content::Texts(body) => {
            let row = |row: &crate::schema::TextRow| -> SheetRow {
                vec![code_name(law, row.parameter.as_str()), row.text.clone()].into()
            };
            ("texts", vec![parameter(), head("内容", "Text")], body.row.iter().map(row).collect())
        }
        Content::Annual(body) => {
            let row = |row: &crate::schema::AnnualRow| -> SheetRow {
                vec![
                    code_name(law, row.parameter.as_str()),
                    figure_name(&row.figure),
                    averaging_name(&row.limit),
                    body.digits
                        .get(&row.parameter)
                        .map_or(Text::same("-"), |digits| Text::same(digits.to_string())),
                ]
                .into()
            };
            let columns = vec![
                parameter(),
                head("统计指标", "Figure"),
                head("所用限值", "Limit"),
                head("小数位", "Decimals"),
            ];
            ("annual", columns, body.row.iter().map(row).collect())
        }
        Content::Composite(body) => {
            let row = |row: &crate::schema::CompositeRow| -> SheetRow {
                vec![
                    code_name(law, row.parameter.as_str()),
                    figure_name(&row.figure),
                    averaging_name(&row.limit),
                    number(row.weight),
                ]
                .into()
            };
            let columns = vec![
                parameter(),
                head("统计指标", "Figure"),
                head("所用限值", "Limit"),
                head("权重", "Weight"),
            ];
            ("composite", columns, body.row.iter().map(row).collect())
        }
        Content::Values(body) => {
            let row = |(key, value): (&String, &f64)| -> SheetRow {
                let name = body.name.get(key).cloned().unwrap_or_else(|| Text::same(key.clone()));
                vec![name, Text::same(value.to_string())].into()
            };
            (
                "values",
                vec![head("名称", "Name"), head("数值", "Value")],
                body.value.iter().map(row).collect(),
            )
        }
        Content::Grades(body) => {
            let columns = vec![
                head("类别", "Class"),
                head("状况", "State"),
                head("颜色", "Colour"),
                head("说明", "Meaning"),
            ];
            let row = |grade: &crate::Grade| SheetRow {
                colour: grade.colour.clone(),
                ..vec![
                    grade.name.clone(),
                    or_dash(&grade.state),
                    or_dash(&grade.colour_name),
                    or_dash(&grade.text),
                ]
                .into()
            };
            ("grades", columns, body.row.iter().map(row).collect())
        }
        Content::Graded(body) => {
            let conditions = body.row.iter().any(|row| !row.when.is_empty());
            let mut columns = vec![parameter()];
            columns.extend(conditions.then(|| head("适用", "When")));
            columns.extend(body.grades.iter().map(|grade| Text::same(grade.clone())));
            columns.push(unit());
            let row = |row: &crate::GradedRow| {
                let item = body.item(&row.item);
                let mut cells =
                    vec![item.map_or_else(|| Text::same(row.item.clone()), |item| item.name.clone())];
                cells.extend(conditions.then(|| conditions_text(own, &row.when)));
                cells.extend(row.limits.iter().map(|limit| limit_text(row.bound, limit)));
                cells.push(item.map_or_else(|| Text::same("-"), |item| unit_text(item.unit)));
                SheetRow { cells, colour: None, status: row.status, note: row.note.clone() }
            };
            ("graded", columns, body.row.iter().map(row).collect())
        }
        Content::Conditional(body) => {
            let columns = vec![
                parameter(),
                head("适用", "When"),
                averaging(),
                head("限值", "Limit"),
                unit(),
                head("条款", "Clause"),
            ];
            let row = |row: &crate::ConditionalRow| {
                let item = body.item.iter().find(|item| item.key == row.item);
                let limit = match (row.min, row.max, &row.word) {
                    (Some(min), Some(max), _) => Text::same(format!("{min}–{max}")),
                    (None, Some(max), _) => Text::same(format!("≤ {max}")),
                    (Some(min), None, _) => Text::same(format!("≥ {min}")),
                    (None, None, word) => or_dash(word),
                };
                SheetRow {
                    cells: vec![
                        item.map_or_else(|| Text::same(row.item.clone()), |item| item.name.clone()),
                        conditions_text(own, &row.when),
                        row.averaging.as_deref().map_or(Text::same("-"), averaging_name),
                        limit,
                        item.map_or_else(|| Text::same("-"), |item| unit_text(item.unit)),
                        or_dash(&row.clause),
                    ],
                    colour: None,
                    status: row.status,
                    note: row.note.clone(),
                }
            };
            ("conditional", columns, body.row.iter().map(row).collect())
        }
        Content::Bands(body) => {
            let conditions = body.row.iter().any(|row| !row.when.is_empty());
            let mut columns = vec![head("类别", "Class")];
            columns.extend(conditions.then(|| head("适用", "When")));
            columns.extend([head("范围", "Range"), unit(), head("说明", "Meaning")]);
            let row = |band: &Band| {
                let mut cells = vec![band.name.clone()];
                cells.extend(conditions.then(|| conditions_text(own, &band.when)));
                cells.extend([Text::same(span_text(band)), unit_text(body.unit), or_dash(&band.text)]);
                SheetRow { colour: band.colour.clone(), ..cells.into() }
            };
            ("bands", columns, body.row.iter().map(row).collect())
        }
        Content::Factors(body) => {
            let conditions = body.row.iter().any(|row| !row.when.is_empty());
            let mut columns = vec![head("名称", "Name")];
            columns.extend(conditions.then(|| head("适用", "When")));
            columns.extend(body.column.iter().map(|column| {
                let unit = column.unit.symbol();
                let unit = if unit == "1" { String::new() } else { format!(" ({unit})") };
                Text::new(format!("{}{unit}", column.name.zh), format!("{}{unit}", column.name.en))
            }));
            let row = |row: &crate::FactorRow| {
                let mut cells = vec![row.name.clone()];
                cells.extend(conditions.then(|| conditions_text(own, &row.when)));
                cells.extend(body.column.iter().map(|column| match row.values.get(&column.key) {
                    Some(value) => number(*value),
                    None => Text::same("-"),
                }));
                SheetRow { cells, colour: None, status: row.status, note: row.note.clone() }
            };
            ("factors", columns, body.row.iter().map(row).collect())
        }
        Content::Scores(body) => {
            let columns = vec![
                head("项目", "Question"),
                head("作用", "Role"),
                head("权重", "Weight"),
                head("选项", "Answer"),
                head("分值", "Points"),
            ];
            let mut rows = Vec::new();
            for score in &body.row {
                let lead = |option: Option<&crate::ScoreOption>| SheetRow {
                    note: score.note.clone(),
                    ..vec![
                        score.name.clone(),
                        Text::same(score.role.clone().unwrap_or_else(|| "-".to_owned())),
                        score.weight.map_or(Text::same("-"), number),
                        option.map_or(Text::same("-"), |option| option.name.clone()),
                        option.map_or(Text::same("-"), |option| number(option.points)),
                    ]
                    .into()
                };
                if score.option.is_empty() {
                    rows.push(lead(None));
                }
                rows.extend(score.option.iter().map(|option| lead(Some(option))));
            }
            ("scores", columns, rows)
        }
        Content::List(body) => {
            let mut columns = vec![head("编号", "Code"), head("名称", "Name"), head("说明", "Meaning")];
            let conditions = body.row.iter().any(|row| !row.when.is_empty());
            columns.extend(conditions.then(|| head("适用", "When")));
            let row = |row: &crate::ListRow| {
                let mut cells = vec![Text::same(row.id.clone()), row.name.clone(), or_dash(&row.text)];
                cells.extend(conditions.then(|| conditions_text(own, &row.when)));
                SheetRow { cells, colour: None, status: row.status, note: row.note.clone() }
            };
            ("list", columns, body.row.iter().map(row).collect())
        }
    }
}

fn or_dash(text: &Option<Text>) -> Text {
    text.clone().unwrap_or_else(|| Text::same("-"))
}

/// A plain number has no unit to show.
fn unit_text(unit: Unit) -> Text {
    Text::same(if unit == Unit::None { "-" } else { unit.symbol() })
}

fn number(value: Decimal) -> Text {
    Text::same(value.normalize().to_string())
}

fn code_name(law: &Law, code: &str) -> Text {
    match crate::Pollutant::from_code_str(code) {
        Some(pollutant) => Text::new(
            format!("{} {}", pollutant.name_zh(), pollutant.symbol()),
            pollutant.symbol().to_owned(),
        ),
        None => law.item_name(code).unwrap_or_else(|| Text::same(code)),
    }
}

fn averaging_name(name: &str) -> Text {
    let zh = Averaging::from_name(name).map_or_else(|| name.to_owned(), |one| one.name_zh().to_owned());
    Text::new(zh, name.replace('_', " "))
}

/// `mean` and `p95` in words.
fn figure_name(name: &str) -> Text {
    match crate::FigureKind::from_name(name) {
        Some(crate::FigureKind::Mean) => Text::new("平均值", "mean"),
        Some(crate::FigureKind::Percentile(percent)) => {
            Text::new(format!("第{percent}百分位数"), format!("percentile {percent}"))
        }
        None => Text::same(name),
    }
}

pub(crate) fn limit_text(bound: Bound, limit: &LimitCell) -> Text {
    match (bound, limit) {
        (Bound::Max, LimitCell::Number(limit)) => Text::same(format!("≤ {}", limit.normalize())),
        (Bound::Min, LimitCell::Number(limit)) => Text::same(format!("≥ {}", limit.normalize())),
        (_, LimitCell::Number(limit)) => number(*limit),
        (_, LimitCell::Range(from, to)) => Text::same(format!("{from}–{to}")),
        (_, LimitCell::Word(word)) => crate::words::word(word),
    }
}

fn span_text(band: &Band) -> String {
    let from = band
        .at_least
        .map(|bound| format!("≥ {}", bound.normalize()))
        .or(band.above.map(|bound| format!("> {}", bound.normalize())));
    let to = band
        .at_most
        .map(|bound| format!("≤ {}", bound.normalize()))
        .or(band.below.map(|bound| format!("< {}", bound.normalize())));
    [from, to].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn conditions_text(own: &[CircumstanceForm], when: &When) -> Text {
    if when.is_empty() {
        return Text::same("-");
    }
    let parts: Vec<Text> = when.iter().map(|(key, condition)| condition_text(own, key, condition)).collect();
    Text::joined(&parts.iter().collect::<Vec<_>>(), "；", "; ")
}

/// One condition in words, by the names the file itself gives its circumstances.
fn condition_text(own: &[CircumstanceForm], key: &str, condition: &Condition) -> Text {
    let declared = own.iter().find(|one| one.key == key);
    let choice = |id: &String| {
        let found = declared.into_iter().flat_map(|one| &one.choice).find(|choice| choice.id == *id);
        found.map_or_else(|| Text::same(id.clone()), |choice| choice.name.clone())
    };
    let name = declared.map_or_else(|| Text::same(key), |one| one.name.clone());
    match condition {
        // A bare yes or no says nothing without its question.
        Condition::Is(id) if matches!(id.as_str(), "yes" | "no") => {
            let answer = choice(id);
            Text::new(format!("{}：{}", name.zh, answer.zh), format!("{}: {}", name.en, answer.en))
        }
        Condition::Is(id) => choice(id),
        Condition::OneOf(ids) => {
            let names: Vec<Text> = ids.iter().map(choice).collect();
            Text::joined(&names.iter().collect::<Vec<_>>(), "、", " or ")
        }
        Condition::Within(span) => {
            let bounds = [
                span.at_least.map(|bound| format!("≥ {bound}")),
                span.above.map(|bound| format!("> {bound}")),
                span.at_most.map(|bound| format!("≤ {bound}")),
                span.below.map(|bound| format!("< {bound}")),
                span.from.map(|day| format!("≥ {day}")),
                span.before.map(|day| format!("< {day}")),
            ];
            let bounds = bounds.into_iter().flatten().collect::<Vec<_>>().join(", ");
            Text::new(format!("{} {bounds}", name.zh), format!("{} {bounds}", name.en))
        }
    }
}

impl Law {
    /// A circumstance by its key.
    pub fn circumstance(&self, key: &str) -> Option<&crate::CircumstanceForm> {
        self.loaded.iter().flat_map(|one| &one.circumstances).find(|one| one.key == key)
    }

    /// The name of an HJ 524/525 code in the tables of the law.
    pub fn item_name(&self, code: &str) -> Option<Text> {
        let items = self.loaded.iter().flat_map(|one| &one.tables).flat_map(|table| match &table.content {
            Content::Graded(body) => body.item.as_slice(),
            Content::Conditional(body) => body.item.as_slice(),
            _ => &[],
        });
        items
            .into_iter()
            .find(|item: &&Item| item.code.as_deref() == Some(code))
            .map(|item| item.name.clone())
    }
}
