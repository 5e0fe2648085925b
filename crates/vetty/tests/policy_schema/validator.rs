//! As much of JSON Schema as the policy's schema is written in. A word that it does not know fails.

use serde_json::Value;

/// What a value violates, with its place; nothing if it is valid.
pub fn violations(root: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(root, root, value, "", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    for (word, rule) in schema.as_object().expect("a schema is an object") {
        let mut fail = |problem: &str| found.push(format!("{place}: {problem}"));
        match word.as_str() {
            "$schema" | "title" | "description" | "default" | "definitions" => {}
            "$ref" => {
                let target = rule
                    .as_str()
                    .and_then(|name| name.strip_prefix('#'))
                    .expect("a reference into the schema");
                check(root, root.pointer(target).expect("what is referred to"), value, place, found);
            }
            "type" => {
                let types = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                if !types.iter().any(|name| is(name.as_str().expect("a type"), value)) {
                    fail(&format!("not of type {rule}"));
                }
            }
            "const" if rule != value => fail(&format!("not {rule}")),
            "enum" if !rule.as_array().expect("a list").contains(value) => fail(&format!("none of {rule}")),
            "minimum" if value.as_f64().is_some_and(|value| value < rule.as_f64().expect("a number")) => {
                fail("too small")
            }
            "maximum" if value.as_f64().is_some_and(|value| value > rule.as_f64().expect("a number")) => {
                fail("too large")
            }
            "minLength" => {
                if value
                    .as_str()
                    .is_some_and(|text| (text.chars().count() as u64) < rule.as_u64().expect("a number"))
                {
                    fail("too short");
                }
            }
            "const" | "enum" | "minimum" | "maximum" => {}
            "anyOf" => {
                let fits = |own: &Value| {
                    let mut inner = Vec::new();
                    check(root, own, value, place, &mut inner);
                    inner.is_empty()
                };
                if !rule.as_array().expect("a list").iter().any(fits) {
                    fail("none of the alternatives");
                }
            }
            "items" => {
                for (index, element) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, element, &format!("{place}/{index}"), found);
                }
            }
            "required" => {
                for name in rule.as_array().expect("a list").iter().filter_map(Value::as_str) {
                    if value.is_object() && value.get(name).is_none() {
                        fail(&format!("{name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, own) in rule.as_object().expect("an object") {
                    if let Some(inner) = value.get(name) {
                        check(root, own, inner, &format!("{place}/{name}"), found);
                    }
                }
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                let others = value.as_object().into_iter().flatten();
                for (name, inner) in
                    others.filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)))
                {
                    match rule {
                        Value::Bool(false) => found.push(format!("{place}: {name} is unknown")),
                        own => check(root, own, inner, &format!("{place}/{name}"), found),
                    }
                }
            }
            other => panic!("{other} is a word of JSON Schema that this does not know"),
        }
    }
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("{other} is a type that this does not know"),
    }
}
