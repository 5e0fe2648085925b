//! What the whole configuration may say, and how its mistakes are told.

#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use serde_json::{Value, json};
use vetty::{Config, Limits, OutputConfig, Quotas, Terminal};

fn mistake(json: Value) -> (String, String) {
    let error = Config::from_json(json).unwrap_err();
    assert_eq!(error.code().as_str(), "INVALID_CONFIG", "{error}");
    (error.key().to_owned(), error.message().to_owned())
}

#[test]
fn an_unknown_key_is_told_with_the_keys_of_every_section() {
    let known = "workspaces, paths, commands, env, timeout, uid, gid, profile, output, limits, quotas, sessions, sandbox, audit";
    for (key, meant) in [
        ("command", ", did you mean commands? Expected"),
        ("limit", ", did you mean limits? Expected"),
        ("ouput", ", did you mean output? Expected"),
        ("quota", ", did you mean quotas? Expected"),
        ("sandbx", ", did you mean sandbox? Expected"),
        ("completely", ", expected"),
    ] {
        let (at, message) = mistake(json!({ key: {} }));
        assert_eq!((&*at, message), (key, format!("{key}: unknown key{meant} one of {known}")));
    }
}

#[test]
fn every_section_tells_its_own_keys_once() {
    let (key, message) = mistake(json!({ "limits": { "wal": 1 } }));
    assert_eq!(
        (&*key, &*message),
        (
            "limits.wal",
            "limits.wal: unknown key, did you mean wall? Expected one of wall, idle, output, cpuTime, memory, \
             processes, openFiles, fileSize"
        )
    );
    let (_, message) = mistake(json!({ "output": { "max_byte": 1 } }));
    assert!(message.contains("did you mean max_bytes? Expected one of max_bytes, "), "{message}");
    let (key, message) = mistake(json!({ "output": { "retain": { "tim": 1 } } }));
    assert_eq!(
        (&*key, &*message),
        (
            "output.retain.tim",
            "output.retain.tim: unknown key, did you mean time? Expected one of time, count, bytes"
        )
    );
}

/// The JSON of a number at a dotted key.
fn at(key: &str, value: Value) -> Value {
    key.rsplit('.').fold(value, |value, name| json!({ name: value }))
}

const NUMBERS: [&str; 25] = [
    "timeout",
    "commands.maxArgs",
    "commands.killGrace",
    "limits.wall",
    "limits.idle",
    "limits.output",
    "limits.cpuTime",
    "limits.memory",
    "limits.processes",
    "limits.openFiles",
    "limits.fileSize",
    "output.maxBytes",
    "output.highWaterMark",
    "output.drainGrace",
    "output.retain.time",
    "output.retain.count",
    "output.retain.bytes",
    "quotas.running",
    "quotas.queued",
    "sessions.max",
    "sessions.lifetime",
    "sessions.idle",
    "sessions.waitTimeout",
    "sessions.history.lines",
    "sessions.history.bytes",
];

#[test]
fn every_number_is_whole_and_says_so_in_the_same_words() {
    for key in NUMBERS {
        let max: u64 = if key == "commands.maxArgs" { (1 << 32) - 1 } else { (1 << 53) - 1 };
        for (value, got) in [
            (json!(-1), "-1"),
            (json!(1.5), "1.5"),
            (json!(1e300), "1e+300"),
            (json!(max + 1), &*(max + 1).to_string()),
            (json!("1s"), "\"1s\""),
            (json!(true), "true"),
            (json!([]), "an array"),
            (Value::Null, "null"),
        ] {
            let message = format!("{key}: expected a whole number from 0 to {max}, got {got}");
            assert_eq!(mistake(at(key, value)), (key.to_owned(), message));
        }
        assert!(Config::from_json(at(key, json!(10.0))).is_ok(), "{key}: 10.0 is whole");
        assert!(Config::from_json(at(key, json!(max))).is_ok(), "{key}: {max}");
    }
}

#[test]
fn whole_floats_mean_their_numbers_and_snake_case_is_read() {
    let config = Config::from_json(json!({
        "limits": { "wall": 10.0 },
        "output": { "max_bytes": 2e3, "retain": { "count": 3.0 } },
        "quotas": { "running": 4.0 },
    }));
    let Config {
        limits: Limits { wall, .. }, output: OutputConfig { max_bytes, retain, .. }, quotas, ..
    } = config.unwrap();
    assert_eq!((wall, max_bytes, retain.count, quotas.running), (10, 2000, 3, 4));
    assert_eq!(quotas.queued, Quotas::default().queued);
}

#[test]
fn a_session_has_a_size_that_programs_can_bear() {
    for (cols, rows) in [(0, 24), (80, 0), (1001, 24), (80, 1u64 << 40)] {
        let (key, message) = mistake(json!({ "sessions": { "size": { "cols": cols, "rows": rows } } }));
        let shown = rows.min(u64::from(u32::MAX));
        assert_eq!(
            (key.as_str(), message),
            (
                "sessions.size",
                format!("sessions.size: expected 1 to 1000 columns and rows, got {cols} x {shown}")
            )
        );
    }
    assert!(Config::from_json(json!({ "sessions": { "size": { "cols": 1000 } } })).is_ok());
    for (cols, rows) in [(0, 24), (80, 0), (1001, 24)] {
        let (key, message) = mistake(json!({ "sessions": { "maxSize": { "cols": cols, "rows": rows } } }));
        assert_eq!(
            (key.as_str(), message),
            (
                "sessions.maxSize",
                format!("sessions.maxSize: expected 1 to 1000 columns and rows, got {cols} x {rows}")
            )
        );
    }
    // The default size must fit, too.
    let (key, message) = mistake(json!({ "sessions": { "maxSize": { "cols": 79 } } }));
    assert_eq!(
        (key.as_str(), message.as_str()),
        ("sessions.size", "sessions.size: expected at most sessions.maxSize, 79 x 1000, got 80 x 24")
    );
    let least =
        json!({ "sessions": { "size": { "cols": 1, "rows": 1 }, "maxSize": { "cols": 1, "rows": 1 } } });
    assert!(Config::from_json(least).is_ok());
}

#[test]
fn a_section_is_an_object() {
    for key in [
        "commands",
        "env",
        "limits",
        "output",
        "output.retain",
        "quotas",
        "sandbox",
        "sessions",
        "sessions.size",
        "sessions.maxSize",
    ] {
        for (value, got) in [(json!([]), "an array"), (Value::Null, "null"), (json!(7), "7")] {
            let message = format!("{key}: expected an object, got {got}");
            assert_eq!(mistake(at(key, value)), (key.to_owned(), message));
        }
    }
    for value in [json!([]), Value::Null, json!("x")] {
        assert_eq!(mistake(value).0, "");
    }
}

#[test]
fn the_marker_is_a_text_or_false() {
    let config = |marker: Value| Config::from_json(json!({ "output": { "marker": marker } }));
    for marker in [json!("<N>"), json!(""), json!(false)] {
        let terminal = Terminal::from_config(config(marker.clone()).unwrap()).unwrap();
        assert_eq!(terminal.config_json()["output"]["marker"], marker);
    }
    for (marker, got) in [(json!(true), "true"), (json!(7), "7"), (Value::Null, "null")] {
        let message = format!("output.marker: expected a string or false, got {got}");
        assert_eq!(config(marker).unwrap_err().message(), message);
    }
}

#[test]
fn nobody_could_run_with_a_quota_of_none() {
    let message = "quotas.running: expected at least 1, got 0".to_owned();
    assert_eq!(mistake(json!({ "quotas": { "running": 0 } })), ("quotas.running".to_owned(), message));
}

#[test]
fn the_configuration_in_force_means_the_same_when_it_is_read_again() {
    let config = json!({ "limits": { "wall": 7 }, "output": { "maxBytes": 9 }, "workspaces": ["/tmp"] });
    let terminal = Terminal::from_config(Config::from_json(config).unwrap()).unwrap();
    let json = terminal.config_json();
    assert_eq!((json["limits"]["wall"].as_u64(), json["output"]["maxBytes"].as_u64()), (Some(7), Some(9)));
    let again = Terminal::from_config(Config::from_json(json.clone()).unwrap()).unwrap();
    assert_eq!(again.config_json(), json);
    assert_eq!(again.policy().hash(), terminal.policy().hash());
}

fn sandbox(json: Value) -> (String, String) {
    let (key, message) = mistake(json!({ "sandbox": json }));
    let short = message.strip_prefix(&format!("{key}: ")).map(str::to_owned);
    (key, short.unwrap_or(message))
}

#[test]
fn a_sandbox_says_what_it_does_not_understand() {
    let cases = [
        (
            json!({ "level": "strict" }),
            "sandbox.level",
            "expected filter, confine or isolate, got \"strict\"",
        ),
        (json!({ "level": 7 }), "sandbox.level", "expected filter, confine or isolate, got 7"),
        (json!({ "reed": [] }), "sandbox.reed", "unknown key, did you mean read? Expected one of "),
        (json!({ "read": [""] }), "sandbox.read[0]", "expected a place, got an empty text"),
        (json!({ "read": ["/a", "~/x"] }), "sandbox.read[1]", "expected a place, got one that starts with ~"),
        (
            json!({ "presets": ["perl"] }),
            "sandbox.presets[0]",
            "expected one of node, python, rust, go, got \"perl\"",
        ),
        (json!({ "metadata": "maybe" }), "sandbox.metadata", "expected allow or deny, got \"maybe\""),
        (
            json!({ "unixSockets": 1 }),
            "sandbox.unixSockets",
            "expected true, false or an array of places, got 1",
        ),
        (
            json!({ "network": "lan" }),
            "sandbox.network",
            "expected none, open, { connect: [ports], bind: [ports] }",
        ),
        (json!({ "network": { "ports": [] } }), "sandbox.network", "unknown field `ports`"),
    ];
    for (json, at, says) in cases {
        let (key, message) = sandbox(json.clone());
        assert!(key == at && message.starts_with(says), "{json}: {key}: {message}");
    }
    for port in [json!(0), json!(65536), json!(1.5), json!("80")] {
        let (_, message) = sandbox(json!({ "level": "confine", "network": { "connect": [port] } }));
        assert!(message.contains("expected a whole number from 1 to 65535"), "{message}");
    }
    let (key, message) = sandbox(json!({ "allowDegraded": ["landlock"] }));
    assert!(key.starts_with("sandbox.allowDegraded") && message.contains("landlock-fs"), "{key}: {message}");
}

#[test]
fn what_a_level_does_not_enforce_is_no_silent_promise() {
    for (json, at, needs) in [
        (json!({ "network": "none" }), "sandbox.network", "confine"),
        (json!({ "unixSockets": false }), "sandbox.unixSockets", "confine"),
        (json!({ "metadata": "deny" }), "sandbox.metadata", "confine"),
        (json!({ "protect": [".git/hooks"] }), "sandbox.protect", "isolate"),
        (json!({ "level": "confine", "protect": [".envrc"] }), "sandbox.protect", "isolate"),
        (json!({ "level": "confine", "network": { "hosts": ["a.example"] } }), "sandbox.network", "isolate"),
    ] {
        let (key, message) = sandbox(json.clone());
        assert_eq!(key, at, "{json}");
        assert!(message.ends_with(&format!("it needs sandbox.level \"{needs}\"")), "{message}");
    }
}

#[test]
fn a_sandbox_in_force_spells_what_its_level_means() {
    let resolved = |json: Value| {
        let config = Config::from_json(json!({ "workspaces": ["/tmp"], "sandbox": json })).unwrap();
        Terminal::from_config(config).unwrap().config_json()["sandbox"].clone()
    };
    let filter = resolved(json!({}));
    assert_eq!((&filter["network"], &filter["unixSockets"]), (&json!("open"), &json!(true)));
    let confine = resolved(json!({ "level": "confine" }));
    assert_eq!((&confine["network"], &confine["unixSockets"]), (&json!("none"), &json!(false)));
    assert_eq!(resolved(confine.clone()), confine);
    let ports = json!({ "level": "confine", "network": { "connect": [443], "bind": [] }, "allowDegraded": ["landlock-scope"] });
    assert_eq!(resolved(ports.clone())["network"], ports["network"]);
    assert_eq!(resolved(ports)["allowDegraded"], json!(["landlock-scope"]));
}
#[test]
fn the_profile_lets_interpreters_run_what_they_are_given_where_the_kernel_holds_them() {
    let code = |level: &str| {
        let json = json!({ "profile": "agent", "workspaces": ["/tmp"], "commands": { "allow": ["sh *"] }, "sandbox": { "level": level } });
        let terminal = Terminal::from_config(Config::from_json(json).unwrap()).unwrap();
        terminal.command(["sh", "-c", "id"]).check().code.as_str().to_owned()
    };
    assert_eq!(code("filter"), "INTERPRETER_DENIED");
    // A kernel may lack what it needs; the policy is not to blame then.
    assert!(["ALLOWED", "SANDBOX_UNSUPPORTED"].contains(&code("confine").as_str()));
}

#[test]
fn the_example_for_a_coding_agent_judges_as_it_says() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/policies/coding-agent.toml");
    let terminal = Terminal::load(example).unwrap();
    for (argv, code) in [
        (&["git", "reset", "--soft", "HEAD~1"][..], "ALLOWED"),
        (&["git", "reset", "HEAD~1", "--hard"], "COMMAND_DENIED"),
        (&["git", "-C", "src", "push"], "COMMAND_DENIED"),
        (&["rm", "-fr", ".git"], "COMMAND_DENIED"),
        (&["rm", "-rf", "build"], "ALLOWED"),
        (&["find", ".", "-delete"], "FLAG_DENIED"),
        (&["env", "sh", "-c", "id"], "COMMAND_NOT_ALLOWED"),
        (&["curl", "https://a.example"], "COMMAND_NOT_ALLOWED"),
    ] {
        let words = argv.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let verdict = terminal.command(words).check();
        // A machine may lack the tool, which is looked for last.
        let code = if verdict.code.as_str() == "PROGRAM_NOT_FOUND" { "PROGRAM_NOT_FOUND" } else { code };
        assert_eq!(verdict.code.as_str(), code, "{argv:?}: {}", verdict.message);
    }
}
