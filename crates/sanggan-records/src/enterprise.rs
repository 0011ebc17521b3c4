//! The enterprise file (一企一档) by definition: every register whose records belong to an enterprise is a part of it.

use sanggan_pack::{FieldKind, Name, RegisterDef, Registers};
use serde::Serialize;

use crate::rights::ENTERPRISES;

/// One register's part of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The register.
    pub register: String,
    /// Its name.
    pub name: Name,
    /// The reference field by which its records belong to the enterprise.
    pub field: String,
    /// Whether they are its own; otherwise they only name it (a hand-over to it, a service for it).
    pub own: bool,
}

/// One heading of the file: a group of registers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// The group's id.
    pub group: String,
    /// Its name.
    pub name: Name,
    /// The parts, first the enterprise's own.
    pub parts: Vec<Part>,
}

/// The sections of every enterprise's file, in the order of the office's groups.
///
/// A register belongs to it by its `enterprise` field; beside that every other reference to `enterprises` gives a part
/// that is not its own, unless the register already has an own one through the same field.
pub fn sections(registers: &Registers) -> Vec<Section> {
    let groups = &registers.office.groups;
    let mut sections: Vec<Section> = groups
        .iter()
        .map(|group| Section { group: group.id.clone(), name: group.name.clone(), parts: Vec::new() })
        .collect();
    for def in registers.all().filter(|def| def.id != ENTERPRISES) {
        let parts = parts_of(def);
        if parts.is_empty() {
            continue;
        }
        match sections.iter_mut().find(|section| section.group == def.group) {
            Some(section) => section.parts.extend(parts),
            None => sections.push(Section { group: def.group.clone(), name: Name::same(&def.group), parts }),
        }
    }
    for section in &mut sections {
        section.parts.sort_by(|a, b| (!a.own, &a.register, &a.field).cmp(&(!b.own, &b.register, &b.field)));
    }
    sections.retain(|section| !section.parts.is_empty());
    sections
}

fn parts_of(def: &RegisterDef) -> Vec<Part> {
    def.fields
        .iter()
        .filter(|field| matches!(&field.kind, FieldKind::Reference { to, .. } if to == ENTERPRISES))
        .map(|field| Part {
            register: def.id.clone(),
            name: def.name.clone(),
            field: field.id.clone(),
            own: def.enterprise.as_deref() == Some(field.id.as_str()),
        })
        .collect()
}
