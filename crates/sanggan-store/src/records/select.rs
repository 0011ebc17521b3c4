//! A [`Question`] as statements: its conditions, its order, and the page after a mark.

use std::sync::PoisonError;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sanggan_base::Millis;
use sanggan_records::rights::Scope;

use super::RecordsError;
use super::question::{Check, ENTERPRISES, Question};
use super::schema::is_indexed;
use super::table::Column;
use super::words;
use crate::db::{Arg, Db, Dialect, Kind, args};

/// Found by words or bounds up to this many, SQLite makes a list of them; more, and it looks at records in their order.
const LISTED: i64 = 30_000;

/// Counts of conditions that are remembered, and how often each is used before it is counted again.
const COUNTS: usize = 10_000;
const USED: u32 = 200;

/// Conditions that all hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Where {
    sql: String,
    pub(crate) args: Vec<Arg>,
}

impl Where {
    pub(crate) fn and(&mut self, sql: impl AsRef<str>, args: impl IntoIterator<Item = Arg>) {
        self.sql.push_str(if self.sql.is_empty() { "" } else { " AND " });
        self.sql.push_str(sql.as_ref());
        self.args.extend(args);
    }

    pub(crate) fn sql(&self) -> &str {
        if self.sql.is_empty() { "true" } else { &self.sql }
    }
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mark {
    pub(crate) keys: Vec<Arg>,
    pub(crate) rid: i64,
}

fn marks(count: usize, one: &str) -> String {
    vec![one; count].join(", ")
}

/// The conditions of a question; `until`: only records not changed since.
pub(crate) async fn conditions(
    db: &Db,
    question: &Question<'_>,
    until: Option<Millis>,
) -> Result<Where, RecordsError> {
    let mut out = Where::default();
    let table = question.table;
    if !question.retired {
        out.and("NOT t.retired", []);
    }
    if let Some(until) = until {
        out.and("t.changed_at <= ?", args![until]);
    }
    scope(question, &mut out);
    let few = few(db, question).await?;
    for (nth, (subject, check)) in question.conditions.iter().enumerate() {
        let mut sql = subject.sql(table);
        // With a sign before it SQLite does not look a column up in its index.
        if few.is_some_and(|few| few != Some(nth)) && !matches!(subject.column(table), Column::Refs(..)) {
            sql.insert(0, '+');
        }
        condition(db.dialect(), &subject.column(table), &sql, check, &mut out);
    }
    if let Some(until) = question.due_until {
        let one = Column::Date.placeholder(db.dialect());
        out.and(format!("t._due_on <= {one}"), args![until.to_string()]);
    }
    if !question.phrases.is_empty() {
        search(db, question, &mut out).await?;
    }
    if question.bounds.is_some() {
        bounds(db, question, &mut out).await?;
    }
    Ok(out)
}

/// Which condition's index SQLite shall go by, sorting what it finds: `Some(None)` when going in the order asked for
/// meets a page sooner than collecting everything first. `None`: as SQLite likes, for want of conditions that an index
/// answers. (PostgreSQL estimates well by itself.)
async fn few(db: &Db, question: &Question<'_>) -> Result<Option<Option<usize>>, RecordsError> {
    if db.dialect() == Dialect::Postgres {
        return Ok(None);
    }
    let all = counted(db, question, "", Vec::new()).await?;
    let mut best: Option<(usize, f64)> = None;
    let mut matching = all;
    for (nth, (subject, check)) in question.conditions.iter().enumerate() {
        match check {
            Check::In(these, false) if !these.is_empty() && is_indexed(question.table, subject) => {
                let condition = format!("{} IN ({})", subject.sql(question.table), marks(these.len(), "?"));
                let found = counted(db, question, &condition, these.clone()).await?;
                matching *= found / all;
                if best.is_none_or(|(_, least)| found < least) {
                    best = Some((nth, found));
                }
            }
            // Nobody knows; a half is neither all nor nothing.
            _ => matching /= 2.0,
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let looked_at = (question.limit as f64 * all / matching.max(0.1)).min(all);
    Ok(best.map(|(nth, found)| (found <= looked_at).then_some(nth)))
}

/// How many records a condition finds, at least one, as it was lately.
async fn counted(
    db: &Db,
    question: &Question<'_>,
    condition: &str,
    args: Vec<Arg>,
) -> Result<f64, RecordsError> {
    let table = question.table;
    let name = format!("{condition} {args:?}");
    let known = {
        let mut counts = table.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() > COUNTS {
            counts.clear();
        }
        counts.get_mut(&name).filter(|(_, used)| *used < USED).map(|(count, used)| {
            *used += 1;
            *count
        })
    };
    let count = match known {
        Some(count) => count,
        None => {
            let sql = if condition.is_empty() {
                format!("SELECT max(rid) FROM \"{}\"", table.name)
            } else {
                format!("SELECT count(*) FROM \"{}\" t WHERE {condition}", table.name)
            };
            let count = db.scalar("look how many records a condition finds", sql, args).await?.unwrap_or(0);
            table.counted.lock().unwrap_or_else(PoisonError::into_inner).insert(name, (count, 0));
            count
        }
    };
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    Ok(count.max(1) as f64)
}

/// What belongs to an enterprise.
fn own(question: &Question<'_>) -> &'static str {
    match question.table.enterprise {
        Some(_) => "own",
        None if question.table.id() == ENTERPRISES => "rid",
        None => "none",
    }
}

fn own_sql(question: &Question<'_>) -> Option<String> {
    match own(question) {
        "own" => question.table.enterprise.map(|field| format!("t.{}", question.table.column(field))),
        "rid" => Some("t.rid".to_owned()),
        _ => None,
    }
}

fn scope(question: &Question<'_>, out: &mut Where) {
    match question.scope {
        Scope::Nothing => out.and("false", []),
        Scope::Public => out.and("t._public AND NOT t.retired", []),
        Scope::Areas(areas) => {
            if let (Some(field), false) = (question.table.area, areas.is_empty()) {
                let column = question.table.column(field);
                let these = marks(areas.len(), "?");
                out.and(
                    format!("(t.{column} IS NULL OR t.{column} IN ({these}))"),
                    areas.iter().map(|area| Arg::from(area.as_str())),
                );
            }
        }
        Scope::Enterprise(id) => match own_sql(question) {
            Some(own) => out.and(format!("({own} = ? OR (t._public AND NOT t.retired))"), args![id.0]),
            None => out.and("t._public AND NOT t.retired", []),
        },
        Scope::Own(id) => match own_sql(question) {
            Some(own) => out.and(format!("{own} = ?"), args![id.0]),
            None => out.and("false", []),
        },
    }
}

fn condition(dialect: Dialect, column: &Column, sql: &str, check: &Check, out: &mut Where) {
    let one = match column {
        Column::Date => column.placeholder(dialect),
        _ => "?",
    };
    let any = |these: &[Arg]| -> String {
        let these = marks(these.len(), one);
        match (column, dialect) {
            (Column::List, Dialect::Sqlite) => {
                format!("EXISTS (SELECT 1 FROM json_each({sql}) v WHERE v.value IN ({these}))")
            }
            (Column::List, Dialect::Postgres) => {
                format!("EXISTS (SELECT 1 FROM jsonb_array_elements_text({sql}) v WHERE v IN ({these}))")
            }
            (Column::Refs(_, links), _) => {
                format!("t.rid IN (SELECT rid FROM \"{links}\" WHERE target IN ({these}))")
            }
            _ => format!("{sql} IN ({these})"),
        }
    };
    let empty = match column {
        Column::Refs(_, links) => format!("NOT EXISTS (SELECT 1 FROM \"{links}\" l WHERE l.rid = t.rid)"),
        _ => format!("{sql} IS NULL"),
    };
    match check {
        Check::In(these, or_empty) => match (these.is_empty(), or_empty) {
            (true, true) => out.and(empty, []),
            (true, false) => out.and("false", []),
            (false, true) => out.and(format!("({} OR {empty})", any(these)), these.clone()),
            (false, false) => out.and(any(these), these.clone()),
        },
        Check::NotIn(these, or_empty) => {
            if !*or_empty {
                out.and(format!("NOT ({empty})"), []);
            }
            if !these.is_empty() {
                out.and(format!("({empty} OR NOT ({}))", any(these)), these.clone());
            }
        }
        Check::Order(order, with) => out.and(format!("{sql} {order} {one}"), [with.clone()]),
        Check::Has(part) => {
            let find = match dialect {
                Dialect::Sqlite => "instr",
                Dialect::Postgres => "strpos",
            };
            out.and(format!("{find}(lower({sql}), ?) > 0"), args![part.as_str()]);
        }
        Check::Empty(true) => out.and(empty, []),
        Check::Empty(false) => out.and(format!("NOT ({empty})"), []),
    }
}

/// At most [`LISTED`] and one.
async fn hits(db: &Db, table: &str, condition: &str, args: Vec<Arg>) -> Result<i64, RecordsError> {
    let sql =
        format!("SELECT count(*) FROM (SELECT 1 FROM \"{table}\" WHERE {condition} LIMIT {})", LISTED + 1);
    Ok(db.scalar("search records", sql, args).await?.unwrap_or(0))
}

async fn search(db: &Db, question: &Question<'_>, out: &mut Where) -> Result<(), RecordsError> {
    let table = question.table;
    let narrow = table.public_searched.is_some();
    // The fields searched by the scope: all, those for the public, or one by one as the record is.
    let mut asks: Vec<(bool, Option<&str>)> = Vec::new();
    match question.scope {
        Scope::Public if narrow => asks.push((true, None)),
        Scope::Enterprise(_) if narrow && own_sql(question).is_some() => {
            asks.extend([(false, Some("own")), (true, Some("public"))]);
        }
        Scope::Enterprise(_) if narrow => asks.push((true, None)),
        _ => asks.push((false, None)),
    }
    let mut either = Where::default();
    let mut parts = Vec::new();
    for (public, whose) in asks {
        let mut args = Vec::new();
        let mut part = String::new();
        if let (Some("own"), Some(own), Scope::Enterprise(id)) = (whose, own_sql(question), question.scope) {
            part = format!("{own} = ? AND ");
            args.extend(args![id.0]);
        }
        match db.dialect() {
            Dialect::Postgres => {
                let column = if public { "_public_words" } else { "_words" };
                part.push_str(&format!("t.{column} @@ ?::tsquery"));
                args.extend(args![words::postgres_question(&question.phrases)]);
            }
            Dialect::Sqlite => {
                let name = &table.words_name;
                let asked = words::sqlite_question(&question.phrases, if public { "p" } else { "w" });
                let matches = format!("\"{name}\" MATCH ?");
                if hits(db, name, &matches, args![asked.as_str()]).await? <= LISTED {
                    part.push_str(&format!("t.rid IN (SELECT rowid FROM \"{name}\" WHERE {matches})"));
                } else {
                    part.push_str(&format!(
                        "EXISTS (SELECT 1 FROM \"{name}\" WHERE {matches} AND rowid = t.rid)"
                    ));
                }
                args.extend(args![asked]);
            }
        }
        parts.push(format!("({part})"));
        either.args.extend(args);
    }
    out.and(format!("({})", parts.join(" OR ")), either.args);
    Ok(())
}

async fn bounds(db: &Db, question: &Question<'_>, out: &mut Where) -> Result<(), RecordsError> {
    let (table, Some(bounds)) = (question.table, question.bounds) else { return Ok(()) };
    let exact = "t._west <= ? AND t._east >= ? AND t._south <= ? AND t._north >= ?";
    let corners = || args![bounds.east, bounds.west, bounds.north, bounds.south];
    match (db.dialect(), table.geometry) {
        (Dialect::Postgres, Some(field)) => out.and(
            format!("t.{} && ST_MakeEnvelope(?, ?, ?, ?, 4326)", table.column(field)),
            args![bounds.west, bounds.south, bounds.east, bounds.north],
        ),
        _ => {
            // The tree keeps bounds in single precision, rounded outwards.
            let near = "_west <= ? AND _east >= ? AND _south <= ? AND _north >= ?";
            let name = &table.bounds_name;
            if hits(db, name, near, corners()).await? <= LISTED {
                out.and(format!("t.rid IN (SELECT rid FROM \"{name}\" WHERE {near})"), corners());
            }
        }
    }
    out.and(exact, corners());
    Ok(())
}

/// A statement for one page: the part of the order where the first column is filled (`false`: empty), after a mark.
pub(crate) fn page(
    question: &Question<'_>,
    dialect: Dialect,
    base: &Where,
    filled: bool,
    after: Option<&Mark>,
    limit: usize,
) -> (String, Vec<Arg>) {
    let table = question.table;
    let mut all = base.clone();
    let falls = question.falls();
    let way = |descending: bool| if descending { "DESC" } else { "ASC" };
    let mut order = Vec::new();
    for (nth, (subject, descending)) in question.sort.iter().enumerate() {
        let column = subject.sql(table);
        if nth == 0 {
            all.and(format!("{column} IS {}NULL", if filled { "NOT " } else { "" }), []);
            if filled {
                order.push(format!("{column} {}", way(*descending)));
            }
        } else {
            order.push(format!("({column} IS NULL)"));
            order.push(format!("{column} {}", way(*descending)));
        }
    }
    order.push(format!("t.rid {}", way(falls)));
    if let Some(mark) = after {
        let (sql, args) = behind(question, dialect, mark, usize::from(!filled));
        all.and(sql, args);
    }
    let sql = format!(
        "SELECT {} FROM \"{}\" t WHERE {} ORDER BY {} LIMIT {limit}",
        table.selected(dialect),
        table.name,
        all.sql(),
        order.join(", ")
    );
    (sql, all.args)
}

/// What comes behind a mark, comparing from the `from`th column of the order on.
fn behind(question: &Question<'_>, dialect: Dialect, mark: &Mark, from: usize) -> (String, Vec<Arg>) {
    let table = question.table;
    let number = if question.falls() { "<" } else { ">" };
    let Some((subject, descending)) = question.sort.get(from) else {
        return (format!("t.rid {number} ?"), args![mark.rid]);
    };
    let column = subject.sql(table);
    let one = subject.column(table).placeholder(dialect);
    let key = &mark.keys[from];
    if from == 0 && question.sort.len() == 1 {
        return (format!("({column}, t.rid) {number} ({one}, ?)"), vec![key.clone(), Arg::Int(mark.rid)]);
    }
    let (rest, rest_args) = behind(question, dialect, mark, from + 1);
    if matches!(key, Arg::Null(_)) {
        return (format!("({column} IS NULL AND {rest})"), rest_args);
    }
    let further = if *descending { "<" } else { ">" };
    let mut args = vec![key.clone(), key.clone()];
    args.extend(rest_args);
    if from == 0 {
        args.insert(0, key.clone());
        (
            format!(
                "({column} {further}= {one} AND ({column} {further} {one} OR ({column} = {one} AND {rest})))"
            ),
            args,
        )
    } else {
        (format!("({column} IS NULL OR {column} {further} {one} OR ({column} = {one} AND {rest}))"), args)
    }
}

impl Mark {
    /// The mark as a client keeps it: says nothing to it.
    pub(crate) fn text(&self, question: &Question<'_>) -> String {
        let keys: Vec<String> = self
            .keys
            .iter()
            .map(|key| match key {
                Arg::Int(number) => format!("i{number}"),
                Arg::Real(number) => format!("r{:016x}", number.to_bits()),
                Arg::Text(text) => format!("t{text}"),
                Arg::Bool(yes) => format!("b{}", u8::from(*yes)),
                _ => "n".to_owned(),
            })
            .collect();
        URL_SAFE_NO_PAD.encode(serde_json::json!([question.order_name(), keys, self.rid]).to_string())
    }

    /// The mark from what a client gives back, which may be anything.
    pub(crate) fn parse(question: &Question<'_>, text: &str) -> Result<Mark, RecordsError> {
        let bad = || RecordsError::BadAsk {
            register: question.table.id().to_owned(),
            why: "`after` is not the `next` of an answer in this order; begin again without it".to_owned(),
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad())?;
        let (order, keys, rid): (String, Vec<String>, i64) =
            serde_json::from_slice(&bytes).map_err(|_| bad())?;
        if order != question.order_name() || keys.len() != question.sort.len() {
            return Err(bad());
        }
        let mut parsed = Vec::new();
        for (key, (subject, _)) in keys.iter().zip(&question.sort) {
            let kind = subject.column(question.table).kind();
            let mut letters = key.chars();
            let sort = letters.next();
            let rest = letters.as_str();
            parsed.push(match (sort, kind) {
                (Some('n'), kind) => Arg::Null(kind),
                (Some('i'), Kind::Int) => Arg::Int(rest.parse().map_err(|_| bad())?),
                (Some('r'), Kind::Real) => {
                    let number = f64::from_bits(u64::from_str_radix(rest, 16).map_err(|_| bad())?);
                    if number.is_nan() {
                        return Err(bad());
                    }
                    Arg::Real(number)
                }
                (Some('t'), Kind::Text) => {
                    let day = subject.column(question.table) == Column::Date;
                    if rest.contains('\0') || (day && rest.parse::<jiff::civil::Date>().is_err()) {
                        return Err(bad());
                    }
                    Arg::Text(rest.to_owned())
                }
                (Some('b'), Kind::Bool) => Arg::Bool(rest == "1"),
                _ => return Err(bad()),
            });
        }
        Ok(Mark { keys: parsed, rid })
    }
}

impl Question<'_> {
    fn order_name(&self) -> String {
        let each = self.sort.iter().map(|(subject, descending)| {
            format!("{}{}", if *descending { "-" } else { "" }, subject.sql(self.table))
        });
        each.collect::<Vec<_>>().join(",")
    }
}
