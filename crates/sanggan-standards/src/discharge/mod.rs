//! Discharges: which limit holds for an outlet, exceedance, validity, substitution, load.
//!
//! A discharge standard is any edition of the theme `discharge` with a `conditional` table called `water` or `gas`; one
//! put into `data/` or laid over by a city's pack is consulted without a line of code. Beside its limits it may have
//! * `scope` (list): whom it binds, to say why it was passed over;
//! * `lacking` (list): limits it sets whose figures are not at hand. The id is the item (`so2`, `so2:oil`), `others`
//!   for whatever the table does not name, or `also` for another standard that may limit anything;
//! * `reference_oxygen` (factors, columns `o2` and `air`): the oxygen content concentrations are converted to.
//!
//! Read first: [`outlet_limits`], [`Outlet`].
//!
//! * DISCHARGE-1: a circumstance that is not known leaves the limit open only if it could make it stricter.
//! * DISCHARGE-2: of the standards that hold the strictest counts; a permit counts when it is stricter still.
//! * DISCHARGE-3: no division near the oxygen content of air: such a value is flagged and not judged.

mod accuracy;
mod cems;
mod day;
mod exceedance;
mod limit;
mod load;
mod outlet;
mod oxygen;
mod selection;
mod series;
mod wastewater;

pub use cems::{capture_rate, substitute_by_maximum};
pub use limit::{Candidate, Considered, Open, OutletLimit, Reference, outlet_limits};
pub use outlet::{Outlet, Permit, Place, circumstances, items};
pub use oxygen::{Guard, NotConverted, ReferenceOxygen, convert};
pub use series::{Gap, HourKind, TooFew};
pub use wastewater::{Replaced, substitute_by_period};

use crate::assess::Assessment;

/// What this folder judges.
pub(crate) const ASSESSMENTS: &[Assessment] = &[
    selection::DISCHARGE_LIMIT,
    exceedance::DISCHARGE,
    oxygen::OXYGEN_CONVERSION,
    cems::CEMS_VALIDITY,
    cems::CEMS_SUBSTITUTION,
    day::WASTEWATER_DAY,
    wastewater::WASTEWATER_SUBSTITUTION,
    load::EMISSION_LOAD,
    accuracy::CEMS_ACCURACY,
    accuracy::WASTEWATER_ACCURACY,
];
