//! The window's size: at the start, when it changes, in pixels.

use vetty::{Exit, Signal, Size};

use crate::stage::{Stage, cells, end, opened, text, until};

const PRINTS_SIZES: &str = "import fcntl, signal, struct, termios
def show():
    data = fcntl.ioctl(0, termios.TIOCGWINSZ, b'\\0' * 8)
    print('size', *struct.unpack('HHHH', data), flush=True)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH, signal.SIGTERM])
show()
while signal.sigwait([signal.SIGWINCH, signal.SIGTERM]) == signal.SIGWINCH: show()
";

#[tokio::test]
async fn the_size_is_there_before_the_program_and_each_change_is_told() {
    let stage = Stage::new();
    let script = stage.write("sizes.py", PRINTS_SIZES);
    let python = ["python3".to_owned(), "-E".to_owned(), script.to_string_lossy().into_owned()];
    let size = cells(132, 50).with_pixels(1320, 1000);
    let session = opened(stage.terminal.command(python).size(size)).await;
    until(&session, "size 50 132 1320 1000\r\n").await;
    session.resize(cells(1000, 1)).await.expect("resized");
    until(&session, "size 1 1000 0 0\r\n").await;
    let pixels = cells(1, 1000).with_pixels(u16::MAX, 1);
    session.resize(pixels).await.expect("resized");
    until(&session, "size 1000 1 65535 1\r\n").await;
    assert_eq!(session.size(), pixels);
}

#[tokio::test]
async fn of_many_changes_at_once_the_last_one_holds() {
    let stage = Stage::new();
    let script = stage.write("sizes.py", PRINTS_SIZES);
    let session = stage.open(["python3", "-E", &script.to_string_lossy()]).await;
    until(&session, "size 24 80 0 0\r\n").await;
    for cols in 1..=1000 {
        session.resize(cells(cols, 25)).await.expect("resized");
    }
    until(&session, "size 25 1000 0 0\r\n").await;
    // Its own number of signals: the kernel keeps one that waits, not a thousand.
    assert!(session.signal(Signal::TERM));
    assert_eq!(end(&session).await, Exit::Exited(0));
    let seen = text(&session).await;
    assert!(seen.trim_end().ends_with("size 25 1000 0 0"), "{seen}");
}

#[tokio::test]
async fn the_default_size_is_that_of_the_configuration() {
    let stage = Stage::with(serde_json::json!({ "sessions": { "size": { "cols": 90, "rows": 33 } } }));
    let session = stage.sh("stty size").await;
    assert_eq!(session.size(), cells(90, 33));
    assert_eq!(text(&session).await, "33 90\r\n");
}

#[tokio::test]
async fn a_session_that_has_ended_has_no_size_to_change() {
    let stage = Stage::new();
    let session = stage.sh("true").await;
    end(&session).await;
    assert_eq!(session.resize(Size::default()).await.expect_err("too late").code(), "CLOSED");
}
