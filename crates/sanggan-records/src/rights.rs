//! Who may see and change which records: the one place that decides.
//!
//! An account has one role, and by it: areas (none named: the whole city), departments (none named: all) and, for an
//! enterprise's account, the enterprise. The store turns a [`Scope`] into conditions of its queries; nothing else does.

use sanggan_base::AreaCode;
use sanggan_pack::{Field, FieldKind, RegisterDef};
use serde::{Deserialize, Serialize};

use crate::{Ask, Fault, Record, RecordId, Refusal, Value, Why};

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

/// The register of enterprises: each of its records belongs to the enterprise it is.
pub const ENTERPRISES: &str = "enterprises";

/// What the caller sees of a register.
pub fn scope(caller: &Caller, def: &RegisterDef) -> Scope {
    match (caller.role, caller.enterprise) {
        (Some(Role::Operator), _) => Scope::Areas(Vec::new()),
        (Some(Role::Officer | Role::Viewer), _) if def.area.is_some() => Scope::Areas(caller.areas.clone()),
        (Some(Role::Officer | Role::Viewer), _) => Scope::Areas(Vec::new()),
        (Some(Role::Enterprise), Some(own)) if belongs_to_enterprises(def) => Scope::Enterprise(own),
        (Some(Role::Enterprise), _) | (None, _) => {
            if def.public.is_some() {
                Scope::Public
            } else {
                Scope::Nothing
            }
        }
        (Some(Role::SystemAdmin | Role::SecurityAdmin | Role::AuditAdmin), _) => Scope::Nothing,
    }
}

/// What the caller sees when it asks this, refused when it asks by a field it may not read.
///
/// # Errors
/// [`Refusal`] (rights) naming the field.
pub fn may_ask(caller: &Caller, def: &RegisterDef, ask: &Ask) -> Result<Scope, Refusal> {
    let scope = scope(caller, def);
    let named = ask.conditions.iter().map(|condition| condition.field.as_str());
    let named = named.chain(ask.sort.iter().map(|sort| sort.field.as_str()));
    let mut all_public = true;
    for name in named.filter(|name| !name.starts_with('_')) {
        let Some(position) = def.position(name) else { continue };
        all_public &= is_public_field(def, position);
        let readable = match scope {
            Scope::Nothing => false,
            Scope::Public => is_public_field(def, position),
            Scope::Areas(_) | Scope::Enterprise(_) | Scope::Own(_) => reads_field(caller, def, position),
        };
        if !readable {
            return Err(refuse(
                format!("不能按“{}”筛选或排序：您无权查看该字段", def.fields[position].name.zh),
                format!(
                    "cannot filter or sort `{}` by `{name}`: you may not read this field; ask without it",
                    def.id
                ),
            ));
        }
    }
    let by_shape = ask.bounds.is_some();
    let place = def.geometry.as_deref().and_then(|field| def.position(field));
    if by_shape && place.is_some_and(|place| !is_public_field(def, place)) {
        all_public = false;
        let hidden = match scope {
            Scope::Nothing | Scope::Public => true,
            _ => place.is_some_and(|place| !reads_field(caller, def, place)),
        };
        if hidden {
            return Err(refuse(
                "不能按地图范围筛选：您无权查看位置".to_owned(),
                format!("cannot filter `{}` by place: you may not read where its records are", def.id),
            ));
        }
    }
    let due_is_public = ask.due.is_none() && ask.sort.iter().all(|sort| sort.field != "_due");
    if !due_is_public && matches!(scope, Scope::Public | Scope::Nothing) {
        return Err(refuse(
            "不能按到期情况筛选：请先登录".to_owned(),
            format!("cannot ask what is due in `{}`: log in first", def.id),
        ));
    }
    match scope {
        Scope::Enterprise(own) if !all_public || !due_is_public || !ask.words.trim().is_empty() => {
            Ok(Scope::Own(own))
        }
        other => Ok(other),
    }
}

/// Positions of the fields whose words the caller's search may look into; ask no others.
pub fn search_fields(caller: &Caller, def: &RegisterDef) -> Vec<usize> {
    let scope = scope(caller, def);
    let may = |position: &usize| match scope {
        Scope::Nothing => false,
        Scope::Public => is_public_field(def, *position),
        _ => reads_field(caller, def, *position),
    };
    (0..def.fields.len()).filter(|&position| def.fields[position].searched).filter(may).collect()
}

/// Whether the caller sees this record at all; `public`: whether [`crate::Model::is_public`] holds of it.
pub fn may_see(caller: &Caller, def: &RegisterDef, record: &Record, public: bool) -> bool {
    let public = public && def.public.is_some() && !record.retired;
    match scope(caller, def) {
        Scope::Nothing => false,
        Scope::Public => public,
        Scope::Areas(areas) => match area_of(def, &record.values) {
            None => true,
            Some(area) => areas.is_empty() || areas.iter().any(|own| own.as_str() == area),
        },
        Scope::Enterprise(own) => public || enterprise_of(def, record) == Some(own),
        Scope::Own(own) => enterprise_of(def, record) == Some(own),
    }
}

/// Positions of the fields that the caller may not read in this record; `None`: of one not made yet.
pub fn hidden_fields(caller: &Caller, def: &RegisterDef, record: Option<&Record>) -> Vec<usize> {
    let whole = match caller.role {
        Some(Role::Operator | Role::Officer | Role::Viewer) => true,
        Some(Role::Enterprise) => match record {
            Some(record) => owns(caller, def, record),
            None => belongs_to_enterprises(def),
        },
        _ => false,
    };
    let reads = |position: usize| {
        if whole { reads_field(caller, def, position) } else { is_public_field(def, position) }
    };
    let nothing = scope(caller, def) == Scope::Nothing;
    (0..def.fields.len()).filter(|&position| nothing || !reads(position)).collect()
}

/// Positions of the fields that the caller may write in this record (`None`: in a new one).
pub fn writable_fields(caller: &Caller, def: &RegisterDef, record: Option<&Record>) -> Vec<usize> {
    let allowed = match record {
        None => may_create(caller, def),
        Some(record) => may_change(caller, def, record),
    };
    if allowed.is_err() {
        return Vec::new();
    }
    let hidden = hidden_fields(caller, def, record);
    let of_enterprise = caller.role == Some(Role::Enterprise);
    (0..def.fields.len())
        .filter(|position| {
            let field = &def.fields[*position];
            !matches!(field.kind, FieldKind::Computed { .. })
                && !hidden.contains(position)
                && (!of_enterprise || field.enterprise_writes)
        })
        .collect()
}

/// Whether the caller may make records of this register, of any area that is its own.
///
/// An enterprise may where it fills in every field that is required beside the one that names it.
///
/// # Errors
/// [`Refusal`] (rights) that says who may.
pub fn may_create(caller: &Caller, def: &RegisterDef) -> Result<(), Refusal> {
    if caller.role == Some(Role::Enterprise) {
        let fills = |field: &Field| {
            !field.required
                || field.enterprise_writes
                || def.enterprise.as_deref() == Some(field.id.as_str())
                || matches!(field.kind, FieldKind::Computed { .. })
        };
        let some = def.fields.iter().any(|field| field.enterprise_writes);
        let ok =
            caller.enterprise.is_some() && def.enterprise.is_some() && some && def.fields.iter().all(fills);
        return if ok { Ok(()) } else { Err(of_register(caller, def, "新增", "add records to")) };
    }
    if keeps(caller, &[&def.department]) && (whole_city(caller) || def.area.is_some()) {
        return Ok(());
    }
    Err(of_register(caller, def, "新增", "add records to"))
}

/// Whether the caller may change this record. Retiring needs [`may_retire`].
///
/// # Errors
/// [`Refusal`] (rights) that says who may.
pub fn may_change(caller: &Caller, def: &RegisterDef, record: &Record) -> Result<(), Refusal> {
    let ok = match caller.role {
        Some(Role::Enterprise) => {
            owns(caller, def, record)
                && def.fields.iter().any(|field| field.enterprise_writes)
                && !is_final(def, record)
        }
        _ => keeps(caller, &[&def.department]) && reaches(caller, def, &record.values),
    };
    if ok { Ok(()) } else { Err(of_record(caller, def, record, "修改", "change")) }
}

/// Whether the caller may take this record out of the register. An enterprise may not.
///
/// # Errors
/// [`Refusal`] (rights) that says who may.
pub fn may_retire(caller: &Caller, def: &RegisterDef, record: &Record) -> Result<(), Refusal> {
    let ok = caller.role != Some(Role::Enterprise)
        && keeps(caller, &[&def.department])
        && reaches(caller, def, &record.values);
    if ok { Ok(()) } else { Err(of_record(caller, def, record, "移出", "retire")) }
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
    let found = def.lifecycle.iter().flat_map(|life| &life.transitions).find(|way| way.id == transition);
    let departments: Vec<&str> = match found {
        Some(way) if !way.departments.is_empty() => way.departments.iter().map(String::as_str).collect(),
        _ => vec![&def.department],
    };
    let ok = match caller.role {
        Some(Role::Enterprise) => found.is_some_and(|way| way.enterprise) && owns(caller, def, record),
        _ => keeps(caller, &departments) && reaches(caller, def, &record.values),
    };
    match found {
        None if scope(caller, def) == Scope::Nothing => {
            Err(of_record(caller, def, record, "办理", "move on"))
        }
        None => Err(Refusal::new(
            Why::Unknown,
            format!("“{}”没有办理步骤“{transition}”", def.name.zh),
            format!("the lifecycle of `{}` has no transition `{transition}`", def.id),
        )),
        Some(way) if !ok => Err(of_record(
            caller,
            def,
            record,
            &format!("办理“{}”", way.name.zh),
            &format!("take `{transition}` on"),
        )),
        Some(_) => Ok(()),
    }
}

/// Whether the caller may import records into this register (each row is checked as a creation or change besides).
/// An enterprise may not.
///
/// # Errors
/// [`Refusal`] (rights) that says who may.
pub fn may_import(caller: &Caller, def: &RegisterDef) -> Result<(), Refusal> {
    if caller.role == Some(Role::Enterprise) {
        return Err(of_register(caller, def, "导入", "import into"));
    }
    may_create(caller, def).map_err(|_| of_register(caller, def, "导入", "import into"))
}

/// Whether the area and enterprise of a record as it would become are the caller's own.
pub(crate) fn may_become(caller: &Caller, def: &RegisterDef, after: &Record) -> Result<(), Refusal> {
    let ok = match caller.role {
        Some(Role::Enterprise) => owns(caller, def, after),
        _ => reaches(caller, def, &after.values),
    };
    if ok {
        return Ok(());
    }
    let (zh, en) = if caller.role == Some(Role::Enterprise) {
        ("记录必须属于本企业".to_owned(), "the record must belong to your enterprise".to_owned())
    } else {
        let own: Vec<&str> = caller.areas.iter().map(AreaCode::as_str).collect();
        (
            format!("记录的区域必须是您负责的区域：{}", own.join("、")),
            format!("the area of the record must be one of yours: {}", own.join(", ")),
        )
    };
    let mut refusal = refuse(zh.clone(), format!("cannot save the record of `{}`: {en}", def.id));
    if let Some(field) = def.area.as_ref().or(def.enterprise.as_ref()) {
        refusal.faults.push(Fault::new(field, "read_only", zh, en));
    }
    Err(refusal)
}

/// The area a record belongs to.
pub fn area_of<'r>(def: &RegisterDef, values: &'r [Value]) -> Option<&'r str> {
    match values.get(def.position(def.area.as_deref()?)?) {
        Some(Value::Text(area)) if !area.is_empty() => Some(area),
        _ => None,
    }
}

/// The enterprise a record belongs to.
pub fn enterprise_of(def: &RegisterDef, record: &Record) -> Option<RecordId> {
    if def.id == ENTERPRISES {
        return Some(record.id);
    }
    match record.values.get(def.position(def.enterprise.as_deref()?)?) {
        Some(Value::Reference(id)) => Some(*id),
        _ => None,
    }
}

fn belongs_to_enterprises(def: &RegisterDef) -> bool {
    def.id == ENTERPRISES || def.enterprise.is_some()
}

fn owns(caller: &Caller, def: &RegisterDef, record: &Record) -> bool {
    caller.enterprise.is_some() && caller.enterprise == enterprise_of(def, record)
}

fn whole_city(caller: &Caller) -> bool {
    matches!(caller.role, Some(Role::Operator))
        || (caller.role == Some(Role::Officer) && caller.areas.is_empty())
}

/// Whether the caller is of one of these departments and may change at all.
fn keeps(caller: &Caller, departments: &[&str]) -> bool {
    match caller.role {
        Some(Role::Operator) => true,
        Some(Role::Officer) => {
            caller.departments.is_empty()
                || caller.departments.iter().any(|own| departments.contains(&own.as_str()))
        }
        _ => false,
    }
}

/// Whether a record with these values is of the caller's areas.
fn reaches(caller: &Caller, def: &RegisterDef, values: &[Value]) -> bool {
    whole_city(caller)
        || area_of(def, values).is_some_and(|area| caller.areas.iter().any(|own| own.as_str() == area))
}

fn is_final(def: &RegisterDef, record: &Record) -> bool {
    let states = def.lifecycle.iter().flat_map(|life| &life.states);
    states.into_iter().any(|state| state.is_final && record.state.as_deref() == Some(state.id.as_str()))
}

fn is_public_field(def: &RegisterDef, position: usize) -> bool {
    let field = &def.fields[position];
    field.readers.is_empty() && def.public.as_ref().is_some_and(|public| public.fields.contains(&field.id))
}

/// Whether the caller reads this field in the records it sees whole. What only some departments may read, a viewer or
/// officer reads who is of one of them (an officer of no named department is of all; a viewer of none is not), and an
/// enterprise only where it fills it in itself.
fn reads_field(caller: &Caller, def: &RegisterDef, position: usize) -> bool {
    let field = &def.fields[position];
    if field.readers.is_empty() {
        return true;
    }
    let named = || caller.departments.iter().any(|own| field.readers.contains(own));
    match caller.role {
        Some(Role::Operator) => true,
        Some(Role::Officer) => caller.departments.is_empty() || named(),
        Some(Role::Viewer) => named(),
        Some(Role::Enterprise) => field.enterprise_writes,
        _ => false,
    }
}

fn refuse(zh: String, en: String) -> Refusal {
    Refusal::new(Why::Rights, zh, en)
}

/// Why not, in both languages.
fn reason(caller: &Caller, def: &RegisterDef) -> (String, String) {
    match caller.role {
        None => ("请先登录".to_owned(), "log in first".to_owned()),
        Some(Role::Viewer) => ("查看者只能查看".to_owned(), "viewers only read".to_owned()),
        Some(Role::Enterprise) => (
            "企业账号只能填报本企业的、允许企业填写的内容".to_owned(),
            "an enterprise fills in only its own records, and only what is left to enterprises".to_owned(),
        ),
        Some(Role::SystemAdmin | Role::SecurityAdmin | Role::AuditAdmin) => {
            ("管理员不接触业务台账".to_owned(), "administrators have no part in the registers".to_owned())
        }
        Some(Role::Officer | Role::Operator) => (
            format!("只有所属科室（{}）和所属区域的人员可以办理", def.department),
            format!("only officers of the department `{}` and of the record's area may", def.department),
        ),
    }
}

fn of_register(caller: &Caller, def: &RegisterDef, zh: &str, en: &str) -> Refusal {
    let (why_zh, why_en) = reason(caller, def);
    refuse(format!("不能{zh}“{}”：{why_zh}", def.name.zh), format!("cannot {en} `{}`: {why_en}", def.id))
}

fn of_record(caller: &Caller, def: &RegisterDef, record: &Record, zh: &str, en: &str) -> Refusal {
    let (why_zh, why_en) = reason(caller, def);
    refuse(
        format!("不能{zh}“{}”的记录 {}：{why_zh}", def.name.zh, record.id),
        format!("cannot {en} record {} of `{}`: {why_en}", record.id, def.id),
    )
}
