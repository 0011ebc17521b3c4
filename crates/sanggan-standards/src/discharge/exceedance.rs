//! The assessment `discharge`: measured values against the limits that apply.

use rust_decimal::Decimal;
use sanggan_base::Unit;

use super::limit::{Candidate, OutletLimit, Reference, outlet_limits};
use super::outlet::{Outlet, circumstances, columns, items, permit_columns};
use super::oxygen::{Bounds, Guard, convert, doubtful};
use super::selection::{FIRST, names, no_limit, not_at_hand, still_open, vouched, without_limit};
use crate::assess::{
    Answer, Assessment, CannotTell, Cell, Column, ColumnChoice, Exclusion, Figure, ItemAnswer, Row, Rows,
};
use crate::edition::{Basis, Text, Theme};
use crate::law::Law;
use crate::schema::general::Circumstance;
use crate::{Rounding, Unjudged};

pub(super) const DISCHARGE: Assessment = Assessment {
    id: "discharge",
    theme: Theme::Discharge,
    title: ("排放达标判定", "Discharge against its limits"),
    about: (
        "找出每个项目执行的限值，烟气按基准氧含量折算，再判定是否超标；废气以小时均值、废水以日均值判定，启停、停运、故障时段不作结论。",
        "Finds the limit of each item, converts flue gas to the reference oxygen content and says whether it is exceeded: gas by the hourly mean, water by the daily mean; start-up, stand-still and faults are not judged.",
    ),
    standards: &[FIRST, "GB 13223", "GB 13271", "GB 4915", "GB 20426", "HJ 75"],
    rows: Rows::Each,
    columns: all_columns,
    figures: &[("share", "最大占标率", "greatest share of a limit")],
    example: &[&[
        ("place", "140621"),
        ("source", "power_boiler"),
        ("fuel", "coal"),
        ("built", "2015-06-01"),
        ("special_area", "no"),
        ("burner", "other"),
        ("high_sulfur_area", "no"),
        ("ultra_low", "yes"),
        ("o2", "8"),
        ("so2", "31.2"),
        ("nox", "41"),
    ]],
    judge,
};

fn all_columns(law: &Law) -> Vec<Column> {
    let mut all = columns(law);
    let state = |id, zh, en| ColumnChoice::new(id, zh, en);
    let flagged = |id, zh, en, flag: &str| {
        let mut choice = ColumnChoice::new(id, zh, en);
        choice.aliases.push(flag.to_owned());
        choice
    };
    all.push(
        Column::choice(
            "state",
            "工况",
            "state",
            vec![
                flagged("normal", "正常", "normal", "N"),
                state("startup", "启动", "start-up"),
                state("shutdown", "停机过程", "shut-down"),
                flagged("stopped", "停运", "standing still", "F"),
                flagged("fault", "监测设备故障", "fault of the monitor", "D"),
                flagged("maintenance", "监测设备维护", "maintenance of the monitor", "M"),
            ],
        )
        .or("运行状态", &["生产状态", "标记", "status"]),
    );
    all.push(
        Column::choice(
            "averaging",
            "均值时段",
            "averaging time",
            vec![
                state("hour", "小时均值", "hourly mean"),
                state("day", "日均值", "daily mean"),
                state("spot", "瞬时样", "spot sample"),
            ],
        )
        .or("平均时间", &["数据类型"]),
    );
    all.push(
        Column::number("o2", "实测含氧量", "measured oxygen content", Unit::Percent)
            .or("含氧量", &["氧含量", "O2", "a19001", "oxygen"]),
    );
    all.push(
        Column::yes_no("converted", "浓度是否已折算", "already converted to the reference oxygen content")
            .or("已折算", &["折算浓度"]),
    );
    all.extend(items(law).iter().map(Column::of_item));
    all.extend(permit_columns(law));
    all
}

fn judge(law: &Law, rows: &[Row], basis: Basis<'_>) -> Answer {
    let Some(row) = rows.first() else { return Answer::cannot_tell(Unjudged::NothingMeasured) };
    match answer(law, row, basis) {
        Ok(answer) => answer,
        Err(why) => Answer::cannot_tell(why),
    }
}

/// What a value came to.
struct Judged {
    item: ItemAnswer,
    /// Percent of the limit.
    share: Option<Decimal>,
    /// Why it cannot be told.
    why: Option<CannotTell>,
}

/// What all items of a row are judged by.
struct Context<'a> {
    row: &'a Row,
    guard: Guard,
    known: &'a [Circumstance],
}

fn answer(law: &Law, row: &Row, basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let not_measuring = |zh: &str, en: &str| Err(CannotTell::new("not_measuring", zh, en));
    match row.choice("state") {
        Some("stopped") => {
            return not_measuring("停运时段不作判定", "a plant that stands still is not judged");
        }
        Some("fault" | "maintenance") => {
            return not_measuring(
                "监测设备故障或维护时段的数据无效",
                "data during a fault or maintenance of the monitor are invalid",
            );
        }
        _ => {}
    }
    let outlet = Outlet::of_row(law, row)?;
    let measured: Vec<String> =
        items(law).into_iter().map(|item| item.key).filter(|key| row.cell(key).is_some()).collect();
    if measured.is_empty() {
        return Err(Unjudged::NothingMeasured.into());
    }
    let limits = outlet_limits(law, &outlet, None, basis)?;
    let known = circumstances(law);
    let bounds = Bounds::of(law, basis)?;
    let context = Context { row, guard: bounds.guard, known: &known };
    let mut answer = Answer::default();
    let (mut share, mut open): (Option<Decimal>, Vec<CannotTell>) = (None, Vec::new());
    for found in limits.iter().filter(|found| measured.contains(&found.item.key)) {
        answer = vouched(answer, found);
        answer.excluded.extend(not_at_hand(found));
        let judged = context.judge(found, &mut answer.steps);
        share = share.max(judged.share);
        if judged.item.meets == Some(false) {
            answer.deciding.push(judged.item.name.clone());
        }
        if let Some(why) = judged.why {
            let name = &judged.item.name;
            answer.excluded.push(Exclusion { what: name.clone(), why: why.text.clone() });
            open.push(CannotTell {
                code: why.code,
                text: Text::new(
                    format!("{}：{}", name.zh, why.text.zh),
                    format!("{}: {}", name.en, why.text.en),
                ),
            });
        }
        answer.items.push(judged.item);
    }
    if let Some(o2) = row.value("o2").filter(|_| answer.items.iter().any(|item| is_mass_by_gas(item.unit))) {
        answer = bounds.vouch(answer, bounds.guard.doubtful_above < o2);
    }
    answer.value = share.map(|share| {
        let name = Text::new("最大占标率", "greatest share of a limit");
        Figure::new("share", name, Rounding::HalfEven(2).apply(share), Unit::Percent)
    });
    conclude(&mut answer, &open);
    Ok(answer)
}

/// Exceeded when one item is; met when all that were measured are; else it cannot be told.
fn conclude(answer: &mut Answer, open: &[CannotTell]) {
    if answer.items.is_empty() {
        answer.cannot_tell = Some(no_limit());
    } else if answer.items.iter().any(|item| item.meets == Some(false)) {
        answer.meets = Some(false);
    } else if let Some(first) = open.first() {
        let texts: Vec<&Text> = open.iter().map(|one| &one.text).collect();
        answer.cannot_tell = Some(CannotTell { code: first.code, text: Text::joined(&texts, "；", "; ") });
        answer.value = None;
    } else {
        answer.meets = Some(true);
    }
}

/// Blackness and the like are no concentrations and are not converted.
fn is_mass_by_gas(unit: Unit) -> bool {
    unit.convert(1.0, Unit::MgPerM3).is_ok()
}

impl Context<'_> {
    fn judge(&self, found: &OutletLimit, steps: &mut Vec<Text>) -> Judged {
        let item = ItemAnswer {
            key: found.item.key.clone(),
            name: found.item.name.clone(),
            value: None,
            unit: found.item.unit,
            limit: None,
            class: None,
            meets: None,
            multiple: None,
            note: None,
        };
        let Some(limit) = &found.limit else {
            let why = still_open(found, self.known).unwrap_or_else(|| without_limit(found));
            return Judged { item, share: None, why: Some(why) };
        };
        let item = ItemAnswer { limit: Some(limit.written(&found.item)), note: Some(limit.label()), ..item };
        match self.compare(found, limit, steps) {
            Ok((value, exceeded)) => self.told(found, limit, item, value, exceeded),
            Err(why) => Judged { item, share: None, why: Some(why) },
        }
    }

    /// The value compared, and whether it is beyond the limit.
    fn compare(
        &self,
        found: &OutletLimit,
        limit: &Candidate,
        steps: &mut Vec<Text>,
    ) -> Result<(Option<Decimal>, bool), CannotTell> {
        self.fits_averaging(limit)?;
        let (measured, below) = match self.row.cell(&found.item.key) {
            Some(Cell::Number(measured)) => (measured.value, measured.below_detection),
            // Without a stated detection limit "not detected" is taken at its word.
            _ => return Ok((None, false)),
        };
        if limit.word.is_some() {
            return Ok((Some(measured), !below));
        }
        let value = self.converted(found, limit, measured, steps)?;
        let value = found.item.rounding().apply(value);
        let beyond = limit.max.is_some_and(|max| max < value) || limit.min.is_some_and(|min| value < min);
        if below && beyond {
            return Err(CannotTell::new(
                "detection_limit",
                "检出限高于排放限值，不能判定",
                "the detection limit is above the discharge limit",
            ));
        }
        Ok((Some(value), beyond))
    }

    fn fits_averaging(&self, limit: &Candidate) -> Result<(), CannotTell> {
        let (Some(given), Some(wanted)) = (self.row.choice("averaging"), limit.averaging.as_deref()) else {
            return Ok(());
        };
        if given == wanted {
            return Ok(());
        }
        let (zh, en) =
            if wanted == "day" { ("日均值", "daily mean") } else { ("小时均值", "hourly mean") };
        Err(CannotTell::new(
            "averaging",
            format!("限值是{zh}，所给的值不是，不能判定"),
            format!("the limit is for the {en}, which the value is not"),
        ))
    }

    /// The value at the reference oxygen content, where the limit has one.
    fn converted(
        &self,
        found: &OutletLimit,
        limit: &Candidate,
        measured: Decimal,
        steps: &mut Vec<Text>,
    ) -> Result<Decimal, CannotTell> {
        if !is_mass_by_gas(found.item.unit) || self.row.is_yes("converted") == Some(true) {
            return Ok(measured);
        }
        let reference = match &limit.reference {
            Reference::None => return Ok(measured),
            Reference::Oxygen(reference) => *reference,
            Reference::Unknown(keys) => {
                let names = names(&keys.iter().map(String::as_str).collect::<Vec<_>>(), self.known);
                return Err(CannotTell::new(
                    "reference_oxygen",
                    format!("基准氧含量取决于：{}", names.zh),
                    format!("the reference oxygen content depends on: {}", names.en),
                ));
            }
        };
        let o2 = self.row.value("o2").ok_or_else(|| {
            CannotTell::new("missing", "缺少：实测含氧量", "missing: measured oxygen content")
        })?;
        let value = convert(measured, o2, reference, self.guard).map_err(super::NotConverted::reason)?;
        steps.push(Text::same(format!(
            "{}: {measured} × ({air} − {}) ÷ ({air} − {o2}) = {value}",
            found.item.name.zh,
            reference.o2,
            air = reference.air,
        )));
        steps.extend(doubtful(o2, self.guard));
        Ok(value)
    }

    /// What follows from the comparison: an exceedance is certain even while the limit could be stricter still; that
    /// the limit is met is not.
    fn told(
        &self,
        found: &OutletLimit,
        limit: &Candidate,
        item: ItemAnswer,
        value: Option<Decimal>,
        exceeded: bool,
    ) -> Judged {
        let max = limit.max.filter(|max| !max.is_zero() && limit.min.is_none());
        let share =
            value.zip(max).and_then(|(value, max)| value.checked_div(max)?.checked_mul(Decimal::ONE_HUNDRED));
        let starting = matches!(self.row.choice("state"), Some("startup" | "shutdown"));
        let why = match (exceeded, starting) {
            (true, true) => Some(CannotTell::new(
                "start_up",
                "启停时段超过限值，是否豁免以标准或许可证为准",
                "above the limit during start-up or shut-down: whether it is exempt is for the standard or permit to say",
            )),
            (true, false) => None,
            (false, _) => still_open(found, self.known),
        };
        let multiple = value
            .zip(max)
            .filter(|_| exceeded && why.is_none())
            .and_then(|(value, max)| Some(Rounding::HalfEven(2).apply((value - max).checked_div(max)?)));
        let item = ItemAnswer { value, meets: why.is_none().then_some(!exceeded), multiple, ..item };
        Judged { item, share, why }
    }
}
