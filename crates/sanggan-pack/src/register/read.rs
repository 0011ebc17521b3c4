//! Reading a definition file: from the text as written to a [`RegisterDef`] with its lines.

use std::collections::BTreeSet;

use super::field_read::{self, Lists, named_values};
use super::sheet::{Node, Sheet};
use super::words::{REGISTER_ID, is_register_id};
use super::{
    BufferRule, ChainRole, Department, Field, FieldKind, Gives, GraphRole, Group, Lifecycle, Lines,
    NamedValue, Office, PublicView, RegisterDef, Review, State, Transition, ZoneRole,
};
use crate::fault::PackFault;

/// The format of office and list files this program reads.
const VERSION: i64 = 1;

/// One definition file that was read, with where its keys stand. It may have faults; then no pack comes of it.
pub(super) struct Draft {
    pub(super) def: RegisterDef,
    pub(super) lines: Lines,
}

/// Reads a definition file; `id` is the file's stem.
pub(super) fn definition(
    file: &str,
    id: &str,
    text: &str,
    lists: &Lists,
    faults: &mut Vec<PackFault>,
) -> Option<Draft> {
    let (mut sheet, table) = Sheet::open(file, text, faults);
    let table = table?;
    let def = register(&mut sheet, Node::root(&table), id, lists);
    let of = std::mem::take(&mut sheet.lines);
    let lines = Lines { file: file.to_owned(), of };
    if let Some(def) = &def {
        super::rules::check(def, &lines, faults);
    }
    def.map(|def| Draft { def, lines })
}

fn register(sheet: &mut Sheet<'_>, mut node: Node<'_, '_>, id: &str, lists: &Lists) -> Option<RegisterDef> {
    if !is_register_id(id) {
        sheet.fault(None, "", format!("the file's name `{id}` is no register id ({REGISTER_ID})"));
    }
    if !node.has("version") {
        sheet.fault(Some(1), "version", "is missing");
    }
    let version = node.small::<u32>(sheet, "version").unwrap_or(0);
    if version == 0 && node.has("version") {
        node.fault(sheet, "version", "wanted: 1 or more");
    }
    let name = node.needed_name(sheet, "name");
    let about = node.needed_name(sheet, "about");
    let rows = node.words(sheet, "rows");
    let reason = node.name(sheet, "reason");
    let group = node.needed(sheet, "group").unwrap_or_default();
    let department = node.needed(sheet, "department").unwrap_or_default();
    let sources = node.words(sheet, "sources");
    let key = node.needed(sheet, "key").unwrap_or_default();
    let title = node.needed(sheet, "title").unwrap_or_default();
    let area = node.text(sheet, "area");
    let enterprise = node.text(sheet, "enterprise");
    let geometry = node.text(sheet, "geometry");
    let list = node.words(sheet, "list");
    let unique = node.groups(sheet, "unique");
    let dropped = node.words(sheet, "dropped");
    let public = node.table(sheet, "public").map(|node| public(sheet, node));
    let review = node.table(sheet, "review").and_then(|node| review(sheet, node));
    let lifecycle = node.table(sheet, "lifecycle").map(|node| lifecycle(sheet, node));
    let graph = node.table(sheet, "graph").map(|node| graph(sheet, node));
    let chain = node.table(sheet, "chain").map(|node| chain(sheet, node));
    let zone = node.table(sheet, "zone").map(|node| zone(sheet, node));
    let fields = fields(sheet, &mut node, lists, [&key, &title], &list);
    node.end(sheet);
    Some(RegisterDef {
        id: id.to_owned(),
        version,
        name,
        about,
        rows,
        group,
        department,
        sources,
        key,
        title,
        area,
        enterprise,
        geometry,
        list,
        unique,
        public,
        review,
        fields: fields?,
        lifecycle,
        graph,
        chain,
        zone,
        reason,
        dropped,
    })
}

/// The fields; `None` when one of them could not be read, since then nothing that names fields can be judged.
fn fields(
    sheet: &mut Sheet<'_>,
    node: &mut Node<'_, '_>,
    lists: &Lists,
    known_by: [&str; 2],
    list: &[String],
) -> Option<Vec<Field>> {
    let mut fields: Vec<Field> = Vec::new();
    let mut ids = BTreeSet::new();
    let (mut section, mut whole) = (None, true);
    for item in node.tables(sheet, "field") {
        let (line, path) = (item.line, item.path.clone());
        let Some(read) = field_read::field(sheet, item, lists) else {
            whole = false;
            continue;
        };
        let mut field = read.field;
        if !ids.insert(field.id.clone()) {
            sheet.fault(Some(line), &path, "stands twice");
            continue;
        }
        if field.section.is_some() {
            section.clone_from(&field.section);
        } else {
            field.section.clone_from(&section);
        }
        let is_text = matches!(
            field.kind,
            FieldKind::Text { .. } | FieldKind::LongText | FieldKind::Computed { gives: Gives::Text, .. }
        );
        if read.searched == Some(true) && !is_text {
            let line = sheet.lines.get(&format!("{path}.searched")).copied();
            sheet.fault(line, &format!("{path}.searched"), "only words are searched; this field holds none");
        }
        let by_default = is_text && (known_by.contains(&field.id.as_str()) || list.contains(&field.id));
        field.searched = read.searched.unwrap_or(by_default) && is_text;
        field.required |= field.id == known_by[0];
        fields.push(field);
    }
    whole.then_some(fields)
}

fn public(sheet: &mut Sheet<'_>, mut node: Node<'_, '_>) -> PublicView {
    let fields = node.words(sheet, "fields");
    if fields.is_empty() {
        node.fault(sheet, "fields", "names no field");
    }
    let view = PublicView { fields, when: node.text(sheet, "when") };
    node.end(sheet);
    view
}

fn review(sheet: &mut Sheet<'_>, mut node: Node<'_, '_>) -> Option<Review> {
    if !node.has("every") {
        node.fault(sheet, "every", "is missing");
    }
    let every = node.period(sheet, "every");
    let field = node.needed(sheet, "field");
    node.end(sheet);
    Some(Review { every: every?, field: field? })
}

fn lifecycle(sheet: &mut Sheet<'_>, mut node: Node<'_, '_>) -> Lifecycle {
    let start = node.needed(sheet, "start").unwrap_or_default();
    let mut states: Vec<State> = Vec::new();
    for mut item in node.tables(sheet, "state") {
        let id = item.needed(sheet, "id").unwrap_or_default();
        let name = item.own_name(sheet);
        let is_final = item.boolean(sheet, "final").unwrap_or(false);
        let deadline = item.period(sheet, "deadline");
        if states.iter().any(|state| state.id == id) {
            item.fault(sheet, "id", "stands twice");
        } else {
            states.push(State { id, name, is_final, deadline });
        }
        item.end(sheet);
    }
    let mut transitions: Vec<Transition> = Vec::new();
    for mut item in node.tables(sheet, "transition") {
        let id = item.needed(sheet, "id").unwrap_or_default();
        let transition = Transition {
            id,
            name: item.own_name(sheet),
            from: item.words(sheet, "from"),
            to: item.needed(sheet, "to").unwrap_or_default(),
            departments: item.words(sheet, "departments"),
            enterprise: item.boolean(sheet, "enterprise").unwrap_or(false),
            requires: item.words(sheet, "requires"),
            evidence: item.words(sheet, "evidence"),
            when: item.text(sheet, "when"),
            reason: item.boolean(sheet, "reason").unwrap_or(false),
        };
        if transitions.iter().any(|other| other.id == transition.id) {
            item.fault(sheet, "id", "stands twice");
        } else {
            transitions.push(transition);
        }
        item.end(sheet);
    }
    node.end(sheet);
    Lifecycle { start, states, transitions }
}

fn graph(sheet: &mut Sheet<'_>, mut node: Node<'_, '_>) -> GraphRole {
    let role = GraphRole {
        node: node.needed(sheet, "node").unwrap_or_default(),
        into: node.text(sheet, "into"),
        into_at: node.text(sheet, "into_at"),
        on: node.text(sheet, "on"),
        on_at: node.text(sheet, "on_at"),
        length: node.text(sheet, "length"),
    };
    node.end(sheet);
    role
}

fn chain(sheet: &mut Sheet<'_>, mut node: Node<'_, '_>) -> ChainRole {
    let role = ChainRole {
        from: node.needed(sheet, "from").unwrap_or_default(),
        to: node.needed(sheet, "to").unwrap_or_default(),
        by: node.text(sheet, "by"),
        what: node.needed(sheet, "what").unwrap_or_default(),
        sent: node.needed(sheet, "sent").unwrap_or_default(),
        received: node.text(sheet, "received"),
        sent_on: node.needed(sheet, "sent_on").unwrap_or_default(),
        received_on: node.text(sheet, "received_on"),
    };
    node.end(sheet);
    role
}

fn zone(sheet: &mut Sheet<'_>, mut node: Node<'_, '_>) -> ZoneRole {
    let buffer = node.table(sheet, "buffer").map(|mut node| {
        let of = node.needed(sheet, "of").unwrap_or_default();
        let metres = node.needed(sheet, "metres").unwrap_or_default();
        let name = node.own_name(sheet);
        node.end(sheet);
        BufferRule { of, metres, name }
    });
    let role = ZoneRole {
        kind: node.text(sheet, "kind"),
        from: node.text(sheet, "from"),
        until: node.text(sheet, "until"),
        buffer,
    };
    node.end(sheet);
    role
}

/// Opens a file whose `version` is the format's.
fn sheet_of<'a, 'i>(
    file: &'a str,
    text: &'i str,
    faults: &'a mut Vec<PackFault>,
) -> (Sheet<'a>, Option<toml::de::DeTable<'i>>) {
    let (mut sheet, table) = Sheet::open(file, text, faults);
    if let Some(table) = &table {
        let version = Node::root(table).integer(&mut sheet, "version");
        if version != Some(VERSION) {
            let what = format!("this program reads version {VERSION} of this file");
            sheet.fault(sheet.lines.get("version").copied(), "version", what);
        }
    }
    (sheet, table)
}

/// Reads `office.toml` into what is there already; a department or group that is there takes the new name.
pub(super) fn office(file: &str, text: &str, office: &mut Office, faults: &mut Vec<PackFault>) {
    let (mut sheet, table) = sheet_of(file, text, faults);
    let Some(table) = table else { return };
    let mut node = Node::root(&table);
    node.integer(&mut sheet, "version");
    for NamedValue { id, name } in named_values(&mut sheet, &mut node, "department") {
        match office.departments.iter_mut().find(|known| known.id == id) {
            Some(known) => known.name = name,
            None => office.departments.push(Department { id, name }),
        }
    }
    for NamedValue { id, name } in named_values(&mut sheet, &mut node, "group") {
        match office.groups.iter_mut().find(|known| known.id == id) {
            Some(known) => known.name = name,
            None => office.groups.push(Group { id, name }),
        }
    }
    node.end(&mut sheet);
}

/// Reads `lists/<name>.toml`.
pub(super) fn list(file: &str, text: &str, faults: &mut Vec<PackFault>) -> Vec<NamedValue> {
    let (mut sheet, table) = sheet_of(file, text, faults);
    let Some(table) = table else { return Vec::new() };
    let mut node = Node::root(&table);
    node.integer(&mut sheet, "version");
    node.name(&mut sheet, "name");
    node.text(&mut sheet, "source");
    let values = named_values(&mut sheet, &mut node, "values");
    if values.is_empty() {
        sheet.fault(None, "values", "the list has no value");
    }
    node.end(&mut sheet);
    values
}
