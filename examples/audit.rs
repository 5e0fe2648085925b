//! An audit trail: what an agent's commands came to, in a file that shows each change to it.
//!
//! `cargo run --release --example audit`

use futures_util::StreamExt;
use serde_json::json;
use vetty::{AuditKind, Config, Terminal, verify_audit};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("audit.jsonl");
    let terminal = Terminal::from_config(Config::from_json(json!({
        "commands": { "allow": ["git *", "echo *"], "deny": ["git push"] },
        "audit": { "file": file, "redact": { "env": ["*TOKEN*", "*SECRET*", "*PASSWORD*"], "output": true } },
    }))?)?;
    let mut events = terminal.audit();
    let printed = tokio::spawn(async move {
        while let Some(event) = events.next().await {
            let what = match &event.what {
                AuditKind::Verdict { verdict } => format!("{} {}", verdict.code, verdict.argv.join(" ")),
                AuditKind::Exit { exit, .. } => exit.to_string(),
                _ => String::new(),
            };
            let id = event.id.as_deref().unwrap_or_default();
            println!("{:>3} {:<12} {id} {what}", event.sequence, event.what.as_str());
        }
    });

    terminal.execute("git --version").await?;
    assert!(terminal.execute("git push --force").await.is_err());
    let output = terminal.execute(["echo", "https://me:hunter2@example.org"]).await?;
    assert_eq!(output.stdout_text(), "https://me:[redacted]@example.org\n");

    // The head is what you keep elsewhere: without it, nobody sees that the end of the file was cut off.
    let head = terminal.audit_head().expect("there is a trail");
    terminal.close().await;
    printed.await?;
    assert!(verify_audit(&file, Some(&head))?.is_ok());

    let changed = std::fs::read_to_string(&file)?.replace("COMMAND_DENIED", "ALLOWED");
    std::fs::write(&file, changed)?;
    let report = verify_audit(&file, Some(&head))?;
    println!("{:?} at line {:?}", report.problem, report.broken_at);
    assert!(!report.is_ok());
    Ok(())
}
