//! Keys of heads: SM2, kept as PEM.

use sm2::SecretKey;
use sm2::dsa::signature::{Signer, Verifier};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use sm3::{Digest, Sm3};

/// The distinguishing identifier signers and verifiers use: the default of GM/T 0009.
pub const DISTINGUISHING_ID: &str = "1234567812345678";

/// Says why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is no PEM of a private SM2 key.
    #[error("the text is no private SM2 key in PEM (PKCS #8)")]
    Private,
    /// It is no PEM of a public SM2 key.
    #[error("the text is no public SM2 key in PEM")]
    Public,
    /// The bytes make no key: zero, or not below the order of the curve.
    #[error("these 32 bytes make no SM2 key; draw others")]
    Bytes,
}

/// The key heads are checked with.
#[derive(Debug, Clone)]
pub struct HeadKey {
    key: VerifyingKey,
}

/// The key heads are signed with.
#[derive(Clone)]
pub struct HeadSigner {
    secret: SecretKey,
    key: SigningKey,
}

impl std::fmt::Debug for HeadSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HeadSigner")
    }
}

impl HeadSigner {
    /// From 32 random bytes.
    ///
    /// # Errors
    /// [`KeyError::Bytes`], about once in 2³² draws.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<HeadSigner, KeyError> {
        HeadSigner::of(SecretKey::from_slice(bytes).map_err(|_| KeyError::Bytes)?, KeyError::Bytes)
    }

    /// From its PEM.
    ///
    /// # Errors
    /// [`KeyError::Private`].
    pub fn from_pem(pem: &str) -> Result<HeadSigner, KeyError> {
        HeadSigner::of(SecretKey::from_pkcs8_pem(pem).map_err(|_| KeyError::Private)?, KeyError::Private)
    }

    fn of(secret: SecretKey, error: KeyError) -> Result<HeadSigner, KeyError> {
        let key = SigningKey::new(DISTINGUISHING_ID, &secret).map_err(|_| error)?;
        Ok(HeadSigner { secret, key })
    }

    /// Its PEM (PKCS #8); whoever has it can sign heads.
    ///
    /// # Errors
    /// [`KeyError::Private`], not expected of a key that was made.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        self.secret.to_pkcs8_pem(LineEnding::LF).map(|pem| pem.to_string()).map_err(|_| KeyError::Private)
    }

    /// The key that checks what this one signs.
    pub fn public(&self) -> HeadKey {
        HeadKey { key: self.key.verifying_key().clone() }
    }

    /// The signature over `text`, DER.
    pub(crate) fn sign(&self, text: &[u8]) -> Vec<u8> {
        let signature: Signature = self.key.sign(text);
        signature.to_der().to_vec()
    }
}

impl HeadKey {
    /// From its PEM.
    ///
    /// # Errors
    /// [`KeyError::Public`].
    pub fn from_pem(pem: &str) -> Result<HeadKey, KeyError> {
        let key = sm2::PublicKey::from_public_key_pem(pem).map_err(|_| KeyError::Public)?;
        VerifyingKey::new(DISTINGUISHING_ID, key).map(|key| HeadKey { key }).map_err(|_| KeyError::Public)
    }

    /// Its PEM, to be given to everybody.
    ///
    /// # Errors
    /// [`KeyError::Public`], not expected of a key that was made.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        let key = sm2::PublicKey::from_sec1_bytes(&self.key.to_sec1_bytes()).map_err(|_| KeyError::Public)?;
        key.to_public_key_pem(LineEnding::LF).map_err(|_| KeyError::Public)
    }

    /// The number of a key of this name in signed notes: the first four bytes of
    /// SM3(name ‖ newline ‖ 0xff ‖ "SM2-SM3" ‖ point).
    pub fn id(&self, name: &str) -> [u8; 4] {
        let mut hash = Sm3::new();
        hash.update(name);
        hash.update(b"\n\xffSM2-SM3");
        hash.update(self.key.to_sec1_bytes());
        let hash = hash.finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// Whether the DER signature is this key's over `text`.
    pub(crate) fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        Signature::from_der(signature).is_ok_and(|signature| self.key.verify(text, &signature).is_ok())
    }
}
