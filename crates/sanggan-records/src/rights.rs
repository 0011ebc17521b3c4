//! Who may see and change which records: the one place that decides.
//!
//! An account has one role, and by it: areas (none named: the whole city), departments (none named: all) and, for an
//! enterprise's account, the enterprise. The store turns a [`Scope`] into conditions of its queries; nothing else does.

use sanggan_base::AreaCode;

use crate::RecordId;

/// The part of the registers that somebody sees or changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Nothing.
    Nothing,
    /// Only what the definition makes public.
    Public,
    /// Records of these areas (empty: of every area). Records without an area belong to the city and are seen by
    /// all, changed only by those of the whole city.
    Areas(Vec<AreaCode>),
    /// Records that belong to this enterprise, and what is public.
    Enterprise(RecordId),
}
