//! What a session's terminal shows, of programs that take the whole of it.

use vetty::regex::Regex;
use vetty::screen::{Mouse, MouseAction, MouseButton, Position, Scope, TextOptions};
use vetty::{Error, Exit, Replies, Session, Wait};

use crate::stage::{PATIENCE, Stage, becomes, cells, end, opened};

/// Waits for what is shown.
#[track_caller]
pub fn sees(session: &Session, wait: Wait) -> impl Future<Output = vetty::Waited> {
    let caller = std::panic::Location::caller();
    async move {
        match session.wait(wait.within(PATIENCE)).await {
            Ok(waited) => waited,
            Err(error) => panic!("{caller}: {error}; the screen is\n{}", lines(session).join("\n")),
        }
    }
}

pub fn lines(session: &Session) -> Vec<String> {
    session.screen().expect("it has one").lines()
}

fn regex(text: &str) -> Regex {
    Regex::new(text).expect("valid")
}

#[tokio::test]
async fn vim_shows_its_text_and_takes_keys_by_name() {
    let stage = Stage::new();
    stage.write("text", "one\ntwo\nthree\n");
    let argv = ["vim", "-N", "-u", "NONE", "-i", "NONE", "-n", "text"];
    let vim = opened(stage.terminal.command(argv).size(cells(60, 12))).await;
    // The message comes first.
    sees(&vim, Wait::all([Wait::text("\"text\" 3L"), Wait::text(regex("^~$")), Wait::text("three")])).await;
    let screen = vim.screen().expect("it has one");
    assert!(screen.is_alternate());
    assert_eq!(screen.lines()[..4], ["one", "two", "three", "~"]);
    vim.press(["Down", "Down", "End"]).await.expect("typed");
    sees(&vim, Wait::cursor(Some(2), Some(4))).await;
    vim.press(["a", "!", "é", "漢"]).await.expect("typed");
    sees(&vim, Wait::text(regex("^three!é漢$"))).await;
    sees(&vim, Wait::cursor(Some(2), Some(9))).await;
    let found = screen.search("漢", Scope::Screen, 2);
    assert_eq!((found[0].at.col, found[0].end.col), (7, 9));
    vim.press(["Escape"]).await.expect("typed");
    sees(&vim, Wait::gone("-- INSERT --")).await;
    vim.send_until(":x\n", Wait::exit().within(PATIENCE)).await.expect("it ends");
    assert_eq!(end(&vim).await, Exit::Exited(0));
    assert!(!screen.is_alternate(), "it gave the screen back");
    assert_eq!(String::from_utf8(stage.read("text")).expect("UTF-8"), "one\ntwo\nthree!é漢\n");
}

#[tokio::test]
async fn less_pages_and_another_size_is_painted_anew() {
    let stage = Stage::new();
    let all: String = (1..=300).map(|number| format!("line {number} é漢\n")).collect();
    stage.write("lines", all);
    let less = opened(stage.terminal.command(["less", "lines"]).size(cells(40, 10))).await;
    sees(&less, Wait::text("line 9 é漢")).await;
    less.send_until("G", Wait::text("line 300").within(PATIENCE)).await.expect("the end");
    sees(&less, Wait::text("(END)")).await;
    assert_eq!(lines(&less)[0], "line 292 é漢");
    sees(&less, Wait::settled(std::time::Duration::from_millis(200))).await;
    less.resize(cells(60, 20)).await.expect("resized");
    assert_eq!(less.screen().expect("it has one").size().rows, 20);
    // Its prompt is in the last row again.
    sees(&less, Wait::cursor(Some(19), Some(5))).await;
    less.press(["Home"]).await.expect("typed");
    less.press(["q"]).await.expect("typed");
    assert_eq!(end(&less).await, Exit::Exited(0));
}

#[tokio::test]
async fn nano_takes_a_paste_and_saves_it() {
    let stage = Stage::new();
    let argv = ["nano", "--ignorercfiles", "--nonewlines", "text"];
    let nano = opened(stage.terminal.command(argv).size(cells(80, 20))).await;
    sees(&nano, Wait::text("GNU nano")).await;
    nano.paste("first\nsecond\x03\x1b[201~").await.expect("pasted");
    sees(&nano, Wait::all([Wait::text("first"), Wait::text("second")])).await;
    nano.press(["Ctrl+O"]).await.expect("typed");
    sees(&nano, Wait::text("File Name to Write: text")).await;
    nano.press(["Enter"]).await.expect("typed");
    sees(&nano, Wait::text(regex("Wrote 2 lines"))).await;
    nano.press(["Ctrl+X"]).await.expect("typed");
    assert_eq!(end(&nano).await, Exit::Exited(0));
    assert_eq!(stage.read("text"), b"first\nsecond");
}

#[tokio::test]
async fn top_shows_a_table() {
    let stage = Stage::new();
    let top = opened(stage.terminal.command(["top", "-d", "60"]).size(cells(100, 30))).await;
    sees(&top, Wait::text(regex(r"PID +USER"))).await;
    let found = sees(&top, Wait::text(regex(r"load average: ([\d.]+)"))).await.found.expect("a match");
    assert_eq!(found.at.map(|at| at.row), Some(0));
    assert!(found.groups[0].is_some());
    top.press(["q"]).await.expect("typed");
    assert_eq!(end(&top).await, Exit::Exited(0));
}

#[tokio::test]
async fn a_question_to_the_terminal_is_answered_in_front_of_what_is_typed_later() {
    let stage = Stage::new();
    // Both come before it reads: the answer was first.
    let script = "stty raw -echo; printf 'ask\\033[6n'; sleep 0.2; head -c 9 | od -An -c; sleep 1000";
    let session = stage.sh(script).await;
    sees(&session, Wait::text("ask")).await;
    session.write("abc").await.expect("typed");
    sees(&session, Wait::text(regex(r"033 +\[ +1 +; +4 +R +a +b +c"))).await;
}

#[tokio::test]
async fn what_is_switched_off_is_not_answered() {
    let stage = Stage::new();
    let script = "stty raw -echo; printf 'ask\\033[6n\\033[18t'; head -c 3 | od -An -c; sleep 1000";
    let command = stage.terminal.command(["sh", "-c", script]).replies(Replies::none());
    let session = opened(command).await;
    sees(&session, Wait::text("ask")).await;
    session.write("abc").await.expect("typed");
    sees(&session, Wait::text(regex(r"ask +a +b +c"))).await;
}

#[tokio::test]
async fn a_program_that_asks_and_never_reads_stops_nobody() {
    let stage = Stage::new();
    let script = "stty raw -echo; i=0; while [ $i -lt 20000 ]; do printf '\\033[6n\\033[c'; i=$((i+1)); done; \
                  printf done; sleep 1000";
    let session = stage.sh(script).await;
    sees(&session, Wait::text("done")).await;
    let resized = tokio::time::timeout(PATIENCE, session.resize(cells(100, 30))).await;
    resized.expect("it does not wait for the program").expect("resized");
    session.kill(vetty::Kill::default()).await;
}

#[tokio::test]
async fn a_screen_lets_the_output_flow_and_keeps_what_leaves_it() {
    let stage = Stage::new();
    let session = stage.sh("i=0; while [ $i -lt 3000 ]; do echo line $i of many; i=$((i+1)); done").await;
    assert_eq!(end(&session).await, Exit::Exited(0), "nobody reads");
    let screen = session.screen().expect("it has one");
    let all = screen.text(&TextOptions { scope: Scope::All, ..TextOptions::default() });
    assert_eq!(all.lines().count(), 3000);
    assert!(all.starts_with("line 0 of many\n"));
    let part =
        screen.text(&TextOptions { scope: Scope::All, max_bytes: Some(200), ..TextOptions::default() });
    assert!(part.len() <= 200 && part.contains("bytes omitted") && part.ends_with("line 2999 of many"));
    drop(session);
    assert_eq!(screen.lines()[0], "line 2977 of many");
}

#[tokio::test]
async fn history_is_bounded_by_the_policy() {
    let stage = Stage::with(serde_json::json!({ "sessions": { "history": { "lines": 50 } } }));
    let session = stage.sh("i=0; while [ $i -lt 1000 ]; do echo $i; i=$((i+1)); done").await;
    end(&session).await;
    assert_eq!(session.screen().expect("it has one").history_lines(), 50);
}

#[tokio::test]
async fn the_mouse_and_the_focus_are_told_to_those_who_asked() {
    let stage = Stage::new();
    let script = "stty raw -echo; printf '\\033[?1000h\\033[?1006h\\033[?1004hready'; \
                  head -c 26 | od -An -c -w26; sleep 1000";
    let session = stage.sh(script).await;
    let at = Position { row: 4, col: 9 };
    let event = Mouse {
        action: MouseAction::Click,
        button: Some(MouseButton::Left),
        at,
        modifiers: Default::default(),
    };
    sees(&session, Wait::text("ready")).await;
    session.mouse(&event).await.expect("typed");
    session.focus(true).await.expect("typed");
    session.write("123").await.expect("typed");
    let clicked = r"033 +\[ +< +0 +; +1 +0 +; +5 +M +033 +\[ +< +0 +; +1 +0 +; +5 +m +033 +\[ +I +1 *2 *3";
    sees(&session, Wait::text(regex(clicked))).await;
    let silent = stage.sh("echo ready; sleep 1000").await;
    sees(&silent, Wait::text("ready")).await;
    silent.mouse(&event).await.expect("nothing is typed");
    silent.focus(false).await.expect("nothing is typed");
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_and_nothing_is_typed() {
    let stage = Stage::new();
    let session = stage.open(["cat"]).await;
    let error = session.press(["a", "Hyper+X"]).await.expect_err("refused");
    assert!(matches!(error, Error::UnknownKey(_)), "{error:?}");
    assert!(error.to_string().starts_with("Unknown key: Hyper+X"), "{error}");
    session.send_until("b\n", Wait::text("b").within(PATIENCE)).await.expect("it echoes");
    assert!(!lines(&session).join("").contains('a'));
}

#[tokio::test]
async fn without_a_screen_nothing_is_looked_at_and_nothing_answered() {
    let stage = Stage::new();
    let script = "stty raw -echo; printf 'ask\\033[6n'; head -c 3; sleep 1000";
    let session = opened(stage.terminal.command(["sh", "-c", script]).screen(false)).await;
    session.wait(Wait::output("ask").within(PATIENCE)).await.expect("it asks");
    session.send_until("abc", Wait::output("abc").within(PATIENCE)).await.expect("no answer came before");
    assert!(matches!(session.screen(), Err(Error::NoScreen)));
    assert!(matches!(session.press(["Enter"]).await, Err(Error::NoScreen)));
    let error = session.wait(Wait::any([Wait::exit(), Wait::text("x")])).await.expect_err("no screen");
    assert_eq!(error.code(), "UNSUPPORTED");
}

#[tokio::test]
async fn a_reader_sees_the_same_bytes_as_the_screen() {
    let stage = Stage::new();
    let session = stage.sh("stty -opost; printf '\\033[1mbold\\033[m plain'").await;
    let bytes = crate::stage::rest(&session).await;
    assert_eq!(bytes, b"\x1b[1mbold\x1b[m plain");
    let screen = session.screen().expect("it has one");
    becomes("all is shown", || screen.lines() == ["bold plain"]).await;
    let cells = screen.cells(0..1);
    assert!(cells[0][0].bold && !cells[0][5].bold);
    let mut copy = vetty::screen::Screen::new(screen.size(), Default::default());
    copy.feed(&screen.to_vt(false));
    assert_eq!(copy.lines(), screen.lines());
}
