//! The environmental protection tax: what air, water, solid waste and noise have in common.
//!
//! The law itself (how many pollutants, reductions, exemptions) has editions; its annexes (rates, equivalents) have not
//! been amended and are an edition of their own; the rate of a province is local law of that province, found by region.

pub(crate) mod air;
pub(crate) mod noise;
pub(crate) mod outlet;
pub(crate) mod solid;
pub(crate) mod water;

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::assess::{Cell, Column, ColumnChoice, Exclusion, Figure, Row};
use crate::circumstances::{Circumstances, Holds};
use crate::edition::{Basis, Sourced, Text};
use crate::law::Law;
use crate::schema::general::{FactorRow, Factors};
use crate::tables::Tables;
use crate::{Answer, CannotTell, EditionId};

pub(crate) const LAW: &str = "environmental-tax";
pub(crate) const ANNEX: &str = "environmental-tax-annex";

/// The law and its annexes on the day of the rows.
pub(crate) struct TaxLaw<'a> {
    pub(crate) law: &'a Law,
    pub(crate) tax: Tables<'a>,
    pub(crate) annex: Tables<'a>,
    pub(crate) day: Date,
}

impl<'a> TaxLaw<'a> {
    /// A month column stands in for the day when no day is given.
    pub(crate) fn of(law: &'a Law, rows: &[Row], basis: Basis<'_>) -> Result<TaxLaw<'a>, CannotTell> {
        let stated = rows.first().and_then(|row| row.day("day"));
        let month = rows.first().and_then(|row| row.text("month")).and_then(first_of_month);
        let basis = match (basis, stated, month) {
            (Basis::OfDay(_), None, Some(month)) => Basis::OfDay(month),
            (Basis::Edition(name, _), None, Some(month)) => Basis::Edition(name, month),
            (basis, ..) => basis,
        };
        let tax = law.tables(LAW, basis)?;
        // An edition asked for by name may lie on another day than the case: its annex is that of its first day.
        let day = if tax.edition().holds_on(basis.day()) { basis.day() } else { tax.edition().from };
        Ok(TaxLaw { law, tax, annex: law.tables(ANNEX, Basis::OfDay(day))?, day })
    }

    /// A table of the law.
    pub(crate) fn law_factors(&self, id: &str) -> Result<(Sourced, &'a Factors), CannotTell> {
        Ok(self.tax.need(self.tax.factors(id), id)?)
    }

    /// A table of the annexes.
    pub(crate) fn annex_factors(&self, id: &str) -> Result<(Sourced, &'a Factors), CannotTell> {
        Ok(self.annex.need(self.annex.factors(id), id)?)
    }

    /// A number of a table, which the data file must have.
    pub(crate) fn number(
        &self,
        tables: &Tables<'_>,
        factors: &Factors,
        row: &str,
        column: &str,
    ) -> Result<Decimal, CannotTell> {
        Ok(tables.need(factors.get(row, column), &format!("{row}.{column}"))?)
    }

    /// An amount of money as it is declared: half up to the fen.
    pub(crate) fn money(&self, amount: Decimal) -> Result<Decimal, CannotTell> {
        self.rounded("yuan", amount)
    }

    /// Rounded as the table of digits says of `what`.
    pub(crate) fn rounded(&self, what: &str, amount: Decimal) -> Result<Decimal, CannotTell> {
        let (_, digits) = self.law_factors("money")?;
        let digits = self.number(&self.tax, digits, what, "digits")?;
        let digits = u32::try_from(digits).unwrap_or(2);
        let mut rounded = amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
        rounded.rescale(digits);
        Ok(rounded)
    }

    /// The yuan for one equivalent: the one stated, within the range of the law, or the one of the region.
    pub(crate) fn rate(&self, medium: &str, pollutant: &str, row: &Row) -> Result<Rate, CannotTell> {
        if let Some(stated) = row.value("rate") {
            let (_, rates) = self.annex_factors("rates")?;
            let least = self.number(&self.annex, rates, medium, "least")?;
            let most = self.number(&self.annex, rates, medium, "most")?;
            if stated < least || most < stated {
                return Err(CannotTell::new(
                    "rate_out_of_range",
                    format!("税额 {stated} 元不在法定幅度 {least}–{most} 元内"),
                    format!("a rate of {stated} yuan is outside the {least}–{most} yuan of the law"),
                ));
            }
            return Ok(Rate { yuan: stated, local: None });
        }
        let Some(region) = row.text("region") else {
            return Err(CannotTell::new(
                "no_rate",
                "未给出适用税额（rate）或地区（region），只计算当量数",
                "neither the rate nor the region is given; only equivalents are calculated",
            ));
        };
        self.local_rate(medium, pollutant, region).ok_or_else(|| {
            CannotTell::new(
                "no_rate",
                format!("没有“{region}”的适用税额，请给出 rate"),
                format!("no rate of `{region}` is known: give `rate`"),
            )
        })
    }

    /// A local edition in force with a table `tax-rate`; a row of the pollutant goes before the one of the medium.
    fn local_rate(&self, medium: &str, pollutant: &str, region: &str) -> Option<Rate> {
        let local = self.law.loaded.iter().filter(|one| one.edition.holds_on(self.day));
        local.into_iter().find_map(|one| {
            let of = one.edition.region.as_deref()?;
            let named = 2 <= region.chars().count() && one.edition.title.zh.contains(region.trim());
            if !named && !within(region, of) {
                return None;
            }
            let (sourced, rates) = Tables { loaded: one }.factors("tax-rate")?;
            let yuan = rates.get(pollutant, "rate").or_else(|| rates.get(medium, "rate"))?;
            Some(Rate { yuan, local: Some((one.edition.id.clone(), sourced)) })
        })
    }

    /// The name of the exemption a row claims; a plant that is over the limits has none.
    pub(crate) fn exemption(&self, rows: &[Row]) -> Result<Option<Text>, CannotTell> {
        let claimed: Vec<&str> = rows.iter().filter_map(|row| row.choice("exempt")).collect();
        let Some(&id) = claimed.first() else { return Ok(None) };
        if claimed.len() != rows.len() || claimed.iter().any(|&other| other != id) {
            return Err(CannotTell::new(
                "mixed_exemption",
                "一次计算的各行免征情形不一致",
                "the rows that are judged together do not claim the same exemption",
            ));
        }
        if id == "central_plant" && rows.iter().any(|row| over_limit(row) != Some(false)) {
            return match rows.iter().any(|row| over_limit(row) == Some(true)) {
                true => Ok(None),
                false => Err(CannotTell::new(
                    "missing",
                    "集中处理场所免征须各项均不超标：请填“均达标”",
                    "a central plant is exempt only within the limits: say so in `within`",
                )),
            };
        }
        let (_, list) = self.tax.need(self.tax.list("exemption"), "exemption")?;
        Ok(list.row.iter().find(|row| row.id == id).map(|row| row.name.clone()))
    }

    /// The answer to an exemption: nothing is due.
    pub(crate) fn exempt(&self, why: &Text, figure: fn(Decimal) -> Figure) -> Result<Answer, CannotTell> {
        let (sourced, _) = self.tax.need(self.tax.list("exemption"), "exemption")?;
        Ok(Answer {
            value: Some(figure(self.money(Decimal::ZERO)?)),
            deciding: vec![why.clone()],
            ..Answer::default()
        }
        .by(self.tax.edition(), &[&sourced]))
    }
}

/// The yuan for one equivalent, and the local law it stands in.
pub(crate) struct Rate {
    pub(crate) yuan: Decimal,
    pub(crate) local: Option<(EditionId, Sourced)>,
}

/// Whether a month's data say that a limit was exceeded; `None` when they do not say.
pub(crate) fn over_limit(row: &Row) -> Option<bool> {
    let mean_over = row.value("concentration").zip(row.value("limit")).map(|(value, limit)| limit < value);
    match (row.is_yes("within"), mean_over) {
        (Some(false), _) | (_, Some(true)) => Some(true),
        (Some(true), _) => Some(false),
        (None, _) => None,
    }
}

/// Whether a six-digit code of a region lies in the region `of` (`140602` in `140000`).
fn within(region: &str, of: &str) -> bool {
    let mut stem = of;
    while let Some(shorter) = stem.strip_suffix("00") {
        stem = shorter;
    }
    region.len() == 6 && region.bytes().all(|c| c.is_ascii_digit()) && region.starts_with(stem)
}

/// `2024-03`, `202403`, `2024年3月` → the first day of that month.
fn first_of_month(text: &str) -> Option<Date> {
    let plain = text.trim().replace(['年', '/', '.'], "-").replace('月', "");
    let (year, month) = match plain.split_once('-') {
        Some(parts) => parts,
        None if plain.len() == 6 => plain.split_at_checked(4)?,
        None => return None,
    };
    Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
}

/// What a name is in a table.
pub(crate) enum Found<'a> {
    Row(&'a FactorRow),
    /// A row would hold if more of its circumstances were known.
    Asks,
    Nothing,
}

/// The row a person means by `name`; brackets, blanks and subscripts do not matter.
pub(crate) fn find<'a>(factors: &'a Factors, name: &str, case: &Circumstances) -> Found<'a> {
    let mut asks = false;
    for row in factors.row.iter().filter(|row| is_called(row, name)) {
        match case.hold(&row.when) {
            Holds::Yes => return Found::Row(row),
            Holds::Unknown(_) => asks = true,
            Holds::No => {}
        }
    }
    if asks { Found::Asks } else { Found::Nothing }
}

fn is_called(row: &FactorRow, name: &str) -> bool {
    let name = plain(name);
    [&row.key, &row.name.zh, &row.name.en]
        .into_iter()
        .chain(&row.code)
        .chain(&row.aliases)
        .any(|own| plain(own) == name)
}

/// A name without blanks, in lower case, with plain brackets and digits.
pub(crate) fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '（' | '[' | '［' => '(',
            '）' | ']' | '］' => ')',
            '₀'..='₉' => char::from(b'0' + (c as u32 - '₀' as u32) as u8),
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// A number that was given as a plain number; "not detected" or "below" is no amount.
pub(crate) fn amount(row: &Row, column: &str, name: &Text) -> Result<Option<Decimal>, CannotTell> {
    let unclear = || {
        Err(CannotTell::new(
            "no_amount",
            format!("{}：未检出或低于检出限不是数量，请给出按规定方法核算的数", name.zh),
            format!("{}: not detected is no amount; give what the rules for it reckon", name.en),
        ))
    };
    match row.cell(column) {
        None => Ok(None),
        Some(Cell::Number(measured)) if !measured.below_detection => Ok(Some(measured.value)),
        Some(_) => unclear(),
    }
}

/// The sum is larger than any amount the program can hold.
pub(crate) fn too_large() -> CannotTell {
    CannotTell::new("too_large", "数值太大，无法计算", "the numbers are too large to calculate with")
}

/// What a reader is told of something left out.
pub(crate) fn left_out(what: Text, zh: impl Into<String>, en: impl Into<String>) -> Exclusion {
    Exclusion { what, why: Text::new(zh, en) }
}

/// Columns every tax has.
pub(crate) fn who_and_when() -> Vec<Column> {
    vec![
        Column::text("enterprise", "企业", "enterprise")
            .or("企业名称", &["纳税人", "纳税人名称", "单位名称", "name"]),
        Column::text("month", "月份", "month").or("所属期", &["税款所属期"]).note(
            "如 2024-03；没有日期时按它确定适用的版本",
            "such as 2024-03; picks the edition when there is no day",
        ),
        Column::judged_day(),
    ]
}

/// A column whose choices are the entries of a list of the law in force.
pub(crate) fn choice_of(law: &Law, key: &str, zh: &str, en: &str, list: &str) -> Column {
    let entries = law.latest(LAW).and_then(|tables| tables.list(list));
    let choices = entries.into_iter().flat_map(|(_, list)| &list.row).map(|row| ColumnChoice {
        id: row.id.clone(),
        name: row.name.clone(),
        aliases: Vec::new(),
    });
    Column::choice(key, zh, en, choices.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_lies_in_its_province() {
        for (region, of, want) in [
            ("140600", "140000", true),
            ("140000", "140000", true),
            ("150000", "140000", false),
            ("140602", "140600", true),
            ("140700", "140600", false),
            ("14", "140000", false),
        ] {
            assert_eq!(within(region, of), want, "{region} in {of}");
        }
    }

    #[test]
    fn months_are_read_as_people_write_them() {
        for text in ["2024-03", "202403", "2024年3月", "2024/3"] {
            assert_eq!(first_of_month(text), Date::new(2024, 3, 1).ok(), "{text}");
        }
        for text in ["三月", "2024-13", "3", ""] {
            assert_eq!(first_of_month(text), None, "{text}");
        }
    }
}
