use super::*;

fn shape(text: &str) -> Shape {
    crate::wkt::parse(text).expect("the test's shape is sound")
}

fn decoded(bytes: &[u8]) -> Layer {
    let mut tile = Tile::decode(bytes).expect("what was encoded is a tile");
    tile.layers.remove(0)
}

/// The absolute points of each part of a geometry.
fn drawn(feature: &Feature) -> Vec<Vec<(i32, i32)>> {
    let mut at = (0, 0);
    let mut parts: Vec<Vec<(i32, i32)>> = Vec::new();
    let mut commands = feature.geometry.iter();
    let step = |word: u32| (word >> 1).cast_signed() ^ -(word & 1).cast_signed();
    while let Some(command) = commands.next() {
        for _ in 0..command >> 3 {
            if command & 7 == 7 {
                continue;
            }
            at.0 += step(*commands.next().expect("x follows"));
            at.1 += step(*commands.next().expect("y follows"));
            if command & 7 == 1 {
                parts.push(Vec::new());
            }
            parts.last_mut().expect("a line begins with a move").push(at);
        }
    }
    parts
}

#[test]
fn tiles_and_their_bounds() {
    assert_eq!(TileId::new(0, 0, 0).map(|tile| tile.z), Some(0));
    assert!(TileId::new(3, 8, 0).is_none() && TileId::new(25, 0, 0).is_none());
    // The tile of zoom 8 that Shuozhou lies in.
    let bounds = TileId::new(8, 207, 97).expect("it exists").bounds();
    assert!(bounds.min().x < 112.43 && bounds.max().x > 112.43, "{bounds:?}");
    assert!(bounds.min().y < 39.33 && bounds.max().y > 39.33, "{bounds:?}");
    let middle = TileId::new(1, 1, 0).expect("it exists").on_grid(Coord { x: 0.0, y: 0.0 });
    assert!((middle.x, (middle.y - 4096.0).abs() < 1e-6) == (0.0, true), "{middle:?}");
}

#[test]
fn the_example_of_the_specification() {
    // Specification 4.3.5.6: an outer ring, and one with a hole, as the commands are printed there.
    let mut pen = Pen::default();
    pen.ring(&[(0, 0), (10, 0), (10, 10), (0, 10)]);
    pen.ring(&[(11, 11), (20, 11), (20, 20), (11, 20)]);
    pen.ring(&[(13, 13), (13, 17), (17, 17), (17, 13)]);
    let expected = [
        9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15, 9, 22, 2, 26, 18, 0, 0, 18, 17, 0, 15, 9, 4, 13, 26, 0, 8, 8,
        0, 0, 7, 15,
    ];
    assert_eq!(pen.commands, expected);
    assert_eq!(Pen::default().points(&[(5, 7), (3, 2)]), [17, 10, 14, 3, 9]);
}

#[test]
fn features_are_clipped_and_attributes_shared() {
    let tile = TileId::new(8, 207, 97).expect("it exists");
    let mut layer = TileLayer::new("outfalls", tile);
    let kind = |text: &str| [("kind", TileValue::Text(text.to_owned())), ("flow", TileValue::Number(3.5))];
    layer.push(1, &shape("POINT (112.4 39.3)"), &kind("mixed"));
    layer.push(2, &shape("POINT (113.5 39.3)"), &kind("outside"));
    layer.push(3, &shape("LINESTRING (100 39.3, 130 39.3)"), &kind("mixed"));
    layer.push(
        4,
        &shape("POLYGON ((100 30, 130 30, 130 45, 100 45, 100 30), (112 39, 112 39.4, 112.4 39.4, 112 39))"),
        &[],
    );
    layer.push(5, &shape("POLYGON ((112.4 39.3, 112.40001 39.3, 112.40001 39.30001, 112.4 39.3))"), &[]);
    let layer = decoded(&layer.finish());
    let ids: Vec<u64> = layer.features.iter().filter_map(|feature| feature.id).collect();
    assert_eq!(ids, [1, 3, 4], "what is outside or smaller than the grid is left out");
    assert_eq!(layer.keys, ["kind", "flow"]);
    assert_eq!(layer.values.len(), 2);
    assert_eq!(layer.features[0].tags, layer.features[1].tags);
    let line = drawn(&layer.features[1]);
    assert_eq!(line.len(), 1);
    assert_eq!((line[0][0].0, line[0][1].0), (-64, 4160), "cut at the margin");
    let rings = drawn(&layer.features[2]);
    assert_eq!(rings.len(), 2);
    assert!(doubled_area(&rings[0]) > 0 && doubled_area(&rings[1]) < 0, "{rings:?}");
    assert_eq!(doubled_area(&rings[0]) / 2, 4224 * 4224);
}

#[test]
fn a_line_that_leaves_and_comes_back_is_two() {
    let frame = Frame::new(0.0, 10.0);
    let at = |x: f64, y: f64| Coord { x, y };
    let pieces = frame.line(&[at(1.0, 1.0), at(5.0, 1.0), at(15.0, 1.0), at(15.0, 5.0), at(5.0, 5.0)]);
    assert_eq!(pieces, [vec![at(1.0, 1.0), at(5.0, 1.0), at(10.0, 1.0)], vec![at(10.0, 5.0), at(5.0, 5.0)]]);
    assert!(frame.line(&[at(-1.0, 12.0), at(12.0, 12.0)]).is_empty());
    assert!(frame.ring(&[at(20.0, 20.0), at(30.0, 20.0), at(30.0, 30.0), at(20.0, 20.0)]).is_empty());
}

#[test]
fn points_of_a_cell_are_one() {
    let tile = TileId::new(6, 51, 24).expect("it exists");
    let mut layer = TileLayer::new("outfalls", tile);
    layer.cluster();
    for id in 0..10 {
        layer.push(id, &shape(&format!("POINT (112.40{id} 39.3)")), &[("code", TileValue::Integer(7))]);
    }
    layer.push(99, &shape("POINT (110 38)"), &[("code", TileValue::Integer(9))]);
    let layer = decoded(&layer.finish());
    assert_eq!(layer.features.len(), 2);
    let counted: Vec<&Feature> = layer.features.iter().filter(|feature| feature.id.is_none()).collect();
    assert_eq!(counted.len(), 1);
    let (key, value) = (counted[0].tags[0] as usize, counted[0].tags[1] as usize);
    assert_eq!(layer.keys[key], "point_count");
    assert_eq!(layer.values[value].sint_value, Some(10));
    assert!(TileLayer::new("empty", tile).finish().is_empty());
}
