//! Files of features: GeoJSON, zipped shapefiles, FlatGeobuf.
use crate::Shape;
use crate::crs::CrsError;

/// How much is read at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Features of one file.
    pub features: usize,
    /// Bytes of a zip's file when unpacked.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { features: 1_000_000, bytes: 1 << 30 }
    }
}

/// The attribute of a feature.
pub type Attribute = serde_json::Value;

/// The features of a file, in WGS-84.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layer {
    /// The names of the attributes, in the file's order.
    pub columns: Vec<String>,
    /// The features, in the file's order.
    pub features: Vec<Feature>,
    /// What the file says of its coordinates, as it says it; `None`: nothing.
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

/// Why a feature could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFault {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Its coordinates are of a system that cannot be taken.
    #[error(transparent)]
    Crs(#[from] CrsError),
    /// It is broken, too big, or not what it is called.
    #[error("cannot read the {format} file: {}", .fault.en)]
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
        todo!()
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

/// Which format the bytes are, if one of these.
pub fn format(_bytes: &[u8]) -> Option<Format> {
    todo!()
}

/// Reads a file of any of the formats.
pub fn read(_bytes: &[u8], _limits: Limits) -> Result<Layer, ReadError> {
    todo!()
}
