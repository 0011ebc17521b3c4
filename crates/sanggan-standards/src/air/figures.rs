//! The figures of a period (means and percentiles) as columns, and from rows to what HJ 663 and the ranking rule judge.

use rust_decimal::Decimal;

use crate::assess::{Cell, Column, Exclusion, Row};
use crate::edition::Text;
use crate::hj_663::{AnnualInput, FigureKind};
use crate::{CannotTell, Pollutant, to_f64};

use super::sample::key;

/// The figures HJ 663 knows, in its order: (column, pollutant, figure).
pub(super) const FIGURES: [(&str, Pollutant, FigureKind); 10] = [
    ("so2_mean", Pollutant::So2, FigureKind::Mean),
    ("so2_p98", Pollutant::So2, FigureKind::Percentile(98)),
    ("no2_mean", Pollutant::No2, FigureKind::Mean),
    ("no2_p98", Pollutant::No2, FigureKind::Percentile(98)),
    ("co_p95", Pollutant::Co, FigureKind::Percentile(95)),
    ("o3_p90", Pollutant::O3, FigureKind::Percentile(90)),
    ("pm10_mean", Pollutant::Pm10, FigureKind::Mean),
    ("pm10_p95", Pollutant::Pm10, FigureKind::Percentile(95)),
    ("pm25_mean", Pollutant::Pm25, FigureKind::Mean),
    ("pm25_p95", Pollutant::Pm25, FigureKind::Percentile(95)),
];

/// The key of a figure in columns and figures.
pub(super) fn figure_key(pollutant: Pollutant, kind: FigureKind) -> String {
    format!("{}_{}", key(pollutant), kind.name())
}

/// Its name.
pub(super) fn figure_name(pollutant: Pollutant, kind: FigureKind) -> Text {
    let what = if pollutant == Pollutant::O3 { "O3 日最大8小时平均" } else { pollutant.symbol() };
    let what_en = if pollutant == Pollutant::O3 { "O3 (largest 8-hour means)" } else { pollutant.symbol() };
    match kind {
        FigureKind::Mean => Text::new(format!("{what} 平均浓度"), format!("{what_en} mean")),
        FigureKind::Percentile(percent) => {
            Text::new(format!("{what} 第{percent}百分位数"), format!("{what_en} percentile {percent}"))
        }
    }
}

/// The column of a figure. A period table often heads it by the pollutant alone: `bare` says whether that is meant.
fn column(name: &str, pollutant: Pollutant, kind: FigureKind, bare: bool) -> Column {
    let text = figure_name(pollutant, kind);
    let mut column = Column::number(name, &text.zh, &text.en, pollutant.unit());
    let symbol = pollutant.symbol();
    let mut also = |alias: String| column.aliases.push(alias);
    for title in [symbol, pollutant.name_zh()] {
        match kind {
            FigureKind::Mean => {
                for word in
                    ["平均", "均值", "年均", "年均值", "年平均", "月均", "年均浓度", "平均浓度", "浓度"]
                {
                    also(format!("{title}{word}"));
                }
            }
            FigureKind::Percentile(percent) => {
                for alias in [
                    format!("{title}-{percent}"),
                    format!("{title}-{percent}per"),
                    format!("{title}_{percent}"),
                    format!("{title}第{percent}百分位数"),
                    format!("{title}第{percent}百分位"),
                    format!("{title}{percent}百分位"),
                    format!("{title}日均值第{percent}百分位数"),
                ] {
                    also(alias);
                }
            }
        }
    }
    if pollutant == Pollutant::O3 {
        for alias in [
            "O3-8h-90per",
            "O3_8h_p90",
            "O3-8h-90",
            "O3_8h第90百分位数",
            "O3-8h第90百分位数",
            "O3_8h",
            "臭氧8小时第90百分位数",
        ] {
            also(alias.to_owned());
        }
    }
    if bare {
        also(symbol.to_owned());
        also(pollutant.name_zh().to_owned());
        also(key(pollutant).to_owned());
        also(pollutant.code_str().to_owned());
    }
    column
}

/// The ten columns of a year. The pollutant alone heads the figure that reports print: the mean, CO's percentile 95
/// and O3's percentile 90.
pub(super) fn yearly_columns() -> Vec<Column> {
    FIGURES
        .iter()
        .map(|(name, pollutant, kind)| column(name, *pollutant, *kind, is_ranked(*pollutant, *kind)))
        .collect()
}

/// The six columns of the composite index.
pub(super) fn ranked_columns() -> Vec<Column> {
    ranked().map(|(name, pollutant, kind)| column(name, pollutant, kind, true)).collect()
}

fn is_ranked(pollutant: Pollutant, kind: FigureKind) -> bool {
    match pollutant {
        Pollutant::Co | Pollutant::O3 => true,
        _ => kind == FigureKind::Mean,
    }
}

/// The six figures of the composite index.
pub(super) fn ranked() -> impl Iterator<Item = (&'static str, Pollutant, FigureKind)> {
    FIGURES.iter().copied().filter(|(_, pollutant, kind)| is_ranked(*pollutant, *kind))
}

/// The figures of a row. A value below the detection limit goes in as the limit and as 0: what is judged of both must
/// agree, so both are given.
pub(super) struct FigureRow {
    /// With the detection limit where a value is below it.
    pub(super) high: Vec<AnnualInput>,
    /// With 0 there.
    pub(super) low: Vec<AnnualInput>,
    /// Cells that say "not detected" without a limit.
    pub(super) excluded: Vec<Exclusion>,
}

impl FigureRow {
    /// Reads the figures of a row; `days`: valid days and how many the rule asks for, when the row says so.
    pub(super) fn of(row: &Row, days: Option<(u32, u32)>) -> FigureRow {
        let (mut high, mut low, mut excluded) = (Vec::new(), Vec::new(), Vec::new());
        let (used, required) = days.unwrap_or_default();
        for (column, pollutant, kind) in FIGURES {
            let input = |value: Option<Decimal>| AnnualInput {
                pollutant,
                kind,
                value: value.map(to_f64),
                valid: required <= used,
                used,
                required,
            };
            match row.cell(column) {
                Some(Cell::Number(measured)) => {
                    high.push(input(Some(measured.value)));
                    let least = if measured.below_detection { Decimal::ZERO } else { measured.value };
                    low.push(input(Some(least)));
                }
                Some(Cell::NotDetected) => excluded.push(Exclusion {
                    what: figure_name(pollutant, kind),
                    why: Text::new("未检出而未给出检出限", "not detected, and no detection limit is given"),
                }),
                _ => {}
            }
        }
        FigureRow { high, low, excluded }
    }

    /// Whether a value below the detection limit is among them.
    pub(super) fn below_detection(&self) -> bool {
        self.high != self.low
    }

    /// Why nothing is told when the two readings of such a value differ.
    pub(super) fn undecided() -> CannotTell {
        CannotTell::new(
            "below_detection",
            "有低于检出限的值，其取值会改变结果",
            "a value is below the detection limit, and what it is would change the result",
        )
    }
}
