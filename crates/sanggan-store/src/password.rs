//! Hashing and checking passwords (Argon2id), away from the threads that answer requests.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use rand::seq::IndexedRandom;

use crate::{Store, StoreError};

/// Shortest password a person may choose, in characters.
const SHORTEST: usize = 8;
/// Longest password looked at, in bytes.
const LONGEST: usize = 256;
/// Letters of made-up passwords: none that look alike.
const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";
/// Length of made-up passwords: some 92 bits.
const MADE_UP: usize = 16;

/// A password nobody has chosen.
pub(crate) fn made_up() -> String {
    let mut rng = rand::rng();
    (0..MADE_UP).filter_map(|_| LETTERS.choose(&mut rng)).map(|&letter| char::from(letter)).collect()
}

/// Whether it may be used as the password of `name`.
pub(crate) fn check_strength(name: &str, password: &str) -> Result<(), StoreError> {
    let why = if password.chars().count() < SHORTEST {
        format!("it needs at least {SHORTEST} characters")
    } else if password.len() > LONGEST {
        format!("it may have at most {LONGEST} bytes")
    } else if password.to_lowercase() == name.to_lowercase() {
        "it may not be the name".to_owned()
    } else if password.chars().all(|c| Some(c) == password.chars().next()) {
        "it may not be one character repeated".to_owned()
    } else {
        return Ok(());
    };
    Err(StoreError::BadInput { subject: "password", why })
}

impl Store {
    /// The hash to store.
    pub(crate) async fn hash_password(&self, password: &str) -> Result<String, StoreError> {
        let password = password.to_owned();
        self.hashing("hash a password", move || {
            let hash: PasswordHash = Argon2::default()
                .hash_password(password.as_bytes())
                .map_err(|error| StoreError::Hash(error.to_string()))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether `password` is the one of `hash`; without a hash it takes as long and is not.
    pub(crate) async fn is_password(&self, password: &str, hash: Option<String>) -> Result<bool, StoreError> {
        if password.len() > LONGEST {
            return Ok(false);
        }
        let Some(hash) = hash else {
            self.hash_password(password).await?;
            return Ok(false);
        };
        let password = password.to_owned();
        self.hashing("check a password", move || {
            let hash = PasswordHash::new(&hash)
                .map_err(|_| StoreError::Corrupt { what: "password hash", text: "(not shown)".to_owned() })?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
    }

    async fn hashing<T: Send + 'static>(
        &self,
        attempt: &'static str,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _turn = self.inner.hashing.acquire().await.expect("the semaphore is never closed");
        tokio::task::spawn_blocking(work).await.map_err(|source| StoreError::Worker { attempt, source })?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_passwords_are_strong_and_differ() {
        let (one, other) = (made_up(), made_up());
        assert_ne!(one, other);
        assert!(one.len() == MADE_UP && check_strength("admin", &one).is_ok(), "{one}");
    }

    #[test]
    fn weak_passwords_are_told_why() {
        let why = |password: &str| match check_strength("liwei.abc", password) {
            Ok(()) => "fine".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(why("1234567"), "password: it needs at least 8 characters");
        assert_eq!(why("LiWei.ABC"), "password: it may not be the name");
        assert_eq!(why("aaaaaaaaaa"), "password: it may not be one character repeated");
        assert_eq!(why(&"ab".repeat(200)), "password: it may have at most 256 bytes");
        assert_eq!(why("桑干河的水位今天"), "fine");
    }
}
