//! Children on a pseudo-terminal.

use std::cell::Cell;
use std::future::poll_fn;
use std::time::Duration;

use tokio::io::ReadBuf;
use vetty_process::{Child, Command, Exit, Phase, Pty, Signal, Size};

use crate::host::{descriptors, new_descriptors, run, sh};

/// Says how much it was, and counts how often it had to ask.
async fn read(pty: &Pty, into: &mut Vec<u8>, asked: &mut usize) -> usize {
    let mut memory = [0; 65536];
    let mut buffer = ReadBuf::new(&mut memory);
    poll_fn(|cx| {
        *asked += 1;
        pty.poll_read(cx, &mut buffer)
    })
    .await
    .expect("a terminal can be read");
    into.extend_from_slice(buffer.filled());
    buffer.filled().len()
}

/// Reads to the end, which comes after the child's. Says how often it had to ask.
async fn rest(child: &Child, pty: &Pty, bytes: &mut Vec<u8>) -> usize {
    let mut asked = 0;
    let mut alive = true;
    loop {
        tokio::select! {
            () = child.exited(), if alive => {
                alive = false;
                pty.leader_ended();
            }
            length = read(pty, bytes, &mut asked) => if length == 0 {
                assert!(!alive, "the end came before the child's");
                return asked;
            },
        }
    }
}

async fn spawn(command: Command) -> (Child, Pty) {
    let mut child = command.pty(Size::default()).spawn().await.expect("spawns");
    let pty = child.pty.take().expect("asked for a terminal");
    (child, pty)
}

/// All that a program wrote, with how it ended.
async fn output(command: Command) -> (String, Exit) {
    let (child, pty) = spawn(command).await;
    let mut bytes = Vec::new();
    rest(&child, &pty, &mut bytes).await;
    (String::from_utf8(bytes).expect("UTF-8"), child.reap())
}

async fn until(pty: &Pty, bytes: &mut Vec<u8>, text: &str) {
    while !String::from_utf8_lossy(bytes).contains(text) {
        assert_ne!(read(pty, bytes, &mut 0).await, 0, "{:?}", String::from_utf8_lossy(bytes));
    }
}

async fn type_in(pty: &Pty, mut data: &[u8]) {
    while !data.is_empty() {
        let length = poll_fn(|cx| pty.poll_write(cx, data)).await.expect("somebody has the terminal");
        data = &data[length..];
    }
}

#[test]
fn all_three_streams_are_a_terminal_of_the_size_asked_for() {
    let size = Size::new(132, 50).expect("a size").with_pixels(1320, 1000);
    let (text, name) = run(async {
        let mut child = sh("test -t 0 && test -t 1 && test -t 2 && stty size && tty").pty(size);
        child = child.stdin(vetty_process::Stdio::Pipe);
        let mut child = child.spawn().await.expect("spawns");
        assert!(child.stdin.is_none());
        let pty = child.pty.take().expect("asked for");
        let mut bytes = Vec::new();
        rest(&child, &pty, &mut bytes).await;
        assert_eq!(child.reap(), Exit::Exited(0));
        (String::from_utf8(bytes).expect("UTF-8"), pty.name().to_owned())
    });
    assert_eq!(text, format!("50 132\r\n{name}\r\n"));
}

#[test]
fn it_controls_the_session_and_edits_whole_characters() {
    let script = "echo controlled >/dev/tty; stty -a | grep -o '[-]*iutf8'; test $$ = $(ps -o tpgid= -p $$)";
    let (text, exit) = run(output(sh(script)));
    assert_eq!((text.as_str(), exit), ("controlled\r\niutf8\r\n", Exit::Exited(0)));
}

#[test]
fn no_byte_is_lost_when_the_program_ends_at_once() {
    run(async {
        for (length, times) in [(20_480, 40), (1_000_000, 4)] {
            for _ in 0..times {
                assert_eq!(length_of_burst(length).await, length);
            }
        }
        let at_once: Vec<_> = (0..64).map(|_| tokio::spawn(length_of_burst(20_480))).collect();
        for burst in at_once {
            assert_eq!(burst.await.expect("no panic"), 20_480);
        }
    });
}

async fn length_of_burst(length: usize) -> usize {
    let script = format!("stty -opost; exec head -c {length} /dev/zero");
    let (text, exit) = output(sh(&script)).await;
    assert_eq!(exit, Exit::Exited(0));
    text.len()
}

#[test]
fn a_late_reader_still_gets_everything() {
    run(async {
        let (child, pty) = spawn(sh("printf '%03000d' 7")).await;
        child.exited().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut bytes = Vec::new();
        rest(&child, &pty, &mut bytes).await;
        assert_eq!(bytes.len(), 3000);
    });
}

#[test]
fn a_terminal_that_is_closed_and_opened_again_loses_nothing_and_costs_nothing() {
    run(async {
        let script = "exec </dev/null >/dev/null 2>&1; sleep 0.3; exec >/dev/tty; echo back";
        let (child, pty) = spawn(sh(script)).await;
        let mut bytes = Vec::new();
        let asked = rest(&child, &pty, &mut bytes).await;
        assert_eq!((String::from_utf8_lossy(&bytes).as_ref(), child.reap()), ("back\r\n", Exit::Exited(0)));
        assert!(asked < 20, "asked {asked} times");
    });
}

#[test]
fn a_new_size_is_told_to_the_program() {
    run(async {
        let script = "trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.02; done";
        let (child, pty) = spawn(sh(script)).await;
        let mut bytes = Vec::new();
        until(&pty, &mut bytes, "ready").await;
        pty.resize(Size::new(120, 40).expect("a size")).expect("resized");
        rest(&child, &pty, &mut bytes).await;
        assert_eq!(String::from_utf8_lossy(&bytes), "ready\r\n40 120\r\n");
    });
}

#[test]
fn a_password_prompt_can_be_told_from_others() {
    run(async {
        let (child, pty) =
            spawn(sh("echo ready; read -r a; stty -echo; echo secret; read -r b; echo $b")).await;
        let mut bytes = Vec::new();
        until(&pty, &mut bytes, "ready").await;
        let mode = pty.line_mode().expect("known");
        assert!(mode.echo && mode.canonical);
        type_in(&pty, b"x\n").await;
        until(&pty, &mut bytes, "secret").await;
        let mode = pty.line_mode().expect("known");
        assert!(!mode.echo && mode.canonical);
        type_in(&pty, b"hidden\n").await;
        rest(&child, &pty, &mut bytes).await;
        assert_eq!(String::from_utf8_lossy(&bytes), "ready\r\nx\r\nsecret\r\nhidden\r\n");
    });
}

#[test]
fn control_characters_act_on_the_foreground() {
    run(async {
        let (child, pty) = spawn(sh("echo ready; exec cat")).await;
        let mut bytes = Vec::new();
        until(&pty, &mut bytes, "ready").await;
        while pty.foreground_name().as_deref() != Some("cat") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(pty.foreground(), Some(child.pid()));
        type_in(&pty, b"\x03").await;
        rest(&child, &pty, &mut bytes).await;
        assert_eq!(child.reap(), Exit::Signaled { signal: Signal::INT, core_dumped: false });
    });
}

#[test]
fn dropping_the_master_hangs_up() {
    run(async {
        let (child, pty) = spawn(sh("trap 'exit 7' HUP; echo ready; while :; do sleep 0.02; done")).await;
        until(&pty, &mut Vec::new(), "ready").await;
        drop(pty);
        child.exited().await;
        assert_eq!(child.reap(), Exit::Exited(7));
    });
}

#[test]
fn bytes_that_nobody_reads_wait_without_work() {
    run(async {
        let (child, pty) = spawn(sh("stty raw -echo; echo ready; sleep 60")).await;
        until(&pty, &mut Vec::new(), "ready").await;
        let polls = Cell::new(0);
        let data = [b'x'; 65536];
        let mut written = 0;
        let flood = async {
            while written < 1 << 20 {
                written += poll_fn(|cx| {
                    polls.set(polls.get() + 1);
                    pty.poll_write(cx, &data)
                })
                .await
                .expect("somebody has the terminal");
            }
        };
        assert!(tokio::time::timeout(Duration::from_millis(300), flood).await.is_err());
        assert!(polls.get() < 100, "{} polls", polls.get());
        drop(child);
    });
}

alone! {
    fn two_hundred_at_once_leave_no_descriptor() {
        run(async {
            drop(output(sh("true")).await);
            let before = descriptors();
            let all: Vec<_> = (0..200).map(|number| tokio::spawn(number_on_pty(number))).collect();
            for one in all {
                one.await.expect("no panic");
            }
            assert_eq!(new_descriptors(&before), []);
        });
    }
}

async fn number_on_pty(number: usize) {
    let (text, exit) = output(Command::new("/bin/echo").arg(number.to_string())).await;
    assert_eq!((text, exit), (format!("{number}\r\n"), Exit::Exited(0)));
}

alone! {
    fn what_cannot_be_executed_leaves_no_terminal() {
        run(async {
            drop(output(sh("true")).await);
            let before = descriptors();
            let error = Command::new("/nowhere").pty(Size::default()).spawn().await.expect_err("absent");
            assert_eq!((error.phase(), error.errno()), (Phase::Exec, libc::ENOENT));
            assert_eq!(new_descriptors(&before), []);
        });
    }
}
