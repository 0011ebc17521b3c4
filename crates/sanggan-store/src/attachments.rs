//! Files that records carry: photos, documents. Each is kept once, under the SM3 of its content, in the data folder;
//! what it is called and who brought it stands in the base.
//!
//! * FILE-1: a file is whole on the disk before the base knows of it.
//! * FILE-2: what is read is what was brought, or an error.

use std::path::{Path, PathBuf};

use sanggan_base::Millis;
use serde::Serialize;
use serde_json::json;
use sm3::{Digest, Sm3};
use tokio::io::AsyncWriteExt;

use crate::db::{Arg, Row, args};
use crate::journal::{Entry, record};
use crate::{Actor, Store, StoreError};

/// Longest name kept, in characters.
const LONGEST_NAME: usize = 120;
/// What a file is when nobody says better.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// SM3 of its content, 64 hexadecimal digits.
    pub hash: String,
    /// What it was called when it was first brought.
    pub name: String,
    /// What it is, as MIME type, as the first who brought it said.
    pub media_type: String,
    /// How long it is.
    pub bytes: u64,
    /// Who first brought it, as [`Actor::text`].
    #[serde(skip)]
    pub uploaded_by: String,
    /// When that was.
    #[serde(skip)]
    pub at: Millis,
}

/// The attachments of a store.
#[derive(Debug, Clone)]
pub struct Attachments {
    store: Store,
}

/// A file on its way in. Dropped without [`Upload::finish`], nothing of it stays.
#[derive(Debug)]
pub struct Upload {
    store: Store,
    file: tokio::fs::File,
    part: Part,
    hash: Sm3,
    bytes: u64,
    most: u64,
}

/// A file that is removed when it is not needed any more.
#[derive(Debug)]
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // It has its final name already when all went well.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Store {
    /// The files that records carry.
    pub fn attachments(&self) -> Attachments {
        Attachments { store: self.clone() }
    }
}

impl Attachments {
    /// Begins to take a file of at most `most` bytes.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub async fn begin(&self, most: u64) -> Result<Upload, StoreError> {
        let folder = self.folder().join("new");
        let path = folder.join(hex::encode(rand::random::<[u8; 16]>()));
        let fail = file_failed("make a file for an attachment", &path);
        tokio::fs::create_dir_all(&folder).await.map_err(&fail)?;
        let file = tokio::fs::File::create_new(&path).await.map_err(&fail)?;
        Ok(Upload { store: self.store.clone(), file, part: Part(path), hash: Sm3::new(), bytes: 0, most })
    }

    /// Takes a whole file.
    ///
    /// # Errors
    /// As [`Upload::write`] and [`Upload::finish`].
    pub async fn put(
        &self,
        content: &[u8],
        most: u64,
        name: &str,
        media_type: &str,
        actor: &Actor,
        now: Millis,
    ) -> Result<Attachment, StoreError> {
        let mut upload = self.begin(most).await?;
        upload.write(content).await?;
        upload.finish(name, media_type, actor, now).await
    }

    /// What is known of these files, in no order; those that are not there are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, hashes: &[String]) -> Result<Vec<Attachment>, StoreError> {
        const AT_ONCE: usize = 500;
        let mut found = Vec::with_capacity(hashes.len());
        for some in hashes.chunks(AT_ONCE) {
            let places = vec!["?"; some.len()].join(", ");
            let sql = format!("SELECT * FROM attachment WHERE hash IN ({places})");
            let args = some.iter().map(Arg::from).collect();
            for row in self.store.db().fetch("read attachments", sql, args).await? {
                found.push(attachment(&row)?);
            }
        }
        Ok(found)
    }

    /// A file and its content.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::File`] when the data folder has it not; [`StoreError::Corrupt`] when its
    /// content is not what was brought.
    pub async fn read(&self, hash: &str) -> Result<(Attachment, Vec<u8>), StoreError> {
        let Some(known) = self.find(&[hash.to_owned()]).await?.pop() else {
            return Err(StoreError::NotFound { kind: "attachment", key: hash.to_owned() });
        };
        let path = path(&self.folder(), &known.hash);
        let content = tokio::fs::read(&path).await.map_err(file_failed("read an attachment", &path))?;
        if hex::encode(Sm3::digest(&content)) != known.hash {
            return Err(StoreError::Corrupt {
                what: "an attachment whose content was changed",
                text: known.hash,
            });
        }
        Ok((known, content))
    }

    fn folder(&self) -> PathBuf {
        self.store.inner.data.join("attachments")
    }
}

impl Upload {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`StoreError::BadInput`] when the file is too long; [`StoreError::File`].
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.most {
            let why = format!("it is longer than {} bytes", self.most);
            return Err(StoreError::BadInput { subject: "attachment", why });
        }
        self.hash.update(bytes);
        self.file.write_all(bytes).await.map_err(file_failed("write an attachment", &self.part.0))
    }

    /// Keeps the file. What was brought before stays under its first name.
    ///
    /// # Errors
    /// [`StoreError::BadInput`] for an empty file; [`StoreError::File`].
    pub async fn finish(
        mut self,
        name: &str,
        media_type: &str,
        actor: &Actor,
        now: Millis,
    ) -> Result<Attachment, StoreError> {
        const ATTEMPT: &str = "keep an attachment";
        if self.bytes == 0 {
            return Err(StoreError::BadInput { subject: "attachment", why: "it is empty".to_owned() });
        }
        let hash = hex::encode(self.hash.finalize());
        let path = path(&self.store.inner.data.join("attachments"), &hash);
        let fail = file_failed(ATTEMPT, &path);
        self.file.flush().await.map_err(&fail)?;
        self.file.sync_all().await.map_err(&fail)?;
        let folder = path.parent().expect("two folders stand before the name").to_owned();
        tokio::fs::create_dir_all(&folder).await.map_err(&fail)?;
        // Over what may be there: it is the same, or was damaged.
        tokio::fs::rename(&self.part.0, &path).await.map_err(&fail)?;
        let synced = async { tokio::fs::File::open(&folder).await?.sync_all().await };
        synced.await.map_err(&fail)?;

        let mut write = self.store.write(ATTEMPT).await?;
        let tx = &mut write.tx;
        let sql = "INSERT INTO attachment (hash, name, media_type, bytes, uploaded_by, at) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (hash) DO NOTHING";
        let bytes = i64::try_from(self.bytes).unwrap_or(i64::MAX);
        let (name, media_type) = (plain_name(name), plain_type(media_type));
        let args = args![&hash, &name, media_type, bytes, actor.text(), now];
        let is_new = tx.execute(ATTEMPT, sql, args).await? == 1;
        let row = tx.fetch_one(ATTEMPT, "SELECT * FROM attachment WHERE hash = ?", args![&hash]).await?;
        let kept = attachment(&row)?;
        if is_new {
            let entry = Entry {
                at: now,
                actor,
                action: "attachment.put",
                subject_kind: "attachment",
                subject: &hash,
                version: None,
                changes: None,
                before: None,
                after: Some(json!({ "name": name, "media_type": media_type, "bytes": bytes })),
                why: "",
            };
            record(tx, entry).await?;
        }
        write.commit(ATTEMPT).await?;
        Ok(kept)
    }
}

/// `<folder>/ab/cd/<hash>`, so that no folder gets too full.
fn path(folder: &Path, hash: &str) -> PathBuf {
    folder.join(&hash[..2]).join(&hash[2..4]).join(hash)
}

/// Without folders and control characters, not too long.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control()).collect();
    let plain = plain.trim();
    if plain.is_empty() {
        return "file".to_owned();
    }
    // The end says what it is.
    let skip = plain.chars().count().saturating_sub(LONGEST_NAME);
    plain.chars().skip(skip).collect()
}

/// A MIME type without parameters, or the one that says nothing.
fn plain_type(media_type: &str) -> &str {
    let bare = media_type.split(';').next().unwrap_or_default().trim();
    let token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
    };
    match bare.split_once('/') {
        Some((kind, of)) if token(kind) && token(of) && bare.len() <= LONGEST_NAME => bare,
        _ => UNKNOWN_TYPE,
    }
}

fn file_failed(attempt: &'static str, path: &Path) -> impl Fn(std::io::Error) -> StoreError + use<> {
    let path = path.to_owned();
    move |source| StoreError::File { attempt, path: path.clone(), source }
}

fn attachment(row: &Row) -> Result<Attachment, StoreError> {
    Ok(Attachment {
        hash: row.text("hash")?,
        name: row.text("name")?,
        media_type: row.text("media_type")?,
        bytes: row.int("bytes")?.unsigned_abs(),
        uploaded_by: row.text("uploaded_by")?,
        at: Millis(row.int("at")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_types_are_made_plain() {
        for (given, wanted) in [
            ("照片 1.jpg", "照片 1.jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\a\\b.png", "b.png"),
            ("a\r\nb\u{0}.txt", "ab.txt"),
            ("  ", "file"),
            ("x/", "file"),
        ] {
            assert_eq!(plain_name(given), wanted);
        }
        assert!(plain_name(&("长".repeat(500) + ".pdf")).ends_with("长.pdf"));
        assert_eq!(plain_name(&"长".repeat(500)).chars().count(), LONGEST_NAME);
        for (given, wanted) in [
            ("image/jpeg", "image/jpeg"),
            ("text/html; charset=utf-8", "text/html"),
            ("image/svg+xml", "image/svg+xml"),
            ("nonsense", UNKNOWN_TYPE),
            ("a/b\r\nX: y", UNKNOWN_TYPE),
            ("", UNKNOWN_TYPE),
        ] {
            assert_eq!(plain_type(given), wanted);
        }
    }
}
