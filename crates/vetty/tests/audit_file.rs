//! An audit file shows each change to it, and a crash in the middle of a line loses and hides nothing.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says by panicking what went wrong")]

use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::json;
use vetty::{AuditProblem, AuditReport, Config, Terminal, verify_audit, verify_audit_lines};

async fn run(file: &Path, count: usize) {
    let config = json!({ "commands": { "allow": ["true"] }, "audit": { "file": file } });
    let terminal = Terminal::from_config(Config::from_json(config).unwrap()).unwrap();
    for _ in 0..count {
        terminal.execute("true").await.unwrap();
    }
    terminal.close().await;
}

/// A file of 13 events.
fn whole() -> &'static [u8] {
    static WHOLE: OnceLock<Vec<u8>> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("audit");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(&file, 4));
        std::fs::read(file).unwrap()
    })
}

fn verify(bytes: &[u8]) -> AuditReport {
    verify_audit_lines(bytes, None).unwrap()
}

fn split() -> Vec<Vec<u8>> {
    whole().split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

#[test]
fn a_file_as_it_was_written_is_whole() {
    let report = verify(whole());
    assert!(report.is_ok() && report.events == 13 && report.torn == 0, "{report:?}");
    assert_eq!(report.head.sequence, 13);
    let empty = verify(b"");
    assert!(empty.is_ok() && empty.events == 0);
    assert!(verify_audit_lines(whole(), Some(&empty.head)).unwrap().is_ok(), "it grew since");
    assert_eq!(verify_audit_lines(&b""[..], Some(&report.head)).unwrap().problem, Some(AuditProblem::Head));
}

/// A crash at each byte of a line, then another terminal: nothing is lost, and what is torn is told.
#[tokio::test]
async fn a_line_that_a_crash_has_cut_off_is_told_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let lines = split();
    let line = lines[4].len();
    for cut in [1, 2, 14, 15, 40, line / 2, line - 2, line - 1] {
        for whole_lines in [0, 4] {
            let source = if whole_lines == 0 { &lines[0] } else { &lines[4] };
            if cut >= source.len() {
                continue;
            }
            let left = [lines[..whole_lines].concat(), source[..cut].to_vec()].concat();
            let file = folder.path().join(format!("{whole_lines}-{cut}"));
            std::fs::write(&file, &left).unwrap();
            let report = verify_audit(&file, None).unwrap();
            assert_eq!(report.problem, Some(AuditProblem::Incomplete), "{cut}");
            assert_eq!((report.events, report.broken_at), (whole_lines as u64, Some(whole_lines as u64 + 1)));

            run(&file, 1).await;
            let after = std::fs::read(&file).unwrap();
            assert!(after.starts_with(&left), "what was there stays");
            let report = verify_audit(&file, None).unwrap();
            assert!(report.is_ok(), "{whole_lines} {cut}: {report:?}");
            let was_whole = cut == source.len() - 1;
            assert_eq!(report.torn, u64::from(!was_whole), "{whole_lines} {cut}");
            // A recovery or the event itself, then those of the terminal.
            assert_eq!(report.events, whole_lines as u64 + 5, "{whole_lines} {cut}");
            assert_eq!(String::from_utf8(after).unwrap().contains("\"recovery\""), !was_whole);
            let head = report.head.clone();
            run(&file, 1).await;
            let report = verify_audit(&file, Some(&head)).unwrap();
            assert!(report.is_ok(), "{report:?}");
        }
    }
}

#[tokio::test]
async fn a_crash_in_the_middle_of_a_recovery_is_recovered_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit");
    let lines = split();
    let torn = [lines[..4].concat(), lines[4][..50].to_vec()].concat();
    std::fs::write(&file, &torn).unwrap();
    run(&file, 1).await;
    let recovered = std::fs::read(&file).unwrap();
    let recovery = recovered[torn.len() + 1..].iter().position(|byte| *byte == b'\n').unwrap();
    for length in [1, 2, recovery / 2, recovery, recovery + 1, recovery + 2] {
        std::fs::write(&file, &recovered[..torn.len() + length]).unwrap();
        run(&file, 1).await;
        let report = verify_audit(&file, None).unwrap();
        assert!(report.is_ok() && report.torn == 1, "{length}: {report:?}");
    }
}

#[test]
fn a_recovery_excuses_nothing_but_what_it_speaks_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit");
    let lines = split();
    std::fs::write(&file, [lines[..4].concat(), lines[4][..50].to_vec()].concat()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(&file, 1));
    let bytes = std::fs::read(&file).unwrap();
    let mut lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let broken = |lines: &[Vec<u8>]| verify(&lines.concat()).broken_at;
    assert_eq!(broken(&lines), None);
    let torn = lines.remove(4);
    assert_eq!(broken(&lines), Some(5), "without what it speaks of");
    lines.insert(4, b"something else\n".to_vec());
    assert_eq!(broken(&lines), Some(5));
    lines[4] = torn.clone();
    lines.insert(4, torn.clone());
    assert_eq!(broken(&lines), Some(5), "twice");
    lines.remove(4);
    lines[3] = lines[3].iter().map(|byte| if *byte == b'2' { b'3' } else { *byte }).collect();
    assert!(broken(&lines).is_some(), "the line before it");
}

proptest! {
    #[test]
    fn bytes_of_any_kind_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0usize..5000) {
        verify(&bytes);
        let mut spoilt = whole().to_vec();
        let at = at.min(spoilt.len());
        spoilt.splice(at..at, bytes);
        verify(&spoilt);
    }

    #[test]
    fn a_changed_byte_is_found(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        // The last line has none behind it that knows its hash: that is what a head is for.
        let head = verify(whole()).head;
        let mut bytes = whole().to_vec();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        prop_assert!(!verify_audit_lines(&bytes[..], Some(&head)).unwrap().is_ok());
        let last = whole()[..whole().len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
        if at < last {
            prop_assert!(!verify(&bytes).is_ok());
        }
    }

    #[test]
    fn a_line_that_is_removed_moved_or_doubled_is_found(from in 0usize..13, to in 0usize..13) {
        let mut lines = split();
        let moved = lines.remove(from);
        if from < 12 {
            prop_assert!(!verify(&lines.concat()).is_ok(), "removed {from}");
        }
        lines.insert(to, moved.clone());
        prop_assert_eq!(verify(&lines.concat()).is_ok(), from == to, "moved from {} to {}", from, to);
        lines.insert(to, moved);
        prop_assert!(!verify(&lines.concat()).is_ok(), "doubled");
    }

    #[test]
    fn a_line_that_is_put_in_is_found(at in 0usize..13, text in "[ -~]{0,80}") {
        let mut lines = split();
        lines.insert(at, format!("{text}\n").into_bytes());
        prop_assert!(!verify(&lines.concat()).is_ok());
    }
}
