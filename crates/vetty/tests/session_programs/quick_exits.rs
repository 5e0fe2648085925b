//! Programs that write and are gone: the last byte comes, whoever reads and when.

use std::time::Duration;

use futures_util::StreamExt;
use vetty::Exit;

use crate::stage::{PATIENCE, Stage, rest};

/// A program that writes so many bytes and ends at once.
async fn burst(stage: &Stage, length: usize) -> usize {
    let script = format!("stty -opost; exec head -c {length} /dev/zero");
    let session = stage.sh(&script).await;
    let seen = rest(&session).await;
    assert_eq!((session.exited().await, session.lost()), (Exit::Exited(0), 0));
    seen.len()
}

#[tokio::test]
async fn twenty_kilobytes_a_thousand_times() {
    let stage = Stage::new();
    for _ in 0..1000 {
        assert_eq!(burst(&stage, 20_480).await, 20_480);
    }
}

#[tokio::test]
async fn a_megabyte_thirty_times() {
    let stage = Stage::new();
    for _ in 0..30 {
        assert_eq!(burst(&stage, 1_000_000).await, 1_000_000);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_at_once() {
    let stage = std::sync::Arc::new(Stage::new());
    for _ in 0..60 {
        let all: Vec<_> = (0..16)
            .map(|_| {
                let stage = std::sync::Arc::clone(&stage);
                tokio::spawn(async move { burst(&stage, 20_480).await })
            })
            .collect();
        for one in all {
            assert_eq!(one.await.expect("no panic"), 20_480);
        }
    }
}

#[tokio::test]
async fn a_reader_that_comes_long_after_the_end() {
    let stage = Stage::new();
    for _ in 0..20 {
        let session = stage.sh("stty -opost; exec head -c 20480 /dev/zero").await;
        assert_eq!(tokio::time::timeout(PATIENCE, session.exited()).await, Ok(Exit::Exited(0)));
        assert_eq!(rest(&session).await.len(), 20_480);
    }
}

#[tokio::test]
async fn a_reader_that_pauses_over_the_end() {
    let stage = Stage::new();
    let mut sessions = Vec::new();
    for _ in 0..20 {
        sessions.push(stage.sh("stty -opost; printf x; sleep 0.1; exec head -c 3000 /dev/zero").await);
    }
    let mut readers = Vec::new();
    for session in &sessions {
        let mut reader = session.reader().expect("nobody else reads");
        readers.push((reader.next().await.expect("it writes").len(), reader));
    }
    tokio::time::sleep(Duration::from_millis(1500)).await;
    for (mut read, mut reader) in readers {
        while let Some(chunk) = reader.next().await {
            read += chunk.len();
        }
        assert_eq!(read, 3001);
    }
}

#[tokio::test]
async fn a_runtime_that_is_blocked_over_the_end() {
    let stage = Stage::new();
    for _ in 0..5 {
        let session = stage.sh("stty -opost; exec head -c 3000 /dev/zero").await;
        // As a synchronous call of an application would; the test's runtime has one thread.
        std::thread::sleep(Duration::from_millis(400));
        assert_eq!(rest(&session).await.len(), 3000);
    }
}
