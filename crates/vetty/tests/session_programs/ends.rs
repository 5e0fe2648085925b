//! How programs end, and how they do not begin.

use std::os::unix::fs::PermissionsExt;

use vetty::{Exit, Kill, KillScope, Signal};

use crate::stage::{
    Stage, becomes, code_of, end, in_foreground, is_alive, kill_stranger, residents, rest, text, until,
};

/// Those whose default does not end a process: CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG, WINCH; and two that glibc keeps.
fn ends_a_process(signal: i32) -> bool {
    ![17, 18, 19, 20, 21, 22, 23, 28, 32, 33].contains(&signal)
}

#[tokio::test]
async fn each_signal_that_ends_a_program_is_told_and_its_last_words_are_heard() {
    let stage = Stage::new();
    for signal in (1..=64).filter(|signal| ends_a_process(*signal)) {
        let script = format!("echo last words; kill -{signal} $$; sleep 1000");
        // dash knows no real-time signals, and bash always ignores SIGQUIT.
        let shell = if signal == 3 { "sh" } else { "bash" };
        let session = stage.open([shell, "-c", &script]).await;
        let words = text(&session).await;
        assert!(words.starts_with("last words\r\n"), "{signal}: {words:?}");
        let exit = Exit::Signaled { signal: Signal::from_raw(signal), core_dumped: false };
        assert_eq!(end(&session).await, exit);
    }
}

#[tokio::test]
async fn each_signal_from_outside_ends_the_program_alone() {
    let stage = Stage::new();
    for signal in (1..=64).filter(|signal| ends_a_process(*signal)) {
        let session = stage.open(["sleep", "1000"]).await;
        assert!(session.signal(Signal::from_raw(signal)));
        let exit = Exit::Signaled { signal: Signal::from_raw(signal), core_dumped: false };
        assert_eq!(end(&session).await, exit);
        assert!(!session.signal(Signal::TERM), "it has ended");
    }
}

#[tokio::test]
async fn a_stopped_program_is_no_end_and_goes_on() {
    let stage = Stage::new();
    let session = stage.sh("echo ready; read -r line; echo got $line").await;
    until(&session, "ready").await;
    assert!(session.signal(Signal::STOP));
    session.send("x\n").await.expect("the terminal takes it");
    assert!(session.handle().exit().is_none());
    assert!(session.signal(Signal::CONT));
    until(&session, "got x\r\n").await;
    assert_eq!(end(&session).await, Exit::Exited(0));
}

#[tokio::test]
async fn a_stopped_program_is_ended_by_a_kill() {
    let stage = Stage::new();
    let session = stage.sh("trap 'exit 9' TERM; echo ready; while :; do sleep 0.02; done").await;
    until(&session, "ready").await;
    assert!(session.signal(Signal::STOP));
    assert_eq!(session.kill(Kill::default()).await, Exit::Exited(9));
}

#[tokio::test]
async fn every_exit_code_is_told() {
    let stage = Stage::new();
    for code in [0, 1, 2, 126, 127, 128, 137, 255] {
        let session = stage.sh(&format!("exit {code}")).await;
        assert_eq!(end(&session).await, Exit::Exited(code));
    }
}

#[tokio::test]
async fn what_cannot_be_executed_says_why_and_opens_nothing() {
    let stage = Stage::new();
    let program = |name: &str, content: &str| {
        let path = stage.write(name, content);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("an own file");
        path.to_string_lossy().into_owned()
    };
    let no_format = program("no-format", "neither a script nor a binary\n");
    let no_interpreter = program("no-interpreter", "#!/nowhere/at/all\n");
    assert_eq!(code_of(stage.terminal.command([no_format])).await, "ENOEXEC");
    assert_eq!(code_of(stage.terminal.command([no_interpreter])).await, "ENOENT");
    assert_eq!(code_of(stage.terminal.command(["no-such-program"])).await, "PROGRAM_NOT_FOUND");
    assert_eq!(code_of(stage.terminal.command(["sh"]).cwd("absent")).await, "CWD_NOT_FOUND");
    assert!(residents(&stage.directory()).is_empty());
    // The turns were given back: as many as sessions.max allows can be open.
    let full = Stage::with(serde_json::json!({ "sessions": { "max": 1 } }));
    assert_eq!(code_of(full.terminal.command(["no-such-program"])).await, "PROGRAM_NOT_FOUND");
    let session = full.sh("echo fine").await;
    assert_eq!(text(&session).await, "fine\r\n");
}

#[tokio::test]
async fn a_child_in_the_background_that_keeps_the_terminal_holds_up_nobody() {
    let stage = Stage::new();
    let session = stage.open(["bash", "-c", "trap '' HUP; sleep 1000 & echo $!; echo bye"]).await;
    let seen = text(&session).await;
    assert!(seen.ends_with("bye\r\n"), "{seen:?}");
    assert_eq!(end(&session).await, Exit::Exited(0));
    let pid: i32 = seen.lines().next().expect("a number").trim().parse().expect("a number");
    becomes("the end of what was left behind", || !is_alive(pid)).await;
    assert_eq!(session.handle().output().expect("it has ended").survivors, 1);
}

#[tokio::test]
async fn a_child_that_may_stay_stays_and_writes_to_nobody() {
    let stage = Stage::new();
    let script = "trap '' HUP; (while :; do echo still here || exit 0; sleep 0.02; done) & echo $!; echo bye";
    let session = stage.terminal.command(["bash", "-c", script]).leave(true).open().await.expect("it opens");
    let seen = text(&session).await;
    assert!(seen.contains("bye\r\n"), "{seen:?}");
    assert_eq!(end(&session).await, Exit::Exited(0));
    let pid: i32 = seen.split_whitespace().find_map(|word| word.parse().ok()).expect("a number");
    // The terminal was hung up: its next write fails, and that is its own end.
    becomes("its own end", || !is_alive(pid)).await;
}

#[tokio::test]
async fn a_daemon_is_reached_where_there_are_control_groups() {
    let stage = Stage::new();
    let session = stage.sh("setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo ready; sleep 1000").await;
    until(&session, "ready").await;
    let directory = stage.directory();
    becomes("both sleep", || residents(&directory).len() >= 2).await;
    session.kill(Kill::default()).await;
    if session.handle().kill_scope() == KillScope::Cgroup {
        becomes("nobody", || residents(&directory).is_empty()).await;
    } else {
        println!("skipped: no control group here, see the guide on how far a kill reaches");
        for pid in residents(&directory) {
            kill_stranger(pid);
        }
    }
}

#[tokio::test]
async fn a_terminal_that_is_closed_and_opened_again_loses_nothing() {
    let stage = Stage::new();
    let script = "stty -opost; head -c 5000 /dev/zero; exec </dev/null >/dev/null 2>&1; sleep 0.05; \
                  exec >/dev/tty; head -c 20480 /dev/zero";
    for _ in 0..20 {
        let session = stage.sh(script).await;
        assert_eq!(rest(&session).await.len(), 25_480);
        assert_eq!(end(&session).await, Exit::Exited(0));
    }
}

#[tokio::test]
async fn a_closed_session_hangs_up_the_foreground_of_a_shell() {
    let stage = Stage::new();
    let session = stage.open(["bash", "--norc", "--noprofile", "-i"]).await;
    until(&session, "ready> ").await;
    session.send("sleep 1000\n").await.expect("typed");
    in_foreground(&session, "sleep").await;
    let directory = stage.directory();
    let exit = session.close().await;
    assert_eq!(exit, Exit::Signaled { signal: Signal::HUP, core_dumped: false });
    becomes("nobody", || residents(&directory).is_empty()).await;
}
