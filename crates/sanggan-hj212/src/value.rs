//! The values of a message, ready to be given to series.

use sanggan_base::{Flag, Measure, Millis};

/// One numeric value of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value<'a> {
    /// The parameter's code as sent; see [`codes::parameter_of`](crate::codes::parameter_of).
    pub code: &'a str,
    /// Which figure it is.
    pub measure: Measure,
    /// The number as sent, in the device's unit.
    pub value: f64,
    /// From the `Flag` field beside it; [`Flag::Unmarked`] when there is none.
    pub flag: Flag,
    /// When the sample was taken, if the device says so.
    pub sample_time: Option<Millis>,
}
