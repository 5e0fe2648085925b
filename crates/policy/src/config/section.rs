//! How every section of a configuration is read, so that every mistake is told alike: an object, each key written in
//! camelCase or in snake_case, each number whole.
//!
//! For whoever composes a configuration of the policy's section and others.

use super::error::ConfigError;
use super::nearest::nearest;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, Visitor};
use std::fmt;

pub use super::number::{count, size, whole};

/// Reads the section that stands at `key`; the whole configuration stands at the empty one.
///
/// # Errors
/// A [`ConfigError`] that names the key: no object, an unknown key, a wrong type or value.
pub fn read<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    key: &str,
    deserializer: D,
) -> Result<T, ConfigError> {
    let mut track = serde_path_to_error::Track::new();
    object(serde_path_to_error::Deserializer::new(deserializer, &mut track))
        .map_err(|error| ConfigError::read(key, &track.path(), error))
}

/// Reads a section within a section, for `#[serde(deserialize_with)]`.
///
/// # Errors
/// The format's, where it is no object of known keys and right values.
pub fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(Section(deserializer))
}

/// What is wrong with a key that is none of the `known` ones, which are written in camelCase.
pub fn unknown_key(key: &str, known: &[&str]) -> String {
    let spelled = |name: &&str| if key.contains('_') { snake_case(name) } else { (*name).to_owned() };
    let known: Vec<String> = known.iter().map(spelled).collect();
    let expected = known.join(", ");
    match nearest(key, &known) {
        Some(name) => format!("unknown key, did you mean {name}? Expected one of {expected}"),
        None => format!("unknown key, expected one of {expected}"),
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// Serde's own reader of a struct would also take an array of values by position.
struct Section<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Section<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Struct { known, visitor })
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Hands a struct's reader the entries of an object.
struct Struct<V> {
    known: &'static [&'static str],
    visitor: V,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Struct<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Entries { known: self.known, entries })
    }
}

struct Entries<A> {
    known: &'static [&'static str],
    entries: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Entries<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.entries.next_key_seed(Key { known: self.known, seed })
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.entries.next_value_seed(seed)
    }
}

/// Reads a key in either spelling as the struct's own.
struct Key<S> {
    known: &'static [&'static str],
    seed: S,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Key<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'de, S: DeserializeSeed<'de>> Visitor<'de> for Key<S> {
    type Value = S::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<S::Value, E> {
        match self.known.iter().find(|name| **name == key || snake_case(name) == key) {
            Some(name) => self.seed.deserialize(name.into_deserializer()),
            None => Err(E::custom(unknown_key(key, self.known))),
        }
    }
}
