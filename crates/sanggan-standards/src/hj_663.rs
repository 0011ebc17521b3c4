//! HJ 663/annual
//!
//! # What it decides
//! Whether a place's yearly figures (means and percentiles) meet the limits, figure by figure and altogether, with
//! the exceedance multiples.
//!
//! # What it leaves undecided
//! Figures that have too few data, and the whole when a figure is undecided and none exceeds.
//!
//! # Source
//! HJ 663-2013 (试行) clauses 4, 5 and annex A; HJ 663-2026. Numbers: `data/hj-663/`; limits: `data/gb-3095/`.

use rust_decimal::Decimal;
use sanggan_base::{StatKind, Unit};

use crate::edition::{Basis, EditionId, Sourced};
use crate::gb_3095::{Limit, LimitVerdict, ZoneClass};
use crate::law::{HJ_663, Loaded};
use crate::schema::{Annual, TableForm};
use crate::{Averaging, Law, Pollutant, Rounding, Unjudged};

/// Which yearly figure of a pollutant is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FigureKind {
    /// The year's mean.
    Mean,
    /// A percentile of the daily values (in percent: 90, 95, 98).
    Percentile(u8),
}

impl FigureKind {
    /// The statistic that holds it.
    pub fn stat_kind(self) -> Option<StatKind> {
        match self {
            FigureKind::Mean => Some(StatKind::Mean),
            FigureKind::Percentile(90) => Some(StatKind::P90),
            FigureKind::Percentile(95) => Some(StatKind::P95),
            FigureKind::Percentile(98) => Some(StatKind::P98),
            FigureKind::Percentile(_) => None,
        }
    }

    /// The figure with this name.
    pub fn from_name(name: &str) -> Option<FigureKind> {
        match name {
            "mean" => Some(FigureKind::Mean),
            _ => {
                let percent =
                    name.strip_prefix('p')?.parse().ok().filter(|percent| (1..100).contains(percent))?;
                Some(FigureKind::Percentile(percent))
            }
        }
    }

    /// `mean`, `p95`, …
    pub fn name(self) -> String {
        match self {
            FigureKind::Mean => "mean".to_owned(),
            FigureKind::Percentile(percent) => format!("p{percent}"),
        }
    }
}

/// One yearly statistic given to be judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnnualInput {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// Which figure.
    pub kind: FigureKind,
    /// The value, unrounded, in ambient units.
    pub value: Option<f64>,
    /// Whether the rule on the least amount of data is met.
    pub valid: bool,
    /// Days used.
    pub used: u32,
    /// Days asked for.
    pub required: u32,
}

/// One yearly figure, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnualFigure {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// Which figure.
    pub kind: FigureKind,
    /// The rounded value.
    pub value: Option<Decimal>,
    /// The unit.
    pub unit: Unit,
    /// Whether there were enough data.
    pub valid: bool,
    /// Days used.
    pub used: u32,
    /// Days asked for.
    pub required: u32,
    /// The limit it is held against.
    pub limit: Option<Limit>,
    /// The verdict.
    pub verdict: LimitVerdict,
}

/// A year, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnualResult {
    /// The edition of HJ 663 that judged; absent when none could.
    pub edition: Option<EditionId>,
    /// Every figure the edition asks for, in its order.
    pub figures: Vec<AnnualFigure>,
    /// Whether all meet their limits; `None` = cannot tell.
    pub meets: Option<bool>,
    /// Why not, when the whole is undecided.
    pub unjudged: Option<Unjudged>,
    /// Clause, source, status, rounding.
    pub sourced: Option<Sourced>,
}

impl Law {
    /// Judges yearly figures. For a finished year the basis is its last day.
    pub fn annual(&self, inputs: &[AnnualInput], zone: ZoneClass, basis: Basis<'_>) -> AnnualResult {
        self.annual_with(inputs, zone, basis, basis)
    }

    /// The same with the limits of another edition (`limits`) than the method's.
    pub fn annual_with(
        &self,
        inputs: &[AnnualInput],
        zone: ZoneClass,
        basis: Basis<'_>,
        limits: Basis<'_>,
    ) -> AnnualResult {
        let found = self.pick(HJ_663, basis).and_then(|loaded| Ok((loaded, table_of(loaded)?)));
        let (loaded, (table, body)) = match found {
            Ok(found) => found,
            Err(unjudged) => {
                let unjudged = Some(unjudged);
                return AnnualResult {
                    edition: None,
                    figures: Vec::new(),
                    meets: None,
                    unjudged,
                    sourced: None,
                };
            }
        };
        let figures: Vec<AnnualFigure> = wanted(body)
            .map(|(pollutant, kind, averaging, digits)| {
                let input = inputs.iter().find(|input| input.pollutant == pollutant && input.kind == kind);
                let limit = self.air_limit(&pollutant.code(), averaging, zone, limits);
                judge(pollutant, kind, averaging, digits, input, limit)
            })
            .collect();
        let verdicts = || figures.iter().map(|figure| &figure.verdict);
        let undecided = verdicts().find_map(|verdict| match verdict {
            LimitVerdict::NotJudged(unjudged) => Some(unjudged.clone()),
            _ => None,
        });
        // One exceedance settles it; a gap leaves it open.
        let exceeded = verdicts().any(|verdict| verdict.meets() == Some(false));
        let meets = if exceeded { Some(false) } else { undecided.is_none().then_some(true) };
        AnnualResult {
            edition: Some(loaded.edition.id.clone()),
            meets,
            unjudged: if meets.is_none() { undecided } else { None },
            figures,
            sourced: Some(table.sourced()),
        }
    }

    /// The yearly figures the edition asks for, in its order.
    ///
    /// # Errors
    /// [`Unjudged`] when no edition held.
    pub fn annual_figures(&self, basis: Basis<'_>) -> Result<Vec<(Pollutant, FigureKind)>, Unjudged> {
        let (_, body) = table_of(self.pick(HJ_663, basis)?)?;
        Ok(wanted(body).map(|(pollutant, kind, _, _)| (pollutant, kind)).collect())
    }
}

fn table_of(loaded: &Loaded) -> Result<(&TableForm, &Annual), Unjudged> {
    loaded
        .annual()
        .ok_or_else(|| Unjudged::NoSuchEdition { standard: HJ_663, edition: loaded.edition.name.clone() })
}

/// The rows as types; the file check lets no other text through.
fn wanted(body: &Annual) -> impl Iterator<Item = (Pollutant, FigureKind, Averaging, u32)> {
    body.row.iter().filter_map(|row| {
        let (pollutant, kind) = (Pollutant::from_code(&row.parameter)?, FigureKind::from_name(&row.figure)?);
        Some((pollutant, kind, Averaging::from_name(&row.limit)?, *body.digits.get(&row.parameter)?))
    })
}

fn judge(
    pollutant: Pollutant,
    kind: FigureKind,
    averaging: Averaging,
    digits: u32,
    input: Option<&AnnualInput>,
    limit: Result<Limit, Unjudged>,
) -> AnnualFigure {
    let rounding = Rounding::HalfEven(digits);
    let (used, required) = input.map_or((0, 0), |input| (input.used, input.required));
    let given = input.and_then(|input| input.value);
    let verdict = match (given, &limit) {
        (None, _) => LimitVerdict::NotJudged(Unjudged::missing(pollutant, averaging)),
        (Some(_), _) if !input.is_some_and(|input| input.valid) => {
            LimitVerdict::NotJudged(Unjudged::TooFewData { used, required })
        }
        (Some(_), Err(unjudged)) => LimitVerdict::NotJudged(unjudged.clone()),
        (Some(value), Ok(limit)) => Limit { rounding, ..limit.clone() }.judge(value),
    };
    AnnualFigure {
        pollutant,
        kind,
        value: given.and_then(|value| rounding.apply_f64(value)),
        unit: pollutant.unit(),
        valid: input.is_some_and(|input| input.valid),
        used,
        required,
        limit: limit.ok(),
        verdict,
    }
}
