//! Ecology: quality index, ecological flow, drought.

mod drought;
mod flow;
mod index;

use crate::assess::{Assessment, ClassAnswer};
use crate::schema::general::Band;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] =
    &[index::EQI, index::EI, flow::TENNANT, flow::GUARANTEE, drought::DROUGHT];

/// A band as the class of an answer.
fn class(band: &Band) -> ClassAnswer {
    ClassAnswer { id: band.id.clone(), name: band.name.clone(), colour: band.colour.clone() }
}
