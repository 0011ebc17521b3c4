//! What is discharged through an outlet in a month: equivalents, which pollutants are taxed, reductions, the tax.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use crate::assess::{ClassAnswer, Exclusion, Figure, ItemAnswer};
use crate::assess::{Column, Row};
use crate::edition::{Sourced, Status, Text};
use crate::enterprise::tax::{TaxLaw, amount, choice_of, left_out, over_limit, too_large, who_and_when};
use crate::law::Law;
use crate::{Answer, CannotTell};

/// The further figures of an outlet's tax.
pub(crate) const FIGURES: &[(&str, &str, &str)] = &[
    ("equivalents", "征税的污染当量数", "equivalents that are taxed"),
    ("full_tax", "减征前税额", "tax before reductions"),
    ("reduction", "减征税额", "reduction"),
];

/// One pollutant with its equivalents, before it is known whether it is taxed.
pub(crate) struct Load<'a> {
    pub(crate) key: String,
    pub(crate) name: Text,
    /// `air`, `water_1`, `water_2`: within it the pollutants are ranked.
    pub(crate) rank: &'static str,
    /// Pollutants of one group are taxed only once.
    pub(crate) group: Option<String>,
    pub(crate) equivalents: Decimal,
    /// How the equivalents came about.
    pub(crate) how: Text,
    /// Where the equivalent value is surer or less sure than its table.
    pub(crate) status: Option<Status>,
    pub(crate) row: &'a Row,
}

enum Fate {
    Taxed,
    /// Another of its group has more equivalents.
    OneOfGroup(Text),
    /// Others have more equivalents.
    Beyond(Decimal),
    /// A discharge of nothing.
    Nothing,
}

/// The columns of an outlet's tax beside those of the pollutant itself.
pub(crate) fn columns(law: &Law, concentration: Unit) -> Vec<Column> {
    let mut columns = who_and_when();
    columns.extend([
        Column::text("outlet", "排放口", "outlet")
            .or("排口", &["排放口名称", "排放口编号", "排污口", "点位"]),
        Column::text("pollutant", "污染物", "pollutant")
            .or("污染物名称", &["项目", "因子", "污染物代码", "code"])
            .required(),
        Column::number("amount", "排放量", "amount discharged", Unit::Kg)
            .or("污染物排放量", &["amount_kg", "emission"]),
        Column::number("generated", "产生量", "amount generated", Unit::Kg)
            .or("污染物产生量", &[])
            .note("仅在有违法情形时使用", "used only with a violation"),
        Column::number("concentration", "浓度值", "concentration", concentration)
            .or("浓度", &["实测浓度", "月均浓度", "折算浓度"])
            .note("当月平均，见减征条件", "mean of the month, for reductions"),
        Column::number("limit", "排放标准", "discharge limit", concentration)
            .or("标准限值", &["限值", "执行标准"]),
        Column::yes_no("within", "均达标", "all values within the limit").or("达标", &["是否达标"]).note(
            "当月每个小时（水为日）均值和每次监测值均不超标",
            "every hourly (water: daily) mean and every measurement of the month is within the limit",
        ),
        Column::yes_no("elsewhere", "其他排放口超标", "another outlet over its limit"),
        choice_of(law, "violation", "违法情形", "violation", "generated")
            .note("有的，以产生量作为排放量", "if any, the amount generated counts as discharged"),
        choice_of(law, "exempt", "免征情形", "exemption", "exemption").or("减免情形", &["减免性质"]),
        Column::text("region", "地区", "region").or("行政区划代码", &["省份", "所在地"]).note(
            "省名或6位行政区划代码，用于查适用税额",
            "name of the province or six-digit code, to find its rate",
        ),
        Column::number("rate", "适用税额", "rate of one equivalent", Unit::Yuan)
            .or("单位税额", &["税额标准"])
            .note("元/污染当量；给出时不查地区", "yuan for one equivalent; goes before the region"),
    ]);
    columns
}

/// The kilograms that count as discharged: those generated where the law says so.
pub(crate) fn discharged(row: &Row, name: &Text) -> Result<(Decimal, bool), CannotTell> {
    let generated = row.choice("violation").is_some();
    let column = if generated { "generated" } else { "amount" };
    match amount(row, column, name)? {
        Some(kilograms) => Ok((kilograms, generated)),
        None if generated => Err(CannotTell::new(
            "missing",
            format!("{}：有违法情形，应以产生量计税，缺产生量", name.zh),
            format!("{}: with a violation the amount generated is taxed, and it is missing", name.en),
        )),
        None => Err(CannotTell::new(
            "missing",
            format!("{}：缺排放量", name.zh),
            format!("{}: the amount discharged is missing", name.en),
        )),
    }
}

/// The tax of one outlet in one month.
pub(crate) fn tax(
    law: &TaxLaw<'_>,
    medium: &str,
    mut loads: Vec<Load<'_>>,
    rows: &[Row],
    mut excluded: Vec<Exclusion>,
    tables: Vec<Sourced>,
) -> Result<Answer, CannotTell> {
    for (number, load) in loads.iter().enumerate() {
        if loads.iter().take(number).any(|other| other.key == load.key && other.rank == load.rank) {
            return Err(CannotTell::new(
                "given_twice",
                format!("{} 在同一排放口、同一月份出现两次", load.name.zh),
                format!("{} is given twice for one outlet and month", load.name.en),
            ));
        }
    }
    // A stable sort: those with the same equivalents stay in the order of the annex.
    loads.sort_by_key(|load| std::cmp::Reverse(load.equivalents));
    let (taxed_by, counts) = law.law_factors("taxed")?;
    let refused = refusal(rows);
    excluded.extend(refused.clone());

    let mut answer = Answer::default();
    let (mut due, mut full, mut equivalents) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
    let (mut no_rate, mut local) = (None, None);
    let mut ranked: Vec<(&str, u32)> = Vec::new();
    let mut groups: Vec<(&str, &Text)> = Vec::new();
    for load in &loads {
        let most = law.number(&law.tax, counts, load.rank, "count")?;
        let fate = fate(load, most, &mut ranked, &mut groups);
        let mut note = load.how.clone();
        if let Fate::Taxed = fate {
            answer.deciding.push(load.name.clone());
            equivalents = equivalents.checked_add(load.equivalents).ok_or_else(too_large)?;
            match law.rate(medium, &load.key, load.row) {
                Ok(rate) => {
                    let pay = if refused.is_some() { Decimal::ONE_HUNDRED } else { pay(law, load.row)? };
                    let product = load.equivalents.checked_mul(rate.yuan).ok_or_else(too_large)?;
                    let own = product.checked_mul(pay).ok_or_else(too_large)? / Decimal::ONE_HUNDRED;
                    let (own, product) = (law.money(own)?, law.money(product)?);
                    due = due.checked_add(own).ok_or_else(too_large)?;
                    full = full.checked_add(product).ok_or_else(too_large)?;
                    note = Text::joined(
                        &[&note, &Text::same(format!("× {} × {pay} % = {own}", rate.yuan.normalize()))],
                        " ",
                        " ",
                    );
                    local = local.or(rate.local);
                }
                Err(why) => no_rate = no_rate.or(Some(why)),
            }
        }
        excluded.extend(why_not(load, &fate));
        answer.items.push(ItemAnswer {
            key: load.key.clone(),
            name: load.name.clone(),
            value: Some(law.rounded("equivalents", load.equivalents)?),
            unit: Unit::None,
            limit: None,
            class: Some(class(&fate)),
            meets: over_limit(load.row).map(|over| !over),
            multiple: None,
            note: Some(note),
        });
    }
    let (reduced_by, _) = law.law_factors("reduction")?;
    let (money_by, _) = law.law_factors("money")?;
    answer = answer.by(law.tax.edition(), &[&taxed_by, &reduced_by, &money_by]);
    answer = answer.by(law.annex.edition(), &tables.iter().collect::<Vec<_>>());
    // One doubtful value may also decide which of the others are taxed.
    for doubt in loads.iter().filter_map(|load| load.status) {
        answer.status = answer.status.map(|status| status.min(doubt));
    }
    if let Some((edition, sourced)) = &local {
        let clause =
            Text::new(format!("{edition} {}", sourced.clause.zh), format!("{edition} {}", sourced.clause.en));
        answer.clause = answer.clause.map(|have| Text::joined(&[&have, &clause], "；", "; "));
        answer.status = answer.status.map(|status| status.min(sourced.status));
    }
    answer = answer.figure(figure(0, law.rounded("equivalents", equivalents)?, Unit::None));
    let (due, full) = (law.money(due)?, law.money(full)?);
    if no_rate.is_none() {
        answer.value = Some(due_figure(due));
        answer = answer.figure(figure(1, full, Unit::Yuan)).figure(figure(2, full - due, Unit::Yuan));
    }
    answer.cannot_tell = no_rate;
    answer.excluded = excluded;
    Ok(answer)
}

/// The tax due, as a figure.
pub(crate) fn due_figure(due: Decimal) -> Figure {
    Figure::new("tax", Text::new("应纳税额", "tax due"), due, Unit::Yuan)
}

fn figure(number: usize, value: Decimal, unit: Unit) -> Figure {
    let (key, zh, en) = FIGURES.get(number).copied().unwrap_or(("", "", ""));
    Figure::new(key, Text::new(zh, en), value, unit)
}

/// Why nothing is reduced at this outlet; `None` when reductions may be looked for.
fn refusal(rows: &[Row]) -> Option<Exclusion> {
    let claimed = rows.iter().any(|row| row.value("concentration").is_some() && row.value("limit").is_some());
    if !claimed {
        return None;
    }
    let what = Text::new("减征", "reduction");
    if rows.iter().any(|row| over_limit(row) == Some(true) || row.is_yes("elsewhere") == Some(true)) {
        return Some(left_out(
            what,
            "有排放口超过排放标准，不予减征",
            "an outlet was over its limit: nothing is reduced",
        ));
    }
    let unstated: Vec<&str> =
        rows.iter().filter(|row| over_limit(row).is_none()).filter_map(|row| row.text("pollutant")).collect();
    (!unstated.is_empty()).then(|| {
        left_out(
            what,
            format!("未说明当月各次浓度均达标（{}），按不减征计算", unstated.join("、")),
            format!(
                "it is not said that every value of the month is within the limit ({})",
                unstated.join(", ")
            ),
        )
    })
}

/// The percent of the tax that is paid.
fn pay(law: &TaxLaw<'_>, row: &Row) -> Result<Decimal, CannotTell> {
    let (Some(value), Some(limit)) = (row.value("concentration"), row.value("limit")) else {
        return Ok(Decimal::ONE_HUNDRED);
    };
    let (_, reductions) = law.law_factors("reduction")?;
    let mut pay = Decimal::ONE_HUNDRED;
    for reduction in &reductions.row {
        let (Some(below), Some(share)) = (reduction.values.get("below"), reduction.values.get("pay")) else {
            continue;
        };
        let bound = limit.checked_mul(Decimal::ONE_HUNDRED - below).ok_or_else(too_large)?;
        if value.checked_mul(Decimal::ONE_HUNDRED).ok_or_else(too_large)? <= bound {
            pay = pay.min(*share);
        }
    }
    Ok(pay)
}

fn fate<'l>(
    load: &'l Load<'_>,
    most: Decimal,
    ranked: &mut Vec<(&'l str, u32)>,
    groups: &mut Vec<(&'l str, &'l Text)>,
) -> Fate {
    if load.equivalents.is_zero() {
        return Fate::Nothing;
    }
    if let Some(group) = load.group.as_deref() {
        if let Some((_, chosen)) = groups.iter().find(|(own, _)| *own == group) {
            return Fate::OneOfGroup((*chosen).clone());
        }
        groups.push((group, &load.name));
    }
    let position = match ranked.iter().position(|(rank, _)| *rank == load.rank) {
        Some(position) => position,
        None => {
            ranked.push((load.rank, 0));
            ranked.len() - 1
        }
    };
    match ranked.get_mut(position) {
        Some((_, so_far)) if Decimal::from(*so_far) < most => {
            *so_far += 1;
            Fate::Taxed
        }
        _ => Fate::Beyond(most),
    }
}

fn why_not(load: &Load<'_>, fate: &Fate) -> Option<Exclusion> {
    match fate {
        Fate::Taxed => None,
        Fate::OneOfGroup(chosen) => Some(left_out(
            load.name.clone(),
            format!("同一排放口只征收一项，已按{}征收", chosen.zh),
            format!("only one of them is taxed at an outlet: {} is", chosen.en),
        )),
        Fate::Beyond(most) => Some(left_out(
            load.name.clone(),
            format!("当量数排在前 {most} 项之后，不征税"),
            format!("not among the first {most} by equivalents: not taxed"),
        )),
        Fate::Nothing => Some(left_out(load.name.clone(), "当量数为零", "no equivalents")),
    }
}

fn class(fate: &Fate) -> ClassAnswer {
    let (id, zh, en) = match fate {
        Fate::Taxed => ("taxed", "征税", "taxed"),
        Fate::OneOfGroup(_) => ("one_of_group", "只征收一项，不征", "not taxed: one of its group is"),
        Fate::Beyond(_) => ("beyond", "排序靠后，不征", "not taxed: others come first"),
        Fate::Nothing => ("nothing", "无当量", "no equivalents"),
    };
    ClassAnswer { id: id.to_owned(), name: Text::new(zh, en), colour: None }
}
