//! A text, or `false` where there is none.

use std::fmt;

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::ser::Serializer;

pub(super) fn serialize<S: Serializer>(marker: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    match marker {
        Some(text) => serializer.serialize_str(text),
        None => serializer.serialize_bool(false),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Marker;
    impl Visitor<'_> for Marker {
        type Value = Option<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string or false")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Option<String>, E> {
            Ok(Some(text.to_owned()))
        }

        fn visit_bool<E: Error>(self, value: bool) -> Result<Option<String>, E> {
            if value { Err(E::invalid_value(Unexpected::Bool(value), &self)) } else { Ok(None) }
        }
    }
    deserializer.deserialize_any(Marker)
}
