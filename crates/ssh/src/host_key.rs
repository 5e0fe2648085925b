//! Which key a server may show: known, certified, pinned, or new and written down.

use std::io::Write;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use russh::keys::ssh_key::certificate::CertType;
use russh::keys::{Algorithm, Certificate, EcdsaCurve, HashAlg, PublicKey, PublicKeyOrCertificate};

use crate::error::{Error, HostKeyRefusal};
use crate::known_hosts::{Answer, KnownHosts, fingerprint, known_hosts_line, wildcard};

/// Which host keys are accepted. Whatever is chosen, a key that the files revoke is refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum HostKeys {
    /// Only keys that the files have, and keys certified by an authority that they name.
    #[default]
    Strict,
    /// As `Strict`, but the key of a host for which the files have none is accepted and appended to the first file: trust
    /// on first use. A key that changed is refused.
    AcceptNew,
    /// Only keys with one of these fingerprints, `SHA256:...` as `ssh-keygen -l` prints them. Known hosts only revoke.
    Pinned(Vec<String>),
}

/// Why a host key was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// A known_hosts line has it.
    Known,
    /// An authority that a known_hosts line names certified it.
    Certified,
    /// It is pinned.
    Pinned,
    /// It was new, and is known from now on.
    AcceptedNew,
}

/// The key that a server proved to have, and why that will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// `SHA256:...`.
    pub fingerprint: String,
    /// Why it was accepted.
    pub trust: Trust,
}

/// What checks the key of one host.
#[derive(Debug, Clone)]
pub(crate) struct Verifier {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) accepted: HostKeys,
    pub(crate) known: KnownHosts,
    /// Where a new key is written.
    pub(crate) file: Option<PathBuf>,
}

const KEYS: [Algorithm; 6] = [
    Algorithm::Ed25519,
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
    Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
    Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
];

impl Verifier {
    /// The algorithms to ask the server for: those of the known keys first, none with SHA-1, RSA only if it can be
    /// verified.
    pub(crate) fn algorithms(&self) -> Vec<Algorithm> {
        let kinds = self.known.kinds(&self.host, self.port);
        let kind = |algorithm: &Algorithm| match algorithm {
            Algorithm::Rsa { .. } => "ssh-rsa".to_owned(),
            other => other.to_string(),
        };
        let usable =
            |algorithm: &&Algorithm| cfg!(feature = "rsa") || !matches!(algorithm, Algorithm::Rsa { .. });
        let mut all: Vec<Algorithm> = KEYS.iter().filter(usable).cloned().collect();
        all.sort_by_key(|algorithm| !kinds.contains(&kind(algorithm).as_str()));
        all
    }

    /// The algorithms for which a certificate will do: none if no line names an authority.
    pub(crate) fn certificates(&self) -> Vec<Algorithm> {
        let wanted =
            !matches!(self.accepted, HostKeys::Pinned(_)) && self.known.has_authority(&self.host, self.port);
        if wanted { self.algorithms() } else { Vec::new() }
    }

    /// Decides on what the server proved to have.
    pub(crate) fn verify(&self, shown: &PublicKeyOrCertificate) -> Result<Receipt, Error> {
        let key = match shown {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.clone(),
            PublicKeyOrCertificate::Certificate(certificate) => {
                PublicKey::new(certificate.public_key().clone(), "")
            }
        };
        let trust = match shown {
            PublicKeyOrCertificate::Certificate(certificate) => self.certified(certificate, &key),
            PublicKeyOrCertificate::PublicKey { .. } => self.plain(&key),
        };
        match trust {
            Ok(trust) => Ok(Receipt { fingerprint: fingerprint(&key), trust }),
            Err(reason) => Err(Error::HostKey {
                host: format!("{}:{}", self.host, self.port),
                fingerprint: fingerprint(&key),
                reason,
            }),
        }
    }

    fn plain(&self, key: &PublicKey) -> Result<Trust, HostKeyRefusal> {
        let answer = self.known.check(&self.host, self.port, key);
        if let Answer::Revoked(place) = answer {
            return Err(HostKeyRefusal::Revoked(place));
        }
        if let HostKeys::Pinned(pins) = &self.accepted {
            // The base64 of `ssh-keygen` has no padding; who pins with it means the same.
            let shown = fingerprint(key);
            return match pins.iter().any(|pin| pin.trim_end_matches('=') == shown) {
                true => Ok(Trust::Pinned),
                false => Err(HostKeyRefusal::NotPinned),
            };
        }
        match answer {
            Answer::Known(_) => Ok(Trust::Known),
            Answer::Changed(places) => Err(HostKeyRefusal::Changed(places)),
            Answer::Unknown if self.accepted == HostKeys::AcceptNew => self.accept(key),
            _ => Err(HostKeyRefusal::Unknown),
        }
    }

    fn certified(&self, certificate: &Certificate, key: &PublicKey) -> Result<Trust, HostKeyRefusal> {
        let authority = PublicKey::new(certificate.signature_key().clone(), "");
        match self.known.authority(&self.host, self.port, &authority) {
            Answer::Known(_) => {}
            Answer::Revoked(place) => return Err(HostKeyRefusal::Revoked(place)),
            // The certificate says nothing to us: its key is looked at as if it had come alone.
            _ => return self.plain(key),
        }
        if let Answer::Revoked(place) = self.known.check(&self.host, self.port, key) {
            return Err(HostKeyRefusal::Revoked(place));
        }
        self.holds(certificate, &authority).map_err(HostKeyRefusal::Certificate)?;
        Ok(Trust::Certified)
    }

    fn holds(&self, certificate: &Certificate, authority: &PublicKey) -> Result<(), String> {
        if certificate.cert_type() != CertType::Host {
            return Err("it is a user's".to_owned());
        }
        if matches!(certificate.signature().algorithm(), Algorithm::Rsa { hash: None } | Algorithm::Dsa) {
            return Err("it is signed with SHA-1".to_owned());
        }
        let names = certificate.valid_principals();
        if !names.iter().any(|name| wildcard(&name.to_lowercase(), &self.host.to_lowercase())) {
            return Err(format!(
                "it is for {}, not for {}",
                if names.is_empty() { "no host".to_owned() } else { names.join(", ") },
                self.host
            ));
        }
        if !certificate.critical_options().is_empty() {
            return Err("it has critical options, and none is known for hosts".to_owned());
        }
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|_| "this machine's clock is wrong".to_owned())?;
        let trusted = authority.fingerprint(HashAlg::Sha256);
        certificate
            .validate_at(now.as_secs(), [&trusted])
            .map_err(|_| "its signature is wrong, or it is not valid now".to_owned())
    }

    fn accept(&self, key: &PublicKey) -> Result<Trust, HostKeyRefusal> {
        let write = || -> std::io::Result<()> {
            let file =
                self.file.as_ref().ok_or_else(|| std::io::Error::other("no known_hosts file is named"))?;
            let line = known_hosts_line(&self.host, self.port, key)?;
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let unended =
                std::fs::read(file).is_ok_and(|text| text.last().is_some_and(|byte| *byte != b'\n'));
            let mut out = std::fs::OpenOptions::new().create(true).append(true).open(file)?;
            // One write: another process that appends does not come in between.
            out.write_all(format!("{}{line}", if unended { "\n" } else { "" }).as_bytes())
        };
        write().map_err(|error| HostKeyRefusal::NotWritten(error.to_string()))?;
        Ok(Trust::AcceptedNew)
    }
}
