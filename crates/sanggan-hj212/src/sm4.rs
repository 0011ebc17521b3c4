//! The SM4 section of HJ 212-2025 (annex A.2).
//!
//! ECB with 16-byte groups and no padding: every full group between `CP=&&` and the last `&&` is encrypted,
//! a shorter tail stays plain, so no length changes. The check code is that of the plain segment.

use sm4::{
    Sm4,
    cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit},
};

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

    fn cipher(&self) -> Sm4 {
        Sm4::new(&self.0.into())
    }
}

/// Encrypts the full 16-byte groups of a data area in place; a shorter tail stays plain.
pub fn encrypt_section(key: &Key, section: &mut [u8]) {
    let cipher = key.cipher();
    for group in section.as_chunks_mut::<16>().0 {
        let mut block = Block::<Sm4>::from(*group);
        cipher.encrypt_block(&mut block);
        *group = block.into();
    }
}

/// Undoes [`encrypt_section`].
pub fn decrypt_section(key: &Key, section: &mut [u8]) {
    let cipher = key.cipher();
    for group in section.as_chunks_mut::<16>().0 {
        let mut block = Block::<Sm4>::from(*group);
        cipher.decrypt_block(&mut block);
        *group = block.into();
    }
}

/// Where the data area of a segment stands: between `CP=&&` and the last `&&`.
pub(crate) fn section_of(segment: &[u8]) -> Option<std::ops::Range<usize>> {
    let begin = memchr::memmem::find(segment, b"CP=&&")? + 5;
    let end = segment.len().checked_sub(2)?;
    (begin <= end && segment.ends_with(b"&&")).then_some(begin..end)
}

/// Whether a data area can only be encrypted: its full groups hold control characters or no text.
pub(crate) fn looks_encrypted(section: &[u8]) -> bool {
    let groups = section.as_chunks::<16>().0.as_flattened();
    let odd = |b: &&u8| **b < b' ' && !matches!(**b, 0 | b'\t' | b'\r' | b'\n');
    groups.iter().any(|b| odd(&b)) || {
        let high = groups.iter().filter(|b| **b >= 0x80).count();
        high * 4 > groups.len() && std::str::from_utf8(groups).is_err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "DataTime=20240520210600;a01011-Min=1.35,a01011-Avg=1.35,a01011-Max=1.35,a01011-Flag=N;a01014-Min=3.20,a01014-Avg=3.20,a01014-Max=3.20,a01014-Flag=N";

    fn bytes(hex: &str) -> [u8; 16] {
        std::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex"))
    }

    #[test]
    fn the_published_vector_of_gb_t_32907() {
        let key = Key::new(bytes("0123456789abcdeffedcba9876543210"));
        let plain = bytes("0123456789abcdeffedcba9876543210");
        let mut section = plain;
        encrypt_section(&key, &mut section);
        assert_eq!(section, bytes("681edf34d206965e86b3e94f536e4246"));
        decrypt_section(&key, &mut section);
        assert_eq!(section, plain);
        // The standard's second example: one million encryptions.
        let cipher = key.cipher();
        let mut block = Block::<Sm4>::from(plain);
        for _ in 0..1_000_000 {
            cipher.encrypt_block(&mut block);
        }
        assert_eq!(<[u8; 16]>::from(block), bytes("595298c7c6fd271f0402f804c33d3f66"));
    }

    #[test]
    fn the_example_of_annex_a_2025() {
        let key = Key::from_text("0000000000000000").expect("16 characters");
        let mut section = PLAIN.as_bytes().to_vec();
        encrypt_section(&key, &mut section);
        assert_eq!(section[..16], bytes("E43E159ACFAB242CB53155FB8B9281A1"));
        assert!(section.ends_with(b"\xA4g=N"), "the last cipher byte and the plain tail");
        assert!(looks_encrypted(&section) && !looks_encrypted(PLAIN.as_bytes()));
        decrypt_section(&key, &mut section);
        assert_eq!(section, PLAIN.as_bytes());
    }

    #[test]
    fn a_key_is_not_shown() {
        assert_eq!(format!("{:?}", Key::new([7; 16])), "Key(…)");
    }
}
