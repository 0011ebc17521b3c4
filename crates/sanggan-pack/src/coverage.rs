//! Which row of the plan's list is carried by what, how far, and which test shows it: `plan-rows.toml` says what is
//! asked, `coverage.toml` what there is.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::fault::PackFault;
use crate::register::sheet::{Node, Sheet};
use crate::register::words::is_row_id;
use crate::{Name, PackFaults, Registers};

/// The format of the two files this program reads.
const VERSION: i64 = 1;

/// Where the app shows a register.
const REGISTER_PAGE: &str = "/registers/";

/// One row of the plan's list: a system, list, rule or duty the plan asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanRow {
    /// `S124`.
    pub id: String,
    /// What is asked for.
    pub name: Name,
    /// Where in the plan (`5§2-一`).
    pub section: String,
    /// `register`, `workflow`, `rule`, `monitoring`, `assessment`, `model`, `disclosure`.
    pub kind: String,
    /// The ability it belongs to.
    pub cap: String,
    /// How plainly the plan asks for it: `A` names it, `B` implies it, `C` touches it.
    pub tier: String,
}

/// How far a row is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageState {
    /// All of it works, and a test shows it.
    Working,
    /// Part of it works; the reason says which part does not.
    Partial,
    /// None of it works yet; the reason says why.
    Planned,
}

/// One row with what carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverageRow {
    /// What is asked.
    #[serde(flatten)]
    pub row: PlanRow,
    /// How far.
    pub state: CoverageState,
    /// Registers that carry it.
    pub definition: Vec<String>,
    /// Where in the app it is seen.
    pub page: Option<String>,
    /// Tests that show it (`crates/…/tests/x.rs::name`, `web/e2e/x.mjs::title`).
    pub test: Vec<String>,
    /// What is missing, and why; always said when not all of it works.
    pub reason: Option<Name>,
}

/// How many rows are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CoverageTotals {
    /// All.
    pub rows: usize,
    /// All of it works.
    pub working: usize,
    /// Part of it works.
    pub partial: usize,
    /// None of it works yet.
    pub planned: usize,
}

/// Every row of the plan's list, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The rows.
    pub rows: Vec<CoverageRow>,
    /// Their count.
    pub totals: CoverageTotals,
}

/// Opens a file of this format and hands its `[[row]]` tables to `each`.
fn rows_of<T>(
    file: &str,
    text: &str,
    faults: &mut Vec<PackFault>,
    mut each: impl FnMut(&mut Sheet<'_>, &mut Node<'_, '_>, &str) -> Option<T>,
) -> Vec<T> {
    let (mut sheet, table) = Sheet::open(file, text, faults);
    let Some(table) = table else { return Vec::new() };
    let mut root = Node::root(&table);
    if root.integer(&mut sheet, "version") != Some(VERSION) {
        root.fault(&mut sheet, "version", format!("this program reads version {VERSION} of this file"));
    }
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    for mut node in root.tables(&mut sheet, "row") {
        let id = node.needed(&mut sheet, "id").unwrap_or_default();
        if !id.is_empty() && !is_row_id(&id) {
            node.fault(&mut sheet, "id", format!("`{id}` is no id of a row (wanted: S and three digits)"));
        } else if !id.is_empty() && !seen.insert(id.clone()) {
            node.fault(&mut sheet, "id", "stands twice");
        }
        rows.extend(each(&mut sheet, &mut node, &id));
        node.end(&mut sheet);
    }
    root.end(&mut sheet);
    rows
}

/// Reads `plan-rows.toml`.
pub(crate) fn plan_rows(file: &str, text: &str, faults: &mut Vec<PackFault>) -> Vec<PlanRow> {
    let mut next = 1;
    rows_of(file, text, faults, |sheet, node, id| {
        let wanted = format!("S{next:03}");
        if is_row_id(id) && id != wanted {
            node.fault(sheet, "id", format!("`{wanted}` stands here in the plan's list"));
        }
        next += 1;
        Some(PlanRow {
            id: id.to_owned(),
            name: node.own_name(sheet),
            section: node.needed(sheet, "section").unwrap_or_default(),
            kind: node.needed(sheet, "kind").unwrap_or_default(),
            cap: node.needed(sheet, "cap").unwrap_or_default(),
            tier: node.needed(sheet, "tier").unwrap_or_default(),
        })
    })
}

/// Reads `coverage.toml` and holds its claims against the registers there are and the tests that `exists` knows by
/// file and name.
pub(crate) fn coverage(
    file: &str,
    text: &str,
    plan: &[PlanRow],
    registers: &Registers,
    exists: &dyn Fn(&str, &str) -> bool,
) -> Result<Coverage, PackFaults> {
    let mut faults = Vec::new();
    let by_id: BTreeMap<&str, &PlanRow> = plan.iter().map(|row| (row.id.as_str(), row)).collect();
    let read = rows_of(file, text, &mut faults, |sheet, node, id| {
        let state = state(sheet, node);
        let definition = node.words(sheet, "definition");
        for name in &definition {
            match registers.get(name) {
                None => node.fault(sheet, "definition", format!("there is no register `{name}`")),
                Some(def) if !def.rows.iter().any(|row| row == id) => {
                    node.fault(sheet, "definition", format!("`{name}` does not name {id} in its `rows`"));
                }
                Some(_) => {}
            }
        }
        let page = node.text(sheet, "page");
        match page.as_deref().map(|page| (page, page.strip_prefix(REGISTER_PAGE))) {
            Some((page, _)) if !page.starts_with('/') => {
                node.fault(sheet, "page", format!("`{page}` is no path of the app (wanted: `/…`)"));
            }
            Some((_, Some(register))) if registers.get(register).is_none() => {
                node.fault(sheet, "page", format!("there is no register `{register}`"));
            }
            _ => {}
        }
        let test = node.words(sheet, "test");
        for name in &test {
            match name.split_once("::") {
                None => node.fault(sheet, "test", format!("`{name}` is not `path::name`")),
                Some((path, title)) if !exists(path, title) => {
                    node.fault(sheet, "test", format!("there is no test `{title}` in {path}"));
                }
                Some(_) => {}
            }
        }
        let reason = node.name(sheet, "reason");
        match state {
            Some(CoverageState::Working) => {
                if test.is_empty() {
                    node.fault(sheet, "test", "a row that works names the test that shows it");
                }
                if definition.is_empty() && page.is_none() {
                    node.fault(sheet, "page", "a row that works names its definition or its page");
                }
            }
            Some(_) if reason.is_none() => {
                node.fault(sheet, "reason", "say in both languages what is missing, and why");
            }
            _ => {}
        }
        if is_row_id(id) && !by_id.contains_key(id) {
            node.fault(sheet, "id", "the plan's list has no such row");
        }
        let row = (*by_id.get(id)?).clone();
        Some(CoverageRow { row, state: state?, definition, page, test, reason })
    });
    let told: BTreeMap<String, CoverageRow> = read.into_iter().map(|row| (row.row.id.clone(), row)).collect();
    for row in plan.iter().filter(|row| !told.contains_key(&row.id)) {
        let named = faults.iter().any(|fault| fault.key.starts_with(&format!("row.{}.", row.id)));
        if !named {
            let (file, key, what) =
                (file.to_owned(), row.id.clone(), "nothing is said of this row".to_owned());
            faults.push(PackFault { file, line: None, key, what });
        }
    }
    if !faults.is_empty() {
        return Err(PackFaults(faults));
    }
    let rows: Vec<CoverageRow> = told.into_values().collect();
    let count = |state| rows.iter().filter(|row| row.state == state).count();
    let totals = CoverageTotals {
        rows: rows.len(),
        working: count(CoverageState::Working),
        partial: count(CoverageState::Partial),
        planned: count(CoverageState::Planned),
    };
    Ok(Coverage { rows, totals })
}

fn state(sheet: &mut Sheet<'_>, node: &mut Node<'_, '_>) -> Option<CoverageState> {
    match node.needed(sheet, "state")?.as_str() {
        "working" => Some(CoverageState::Working),
        "partial" => Some(CoverageState::Partial),
        "planned" => Some(CoverageState::Planned),
        other => {
            let what = format!("there is no state `{other}`; known: working, partial, planned");
            node.fault(sheet, "state", what);
            None
        }
    }
}
