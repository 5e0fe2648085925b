//! Taps of a session: copies for those who listen, at their own speed.
#![cfg(target_os = "linux")]

use std::time::Duration;

use futures_util::StreamExt;
use vetty::{Config, Exit, Session, SessionTap, Terminal, Wait};

async fn sh(script: &str) -> Session {
    open(script, true).await
}

async fn open(script: &str, screen: bool) -> Session {
    let config =
        serde_json::json!({ "workspaces": ["/tmp"], "commands": { "allow": ["sh *"], "strictArgs": false } });
    let terminal = Terminal::from_config(Config::from_json(config).expect("valid")).expect("a valid policy");
    terminal.command(["sh", "-c", script]).screen(screen).open().await.expect("it opens")
}

/// What a tap hears until the end, and how much it missed.
async fn all(mut tap: SessionTap) -> (Vec<u8>, u64) {
    let (mut heard, mut lag) = (Vec::new(), 0);
    let until_the_end = async {
        while let Some(chunk) = tap.next().await {
            assert!(!chunk.data.is_empty());
            lag += chunk.lag;
            heard.extend_from_slice(&chunk.data);
        }
    };
    tokio::time::timeout(Duration::from_secs(20), until_the_end).await.expect("it comes to its end");
    (heard, lag)
}

fn soon(wait: Wait) -> Wait {
    wait.within(Duration::from_secs(20))
}

#[tokio::test]
async fn it_hears_all_that_a_reader_takes() {
    let session = sh("read -r line; echo one; sleep 0.05; echo two").await;
    let tap = session.tap(1 << 20, false);
    session.send("\n").await.expect("typed");
    let mut reader = session.reader().expect("nobody else reads");
    let read = async {
        let mut bytes = Vec::new();
        while let Some(chunk) = reader.next().await {
            bytes.extend_from_slice(&chunk);
        }
        bytes
    };
    let (read, (heard, lag)) = tokio::join!(read, all(tap));
    assert_eq!(String::from_utf8_lossy(&heard), "\r\none\r\ntwo\r\n");
    assert_eq!((heard, lag), (read, 0));
}

#[tokio::test]
async fn one_that_is_slow_loses_the_oldest_and_slows_nobody() {
    let session = sh("stty -opost; head -c 3000000 /dev/zero; echo end").await;
    let tap = session.tap(1000, false);
    // The wait lets the program go on; nobody reads, and the tap is not asked.
    session.wait(soon(Wait::output("end"))).await.expect("it is not slowed");
    assert_eq!(session.exited().await, Exit::Exited(0));
    let (heard, lag) = all(tap).await;
    assert_eq!((heard.len(), lag), (1000, 2_999_004));
    assert!(heard.ends_with(b"\0\0end\n"));
}

#[tokio::test]
async fn each_has_its_own_speed() {
    let session =
        sh("stty -opost; i=0; while [ $i -lt 200 ]; do head -c 5000 /dev/zero; i=$((i+1)); done").await;
    let (slow, quick) = (session.tap(10_000, false), session.tap(1 << 20, false));
    let ((heard, lag), exit) = tokio::join!(all(quick), session.wait(soon(Wait::exit())));
    exit.expect("it ends");
    assert_eq!((heard.len(), lag), (1_000_000, 0));
    assert_eq!(all(slow).await, (vec![0; 10_000], 990_000));
}

#[tokio::test]
async fn a_late_one_may_have_the_newest_of_what_has_been() {
    let session = sh("printf 0123456789; read -r line; printf more").await;
    session.wait(soon(Wait::output("9"))).await.expect("it writes");
    let (some, everything, nothing) =
        (session.tap(4, true), session.tap(1 << 20, true), session.tap(4, false));
    assert_eq!(all_at_once(some).await, (b"6789".to_vec(), 6));
    session.send("\n").await.expect("typed");
    let (heard, exit) = tokio::join!(all(everything), session.wait(soon(Wait::exit())));
    exit.expect("it ends");
    assert_eq!(heard, (b"0123456789\r\nmore".to_vec(), 0));
    assert_eq!(all(nothing).await, (b"more".to_vec(), 2));
    // After the end as well.
    assert_eq!(all(session.tap(6, true)).await, (b"\r\nmore".to_vec(), 10));
    assert_eq!(all(session.tap(6, false)).await, (Vec::new(), 0));
}

async fn all_at_once(mut tap: SessionTap) -> (Vec<u8>, u64) {
    let chunk = tap.next().await.expect("there");
    (chunk.data.to_vec(), chunk.lag)
}

#[tokio::test]
async fn it_lets_no_program_go_on_that_waits_for_a_reader() {
    let session = open("stty -opost; head -c 3000000 /dev/zero", false).await;
    let mut tap = session.tap(1 << 22, false);
    let mut heard = 0;
    while let Ok(Some(chunk)) = tokio::time::timeout(Duration::from_millis(300), tap.next()).await {
        heard += chunk.data.len();
    }
    assert!((1 << 20..2 << 20).contains(&heard), "{heard}");
    assert!(session.handle().exit().is_none());
}
