//! Who may see and change which records: the one place that decides.
//!
//! An account has one role, and by it: areas (none named: the whole city), departments (none named: all) and, for an
//! enterprise's account, the enterprise. The store turns a [`Scope`] into conditions of its queries; nothing else does.

use sanggan_base::AreaCode;
use sanggan_pack::RegisterDef;
use serde::{Deserialize, Serialize};

use crate::{Ask, Record, RecordId, Refusal};

/// What an account is. One who is not logged in has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 查看者: sees the records of its areas.
    Viewer,
    /// 科室或分局人员: sees the records of its areas, changes those of its areas and departments.
    Officer,
    /// 运行人员: the whole city, all departments.
    Operator,
    /// 企业: its own records, and what is public.
    Enterprise,
    /// 系统管理员: settings and the state of the platform; no records.
    SystemAdmin,
    /// 安全管理员: accounts and rights; no records.
    SecurityAdmin,
    /// 审计管理员: the journal; no records.
    AuditAdmin,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Role] = &[
        Role::Viewer,
        Role::Officer,
        Role::Operator,
        Role::Enterprise,
        Role::SystemAdmin,
        Role::SecurityAdmin,
        Role::AuditAdmin,
    ];

    /// The name in the store and the API.
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Officer => "officer",
            Role::Operator => "operator",
            Role::Enterprise => "enterprise",
            Role::SystemAdmin => "system_admin",
            Role::SecurityAdmin => "security_admin",
            Role::AuditAdmin => "audit_admin",
        }
    }

    /// The role with this name.
    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.iter().copied().find(|role| role.name() == name)
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Its role; `None`: not logged in.
    pub role: Option<Role>,
    /// Its areas; empty: the whole city.
    pub areas: Vec<AreaCode>,
    /// Its departments; empty: all.
    pub departments: Vec<String>,
    /// Its enterprise.
    pub enterprise: Option<RecordId>,
    /// As it stands in the journal: `user:ada`, `system`; empty when not logged in.
    pub name: String,
}

impl Caller {
    /// One who is not logged in.
    pub fn public() -> Caller {
        Caller {
            role: None,
            areas: Vec::new(),
            departments: Vec::new(),
            enterprise: None,
            name: String::new(),
        }
    }

    /// The platform itself (seeds, migrations): whole city, all departments.
    pub fn system() -> Caller {
        Caller { role: Some(Role::Operator), name: "system".to_owned(), ..Caller::public() }
    }
}

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
    /// Records that belong to this enterprise only: the question names a field that is not public, and its answer
    /// must tell nothing of records of others.
    Own(RecordId),
}

/// What the caller sees of a register.
pub fn scope(caller: &Caller, def: &RegisterDef) -> Scope {
    todo!()
}

/// What the caller sees when it asks this, refused when it asks by a field it may not read.
///
/// # Errors
/// [`Refusal`] (rights) naming the field.
pub fn may_ask(caller: &Caller, def: &RegisterDef, ask: &Ask) -> Result<Scope, Refusal> {
    todo!()
}

/// Positions of the fields whose words the caller's search may look into; ask no others.
pub fn search_fields(caller: &Caller, def: &RegisterDef) -> Vec<usize> {
    todo!()
}

/// Whether the caller sees this record at all; `public`: whether [`crate::Model::is_public`] holds of it.
pub fn may_see(caller: &Caller, def: &RegisterDef, record: &Record, public: bool) -> bool {
    todo!()
}

/// Positions of the fields that the caller may not read in this record; `None`: of one not made yet.
pub fn hidden_fields(caller: &Caller, def: &RegisterDef, record: Option<&Record>) -> Vec<usize> {
    todo!()
}

/// Positions of the fields that the caller may write in this record (`None`: in a new one).
pub fn writable_fields(caller: &Caller, def: &RegisterDef, record: Option<&Record>) -> Vec<usize> {
    todo!()
}

/// Whether the caller may make records of this register, of any area that is its own.
///
/// # Errors
/// [`Refusal`] (rights) that says who may.
pub fn may_create(caller: &Caller, def: &RegisterDef) -> Result<(), Refusal> {
    todo!()
}

/// Whether the caller may change this record. Retiring needs [`may_retire`].
///
/// # Errors
/// [`Refusal`] (rights) that says who may.
pub fn may_change(caller: &Caller, def: &RegisterDef, record: &Record) -> Result<(), Refusal> {
    todo!()
}

/// Whether the caller may take this record out of the register. An enterprise may not.
///
/// # Errors
/// [`Refusal`] (rights) that says who may.
pub fn may_retire(caller: &Caller, def: &RegisterDef, record: &Record) -> Result<(), Refusal> {
    todo!()
}

/// Whether the caller may take this record through this transition.
///
/// # Errors
/// [`Refusal`] (rights) that says who may; (unknown) when there is no such transition.
pub fn may_transition(
    caller: &Caller,
    def: &RegisterDef,
    record: &Record,
    transition: &str,
) -> Result<(), Refusal> {
    todo!()
}

/// Whether the caller may import records into this register (each row is checked as a creation or change besides).
/// An enterprise may not.
///
/// # Errors
/// [`Refusal`] (rights) that says who may.
pub fn may_import(caller: &Caller, def: &RegisterDef) -> Result<(), Refusal> {
    todo!()
}
