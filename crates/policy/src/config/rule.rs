//! Entries of the lists of commands: a pattern, or a rule about options and operands.

use super::error::ConfigError;
use super::section;
use crate::options::Kind;
use serde::Serialize;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

/// An entry of `commands.allow`, `.deny` or `.ask`: a text is a pattern, an object a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Entry {
    /// Matches words.
    Pattern(String),
    /// Matches options and operands, in any spelling.
    Rule(Rule),
}

/// A rule about options and operands, in any spelling.
///
/// In `allow` it permits the program, or the subcommand, with the flags and operands that it leaves. In `deny` and
/// `ask` it hits a call that carries one of `flags.deny`, or a flag that is none of `flags.allow`; without flags it
/// hits every call of the program or subcommand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
pub struct Rule {
    /// A program's bare name, or its path.
    pub program: String,
    /// The subcommand; words with spaces between for one within another (`remote add`).
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub subcommand: Option<String>,
    /// Which options.
    #[serde(default, skip_serializing_if = "Flags::is_empty", deserialize_with = "section::object")]
    pub flags: Flags,
    /// What the operands are, in order: a kind (`text`, `path:read`, `path:write`, `url`, `remote`, ...), whose last
    /// one may end in `...`, or else a word with wildcards. `None`: any.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "list")]
    pub args: Option<Vec<String>>,
    /// SHA-256 of the program, or of the script where the program is an interpreter. Hex, in lower case. In `allow`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub sha256: Option<String>,
    /// Shown to whoever is refused.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub reason: Option<String>,
}

/// The options of a [`Rule`], each in one of its spellings: `--force` means `-f` as well.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default, expecting = "an object")]
pub struct Flags {
    /// In `allow` only these may be used, also those that the profile refuses. `None`: any.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "list")]
    pub allow: Option<Vec<String>>,
    /// None of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
    /// Words that are put behind the program, or the subcommand. In `allow`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inject: Vec<String>,
}

impl Flags {
    fn is_empty(&self) -> bool {
        *self == Flags::default()
    }
}

impl Rule {
    /// A rule about a program.
    pub fn new(program: impl Into<String>) -> Rule {
        Rule { program: program.into(), ..Rule::default() }
    }

    /// Only this subcommand.
    #[must_use]
    pub fn subcommand(self, words: impl Into<String>) -> Rule {
        Rule { subcommand: Some(words.into()), ..self }
    }

    /// Fills [`Flags::deny`].
    #[must_use]
    pub fn deny_flags<I: IntoIterator<Item = S>, S: Into<String>>(mut self, flags: I) -> Rule {
        self.flags.deny.extend(flags.into_iter().map(Into::into));
        self
    }

    /// Fills [`Flags::allow`].
    #[must_use]
    pub fn allow_flags<I: IntoIterator<Item = S>, S: Into<String>>(mut self, flags: I) -> Rule {
        self.flags.allow.get_or_insert_with(Vec::new).extend(flags.into_iter().map(Into::into));
        self
    }

    /// Fills [`Flags::inject`].
    #[must_use]
    pub fn inject<I: IntoIterator<Item = S>, S: Into<String>>(mut self, words: I) -> Rule {
        self.flags.inject.extend(words.into_iter().map(Into::into));
        self
    }

    /// Fills [`Rule::args`].
    #[must_use]
    pub fn args<I: IntoIterator<Item = S>, S: Into<String>>(self, kinds: I) -> Rule {
        Rule { args: Some(kinds.into_iter().map(Into::into).collect()), ..self }
    }

    /// Pins the file.
    #[must_use]
    pub fn sha256(self, hex: impl Into<String>) -> Rule {
        Rule { sha256: Some(hex.into()), ..self }
    }

    /// Says why.
    #[must_use]
    pub fn reason(self, reason: impl Into<String>) -> Rule {
        Rule { reason: Some(reason.into()), ..self }
    }

    /// Checks what the types do not say. `permits`: the rule stands in `allow`.
    pub(crate) fn validate(&self, key: &str, permits: bool) -> Result<(), ConfigError> {
        let wrong = |own: &str, problem: &str| Err(ConfigError::new(format!("{key}.{own}"), problem));
        if self.program.is_empty() || self.program.contains(['*', '?', '[', ' ', '\0']) {
            return wrong("program", "expected a program's name or path, without wildcards and spaces");
        }
        let is_flag = |flag: &String| {
            flag.len() > 1 && flag.starts_with(['-', '+']) && !flag.contains(['=', ' ', '\0'])
        };
        let flags = &self.flags;
        if let Some(index) = flags.allow.iter().flatten().position(|flag| !is_flag(flag)) {
            return wrong(
                &format!("flags.allow[{index}]"),
                "expected an option without a value, like --force or -f",
            );
        }
        if let Some(index) = flags.deny.iter().position(|flag| !is_flag(flag)) {
            return wrong(
                &format!("flags.deny[{index}]"),
                "expected an option without a value, like --force or -f",
            );
        }
        if let Some(index) = flags.inject.iter().position(|word| word.is_empty() || word.contains('\0')) {
            return wrong(
                &format!("flags.inject[{index}]"),
                "expected a word, got an empty text or one with a NUL byte",
            );
        }
        if self.subcommand.as_ref().is_some_and(|words| words.split(' ').any(str::is_empty)) {
            return wrong("subcommand", "expected a word, or words with single spaces between them");
        }
        let is_hash =
            |hex: &String| hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if self.sha256.as_ref().is_some_and(|hex| !is_hash(hex)) {
            return wrong("sha256", "expected 64 hexadecimal digits in lower case");
        }
        if !permits && self.sha256.is_some() {
            return wrong("sha256", "expected none: it pins what commands.allow permits");
        }
        if !permits && !flags.inject.is_empty() {
            return wrong("flags.inject", "expected none: what is refused is not run");
        }
        let repeats =
            |word: &String| word.ends_with("...") && Kind::named(word.trim_end_matches("...")).is_some();
        let args = self.args.as_deref().unwrap_or_default();
        match args.iter().position(repeats) {
            Some(index) if index + 1 < args.len() => {
                wrong(&format!("args[{index}]"), "expected ... behind the last kind only")
            }
            _ => Ok(()),
        }
    }
}

impl From<&str> for Entry {
    fn from(pattern: &str) -> Entry {
        Entry::Pattern(pattern.to_owned())
    }
}

impl From<String> for Entry {
    fn from(pattern: String) -> Entry {
        Entry::Pattern(pattern)
    }
}

impl From<&String> for Entry {
    fn from(pattern: &String) -> Entry {
        Entry::Pattern(pattern.clone())
    }
}

impl From<Rule> for Entry {
    fn from(rule: Rule) -> Entry {
        Entry::Rule(rule)
    }
}

impl fmt::Display for Entry {
    /// As written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Entry::Pattern(text) => f.write_str(text),
            Entry::Rule(rule) => f.write_str(&serde_json::to_string(rule).map_err(|_| fmt::Error)?),
        }
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Entry, D::Error> {
        struct Written;
        impl<'de> Visitor<'de> for Written {
            type Value = Entry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a rule")
            }

            fn visit_str<E: de::Error>(self, pattern: &str) -> Result<Entry, E> {
                Ok(Entry::Pattern(pattern.to_owned()))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
                section::object(de::value::MapAccessDeserializer::new(map)).map(Entry::Rule)
            }
        }
        deserializer.deserialize_any(Written)
    }
}

/// A key that may be absent but not null.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    Vec::deserialize(deserializer).map(Some)
}
