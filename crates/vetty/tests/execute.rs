//! What `execute` gives back, and what it leaves behind.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

#[path = "../../process/tests/behaviour/ladder/mod.rs"]
mod ladder;

use std::sync::Arc;
use std::time::Duration;

use vetty::{CancellationToken, Config, EndReason, Error, Exit, Limit, Output, Policy, Signal, Terminal};

fn terminal() -> Terminal {
    limited(serde_json::json!({}))
}

fn limited(json: serde_json::Value) -> Terminal {
    let mut whole =
        serde_json::json!({ "workspaces": ["/tmp"], "commands": { "allow": [], "strictArgs": false } });
    whole.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
    Terminal::from_config(Config::from_json(whole).unwrap()).unwrap()
}

fn sh(script: &str) -> Vec<String> {
    vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()]
}

/// Whether a process is alive: present and no zombie.
fn alive(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(") ").unwrap().1.starts_with(['Z', 'X']))
}

async fn until_gone(pid: i32) {
    while alive(pid) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The error of a call that a limit ended after the program had spoken: on a busy machine that takes a longer limit.
async fn ended_after_speaking(call: impl AsyncFn(u64) -> Result<Arc<Output>, Error>) -> Error {
    for milliseconds in (0..8).map(|doublings| 200 << doublings) {
        let error = call(milliseconds).await.unwrap_err();
        if error.output().is_some_and(|output| output.stdout_bytes > 0) {
            return error;
        }
    }
    panic!("it never spoke")
}

#[tokio::test]
async fn both_streams_and_the_code_come_back() {
    let output = terminal().execute(sh("printf out; printf err >&2; exit 3")).await.unwrap();
    assert_eq!((&output.stdout[..], &output.stderr[..]), (&b"out"[..], &b"err"[..]));
    assert_eq!((output.exit.clone(), output.reason), (Exit::Exited(3), EndReason::Exited));
    assert_eq!((output.stdout_bytes, output.stderr_bytes, output.truncated()), (3, 3, false));
    assert!(output.id.starts_with("term_") && output.id.len() == 37, "{}", output.id);
}

#[tokio::test]
async fn a_signal_is_no_exit_code() {
    let output = terminal().execute(sh("kill -USR1 $$")).await.unwrap();
    assert_eq!(output.signal(), Some(Signal::USR1));
    assert_eq!((output.code(), output.reason), (None, EndReason::Signaled));
}

#[tokio::test]
async fn input_is_read_to_its_end() {
    let input = vec![b'x'; 3 << 20];
    let output = terminal().command("wc -c").input(input).run().await.unwrap();
    assert_eq!(output.stdout_text().trim(), "3145728");
}

#[tokio::test]
async fn without_input_stdin_is_at_its_end() {
    assert_eq!(terminal().execute("wc -c").await.unwrap().stdout_text().trim(), "0");
}

#[tokio::test]
async fn a_child_that_never_reads_its_input_is_no_problem() {
    let output = terminal().command("true").input(vec![0u8; 8 << 20]).run().await.unwrap();
    assert_eq!(output.exit, Exit::Exited(0));
}

#[tokio::test]
async fn gigabytes_fit_into_the_capture() {
    let output = terminal().execute(sh("head -c 300000000 /dev/zero; echo end")).await.unwrap();
    assert_eq!(output.stdout_bytes, 300_000_004);
    assert_eq!(output.stdout.len(), 1 << 20);
    assert!(output.stdout.ends_with(b"end\n"));
    let omitted = output.stdout_omitted.unwrap();
    assert_eq!((omitted.offset, omitted.bytes), (1 << 19, 300_000_004 - (1 << 20)));
}

#[tokio::test]
async fn merged_streams_keep_their_order() {
    let script = "for i in 1 2 3; do echo o$i; echo e$i >&2; done";
    let output = terminal().command(sh(script)).merge_stderr().run().await.unwrap();
    assert_eq!(output.stdout_text(), "o1\ne1\no2\ne2\no3\ne3\n");
    assert_eq!(output.stderr.len(), 0);
}

#[tokio::test]
async fn a_timeout_says_what_there_was_until_then() {
    let call = async |time| {
        let call = terminal().command(sh("echo before; exec sleep 60"));
        call.timeout(Duration::from_millis(time)).run().await
    };
    let error = ended_after_speaking(call).await;
    assert!(error.to_string().starts_with("Process was aborted: its time was over after "), "{error}");
    let Error::Timeout { limit, output } = error else { panic!("no timeout") };
    assert_eq!((limit, output.reason), (Limit::Wall, EndReason::Timeout));
    assert_eq!(output.stdout_text(), "before\n");
    assert_eq!(output.signal(), Some(Signal::TERM));
}

#[tokio::test]
async fn who_ignores_sigterm_gets_sigkill() {
    let commands = serde_json::json!({ "allow": [], "strictArgs": false, "killGrace": 100 });
    let script = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
    let call = async |time| {
        limited(serde_json::json!({ "commands": commands, "timeout": time })).execute(sh(script)).await
    };
    let Error::Timeout { output, .. } = ended_after_speaking(call).await else { panic!("no timeout") };
    assert_eq!((output.signal(), output.stdout_text()), (Some(Signal::KILL), "ready\n".into()));
}

#[tokio::test]
async fn a_stopped_child_is_ended_too() {
    let call = terminal().command(sh("kill -STOP $$; echo never")).timeout(Duration::from_millis(200));
    let Err(Error::Timeout { output, .. }) = call.run().await else { panic!("no timeout") };
    assert_eq!(output.signal(), Some(Signal::TERM));
}

#[tokio::test]
async fn a_grandchild_that_holds_the_pipe_does_not_hold_the_call() {
    let output = terminal().execute(sh("sleep 60 & echo $!")).await.unwrap();
    assert!(output.incomplete);
    assert_eq!(output.survivors, 1);
    until_gone(output.stdout_text().trim().parse().unwrap()).await;
}

#[tokio::test]
async fn a_grandchild_that_never_stops_writing_does_not_hold_the_call() {
    let output = terminal().execute(sh("yes & exit 0")).await.unwrap();
    assert!(output.incomplete && output.survivors > 0);
    assert_eq!(output.exit, Exit::Exited(0));
}

#[tokio::test]
async fn leftovers_live_when_they_may() {
    let output =
        terminal().command(sh("sleep 60 >/dev/null 2>&1 & echo $!")).leave(true).run().await.unwrap();
    let pid: i32 = output.stdout_text().trim().parse().unwrap();
    assert!(alive(pid));
    assert_eq!((output.incomplete, output.survivors), (false, 1));
    terminal().execute(sh(&format!("kill -9 {pid}"))).await.unwrap();
}

#[tokio::test]
async fn a_cancelled_token_ends_the_tree() {
    let token = CancellationToken::new();
    let process =
        terminal().command(sh("sleep 60 & echo $!; wait")).cancel(token.clone()).spawn().await.unwrap();
    let mut process = process;
    let chunk = futures_util::StreamExt::next(&mut process).await.unwrap().unwrap();
    let grandchild: i32 = String::from_utf8_lossy(&chunk.data).trim().parse().unwrap();
    token.cancel();
    let Err(Error::Aborted { output: Some(output) }) = process.wait().await else { panic!("no abort") };
    assert_eq!(output.reason, EndReason::Aborted);
    until_gone(grandchild).await;
}

#[tokio::test]
async fn a_token_cancelled_before_spawns_nothing() {
    let token = CancellationToken::new();
    token.cancel();
    let result = terminal().command("true").cancel(token).run().await;
    assert!(matches!(result, Err(Error::Aborted { output: None })), "{result:?}");
}

#[tokio::test]
async fn too_much_output_ends_the_run_where_that_is_the_policy() {
    let terminal = limited(serde_json::json!({ "limits": { "output": 100_000 } }));
    let error = terminal.execute("yes").await.unwrap_err();
    assert!(
        error.to_string().starts_with("Process was aborted: it wrote more than limits.output, "),
        "{error}"
    );
    let Error::Timeout { limit, output } = error else { panic!("no limit") };
    assert_eq!((limit, output.reason), (Limit::Output, EndReason::Limit));
    assert!(output.stdout_bytes > 100_000);
}

#[tokio::test]
async fn silence_ends_the_run_where_that_is_the_policy() {
    let call = async |time| {
        let terminal = limited(serde_json::json!({ "limits": { "idle": time } }));
        terminal.execute(sh("echo a; exec sleep 60")).await
    };
    let error = ended_after_speaking(call).await;
    let says = "Process was aborted: it wrote nothing for longer than limits.idle, after ";
    assert!(error.to_string().starts_with(says), "{error}");
    let Error::Timeout { limit, output } = error else { panic!("no limit") };
    assert_eq!((limit, output.reason), (Limit::Idle, EndReason::Limit));
    assert_eq!(output.stdout_text(), "a\n");
}

#[tokio::test]
async fn the_owners_wall_holds_whatever_the_call_says() {
    let terminal = limited(serde_json::json!({ "limits": { "wall": 200 } }));
    for timeout in [Duration::ZERO, Duration::from_secs(60)] {
        let error = terminal.command("sleep 60").timeout(timeout).run().await.unwrap_err();
        assert!(
            error.to_string().starts_with("Process was aborted: it ran for longer than limits.wall, "),
            "{error}"
        );
        let Error::Timeout { limit, output } = error else { panic!("no limit") };
        assert_eq!((limit, output.limit, output.reason), (Limit::Wall, Some(Limit::Wall), EndReason::Limit));
    }
}

#[tokio::test]
async fn a_timeout_within_the_owners_wall_is_a_timeout() {
    let terminal = limited(serde_json::json!({ "limits": { "wall": 200 } }));
    for timeout in [100, 200] {
        let call = terminal.command("sleep 60").timeout(Duration::from_millis(timeout));
        let error = call.run().await.unwrap_err();
        assert_eq!(error.output().unwrap().reason, EndReason::Timeout, "{timeout}");
    }
}

#[tokio::test]
async fn dropping_the_future_kills_the_tree() {
    let terminal = terminal();
    let directory = tempfile::tempdir_in("/tmp").unwrap();
    let file = directory.path().join("pid");
    let script = format!("sleep 60 & echo $! > {0}.new; mv {0}.new {0}; wait", file.display());
    let call = terminal.command(sh(&script)).run();
    let written = async {
        loop {
            match std::fs::read_to_string(&file) {
                Ok(text) => break text.trim().parse::<i32>().unwrap(),
                Err(_) => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        }
    };
    let pid = tokio::select! {
        _ = call => panic!("it should still run"),
        pid = written => pid,
    };
    until_gone(pid).await;
}

#[test]
fn outside_a_runtime_is_an_error() {
    let mut call = Box::pin(terminal().command("true").run());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let polled = call.as_mut().poll(&mut context);
    assert!(matches!(polled, std::task::Poll::Ready(Err(Error::NoRuntime))));
}

#[test]
fn a_runtime_that_shuts_down_leaves_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let terminal = terminal();
    let handle = runtime.block_on(terminal.command("sleep 60").start()).unwrap();
    drop(runtime);
    let other = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let output = other.block_on(handle.wait());
    assert_eq!(output.reason, EndReason::Lost);
    other.block_on(until_gone(handle.pid()));
}

#[test]
fn a_second_runtime_can_use_the_same_terminal() {
    let terminal = terminal();
    for _ in 0..2 {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        assert_eq!(runtime.block_on(terminal.execute("echo x")).unwrap().stdout_text(), "x\n");
    }
}

#[tokio::test]
async fn an_absent_file_is_an_error_with_its_phase() {
    let directory = tempfile::tempdir_in("/tmp").unwrap();
    let script = directory.path().join("script");
    std::fs::write(&script, "echo no interpreter line").unwrap();
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let terminal = Terminal::new(
        Policy::builder()
            .workspace(directory.path().to_str().unwrap())
            .allow(script.to_str().unwrap())
            .build()
            .unwrap(),
    );
    let Err(Error::Spawn(error)) = terminal.execute([script.to_str().unwrap()]).await else {
        panic!("it ran")
    };
    assert_eq!((error.code().as_str(), error.phase().as_str()), ("ENOEXEC", "exec"));
    assert_eq!(error.path(), Some(script.as_path()));
    assert!(error.to_string().starts_with("Process execution failed: "), "{error}");
}
