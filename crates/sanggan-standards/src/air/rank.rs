//! AIR/air-ranking
//!
//! # What it decides
//! The order of cities or counties by composite index (equal indices share a place: 1, 1, 3), and by its rate of change
//! against a year before.
//!
//! # What it leaves undecided
//! Places with a figure missing: they are not ranked, and named.
//!
//! # Source
//! 城市环境空气质量排名技术规定 (环办监测〔2018〕19号): `data/ranking/`.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::composite::{change_of, last_column, of_row};
use super::figures::ranked_columns;
use super::sample::{basis_of, place_column, symbols};
use crate::assess::{Answer, Assessment, CannotTell, Column, Exclusion, Figure, ItemAnswer, Row, Rows};
use crate::edition::{Basis, Text, Theme};
use crate::law::{Law, RANKING};
use crate::ranking::places;
use crate::{Sourced, Unjudged};

/// The ranking of places.
pub(super) const ASSESSMENT: Assessment = Assessment {
    id: "air-ranking",
    theme: Theme::Air,
    title: ("环境空气质量排名", "Ranking by air quality"),
    about: (
        "按综合指数由小到大对城市或县区排名，指数相同的并列（1、1、3）；填写上年同期指数时另按变化率排名。缺项的城市不参加排名并予列出。",
        "Ranks cities or counties by ascending composite index, equal ones sharing a place (1, 1, 3); with last year's index also by rate of change. Places with a figure missing are not ranked, and named.",
    ),
    standards: &[RANKING],
    rows: Rows::By(&["period"]),
    columns,
    figures: &[("places", "参加排名数", "places ranked")],
    example: &[
        &[("place", "德阳市"), ("day", "2024-08-31"), ("composite", "3.53"), ("last_composite", "4.04")],
        &[("place", "达州市"), ("day", "2024-08-31"), ("composite", "3.53"), ("last_composite", "3.84")],
        &[("place", "成都市"), ("day", "2024-08-31"), ("composite", "3.54"), ("last_composite", "3.97")],
    ],
    judge,
};

fn columns(_law: &Law) -> Vec<Column> {
    let mut columns = vec![
        place_column().required(),
        Column::text("period", "时段", "period").or("月份", &["年份", "month", "year"]),
        Column::judged_day().note(
            "时段的最后一日；所用版本按此日选取。",
            "The last day of the period; the edition is picked by it.",
        ),
    ];
    columns.extend(ranked_columns());
    columns.push(
        Column::number("composite", "综合指数", "composite index", Unit::None)
            .or("环境空气质量综合指数", &["index"])
            .note("已有指数而无浓度时填写。", "Where there is an index and no figures."),
    );
    columns.push(last_column());
    columns
}

/// One place with its index.
struct Place {
    name: String,
    index: Decimal,
    main: Text,
    change: Option<Decimal>,
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let (mut ranked, mut excluded) = (Vec::<Place>::with_capacity(rows.len()), Vec::new());
    let mut sources: Vec<Sourced> = Vec::new();
    let tables = match law.tables(RANKING, basis_of(law, RANKING, basis)) {
        Ok(tables) => tables,
        Err(why) => return Answer::cannot_tell(why),
    };
    for row in rows {
        let name = row.text("place").unwrap_or_default().to_owned();
        if ranked.iter().any(|place| place.name == name) {
            return Answer::cannot_tell(CannotTell::new(
                "twice",
                format!("“{name}”有两行"),
                format!("there are two rows for `{name}`"),
            ));
        }
        let (result, _) = of_row(law, row, basis);
        let place = match (result, row.value("composite")) {
            (Ok(result), _) => {
                if !sources.contains(&result.sourced) {
                    sources.push(result.sourced.clone());
                }
                Ok((result.value, symbols(&result.main)))
            }
            (Err(_), Some(index)) if !has_figures(row) => Ok((index, Text::same("-"))),
            (Err(why), _) => Err(why),
        };
        match place {
            Ok((index, main)) => {
                let change =
                    row.value("last_composite").and_then(|last| change_of(law, index, last, basis).ok());
                ranked.push(Place { name, index, main, change });
            }
            Err(why) => excluded.push(Exclusion { what: Text::same(name), why: why.text }),
        }
    }
    if ranked.is_empty() {
        return Answer { excluded, ..Answer::cannot_tell(Unjudged::NothingMeasured) };
    }
    let mut answer = ranking_answer(&ranked);
    answer.excluded = excluded;
    sources.extend(tables.value("rank", "change_digits").map(|(sourced, _)| sourced));
    answer.by(tables.edition(), &sources.iter().collect::<Vec<_>>())
}

fn has_figures(row: &Row) -> bool {
    super::figures::ranked().any(|(column, ..)| row.cell(column).is_some())
}

fn ranking_answer(ranked: &[Place]) -> Answer {
    let by_index = places(&ranked.iter().map(|place| place.index).collect::<Vec<_>>());
    let changes: Vec<Decimal> = ranked.iter().filter_map(|place| place.change).collect();
    let by_change = places(&changes);
    let mut lines: Vec<(u32, &Place)> = by_index.into_iter().zip(ranked).collect();
    // The order of the table where the index is the same.
    lines.sort_by_key(|(rank, _)| *rank);
    let change_rank = |place: &Place| {
        let change = place.change?;
        let at = changes.iter().position(|other| *other == change)?;
        by_change.get(at).map(|rank| (change, *rank))
    };
    let mut answer = Answer::default();
    for (rank, place) in lines {
        let mut note = Text::new(
            format!("第 {rank} 名；主要污染物 {}", place.main.zh),
            format!("rank {rank}; main pollutant {}", place.main.en),
        );
        if let Some((change, rank)) = change_rank(place) {
            note = Text::new(
                format!("{}；同比 {change}%，改善第 {rank} 名", note.zh),
                format!("{}; change {change} %, rank {rank} by improvement", note.en),
            );
        }
        answer.deciding.push(Text::same(format!("{rank} {} {}", place.name, place.index)));
        answer
            .steps
            .push(Text::new(format!("{}：{}", place.name, note.zh), format!("{}: {}", place.name, note.en)));
        answer.items.push(ItemAnswer {
            key: place.name.clone(),
            name: Text::same(place.name.clone()),
            value: Some(place.index),
            unit: Unit::None,
            limit: None,
            class: None,
            meets: None,
            multiple: None,
            note: Some(note),
        });
    }
    let count = Decimal::from(crate::statistics::count(ranked.len()));
    answer.figures.push(Figure::new("places", Text::new("参加排名数", "places ranked"), count, Unit::None));
    answer
}
