//! One observation: its versions and the packet it came in.

use sanggan_base::{Millis, SeriesKey};
use sanggan_lake::ReadQuery;
use sanggan_store::Operation;

use super::{Asker, rules, title};
use crate::dto::{Counts, ExplainFrame, ExplainInput, Explanation, Names};
use crate::problem::{Answer, Problem};
use crate::routes::frames;
use crate::words;

/// Explains one observation down to its packet.
pub(crate) async fn observation(asker: &Asker<'_>, key: &SeriesKey, at: Millis) -> Answer<Explanation> {
    let state = asker.state;
    let none = || Problem::not_found("there is no such observation");
    let series = state.lake().find_series(key).ok_or_else(none)?;
    let query = ReadQuery { series: vec![series], from: at, to: at.plus(1), as_of: asker.as_of };
    let versions = state.lake().read_versions(query).await?;
    // The newest version known then; older ones are listed as left out.
    let current = versions.last().copied().ok_or_else(none)?;
    let unit = words::unit(state, &key.station, key.parameter.as_str()).symbol().to_owned();
    let version = |observation: &sanggan_base::Observation, used: bool| ExplainInput {
        title: Names::new(
            format!("{} 入库的版本", observation.recorded_at),
            format!("version recorded {}", observation.recorded_at),
        ),
        value: Some(observation.value),
        unit: unit.clone(),
        flag: Some(observation.flag.name().to_owned()),
        at: Some(observation.at.to_string()),
        iaqi: None,
        used,
        why_not: None,
        formula: None,
        explain: None,
        frame: observation.frame.map(|frame| frame.0),
    };
    let excluded: Vec<ExplainInput> = versions
        .iter()
        .rev()
        .skip(1)
        .map(|observation| ExplainInput {
            why_not: Some(Names::new("已被更新的版本代替", "replaced by a newer version")),
            ..version(observation, false)
        })
        .collect();
    let frame = match current.frame {
        Some(id) => state.lake().frame(id).await?,
        None => None,
    };
    let staff = asker.caller.may(Operation::ReadFrames);
    let frame = frame.map(|frame| {
        let (text, _, password_hidden) = frames::shown_text(asker.caller, &frame.bytes);
        ExplainFrame {
            id: frame.id.0,
            sm3: frame.sm3,
            received_at: frame.received_at.to_string(),
            peer: staff.then_some(frame.peer),
            text: staff.then_some(text),
            password_hidden: staff && password_hidden,
        }
    });
    let text = match (current.frame, words::why_not(current.flag)) {
        (_, Some(why)) => Names::new(
            format!("数据标记：{}，不参与统计", why.zh),
            format!("flag: {}; takes no part in statistics", why.en),
        ),
        (Some(_), None) => {
            Names::new("设备上报，按原报文解码", "sent by the device, decoded from the packet as received")
        }
        (None, None) => {
            Names::new("由文件导入或人工录入，无报文", "imported from a table or entered; there is no packet")
        }
    };
    let local = at.local();
    let when = format!("{} {:02}:{:02}:{:02}", local.date(), local.hour(), local.minute(), local.second());
    Ok(Explanation {
        title: title(
            state,
            &key.station,
            &[
                words::parameter(state, key.parameter.as_str()),
                words::cadence(key.cadence),
                words::measure(key.measure),
                Names::same(when),
            ],
        ),
        value: Some(current.value),
        unit: unit.clone(),
        valid: current.flag.is_valid(),
        verdict: None,
        rule: rules::of_platform(text),
        formula: None,
        counts: Counts { used: 1, required: 1, excluded: excluded.len() as u32 },
        inputs: vec![version(&current, true)],
        excluded,
        frame,
        limits: Vec::new(),
        as_of: asker.as_of_text(),
    })
}
