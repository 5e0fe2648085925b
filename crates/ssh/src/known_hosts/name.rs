//! The first field of a known_hosts line: patterns in a list, or one hashed name.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The longest pattern of a list that OpenSSH looks at; a list with a longer one matches nothing.
const MAX_PATTERN: usize = 1023;

/// Whom a line is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Names {
    /// `|1|salt|hash`: HMAC-SHA1 of the name, keyed by the salt.
    Hashed { salt: Vec<u8>, hash: Vec<u8> },
    /// Patterns separated by commas, as written.
    Patterns(String),
}

impl Names {
    pub(super) fn parse(field: &str) -> Result<Names, &'static str> {
        let Some(hashed) = field.strip_prefix('|') else {
            return Ok(Names::Patterns(field.to_owned()));
        };
        let hashed = hashed.strip_prefix("1|").ok_or("a hash of a kind other than |1|")?;
        let (salt, hash) = hashed.split_once('|').ok_or("a hashed name without a hash")?;
        let decode =
            |text: &str| BASE64.decode(text.as_bytes()).map_err(|_| "a hashed name that is not base64");
        let (salt, hash) = (decode(salt)?, decode(hash)?);
        match salt.len() == 20 && hash.len() == 20 {
            true => Ok(Names::Hashed { salt, hash }),
            false => Err("a hashed name of another length than SHA-1's"),
        }
    }

    /// Whether `name`, in lower case, is meant. In a list a negated pattern that matches rules the line out, wherever it
    /// stands.
    pub(super) fn matches(&self, name: &str) -> bool {
        match self {
            Names::Hashed { salt, hash } => Hmac::<Sha1>::new_from_slice(salt)
                .is_ok_and(|hmac| hmac.chain_update(name.as_bytes()).verify_slice(hash).is_ok()),
            Names::Patterns(list) => {
                let mut found = false;
                for pattern in list.split(',') {
                    let (negated, pattern) = match pattern.strip_prefix('!') {
                        Some(pattern) => (true, pattern),
                        None => (false, pattern),
                    };
                    if pattern.len() > MAX_PATTERN {
                        return false;
                    }
                    if wildcard(&pattern.to_ascii_lowercase(), name) {
                        if negated {
                            return false;
                        }
                        found = true;
                    }
                }
                found
            }
        }
    }
}

/// `host`, or `[host]:port` on another port than 22.
pub fn host_and_port(host: &str, port: u16) -> String {
    match port {
        22 => host.to_owned(),
        _ => format!("[{host}]:{port}"),
    }
}

/// Whether `text` matches a pattern of `*` (any characters) and `?` (any one). Time is at most the product of the lengths.
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut seen) = (0, 0);
    let mut star = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == text[seen] => (at, seen) = (at + 1, seen + 1),
            _ => match star {
                // The last star takes one more.
                Some((stood, from)) => {
                    star = Some((stood, from + 1));
                    (at, seen) = (stood + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}
