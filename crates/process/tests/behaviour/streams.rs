//! Where the three standard streams lead.

use std::fs::{self, File};
use std::io::{Read, Seek};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vetty_process::{Command, Exit, PipeReader, Stdio};

use crate::host::{output, run, sh, text_of, without_standard_streams};

#[test]
fn streams_nobody_asked_for_are_the_null_device() {
    let links = text_of(sh("readlink /proc/$$/fd/0 /proc/$$/fd/2"));
    assert_eq!(links, "/dev/null\n/dev/null\n");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("link");
    let exit = run(async {
        let child =
            sh("l=$(readlink /proc/$$/fd/1); echo \"$l\" > \"$1\"").arg(&path).spawn().await.expect("spawns");
        child.exited().await;
        child.reap()
    });
    assert_eq!((exit, fs::read_to_string(path).expect("written").as_str()), (Exit::Exited(0), "/dev/null\n"));
}

#[test]
fn input_goes_through_a_pipe_and_ends_when_the_writer_is_dropped() {
    let sent: Vec<u8> = (0..1_000_000u32).map(|n| (n * 7) as u8).collect();
    let expected = sent.clone();
    let received = run(async move {
        let mut child =
            Command::new("/bin/cat").stdin(Stdio::Pipe).stdout(Stdio::Pipe).spawn().await.expect("spawns");
        let (mut stdin, mut stdout) =
            (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
        let writer = tokio::spawn(async move { stdin.write_all(&sent).await.expect("the child reads") });
        let mut received = Vec::new();
        stdout.read_to_end(&mut received).await.expect("readable");
        writer.await.expect("no panic");
        child.exited().await;
        assert_eq!(child.reap(), Exit::Exited(0));
        received
    });
    assert!(received == expected, "{} bytes", received.len());
}

#[test]
fn a_file_is_input_and_output() {
    let mut input = tempfile::tempfile().expect("a file");
    std::io::Write::write_all(&mut input, b"from a file").expect("written");
    input.rewind().expect("seekable");
    let mut result = tempfile::tempfile().expect("a file");
    let copy = |file: &File| Stdio::File(file.try_clone().expect("duplicated"));
    run(async {
        let command =
            sh("cat; echo oops >&2").stdin(copy(&input)).stdout(copy(&result)).stderr(copy(&result));
        let child = command.spawn().await.expect("spawns");
        child.exited().await;
        assert_eq!(child.reap(), Exit::Exited(0));
    });
    result.rewind().expect("seekable");
    let mut text = String::new();
    result.read_to_string(&mut text).expect("readable");
    assert_eq!(text, "from a fileoops\n");
}

#[test]
fn stdout_and_stderr_are_apart_unless_merged() {
    let (out, err) = run(async {
        let mut child = sh("echo out; echo err >&2")
            .stdout(Stdio::Pipe)
            .stderr(Stdio::Pipe)
            .spawn()
            .await
            .expect("spawns");
        let (mut out, mut err) = (String::new(), String::new());
        child.stdout.take().expect("piped").read_to_string(&mut out).await.expect("readable");
        child.stderr.take().expect("piped").read_to_string(&mut err).await.expect("readable");
        (out, err)
    });
    assert_eq!((out.as_str(), err.as_str()), ("out\n", "err\n"));
}

#[test]
fn merged_streams_keep_the_order_in_which_they_were_written() {
    let script = "i=0; while [ $i -lt 200 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done";
    let expected: String = (0..200).map(|i| format!("o{i}\ne{i}\n")).collect();
    assert_eq!(text_of(sh(script).stderr(Stdio::Merge)), expected);
}

#[test]
fn a_full_read_enlarges_the_pipe_and_a_short_one_does_not() {
    let (small, bulk) = run(async {
        let reader = async |script: &str| -> bool {
            let mut child = sh(script).stdout(Stdio::Pipe).spawn().await.expect("spawns");
            let mut stdout: PipeReader = child.stdout.take().expect("piped");
            // Both outputs fit in a new pipe, so that one read can see all of it.
            child.exited().await;
            let mut buffer = vec![0; 256 * 1024];
            while stdout.read(&mut buffer).await.expect("readable") > 0 {}
            stdout.is_bulk()
        };
        (reader("echo x").await, reader("head -c 65536 /dev/zero").await)
    });
    assert_eq!((small, bulk), (false, true));
}

alone! {
    fn a_host_without_standard_streams_spawns_children_that_have_theirs() {
        without_standard_streams(|| {
            let folder = tempfile::tempdir().expect("a folder");
            let file = File::create(folder.path().join("err")).expect("created");
            let (out, exit) = run(async {
                let script = "cat; echo err >&2; ls /proc/self/fd";
                let mut child = sh(script).stdin(Stdio::Pipe).stdout(Stdio::Pipe).stderr(Stdio::File(file))
                    .spawn().await.expect("spawns");
                let mut stdin = child.stdin.take().expect("piped");
                stdin.write_all(b"in\n").await.expect("written");
                drop(stdin);
                let mut out = String::new();
                child.stdout.take().expect("piped").read_to_string(&mut out).await.expect("readable");
                child.exited().await;
                (out, child.reap())
            });
            assert_eq!((out.as_str(), exit), ("in\n0\n1\n2\n3\n", Exit::Exited(0)));
            assert_eq!(fs::read_to_string(folder.path().join("err")).expect("readable"), "err\n");
            // The null device and a merged stream take other ways.
            let (out, _) = run(output(sh("echo a; echo b >&2; cat").stderr(Stdio::Merge))).expect("spawns");
            assert_eq!(out, b"a\nb\n");
        });
    }
}

alone! {
    fn files_of_the_host_that_are_its_standard_streams_serve_as_the_childs_in_any_order() {
        // The host's 1 and 2, crossed: the child's stdout is what the host calls 2, and the other way round.
        let folder = tempfile::tempdir().expect("a folder");
        let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
        without_standard_streams(|| {
            use std::os::fd::AsRawFd;
            let zero = File::open("/dev/null").expect("opened");
            let (first, second) = (File::create(&one).expect("created"), File::create(&two).expect("created"));
            assert_eq!([&zero, &first, &second].map(AsRawFd::as_raw_fd), [0, 1, 2]);
            run(async {
                let command = sh("echo out; echo err >&2").stdout(Stdio::File(second)).stderr(Stdio::File(first));
                let child = command.spawn().await.expect("spawns");
                child.exited().await;
                child.reap();
            });
        });
        assert_eq!((fs::read(one).expect("readable"), fs::read(two).expect("readable")), (b"err\n".into(), b"out\n".into()));
    }
}
