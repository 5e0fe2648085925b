//! Hosts as they are written: `ssh://user@host:port`, `user@host`, and ranges such as `web[01-20]`.

use std::fmt;
use std::str::FromStr;

/// How many hosts a range may stand for.
pub const MAX_RANGE: usize = 100_000;

/// A host, a user and a port, as far as they are named.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host {
    /// Name, alias or address, without brackets; in lower case.
    pub name: String,
    /// The user to log in as.
    pub user: Option<String>,
    /// The server's port.
    pub port: Option<u16>,
}

/// A text that is no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no host: {why}; write ssh://user@host:port or user@host")]
pub struct HostError {
    /// What was given.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl Host {
    /// The host with this name, nothing else being said.
    ///
    /// # Errors
    /// As for parsing.
    pub fn named(name: &str) -> Result<Host, HostError> {
        name.parse()
    }

    /// The hosts of a range: `web[01-20]`, `n[1-3,7].example`; several brackets multiply. A text without brackets is one
    /// host, and so is an address in brackets.
    ///
    /// # Errors
    /// A range that ends before it begins, or that stands for more than [`MAX_RANGE`] hosts; else as for parsing.
    pub fn range(text: &str) -> Result<Vec<Host>, HostError> {
        let mut texts = vec![String::new()];
        let wrong = |why| HostError { text: text.to_owned(), why };
        let mut rest = text;
        while let Some(open) = rest.find('[') {
            let (before, after) = rest.split_at(open);
            let (inside, behind) = after[1..].split_once(']').ok_or(wrong("a bracket is not closed"))?;
            let parts = match inside.contains(':') {
                // An address.
                true => vec![format!("[{inside}]")],
                false => numbers(inside).map_err(wrong)?,
            };
            if texts.len().saturating_mul(parts.len()) > MAX_RANGE {
                return Err(wrong("a range of more than 100000 hosts"));
            }
            texts = texts
                .iter()
                .flat_map(|begun| parts.iter().map(move |part| format!("{begun}{before}{part}")))
                .collect();
            rest = behind;
        }
        texts.iter().map(|begun| format!("{begun}{rest}").parse()).collect()
    }
}

/// `01-03,7` as its numbers, with the width of what begins a range.
fn numbers(list: &str) -> Result<Vec<String>, &'static str> {
    let mut found = Vec::new();
    for part in list.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse::<u32>().map_err(|_| "a range without a number"),
            false => Err("a range with something else than numbers"),
        };
        let (from, to) = (number(first)?, number(last)?);
        if to < from {
            return Err("a range that ends before it begins");
        }
        if (to - from) as usize >= MAX_RANGE || found.len() > MAX_RANGE {
            return Err("a range of more than 100000 hosts");
        }
        found.extend((from..=to).map(|number| format!("{number:0width$}", width = first.len())));
    }
    Ok(found)
}

impl FromStr for Host {
    type Err = HostError;

    /// Nothing that a program could take for an option, and no password, passes.
    fn from_str(text: &str) -> Result<Host, HostError> {
        let wrong = |why| HostError { text: text.to_owned(), why };
        let rest = match text.split_once("://") {
            Some(("ssh", rest)) => rest.strip_suffix('/').unwrap_or(rest),
            Some(_) => return Err(wrong("the scheme is not ssh")),
            None => text,
        };
        if rest.contains('/') {
            return Err(wrong("a path has no meaning here"));
        }
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        if user.is_some_and(|user| user.contains(':')) {
            return Err(wrong("a password does not belong into an address, answer its prompt"));
        }
        let (name, port) = match place.strip_prefix('[') {
            Some(place) => {
                let (name, behind) = place.split_once(']').ok_or(wrong("a bracket is not closed"))?;
                match behind.strip_prefix(':') {
                    Some(port) => (name, Some(port)),
                    None if behind.is_empty() => (name, None),
                    None => return Err(wrong("something stands behind the bracket")),
                }
            }
            // An address of IPv6 without brackets has no port.
            None if place.matches(':').count() > 1 => (place, None),
            None => match place.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (place, None),
            },
        };
        let port = match port.map(str::parse::<u16>) {
            Some(Ok(port)) if port > 0 => Some(port),
            Some(_) => return Err(wrong("the port is no number from 1 to 65535")),
            None => None,
        };
        for word in [Some(name), user].into_iter().flatten() {
            if word.is_empty() {
                return Err(wrong("the name is empty"));
            }
            if word.starts_with('-') {
                return Err(wrong("a name that begins with a dash would be read as an option"));
            }
            let allowed = |c: char| c.is_alphanumeric() || "._-:%+@\\".contains(c);
            if !word.chars().all(allowed) {
                return Err(wrong("a character that no name has"));
            }
        }
        Ok(Host { name: name.to_lowercase(), user: user.map(str::to_owned), port })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match (self.name.contains(':'), self.port) {
            (true, Some(port)) => write!(f, "[{}]:{port}", self.name),
            (true, None) => write!(f, "[{}]", self.name),
            (false, Some(port)) => write!(f, "{}:{port}", self.name),
            (false, None) => f.write_str(&self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_spellings_are_read_and_written() {
        for (text, written) in [
            ("ssh://root@Host.example:2222", "root@host.example:2222"),
            ("web", "web"),
            ("me@web", "me@web"),
            ("[::1]:22", "[::1]:22"),
            ("::1", "[::1]"),
            ("ssh://10.0.0.1/", "10.0.0.1"),
            ("DOM\\me@web", "DOM\\me@web"),
        ] {
            let host: Host = text.parse().unwrap();
            assert_eq!(host.to_string(), written);
            assert_eq!(written.parse(), Ok(host));
        }
    }

    #[test]
    fn what_could_be_an_option_a_password_or_a_path_is_refused() {
        for text in [
            "",
            "@web",
            "me@",
            "-oProxyCommand=x",
            "me@-x",
            "-l@web",
            "http://web",
            "me:secret@web",
            "web/etc",
            "web:0",
            "web:65536",
            "web:x",
            "[::1",
            "[::1]x",
            "a b",
            "a\nb",
            "web;x",
            "$(x)",
            "we\0b",
        ] {
            assert!(text.parse::<Host>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_range_keeps_its_width_and_multiplies() {
        let names =
            |text: &str| -> Vec<String> { Host::range(text).unwrap().iter().map(Host::to_string).collect() };
        assert_eq!(names("web[08-10]"), ["web08", "web09", "web10"]);
        assert_eq!(
            names("me@n[1-2,5].example:22"),
            ["me@n1.example:22", "me@n2.example:22", "me@n5.example:22"]
        );
        assert_eq!(names("r[1-2]n[1-2]").len(), 4);
        assert_eq!(names("ssh://[::1]:2222"), ["[::1]:2222"]);
        for wrong in ["n[3-1]", "n[1-x]", "n[", "n[]", "n[1-4000000000]", "a[1-1000]b[1-1000]"] {
            assert!(Host::range(wrong).is_err(), "{wrong}");
        }
    }
}
