//! What an audit trail costs: beside the same calls without one.

use serde_json::json;
use vetty::Terminal;

use crate::measure::{ROUNDS, median, row, runtime, terminal, terminal_with, timed};
use crate::no_op;

/// Calls in a round.
const CALLS: usize = 50;

/// A whole execute, with a file and without an audit.
pub fn executes() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = no_op::write_to(directory.path()).to_string_lossy().into_owned();
    let file = directory.path().join("audit");
    let audited = terminal_with(json!({ "audit": { "file": file } }));
    let plain = terminal();
    let runtime = runtime();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let one_by_one = |terminal: &Terminal| {
        runtime.block_on(async {
            for _ in 0..CALLS {
                assert!(terminal.execute([path.clone()]).await.expect("it runs").success());
            }
        });
    };
    for _ in 0..ROUNDS {
        ours.push(timed(|| one_by_one(&audited)) / CALLS as f64);
        theirs.push(timed(|| one_by_one(&plain)) / CALLS as f64);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let of = format!("{theirs:.0} us");
    row("a whole execute with an audit file, without one", format!("{ours:.0} us"), of, ours / theirs);
}

/// Output in which secrets are looked for: the text of this program's own documentation, again and again.
pub fn redaction() {
    const SIZE: usize = 32 << 20;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("text");
    let page = include_str!("../docs/src/audit.md").as_bytes();
    let text: Vec<u8> = page.iter().copied().cycle().take(SIZE).collect();
    std::fs::write(&file, text).expect("a writable directory");
    let file = file.to_string_lossy().into_owned();
    let redacting = terminal_with(json!({ "audit": { "redact": { "output": true } } }));
    let plain = terminal();
    let runtime = runtime();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let cat = |terminal: &Terminal| {
        runtime.block_on(async {
            let output = terminal.execute(["cat".to_owned(), file.clone()]).await.expect("it runs");
            assert_eq!(output.stdout_bytes, SIZE as u64);
        });
    };
    for _ in 0..ROUNDS {
        ours.push(timed(|| cat(&redacting)));
        theirs.push(timed(|| cat(&plain)));
    }
    let rate = |times: Vec<f64>| SIZE as f64 / median(times);
    let (ours, theirs) = (rate(ours), rate(theirs));
    let of = format!("{theirs:.0} MB/s");
    row("output with secrets hidden, as it is", format!("{ours:.0} MB/s"), of, ours / theirs);
}
