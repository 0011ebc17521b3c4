//! Reading the numbers of fields.
