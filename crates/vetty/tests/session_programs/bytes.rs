//! Bytes go through as they are, in both directions, however they are cut.

use futures_util::StreamExt;
use vetty::{Exit, Wait, regex};

use crate::stage::{PATIENCE, Stage, becomes, end, mode, opened, rest, until};

/// Every byte, in an order that does not repeat: a linear congruential generator's high bits.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 12345u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(next).collect()
}

#[tokio::test]
async fn binary_output_is_what_the_program_wrote() {
    let stage = Stage::new();
    let data = noise(1 << 20);
    stage.write("noise", &data);
    // It echoes: what a screen would answer would be output, too.
    let command = stage.terminal.command(["sh", "-c", "stty raw; exec cat noise"]).screen(false);
    let session = opened(command).await;
    let seen = rest(&session).await;
    assert_eq!(seen.len(), data.len());
    assert!(seen == data, "as many bytes, but others");
    assert_eq!(end(&session).await, Exit::Exited(0));
}

#[tokio::test]
async fn binary_input_is_what_was_written() {
    let stage = Stage::new();
    let data = noise(1 << 20);
    let session = stage.sh("stty raw -echo; echo ready; exec head -c 1048576 >noise").await;
    until(&session, "ready").await;
    assert!(!mode(&session).canonical);
    session.write(&data).await.expect("typed");
    assert_eq!(end(&session).await, Exit::Exited(0));
    assert!(stage.read("noise") == data);
}

#[tokio::test]
async fn what_is_written_at_once_comes_in_the_order_of_the_calls() {
    let stage = Stage::new();
    let session = stage.sh("stty raw -echo; echo ready; exec head -c 500000 >all").await;
    until(&session, "ready").await;
    let letters: Vec<Vec<u8>> = (b'a'..b'a' + 5).map(|letter| vec![letter; 100_000]).collect();
    let (a, b, c, d, e) = tokio::join!(
        session.write(&letters[0]),
        session.write(&letters[1]),
        session.write(&letters[2]),
        session.write(&letters[3]),
        session.write(&letters[4]),
    );
    for written in [a, b, c, d, e] {
        written.expect("typed");
    }
    assert_eq!(end(&session).await, Exit::Exited(0));
    assert!(stage.read("all") == letters.concat());
}

/// Writes a text byte by byte, each in a write of its own that the reader sees alone: it waits for a key in between.
const BYTE_BY_BYTE: &str = "import os, sys, tty
tty.setraw(0)
for byte in sys.argv[1].encode():
    os.write(1, bytes([byte]))
    os.read(0, 1)
";

#[tokio::test]
async fn characters_that_come_in_pieces_are_found_and_whole() {
    let stage = Stage::new();
    let script = stage.write("bytes.py", BYTE_BY_BYTE).to_string_lossy().into_owned();
    let sent = "é漢😀🏳️‍🌈 end";
    let session =
        opened(stage.terminal.command(["python3".to_owned(), "-E".into(), script, sent.into()])).await;
    let mut reader = session.reader().expect("nobody else reads");
    let mut chunks = Vec::new();
    let by_keys = async {
        while let Some(chunk) = reader.next().await {
            chunks.push(chunk);
            // Of the last byte there is nobody to tell.
            drop(session.write(" ").await);
        }
    };
    tokio::time::timeout(PATIENCE, by_keys).await.expect("it comes to its end");
    assert_eq!(chunks.len(), sent.len(), "each byte came alone");
    assert_eq!(String::from_utf8(chunks.concat()).expect("UTF-8"), sent);
    drop(reader);
    // The wait looks at what has been, as one text.
    let waited = session.wait(Wait::output("漢😀🏳️‍🌈").within(PATIENCE)).await.expect("found");
    assert_eq!(waited.found.expect("a match").offset, 2);
    let letters = regex::bytes::Regex::new(r"\w+").expect("valid");
    let waited = session.wait(Wait::regex(letters).within(PATIENCE)).await.expect("found");
    assert_eq!(&waited.found.expect("a match").bytes[..], b"end");
}

#[tokio::test]
async fn a_reader_that_pauses_slows_the_program_and_loses_nothing() {
    let stage = Stage::new();
    let script = "stty -opost; i=0; while [ $i -lt 30 ]; do head -c 100000 /dev/zero; i=$((i+1)); echo $i >count; done";
    let session = stage.sh(script).await;
    let mut reader = session.reader().expect("nobody else reads");
    let mut read = reader.next().await.expect("it writes").len();
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let count: u32 = String::from_utf8_lossy(&std::fs::read(stage.path("count")).unwrap_or_default())
        .trim()
        .parse()
        .unwrap_or(0);
    assert!(count < 3, "the program went on while nobody read: {count}");
    while let Some(chunk) = reader.next().await {
        read += chunk.len();
    }
    assert_eq!((read, session.lost()), (3_000_000, 0));
    assert_eq!(end(&session).await, Exit::Exited(0));
}

#[tokio::test]
async fn a_program_without_reader_is_held_at_a_mebibyte() {
    let stage = Stage::new();
    let session = stage.open(["yes", "0123456789"]).await;
    let cpu = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", session.pid())).expect("it lives");
        stat.rsplit_once(") ").expect("a state").1.starts_with('S')
    };
    becomes("blocked", cpu).await;
    let mut reader = session.reader().expect("nobody else reads");
    let mut read = 0;
    while read < 4 << 20 {
        read += reader.next().await.expect("it goes on").len();
    }
    assert_eq!(session.lost(), 0);
}

#[tokio::test]
async fn what_is_held_costs_as_much_memory_as_it_has_bytes() {
    let stage = Stage::new();
    let script = "stty -opost; dd if=/dev/zero bs=1 count=300000 status=none; echo end; read -r line";
    let session = stage.sh(script).await;
    until(&session, "end").await;
    let mut reader = session.reader().expect("nobody else reads");
    let (mut chunks, mut read) = (0, 0);
    while read < 300_004 {
        read += reader.next().await.expect("it is held").len();
        chunks += 1;
    }
    // Each chunk costs some eighty bytes beside its own.
    assert!(chunks < 1000, "{chunks} chunks of {read} bytes");
}
