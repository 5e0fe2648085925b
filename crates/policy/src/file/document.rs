//! The text of a policy file as data: JSON or TOML, each key once.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;
use std::path::Path;

/// What a policy file is written in, as the end of its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Toml,
}

impl Format {
    pub(super) fn of(path: &Path) -> Option<Format> {
        let ending = path.extension()?.to_str()?;
        [("json", Format::Json), ("toml", Format::Toml)]
            .into_iter()
            .find(|(own, _)| ending.eq_ignore_ascii_case(own))
            .map(|(_, format)| format)
    }
}

/// Reads a text.
///
/// # Errors
/// What is wrong with it, and where.
pub(super) fn parse(format: Format, text: &str) -> Result<Value, String> {
    // Windows' editors put it there, and it is no text of either format.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = match format {
        Format::Json => serde_json::from_str(text).map_err(|error| error.to_string()),
        Format::Toml => toml::from_str(text).map_err(|error| located(&error, text)),
    };
    read.map(|Document(value)| value)
}

/// The parser's message without its drawing of the text, in the words that the parser of JSON has for the place.
fn located(error: &toml::de::Error, text: &str) -> String {
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return error.message().to_owned();
    };
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{} at line {line} column {column}", error.message())
}

/// Any value. Of two equal keys a reader would keep one, and drop the other one in silence.
struct Document(Value);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Document, D::Error> {
        deserializer.deserialize_any(Reader).map(Document)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom(format_args!("expected a number, got {value}")))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Document(element)) = elements.next_element()? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            // How the reader of TOML tells a date.
            if key.starts_with("$__toml_private") {
                return Err(A::Error::custom("expected a text, a number, a list or a table, got a date"));
            }
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key {key:?} is there twice")));
            }
            let Document(value) = entries.next_value()?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_text_is_read_or_refused(text in r#"([\[\]{}=:,."'a-z_0-9$ \n#-]|\PC)*"#) {
            for format in [Format::Json, Format::Toml] {
                if let Ok(value) = parse(format, &text) {
                    let written = serde_json::to_string(&value).unwrap();
                    prop_assert_eq!(parse(Format::Json, &written).unwrap(), value);
                }
            }
        }
    }

    #[test]
    fn both_formats_give_the_same_data() {
        let toml = "version = 1\n[commands]\nallow = [\"git *\", { program = \"rm\", flags = { deny = [\"-r\"] } }]\nmax_args = 3\n";
        let rule = json!({ "program": "rm", "flags": { "deny": ["-r"] } });
        let same = json!({ "version": 1, "commands": { "allow": ["git *", rule], "max_args": 3 } });
        assert_eq!(parse(Format::Toml, toml).unwrap(), same);
        assert_eq!(parse(Format::Json, &format!("\u{feff}{same}")).unwrap(), same);
    }

    #[test]
    fn a_key_that_is_there_twice_is_refused_wherever_it_stands() {
        let json = "{\n \"commands\": { \"deny\": [\"rm\"],\n \"deny\": [] } }";
        let twice = parse(Format::Json, json).unwrap_err();
        assert!(twice.starts_with("the key \"deny\" is there twice at line 3"), "{twice}");
        let twice = parse(Format::Toml, "[commands]\ndeny = [\"rm\"]\ndeny = []\n").unwrap_err();
        assert!(twice.contains("duplicate key") && twice.ends_with("at line 3 column 1"), "{twice}");
    }

    #[test]
    fn what_is_no_data_of_a_configuration_is_told() {
        for (text, says) in
            [("a = 2026-11-21", "a date"), ("a = nan", "NaN"), ("a = inf", "inf"), ("a = ", "line 1")]
        {
            let problem = parse(Format::Toml, text).unwrap_err();
            assert!(problem.contains(says), "{text}: {problem}");
        }
        let deep = "[".repeat(100_000);
        assert!(parse(Format::Json, &deep).is_err());
        assert!(parse(Format::Toml, &format!("a = {deep}")).is_err());
    }

    #[test]
    fn the_end_of_a_name_says_what_is_in_it() {
        assert_eq!(Format::of(Path::new("/etc/agent.toml")), Some(Format::Toml));
        assert_eq!(Format::of(Path::new("a.b.JSON")), Some(Format::Json));
        assert_eq!(Format::of(Path::new("agent.yaml")), None);
        assert_eq!(Format::of(Path::new("toml")), None);
    }
}
