//! Looking up what records and requests name: other records, stations, files.

use std::collections::{HashMap, HashSet};

use sanggan_pack::FieldKind;
use sanggan_records::{AttachmentInfo, Link, Links, Model, Record, RecordId, Value};
use sanggan_store::Store;
use sanggan_store::records::RecordsError;

/// What is shown of the records and files that these records name.
pub(crate) async fn links(store: &Store, model: &Model, records: &[Record]) -> Result<Links, RecordsError> {
    let mut places: HashSet<(String, RecordId)> = HashSet::new();
    let mut hashes: HashSet<String> = HashSet::new();
    for (nth, field) in model.def().fields.iter().enumerate() {
        for record in records {
            match (&field.kind, &record.values[nth]) {
                (FieldKind::Reference { to, .. }, Value::Reference(id)) => {
                    places.insert((to.clone(), *id));
                }
                (FieldKind::Reference { to, .. }, Value::References(ids)) => {
                    places.extend(ids.iter().map(|id| (to.clone(), *id)));
                }
                (FieldKind::Attachment { .. }, Value::Texts(texts)) => hashes.extend(texts.iter().cloned()),
                _ => {}
            }
        }
    }
    let places: Vec<_> = places.into_iter().collect();
    let hashes: Vec<_> = hashes.into_iter().collect();
    let records = if places.is_empty() { HashMap::new() } else { store.links(&places).await? };
    let mut attachments = HashMap::new();
    if !hashes.is_empty() {
        for info in store.attachments().find(&hashes).await? {
            let shown = AttachmentInfo {
                hash: info.hash.clone(),
                name: info.name,
                media_type: info.media_type,
                bytes: info.bytes,
            };
            attachments.insert(info.hash, shown);
        }
    }
    Ok(Links { records, attachments })
}

/// A link as the API shows it.
pub(crate) fn link(link: &Link) -> crate::dto::RecordLink {
    crate::dto::RecordLink {
        register: link.register.clone(),
        rid: link.id.0,
        key: link.key.clone(),
        title: link.title.clone(),
    }
}
