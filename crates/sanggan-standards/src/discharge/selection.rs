//! The assessment `discharge-limit`: which limit holds, where it stands, and why this one.

use sanggan_base::Unit;

use super::limit::{Candidate, Open, OutletLimit, Reference, outlet_limits, title};
use super::outlet::{Outlet, circumstances, columns, item_called, permit_columns};
use crate::Unjudged;
use crate::assess::{Answer, Assessment, CannotTell, Column, Exclusion, Figure, ItemAnswer, Row, Rows};
use crate::edition::{Basis, Status, Text, Theme};
use crate::law::Law;
use crate::schema::general::Circumstance;

/// The standard of which an edition may be asked for by its name alone.
pub(super) const FIRST: &str = "GB 18918";

pub(super) const DISCHARGE_LIMIT: Assessment = Assessment {
    id: "discharge-limit",
    theme: Theme::Discharge,
    title: ("执行的排放限值", "Discharge limit that applies"),
    about: (
        "按排放口的种类、地点、年代、燃料、等级等，找出国家、省、市各标准和许可证中最严的限值，并说明理由；条件不明时指出须先知道什么。",
        "Finds the strictest limit for an outlet among national, provincial and city standards and its permit, by kind, place, age, fuel, grade and so on, with the reason; where something decisive is not known it names it.",
    ),
    standards: &[FIRST, "GB 13223", "GB 13271", "GB 4915", "GB 20426"],
    rows: Rows::Each,
    columns: all_columns,
    figures: &[
        ("limit", "限值", "limit"),
        ("limit_min", "下限", "lower limit"),
        ("known_limit", "已知最严限值", "strictest limit known"),
        ("reference_o2", "基准氧含量", "reference oxygen content"),
    ],
    example: &[&[
        ("place", "140621"),
        ("source", "sewage_works"),
        ("grade", "1A"),
        ("built", "2010-06-01"),
        ("parameter", "COD"),
    ]],
    judge,
};

fn all_columns(law: &Law) -> Vec<Column> {
    let mut all = columns(law);
    all.push(
        Column::text("parameter", "监测项目", "parameter")
            .or("项目", &["污染物", "因子", "污染因子", "item", "pollutant"])
            .note("不填则列出全部项目", "every item is listed when it is empty"),
    );
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

fn answer(law: &Law, row: &Row, basis: Basis<'_>) -> Result<Answer, CannotTell> {
    let outlet = Outlet::of_row(law, row)?;
    let item = match row.text("parameter") {
        Some(name) => Some(item_called(law, name).ok_or_else(|| {
            CannotTell::new(
                "unknown_parameter",
                format!("没有一项排放标准有“{name}”"),
                format!("no discharge standard has `{name}`"),
            )
        })?),
        None => None,
    };
    let limits = outlet_limits(law, &outlet, item.as_ref().map(|item| item.key.as_str()), basis)?;
    let known = circumstances(law);
    if item.is_some() {
        return match limits.first() {
            Some(limit) => one(limit, &known),
            None => Err(no_limit()),
        };
    }
    all(&limits, &known)
}

pub(super) fn no_limit() -> CannotTell {
    CannotTell::new("no_limit", "没有适用的排放限值", "no limit applies")
}

/// No limit is known: none at all, or one whose figures are not at hand.
pub(super) fn without_limit(found: &OutletLimit) -> CannotTell {
    let parts: Vec<Text> = found
        .not_at_hand
        .iter()
        .map(|one| {
            Text::new(
                format!("{}：{}", one.standard.zh, one.why.zh),
                format!("{}: {}", one.standard.en, one.why.en),
            )
        })
        .collect();
    if parts.is_empty() {
        return no_limit();
    }
    CannotTell { code: "limit_open", text: Text::joined(&parts.iter().collect::<Vec<_>>(), "；", "; ") }
}

/// The answer about one item.
fn one(found: &OutletLimit, known: &[Circumstance]) -> Result<Answer, CannotTell> {
    let mut answer = vouched(Answer::default(), found);
    answer.excluded = not_at_hand(found);
    answer.steps = steps(found, known);
    let Some(limit) = &found.limit else {
        answer.cannot_tell = Some(still_open(found, known).unwrap_or_else(|| without_limit(found)));
        return Ok(answer);
    };
    let label = limit.label();
    if let Some(why) = still_open(found, known) {
        answer.cannot_tell = Some(why);
        if let Some(max) = limit.max {
            answer.figures.push(figure(
                "known_limit",
                "已知最严限值",
                "strictest limit known",
                max,
                found.item.unit,
            ));
        }
        return Ok(answer);
    }
    if let Some(max) = limit.max {
        answer.value = Some(figure("limit", "限值", "limit", max, found.item.unit));
    }
    if let Some(min) = limit.min {
        answer.figures.push(figure("limit_min", "下限", "lower limit", min, found.item.unit));
    }
    if let Reference::Oxygen(reference) = &limit.reference {
        answer.figures.push(figure(
            "reference_o2",
            "基准氧含量",
            "reference oxygen content",
            reference.o2,
            Unit::Percent,
        ));
    }
    answer.deciding = vec![match &limit.word {
        Some(word) => Text::new(format!("{}：{}", label.zh, word.zh), format!("{}: {}", label.en, word.en)),
        None => label,
    }];
    answer.items = vec![item_answer(found, known)];
    Ok(answer)
}

/// The answer about every item that is limited or may be.
fn all(limits: &[OutletLimit], known: &[Circumstance]) -> Result<Answer, CannotTell> {
    let mut answer = Answer::default();
    for found in limits.iter().filter(|found| found.limit.is_some() || !found.open.is_empty()) {
        answer = vouched(answer, found);
        if let (Some(limit), true) = (&found.limit, found.open.is_empty()) {
            let written = limit.written(&found.item);
            answer.deciding.push(Text::new(
                format!("{} {}", found.item.name.zh, written.zh),
                format!("{} {}", found.item.name.en, written.en),
            ));
        } else if let Some(why) = still_open(found, known) {
            answer.excluded.push(Exclusion { what: found.item.name.clone(), why: why.text });
        }
        answer.items.push(item_answer(found, known));
    }
    if answer.deciding.is_empty() {
        let whys: Vec<&Text> = answer.excluded.iter().map(|one| &one.why).collect();
        answer.cannot_tell = Some(match whys.as_slice() {
            [] => no_limit(),
            whys => CannotTell { code: "limit_open", text: Text::joined(whys, "；", "; ") },
        });
    }
    Ok(answer)
}

/// The answer with the standards that were compared; one whose figures are not at hand makes it unconfirmed.
pub(super) fn vouched(mut answer: Answer, found: &OutletLimit) -> Answer {
    let all = found.limit.iter().chain(&found.looser);
    for candidate in all {
        if let Some(edition) = &candidate.edition {
            answer = answer.by(edition, &[&candidate.sourced]);
        }
    }
    if !found.not_at_hand.is_empty() || !found.open.is_empty() {
        answer.status = answer.status.map(|_| Status::Unconfirmed);
    }
    answer
}

fn item_answer(found: &OutletLimit, known: &[Circumstance]) -> ItemAnswer {
    let settled = found.limit.as_ref().filter(|_| found.open.is_empty());
    let note = match (settled, still_open(found, known)) {
        (Some(limit), _) => Some(limit.label()),
        (None, why) => why.map(|why| why.text),
    };
    ItemAnswer {
        key: found.item.key.clone(),
        name: found.item.name.clone(),
        value: None,
        unit: found.item.unit,
        limit: settled.map(|limit| limit.written(&found.item)),
        class: None,
        meets: None,
        multiple: None,
        note,
    }
}

/// What has to be known before the limit is certain.
pub(super) fn still_open(found: &OutletLimit, known: &[Circumstance]) -> Option<CannotTell> {
    let (mut keys, mut figures): (Vec<&str>, Vec<Text>) = (Vec::new(), Vec::new());
    for one in &found.open {
        match one {
            Open::Circumstances { keys: more, .. } => keys.extend(more.iter().map(String::as_str)),
            Open::Figure { edition, what, keys: more } => {
                keys.extend(more.iter().map(String::as_str));
                figures.push(Text::new(
                    format!("{} {}", edition.id, what.zh),
                    format!("{} {}", edition.id, what.en),
                ));
            }
        }
    }
    if keys.is_empty() && figures.is_empty() {
        return None;
    }
    let mut parts = Vec::new();
    if !keys.is_empty() {
        let names = names(&keys, known);
        parts.push(Text::new(format!("须先知道：{}", names.zh), format!("to be known first: {}", names.en)));
    }
    if !figures.is_empty() {
        let list = Text::joined(&figures.iter().collect::<Vec<_>>(), "、", ", ");
        parts.push(Text::new(format!("数值未录入：{}", list.zh), format!("figure not at hand: {}", list.en)));
    }
    let text = Text::joined(&parts.iter().collect::<Vec<_>>(), "；", "; ");
    Some(CannotTell { code: "limit_open", text })
}

/// The names of circumstances, each once.
pub(super) fn names(keys: &[&str], known: &[Circumstance]) -> Text {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    let names: Vec<Text> = keys
        .iter()
        .map(|key| {
            known.iter().find(|one| one.key == **key).map_or_else(|| Text::same(*key), |one| one.name.clone())
        })
        .collect();
    Text::joined(&names.iter().collect::<Vec<_>>(), "、", ", ")
}

pub(super) fn not_at_hand(found: &OutletLimit) -> Vec<Exclusion> {
    let one = |one: &super::Considered| Exclusion { what: one.standard.clone(), why: one.why.clone() };
    found.not_at_hand.iter().map(one).collect()
}

/// Why this limit: what it is, what is looser, what may be stricter, what was passed over.
pub(super) fn steps(found: &OutletLimit, known: &[Circumstance]) -> Vec<Text> {
    let mut steps = Vec::new();
    if let Some(limit) = &found.limit {
        steps.push(said(limit, found, "已知最严", "the strictest of those known"));
        steps.extend(limit.sourced.note.clone());
    }
    steps.extend(found.looser.iter().map(|looser| said(looser, found, "不更严", "not stricter")));
    for one in &found.open {
        if let Open::Circumstances { keys, candidate } = one {
            let names = names(&keys.iter().map(String::as_str).collect::<Vec<_>>(), known);
            steps.push(said(
                candidate,
                found,
                &format!("是否适用取决于：{}", names.zh),
                &format!("whether it holds depends on: {}", names.en),
            ));
        }
    }
    steps.extend(found.passed_over.iter().map(|passed| {
        Text::new(
            format!("{}：{}", passed.standard.zh, passed.why.zh),
            format!("{}: {}", passed.standard.en, passed.why.en),
        )
    }));
    steps
}

fn said(candidate: &Candidate, found: &OutletLimit, zh: &str, en: &str) -> Text {
    let written = candidate.written(&found.item);
    let whose = match &candidate.edition {
        Some(edition) => {
            let title = title(edition);
            Text::new(
                format!("{}，{}", title.zh, candidate.sourced.clause.zh),
                format!("{}, {}", title.en, candidate.sourced.clause.en),
            )
        }
        None => candidate.label(),
    };
    Text::new(format!("{}：{}（{zh}）", whose.zh, written.zh), format!("{}: {} ({en})", whose.en, written.en))
}

fn figure(key: &str, zh: &str, en: &str, value: crate::Decimal, unit: Unit) -> Figure {
    Figure::new(key, Text::new(zh, en), value, unit)
}
