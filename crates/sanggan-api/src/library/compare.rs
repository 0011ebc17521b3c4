//! Editions side by side: the same table, the same row, what changed.

use std::collections::HashSet;

use sanggan_standards::{Edition, Law, Sheet, SheetRow, Text};

use crate::dto::{ComparedRow, ComparedTable, Names};

/// The tables of several editions, matched by id, their rows by what names them.
pub(crate) fn compare(law: &Law, editions: &[&Edition]) -> Vec<ComparedTable> {
    let sheets: Vec<Vec<Sheet>> = editions.iter().map(|edition| law.sheets(&edition.id)).collect();
    let mut ids: Vec<&str> = Vec::new();
    for sheet in sheets.iter().flatten() {
        if !ids.contains(&sheet.id.as_str()) {
            ids.push(&sheet.id);
        }
    }
    let of = |id: &str| -> Vec<Option<&Sheet>> {
        sheets.iter().map(|sheets| sheets.iter().find(|sheet| sheet.id == id)).collect()
    };
    ids.into_iter().filter_map(|id| table(id, &of(id))).collect()
}

fn table(id: &str, sheets: &[Option<&Sheet>]) -> Option<ComparedTable> {
    let title = sheets.iter().rev().flatten().next()?.title.clone();
    let lead = shared_columns(sheets);
    let width = key_width(sheets, lead);
    let mut columns: Vec<&Text> = Vec::new();
    for column in sheets.iter().flatten().flat_map(|sheet| &sheet.columns) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let keyed: Vec<Vec<(Key, &SheetRow)>> = sheets.iter().map(|sheet| keyed(*sheet, width)).collect();
    let mut keys: Vec<&Key> = Vec::new();
    let mut seen = HashSet::new();
    for (key, _) in keyed.iter().flatten() {
        if seen.insert(key) {
            keys.push(key);
        }
    }
    let rows = keys.into_iter().map(|key| {
        let cells: Vec<Option<Vec<Names>>> = sheets
            .iter()
            .zip(&keyed)
            .map(|(sheet, rows)| {
                let row = rows.iter().find(|(known, _)| known == key).map(|(_, row)| *row)?;
                let sheet = sheet.as_ref()?;
                Some(columns.iter().map(|column| cell(sheet, row, column)).collect())
            })
            .collect();
        let changed = cells.windows(2).any(|pair| pair[0] != pair[1]);
        ComparedRow { key: key.name(), cells, changed }
    });
    Some(ComparedTable {
        id: id.to_owned(),
        title: Names::from(&title),
        key_columns: sheets
            .iter()
            .flatten()
            .next()
            .map(|sheet| sheet.columns.iter().take(width).map(Names::from).collect())
            .unwrap_or_default(),
        columns: columns.iter().map(|column| Names::from(*column)).collect(),
        rows: rows.collect(),
    })
}

/// What names a row: its first cells, and how many rows of the same name came before it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    cells: Vec<(String, String)>,
    again: usize,
}

impl Key {
    fn name(&self) -> Names {
        let join = |of: fn(&(String, String)) -> &str| {
            let parts: Vec<&str> = self.cells.iter().map(of).filter(|part| *part != "-").collect();
            let name = parts.join(" · ");
            if self.again == 0 { name } else { format!("{name} ({})", self.again + 1) }
        };
        Names::new(join(|cell| &cell.0), join(|cell| &cell.1))
    }
}

/// With how many headings all editions begin alike.
fn shared_columns(sheets: &[Option<&Sheet>]) -> usize {
    let mut present = sheets.iter().flatten();
    let Some(first) = present.next() else { return 0 };
    present.fold(first.columns.len(), |shared, sheet| {
        let alike = first.columns.iter().zip(&sheet.columns).take_while(|(a, b)| a == b).count();
        shared.min(alike)
    })
}

/// The fewest leading columns that name every row of every edition; at least one.
fn key_width(sheets: &[Option<&Sheet>], lead: usize) -> usize {
    let most = lead.max(1);
    let names_all = |width: usize| {
        sheets.iter().flatten().all(|sheet| {
            let mut seen = HashSet::new();
            sheet.rows.iter().all(|row| seen.insert(key_cells(row, width)))
        })
    };
    // Where no number of columns does, the first one names and equal names are counted.
    (1..=most).find(|width| names_all(*width)).unwrap_or(1)
}

fn key_cells(row: &SheetRow, width: usize) -> Vec<(String, String)> {
    row.cells.iter().take(width).map(|cell| (cell.zh.clone(), cell.en.clone())).collect()
}

fn keyed(sheet: Option<&Sheet>, width: usize) -> Vec<(Key, &SheetRow)> {
    let mut counts = std::collections::HashMap::new();
    sheet
        .into_iter()
        .flat_map(|sheet| &sheet.rows)
        .map(|row| {
            let cells = key_cells(row, width);
            let again = counts.entry(cells.clone()).or_insert(0_usize);
            let key = Key { cells, again: *again };
            *again += 1;
            (key, row)
        })
        .collect()
}

/// The cell under a heading; a dash where the edition has no such column.
fn cell(sheet: &Sheet, row: &SheetRow, column: &Text) -> Names {
    let at = sheet.columns.iter().position(|own| own == column);
    at.and_then(|at| row.cells.get(at)).map_or_else(|| Names::same("-"), Names::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_matched_by_what_names_them_and_changes_are_marked() {
        let law = Law::embedded();
        let of = |name: &str| {
            law.editions().iter().find(|one| one.standard == "GB 3095" && one.name == name).expect(name)
        };
        let tables = compare(law, &[of("2012"), of("2026-final")]);
        let basic = tables.iter().find(|table| table.id == "basic").expect("the limits");
        assert_eq!(basic.key_columns.len(), 2, "a pollutant and an averaging time: {:?}", basic.key_columns);
        let row = |zh: &str| basic.rows.iter().find(|row| row.key.zh.contains(zh)).expect(zh);
        assert!(row("PM2.5").changed);
        assert!(basic.rows.iter().any(|row| !row.changed));
        for row in &basic.rows {
            assert_eq!(row.cells.len(), 2);
            for cells in row.cells.iter().flatten() {
                assert_eq!(cells.len(), basic.columns.len());
            }
        }
        let same = compare(law, &[of("2012"), of("2012")]);
        assert!(same.iter().flat_map(|table| &table.rows).all(|row| !row.changed));
    }

    #[test]
    fn every_standard_can_be_compared_with_itself_over_all_its_editions() {
        let law = Law::embedded();
        for edition in law.editions() {
            let all = super::super::editions_of(law, &edition.standard);
            let tables = compare(law, &all);
            let rows: usize =
                all.iter().flat_map(|one| law.sheets(&one.id)).map(|sheet| sheet.rows.len()).sum();
            let shown: usize = tables
                .iter()
                .flat_map(|table| &table.rows)
                .map(|row| row.cells.iter().flatten().count())
                .sum();
            assert_eq!(shown, rows, "{}: every row stands in the comparison once", edition.standard);
        }
    }
}
