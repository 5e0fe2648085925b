//! One line of a known_hosts file: marker, names, key.

use data_encoding::BASE64;
use russh::keys::PublicKey;

use super::name::Names;

/// What a line says of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// The host has it.
    None,
    /// `@cert-authority`: it certifies keys of the host.
    CertAuthority,
    /// `@revoked`: it must never be accepted.
    Revoked,
}

/// A line that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) marker: Marker,
    pub(super) names: Names,
    /// `ssh-ed25519`, ...
    pub(super) kind: String,
    /// The key as on the wire.
    pub(super) key: Vec<u8>,
}

/// A line without its end; `None` for an empty one and a comment. The error says why the line is skipped.
pub(super) fn parse_line(line: &[u8], max: usize) -> Result<Option<Entry>, &'static str> {
    if line.len() > max {
        return Err("longer than 64 KiB");
    }
    let line = std::str::from_utf8(line).map_err(|_| "not UTF-8")?;
    let blank = [' ', '\t', '\r'];
    let line = line.trim_matches(blank);
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let mut fields = line.split(blank).filter(|field| !field.is_empty());
    let mut first = fields.next().ok_or("no names")?;
    let mut marker = Marker::None;
    if first.starts_with('@') {
        marker = match first {
            "@cert-authority" => Marker::CertAuthority,
            "@revoked" => Marker::Revoked,
            _ => return Err("an unknown marker"),
        };
        first = fields.next().ok_or("no names")?;
    }
    let names = Names::parse(first)?;
    let kind = fields.next().ok_or("no key")?;
    let key = wire_key(kind, fields.next().ok_or("no key")?)?;
    Ok(Some(Entry { marker, names, kind: kind.to_owned(), key }))
}

/// The key as the server would send it: decoded and encoded again where its kind is known.
fn wire_key(kind: &str, text: &str) -> Result<Vec<u8>, &'static str> {
    // A certificate may hold another, without end: none is parsed here, and none identifies a host by itself.
    if kind.contains("-cert-v01@") {
        return Err("a certificate where a key belongs");
    }
    let blob = BASE64.decode(text.as_bytes()).map_err(|_| "a key that is not base64")?;
    let inner = blob
        .first_chunk::<4>()
        .map(|length| u32::from_be_bytes(*length) as usize)
        .and_then(|length| blob.get(4..)?.get(..length));
    if inner != Some(kind.as_bytes()) {
        return Err("a key of another kind than its line says");
    }
    match PublicKey::from_bytes(&blob) {
        Ok(key) => key.to_bytes().map_err(|_| "a key that cannot be encoded"),
        Err(_) => Ok(blob),
    }
}
