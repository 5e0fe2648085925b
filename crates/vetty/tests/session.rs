//! Programs on a pseudo-terminal, driven as a user would.
#![cfg(target_os = "linux")]

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use vetty::{Config, Error, Exit, Kill, Session, Signal, Size, Terminal, Wait, regex};

fn terminal() -> Terminal {
    with(serde_json::json!({}))
}

fn with(more: serde_json::Value) -> Terminal {
    let mut config = serde_json::json!({
        "workspaces": ["/tmp"], "commands": { "allow": ["sh *", "bash *", "cat", "python3 *", "sleep *"], "strictArgs": false },
    });
    config.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    Terminal::from_config(Config::from_json(config).expect("valid")).expect("a valid policy")
}

async fn sh(terminal: &Terminal, script: &str) -> Session {
    terminal.command(["sh", "-c", script]).open().await.expect("it opens")
}

async fn rest(session: &Session) -> String {
    let mut reader = session.reader().expect("nobody else reads");
    let mut bytes = Vec::new();
    let all = async {
        while let Some(chunk) = reader.next().await {
            bytes.extend_from_slice(&chunk);
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all).await.expect("it comes to its end");
    String::from_utf8(bytes).expect("UTF-8")
}

fn soon(wait: Wait) -> Wait {
    wait.within(Duration::from_secs(20))
}

#[tokio::test]
async fn a_shell_is_driven_by_waits() {
    let terminal = with(serde_json::json!({ "env": { "set": { "PS1": "ready> " } } }));
    let session = terminal.command("sh").open().await.expect("it opens");
    session.wait(soon(Wait::output("ready> "))).await.expect("a prompt");
    session.send("echo $((6 * 7))\n").await.expect("typed");
    session.wait(soon(Wait::output("\r\n42\r\n"))).await.expect("the answer");
    session.wait(soon(Wait::output("ready> "))).await.expect("the next prompt");
    session.send("exit 3\n").await.expect("typed");
    assert_eq!(session.exited().await, Exit::Exited(3));
    let late = session.send("more").await.expect_err("it has ended");
    assert_eq!(late.code(), "CLOSED");
}

#[tokio::test]
async fn the_environment_says_what_the_terminal_is() {
    let session = sh(&terminal(), "echo $TERM $COLORTERM $TERM_PROGRAM $LANG; stty size").await;
    assert_eq!(rest(&session).await, "xterm-256color truecolor vetty C.UTF-8\r\n24 80\r\n");
    let command = terminal().command(["sh", "-c", "echo $TERM; stty size"]);
    let session = command.term("dumb").size(Size::new(100, 30).expect("a size")).open().await.expect("opens");
    assert_eq!(rest(&session).await, "dumb\r\n30 100\r\n");
}

#[tokio::test]
async fn the_policy_decides_and_its_timeout_is_for_commands() {
    let refused = terminal().command("top").open().await.expect_err("not allowed");
    assert_eq!(refused.code(), "COMMAND_NOT_ALLOWED");
    let session = sh(&with(serde_json::json!({ "timeout": 50 })), "sleep 0.4; echo late").await;
    assert_eq!(rest(&session).await, "late\r\n");
    let session = sh(&with(serde_json::json!({ "sessions": { "lifetime": 100 } })), "sleep 60").await;
    assert!(matches!(session.exited().await, Exit::Signaled { .. }));
}

#[tokio::test]
async fn a_wait_tells_what_it_found_or_that_it_cannot_come() {
    let session = sh(&terminal(), "echo took 12 ms; sleep 0.3; exit 4").await;
    let regex = regex::bytes::Regex::new(r"took (\d+)").expect("valid");
    let waited =
        session.wait(soon(Wait::any([Wait::output("never"), Wait::regex(regex)]))).await.expect("there");
    let found = waited.found.expect("a match");
    assert_eq!((waited.index, &found.bytes[..], found.offset), (1, &b"took 12"[..], 0));
    assert_eq!(found.groups[0].as_deref(), Some(&b"12"[..]));
    let late =
        session.wait(Wait::output("never").within(Duration::from_millis(20))).await.expect_err("too soon");
    assert_eq!((late.code().as_str(), matches!(late, Error::WaitTimeout { .. })), ("TIMEOUT", true));
    let ended = session.wait(soon(Wait::output("never"))).await.expect_err("it ends first");
    assert!(matches!(ended, Error::SessionEnded { exit: Exit::Exited(4), .. }), "{ended:?}");
    assert_eq!(session.wait(Wait::exit()).await.expect("true already").exit, Some(Exit::Exited(4)));
}

#[tokio::test]
async fn an_idle_wait_ends_when_nothing_came_for_so_long() {
    let session = sh(&terminal(), "for i in 1 2 3 4 5; do echo $i; sleep 0.1; done; sleep 60").await;
    session.wait(soon(Wait::idle(Duration::from_millis(400)))).await.expect("it falls silent");
    let both = Wait::all([Wait::output("5"), Wait::idle(Duration::from_millis(400))]);
    session.wait(soon(both)).await.expect("both are true");
    session.kill(Kill::default()).await;
}

#[tokio::test]
async fn a_paste_is_bracketed_where_the_program_asked() {
    let script = "printf 'ready\\033[?2004h'; stty raw -echo; dd bs=1 count=15 2>/dev/null | od -An -c";
    let session = sh(&terminal(), script).await;
    session.wait(soon(Wait::output("\x1b[?2004h"))).await.expect("it asks");
    while session.line_mode().expect("it lives").echo {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    session.paste("a\nb\x1b[201~").await.expect("pasted");
    let text = rest(&session).await;
    let text: String = text.split_whitespace().collect();
    assert!(text.contains("033[200~a\\rb033[201~"), "{text}");
}

#[tokio::test]
async fn without_a_reader_and_a_screen_a_mebibyte_is_held_and_the_program_waits() {
    let script = "stty -opost; head -c 3000000 /dev/zero; echo end";
    let session = terminal().command(["sh", "-c", script]).screen(false).open().await.expect("it opens");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(session.handle().exit().is_none());
    assert_eq!(rest(&session).await.len(), 3_000_004);
    assert_eq!(session.lost(), 0);
}

#[tokio::test]
async fn a_wait_drives_the_program_and_the_newest_is_held() {
    let session = sh(&terminal(), "stty -opost; head -c 3000000 /dev/zero; echo end; sleep 60").await;
    session.wait(soon(Wait::output("end"))).await.expect("it comes");
    // The line feed behind the word may be on its way.
    assert!((1_951_425..=1_951_428).contains(&session.lost()), "{}", session.lost());
    let mut reader = session.reader().expect("nobody else reads");
    assert!(matches!(session.reader(), Err(Error::Locked)));
    let mut held = 0;
    while held as u64 + session.lost() < 3_000_004 {
        held += reader.next().await.expect("there").len();
    }
    drop(reader);
    session.reader().expect("it was given back");
}

#[tokio::test]
async fn a_program_that_never_reads_stops_nobody() {
    let session = sh(&terminal(), "stty raw -echo; echo ready; sleep 60").await;
    session.wait(soon(Wait::output("ready"))).await.expect("it begins");
    let megabyte = vec![b'x'; 1 << 20];
    let write = tokio::time::timeout(Duration::from_millis(200), session.write(&megabyte)).await;
    assert!(write.is_err());
    let (full, _) = tokio::join!(
        async {
            let waiting = session.write(vec![b'y'; 6 << 20]);
            let refused = async {
                tokio::task::yield_now().await;
                session.write(vec![b'z'; 6 << 20]).await
            };
            tokio::select! {
                _ = waiting => unreachable!("nobody reads"),
                refused = refused => refused,
            }
        },
        tokio::task::yield_now(),
    );
    assert_eq!(full.expect_err("too much waits").code(), "INPUT_FULL");
    let before = Instant::now();
    let waiting = session.write(&megabyte);
    let (written, exit) =
        tokio::join!(waiting, session.kill(Kill { signal: Some(Signal::KILL), grace: None }));
    assert_eq!(written.expect_err("it has ended").code(), "CLOSED");
    assert_eq!(exit, Exit::Signaled { signal: Signal::KILL, core_dumped: false });
    assert!(before.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn closing_hangs_up_and_dropping_kills() {
    let session =
        sh(&terminal(), "trap 'echo hung up; exit 5' HUP; echo ready; while :; do sleep 0.02; done").await;
    session.wait(soon(Wait::output("ready"))).await.expect("it begins");
    assert_eq!(session.close().await, Exit::Exited(5));
    let session = sh(&terminal(), "trap '' HUP TERM; echo ready; while :; do sleep 0.02; done").await;
    session.wait(soon(Wait::output("ready"))).await.expect("it begins");
    let handle = session.handle();
    drop(session);
    assert!(matches!(handle.wait().await.exit, Exit::Signaled { signal: Signal::KILL, .. }));
}

#[tokio::test]
async fn a_new_size_is_seen_and_told() {
    let session =
        sh(&terminal(), "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.02; done").await;
    session.wait(soon(Wait::output("ready"))).await.expect("it begins");
    let size = Size::new(132, 43).expect("a size");
    session.resize(size).await.expect("resized");
    assert_eq!(session.size(), size);
    session.wait(soon(Wait::output("43 132"))).await.expect("the program sees it");
}

#[tokio::test]
async fn sessions_are_counted_and_hold_no_descriptor_after_their_end() {
    let terminal = with(serde_json::json!({ "sessions": { "max": 2 } }));
    let first = sh(&terminal, "true").await;
    let second = sh(&terminal, "sleep 60").await;
    first.exited().await;
    let third = loop {
        match terminal.command("sleep 60").open().await {
            Err(Error::TooManySessions { .. }) => tokio::time::sleep(Duration::from_millis(5)).await,
            opened => break opened.expect("it opens"),
        }
    };
    let many = terminal.command("cat").open().await.expect_err("two are open");
    assert_eq!(many.to_string(), "Too many sessions: 2 are open; close some of them, or raise sessions.max");
    assert!(first.line_mode().is_none(), "the terminal of a session that has ended is closed");
    terminal.close().await;
    for session in [second, third] {
        assert!(matches!(session.exited().await, Exit::Signaled { .. }));
    }
}

#[tokio::test]
async fn a_background_child_on_the_terminal_does_not_hold_up_the_end() {
    let session =
        sh(&terminal(), "setsid sh -c 'sleep 0.05; echo from behind; sleep 60' & sleep 0.2; echo bye").await;
    assert!(rest(&session).await.contains("bye"));
    assert_eq!(session.exited().await, Exit::Exited(0));
}

#[tokio::test]
async fn a_python_session_is_driven_to_its_end() {
    let session = terminal().command("python3 -q -i").open().await.expect("it opens");
    session.wait(soon(Wait::output(">>> "))).await.expect("a prompt");
    session
        .send_until("print('sum', sum(range(10)))\n", soon(Wait::output("sum 45")))
        .await
        .expect("computed");
    session.send("exit(7)\n").await.expect("typed");
    assert_eq!(session.exited().await, Exit::Exited(7));
}
