//! Private keys and certificates from files or from text.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use russh::keys::ssh_key::public::KeyData;
use russh::keys::{Certificate, PrivateKey, PublicKey, decode_secret_key};
use zeroize::Zeroizing;

use super::prompt::{PromptKind, Prompter, ask};
use crate::error::Error;
use crate::target::Target;

/// The largest file that is read as a key.
const MAX_FILE: u64 = 1024 * 1024;

/// How often a passphrase may be wrong.
const PASSPHRASE_TRIES: usize = 3;

/// A private key, with a certificate for it if there is one.
#[derive(Clone)]
#[non_exhaustive]
pub enum Identity {
    /// A file as `ssh-keygen` writes it, encrypted or not; `file-cert.pub` beside it is used if it is there.
    File(PathBuf),
    /// The text of such a file.
    Text(Zeroizing<String>),
    /// A file with a certificate at another place.
    Certified {
        /// The private key.
        key: PathBuf,
        /// Its certificate.
        certificate: PathBuf,
    },
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path().display())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({self})")
    }
}

impl Identity {
    fn path(&self) -> &Path {
        match self {
            Identity::File(path) | Identity::Certified { key: path, .. } => path,
            Identity::Text(_) => Path::new("(given as text)"),
        }
    }
}

/// The key files of `~/.ssh` that are there.
pub(super) fn default_identities() -> Vec<Identity> {
    let names: &[&str] = if cfg!(feature = "rsa") {
        &["id_ed25519", "id_ecdsa", "id_rsa"]
    } else {
        &["id_ed25519", "id_ecdsa"]
    };
    let Some(folder) = std::env::home_dir().map(|home| home.join(".ssh")) else {
        return Vec::new();
    };
    names.iter().map(|name| folder.join(name)).filter(|path| path.is_file()).map(Identity::File).collect()
}

/// A key as it was found.
pub(super) enum Loaded {
    Open(Box<PrivateKey>),
    /// Encrypted: its text.
    Locked(Zeroizing<String>),
}

/// Reads a key.
pub(super) async fn load(identity: &Identity) -> Result<Loaded, Error> {
    let path = identity.path();
    let wrong = |why: String| Error::Key { path: path.to_owned(), why };
    let text = match identity {
        Identity::Text(text) => text.clone(),
        Identity::File(path) | Identity::Certified { key: path, .. } => {
            Zeroizing::new(read(path).await.map_err(|error| wrong(error.to_string()))?)
        }
    };
    match decode_secret_key(&text, None) {
        Ok(key) if key.is_encrypted() => Ok(Loaded::Locked(text)),
        Ok(key) => Ok(Loaded::Open(Box::new(key))),
        Err(russh::keys::Error::KeyIsEncrypted) => Ok(Loaded::Locked(text)),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// Decrypts a key with a passphrase that is asked for; `None` if none is given.
pub(super) async fn decrypt(
    identity: &Identity,
    text: Zeroizing<String>,
    prompter: &Prompter,
    target: &Target,
    user: &str,
) -> Result<Option<PrivateKey>, Error> {
    let path = identity.path();
    for _ in 0..PASSPHRASE_TRIES {
        let kind = PromptKind::Passphrase(path.to_owned());
        let Some(passphrase) = ask(prompter, target, user, kind).await? else {
            return Ok(None);
        };
        let text = text.clone();
        // The derivation takes long on purpose.
        let decrypted = tokio::task::spawn_blocking(move || decode_secret_key(&text, Some(&passphrase)));
        if let Ok(Ok(key)) = decrypted.await {
            return Ok(Some(key));
        }
    }
    Err(Error::Key { path: path.to_owned(), why: "the passphrase was wrong three times".to_owned() })
}

/// The public keys beside the files of identities, as far as they are there.
pub(super) async fn public_keys(identities: &[Identity]) -> Vec<KeyData> {
    let mut found = Vec::new();
    for identity in identities {
        let mut path = identity.path().as_os_str().to_owned();
        path.push(".pub");
        if let Ok(text) = read(Path::new(&path)).await
            && let Ok(key) = PublicKey::from_openssh(&text)
        {
            found.push(key.key_data().clone());
        }
    }
    found
}

/// The certificate of a key: the one that is named, which must be there, or the one beside the file.
pub(super) async fn certificate(identity: &Identity) -> Result<Option<Certificate>, Error> {
    let (path, named) = match identity {
        Identity::Text(_) => return Ok(None),
        Identity::Certified { certificate, .. } => (certificate.clone(), true),
        Identity::File(key) => {
            let mut path = key.clone().into_os_string();
            path.push("-cert.pub");
            (path.into(), false)
        }
    };
    let wrong = |why: String| Error::Key { path: path.clone(), why };
    let text = match read(&path).await {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named => return Ok(None),
        Err(error) => return Err(wrong(error.to_string())),
    };
    Certificate::from_openssh(text.trim()).map(Some).map_err(|error| wrong(error.to_string()))
}

async fn read(path: &Path) -> io::Result<String> {
    if tokio::fs::metadata(path).await?.len() > MAX_FILE {
        return Err(io::Error::other("a file of more than 1 MiB is no key"));
    }
    tokio::fs::read_to_string(path).await
}
