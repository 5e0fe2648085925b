//! Programs that take the whole screen: editors, a pager, a monitor.

use vetty::{Exit, Session};

use crate::stage::{Stage, ask, cells, end, opened, resized, until};

const ENTERS: &str = "\x1b[?1049h";
const LEAVES: &str = "\x1b[?1049l";

async fn full_screen(stage: &Stage, argv: &[&str]) -> Session {
    let session = opened(stage.terminal.command(argv.to_vec()).size(cells(100, 30))).await;
    until(&session, ENTERS).await;
    session
}

#[tokio::test]
async fn vim_edits_a_file_and_gives_the_screen_back() {
    let stage = Stage::new();
    stage.write("text", "second\n");
    let vim = full_screen(&stage, &["vim", "-N", "-u", "NONE", "-i", "NONE", "-n", "text"]).await;
    until(&vim, "second").await;
    vim.send("Ofirst: é漢\x1b").await.expect("typed");
    until(&vim, "first: é").await;
    ask(&vim, ":w\n", "written").await;
    resized(&vim, 132, 43).await;
    // Keys that come while it draws are lost, by vim as by less: a person types at the new screen.
    until(&vim, "\x1b[42;1H~").await;
    until(&vim, "\x1b[?25h").await;
    ask(&vim, ":echo 'size' &columns &lines\n", "size 132 43").await;
    ask(&vim, ":q\n", LEAVES).await;
    assert_eq!(end(&vim).await, Exit::Exited(0));
    assert_eq!(String::from_utf8(stage.read("text")).expect("UTF-8"), "first: é漢\nsecond\n");
}

#[tokio::test]
async fn vim_runs_a_command_in_between() {
    let stage = Stage::new();
    let vim = full_screen(&stage, &["vim", "-N", "-u", "NONE", "-i", "NONE", "-n"]).await;
    ask(&vim, ":!tty; stty size\n", "/dev/pts/").await;
    until(&vim, "30 100").await;
    ask(&vim, "\n:cq 3\n", LEAVES).await;
    assert_eq!(end(&vim).await, Exit::Exited(3));
}

#[tokio::test]
async fn nano_edits_a_file_and_gives_the_screen_back() {
    let stage = Stage::new();
    let nano = full_screen(&stage, &["nano", "--ignorercfiles", "--nonewlines", "text"]).await;
    until(&nano, "GNU nano").await;
    nano.send("grüße 漢\nzwei").await.expect("typed");
    until(&nano, "zwei").await;
    resized(&nano, 60, 20).await;
    until(&nano, "GNU nano").await;
    ask(&nano, "\x0f", "text").await;
    ask(&nano, "\n", "Wrote 2 lines").await;
    ask(&nano, "\x18", LEAVES).await;
    assert_eq!(end(&nano).await, Exit::Exited(0));
    assert_eq!(String::from_utf8(stage.read("text")).expect("UTF-8"), "grüße 漢\nzwei");
}

#[tokio::test]
async fn less_shows_searches_and_gives_the_screen_back() {
    let stage = Stage::new();
    let lines: String = (1..=1000).map(|number| format!("line {number} é漢\n")).collect();
    stage.write("lines", lines);
    let less = full_screen(&stage, &["less", "lines"]).await;
    until(&less, "line 29 é漢").await;
    ask(&less, " ", "line 58 é漢").await;
    ask(&less, "/line 500\n", "line 501 ").await;
    ask(&less, "G", "line 1000 é漢").await;
    until(&less, "(END)\x1b[27m\x1b[K").await;
    resized(&less, 80, 10).await;
    until(&less, "line 980 é漢\r\n:\x1b[K").await;
    ask(&less, "g", "line 9 é漢").await;
    ask(&less, "q", LEAVES).await;
    assert_eq!(end(&less).await, Exit::Exited(0));
}

#[tokio::test]
async fn top_draws_again_in_the_new_size_and_ends_with_q() {
    let stage = Stage::new();
    let top = opened(stage.terminal.command(["top", "-d", "60"]).size(cells(100, 30))).await;
    until(&top, "load average").await;
    until(&top, "PID").await;
    resized(&top, 132, 43).await;
    // It draws at once, not at its next minute.
    until(&top, "load average").await;
    // Threads in place of processes.
    ask(&top, "H", "Threads:").await;
    top.send("q").await.expect("typed");
    assert_eq!(end(&top).await, Exit::Exited(0));
    let mode = crate::stage::text(&top).await;
    assert!(mode.contains("load average"));
}
