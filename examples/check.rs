//! Verdicts: what a policy says of a command, and why, without starting anything.
//!
//! `cargo run --release --example check`, or with a command line of your own behind `--`

use vetty::{Policy, Terminal};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let policy = Policy::builder().allow("git *").allow("cargo test *").deny("git push").build()?;
    let terminal = Terminal::new(policy);

    let given = std::env::args().skip(1).collect::<Vec<_>>();
    if !given.is_empty() {
        // An argv is taken as it is; nothing is parsed.
        println!("{}", serde_json::to_string_pretty(&terminal.check(given))?);
        return Ok(());
    }

    for (line, code) in [
        ("git status --short", "ALLOWED"),
        ("git push --force", "COMMAND_DENIED"),
        ("cargo build", "COMMAND_NOT_ALLOWED"),
        ("git log | head", "SHELL_METACHARACTER"),
        ("git add /etc/hostname", "PATH_OUTSIDE_WORKSPACE"),
        ("git commit -m \"unfinished", "MALFORMED_COMMAND"),
    ] {
        let verdict = terminal.check(line);
        println!("{:<28} {:<24} {}", line, verdict.code.as_str(), verdict.message);
        if let Some(rule) = &verdict.rule {
            println!("{:<28} decided by {} = {:?}", "", rule.key, rule.text);
        }
        if let Some(hint) = &verdict.hint {
            println!("{:<28} {hint}", "");
        }
        assert_eq!(verdict.code.as_str(), code);
    }
    Ok(())
}
