//! What goes over the wire, and nothing else: no behaviour, no storage type, no law.
//!
//! Times are ISO text with `+08:00`, dates `YYYY-MM-DD`, codes as the glossary writes them.

mod air;
mod assessment;
mod city;
mod device;
mod explain;
mod frame;
mod journal;
mod law;
mod live;
mod outlet;
mod period;
mod place;
mod register;
mod session;
mod station;
mod system;
mod transfer;
mod water;

pub use air::*;
pub use assessment::*;
pub use city::*;
pub use device::*;
pub use explain::*;
pub use frame::*;
pub use journal::*;
pub use law::*;
pub use live::*;
pub use outlet::*;
pub use period::*;
pub use place::*;
pub use register::*;
pub use session::*;
pub use station::*;
pub use system::*;
pub use transfer::*;
pub use water::*;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One name in the two languages of the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Names {
    /// 中文。
    pub zh: String,
    /// English.
    pub en: String,
}

impl Names {
    /// A pair of names.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Names {
        Names { zh: zh.into(), en: en.into() }
    }

    /// The same word in both languages (a code, a name nobody translated).
    pub fn same(text: impl Into<String>) -> Names {
        let zh = text.into();
        Names { en: zh.clone(), zh }
    }
}
