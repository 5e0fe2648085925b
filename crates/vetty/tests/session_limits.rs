//! What the configuration bounds of a session: its size, its life, its silence; and what its environment says.
#![cfg(target_os = "linux")]

use std::ffi::OsString;
use std::time::Duration;

use futures_util::StreamExt;
use vetty::{Config, EndReason, Error, Exit, Limit, Session, Signal, Size, Terminal, Wait};

fn terminal(sessions: serde_json::Value) -> Terminal {
    let config = serde_json::json!({
        "workspaces": ["/tmp"], "commands": { "allow": [], "strictArgs": false },
        "env": { "allow": ["PATH", "LANG", "LC_*", "TERM", "COLORTERM", "COLUMNS", "LINES", "TERM_PROGRAM"] },
        "sessions": sessions,
    });
    Terminal::from_config(Config::from_json(config).expect("valid")).expect("a valid policy")
}

async fn sh(terminal: &Terminal, script: &str) -> Session {
    terminal.command(["sh", "-c", script]).open().await.expect("it opens")
}

fn size(cols: u32, rows: u32) -> Size {
    Size::new(cols, rows).expect("a size")
}

#[tokio::test]
async fn no_terminal_exceeds_the_largest_size() {
    let terminal = terminal(serde_json::json!({ "maxSize": { "cols": 200, "rows": 50 } }));
    let command = terminal.command(["cat"]).size(size(201, 50));
    let Err(Error::SizeTooLarge { size: asked, most }) = command.open().await else {
        panic!("it is too wide")
    };
    assert_eq!((asked, most.cols, most.rows), (size(201, 50), 200, 50));
    // The turn was given back, and nothing runs.
    assert!(terminal.list().is_empty());
    let session = terminal.command(["cat"]).size(size(200, 50)).open().await.expect("it fits");
    let error = session.resize(size(200, 51)).await.expect_err("it is too high");
    assert_eq!(error.code(), "INVALID_OPTION");
    assert_eq!(
        error.to_string(),
        "Terminal size: expected at most 200 x 50 (sessions.maxSize), got 200 x 51"
    );
    assert_eq!(session.size(), size(200, 50));
    session.resize(size(1, 1)).await.expect("it fits");
}

#[tokio::test]
async fn a_lifetime_ends_a_session_and_says_so() {
    let session =
        sh(&terminal(serde_json::json!({ "lifetime": 100 })), "while :; do echo busy; sleep 0.01; done")
            .await;
    session.wait(Wait::exit().within(Duration::from_secs(20))).await.expect("it ends");
    let output = session.handle().output().expect("it has ended");
    assert_eq!((output.reason, output.limit), (EndReason::Limit, Some(Limit::Lifetime)));
    assert_eq!(output.exit, Exit::Signaled { signal: Signal::TERM, core_dumped: false });
}

#[tokio::test]
async fn a_session_that_nobody_touches_is_ended_and_one_that_is_used_is_not() {
    let terminal = terminal(serde_json::json!({ "idle": 400 }));
    let forgotten = sh(&terminal, "sleep 1000").await;
    let writes = sh(&terminal, "while :; do echo busy; sleep 0.02; done").await;
    let typed = sh(&terminal, "stty raw -echo; exec cat >/dev/null").await;
    // All three begin at about the same time: when the first is ended for its silence, twice over, the others live.
    let mut output = writes.reader().expect("nobody else reads");
    let begin = std::time::Instant::now();
    while begin.elapsed() < Duration::from_millis(1200) {
        typed.write("x").await.expect("typed");
        output.next().await.expect("it writes");
    }
    let ended = forgotten.handle().output().expect("it has ended");
    assert_eq!((ended.reason, ended.limit), (EndReason::Limit, Some(Limit::Idle)));
    assert!(writes.handle().exit().is_none() && typed.handle().exit().is_none());
}

#[tokio::test]
async fn the_environment_has_a_locale_of_utf8_unless_the_host_names_one() {
    let terminal = terminal(serde_json::json!({}));
    let path = (OsString::from("PATH"), OsString::from("/usr/bin:/bin"));
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[], "LANG=C.UTF-8 charmap=UTF-8"),
        (&[("LANG", "")], "LANG=C.UTF-8 charmap=UTF-8"),
        (&[("LANG", "C")], "LANG=C charmap=ANSI_X3.4-1968"),
        (&[("LC_ALL", "C.UTF-8"), ("LANG", "C")], "LANG=C charmap=UTF-8"),
        (&[("LC_ALL", ""), ("LC_CTYPE", "C.UTF-8")], "LANG= charmap=UTF-8"),
    ];
    for (given, expected) in cases {
        let mut environment: Vec<_> = given.iter().map(|(name, value)| (name.into(), value.into())).collect();
        environment.push(path.clone());
        let command = terminal.command(["sh", "-c", "echo LANG=$LANG charmap=$(locale charmap)"]);
        let session = command.parent_env(environment).open().await.expect("it opens");
        let wait = Wait::output(format!("{expected}\r\n")).within(Duration::from_secs(20));
        session.wait(wait).await.unwrap_or_else(|error| panic!("{given:?}: {error}"));
    }
}

#[tokio::test]
async fn the_environment_says_what_the_terminal_is_and_never_another_ones_size() {
    let terminal = terminal(serde_json::json!({}));
    let outer = ["COLUMNS", "LINES", "TMUX", "STY"].map(|name| (OsString::from(name), OsString::from("7")));
    let own = [("TERM", "vt100"), ("PATH", "/usr/bin:/bin")];
    let own = own.map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let script = "echo $TERM $COLORTERM $TERM_PROGRAM ${TERM_PROGRAM_VERSION:+versioned} \
                  ${COLUMNS-none} ${LINES-none} ${TMUX-none} ${STY-none}.";
    let command = terminal.command(["sh", "-c", script]).parent_env([&outer[..], &own].concat());
    let session = command.open().await.expect("it opens");
    let expected = "vt100 truecolor vetty versioned none none none none.\r\n";
    session.wait(Wait::output(expected).within(Duration::from_secs(20))).await.expect("it says so");
}
