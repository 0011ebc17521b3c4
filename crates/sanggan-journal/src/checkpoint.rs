//! Heads as text that is signed: C2SP tlog-checkpoint in a C2SP signed note.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::key::{HeadKey, HeadSigner};
use crate::tree::Hash;

/// A head of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose journal: a name without schema, like a path (`sanggan.example/140600`).
    pub origin: String,
    /// How many entries the tree has.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// Says why a text is no signed head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It has not the lines of one.
    #[error("the text is no signed head: {0}")]
    Form(String),
    /// No signature of this name and key.
    #[error("the head is not signed by `{0}` with this key")]
    Unsigned(String),
    /// A signature that does not fit.
    #[error("the signature of `{0}` does not fit the head")]
    Signature(String),
}

impl Checkpoint {
    /// The text that is signed: three lines.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root))
    }

    /// The signed note. The key bears the name of the origin.
    pub fn signed(&self, signer: &HeadSigner) -> String {
        let text = self.text();
        let mut signature = signer.public().id(&self.origin).to_vec();
        signature.extend(signer.sign(text.as_bytes()));
        format!("{text}\n— {} {}\n", self.origin, STANDARD.encode(signature))
    }

    /// Reads a signed note and checks its signature.
    ///
    /// # Errors
    /// [`NoteError`].
    pub fn verified(note: &str, key: &HeadKey) -> Result<Checkpoint, NoteError> {
        let form = |what: &str| NoteError::Form(what.to_owned());
        let (text, signatures) = note.split_once("\n\n").ok_or_else(|| form("there is no empty line"))?;
        let text = format!("{text}\n");
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(form("it has fewer than three lines"));
        };
        let size = size.parse().map_err(|_| form("its second line is no number"))?;
        let root = STANDARD.decode(root).ok().and_then(|root| Hash::try_from(root).ok());
        let root = root.ok_or_else(|| form("its third line is no hash"))?;
        let id = key.id(origin);
        let mut found = false;
        for line in signatures.lines() {
            let Some((name, blob)) = line.strip_prefix("— ").and_then(|line| line.split_once(' ')) else {
                return Err(form("a line of its signatures is none"));
            };
            let blob = STANDARD.decode(blob).map_err(|_| form("a signature is no Base64"))?;
            if name != origin || !blob.starts_with(&id) {
                continue;
            }
            found = true;
            if !key.verifies(text.as_bytes(), &blob[id.len()..]) {
                return Err(NoteError::Signature(origin.to_owned()));
            }
        }
        if !found {
            return Err(NoteError::Unsigned(origin.to_owned()));
        }
        Ok(Checkpoint { origin: origin.to_owned(), size, root })
    }
}
