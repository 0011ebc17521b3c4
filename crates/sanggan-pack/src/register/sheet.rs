//! A definition file as written, asked key by key: every value knows its line, every key nobody asked for is a fault.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::fault::PackFault;
use crate::{Name, Period};

/// One file being read, and the list its faults go to.
pub(crate) struct Sheet<'a> {
    file: &'a str,
    breaks: Vec<usize>,
    /// Key → line, of everything that was asked for.
    pub(crate) lines: BTreeMap<String, usize>,
    faults: &'a mut Vec<PackFault>,
}

impl<'a> Sheet<'a> {
    /// Parses the text; faults and `None` when it is no TOML.
    pub(crate) fn open<'i>(
        file: &'a str,
        text: &'i str,
        faults: &'a mut Vec<PackFault>,
    ) -> (Self, Option<DeTable<'i>>) {
        let breaks = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(at, _)| at).collect();
        let mut sheet = Sheet { file, breaks, lines: BTreeMap::new(), faults };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let line = error.span().map(|at| sheet.line(&at));
            sheet.fault(line, "", error.message().replace('\n', " "));
        }
        (sheet, errors.is_empty().then(|| table.into_inner()))
    }

    /// The line of a place in the text, from 1.
    fn line(&self, at: &Range<usize>) -> usize {
        1 + self.breaks.partition_point(|&end| end < at.start)
    }

    /// Notes a fault.
    pub(crate) fn fault(&mut self, line: Option<usize>, key: &str, what: impl Into<String>) {
        let (file, key) = (self.file.to_owned(), key.to_owned());
        self.faults.push(PackFault { file, line, key, what: what.into() });
    }
}

/// One table of the file.
pub(crate) struct Node<'t, 'i> {
    /// Its place (`field.flow`); empty for the file itself.
    pub(crate) path: String,
    /// Its line.
    pub(crate) line: usize,
    table: &'t DeTable<'i>,
    asked: Vec<&'static str>,
}

impl<'t, 'i> Node<'t, 'i> {
    pub(crate) fn root(table: &'t DeTable<'i>) -> Self {
        Node { path: String::new(), line: 1, table, asked: Vec::new() }
    }

    /// The dotted name of a key of this table.
    pub(crate) fn key(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Notes a fault at a key of this table, or at the table when the key isn't there.
    pub(crate) fn fault(&self, sheet: &mut Sheet<'_>, key: &str, what: impl Into<String>) {
        let name = self.key(key);
        let line = sheet.lines.get(&name).copied().unwrap_or(self.line);
        sheet.fault(Some(line), &name, what);
    }

    /// Whether the table has the key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn get(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Option<&'t Spanned<DeValue<'i>>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let value = self.table.get(key)?;
        let line = sheet.line(&value.span());
        sheet.lines.insert(self.key(key), line);
        Some(value)
    }

    fn wrong(&self, sheet: &mut Sheet<'_>, key: &str, wanted: &str, found: &DeValue<'_>) {
        self.fault(sheet, key, format!("wanted: {wanted}; found: {}", shown(found)));
    }

    fn missing(&self, sheet: &mut Sheet<'_>, key: &str) {
        let name = self.key(key);
        sheet.fault(Some(self.line), &name, "is missing");
    }

    /// A text that isn't empty.
    pub(crate) fn text(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Option<String> {
        let value = self.get(sheet, key)?;
        match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                self.fault(sheet, key, "is empty");
                None
            }
            DeValue::String(text) => Some(text.clone().into_owned()),
            other => {
                self.wrong(sheet, key, "a text", other);
                None
            }
        }
    }

    /// A text that must be there.
    pub(crate) fn needed(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Option<String> {
        if !self.has(key) {
            self.get(sheet, key);
            self.missing(sheet, key);
            return None;
        }
        self.text(sheet, key)
    }

    pub(crate) fn boolean(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Option<bool> {
        match self.get(sheet, key)?.get_ref() {
            DeValue::Boolean(value) => Some(*value),
            other => {
                self.wrong(sheet, key, "true or false", other);
                None
            }
        }
    }

    pub(crate) fn integer(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Option<i64> {
        let value = self.get(sheet, key)?.get_ref();
        let number = match value {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        if number.is_none() {
            self.wrong(sheet, key, "a whole number", value);
        }
        number
    }

    /// A whole number of a narrower type.
    pub(crate) fn small<T: TryFrom<i64>>(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Option<T> {
        let number = self.integer(sheet, key)?;
        let small = T::try_from(number).ok();
        if small.is_none() {
            self.fault(sheet, key, format!("{number} is out of range"));
        }
        small
    }

    pub(crate) fn number(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Option<f64> {
        let value = self.get(sheet, key)?.get_ref();
        let number = match value {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number: &f64| number.is_finite());
        if number.is_none() {
            self.wrong(sheet, key, "a number", value);
        }
        number
    }

    /// A list of texts; nothing when it isn't there.
    pub(crate) fn words(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Vec<String> {
        let Some(value) = self.get(sheet, key) else { return Vec::new() };
        self.words_of(sheet, key, value)
    }

    fn words_of(&self, sheet: &mut Sheet<'_>, key: &str, value: &Spanned<DeValue<'_>>) -> Vec<String> {
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong(sheet, key, "a list of texts", value.get_ref());
            return Vec::new();
        };
        let mut words: Vec<String> = Vec::new();
        for item in list {
            let line = sheet.line(&item.span());
            match item.get_ref() {
                DeValue::String(text) if words.iter().any(|word| word == text) => {
                    sheet.fault(Some(line), &self.key(key), format!("`{text}` stands twice"));
                }
                DeValue::String(text) if !text.trim().is_empty() => {
                    words.push(text.clone().into_owned());
                }
                other => {
                    let what = format!("wanted: a text; found: {}", shown(other));
                    sheet.fault(Some(line), &self.key(key), what);
                }
            }
        }
        words
    }

    /// A list of lists of texts.
    pub(crate) fn groups(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Vec<Vec<String>> {
        let Some(value) = self.get(sheet, key) else { return Vec::new() };
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong(sheet, key, "a list of lists of texts", value.get_ref());
            return Vec::new();
        };
        list.iter().map(|item| self.words_of(sheet, key, item)).collect()
    }

    /// A name in both languages, `{ zh = "…", en = "…" }`.
    pub(crate) fn name(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Option<Name> {
        let mut node = self.table(sheet, key)?;
        let name = node.own_name(sheet);
        node.end(sheet);
        Some(name)
    }

    /// A name in both languages that must be there.
    pub(crate) fn needed_name(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Name {
        if !self.has(key) {
            self.get(sheet, key);
            self.missing(sheet, key);
        }
        self.name(sheet, key).unwrap_or_default()
    }

    /// The table's own `zh` and `en`.
    pub(crate) fn own_name(&mut self, sheet: &mut Sheet<'_>) -> Name {
        let zh = self.needed(sheet, "zh").unwrap_or_default();
        let en = self.needed(sheet, "en").unwrap_or_default();
        if en.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)) {
            self.fault(sheet, "en", "has Chinese characters");
        }
        Name { zh, en }
    }

    /// A length of time: `12 months`, `30 days`, `1 year`.
    pub(crate) fn period(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Option<Period> {
        let text = self.text(sheet, key)?;
        let period = Period::parse(&text);
        if period.is_none() {
            let what = format!("`{text}` is no length of time (wanted: `30 days`, `12 months`, `1 year`)");
            self.fault(sheet, key, what);
        }
        period
    }

    /// A table below this one.
    pub(crate) fn table(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Option<Node<'t, 'i>> {
        let value = self.get(sheet, key)?;
        match value.get_ref() {
            DeValue::Table(table) => {
                let line = sheet.line(&value.span());
                Some(Node { path: self.key(key), line, table, asked: Vec::new() })
            }
            other => {
                self.wrong(sheet, key, "a table", other);
                None
            }
        }
    }

    /// A list of tables. Each is called by its `id` (`field.flow`), or by its number when it has none (`field[3]`).
    pub(crate) fn tables(&mut self, sheet: &mut Sheet<'_>, key: &'static str) -> Vec<Node<'t, 'i>> {
        let Some(value) = self.get(sheet, key) else { return Vec::new() };
        let DeValue::Array(list) = value.get_ref() else {
            self.wrong(sheet, key, "a list of tables", value.get_ref());
            return Vec::new();
        };
        let mut nodes = Vec::with_capacity(list.len());
        for (index, item) in list.iter().enumerate() {
            let line = sheet.line(&item.span());
            let numbered = format!("{}[{}]", self.key(key), index + 1);
            let DeValue::Table(table) = item.get_ref() else {
                let what = format!("wanted: a table; found: {}", shown(item.get_ref()));
                sheet.fault(Some(line), &numbered, what);
                continue;
            };
            let id = table.get("id").and_then(|id| Some((id.get_ref().as_str()?, sheet.line(&id.span()))));
            let (path, line) = match id {
                Some((id, line)) => (format!("{}.{id}", self.key(key)), line),
                None => (numbered, line),
            };
            sheet.lines.insert(path.clone(), line);
            nodes.push(Node { path, line, table, asked: Vec::new() });
        }
        nodes
    }

    /// Faults every key that nobody asked for.
    pub(crate) fn end(self, sheet: &mut Sheet<'_>) {
        for key in self.table.keys() {
            if !self.asked.contains(&key.get_ref().as_ref()) {
                let line = sheet.line(&key.span());
                let what = format!("no such key is read here; known: {}", self.asked.join(", "));
                sheet.fault(Some(line), &self.key(key.get_ref()), what);
            }
        }
    }
}

/// How a value is shown in a fault.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text `{text}`"),
        DeValue::Integer(number) => format!("{number}"),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(stamp) => stamp.to_string(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
