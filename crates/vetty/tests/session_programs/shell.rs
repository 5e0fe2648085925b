//! bash, as a person uses it: job control, keys that act on the foreground, line editing.

use vetty::{Exit, Kill, KillScope, Session, Signal, Wait, regex};

use crate::stage::{Stage, ask, becomes, end, in_foreground, is_alive, kill_stranger, until};

/// bash without anybody's settings, at its prompt.
async fn bash(stage: &Stage) -> Session {
    let session = stage.open(["bash", "--norc", "--noprofile", "-i"]).await;
    until(&session, "ready> ").await;
    session
}

#[tokio::test]
async fn control_c_ends_the_foreground_and_not_the_shell() {
    let stage = Stage::new();
    let bash = bash(&stage).await;
    bash.send("sleep 1000\n").await.expect("typed");
    in_foreground(&bash, "sleep").await;
    ask(&bash, "\x03", "ready> ").await;
    ask(&bash, "echo code $?\n", "\rcode 130\r\n").await;
    bash.send("exit 4\n").await.expect("typed");
    assert_eq!(end(&bash).await, Exit::Exited(4));
}

#[tokio::test]
async fn control_z_stops_the_foreground_and_fg_brings_it_back() {
    let stage = Stage::new();
    let bash = bash(&stage).await;
    bash.send("cat\n").await.expect("typed");
    in_foreground(&bash, "cat").await;
    ask(&bash, "\x1a", "Stopped").await;
    in_foreground(&bash, "bash").await;
    until(&bash, "ready> ").await;
    ask(&bash, "jobs\n", "Stopped").await;
    until(&bash, "ready> ").await;
    bash.send("fg\n").await.expect("typed");
    in_foreground(&bash, "cat").await;
    ask(&bash, "hello\n", "hello\r\nhello\r\n").await;
    ask(&bash, "\x04", "ready> ").await;
    ask(&bash, "echo code $?\n", "\rcode 0\r\n").await;
}

#[tokio::test]
async fn control_backslash_quits_the_foreground() {
    let stage = Stage::new();
    let bash = bash(&stage).await;
    bash.send("cat\n").await.expect("typed");
    in_foreground(&bash, "cat").await;
    ask(&bash, "\x1c", "ready> ").await;
    ask(&bash, "echo code $?\n", "\rcode 131\r\n").await;
}

#[tokio::test]
async fn a_job_in_the_background_runs_on_and_writes_between_prompts() {
    let stage = Stage::new();
    let bash = bash(&stage).await;
    let fifo = stage.path("fifo");
    ask(&bash, "mkfifo fifo; (read -r line <fifo; echo from behind: $line) &\n", "ready> ").await;
    ask(&bash, "echo in front\n", "\rin front\r\n").await;
    tokio::task::spawn_blocking(move || std::fs::write(fifo, "go\n"))
        .await
        .expect("no panic")
        .expect("a fifo");
    until(&bash, "from behind: go\r\n").await;
}

#[tokio::test]
async fn control_d_on_an_empty_line_ends_the_shell() {
    let stage = Stage::new();
    let bash = bash(&stage).await;
    ask(&bash, "false\n", "ready> ").await;
    ask(&bash, "\x04", "exit").await;
    assert_eq!(end(&bash).await, Exit::Exited(1));
}

#[tokio::test]
async fn a_line_is_edited_in_whole_characters_by_the_shell() {
    let stage = Stage::new();
    let bash = bash(&stage).await;
    // Two are rubbed out, one of three bytes and one of four; the cursor goes left over one of two bytes.
    bash.send("printf %s 'aé漢😀\x7f\x7f\x1b[Db\x1b[C' >line\n").await.expect("typed");
    until(&bash, ">line").await;
    until(&bash, "ready> ").await;
    assert_eq!(String::from_utf8(stage.read("line")).expect("UTF-8"), "abé");
}

#[tokio::test]
async fn a_line_is_edited_in_whole_characters_by_the_terminal() {
    let stage = Stage::new();
    let session = stage.sh("echo ready; read -r line; printf %s \"$line\" >line").await;
    until(&session, "ready").await;
    session.send("aé漢😀\x7f\x7fb\x17c é\x7f\n").await.expect("typed");
    assert_eq!(end(&session).await, Exit::Exited(0));
    // ^W rubs out the word before it, of which é is a part.
    assert_eq!(String::from_utf8(stage.read("line")).expect("UTF-8"), "c");
}

#[tokio::test]
async fn the_history_and_completion_of_a_shell_answer_to_keys() {
    let stage = Stage::new();
    stage.write("a-name-that-nobody-types", "found\n");
    let bash = bash(&stage).await;
    ask(&bash, "cat a-name-t\t\n", "\rfound\r\n").await;
    ask(&bash, "\x1b[A\n", "\rfound\r\n").await;
}

#[tokio::test]
async fn a_paste_of_several_lines_waits_for_enter() {
    let stage = Stage::new();
    let bash = bash(&stage).await;
    // bash asks for bracketed paste before each prompt; it shows what was pasted and runs none of it.
    bash.paste("touch first\ntouch second").await.expect("pasted");
    until(&bash, "touch second").await;
    assert!(!stage.path("first").exists());
    bash.send("\n").await.expect("typed");
    becomes("both", || stage.path("first").exists() && stage.path("second").exists()).await;
}

#[tokio::test]
async fn a_kill_reaches_the_jobs_of_a_shell() {
    let stage = Stage::new();
    let bash = bash(&stage).await;
    ask(&bash, "sleep 1000 & echo job $!.\n", "\r\njob ").await;
    let number = number_in_output(&bash).await;
    assert!(is_alive(number));
    let scope = bash.handle().kill_scope();
    let exit = bash.kill(Kill { signal: Some(Signal::KILL), grace: None }).await;
    assert_eq!(exit, Exit::Signaled { signal: Signal::KILL, core_dumped: false });
    // Job control gives each job a group of its own: only a control group holds them all.
    if scope == KillScope::Cgroup {
        becomes("the job's end", || !is_alive(number)).await;
    } else {
        println!("skipped: no control group here, see the guide on how far a kill reaches");
        kill_stranger(number);
    }
}

async fn number_in_output(session: &Session) -> i32 {
    let number = regex::bytes::Regex::new(r"(\d+)\.").expect("valid");
    let found = session.wait(Wait::regex(number)).await.expect("a number").found.expect("a match");
    let digits = found.groups[0].as_deref().expect("the group took part");
    String::from_utf8_lossy(digits).parse().expect("digits")
}
