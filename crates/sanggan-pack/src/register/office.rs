//! Who keeps registers, and where they stand in the menu: `office.toml`.

use serde::{Deserialize, Serialize};

use crate::Name;

/// A division of the bureau, or another department that keeps a register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// `water`.
    pub id: String,
    /// 水生态环境科.
    pub name: Name,
}

/// A group of registers in the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// `water`.
    pub id: String,
    /// 水.
    pub name: Name,
}

/// Departments and groups, each in the order shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Office {
    /// Departments.
    pub departments: Vec<Department>,
    /// Groups.
    pub groups: Vec<Group>,
}
