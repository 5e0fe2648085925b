//! The published JSON Schema says what the loader takes: the same keys, the same defaults, the same values.
//!
//! `policy.schema.json` is written by hand, for keys in camelCase. `policy.toml.schema.json`, for keys in snake_case, is
//! made from it: `UPDATE_SCHEMA=1 cargo test -p vetty --test policy_schema`.

#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

mod validator;

use std::path::PathBuf;

use serde_json::{Map, Value, json};
use validator::violations;
use vetty::policy::Rule;
use vetty::{Config, Feature, Terminal};

/// What a file has beside the configuration's keys.
const OF_THE_FILE: [&str; 4] = ["$schema", "version", "include", "tests"];

/// Keys whose values the loader looks at more closely than a schema can.
const LOOKED_AT: [&str; 10] = [
    "audit.redact.patterns",
    "workspaces",
    "paths",
    "commands.searchPath",
    "env.set",
    "sandbox.presets",
    "sandbox.protect",
    "sandbox.network",
    "sandbox.unixSockets",
    "sessions.imageFiles",
];

fn path(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(name)
}

fn json_of(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path(name)).unwrap()).unwrap()
}

fn schema() -> Value {
    json_of("npm/terminal/policy.schema.json")
}

/// Every key with its value in force where nothing was said.
fn resolved() -> Value {
    let config = json!({ "workspaces": ["/srv"] });
    Terminal::from_config(Config::from_json(config).unwrap()).unwrap().config_json()
}

/// The places of all keys below an object, but for what users name themselves.
fn keys(object: &Value, place: &str, inner: &dyn Fn(&Value) -> Option<Value>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        let key = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        if let Some(below) = inner(value).filter(|_| key != "env.set") {
            found.extend(keys(&below, &key, inner));
        }
        found.push(key);
    }
    found.sort();
    found
}

fn of_schema(schema: &Value) -> Vec<String> {
    let mut properties = schema["properties"].clone();
    for name in OF_THE_FILE {
        properties.as_object_mut().unwrap().remove(name).expect("the file's own key is in the schema");
    }
    keys(&properties, "", &|property| property.get("properties").cloned())
}

#[test]
fn every_key_of_a_configuration_is_in_the_schema_and_no_other() {
    let config = keys(&resolved(), "", &|value| value.is_object().then(|| value.clone()));
    let schema = of_schema(&schema());
    let missing: Vec<_> = config.iter().filter(|key| !schema.contains(key)).collect();
    assert!(missing.is_empty(), "add to npm/terminal/policy.schema.json, with a description: {missing:?}");
    let unknown: Vec<_> = schema.iter().filter(|key| !config.contains(key)).collect();
    assert!(
        unknown.is_empty(),
        "no configuration has these keys of npm/terminal/policy.schema.json: {unknown:?}"
    );
}

#[test]
fn a_rule_has_the_keys_of_the_schema() {
    let flags = ["-x"];
    let rule =
        Rule::new("tar").subcommand("x").allow_flags(flags).deny_flags(flags).inject(flags).args(["text"]);
    let rule = serde_json::to_value(rule.sha256("0").reason("x")).unwrap();
    let schema = schema();
    let own = &schema["definitions"]["rule"];
    assert_eq!(
        keys(&rule, "", &|value| value.is_object().then(|| value.clone())),
        keys(&own["properties"], "", &|property| property.get("properties").cloned())
    );
    let features: Vec<&str> = Feature::ALL.iter().map(|feature| feature.as_str()).collect();
    assert_eq!(
        schema["properties"]["sandbox"]["properties"]["allowDegraded"]["items"]["enum"],
        json!(features)
    );
}

/// The properties of a schema with their places.
fn properties(schema: &Value, place: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let key = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        found.extend(properties(property, &key));
        found.push((key, property.clone()));
    }
    found.retain(|(key, _)| !OF_THE_FILE.contains(&key.split('.').next().unwrap()));
    found
}

#[test]
fn defaults_in_the_schema_are_those_in_force() {
    let resolved = resolved();
    let mut compared = 0;
    for (key, property) in properties(&schema(), "") {
        let Some(default) = property.get("default").filter(|_| key != "workspaces") else { continue };
        let in_force = resolved.pointer(&format!("/{}", key.replace('.', "/"))).unwrap();
        assert_eq!(in_force, default, "{key}");
        compared += 1;
    }
    assert!(compared > 40, "{compared}");
}

/// `{ "a": { "b": value } }` for `a.b`.
fn nested(key: &str, value: Value) -> Value {
    key.rsplit('.').fold(value, |inner, name| Value::Object(Map::from_iter([(name.to_owned(), inner)])))
}

fn is_loaded(config: Value) -> bool {
    Config::from_json(config).is_ok()
}

fn is_valid(schema: &Value, mut config: Value) -> bool {
    config.as_object_mut().unwrap().insert("version".to_owned(), json!(1));
    violations(schema, &config).is_empty()
}

#[test]
fn the_schema_takes_what_the_loader_takes_and_nothing_else() {
    let schema = schema();
    let values = [
        json!(null),
        json!(true),
        json!(false),
        json!(""),
        json!("allow"),
        json!("nonsense"),
        json!(-1),
        json!(0),
        json!(1),
        json!(10.0),
        json!(1.5),
        json!(1e300),
        json!([]),
        json!(["x"]),
        json!([1]),
        json!([null]),
        json!({}),
        json!({ "nonsense": 1 }),
        json!([{ "program": "x" }]),
        json!([{ "flags": {} }]),
        json!([["x"]]),
    ];
    let mut refused = 0;
    for (key, property) in properties(&schema, "") {
        let listed = property.get("enum").and_then(Value::as_array).cloned().unwrap_or_default();
        for value in values.iter().chain(&listed) {
            let config = nested(&key, value.clone());
            let (valid, loaded) = (is_valid(&schema, config.clone()), is_loaded(config.clone()));
            let closer = LOOKED_AT.contains(&key.as_str()) && valid && !loaded;
            // What one section refuses with others at their defaults.
            let together = ["sandbox.level", "sandbox.metadata", "sessions.size", "sessions.maxSize"];
            let closer = closer || (valid && together.iter().any(|own| key.starts_with(own)));
            assert!(valid == loaded || closer, "{config}: the schema says {valid}, the loader {loaded}");
            refused += usize::from(!loaded);
        }
    }
    assert!(refused > 500, "{refused}");
    for unknown in [
        json!({ "alow": [] }),
        json!({ "commands": { "alow": [] } }),
        json!({ "output": { "retain": { "x": 1 } } }),
    ] {
        assert!(!is_valid(&schema, unknown.clone()) && !is_loaded(unknown));
    }
}

#[test]
fn rules_grants_and_unions_are_valid_where_they_are_loaded() {
    let schema = schema();
    for config in [
        json!({ "paths": ["/usr/include", { "path": "/var/cache/x", "access": "write" }] }),
        json!({ "commands": { "allow": ["git *", { "program": "rm", "flags": { "deny": ["-r"] }, "reason": "x" }] } }),
        json!({ "sandbox": { "level": "confine", "network": { "connect": [443] }, "unixSockets": false } }),
        json!({ "sandbox": { "allowDegraded": ["landlock-tcp"] } }),
        json!({ "output": { "marker": false } }),
        json!({ "env": { "set": { "any_NAME": "x" } } }),
    ] {
        assert!(is_loaded(config.clone()), "{config}");
        assert!(is_valid(&schema, config.clone()), "{config}");
    }
    for config in [
        json!({ "paths": [{ "access": "read" }] }),
        json!({ "paths": [{ "path": "/x", "access": "both" }] }),
        json!({ "commands": { "deny": [{ "program": "rm", "flag": {} }] } }),
        json!({ "sandbox": { "level": "confine", "network": { "connect": [0] } } }),
        json!({ "sandbox": { "allowDegraded": ["nonsense"] } }),
        json!({ "output": { "marker": true } }),
        json!({ "env": { "set": { "NAME": 1 } } }),
    ] {
        assert!(!is_loaded(config.clone()), "{config}");
        assert!(!is_valid(&schema, config.clone()), "{config}");
    }
}

fn snake_case(name: &str) -> String {
    name.chars().fold(String::new(), |mut snake, c| {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
        snake
    })
}

/// A schema whose properties are named in snake_case.
fn in_snake_case(schema: &Value) -> Value {
    match schema {
        Value::Object(words) => {
            let respell = |(word, rule): (&String, &Value)| {
                let rule = match (word.as_str(), rule) {
                    ("default" | "enum" | "const" | "required", rule) => rule.clone(),
                    ("properties", Value::Object(own)) => {
                        let property =
                            |(name, property): (&String, &Value)| (snake_case(name), in_snake_case(property));
                        Value::Object(own.iter().map(property).collect())
                    }
                    (_, rule) => in_snake_case(rule),
                };
                (word.clone(), rule)
            };
            Value::Object(words.iter().map(respell).collect())
        }
        Value::Array(elements) => Value::Array(elements.iter().map(in_snake_case).collect()),
        other => other.clone(),
    }
}

#[test]
fn the_schema_for_toml_is_the_same_in_snake_case() {
    let name = "npm/terminal/policy.toml.schema.json";
    let made = format!("{}\n", serde_json::to_string_pretty(&in_snake_case(&schema())).unwrap());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path(name), &made).unwrap();
    }
    let told = std::fs::read_to_string(path(name)).unwrap();
    assert!(told == made, "renew it: UPDATE_SCHEMA=1 cargo test -p vetty --test policy_schema");
}

#[test]
fn every_example_is_valid_and_passes_its_own_tests() {
    let toml_schema = json_of("npm/terminal/policy.toml.schema.json");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path("examples/policies")).unwrap() {
        let file = entry.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        let (schema, value): (_, Value) = match file.extension().and_then(|ending| ending.to_str()) {
            Some("toml") => (&toml_schema, toml::from_str(&text).unwrap()),
            _ => (&schema(), serde_json::from_str(&text).unwrap()),
        };
        assert_eq!(violations(schema, &value), Vec::<String>::new(), "{}", file.display());
        let terminal = Terminal::load(&file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        names.push((name, terminal.policy().hash().to_owned()));
    }
    names.sort();
    let [(json, json_hash), (toml, toml_hash)] = &names[..] else { panic!("{names:?}") };
    assert_eq!([json, toml], ["coding-agent.json", "coding-agent.toml"]);
    assert_eq!(json_hash, toml_hash, "both say the same");
}

#[test]
fn the_guide_shows_the_example_as_it_is() {
    let [guide, example] = ["docs/src/policy-files.md", "examples/policies/coding-agent.toml"]
        .map(|name| std::fs::read_to_string(path(name)).unwrap());
    assert!(
        guide.contains(&format!("```toml\n{example}```\n")),
        "copy the example into docs/src/policy-files.md"
    );
}
