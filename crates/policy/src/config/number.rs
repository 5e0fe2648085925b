//! Whole numbers as a configuration writes them: JavaScript hands over 10 as 10.0, and `NaN` is none.

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use std::fmt;

/// The largest whole number that JavaScript holds exactly.
const MAX_SAFE: u64 = (1 << 53) - 1;

struct Whole {
    max: u64,
}

impl Visitor<'_> for Whole {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from 0 to {}", self.max)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<u64, E> {
        if value <= self.max { Ok(value) } else { Err(E::invalid_value(Unexpected::Unsigned(value), &self)) }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<u64, E> {
        match u64::try_from(value) {
            Ok(value) => self.visit_u64(value),
            Err(_) => Err(E::invalid_value(Unexpected::Signed(value), &self)),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<u64, E> {
        if value.fract() == 0.0 && value >= 0.0 && value <= self.max as f64 {
            Ok(value as u64)
        } else {
            Err(E::invalid_value(Unexpected::Float(value), &self))
        }
    }
}

/// Milliseconds, or bytes.
pub fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_any(Whole { max: MAX_SAFE })
}

/// A number of things that is never large.
pub fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    deserializer.deserialize_any(Whole { max: u64::from(u32::MAX) }).map(|value| value as u32)
}

/// A [`count`] that may be absent but not null.
pub(super) fn given_count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    count(deserializer).map(Some)
}

/// What is held in memory: bytes, or things.
pub fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    deserializer.deserialize_any(Whole { max: MAX_SAFE.min(usize::MAX as u64) }).map(|value| value as usize)
}

/// A user's or a group's number, or null. The largest one means "unchanged" to the system calls.
pub(super) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    struct Id;
    impl<'de> Visitor<'de> for Id {
        type Value = Option<u32>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a user or group number, or null")
        }

        fn visit_none<E: Error>(self) -> Result<Option<u32>, E> {
            Ok(None)
        }

        fn visit_unit<E: Error>(self) -> Result<Option<u32>, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<u32>, D::Error> {
            let whole = Whole { max: u64::from(u32::MAX) - 1 };
            deserializer.deserialize_any(whole).map(|value| Some(value as u32))
        }
    }
    deserializer.deserialize_option(Id)
}
