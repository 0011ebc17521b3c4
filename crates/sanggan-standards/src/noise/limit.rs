//! GB 3096, GB 12348, GB 12523/limits
//!
//! # What it decides
//! The limit that holds for a place, a functional zone and day or night; whether the equivalent level and the maximum
//! level at night meet it, and by how many decibels they do not.
//!
//! # What it leaves undecided
//! Levels at a boundary that exceed the limit while the background is too near to be taken off; maximum levels between
//! the two margins when nobody says whether the noise is frequent; indoor levels where the data have no rule for them.
//!
//! # Source
//! GB 3096-2008 5.1 and 5.4; GB 12348-2008 4.1 and 5.7; GB 12523-2011 and -2025. Numbers: `data/gb-3096/`,
//! `data/gb-12348/`, `data/gb-12523/`.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::{GB_3096, GB_12348, GB_12523, NIGHT, level_of, limit_of, missing, period_name, period_of};
use crate::assess::{
    Answer, Assessment, CannotTell, Column, ColumnChoice, Exclusion, Figure, ItemAnswer, Row, Rows,
};
use crate::circumstances::{Circumstance, Circumstances};
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;
use crate::tables::Tables;
use crate::{Rounding, Unjudged};

const BOUNDARY: &str = "boundary";
const CONSTRUCTION: &str = "construction";
/// The only row of a table that knows no zones.
const SITE: &str = "site";

const FIGURES: &[(&str, &str, &str)] = &[
    ("limit", "等效声级限值", "limit of the equivalent level"),
    ("correction", "背景修正值", "correction for background"),
    ("exceedance", "等效声级超标量", "exceedance of the equivalent level"),
    ("max_limit", "夜间最大声级限值", "limit of the maximum level at night"),
    ("max_exceedance", "夜间最大声级超标量", "exceedance of the maximum level at night"),
];

pub(super) const NOISE: Assessment = Assessment {
    id: "noise",
    theme: Theme::Noise,
    title: ("噪声达标判定", "Noise against its limit"),
    about: (
        "按场所类型判定：声环境功能区（GB 3096）、工业企业厂界（GB 12348）、建筑施工场界（GB 12523）；昼间、夜间分别评价，夜间另评最大声级，厂界可按背景值修正。",
        "By kind of place: functional zone (GB 3096), boundary of a plant (GB 12348), construction site (GB 12523); day and night each by itself, at night also the maximum level; at a boundary the background may be taken off.",
    ),
    standards: &[GB_3096, GB_12348, GB_12523],
    rows: Rows::Each,
    columns,
    figures: FIGURES,
    example: &[&[
        ("point", "厂界东侧1#"),
        ("day", "2026-04-20"),
        ("place_kind", "厂界"),
        ("zone", "3类"),
        ("period", "夜间"),
        ("leq", "57.6"),
        ("background", "51.3"),
        ("lmax", "66.2"),
        ("max_kind", "偶发"),
    ]],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn columns(law: &Law) -> Vec<Column> {
    let choice = |id: &str, zh: &str, en: &str, aliases: &[&str]| {
        let mut choice = ColumnChoice::new(id, zh, en);
        choice.aliases = aliases.iter().map(|alias| (*alias).to_owned()).collect();
        choice
    };
    let places = vec![
        choice("ambient", "声环境功能区", "functional zone", &["环境噪声", "声环境", "环境", "敏感点"]),
        choice(BOUNDARY, "厂界", "boundary of a plant", &["工业企业厂界", "厂界噪声", "工业噪声"]),
        choice(CONSTRUCTION, "施工场界", "construction site", &["建筑施工场界", "建筑施工", "施工", "场界"]),
    ];
    let kinds = vec![
        choice("frequent", "频发", "frequent", &["频发噪声"]),
        choice("sporadic", "偶发", "sporadic", &["偶发噪声", "突发"]),
    ];
    let level = |key, zh, en| Column::number(key, zh, en, Unit::DbA);
    let mut columns = super::head();
    columns.push(
        Column::choice("place_kind", "场所类型", "kind of place", places)
            .or("place", &["噪声类型", "评价对象", "类型"])
            .required(),
    );
    columns.push(super::zone_column(law, &[GB_3096, GB_12348]));
    columns.extend(super::period_column(law, GB_3096));
    columns.push(super::clock_column());
    columns.push(
        level("leq", "等效声级", "equivalent level")
            .or("laeq", &["Leq", "等效连续A声级", "测量值", "监测值", "Ld", "Ln"]),
    );
    columns.push(level("lmax", "最大声级", "maximum level").or("lamax", &["Lmax", "夜间最大声级"]));
    columns.push(
        Column::choice("max_kind", "最大声级类型", "kind of the maximum", kinds)
            .or("frequency", &["频发偶发"]),
    );
    columns.push(
        level("background", "背景值", "background level")
            .or("background_level", &["背景噪声", "背景噪声值", "本底值"]),
    );
    columns.push(Column::yes_no("indoor", "室内测量", "measured indoors").or("indoors", &["室内"]));
    columns
}

struct Compared {
    item: ItemAnswer,
    /// What is to be said when it cannot be told.
    doubt: Option<CannotTell>,
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let row = rows.first().ok_or(Unjudged::NothingMeasured)?;
    let place = row.choice("place_kind").unwrap_or_default();
    let tables = match place {
        BOUNDARY => law.tables(GB_12348, Assessment::by_day(basis))?,
        CONSTRUCTION => law.tables(GB_12523, Assessment::by_day(basis))?,
        _ => law.tables(GB_3096, basis)?,
    };
    let period =
        period_of(&tables, row)?.ok_or_else(|| missing("时段（昼间或夜间）", "period (day or night)"))?;
    let zone = match row.choice("zone") {
        _ if place == CONSTRUCTION => SITE,
        Some(zone) => zone,
        None => return Err(missing("声环境功能区类别", "functional zone")),
    };
    let (source, zone_name, mut limit) = limit_of(&tables, zone, period)?;
    let mut used = vec![source];
    used.extend(super::period_source(&tables, row));
    let mut answer = Answer::default();
    let period_text = period_name(period);
    answer.steps.push(Text::new(
        format!("{}{}限值 {limit} dB(A)", zone_name.zh, period_text.zh),
        format!("{}, {}: limit {limit} dB(A)", zone_name.en, period_text.en),
    ));
    if row.is_yes("indoor") == Some(true) {
        let (source, body) = tables.factors("indoor").ok_or_else(|| {
            CannotTell::new(
                "no_limit",
                "数据中没有该场所室内测量的规定",
                "the data have no rule for levels measured indoors at such a place",
            )
        })?;
        let less = tables.need(body.get("indoor", "less"), "indoor")?;
        limit -= less;
        used.push(source);
        answer.steps.push(Text::new(
            format!("室内测量，限值减 {less}，为 {limit} dB(A)"),
            format!("measured indoors: less {less}, so {limit} dB(A)"),
        ));
    }
    answer.figures.push(figure("limit", limit));

    let mut compared = Vec::new();
    if let Some(leq) = level_of(row, "leq", &Text::new("等效声级", "equivalent level"))? {
        compared.push(equivalent(&tables, row, leq, limit, &mut used, &mut answer)?);
    }
    if let Some(lmax) = level_of(row, "lmax", &Text::new("最大声级", "maximum level"))? {
        if period == NIGHT {
            compared.push(maximum(&tables, row, lmax, limit, &mut used, &mut answer)?);
        } else {
            answer.excluded.push(Exclusion {
                what: Text::new("最大声级", "maximum level"),
                why: Text::new("昼间不评价最大声级", "by day the maximum level is not judged"),
            });
        }
    }
    if compared.is_empty() {
        return Err(Unjudged::NothingMeasured.into());
    }
    let verdicts: Vec<Option<bool>> = compared.iter().map(|one| one.item.meets).collect();
    answer.meets = match () {
        () if verdicts.contains(&Some(false)) => Some(false),
        () if verdicts.contains(&None) => None,
        () => Some(true),
    };
    if answer.meets.is_none() {
        answer.cannot_tell = compared.iter_mut().find_map(|one| one.doubt.take());
    }
    let failed = compared.iter().filter(|one| one.item.meets == Some(false));
    answer.deciding = failed.map(|one| one.item.name.clone()).collect();
    answer.items = compared.into_iter().map(|one| one.item).collect();
    Ok(answer.by(tables.edition(), &used.iter().collect::<Vec<_>>()))
}

/// The equivalent level, less the background where the standard takes it off.
fn equivalent(
    tables: &Tables<'_>,
    row: &Row,
    leq: Decimal,
    limit: Decimal,
    used: &mut Vec<Sourced>,
    answer: &mut Answer,
) -> Result<Compared, CannotTell> {
    let name = Text::new("等效声级", "equivalent level");
    let mut level = leq;
    let mut certain = true;
    match (
        level_of(row, "background", &Text::new("背景值", "background level"))?,
        tables.factors("background"),
    ) {
        (Some(background), Some((source, body))) => {
            used.push(source);
            let difference = leq - background;
            let mut case = Circumstances::new();
            case.set("difference", Circumstance::Number(difference));
            let correction = if let Some(none) = body.row("none", &case) {
                none.values.get("correction").copied()
            } else if body.row("table", &case).is_some() {
                case.set("rounded", Circumstance::Number(Rounding::HalfEven(0).apply(difference)));
                body.row("correction", &case).and_then(|row| row.values.get("correction").copied())
            } else {
                None
            };
            match correction {
                Some(correction) => {
                    level += correction;
                    answer.figures.push(figure("correction", correction));
                    answer.steps.push(Text::new(
                        format!("与背景值相差 {difference}，修正 {correction}，为 {level} dB(A)"),
                        format!(
                            "{difference} above the background: corrected by {correction} to {level} dB(A)"
                        ),
                    ));
                }
                None => certain = false,
            }
        }
        (Some(_), None) if row.choice("place_kind") == Some(CONSTRUCTION) => certain = false,
        (Some(_), None) => answer.excluded.push(Exclusion {
            what: Text::new("背景值", "background level"),
            why: Text::new("声环境质量评价不扣除背景噪声", "of ambient noise no background is taken off"),
        }),
        (None, _) => {}
    }
    // What the source adds to the background is never louder than both together, so a level that meets the limit with
    // the background in it is met without it too.
    let meets = if level <= limit { Some(true) } else { certain.then_some(false) };
    let doubt = meets.is_none().then(|| {
        CannotTell::new(
            "background",
            "测量值超过限值，而背景值不能按数据中的规定修正，应降低背景噪声后再测",
            "the level is above the limit, and the background cannot be taken off by the rules in the data: measure again with less background",
        )
    });
    answer.value = Some(Figure::new("level", name.clone(), level.normalize(), Unit::DbA));
    if meets == Some(false) {
        answer.figures.push(figure("exceedance", level - limit));
    }
    Ok(Compared { item: item("leq", name, level, limit, meets, None), doubt })
}

/// The maximum level at night: above the limit by no more than the margin for its kind.
fn maximum(
    tables: &Tables<'_>,
    row: &Row,
    lmax: Decimal,
    limit: Decimal,
    used: &mut Vec<Sourced>,
    answer: &mut Answer,
) -> Result<Compared, CannotTell> {
    let name = Text::new("夜间最大声级", "maximum level at night");
    let (source, body) = tables.need(tables.factors("night_max"), "night_max")?;
    used.push(source);
    let of_kind = row.choice("max_kind").and_then(|kind| body.row(kind, &Circumstances::new()));
    let margins: Vec<Decimal> = match of_kind {
        Some(row) => row.values.get("above").copied().into_iter().collect(),
        None => body.row.iter().filter_map(|row| row.values.get("above").copied()).collect(),
    };
    let least = tables.need(margins.iter().min().copied(), "night_max")?;
    let most = tables.need(margins.iter().max().copied(), "night_max")?;
    let meets = match () {
        () if lmax <= limit + least => Some(true),
        () if limit + most < lmax => Some(false),
        () => None,
    };
    let doubt = meets
        .is_none()
        .then(|| missing("夜间最大声级是频发还是偶发", "whether the noise at night is frequent or sporadic"));
    let compared_with = if meets == Some(false) { limit + most } else { limit + least };
    answer.figures.push(figure("max_limit", compared_with));
    if meets == Some(false) {
        answer.figures.push(figure("max_exceedance", lmax - compared_with));
    }
    Ok(Compared { item: item("lmax", name, lmax, compared_with, meets, None), doubt })
}

fn item(
    key: &str,
    name: Text,
    value: Decimal,
    limit: Decimal,
    meets: Option<bool>,
    note: Option<Text>,
) -> ItemAnswer {
    ItemAnswer {
        key: key.to_owned(),
        name,
        value: Some(value.normalize()),
        unit: Unit::DbA,
        limit: Some(Text::same(format!("≤ {}", limit.normalize()))),
        class: None,
        meets,
        multiple: None,
        note,
    }
}

fn figure(key: &str, value: Decimal) -> Figure {
    let name = FIGURES.iter().find(|(id, ..)| *id == key);
    let name = name.map_or_else(|| Text::same(key), |(_, zh, en)| Text::new(*zh, *en));
    Figure::new(key, name, value.normalize(), Unit::DbA)
}
