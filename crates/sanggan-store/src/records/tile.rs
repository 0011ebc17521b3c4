//! Vector tiles of a register's shapes.

use sanggan_geo::Shape;
use sanggan_geo::tile::{TileId, TileLayer, TileValue};
use sanggan_records::rights::Scope;
use sanggan_records::{Ask, Bounds, Value};

use super::RecordsError;
use super::question::Question;
use super::row::text_of;
use super::select;
use super::table::{Column, Table};
use crate::Store;
use crate::db::{Dialect, args};

const ATTEMPT: &str = "draw a tile";
/// From this zoom on every shape is drawn by itself; above it points that fall together are one.
const SINGLE: u8 = 12;
/// Shapes of one tile at most; with more, those of the smallest numbers are drawn.
const MOST: usize = 20_000;

impl Store {
    /// A vector tile of a register's shapes, in the layer named as the register, with these fields as attributes
    /// beside `rid`, `state`, `schematic` and `title`; empty when nothing is in it. `None`: there is no such tile.
    /// Far out, points that fall together come as one with `point_count`.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`], [`RecordsError::BadAsk`] when the register has no shapes or no such field.
    pub async fn record_tile(
        &self,
        register: &str,
        (z, x, y): (u8, u32, u32),
        scope: &Scope,
        fields: &[&str],
    ) -> Result<Option<Vec<u8>>, RecordsError> {
        let tables = self.tables()?;
        let table = tables.get(register)?;
        let Some(tile) = TileId::new(z, x, y) else { return Ok(None) };
        let bad = |why: String| RecordsError::BadAsk { register: register.to_owned(), why };
        let place = table.geometry.ok_or_else(|| bad("it has no shapes to draw".to_owned()))?;
        let public = table.def().public.as_ref();
        let is_public = |field: &str| public.is_some_and(|public| public.fields.iter().any(|it| it == field));
        // Where anything drawn is not public, an enterprise is drawn its own records only.
        let own;
        let drawn = [table.def().fields[place].id.as_str(), table.def().title.as_str()];
        let scope = match scope {
            Scope::Enterprise(enterprise) if !drawn.iter().chain(fields).all(|field| is_public(field)) => {
                own = Scope::Own(*enterprise);
                &own
            }
            scope => scope,
        };
        let mut shown = Vec::new();
        for field in fields {
            let hidden = *scope == Scope::Public && !is_public(field);
            match table.def().position(field) {
                Some(at) if !hidden && table.columns[at].is_plain() => shown.push((*field, at)),
                _ => return Err(bad(format!("a tile has no attribute `{field}`; name fields of one value"))),
            }
        }
        let ask = Ask { bounds: Some(around(&tile)), ..Ask::default() };
        let question = Question::new(table, scope, &ask)?;
        let hides_title = *scope == Scope::Public && !is_public(&table.def().title);
        let base = select::conditions(self.db(), &question, None).await?;
        if self.db().dialect() == Dialect::Postgres && z >= SINGLE {
            return self
                .drawn_by_the_base(table, place, (z, x, y), base, &shown, hides_title)
                .await
                .map(Some);
        }
        let mut layer = TileLayer::new(register, tile);
        if z < SINGLE {
            layer.cluster();
        }
        let sql = format!(
            "SELECT {} FROM \"{}\" t WHERE {} ORDER BY t.rid LIMIT {MOST}",
            table.selected(self.db().dialect()),
            table.name,
            base.sql()
        );
        for row in self.db().fetch(ATTEMPT, sql, base.args).await? {
            let record = table.read(&row)?.record;
            let Value::Shape(shape) = &record.values[place] else { continue };
            let mut attributes = vec![("rid", TileValue::Integer(record.id.0))];
            if let Some(state) = &record.state {
                attributes.push(("state", TileValue::Text(state.clone())));
            }
            attributes.push(("schematic", TileValue::Boolean(record.schematic)));
            if !hides_title {
                attributes.push(("title", TileValue::Text(text_of(&record.values[table.title]))));
            }
            attributes
                .extend(shown.iter().filter_map(|(name, at)| Some((*name, attribute(&record.values[*at])?))));
            push(&mut layer, record.id.0, shape, &attributes);
        }
        Ok(Some(layer.finish()))
    }

    /// PostGIS draws the tile itself.
    async fn drawn_by_the_base(
        &self,
        table: &Table,
        place: usize,
        (z, x, y): (u8, u32, u32),
        base: select::Where,
        shown: &[(&str, usize)],
        hides_title: bool,
    ) -> Result<Vec<u8>, RecordsError> {
        let column = table.column(place);
        let mut attributes = vec![
            "t.rid AS drawn_id".to_owned(),
            "t.rid AS rid".to_owned(),
            "t.state AS state".to_owned(),
            "t.schematic AS schematic".to_owned(),
        ];
        if !hides_title {
            attributes.push(format!("t.{}::text AS title", table.column(table.title)));
        }
        for (name, at) in shown {
            let cast = if table.columns[*at] == Column::Date { "::text" } else { "" };
            attributes.push(format!("t.{}{cast} AS \"{name}\"", table.column(*at)));
        }
        let sql = format!(
            "WITH tile AS (SELECT ST_TileEnvelope(?::int, ?::int, ?::int) AS box), \
             drawn AS (SELECT ST_AsMVTGeom(ST_Transform(t.{column}, 3857), tile.box, 4096, 64, true) AS drawn_shape, {} \
             FROM \"{}\" t, tile WHERE {} ORDER BY t.rid LIMIT {MOST}) \
             SELECT ST_AsMVT(drawn.*, ?, 4096, 'drawn_shape', 'drawn_id') FROM drawn WHERE drawn_shape IS NOT NULL",
            attributes.join(", "),
            table.name,
            base.sql()
        );
        let mut args = args![i64::from(z), i64::from(x), i64::from(y)];
        args.extend(base.args);
        args.extend(args![table.id()]);
        Ok(self.db().scalar::<Vec<u8>>(ATTEMPT, sql, args).await?.unwrap_or_default())
    }
}

fn around(tile: &TileId) -> Bounds {
    let bounds = tile.bounds();
    Bounds { west: bounds.min().x, south: bounds.min().y, east: bounds.max().x, north: bounds.max().y }
}

fn push(layer: &mut TileLayer, rid: i64, shape: &Shape, attributes: &[(&str, TileValue)]) {
    layer.push(rid.unsigned_abs(), shape, attributes);
}

fn attribute(value: &Value) -> Option<TileValue> {
    Some(match value {
        Value::Null => return None,
        Value::Number(number) => TileValue::Number(*number),
        Value::Integer(number) => TileValue::Integer(*number),
        Value::Boolean(yes) => TileValue::Boolean(*yes),
        Value::Reference(id) => TileValue::Integer(id.0),
        Value::Time(moment) => TileValue::Integer(moment.0),
        other => TileValue::Text(text_of(other)),
    })
}
