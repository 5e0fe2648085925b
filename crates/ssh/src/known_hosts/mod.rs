//! What the known_hosts files say of a host and a key, in OpenSSH's format and with its answers.
//!
//! The files are read whole and parsed once: patterns with `*`, `?` and `!`, hashed names (`|1|salt|hash`), `[name]:port`,
//! the markers `@cert-authority` and `@revoked`, several keys for a name. A line that cannot be read is skipped, as
//! OpenSSH does, and listed by [`KnownHosts::skipped`].

mod line;
mod name;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use russh::keys::{HashAlg, PublicKey};

pub use line::Marker;
use line::{Entry, parse_line};
pub use name::host_and_port;
pub(crate) use name::wildcard;

/// The largest known_hosts file that is read.
const MAX_FILE: u64 = 16 * 1024 * 1024;

/// The longest line that is looked at; RSA keys of 16384 bits take 3 KiB.
const MAX_LINE: usize = 64 * 1024;

/// Where a line stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file; empty for text that was given as such.
    pub file: PathBuf,
    /// Counted from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.file.as_os_str().is_empty() {
            true => write!(f, "line {}", self.line),
            false => write!(f, "{}:{}", self.file.display(), self.line),
        }
    }
}

/// What is known of a host's key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// A line has this key for this host.
    Known(Place),
    /// No line has a key for this host.
    Unknown,
    /// Lines have keys for this host, and this is none of them.
    Changed(Vec<Place>),
    /// A line revokes this key for this host.
    Revoked(Place),
}

/// Known hosts, as a set of files gives them.
#[derive(Debug, Clone, Default)]
pub struct KnownHosts {
    entries: Vec<(Place, Entry)>,
    skipped: Vec<(Place, &'static str)>,
}

impl KnownHosts {
    /// Parses the text of one file. Never fails: what cannot be read is in [`KnownHosts::skipped`].
    pub fn parse(text: &[u8]) -> KnownHosts {
        let mut known = KnownHosts::default();
        known.add(Path::new(""), text);
        known
    }

    /// Reads files in order. A file that is missing has no lines, as for OpenSSH.
    ///
    /// # Errors
    /// A file that is there and cannot be read, or has more than 16 MiB: an unreadable `@revoked` must not pass for none.
    pub fn load<P: AsRef<Path>>(files: impl IntoIterator<Item = P>) -> io::Result<KnownHosts> {
        let mut known = KnownHosts::default();
        for file in files {
            let file = file.as_ref();
            let told =
                |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
            match std::fs::metadata(file) {
                Ok(found) if found.len() > MAX_FILE => {
                    return Err(told(io::Error::other("a known_hosts file of more than 16 MiB is not read")));
                }
                Ok(_) => known.add(file, &std::fs::read(file).map_err(told)?),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(told(error)),
            }
        }
        Ok(known)
    }

    fn add(&mut self, file: &Path, text: &[u8]) {
        for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
            let place = || Place { file: file.to_owned(), line: number + 1 };
            match parse_line(line.get(..MAX_LINE + 1).unwrap_or(line), MAX_LINE) {
                Ok(Some(entry)) => self.entries.push((place(), entry)),
                Ok(None) => {}
                Err(why) => self.skipped.push((place(), why)),
            }
        }
    }

    /// Lines that were skipped, each with the reason.
    pub fn skipped(&self) -> &[(Place, &'static str)] {
        &self.skipped
    }

    /// The lines whose names match exactly `name` (`host` or `[host]:port`), as `ssh-keygen -F name` lists them.
    pub fn find(&self, name: &str) -> impl Iterator<Item = (&Place, Marker)> {
        let name = name.to_ascii_lowercase();
        self.entries
            .iter()
            .filter(move |(_, entry)| entry.names.matches(&name))
            .map(|(place, e)| (place, e.marker))
    }

    /// What is known of `key` for `host` at `port`.
    ///
    /// On another port than 22 the lines for `[host]:port` decide; where none of them has a key, a line for `host` alone
    /// that has this key will do, as for OpenSSH.
    pub fn check(&self, host: &str, port: u16, key: &PublicKey) -> Answer {
        let blob = key.to_bytes().unwrap_or_default();
        let answer = self.check_name(&host_and_port(host, port), &blob);
        if answer != Answer::Unknown || port == 22 {
            return answer;
        }
        match self.check_name(&host_and_port(host, 22), &blob) {
            found @ (Answer::Known(_) | Answer::Revoked(_)) => found,
            _ => Answer::Unknown,
        }
    }

    fn check_name(&self, name: &str, blob: &[u8]) -> Answer {
        let mut others = Vec::new();
        let mut known = None;
        for (place, entry) in self.matching(name) {
            match entry.marker {
                Marker::Revoked if entry.key == blob => return Answer::Revoked(place.clone()),
                Marker::None if entry.key == blob => known = known.or(Some(place)),
                Marker::None => others.push(place.clone()),
                Marker::Revoked | Marker::CertAuthority => {}
            }
        }
        match known {
            Some(place) => Answer::Known(place.clone()),
            None if others.is_empty() => Answer::Unknown,
            None => Answer::Changed(others),
        }
    }

    /// The line that trusts `authority` to certify keys of `host` at `port`, unless another revokes it.
    pub fn authority(&self, host: &str, port: u16, authority: &PublicKey) -> Answer {
        let blob = authority.to_bytes().unwrap_or_default();
        let mut found = Answer::Unknown;
        for name in both_names(host, port) {
            for (place, entry) in self.matching(&name).filter(|(_, entry)| entry.key == blob) {
                match entry.marker {
                    Marker::Revoked => return Answer::Revoked(place.clone()),
                    Marker::CertAuthority if found == Answer::Unknown => found = Answer::Known(place.clone()),
                    _ => {}
                }
            }
        }
        found
    }

    /// Whether any line names a certificate authority for `host` at `port`.
    pub fn has_authority(&self, host: &str, port: u16) -> bool {
        both_names(host, port)
            .iter()
            .any(|name| self.matching(name).any(|(_, entry)| entry.marker == Marker::CertAuthority))
    }

    /// The kinds of key (`ssh-ed25519`, ...) that lines have for `host` at `port`: what to ask the server for first.
    pub fn kinds(&self, host: &str, port: u16) -> Vec<&str> {
        let mut kinds: Vec<&str> = Vec::new();
        for name in both_names(host, port) {
            for (_, entry) in self.matching(&name).filter(|(_, entry)| entry.marker == Marker::None) {
                if !kinds.contains(&entry.kind.as_str()) {
                    kinds.push(&entry.kind);
                }
            }
        }
        kinds
    }

    fn matching(&self, name: &str) -> impl Iterator<Item = (&Place, &Entry)> {
        let name = name.to_ascii_lowercase();
        self.entries
            .iter()
            .filter(move |(_, entry)| entry.names.matches(&name))
            .map(|(place, entry)| (place, entry))
    }
}

/// The line that makes `key` known for `host` at `port`, with its end of line.
///
/// # Errors
/// A key that has no text, which no key that a server proved has.
pub fn known_hosts_line(host: &str, port: u16, key: &PublicKey) -> io::Result<String> {
    let mut key = key.clone();
    key.set_comment("");
    let text = key.to_openssh().map_err(io::Error::other)?;
    Ok(format!("{} {}\n", host_and_port(host, port).to_ascii_lowercase(), text.trim_end()))
}

/// `SHA256:` and base64, as `ssh-keygen -l` prints it.
pub fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

fn both_names(host: &str, port: u16) -> Vec<String> {
    let mut names = vec![host_and_port(host, port)];
    if port != 22 {
        names.push(host_and_port(host, 22));
    }
    names
}

#[cfg(test)]
mod tests;
