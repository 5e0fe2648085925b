//! Whole numbers as a configuration writes them: JavaScript hands over 10 as 10.0, and `NaN` is none.

use std::fmt;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// The largest whole number that JavaScript holds exactly.
const MAX_SAFE: u64 = (1 << 53) - 1;

struct Whole {
    min: u64,
    max: u64,
}

impl Visitor<'_> for Whole {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {} to {}", self.min, self.max)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<u64, E> {
        if (self.min..=self.max).contains(&value) {
            Ok(value)
        } else {
            Err(E::invalid_value(Unexpected::Unsigned(value), &self))
        }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<u64, E> {
        match u64::try_from(value) {
            Ok(value) => self.visit_u64(value),
            Err(_) => Err(E::invalid_value(Unexpected::Signed(value), &self)),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<u64, E> {
        if value.fract() == 0.0 && value >= self.min as f64 && value <= self.max as f64 {
            Ok(value as u64)
        } else {
            Err(E::invalid_value(Unexpected::Float(value), &self))
        }
    }
}

/// Milliseconds, bytes, or things.
pub(crate) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_any(Whole { min: 0, max: MAX_SAFE })
}

/// A port of TCP. Zero, which means any free one, is none.
pub(super) struct Port(pub(super) u16);

impl<'de> serde::Deserialize<'de> for Port {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Port, D::Error> {
        deserializer.deserialize_any(Whole { min: 1, max: 65535 }).map(|port| Port(port as u16))
    }
}
