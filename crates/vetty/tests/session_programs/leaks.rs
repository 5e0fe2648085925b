//! Many sessions, one after the other and at once: nothing is left of them.

use vetty::{Exit, Signal};

use crate::stage::{Stage, becomes, descriptors, end, residents, rest};

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("/proc").count()
}

async fn echo(stage: &Stage, number: usize) {
    let session = stage.open(["echo", &number.to_string()]).await;
    assert_eq!(rest(&session).await, format!("{number}\r\n").into_bytes());
    assert_eq!(end(&session).await, Exit::Exited(0));
}

alone! {
    fn a_thousand_in_turn_leave_nothing() {
        let stage = Stage::with(serde_json::json!({ "output": { "retain": { "count": 0 } } }));
        for number in 0..20 {
            echo(&stage, number).await;
        }
        let (before, threads_before) = (descriptors(), threads());
        for number in 0..1000 {
            echo(&stage, number).await;
        }
        becomes("as many descriptors as before", || descriptors() == before).await;
        assert!(threads() <= threads_before + 1, "{} threads, {threads_before} before", threads());
        becomes("nobody", || residents(&stage.directory()).is_empty()).await;
    }
}

alone! {
    fn two_hundred_at_once_leave_nothing() {
        let stage = Stage::with(serde_json::json!({ "sessions": { "max": 200 } }));
        echo(&stage, 0).await;
        let before = descriptors();
        let mut sessions = Vec::new();
        for _ in 0..200 {
            sessions.push(stage.open(["cat"]).await);
        }
        // As documented: the master, the terminal's own side, the process.
        let most = 3 * 200;
        assert!(descriptors().len() - before.len() <= most, "{} descriptors", descriptors().len());
        for (number, session) in sessions.iter().enumerate() {
            session.send(&format!("{number}\n")).await.expect("typed");
        }
        for (number, session) in sessions.iter().enumerate() {
            crate::stage::until(session, &format!("{number}\r\n{number}\r\n")).await;
        }
        for session in &sessions {
            session.write("\x04").await.expect("typed");
        }
        for session in &sessions {
            assert_eq!(end(session).await, Exit::Exited(0));
        }
        drop(sessions);
        becomes("as many descriptors as before", || descriptors() == before).await;
        becomes("nobody", || residents(&stage.directory()).is_empty()).await;
    }
}

alone! {
    fn two_hundred_that_are_dropped_leave_nothing() {
        let stage = Stage::with(serde_json::json!({ "sessions": { "max": 200 } }));
        echo(&stage, 0).await;
        let before = descriptors();
        let mut handles = Vec::new();
        for _ in 0..200 {
            let session = stage.sh("trap '' HUP TERM INT; while :; do sleep 1; done").await;
            handles.push(session.handle());
        }
        for handle in handles {
            let exit = handle.wait().await.exit.clone();
            assert_eq!(exit, Exit::Signaled { signal: Signal::KILL, core_dumped: false });
        }
        becomes("as many descriptors as before", || descriptors() == before).await;
        becomes("nobody", || residents(&stage.directory()).is_empty()).await;
    }
}
