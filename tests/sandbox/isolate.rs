//! The level `isolate`: what an isolated program sees, may do and leaves behind; as root and, by the copies, as nobody.

use serde_json::json;
use vetty::{KillScope, Level};

use crate::place::{Place, level};

#[tokio::test]
async fn the_program_runs_and_its_exit_is_exact() {
    let place = Place::new();
    let isolate = || place.terminal(level("isolate"));
    let run = |line: &'static str| {
        let terminal = isolate();
        async move { terminal.command(["sh", "-c", line]).run().await.expect("it runs") }
    };
    let output = run("echo out; echo err >&2; exit 7").await;
    assert_eq!((output.code(), output.stdout_text().as_ref(), output.stderr_text().as_ref()), (Some(7), "out\n", "err\n"));
    assert_eq!((output.enforced.level, output.kill_scope), (Level::Isolate, KillScope::PidNamespace));
    let output = run("kill -SEGV $$").await;
    assert_eq!(output.signal().map(|signal| signal.name()).as_deref(), Some("SIGSEGV"));
    let output = run("pwd; cat own; echo new > made; echo $TMPDIR; echo x > $TMPDIR/x; ls -a /tmp/x; echo $$").await;
    let expected = format!("{}\nown/tmp\n/tmp/x\n2\n", place.workspace().display());
    assert_eq!(output.stdout_text(), expected, "{}", output.stderr_text());
    assert_eq!(std::fs::read_to_string(place.workspace().join("made")).expect("made"), "new\n");
}
