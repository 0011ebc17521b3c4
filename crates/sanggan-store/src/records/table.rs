//! How a register lies in the base: its table, one column for each field, and what stands beside it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use sanggan_pack::{FieldKind, Gives, RegisterDef};
use sanggan_records::{Model, Models};

use super::RecordsError;
use crate::db::{Dialect, Kind};

/// Longest name both databases take whole, with room for a prefix.
const NAME_LENGTH: usize = 56;

/// How a field is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Column {
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// A moment: milliseconds.
    Time,
    /// A number.
    Real,
    /// Yes or no.
    Bool,
    /// A day.
    Date,
    /// Several texts: a JSON list.
    List,
    /// The number of a record of the register.
    Ref(String),
    /// Several of them: a table of their own, named here.
    Refs(String, String),
    /// A shape.
    Shape,
}

impl Column {
    pub(crate) fn of(register: &str, field: &sanggan_pack::Field) -> Column {
        match &field.kind {
            FieldKind::Text { .. } | FieldKind::LongText | FieldKind::Area | FieldKind::Station => {
                Column::Text
            }
            FieldKind::Enum { many, .. } | FieldKind::Parameter { many } => {
                if *many {
                    Column::List
                } else {
                    Column::Text
                }
            }
            FieldKind::Number { .. } => Column::Real,
            FieldKind::Integer { .. } => Column::Int,
            FieldKind::Boolean => Column::Bool,
            FieldKind::Date => Column::Date,
            FieldKind::Time => Column::Time,
            FieldKind::Reference { to, many: false } => Column::Ref(to.clone()),
            FieldKind::Reference { to, many: true } => {
                Column::Refs(to.clone(), name("l_", &[register, &field.id]))
            }
            FieldKind::Attachment { .. } => Column::List,
            FieldKind::Geometry { .. } => Column::Shape,
            FieldKind::Computed { gives, .. } => match gives {
                Gives::Text => Column::Text,
                Gives::Number => Column::Real,
                Gives::Integer => Column::Int,
                Gives::Boolean => Column::Bool,
                Gives::Date => Column::Date,
            },
        }
    }

    /// The kind its values have on their way in.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Column::Text | Column::Date | Column::List => Kind::Text,
            Column::Int | Column::Time | Column::Ref(_) | Column::Refs(..) => Kind::Int,
            Column::Real => Kind::Real,
            Column::Bool => Kind::Bool,
            Column::Shape => Kind::Shape,
        }
    }

    /// The type in a `CREATE TABLE`; `None`: it has no column.
    pub(crate) fn sql_type(&self, dialect: Dialect) -> Option<&'static str> {
        Some(match (self, dialect) {
            (Column::Refs(..), _) => return None,
            (Column::Text, Dialect::Sqlite) => "TEXT",
            (Column::Text, Dialect::Postgres) => "TEXT COLLATE \"C\"",
            (Column::Int | Column::Time | Column::Ref(_), Dialect::Sqlite) => "INTEGER",
            (Column::Int | Column::Time | Column::Ref(_), Dialect::Postgres) => "BIGINT",
            (Column::Real, Dialect::Sqlite) => "REAL",
            (Column::Real, Dialect::Postgres) => "DOUBLE PRECISION",
            (Column::Bool, Dialect::Sqlite) => "INTEGER",
            (Column::Bool, Dialect::Postgres) => "BOOLEAN",
            (Column::Date, Dialect::Sqlite) => "TEXT",
            (Column::Date, Dialect::Postgres) => "DATE",
            (Column::List, Dialect::Sqlite) => "TEXT",
            (Column::List, Dialect::Postgres) => "JSONB",
            (Column::Shape, Dialect::Sqlite) => "BLOB",
            (Column::Shape, Dialect::Postgres) => "geometry(Geometry, 4326)",
        })
    }

    /// A placeholder for one of its values.
    pub(crate) fn placeholder(&self, dialect: Dialect) -> &'static str {
        match (self, dialect) {
            (Column::Date, Dialect::Postgres) => "?::date",
            (Column::List, Dialect::Postgres) => "?::jsonb",
            _ => "?",
        }
    }

    /// Whether its values have an order and are compared as they stand.
    pub(crate) fn is_plain(&self) -> bool {
        !matches!(self, Column::List | Column::Refs(..) | Column::Shape)
    }
}

/// A name of ours from words that may be long: cut, with a mark that keeps it apart from others cut alike.
pub(crate) fn name(prefix: &str, words: &[&str]) -> String {
    let whole = format!("{prefix}{}", words.join("__").replace('-', "_"));
    if whole.len() <= NAME_LENGTH {
        return whole;
    }
    let mut mark = 0xcbf2_9ce4_8422_2325u64;
    for byte in whole.bytes() {
        mark = (mark ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{}_{mark:016x}", &whole[..NAME_LENGTH - 17])
}

/// Columns every table has before those of its fields.
pub(crate) const META: [&str; 10] = [
    "rid",
    "version",
    "state",
    "state_since",
    "changed_at",
    "changed_by",
    "schematic",
    "retired",
    "_due_on",
    "_public",
];

/// The corners of a shape, beside it.
pub(crate) const CORNERS: [&str; 4] = ["_west", "_south", "_east", "_north"];

/// One register in the base.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its model.
    pub(crate) model: Arc<Model>,
    /// Its definition.
    def: Arc<RegisterDef>,
    /// `r_river_outfalls`.
    pub(crate) name: String,
    /// SQLite: the table of search words.
    pub(crate) words_name: String,
    /// SQLite: the table of bounds.
    pub(crate) bounds_name: String,
    /// One for each field.
    pub(crate) columns: Vec<Column>,
    /// The key field.
    pub(crate) key: usize,
    /// The title field.
    pub(crate) title: usize,
    /// The field on the map.
    pub(crate) geometry: Option<usize>,
    /// The field that says whose area.
    pub(crate) area: Option<usize>,
    /// The field that says whose.
    pub(crate) enterprise: Option<usize>,
    /// Fields whose words are found.
    pub(crate) searched: Vec<usize>,
    /// Fields whose words the public finds, when they are fewer than these.
    pub(crate) public_searched: Option<Vec<usize>>,
    /// Groups of fields unique together, the key first.
    pub(crate) unique: Vec<Vec<usize>>,
    /// SQLite: how many records conditions found when they were last counted, and how often that was used since. Only
    /// the choice of an index hangs on it.
    pub(crate) counted: Mutex<HashMap<String, (i64, u32)>>,
}

impl Table {
    pub(crate) fn of(model: &Arc<Model>) -> Table {
        Table::lies(model.def(), model)
    }

    /// As an earlier definition lies in the base; its model is that of the later one.
    pub(crate) fn earlier(def: RegisterDef, model: &Arc<Model>) -> Table {
        Table::lies(&Arc::new(def), model)
    }

    fn lies(def: &Arc<RegisterDef>, model: &Arc<Model>) -> Table {
        let at = |id: &String| def.position(id);
        let searched: Vec<usize> = (0..def.fields.len())
            .filter(|&it| def.fields[it].searched && def.fields[it].readers.is_empty())
            .collect();
        let public: Vec<usize> = match &def.public {
            Some(public) => {
                searched.iter().copied().filter(|&it| public.fields.contains(&def.fields[it].id)).collect()
            }
            None => searched.clone(),
        };
        let key = at(&def.key).unwrap_or(0);
        let mut unique = vec![vec![key]];
        for group in &def.unique {
            let group: Vec<usize> = group.iter().filter_map(at).collect();
            if !unique.contains(&group) {
                unique.push(group);
            }
        }
        Table {
            name: name("r_", &[&def.id]),
            words_name: name("f_", &[&def.id]),
            bounds_name: name("x_", &[&def.id]),
            columns: def.fields.iter().map(|field| Column::of(&def.id, field)).collect(),
            key,
            title: at(&def.title).unwrap_or(key),
            geometry: def.geometry.as_ref().and_then(at),
            area: def.area.as_ref().and_then(at),
            enterprise: def.enterprise.as_ref().and_then(at),
            public_searched: (public != searched).then_some(public),
            searched,
            unique,
            counted: Mutex::default(),
            model: Arc::clone(model),
            def: Arc::clone(def),
        }
    }

    pub(crate) fn def(&self) -> &RegisterDef {
        &self.def
    }

    /// The register's id.
    pub(crate) fn id(&self) -> &str {
        &self.def().id
    }

    /// The column of a field, quoted.
    pub(crate) fn column(&self, field: usize) -> String {
        format!("\"{}\"", self.def().fields[field].id)
    }

    /// Every column of its table in the order rows are written.
    pub(crate) fn written(&self, dialect: Dialect) -> Vec<&str> {
        let mut out: Vec<&str> = META.to_vec();
        if self.geometry.is_some() {
            out.extend(CORNERS);
        }
        if dialect == Dialect::Postgres {
            out.push("_words");
            if self.public_searched.is_some() {
                out.push("_public_words");
            }
        }
        let own = self.def().fields.iter().zip(&self.columns);
        out.extend(
            own.filter(|(_, column)| !matches!(column, Column::Refs(..))).map(|(field, _)| field.id.as_str()),
        );
        out
    }

    /// Placeholders for one row of [`Table::written`].
    pub(crate) fn placeholders(&self, dialect: Dialect) -> Vec<&'static str> {
        let mut out = vec!["?"; META.len()];
        if dialect == Dialect::Postgres {
            out[8] = "?::date";
        }
        if self.geometry.is_some() {
            out.extend(["?"; 4]);
        }
        if dialect == Dialect::Postgres {
            out.push("?::tsvector");
            if self.public_searched.is_some() {
                out.push("?::tsvector");
            }
        }
        out.extend(
            self.columns
                .iter()
                .filter(|it| !matches!(it, Column::Refs(..)))
                .map(|it| it.placeholder(dialect)),
        );
        out
    }

    /// What a `SELECT` of whole records lists; the table is called `t`.
    pub(crate) fn selected(&self, dialect: Dialect) -> String {
        let mut out = String::from(
            "t.rid, t.version, t.state, t.state_since, t.changed_at, t.changed_by, t.schematic, t.retired, t._public, ",
        );
        out.push_str(match dialect {
            Dialect::Sqlite => "t._due_on",
            Dialect::Postgres => "t._due_on::text AS _due_on",
        });
        for (field, column) in self.def().fields.iter().zip(&self.columns) {
            let id = &field.id;
            out.push_str(&match (column, dialect) {
                (Column::Date | Column::List, Dialect::Postgres) => format!(", t.\"{id}\"::text AS \"{id}\""),
                (Column::Refs(_, links), Dialect::Sqlite) => format!(
                    ", (SELECT json_group_array(target) FROM (SELECT target FROM \"{links}\" WHERE rid = t.rid ORDER BY nth)) AS \"{id}\""
                ),
                (Column::Refs(_, links), Dialect::Postgres) => format!(
                    ", (SELECT json_agg(target ORDER BY nth)::text FROM \"{links}\" WHERE rid = t.rid) AS \"{id}\""
                ),
                _ => format!(", t.\"{id}\""),
            });
        }
        out
    }

    /// Its many-reference fields: position, register, table.
    pub(crate) fn links(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        self.columns.iter().enumerate().filter_map(|(at, column)| match column {
            Column::Refs(to, links) => Some((at, to.as_str(), links.as_str())),
            _ => None,
        })
    }
}

/// Every register in the base.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) models: Arc<Models>,
    by_id: BTreeMap<String, Arc<Table>>,
    /// Register → the fields that lead to it: register, position.
    pub(crate) leading: HashMap<String, Vec<(String, usize)>>,
}

impl Tables {
    pub(crate) fn of(models: &Arc<Models>) -> Tables {
        let by_id: BTreeMap<String, Arc<Table>> =
            models.all().map(|model| (model.def().id.clone(), Arc::new(Table::of(model)))).collect();
        let mut leading: HashMap<String, Vec<(String, usize)>> = HashMap::new();
        for table in by_id.values() {
            for (at, column) in table.columns.iter().enumerate() {
                if let Column::Ref(to) | Column::Refs(to, _) = column {
                    leading.entry(to.clone()).or_default().push((table.id().to_owned(), at));
                }
            }
        }
        Tables { models: Arc::clone(models), by_id, leading }
    }

    pub(crate) fn get(&self, register: &str) -> Result<&Arc<Table>, RecordsError> {
        self.by_id.get(register).ok_or_else(|| RecordsError::NoRegister(register.to_owned()))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.by_id.values()
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn long_names_are_cut_and_stay_apart() {
        assert_eq!(name("r_", &["river-outfalls"]), "r_river_outfalls");
        let (a, b) = (
            name("l_", &["x".repeat(40).as_str(), "aaaaaaaaaaaaaaaaaaaaaaaa"]),
            name("l_", &["x".repeat(40).as_str(), "aaaaaaaaaaaaaaaaaaaaaaab"]),
        );
        assert_eq!(a.len(), 56);
        assert_ne!(a, b);
    }
}
