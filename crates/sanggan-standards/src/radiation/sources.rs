//! SEPA 62-2005/source-category
//!
//! # What it decides
//! The category (I to V) of a radioactive source from its nuclide and activity, or that it is below the exempt activity.
//!
//! # What it leaves undecided
//! Nuclides the data do not list; category V or exempt where the exempt activity of the nuclide is not in the data; what
//! several sources in one place amount to; decay since the activity was stated.
//!
//! # Source
//! 放射源分类办法 (announcement 62 of 2005). Numbers: `data/sepa-62/`.

use rust_decimal::{Decimal, RoundingStrategy};
use sanggan_base::Unit;

use super::{named, nothing, number_of};
use crate::assess::{Answer, Assessment, CannotTell, Column, Figure, Row, Rows};
use crate::circumstances::Circumstances;
use crate::edition::{Basis, Sourced, Text, Theme};
use crate::law::Law;
use crate::schema::general::{FactorRow, Factors};
use crate::{exact, single_factor};

const SEPA_62: &str = "SEPA 62";

/// Significant digits in which ratios are shown.
const SHOWN_DIGITS: u32 = 3;

const FIGURES: &[(&str, &str, &str)] =
    &[("d_value", "D值", "D value"), ("exempt_activity", "Ⅴ类源活度下限", "least activity of category V")];

pub(super) const CATEGORY: Assessment = Assessment {
    id: "source-category",
    theme: Theme::Radiation,
    title: ("放射源分类", "Category of a radioactive source"),
    about: (
        "按核素和活度将放射源分为Ⅰ至Ⅴ类；低于Ⅳ类下限而数据中没有该核素豁免活度的，不能判定是Ⅴ类还是豁免。",
        "The category I to V of a radioactive source by nuclide and activity; below category IV it cannot be told category V from exempt where the data lack the nuclide's exempt activity.",
    ),
    standards: &[SEPA_62],
    rows: Rows::Each,
    columns: |_| columns(),
    figures: FIGURES,
    example: &[&[
        ("source", "0405CS000013"),
        ("day", "2026-04-20"),
        ("nuclide", "铯-137"),
        ("activity", "3.7e11"),
    ]],
    judge: |law, rows, basis| judge(law, rows, basis).unwrap_or_else(Answer::cannot_tell),
};

fn columns() -> Vec<Column> {
    vec![
        Column::text("source", "放射源", "source")
            .or("code", &["编码", "放射源编码", "源编码", "名称", "标号"]),
        Column::judged_day(),
        Column::text("nuclide", "核素", "nuclide").or("isotope", &["核素名称", "放射性核素"]).required(),
        activity_column(),
    ]
}

fn activity_column() -> Column {
    Column::number("activity", "活度", "activity", Unit::Bq)
        .or("activity_bq", &["放射性活度", "出厂活度", "当前活度"])
        .required()
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let row = rows.first().ok_or_else(nothing)?;
    let tables = law.tables(SEPA_62, basis)?;
    let (category_source, categories) = tables.need(tables.grades("categories"), "categories")?;
    let (ratio_source, ratios) = tables.need(tables.factors("ratios"), "ratios")?;
    let (nuclide_source, nuclides) = tables.need(tables.factors("nuclides"), "nuclides")?;
    let written = row.text("nuclide").ok_or_else(nothing)?;
    let activity = number_of(row, &activity_column())?.ok_or_else(nothing)?;
    let nuclide = nuclide_called(nuclides, written).ok_or_else(|| {
        CannotTell::new(
            "no_limit",
            format!("数据中没有核素“{written}”"),
            format!("the data do not list the nuclide `{written}`"),
        )
    })?;
    let d_value = tables.need(nuclide.values.get("d").copied(), &nuclide.key)?;
    let d_unit =
        nuclides.column.iter().find(|column| column.key == "d").map_or(Unit::Bq, |column| column.unit);
    let in_becquerel =
        d_unit.convert(1.0, Unit::Bq).ok().and_then(exact).and_then(|one| one.checked_mul(d_value));
    let d_becquerel = tables.need(in_becquerel, &nuclide.key)?;
    let ratio = activity.checked_div(d_becquerel).ok_or_else(nothing)?;

    let none = Circumstances::new();
    let source_of = |source: &Sourced, row: &FactorRow| Sourced {
        status: row.status.unwrap_or(source.status),
        ..source.clone()
    };
    let mut used = vec![category_source, ratio_source, source_of(&nuclide_source, nuclide)];
    let mut answer = Answer {
        value: Some(Figure::new("ad", Text::same("A/D"), cut(ratio), Unit::None)),
        figures: vec![Figure::new("d_value", named(FIGURES, "d_value"), d_value.normalize(), d_unit)],
        ..Answer::default()
    };
    // The rows go from the most dangerous category down: the first whose least activity is reached.
    let reached =
        ratios.row.iter().find(|row| row.values.get("times_d").is_some_and(|times| *times <= ratio));
    let id = match reached {
        Some(row) => row.key.as_str(),
        None => {
            let exemption = tables.factors("exemption");
            let found = exemption.and_then(|(source, body)| Some((source, body.row(&nuclide.key, &none)?)));
            let least = found.as_ref().and_then(|(_, row)| row.values.get("activity").copied());
            let (Some((source, row)), Some(least)) = (found, least) else {
                answer.cannot_tell = Some(CannotTell::new(
                    "no_limit",
                    format!("低于Ⅳ类下限，数据中没有{}的豁免活度，不能判定是Ⅴ类还是豁免", nuclide.name.zh),
                    format!(
                        "below category IV, and the data lack the exempt activity of {}: category V or exempt cannot be told",
                        nuclide.name.en
                    ),
                ));
                return Ok(answer.by(tables.edition(), &used.iter().collect::<Vec<_>>()));
            };
            used.push(source_of(&source, row));
            let name = named(FIGURES, "exempt_activity");
            answer.figures.push(Figure::new("exempt_activity", name, least.normalize(), Unit::Bq));
            if least <= activity { "V" } else { "exempt" }
        }
    };
    answer.class = Some(single_factor::class(categories, id));
    answer.deciding = vec![nuclide.name.clone()];
    if let Some(grade) = categories.iter().find(|grade| grade.id == id) {
        answer.steps.extend(grade.state.iter().chain(&grade.text).cloned());
    }
    Ok(answer.by(tables.edition(), &used.iter().collect::<Vec<_>>()))
}

/// The ratio as shown: cut, not rounded, so that it never reads as the limit of a category it does not reach.
fn cut(ratio: Decimal) -> Decimal {
    ratio.round_sf_with_strategy(SHOWN_DIGITS, RoundingStrategy::ToZero).unwrap_or(ratio).normalize()
}

/// The row of a nuclide, by any of the ways people write it: `Co-60`, `60Co`, `⁶⁰Co`, `钴-60`, `Am-241/Be`.
fn nuclide_called<'a>(nuclides: &'a Factors, written: &str) -> Option<&'a FactorRow> {
    let wanted = plain(written);
    nuclides.row.iter().find(|row| {
        let names = [&row.key, &row.name.zh, &row.name.en].into_iter().chain(&row.aliases);
        names
            .into_iter()
            .any(|name| plain(name) == wanted || mass_first(name).is_some_and(|name| name == wanted))
    })
}

/// Letters and digits only, in lower case, raised ones as plain ones.
fn plain(name: &str) -> String {
    name.trim_end_matches("放射源")
        .trim_end_matches('源')
        .chars()
        .map(|c| match c {
            '⁰' => '0',
            '¹' => '1',
            '²' => '2',
            '³' => '3',
            '⁴'..='⁹' => char::from(b'4' + u8::try_from(c as u32 - '⁴' as u32).unwrap_or(0)),
            '０'..='９' => char::from(b'0' + u8::try_from(c as u32 - '０' as u32).unwrap_or(0)),
            'ᵐ' => 'm',
            other => other,
        })
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// `Am-241/Be` → `241ambe`, the mass before the symbol.
fn mass_first(name: &str) -> Option<String> {
    let (symbol, rest) = name.split_once('-')?;
    let (mass, tail) = rest.split_once('/').unwrap_or((rest, ""));
    Some(plain(&format!("{mass}{symbol}{tail}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nuclides_are_known_by_every_name() {
        let tables = Law::embedded().latest(SEPA_62).expect("the measure");
        let (_, nuclides) = tables.factors("nuclides").expect("its nuclides");
        for (written, want) in [
            ("Co-60", "Co-60"),
            ("60Co", "Co-60"),
            ("⁶⁰Co", "Co-60"),
            ("co 60", "Co-60"),
            ("钴-60", "Co-60"),
            ("钴60", "Co-60"),
            ("Ｃo－６０", "-"),
            ("Cs137", "Cs-137"),
            ("铯-137放射源", "Cs-137"),
            ("99mTc", "Tc-99m"),
            ("Am-241/Be", "Am-241/Be"),
            ("241Am-Be", "Am-241/Be"),
            ("镅-241/铍", "Am-241/Be"),
            ("镅-241", "Am-241"),
            ("U-238", "-"),
            ("", "-"),
        ] {
            let got = nuclide_called(nuclides, written).map_or("-", |row| row.key.as_str());
            assert_eq!(got, want, "{written}");
        }
        assert_eq!(cut(Decimal::new(99_999, 2)), Decimal::from(999));
    }
}
