//! Values that are one of a few.

use super::section;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};
use std::fmt;

/// What a command gets that no pattern matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum Fallback {
    /// It is refused.
    Deny,
    /// It may run.
    Allow,
    /// It must be approved.
    Ask,
}

/// Which characters of a command are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StrictArgs {
    /// Shell metacharacters, CR, LF and ESC, in any word (`true`).
    Every,
    /// Only what a shell would act on, and ESC (`'unquoted'`).
    Unquoted,
    /// None (`false`).
    Off,
}

impl Serialize for StrictArgs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            StrictArgs::Every => serializer.serialize_bool(true),
            StrictArgs::Unquoted => serializer.serialize_str("unquoted"),
            StrictArgs::Off => serializer.serialize_bool(false),
        }
    }
}

impl<'de> Deserialize<'de> for StrictArgs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<StrictArgs, D::Error> {
        struct Setting;
        impl Visitor<'_> for Setting {
            type Value = StrictArgs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or \"unquoted\"")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<StrictArgs, E> {
                Ok(if value { StrictArgs::Every } else { StrictArgs::Off })
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<StrictArgs, E> {
                match value {
                    "unquoted" => Ok(StrictArgs::Unquoted),
                    _ => Err(E::invalid_value(de::Unexpected::Str(value), &self)),
                }
            }
        }
        deserializer.deserialize_any(Setting)
    }
}

/// What becomes of `..` in path arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum DotDot {
    /// They are refused.
    Refuse,
    /// They are resolved physically, and the result is held to the workspaces.
    Resolve,
}

/// A built-in rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
#[non_exhaustive]
pub enum Profile {
    /// For commands that an agent writes.
    Agent,
}

/// A place that path arguments may name: a text, or `{ path, access }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PathGrant {
    /// A directory or a file.
    pub path: String,
    /// What may be done there. A filter cannot tell reading from writing; the sandbox can.
    pub access: Access,
}

/// What may be done at a [`PathGrant`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize, Default)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum Access {
    /// Reading.
    #[default]
    Read,
    /// Reading and writing.
    Write,
}

impl<'de> Deserialize<'de> for PathGrant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PathGrant, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields, expecting = "a path or { path, access }")]
        struct Spelled {
            path: String,
            #[serde(default)]
            access: Access,
        }
        struct Grant;
        impl<'de> Visitor<'de> for Grant {
            type Value = PathGrant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path or { path, access }")
            }

            fn visit_str<E: de::Error>(self, path: &str) -> Result<PathGrant, E> {
                Ok(PathGrant { path: path.to_owned(), access: Access::default() })
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<PathGrant, A::Error> {
                let Spelled { path, access } = section::object(de::value::MapAccessDeserializer::new(map))?;
                Ok(PathGrant { path, access })
            }
        }
        deserializer.deserialize_any(Grant)
    }
}

/// Reads a word that stands for a variant. A text first: of null, every format then says the same.
macro_rules! read_as_word {
    ($type:ident: $($word:literal => $variant:ident),+) => {
        impl TryFrom<String> for $type {
            type Error = String;

            fn try_from(word: String) -> Result<$type, String> {
                match word.as_str() {
                    $($word => Ok($type::$variant),)+
                    _ => Err(format!("expected {}, got {word:?}", [$(concat!("\"", $word, "\"")),+].join(" or "))),
                }
            }
        }
    };
}

read_as_word!(Fallback: "deny" => Deny, "allow" => Allow, "ask" => Ask);
read_as_word!(DotDot: "refuse" => Refuse, "resolve" => Resolve);
read_as_word!(Profile: "agent" => Agent);
read_as_word!(Access: "read" => Read, "write" => Write);
