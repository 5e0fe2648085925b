//! Waiting for what a screen shows.

use std::time::Duration;

use vetty::regex::Regex;
use vetty::{Error, ForegroundState, Secret, Wait};

use crate::screen::{lines, sees};
use crate::stage::{PATIENCE, Stage};

const BASH: [&str; 3] = ["bash", "--norc", "--noprofile"];

#[tokio::test]
async fn a_prompt_that_stood_there_is_not_the_one_that_comes() {
    let stage = Stage::new();
    let bash = stage.open(BASH).await;
    sees(&bash, Wait::text("ready> ")).await;
    let prompt = Wait::text(Regex::new("^ready> $").expect("valid")).within(PATIENCE);
    for number in 1..=20 {
        let line = format!("sleep 0.0{}; echo answer $(({number} * 7))\n", number % 3);
        bash.send_until(&line, prompt.clone()).await.expect("a new prompt");
        let answer = format!("answer {}", number * 7);
        assert!(lines(&bash).contains(&answer), "{answer} in {:#?}", lines(&bash));
    }
    bash.send_until("clear\n", Wait::text("ready> ").within(PATIENCE)).await.expect("a new prompt");
    sees(&bash, Wait::gone("answer")).await;
}

#[tokio::test]
async fn a_cursor_that_has_not_moved_is_not_where_it_goes() {
    let stage = Stage::new();
    let session =
        stage.sh("stty -echo; printf '> '; read x; sleep 0.2; printf '\\nanswer\\n> '; sleep 1000").await;
    sees(&session, Wait::cursor(Some(0), Some(2))).await;
    session.send_until("\n", Wait::cursor(None, Some(2)).within(PATIENCE)).await.expect("a new prompt");
    assert_eq!(lines(&session), [">", "answer", ">"]);
}

#[tokio::test]
async fn what_scrolls_by_while_it_is_waited_for_is_found() {
    let stage = Stage::new();
    let bash = stage.open(BASH).await;
    sees(&bash, Wait::text("ready> ")).await;
    let line = "for i in $(seq 5000); do echo item $i; done; sleep 1000\n";
    let waited = bash.send_until(line, Wait::text("item 17").within(PATIENCE)).await.expect("it was there");
    let found = waited.found.expect("a match");
    assert_eq!(&found.bytes[..], b"item 17");
    assert!(waited.sequence > 0);
    sees(&bash, Wait::text("item 5000")).await;
}

#[tokio::test]
async fn python_answers_at_its_prompt() {
    let stage = Stage::new();
    let python = stage.open(["python3", "-E", "-q"]).await;
    sees(&python, Wait::text(">>> ")).await;
    let prompt = || Wait::text(">>> ").within(PATIENCE);
    python.send_until("6 * 7\n", prompt()).await.expect("a prompt");
    assert!(lines(&python).contains(&"42".to_owned()), "{:#?}", lines(&python));
    python
        .send_until("for n in range(3): print('n', n)\n\n", Wait::text("n 2").within(PATIENCE))
        .await
        .expect("it loops");
    python.press(["Ctrl+D"]).await.expect("typed");
    sees(&python, Wait::exit()).await;
}

#[tokio::test]
async fn a_timeout_tells_what_is_shown_and_who_has_the_terminal() {
    let stage = Stage::new();
    let session = stage.sh("stty -echo; printf 'Password: '; read x; exit 4").await;
    sees(&session, Wait::text("Password: ")).await;
    let late =
        session.wait(Wait::text("never").within(Duration::from_millis(50))).await.expect_err("too late");
    let Error::WaitTimeout { foreground, screen, .. } = late else { panic!("{late:?}") };
    assert_eq!((foreground.state, screen.as_deref()), (ForegroundState::Password, Some("Password:")));
    let exit = Wait::text("welcome").within(PATIENCE);
    let ended = session.send_secret_until(&Secret::from("hunter22\n"), exit).await.expect_err("it ends");
    let Error::SessionEnded { screen, .. } = ended else { panic!("{ended:?}") };
    assert_eq!(screen.as_deref(), Some("Password:"), "echo is off");
}

#[tokio::test]
async fn quiet_before_the_input_is_not_quiet_after_it() {
    let stage = Stage::new();
    let session = stage.sh("stty -echo; echo ready; read x; sleep 0.3; echo late; sleep 1000").await;
    sees(&session, Wait::text("ready")).await;
    sees(&session, Wait::settled(Duration::from_secs(2))).await;
    let quiet = Wait::settled(Duration::from_secs(2)).within(PATIENCE);
    session.send_until("\n", quiet).await.expect("it becomes quiet");
    assert_eq!(lines(&session), ["ready", "late"]);
}

#[tokio::test]
async fn a_picture_that_is_held_back_for_ever_is_looked_at_all_the_same() {
    let stage = Stage::new();
    let session = stage.sh("printf '\\033[?2026hhalf'; sleep 1000").await;
    sees(&session, Wait::text("half")).await;
}

#[tokio::test]
async fn many_small_writes_are_looked_at_together_and_the_last_is_seen() {
    let stage = Stage::new();
    let script = "import sys\nfor i in range(20000):\n sys.stdout.write('%d\\r' % i); sys.stdout.flush()\nprint('\\nover')\ninput()\n";
    let session = stage.open(["python3", "-E", "-c", script]).await;
    let waits = (0..8).map(|_| session.wait(Wait::text("over").within(PATIENCE)));
    for waited in futures_util::future::join_all(waits).await {
        waited.expect("all of them see it");
    }
    assert_eq!(lines(&session), ["19999", "over"]);
}

#[tokio::test]
async fn any_tells_which_and_all_need_all() {
    let stage = Stage::new();
    let session = stage.sh("echo one; read x; clear; echo two; sleep 1000").await;
    let first = sees(&session, Wait::any([Wait::text("two"), Wait::text("one")])).await;
    assert_eq!((first.index, first.found.expect("a match").at.map(|at| (at.row, at.col))), (1, Some((0, 0))));
    let both = Wait::all([Wait::gone("one"), Wait::text("two"), Wait::output("two")]).within(PATIENCE);
    session.send_until("\n", both).await.expect("both");
}
