//! The SM4 section of HJ 212-2025 (annex A.2).

/// An SM4 key of 16 bytes. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 16]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key from its bytes.
    pub fn new(bytes: [u8; 16]) -> Key {
        Key(bytes)
    }

    /// A key from 16 ASCII characters, as 1014 carries it in `NewSK`.
    pub fn from_text(text: &str) -> Option<Key> {
        Some(Key(text.as_bytes().try_into().ok()?))
    }
}

/// Encrypts the full 16-byte groups of a data area in place; a shorter tail stays plain.
pub fn encrypt_section(_key: &Key, _section: &mut [u8]) {
    todo!()
}

/// Undoes [`encrypt_section`].
pub fn decrypt_section(_key: &Key, _section: &mut [u8]) {
    todo!()
}
