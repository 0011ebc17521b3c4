//! Files of features: GeoJSON, zipped shapefiles, FlatGeobuf.

mod dbf;
mod flatgeobuf;
mod geojson;
mod shapefile;

use crate::crs::{Crs, CrsError};
use crate::{Shape, Words};

/// How much is read at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Features of one file.
    pub features: usize,
    /// Bytes of a zip's files when unpacked.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { features: 1_000_000, bytes: 1 << 30 }
    }
}

/// The attribute of a feature.
pub type Attribute = serde_json::Value;

/// Why a feature could not be read.
pub type ReadFault = Words;

/// The features of a file, in WGS-84.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layer {
    /// The names of the attributes, in the file's order.
    pub columns: Vec<String>,
    /// The features, in the file's order.
    pub features: Vec<Feature>,
    /// What the file says of its coordinates, as it says it; `None`: nothing. They are converted already.
    pub crs: Option<String>,
}

/// One feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// The shape; `None`: the feature has none.
    pub shape: Option<Shape>,
    /// One for each of [`Layer::columns`].
    pub attributes: Vec<Attribute>,
    /// Why part of the feature could not be read.
    pub fault: Option<ReadFault>,
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Its coordinates are of a system that cannot be taken.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// It is broken, too big, or not what it is called.
    #[error("cannot read the {format} file: {fault}")]
    File {
        /// `GeoJSON`, `shapefile`, `FlatGeobuf`.
        format: &'static str,
        /// What was met.
        fault: ReadFault,
    },
}

impl ReadError {
    /// In Chinese.
    pub fn zh(&self) -> String {
        match self {
            ReadError::Crs(error) => format!("无法使用坐标系 {}：{}", error.name, error.why_zh),
            ReadError::File { format, fault } => format!("无法读取 {format} 文件：{}", fault.zh),
        }
    }
}

/// The formats, told by the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// GeoJSON.
    Geojson,
    /// A zip with a shapefile in it.
    Shapefile,
    /// FlatGeobuf.
    Flatgeobuf,
}

/// Which format the bytes are, if one of these. A zip is taken for a shapefile when a `.shp` is named in it.
pub fn format(bytes: &[u8]) -> Option<Format> {
    match bytes {
        [b'f', b'g', b'b', ..] => Some(Format::Flatgeobuf),
        [b'P', b'K', 3, 4, ..] => shapefile::is_shapefile(bytes).then_some(Format::Shapefile),
        _ => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            bytes.trim_ascii_start().starts_with(b"{").then_some(Format::Geojson)
        }
    }
}

/// Reads a file of any of the formats.
pub fn read(bytes: &[u8], limits: Limits) -> Result<Layer, ReadError> {
    match format(bytes) {
        Some(Format::Geojson) => geojson::read(bytes, limits),
        Some(Format::Shapefile) => shapefile::read(bytes, limits),
        Some(Format::Flatgeobuf) => flatgeobuf::read(bytes, limits),
        None => Err(ReadError::File {
            format: "GIS",
            fault: Words::new(
                "不是 GeoJSON、FlatGeobuf，也不是装有 .shp、.dbf、.prj 的 zip 压缩包",
                "it is neither GeoJSON nor FlatGeobuf nor a zip with .shp, .dbf and .prj in it",
            ),
        }),
    }
}

fn too_many(format: &'static str, limits: Limits) -> ReadError {
    ReadError::File {
        format,
        fault: Words::new(
            format!("要素超过 {} 个；请分成几个文件", limits.features),
            format!("it has more than {} features; split it into several files", limits.features),
        ),
    }
}

/// Brings shapes of a named system to WGS-84.
fn convert(layer: &mut Layer, crs: Crs) {
    if matches!(crs, Crs::Crs84 | Crs::Wgs84 | Crs::Cgcs2000) {
        return;
    }
    for feature in &mut layer.features {
        if let Some(shape) = &mut feature.shape {
            *shape = crs.to_wgs84(shape);
        }
    }
}
