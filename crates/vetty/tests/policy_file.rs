//! Terminals whose configuration stands in a file.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use serde_json::json;
use tempfile::TempDir;
use vetty::policy::ConfigErrorCode;
use vetty::{Config, ConfigError, Terminal};

fn load(text: &str) -> Result<Terminal, ConfigError> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("policy.toml");
    std::fs::write(&path, text).unwrap();
    Terminal::load(path)
}

#[tokio::test]
async fn every_section_is_read_and_means_what_an_object_means() {
    let terminal = load(
        "version = 1\nworkspaces = ['/tmp']\n[commands]\nallow = ['echo *']\n[output]\nmax_bytes = 8\n\
         retain = { time = 1 }\n[limits]\nwall = 60_000\n[sessions.size]\ncols = 100\n[quotas]\nrunning = 3\n",
    )
    .unwrap();
    let config = json!({
        "workspaces": ["/tmp"], "commands": { "allow": ["echo *"] }, "output": { "maxBytes": 8, "retain": { "time": 1 } },
        "limits": { "wall": 60_000 }, "sessions": { "size": { "cols": 100 } }, "quotas": { "running": 3 },
    });
    let object = Terminal::from_config(Config::from_json(config).unwrap()).unwrap();
    assert_eq!(terminal.config_json(), object.config_json());
    let output = terminal.execute("echo 0123456789").await.unwrap();
    assert!(output.stdout_omitted.is_some(), "{output:?}");
    assert_eq!(terminal.check("echo").policy, object.check("echo").policy);
    assert!(terminal.policy().files()[0].ends_with("policy.toml"));
}

#[test]
fn a_mistake_of_another_section_names_the_file_and_the_key() {
    for (text, key) in [
        ("[output]\nmax_byte = 1", "output.max_byte"),
        ("[quotas]\nrunning = 0", "quotas.running"),
        ("[sandbox]\nread = ['']", "sandbox.read[0]"),
        ("[unknown]\n", "unknown"),
    ] {
        let error = load(&format!("version = 1\nworkspaces = ['/tmp']\n{text}\n")).unwrap_err();
        assert_eq!((error.code(), error.key()), (ConfigErrorCode::InvalidConfig, key), "{error}");
        assert!(error.file().unwrap().ends_with("policy.toml"), "{error}");
    }
}

#[test]
fn tests_are_judged_with_the_sandbox_that_the_file_asks_for() {
    let policy = |level: &str| {
        format!(
            "version = 1\nworkspaces = ['/tmp']\nprofile = 'agent'\n[commands]\nallow = ['python3 *']\n[sandbox]\n\
             level = '{level}'\n[tests]\nallow = ['python3 -c pass']\n"
        )
    };
    load(&policy("confine")).unwrap();
    let error = load(&policy("filter")).unwrap_err();
    assert_eq!((error.code(), error.key()), (ConfigErrorCode::PolicyTestFailed, "tests.allow[0]"));
    assert!(error.message().contains("INTERPRETER_DENIED"), "{error}");
}

#[test]
fn an_explanation_has_the_verdict_of_a_check_also_of_the_shell() {
    let terminal =
        load("version = 1\nworkspaces = ['/tmp']\n[commands]\nallow = ['echo *', 'sh']\ndeny = ['rm *']\n")
            .unwrap();
    for line in ["echo a", "rm a", "nonsense", "echo /etc/passwd", "echo 'a"] {
        assert_eq!(terminal.explain(line).verdict, terminal.check(line), "{line}");
    }
    let shell =
        terminal.shell().parent_env(vec![("SHELL".into(), "/bin/sh".into()), ("PATH".into(), "/bin".into())]);
    let explanation = shell.explain();
    assert_eq!(explanation.verdict, shell.check());
    assert_eq!(explanation.rules.iter().find(|rule| rule.decides).unwrap().key, "commands.allow[1]");
}
