//! What a configuration may say, and how mistakes are reported.

#![allow(clippy::unwrap_used)]

use serde::de::value::{Error, MapDeserializer};
use vetty_policy::{Access, Config, ConfigError, FakeHost, Platform, Policy, StrictArgs};

fn read(json: &str) -> Result<Config, ConfigError> {
    Config::deserialize(&mut serde_json::Deserializer::from_str(json))
}

fn build(json: &str) -> Result<Policy, ConfigError> {
    let host = FakeHost::new(Platform::Linux, "/ws").search_path(["/usr/bin", "", "bin"]);
    read(json).and_then(|config| Policy::new(config, &host))
}

#[test]
fn a_mistake_names_its_key_and_says_what_was_expected_and_got() {
    for (json, code, key, says) in [
        (r#"{"command":{}}"#, "INVALID_CONFIG", "command", "unknown key"),
        (r#"{"commands":{"alow":[]}}"#, "INVALID_CONFIG", "commands.alow", "unknown key"),
        (r#"{"commands":{"__proto__":{}}}"#, "INVALID_CONFIG", "commands.__proto__", "unknown key"),
        (r#"{"workspaces":"x"}"#, "INVALID_CONFIG", "workspaces", "expected an array, got \"x\""),
        (r#"{"workspaces":[""]}"#, "INVALID_CONFIG", "workspaces[0]", "empty"),
        (r#"{"workspaces":["a\u0000"]}"#, "INVALID_CONFIG", "workspaces[0]", "NUL"),
        (r#"{"workspaces":["~/x"]}"#, "INVALID_CONFIG", "workspaces[0]", "~"),
        (r#"{"workspaces":null}"#, "INVALID_CONFIG", "workspaces", "null"),
        (r#"{"paths":[{"path":"/x","mode":"read"}]}"#, "INVALID_CONFIG", "paths[0].mode", "unknown key"),
        (r#"{"paths":[{"access":"read"}]}"#, "INVALID_CONFIG", "paths[0].path", "expected, got none"),
        (r#"{"paths":[{"path":"/x","access":"all"}]}"#, "INVALID_CONFIG", "paths[0].access", "all"),
        (r#"{"paths":[7]}"#, "INVALID_CONFIG", "paths[0]", "expected a path"),
        (r#"{"commands":null}"#, "INVALID_CONFIG", "commands", "null"),
        (r#"{"commands":{"allow":"echo"}}"#, "INVALID_CONFIG", "commands.allow", "expected an array"),
        (r#"{"commands":{"allow":null}}"#, "INVALID_CONFIG", "commands.allow", "null"),
        (r#"{"commands":{"deny":["x",null]}}"#, "INVALID_CONFIG", "commands.deny[1]", "expected a string"),
        (r#"{"commands":{"default":"maybe"}}"#, "INVALID_CONFIG", "commands.default", "maybe"),
        (r#"{"commands":{"default":null}}"#, "INVALID_CONFIG", "commands.default", "null"),
        (r#"{"commands":{"maxArgs":-1}}"#, "INVALID_CONFIG", "commands.maxArgs", "got -1"),
        (r#"{"commands":{"maxArgs":1.5}}"#, "INVALID_CONFIG", "commands.maxArgs", "expected a whole number"),
        (r#"{"commands":{"maxArgs":"5"}}"#, "INVALID_CONFIG", "commands.maxArgs", "expected a whole number"),
        (r#"{"commands":{"maxArgs":null}}"#, "INVALID_CONFIG", "commands.maxArgs", "expected a whole number"),
        (
            r#"{"commands":{"maxArgs":4294967296}}"#,
            "INVALID_CONFIG",
            "commands.maxArgs",
            "expected a whole number",
        ),
        (
            r#"{"commands":{"strictArgs":"yes"}}"#,
            "INVALID_CONFIG",
            "commands.strictArgs",
            "expected true, false",
        ),
        (
            r#"{"commands":{"strictArgs":null}}"#,
            "INVALID_CONFIG",
            "commands.strictArgs",
            "expected true, false",
        ),
        (r#"{"commands":{"noShell":0}}"#, "INVALID_CONFIG", "commands.noShell", "expected a boolean"),
        (r#"{"commands":{"noShell":null}}"#, "INVALID_CONFIG", "commands.noShell", "expected a boolean"),
        (r#"{"commands":{"dotDot":"allow"}}"#, "INVALID_CONFIG", "commands.dotDot", "allow"),
        (r#"{"commands":{"killSignal":"SIGNOPE"}}"#, "INVALID_CONFIG", "commands.killSignal", "SIGNOPE"),
        (r#"{"commands":{"killSignal":9}}"#, "INVALID_CONFIG", "commands.killSignal", "expected a string"),
        (r#"{"commands":{"searchPath":null}}"#, "INVALID_CONFIG", "commands.searchPath", "null"),
        (r#"{"env":{"deny":"SECRET"}}"#, "INVALID_CONFIG", "env.deny", "expected an array"),
        (r#"{"env":{"set":{"A B":"x"}}}"#, "INVALID_CONFIG", "env.set.A B", "whitespace"),
        (r#"{"env":{"set":{"A":1}}}"#, "INVALID_CONFIG", "env.set.A", "expected a string"),
        (r#"{"timeout":"500"}"#, "INVALID_CONFIG", "timeout", "expected a whole number"),
        (r#"{"timeout":1e300}"#, "INVALID_CONFIG", "timeout", "expected a whole number"),
        (r#"{"uid":-1}"#, "INVALID_CONFIG", "uid", "expected a whole number"),
        (r#"{"gid":4294967295}"#, "INVALID_CONFIG", "gid", "expected"),
        (r#"{"profile":"agents"}"#, "INVALID_CONFIG", "profile", "\"agent\""),
        (
            r#"{"commands":{"deny":[{"program":"git","flags":{"deny":["force"]}}]}}"#,
            "INVALID_CONFIG",
            "commands.deny[0].flags.deny[0]",
            "like --force",
        ),
        (
            r#"{"commands":{"deny":[{"program":"git","sha256":"00"}]}}"#,
            "INVALID_CONFIG",
            "commands.deny[0].sha256",
            "hexadecimal",
        ),
        (
            r#"{"commands":{"allow":[{"program":"git *"}]}}"#,
            "INVALID_CONFIG",
            "commands.allow[0].program",
            "without wildcards",
        ),
        (
            r#"{"commands":{"allow":[{"program":"git","args":["path...","text"]}]}}"#,
            "INVALID_CONFIG",
            "commands.allow[0].args[0]",
            "last kind",
        ),
        (
            r#"{"commands":{"allow":[{"program":"git","flag":{}}]}}"#,
            "INVALID_CONFIG",
            "commands.allow[0].flag",
            "flags",
        ),
        (r#"{"commands":{"allow":[{}]}}"#, "INVALID_CONFIG", "commands.allow[0].program", "expected"),
        (r#"[]"#, "INVALID_CONFIG", "", "expected an object"),
        (r#"{"commands":[]}"#, "INVALID_CONFIG", "commands", "expected an object"),
        (r#"{"env":[[],[]]}"#, "INVALID_CONFIG", "env", "expected an object"),
        (r#"{"commands":{"allow":["ok","git*"]}}"#, "INVALID_PATTERN", "commands.allow[1]", "git *"),
        (r#"{"commands":{"deny":["a [b"]}}"#, "INVALID_PATTERN", "commands.deny[0]", "class"),
        (r#"{"commands":{"ask":["a 'b"]}}"#, "INVALID_PATTERN", "commands.ask[0]", "quote"),
        (r#"{"env":{"allow":["A["]}}"#, "INVALID_PATTERN", "env.allow[0]", "class"),
    ] {
        let error = build(json).expect_err(json);
        assert_eq!((error.code().as_str(), error.key()), (code, key), "{json}: {error}");
        assert!(error.message().contains(says), "{json}: {error}");
        assert!(!error.message().contains(" at line "), "{error}");
    }
}

#[test]
fn an_unknown_key_is_told_with_the_nearest_and_every_known_one_once() {
    let known = "default, allow, deny, ask, maxArgs, strictArgs, dotDot, noShell, searchPath, killSignal, killGrace, \
                 windowsHide, windowsVerbatimArguments";
    for (json, message) in [
        (
            r#"{"commands":{"alow":[]}}"#,
            format!("commands.alow: unknown key, did you mean allow? Expected one of {known}"),
        ),
        (
            r#"{"commands":{"MAXARGS":1}}"#,
            format!("commands.MAXARGS: unknown key, did you mean maxArgs? Expected one of {known}"),
        ),
        (r#"{"commands":{"sandbox":1}}"#, format!("commands.sandbox: unknown key, expected one of {known}")),
        (
            r#"{"commands":{"search_paths":[]}}"#,
            "commands.search_paths: unknown key, did you mean search_path? Expected one of default, allow, deny, ask, \
             max_args, strict_args, dot_dot, no_shell, search_path, kill_signal, kill_grace, windows_hide, \
             windows_verbatim_arguments"
                .to_owned(),
        ),
        (
            r#"{"paths":[{"pth":"/x"}]}"#,
            "paths[0].pth: unknown key, did you mean path? Expected one of path, access".to_owned(),
        ),
        (
            r#"{"worspaces":[]}"#,
            format!(
                "worspaces: unknown key, did you mean workspaces? Expected one of {}",
                Config::KEYS.join(", ")
            ),
        ),
    ] {
        assert_eq!(read(json).unwrap_err().message(), message);
    }
}

#[test]
fn the_listed_keys_are_those_of_the_configuration() {
    let config = serde_json::to_value(Config::default()).unwrap();
    assert!(config.as_object().unwrap().keys().eq(Config::KEYS));
}

#[test]
fn no_format_smuggles_in_a_number_that_is_none() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.5, 1e300] {
        let entries = MapDeserializer::<_, Error>::new([("timeout", number)].into_iter());
        let error = Config::deserialize(entries).unwrap_err();
        assert_eq!((error.code().as_str(), error.key()), ("INVALID_CONFIG", "timeout"), "{number}");
        let expected = "timeout: expected a whole number from 0 to 9007199254740991, got ";
        assert!(error.message().starts_with(expected), "{error}");
    }
}

#[test]
fn snake_case_and_whole_floats_are_taken() {
    let config = read(
        r#"{"commands":{"max_args":5.0,"strict_args":"unquoted","kill_grace":0},"timeout":1e3,"uid":null}"#,
    );
    let config = config.unwrap();
    assert_eq!((config.commands.max_args, config.timeout, config.uid), (Some(5), 1000, None));
    assert_eq!(config.commands.strict_args, Some(StrictArgs::Unquoted));
    let twice = read(r#"{"commands":{"maxArgs":1,"max_args":2}}"#).unwrap_err();
    assert_eq!(twice.message(), "commands.maxArgs: expected once, got twice");
}

#[test]
fn the_resolved_configuration_spells_every_value() {
    let policy =
        build(r#"{"workspaces":["sub"],"paths":["/usr/include",{"path":"x","access":"write"}],"uid":5}"#)
            .unwrap();
    let config = policy.config();
    assert_eq!(config.workspaces, ["/ws/sub"]);
    assert_eq!(config.paths[0].access, Access::Read);
    assert_eq!(config.paths[1].path, "/ws/x");
    assert_eq!(config.commands.search_path.as_ref().unwrap(), &["/usr/bin", "", "bin"]);
    let json = serde_json::to_value(config).unwrap();
    assert_eq!(json["commands"]["default"], "deny");
    assert_eq!(json["commands"]["strictArgs"], true);
    assert_eq!(json["commands"]["killSignal"], "SIGTERM");
    assert_eq!((&json["uid"], &json["gid"]), (&5.into(), &serde_json::Value::Null));
    let again = build(&json.to_string()).unwrap();
    assert_eq!((again.config(), again.hash()), (config, policy.hash()));
}

#[test]
fn hashes_follow_the_meaning() {
    let hash = |json| build(json).unwrap().hash().to_owned();
    assert_eq!(hash("{}"), hash(r#"{"timeout":30000,"commands":{"default":"deny","allow":[]}}"#));
    assert_ne!(hash("{}"), hash(r#"{"commands":{"allow":[]}}"#));
    assert_eq!(build("{}").unwrap().with_hash("x".to_owned()).hash(), "x");
}
