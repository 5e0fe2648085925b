//! What must be approved runs if somebody approves it, and only then.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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
