//! What is decided and done stands in the audit trail, in order, and in its file.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use vetty::{
    Approval, AuditEvent, AuditHead, AuditProblem, Config, ConfigChange, Kill, Terminal, verify_audit,
};

const LONG: Duration = Duration::from_secs(60);

fn config(more: Value) -> Config {
    let mut config = json!({
        "workspaces": ["/tmp"],
        "commands": {
            "allow": ["echo *", "sh -c *", "sleep *", "cat", "printenv *", "nothing-here"],
            "ask": ["echo risky *"],
            "deny": ["echo never"],
            "strictArgs": false,
            "killGrace": 60_000,
        },
    });
    for (key, value) in more.as_object().unwrap() {
        config[key] = value.clone();
    }
    Config::from_json(config).unwrap()
}

fn terminal(audit: Value) -> Terminal {
    Terminal::from_config(config(json!({ "audit": audit }))).unwrap()
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let file = folder.path().join("audit.jsonl");
    (folder, file)
}

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

fn of(event: &AuditEvent) -> Value {
    serde_json::from_str(event.json()).unwrap()
}

/// All events so far.
async fn heard(terminal: &Terminal, mut events: vetty::AuditEvents) -> Vec<Value> {
    terminal.close().await;
    let mut all = Vec::new();
    while let Some(event) = events.next().await {
        all.push(of(&event));
    }
    all
}

#[tokio::test]
async fn a_run_is_told_from_its_verdict_to_its_exit() {
    let (_folder, file) = folder();
    let terminal = terminal(json!({ "file": file }));
    let output = terminal.execute("echo hello").await.unwrap();
    // Without a wait: who has the result finds it all in the file.
    let events = lines(&file);
    assert_eq!(kinds(&events), ["config", "verdict", "spawn", "exit"]);
    let [config, verdict, spawn, exit] = &events[..] else { unreachable!() };
    assert_eq!((&config["change"], &config["id"]), (&json!("initialize"), &Value::Null));
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event["sequence"], json!(index + 1));
        assert_eq!(event["policy"], json!(terminal.policy().hash()));
        assert_eq!(event["host"], Value::Null);
        assert!(event["time"].as_str().unwrap().ends_with('Z'));
    }
    assert!(events[1..].iter().all(|event| event["id"] == json!(output.id)));
    assert_eq!(verdict["verdict"]["argv"], json!(["echo", "hello"]));
    assert_eq!(verdict["verdict"]["code"], "ALLOWED");
    assert_eq!((&spawn["pid"], &spawn["pty"]), (&json!(output.pid), &json!(false)));
    assert_eq!(spawn["enforced"]["level"], "filter");
    assert_eq!(exit["exit"], json!({ "exitCode": 0, "signal": null, "coreDumped": false, "lost": null }));
    assert_eq!((&exit["reason"], &exit["bytes"]), (&json!("exited"), &json!(6)));
    let report = verify_audit(&file, terminal.audit_head().as_ref()).unwrap();
    assert!(report.is_ok() && report.events == 4, "{report:?}");
}

#[tokio::test]
async fn a_program_finds_its_own_verdict_in_the_file() {
    let (_folder, file) = folder();
    let terminal = terminal(json!({ "file": file }));
    for _ in 0..20 {
        let script = format!("tail -n 2 {}", file.display());
        let output =
            terminal.command(["sh", "-c", &script]).env("PATH", "/usr/bin:/bin").run().await.unwrap();
        let own = format!("\"id\":\"{}\"", output.id);
        let text = output.stdout_text();
        assert!(text.lines().any(|line| line.contains(&own) && line.contains("\"verdict\"")), "{text}");
    }
}

#[tokio::test]
async fn what_is_refused_and_what_cannot_start_is_told_too() {
    let terminal = terminal(json!({}));
    let events = terminal.audit();
    terminal.execute("echo never").await.unwrap_err();
    terminal.execute("rm -rf /").await.unwrap_err();
    terminal.check("rm -rf /");
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let program = folder.path().join("broken");
    std::fs::write(&program, b"\x7fELF no program").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let policy = vetty::Policy::builder().workspace("/tmp").allow_all().build().unwrap();
    let open = Terminal::new(policy);
    let open_events = open.audit();
    open.command([program.to_str().unwrap()]).run().await.unwrap_err();

    let events = heard(&terminal, events).await;
    assert_eq!(kinds(&events), ["config", "verdict", "verdict"], "a check is no call");
    assert_eq!(events[1]["verdict"]["code"], "COMMAND_DENIED");
    assert_eq!(events[1]["verdict"]["rule"]["key"], "commands.deny[0]");
    assert_eq!(events[2]["verdict"]["code"], "COMMAND_NOT_ALLOWED");
    let events = heard(&open, open_events).await;
    assert_eq!(kinds(&events), ["config", "verdict", "spawn-failed"]);
    assert_eq!((&events[2]["code"], &events[2]["phase"]), (&json!("ENOEXEC"), &json!("exec")));
}

#[tokio::test]
async fn approvals_are_told_with_what_was_asked() {
    let terminal = terminal(json!({}));
    let events = terminal.audit();
    terminal.on_approval(LONG, async |verdict| match verdict.argv[2].as_str() {
        "a" => Approval::AllowSession,
        _ => Approval::Deny,
    });
    terminal.execute("echo risky a").await.unwrap();
    terminal.execute("echo risky a").await.unwrap();
    terminal.execute("echo risky b").await.unwrap_err();
    let events = heard(&terminal, events).await;
    let run = ["verdict", "approval", "verdict", "spawn", "exit"];
    assert_eq!(kinds(&events), [&["config"][..], &run, &run, &run[..3]].concat());
    let codes: Vec<_> = events.iter().filter_map(|event| event["verdict"]["code"].as_str()).collect();
    assert_eq!(
        codes,
        [
            "APPROVAL_REQUIRED",
            "ALLOWED",
            "APPROVAL_REQUIRED",
            "ALLOWED",
            "APPROVAL_REQUIRED",
            "APPROVAL_DENIED"
        ]
    );
    let answers: Vec<_> = events.iter().filter_map(|event| event["approval"].as_str()).collect();
    assert_eq!(answers, ["allow-session", "allow-session", "deny"]);
}

#[tokio::test]
async fn limits_and_kills_are_told_before_the_exit() {
    let terminal = Terminal::from_config(config(json!({ "limits": { "output": 10 } }))).unwrap();
    let events = terminal.audit();
    terminal.command(["sh", "-c", "echo 0123456789abcdef; sleep 600"]).run().await.unwrap_err();
    terminal.command("sleep 600").timeout(Duration::from_millis(20)).run().await.unwrap_err();
    let handle = terminal.command("sleep 600").start().await.unwrap();
    handle.kill(Kill::default());
    handle.wait().await;
    let events = heard(&terminal, events).await;
    let limited = ["verdict", "spawn", "limit", "kill", "exit"];
    assert_eq!(
        kinds(&events),
        [&["config"][..], &limited, &limited, &["verdict", "spawn", "kill", "exit"]].concat()
    );
    assert_eq!((&events[3]["limit"], &events[8]["limit"]), (&json!("output"), &json!("wall")));
    assert_eq!(events[4]["signal"], "SIGTERM");
    assert_eq!(events[14]["exit"]["signal"], "SIGTERM");
    let reasons: Vec<_> = events.iter().filter_map(|event| event["reason"].as_str()).collect();
    assert_eq!(reasons, ["limit", "timeout", "killed"]);
}

#[tokio::test]
async fn a_session_is_told_as_a_run_is_and_never_what_is_typed() {
    let (_folder, file) = folder();
    let terminal = terminal(json!({ "file": file }));
    let session = terminal.command("cat").open().await.unwrap();
    session.send_secret(&vetty::Secret::from("open sesame\n")).await.unwrap();
    session.wait(vetty::Wait::output("sesame")).await.unwrap();
    session.close().await;
    drop(session);
    terminal.close().await;
    let events = lines(&file);
    assert_eq!(kinds(&events), ["config", "verdict", "spawn", "kill", "exit"]);
    assert_eq!((&events[2]["pty"], &events[3]["signal"]), (&json!(true), &json!("SIGHUP")));
    assert!(!std::fs::read_to_string(&file).unwrap().contains("sesame"));
}

#[tokio::test]
async fn no_value_of_a_variable_appears_and_no_secret_word() {
    let (_folder, file) = folder();
    let token = format!("ghp_{}", "aB3".repeat(12));
    let terminal = terminal(json!({
        "file": file,
        "redact": { "values": ["correct horse"], "patterns": ["user-([0-9]+)"], "env": ["*_SECRET"], "output": true },
    }));
    let output = terminal
        .command(["sh", "-c", &format!("echo {token} user-1234 'correct horse' dynamic-value-1; printenv MY_SECRET >&2; printf rest-gh")])
        .env("MY_SECRET", "dynamic-value-1")
        .env("OTHER", "value-of-other")
        .run()
        .await
        .unwrap();
    assert_eq!(output.stdout_text(), "[redacted] user-[redacted] [redacted] [redacted]\nrest-gh");
    assert_eq!(output.stdout_bytes, token.len() as u64 + 1 + 9 + 1 + 13 + 1 + 15 + 1 + 7);
    terminal.execute(vec!["echo", "--password", "hunter2", "--token=t0k;en"]).await.unwrap();
    terminal.execute(vec!["unknown", "--password=hunter2"]).await.unwrap_err();
    terminal.close().await;
    let text = std::fs::read_to_string(&file).unwrap();
    for secret in [&token, "1234", "correct horse", "dynamic-value-1", "value-of-other", "hunter2", "t0k"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let events = lines(&file);
    assert_eq!(events[1]["verdict"]["argv"][2].as_str().unwrap().matches("[redacted]").count(), 4);
    assert_eq!(
        events[4]["verdict"]["argv"],
        json!(["echo", "--password", "[redacted]", "--token=[redacted]"])
    );
}

#[tokio::test]
async fn secrets_are_hidden_in_what_streams_however_it_is_read() {
    let token = format!("npm_{}", "aB3d".repeat(10));
    let audit = json!({ "redact": { "output": true } });
    let script = format!(
        "for c in $(echo {token} | fold -w 7); do printf %s $c; sleep 0.02; done; printf ' end'; printf npm_"
    );
    let terminal = terminal(audit);
    let mut process = terminal.command(["sh", "-c", &script]).spawn().await.unwrap();
    let mut tap = process.handle().tap();
    let mut text = Vec::new();
    while let Some(chunk) = process.next().await {
        text.extend_from_slice(&chunk.unwrap().data);
    }
    assert_eq!(String::from_utf8(text).unwrap(), "[redacted] endnpm_");
    let mut tapped = Vec::new();
    while let Some(chunk) = tap.next().await {
        tapped.extend_from_slice(&chunk.data);
    }
    assert_eq!(String::from_utf8(tapped).unwrap(), "[redacted] endnpm_");
    let output = terminal.command(["sh", "-c", &script]).run().await.unwrap();
    assert_eq!(output.stdout_text(), "[redacted] endnpm_");
    let plain = self::terminal(json!({})).command(["sh", "-c", &script]).run().await.unwrap();
    assert!(plain.stdout_text().starts_with(&token), "only where it is asked for");
}

#[tokio::test]
async fn the_file_is_for_its_owner_alone_and_no_link() {
    let (folder, file) = folder();
    let terminal = terminal(json!({ "file": file }));
    let metadata = std::fs::metadata(&file).unwrap();
    assert_eq!(metadata.mode() & 0o777, 0o600);
    drop(terminal);
    let refused = |path: &Path| {
        let error = Terminal::from_config(config(json!({ "audit": { "file": path } }))).unwrap_err();
        assert_eq!(error.key(), "audit.file");
        error.to_string()
    };
    let link = folder.path().join("link");
    symlink(&file, &link).unwrap();
    assert!(refused(&link).contains("cannot be opened"), "{}", refused(&link));
    let dangling = folder.path().join("dangling");
    symlink(folder.path().join("nowhere"), &dangling).unwrap();
    refused(&dangling);
    assert!(!folder.path().join("nowhere").exists());
    refused(Path::new("/dev/full"));
    refused(folder.path());
    refused(&folder.path().join("no/such/folder"));
    let foreign = folder.path().join("foreign");
    std::fs::write(&foreign, "some text\nof somebody\n").unwrap();
    assert!(refused(&foreign).contains("does not end in an event"));
    assert_eq!(std::fs::read_to_string(&foreign).unwrap(), "some text\nof somebody\n");
    let unended = folder.path().join("unended");
    std::fs::write(&unended, "a secret key").unwrap();
    refused(&unended);
}

#[tokio::test]
async fn a_chain_goes_on_in_the_next_terminal_and_is_shared_by_two() {
    let (_folder, file) = folder();
    let first = terminal(json!({ "file": file }));
    first.execute("echo 1").await.unwrap();
    let second = terminal(json!({ "file": file }));
    let mut events = second.audit();
    let both: Vec<_> = (0..20).map(|n| if n % 2 == 0 { &first } else { &second }).collect();
    for output in futures_util::future::join_all(both.iter().map(|terminal| terminal.execute("echo 2"))).await
    {
        output.unwrap();
    }
    let head = first.audit_head().unwrap();
    drop(first);
    second.close().await;
    let mut own = 0;
    while events.next().await.is_some() {
        own += 1;
    }
    assert_eq!(own, 31, "each terminal hears its own");
    let third = terminal(json!({ "file": file }));
    third.execute("echo 3").await.unwrap();
    let report = verify_audit(&file, Some(&head)).unwrap();
    assert!(report.is_ok() && report.events == 4 + 1 + 60 + 4, "{report:?}");
}

#[tokio::test]
async fn another_process_does_not_write_the_same_file() {
    let (_folder, file) = folder();
    let other = std::fs::OpenOptions::new().append(true).create(true).open(&file).unwrap();
    other.lock().unwrap();
    let error = Terminal::from_config(config(json!({ "audit": { "file": file } }))).unwrap_err();
    assert!(error.to_string().contains("written by another process"), "{error}");
    drop(other);
    terminal(json!({ "file": file }));
}

#[tokio::test]
async fn a_policy_that_replaces_another_or_becomes_final_says_so() {
    let (_folder, file) = folder();
    let audit = json!({ "file": file });
    drop(terminal(audit.clone()));
    let second =
        Terminal::from_config_for(config(json!({ "audit": audit })), ConfigChange::SetConfig).unwrap();
    second.audit_change(ConfigChange::Lock);
    second.close().await;
    let events = lines(&file);
    let changes: Vec<_> = events.iter().map(|event| event["change"].as_str().unwrap()).collect();
    assert_eq!(changes, ["initialize", "setConfig", "lock"]);
}

#[tokio::test]
async fn a_terminal_whose_audit_cannot_be_had_runs_nothing() {
    let (folder, file) = folder();
    let mut config = config(json!({}));
    config.audit.file = Some(folder.path().join("no/such").to_str().unwrap().to_owned());
    let policy = vetty::Policy::builder().allow("touch *").workspace("/tmp").build().unwrap();
    let terminal = Terminal::with_policy(policy, config);
    let error =
        terminal.execute(vec!["touch".to_owned(), file.to_str().unwrap().to_owned()]).await.unwrap_err();
    assert_eq!(error.code(), "AUDIT_UNAVAILABLE");
    assert!(!file.exists());
}

#[tokio::test]
async fn what_is_wrong_with_the_section_is_told_without_a_secret() {
    for (audit, key) in [
        (json!({ "file": "" }), "audit.file"),
        (json!({ "onFull": "drop" }), "audit.onFull"),
        (json!({ "redact": { "values": ["abc"] } }), "audit.redact.values[0]"),
        (json!({ "redact": { "patterns": ["ok", "("] } }), "audit.redact.patterns[1]"),
        (json!({ "redact": { "patterns": ["a*"] } }), "audit.redact.patterns[0]"),
        (json!({ "redact": { "env": [""] } }), "audit.redact.env[0]"),
        (json!({ "redact": { "nonsense": 1 } }), "audit.redact.nonsense"),
    ] {
        let config = json!({ "audit": audit });
        let error = Config::from_json(config).unwrap_err();
        assert_eq!(error.key(), key, "{error}");
        assert!(!error.to_string().contains("abc"));
    }
}

#[tokio::test]
async fn declared_values_are_no_part_of_the_policys_hash() {
    let hash = |value: &str| {
        let audit = json!({ "redact": { "values": [value] } });
        terminal(audit).policy().hash().to_owned()
    };
    assert_eq!(hash("first-secret"), hash("second-secret"));
    assert_ne!(hash("first-secret"), terminal(json!({ "onFull": "refuse" })).policy().hash());
}

#[tokio::test]
async fn a_reader_that_takes_nothing_slows_or_refuses_what_is_new() {
    let blocking = terminal(json!({}));
    let mut events = blocking.audit();
    while blocking.audit_head().unwrap().sequence < 1024 {
        blocking.execute("echo never").await.unwrap_err();
    }
    let waiting = tokio::spawn({
        let blocking = blocking.clone();
        async move { blocking.execute("echo on").await }
    });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(blocking.list().is_empty() && !waiting.is_finished());
    let first = events.next().await.unwrap();
    assert_eq!(of(&first)["type"], "config");
    assert_eq!(waiting.await.unwrap().unwrap().stdout_text(), "on\n");

    let refusing = terminal(json!({ "onFull": "refuse" }));
    let mut events = refusing.audit();
    while refusing.audit_head().unwrap().sequence < 1024 {
        refusing.execute("echo never").await.unwrap_err();
    }
    for _ in 0..3 {
        assert_eq!(refusing.execute("echo on").await.unwrap_err().code(), "AUDIT_UNAVAILABLE");
    }
    assert!(refusing.list().is_empty());
    let mut last = events.next().await.unwrap();
    assert_eq!(refusing.execute("echo on").await.unwrap().stdout_text(), "on\n");
    let mut all: Vec<Arc<AuditEvent>> = Vec::new();
    while of(&last)["type"] != "exit" {
        last = events.next().await.unwrap();
        all.push(Arc::clone(&last));
    }
    let unavailable: Vec<_> =
        all.iter().map(|event| of(event)).filter(|event| event["type"] == "unavailable").collect();
    assert_eq!(unavailable.len(), 1);
    assert_eq!(unavailable[0]["calls"], 3);
}

#[tokio::test]
async fn a_call_that_waits_for_the_trail_can_be_cancelled() {
    let terminal = terminal(json!({}));
    let _events = terminal.audit();
    while terminal.audit_head().unwrap().sequence < 1024 {
        terminal.execute("echo never").await.unwrap_err();
    }
    let token = vetty::CancellationToken::new();
    let waiting = tokio::spawn(terminal.command("echo on").cancel(token.clone()).run());
    tokio::task::yield_now().await;
    token.cancel();
    assert_eq!(waiting.await.unwrap().unwrap_err().code(), "ABORT_ERR");
    let at_once = terminal.command("echo on").at_once().run().await.unwrap_err();
    assert_eq!(at_once.code(), "AUDIT_UNAVAILABLE");
}

#[tokio::test]
async fn a_head_that_was_kept_shows_that_the_end_was_cut_off() {
    let (_folder, file) = folder();
    let terminal = terminal(json!({ "file": file }));
    terminal.execute("echo 1").await.unwrap();
    let head = terminal.audit_head().unwrap();
    terminal.close().await;
    assert_eq!(terminal.audit_head(), None);
    let whole = std::fs::read_to_string(&file).unwrap();
    let shorter: String = whole.lines().take(3).map(|line| format!("{line}\n")).collect();
    std::fs::write(&file, shorter).unwrap();
    assert!(verify_audit(&file, None).unwrap().is_ok(), "by itself it is a chain");
    let report = verify_audit(&file, Some(&head)).unwrap();
    assert_eq!(report.problem, Some(AuditProblem::Head));
    assert_eq!(verify_audit(&file, Some(&AuditHead::new(2, "0".repeat(64)))).unwrap().broken_at, Some(2));
}
