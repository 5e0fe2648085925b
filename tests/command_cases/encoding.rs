//! The corpus' encodings of what JSON cannot hold.

use serde::de::value::{Error as ValueError, F64Deserializer};
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// A value with the corpus' encodings of what JSON cannot hold.
pub struct Encoded<'a>(pub &'a Value);

impl<'de> Deserializer<'de> for Encoded<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self.0 {
            Value::Object(map) if map.contains_key("$number") => match map["$number"].as_str().unwrap() {
                "NaN" => F64Deserializer::new(f64::NAN).deserialize_any(visitor),
                "Infinity" => F64Deserializer::new(f64::INFINITY).deserialize_any(visitor),
                "null" => visitor.visit_unit(),
                other => panic!("{other} stands where no key can be left out"),
            },
            Value::Object(map) if map.contains_key("$json") => {
                let value: Value =
                    serde_json::from_str(map["$json"].as_str().unwrap()).map_err(de::Error::custom)?;
                Encoded(&value).deserialize_any(visitor)
            }
            Value::Object(map) => visitor.visit_map(Entries { rest: map.iter().collect(), value: None }),
            Value::Array(items) => visitor.visit_seq(Items(items.iter())),
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::String(text) => visitor.visit_str(text),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(value), ..) => visitor.visit_u64(value),
                (_, Some(value), _) => visitor.visit_i64(value),
                (.., value) => visitor.visit_f64(value.unwrap()),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_enum(self.0.as_str().unwrap_or("").into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Entries, without those whose value is `undefined`.
struct Entries<'a> {
    rest: Vec<(&'a String, &'a Value)>,
    value: Option<&'a Value>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ValueError> {
        let undefined = |value: &Value| value.get("$number").is_some_and(|number| number == "undefined");
        self.rest.retain(|(_, value)| !undefined(value));
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (key, value) = self.rest.remove(0);
        self.value = Some(value);
        seed.deserialize(key.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ValueError> {
        seed.deserialize(Encoded(self.value.take().unwrap()))
    }
}

struct Items<'a>(std::slice::Iter<'a, Value>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ValueError> {
        self.0.next().map(|item| seed.deserialize(Encoded(item))).transpose()
    }
}
