//! What must be approved runs if somebody approves it, and only then.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use vetty::{Approval, CancellationToken, Config, Error, Terminal, Verdict};

const LONG: Duration = Duration::from_secs(60);

fn terminal() -> Terminal {
    let commands =
        json!({ "allow": ["echo *"], "ask": ["echo risky *"], "deny": ["echo risky never"], "maxArgs": 3 });
    let config = json!({ "workspaces": ["/tmp"], "commands": commands });
    Terminal::from_config(Config::from_json(config).unwrap()).unwrap()
}

/// A terminal that answers so, and how often it was asked.
fn answering(approval: Approval) -> (Terminal, Arc<AtomicUsize>) {
    let (terminal, count) = (terminal(), Arc::new(AtomicUsize::new(0)));
    let asked = Arc::clone(&count);
    let decide = move |_: Verdict| {
        asked.fetch_add(1, Ordering::SeqCst);
        std::future::ready(approval)
    };
    assert!(terminal.on_approval(LONG, decide));
    (terminal, count)
}

async fn code(terminal: &Terminal, line: &str) -> String {
    match terminal.execute(line).await {
        Ok(output) => output.stdout_text().trim().to_owned(),
        Err(error) => error.code(),
    }
}

#[tokio::test]
async fn nobody_to_ask_is_a_refusal() {
    assert_eq!(code(&terminal(), "echo risky").await, "APPROVAL_REQUIRED");
    assert_eq!(code(&terminal(), "echo fine").await, "fine");
}

#[tokio::test]
async fn what_is_approved_runs_once() {
    let (terminal, asked) = answering(Approval::Allow);
    assert_eq!(code(&terminal, "echo fine").await, "fine");
    assert_eq!(asked.load(Ordering::SeqCst), 0, "only what needs it is asked about");
    assert_eq!(code(&terminal, "echo risky a").await, "risky a");
    assert_eq!(code(&terminal, "echo risky a").await, "risky a");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert_eq!(terminal.check("echo risky a").code.as_str(), "APPROVAL_REQUIRED", "a check asks nobody");
}

#[tokio::test]
async fn an_answer_for_the_session_holds_for_the_same_argv_in_the_same_directory() {
    let (terminal, asked) = answering(Approval::AllowSession);
    for _ in 0..3 {
        assert_eq!(code(&terminal, "echo risky a").await, "risky a");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(code(&terminal, "echo risky b").await, "risky b");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    terminal.command("echo risky a").cwd(folder.path().to_str().unwrap()).run().await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn nobody_is_asked_about_what_would_be_refused_all_the_same() {
    let (terminal, asked) = answering(Approval::Allow);
    for (line, expected) in [
        ("echo risky never", "COMMAND_DENIED"),
        ("echo risky a b c", "TOO_MANY_ARGUMENTS"),
        ("echo risky /etc/passwd", "PATH_OUTSIDE_WORKSPACE"),
    ] {
        assert_eq!(code(&terminal, line).await, expected, "{line}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_no_and_no_answer_are_refusals() {
    let (terminal, _) = answering(Approval::Deny);
    assert_eq!(code(&terminal, "echo risky").await, "APPROVAL_DENIED");
    assert!(terminal.list().is_empty());

    let silent = self::terminal();
    silent.on_approval(Duration::from_millis(1), |_| std::future::pending());
    assert_eq!(code(&silent, "echo risky").await, "APPROVAL_TIMEOUT");
    assert!(!silent.on_approval(LONG, |_| std::future::ready(Approval::Allow)), "who decides stays");
}

#[tokio::test]
async fn who_is_asked_is_told_what_would_run() {
    let terminal = terminal();
    let (send, mut told) = tokio::sync::mpsc::unbounded_channel();
    terminal.on_approval(LONG, move |verdict| {
        send.send(verdict).unwrap();
        std::future::ready(Approval::Deny)
    });
    terminal.execute("echo risky 'a b'").await.unwrap_err();
    let verdict = told.recv().await.unwrap();
    assert_eq!((verdict.allowed, verdict.code.as_str()), (false, "APPROVAL_REQUIRED"));
    assert_eq!(verdict.argv, ["echo", "risky", "a b"]);
    assert!(verdict.program.unwrap().ends_with("/echo") && verdict.cwd.is_some());
    assert_eq!(verdict.rule.unwrap().key, "commands.ask[0]");
}

#[tokio::test]
async fn a_cancelled_call_does_not_wait_for_an_answer() {
    let terminal = terminal();
    let token = CancellationToken::new();
    let cancel = token.clone();
    terminal.on_approval(LONG, move |_| {
        cancel.cancel();
        std::future::pending()
    });
    let error = terminal.command("echo risky").cancel(token).run().await.unwrap_err();
    assert!(matches!(error, Error::Aborted { output: None }), "{error:?}");
}

#[tokio::test]
async fn a_host_that_has_asked_marks_the_call() {
    let output = terminal().command("echo risky a").approved().run().await.unwrap();
    assert_eq!(output.stdout_text(), "risky a\n");
    let error = terminal().command("echo risky never").approved().run().await.unwrap_err();
    assert_eq!(error.code(), "COMMAND_DENIED");
}

/// A terminal with two rules that ask, whose handler allows by rule, and the rules that it was told.
fn allowing_by_rule(config: serde_json::Value) -> (Terminal, Arc<Mutex<Vec<Option<String>>>>) {
    let terminal = Terminal::from_config(Config::from_json(config).unwrap()).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let rules = Arc::clone(&told);
    terminal.on_approval(LONG, move |verdict| {
        rules.lock().unwrap().push(verdict.rule.map(|rule| rule.key));
        std::future::ready(Approval::AllowRule)
    });
    (terminal, told)
}

#[tokio::test]
async fn an_answer_by_rule_holds_for_all_that_this_rule_asks_about_and_for_nothing_else() {
    let commands = json!({
        "allow": ["echo *", "env *"], "ask": ["echo risky *", "echo * --force"], "deny": ["echo risky never"],
    });
    let config = json!({ "workspaces": ["/tmp"], "profile": "agent", "commands": commands });
    let (terminal, told) = allowing_by_rule(config);
    let keys = || told.lock().unwrap().iter().flatten().cloned().collect::<Vec<_>>();
    assert_eq!(code(&terminal, "echo risky a").await, "risky a");
    assert_eq!(code(&terminal, "echo risky b").await, "risky b");
    assert_eq!(code(&terminal, "env echo risky c").await, "risky c");
    assert_eq!(keys(), ["commands.ask[0]"]);
    // Both rules ask, and one of them was answered.
    assert_eq!(code(&terminal, "echo risky --force").await, "risky --force");
    assert_eq!(keys(), ["commands.ask[0]", "commands.ask[1]"]);
    assert_eq!(code(&terminal, "echo x --force").await, "x --force");
    assert_eq!(keys().len(), 2);
    assert_eq!(code(&terminal, "echo risky never").await, "COMMAND_DENIED");
    assert_eq!(terminal.check("echo risky a").code.as_str(), "APPROVAL_REQUIRED", "a check asks nobody");
}

#[tokio::test]
async fn an_answer_by_rule_where_no_rule_asked_holds_for_the_same_argv() {
    let config = json!({ "workspaces": ["/tmp"], "commands": { "default": "ask" } });
    let (terminal, told) = allowing_by_rule(config);
    for line in ["echo a", "echo a", "echo b"] {
        code(&terminal, line).await;
    }
    assert_eq!(*told.lock().unwrap(), [None, None]);
}

#[tokio::test]
async fn a_host_that_has_asked_marks_the_call_for_one_rule() {
    let call = terminal().command("echo risky a");
    assert_eq!(call.clone().approved_for(["commands.ask[0]"]).check().code.as_str(), "ALLOWED");
    assert_eq!(call.approved_for(["commands.ask[1]"]).check().code.as_str(), "APPROVAL_REQUIRED");
}

#[test]
fn what_must_be_approved_and_is_refused_all_the_same_is_told_so() {
    let config = json!({
        "workspaces": ["/tmp"], "profile": "agent",
        "commands": { "allow": ["env *", "cat *"], "ask": ["env *"], "deny": ["rm *"] },
    });
    let terminal = Terminal::from_config(Config::from_json(config).unwrap()).unwrap();
    assert_eq!(terminal.check("env rm x").code.as_str(), "COMMAND_DENIED");
    assert_eq!(terminal.check("env cat /etc/x").code.as_str(), "PATH_OUTSIDE_WORKSPACE");
    assert_eq!(terminal.check("env cat x").code.as_str(), "APPROVAL_REQUIRED");
}

#[tokio::test]
async fn what_is_approved_needs_no_other_rule_and_no_file_of_that_name_rides_along() {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let copy = folder.path().join("echo");
    std::fs::copy("/bin/echo", &copy).unwrap();
    let config = json!({
        "workspaces": [folder.path()], "commands": { "ask": ["echo deploy *"], "deny": ["echo deploy never"] },
    });
    let (terminal, told) = allowing_by_rule(config);
    assert_eq!(code(&terminal, "echo deploy a").await, "deploy a");
    assert_eq!(terminal.command("echo deploy b").approved().check().rule.unwrap().key, "commands.ask[0]");
    assert_eq!(code(&terminal, "echo other").await, "COMMAND_NOT_ALLOWED");
    assert_eq!(code(&terminal, "echo deploy never").await, "COMMAND_DENIED");
    assert_eq!(code(&terminal, "./echo deploy a").await, "COMMAND_NOT_ALLOWED");
    assert_eq!(told.lock().unwrap().len(), 1);
}
