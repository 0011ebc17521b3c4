//! Parameter codes as sent → the codes of HJ 524 and HJ 525.

use sanggan_base::ParameterCode;

use crate::St;

/// A parameter's code and whether a table knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// The code used everywhere inside; `raw:<code as sent>` when no table knows it.
    pub code: ParameterCode,
    /// Whether a table knows it.
    pub known: bool,
    /// Whether it was sent as a 2005 code.
    pub from_2005: bool,
}

/// The parameter of a code as sent by a system of kind `st`.
///
/// Codes of 2017 (`w01018`, `a34004`) pass through in lower case; codes of 2005 (`011`, `S01`, `B02`) are
/// looked up, where `st` decides between the water and the air table if both have the code; anything else
/// becomes `raw:<code>`.
pub fn parameter_of(_st: Option<St>, _code: &str) -> Parameter {
    todo!()
}

/// The Chinese name of a known parameter.
pub fn name_of(_code: &ParameterCode) -> Option<&'static str> {
    todo!()
}
