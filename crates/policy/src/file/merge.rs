//! Includes put together with the file that includes them.
//!
//! What forbids is only ever added to, what a file says itself wins, and what no file says for itself but its includes say
//! differently is an error: no result depends on an order that a reader would have to know.

use serde_json::{Map, Value};

/// A file, or a section of it.
pub(super) type Object = Map<String, Value>;

/// A key that two includes set to different values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conflict {
    /// `commands.maxArgs`.
    pub(super) key: String,
    /// The values as JSON, each with the place of its include in the list.
    pub(super) values: [(usize, String); 2],
}

/// Puts `own` on top of `includes`. A list is what the file says, then what its includes add, each entry once: the first
/// workspace is the default directory, and the first element of the search path that has a program counts.
///
/// # Errors
/// A key that `own` leaves open and two includes set to different values.
pub(super) fn merge(own: Object, includes: &[Object]) -> Result<Object, Conflict> {
    let mut conflicts = Vec::new();
    let mut base: Object = Object::new();
    for (index, include) in includes.iter().enumerate() {
        add(&mut base, include, "", &mut |key, ours, theirs| {
            let first = includes[..index].iter().position(|earlier| at(earlier, key).is_some()).unwrap_or(0);
            let values = [(first, ours.to_string()), (index, theirs.to_string())];
            conflicts.push(Conflict { key: key.to_owned(), values });
        });
    }
    if let Some(conflict) = conflicts.into_iter().find(|conflict| !says(&own, &conflict.key)) {
        return Err(conflict);
    }
    let mut merged = own;
    add(&mut merged, &base, "", &mut |_, _, _| {});
    Ok(merged)
}

/// Adds what `more` says. Where both say something that is neither a list nor an object, `conflict` is told, and what is
/// there stays.
fn add(object: &mut Object, more: &Object, place: &str, conflict: &mut dyn FnMut(&str, &Value, &Value)) {
    for (name, theirs) in more {
        let key = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        match (object.get_mut(name), theirs) {
            (None, _) => {
                object.insert(name.clone(), theirs.clone());
            }
            (Some(Value::Object(ours)), Value::Object(theirs)) => add(ours, theirs, &key, conflict),
            (Some(Value::Array(ours)), Value::Array(theirs)) => {
                for element in theirs {
                    if !ours.contains(element) {
                        ours.push(element.clone());
                    }
                }
            }
            (Some(ours), theirs) if ours == theirs => {}
            (Some(ours), theirs) => conflict(&key, ours, theirs),
        }
    }
}

/// Whether an object has a value at `key`, or one that stands in its way: a text where an object is asked for.
fn says(object: &Object, key: &str) -> bool {
    let mut names = key.split('.');
    let mut here = names.next().and_then(|name| object.get(name));
    for name in names {
        match here {
            Some(Value::Object(inner)) => here = inner.get(name),
            other => return other.is_some(),
        }
    }
    here.is_some()
}

/// What stands at `key`.
pub(super) fn at<'v>(object: &'v Object, key: &str) -> Option<&'v Value> {
    let mut names = key.split('.');
    let first = object.get(names.next()?)?;
    names.try_fold(first, |value, name| value.get(name))
}

/// A check that is off in `merged` and not in `own`: only the file itself may switch one off.
pub(super) fn loosened(own: &Object, merged: &Object) -> Option<&'static str> {
    type Is = fn(&Value) -> bool;
    const EMPTY: Is = |value| value.as_array().is_some_and(Vec::is_empty);
    const OFF: Is = |value| *value == Value::Bool(false);
    const ON: Is = |value| *value == Value::Bool(true);
    const LOOSE: [(&str, Is); 12] = [
        ("commands.default", |value| value == "allow"),
        ("commands.allow", EMPTY),
        ("commands.strictArgs", OFF),
        ("commands.noShell", OFF),
        ("env.allow", EMPTY),
        ("timeout", |value| value.as_f64() == Some(0.0)),
        ("workspaces", |value| {
            value.as_array().is_some_and(|places| places.iter().any(|place| place == "/"))
        }),
        ("sandbox.network", |value| value == "open"),
        ("sandbox.unixSockets", ON),
        ("sessions.replies.winops", ON),
        ("sessions.replies.clipboard", ON),
        ("sessions.replies.screen", ON),
    ];
    let is_off = |object: &Object, key: &str, is: Is| at(object, key).is_some_and(is);
    let off = LOOSE.iter().find(|(key, is)| is_off(merged, key, *is) && !is_off(own, key, *is));
    let degraded = |object| at(object, "sandbox.allowDegraded").and_then(Value::as_array).map_or(0, Vec::len);
    let more = || (degraded(merged) > degraded(own)).then_some("sandbox.allowDegraded");
    off.map(|(key, _)| *key).or_else(more)
}

/// Spells every key in camelCase. Names of variables are not keys.
///
/// # Errors
/// A key that is there in both spellings.
pub(super) fn in_camel_case(object: Object) -> Result<Object, String> {
    respelled(object, "")
}

fn respelled(object: Object, place: &str) -> Result<Object, String> {
    if place == "env.set" {
        return Ok(object);
    }
    let mut camel = Object::new();
    for (name, value) in object {
        let name = camel_case(&name);
        let key = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        let value = match value {
            Value::Object(inner) => Value::Object(respelled(inner, &key)?),
            Value::Array(elements) => {
                let respell = |element| match element {
                    Value::Object(inner) => respelled(inner, &key).map(Value::Object),
                    other => Ok(other),
                };
                Value::Array(elements.into_iter().map(respell).collect::<Result<_, _>>()?)
            }
            other => other,
        };
        if camel.insert(name, value).is_some() {
            return Err(key);
        }
    }
    Ok(camel)
}

fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut up = false;
    for c in name.chars() {
        match c {
            '_' if !camel.is_empty() => up = true,
            c if up => {
                camel.push(c.to_ascii_uppercase());
                up = false;
            }
            c => camel.push(c),
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Object {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn lists_are_put_together_and_what_the_file_says_wins() {
        let own = object(json!({
            "workspaces": ["/own"],
            "commands": { "allow": ["cargo *"], "deny": ["git push"], "maxArgs": 5 },
        }));
        let base = object(json!({
            "workspaces": ["/base"],
            "commands": { "allow": ["git *", "cargo *"], "deny": ["rm -rf *"], "maxArgs": 99, "dotDot": "resolve" },
            "env": { "set": { "A": "1" } },
        }));
        let merged = merge(own, &[base]).unwrap();
        assert_eq!(
            Value::Object(merged),
            json!({
                "workspaces": ["/own", "/base"],
                "commands": {
                    "allow": ["cargo *", "git *"],
                    "deny": ["git push", "rm -rf *"],
                    "maxArgs": 5,
                    "dotDot": "resolve",
                },
                "env": { "set": { "A": "1" } },
            })
        );
    }

    #[test]
    fn includes_that_disagree_are_an_error_unless_the_file_decides() {
        let one = object(json!({ "timeout": 1, "sandbox": { "network": "none" } }));
        let two = object(json!({ "timeout": 1, "sandbox": { "network": { "connect": [443] } } }));
        let conflict = merge(Object::new(), &[Object::new(), one.clone(), two.clone()]).unwrap_err();
        assert_eq!(conflict.key, "sandbox.network");
        assert_eq!(conflict.values, [(1, "\"none\"".to_owned()), (2, "{\"connect\":[443]}".to_owned())]);
        let own = object(json!({ "sandbox": { "network": "none" } }));
        assert_eq!(at(&merge(own, &[one, two]).unwrap(), "sandbox.network"), Some(&json!("none")));
    }

    #[test]
    fn what_switches_a_check_off_has_to_be_said_by_the_file_itself() {
        for (key, include) in [
            ("commands.default", json!({ "commands": { "default": "allow" } })),
            ("commands.allow", json!({ "commands": { "allow": [] } })),
            ("commands.strictArgs", json!({ "commands": { "strictArgs": false } })),
            ("commands.noShell", json!({ "commands": { "noShell": false } })),
            ("env.allow", json!({ "env": { "allow": [] } })),
            ("timeout", json!({ "timeout": 0 })),
            ("workspaces", json!({ "workspaces": ["/srv", "/"] })),
            ("sandbox.network", json!({ "sandbox": { "network": "open" } })),
            ("sandbox.unixSockets", json!({ "sandbox": { "unixSockets": true } })),
            ("sessions.replies.screen", json!({ "sessions": { "replies": { "screen": true } } })),
            ("sandbox.allowDegraded", json!({ "sandbox": { "allowDegraded": ["seccomp"] } })),
        ] {
            let include = object(include);
            let alone =
                |own: Object| loosened(&own.clone(), &merge(own, std::slice::from_ref(&include)).unwrap());
            assert_eq!(alone(Object::new()), Some(key));
            assert_eq!(alone(include.clone()), None, "the file says so itself");
        }
        let own = object(json!({
            "workspaces": ["/srv"],
            "commands": { "default": "deny", "allow": ["x"], "strictArgs": "unquoted", "noShell": true },
            "sandbox": { "allowDegraded": ["landlock-fs"] },
        }));
        let tightened = |include| loosened(&own, &merge(own.clone(), &[object(include)]).unwrap());
        assert_eq!(
            tightened(json!({ "commands": { "default": "allow", "allow": [], "strictArgs": false } })),
            None
        );
        assert_eq!(tightened(json!({ "workspaces": ["/"] })), Some("workspaces"));
        assert_eq!(
            tightened(json!({ "sandbox": { "allowDegraded": ["seccomp"] } })),
            Some("sandbox.allowDegraded")
        );
    }

    #[test]
    fn keys_are_respelled_and_names_of_variables_are_not() {
        let snake = object(json!({
            "commands": { "max_args": 1, "allow": [{ "program": "x", "some_key": 1 }] },
            "env": { "set": { "my_name": "my_value" } },
        }));
        let camel = json!({
            "commands": { "maxArgs": 1, "allow": [{ "program": "x", "someKey": 1 }] },
            "env": { "set": { "my_name": "my_value" } },
        });
        assert_eq!(Value::Object(in_camel_case(snake).unwrap()), camel);
        let twice = object(json!({ "commands": { "max_args": 1, "maxArgs": 2 } }));
        assert_eq!(in_camel_case(twice), Err("commands.maxArgs".to_owned()));
    }
}
