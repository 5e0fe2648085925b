//! Programs on the other side: exit, output, input, signals, terminals, and what is left when they end.

use std::time::Duration;

use vetty_ssh::{Child, Chunk, Command, Error, Exit, Overflow, Signal, Size};

use crate::server::{Server, runs, until};

fn sh(script: &str) -> Command {
    Command::new("sh").args(["-c", script])
}

fn size(cols: u32, rows: u32) -> Size {
    Size::new(cols, rows).unwrap()
}

/// Reads until the output holds `text`; what was read.
async fn read_until(child: &Child, text: &str) -> String {
    let mut seen = Vec::new();
    loop {
        match child.next().await {
            Some(Chunk::Stdout(data) | Chunk::Stderr(data)) => seen.extend_from_slice(&data),
            Some(_) => {}
            None => panic!("ended before {text:?}: {:?}", String::from_utf8_lossy(&seen)),
        }
        let seen = String::from_utf8_lossy(&seen);
        if seen.contains(text) {
            return seen.into_owned();
        }
    }
}

#[tokio::test]
async fn exit_codes_signals_and_both_streams_come_back() {
    let connection = Server::start("").connect_and_keep().await;
    let output = connection.execute(&sh("cat; echo err >&2; exit 3"), "in").await.unwrap();
    assert_eq!(
        (output.exit, &output.stdout[..], &output.stderr[..]),
        (Exit::Exited(3), &b"in"[..], &b"err\n"[..])
    );
    assert!(!output.incomplete && output.omitted == 0);
    let output = connection.execute(&sh("kill -KILL $$"), "").await.unwrap();
    assert_eq!(output.exit.signal(), Some(Signal::KILL));
    let output = connection.execute(&Command::new("no-such-program"), "").await.unwrap();
    assert_eq!(output.exit.code(), Some(127));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-program"));
}

#[tokio::test]
async fn the_status_is_right_whatever_the_order_of_the_end() {
    let connection = Server::start("").connect_and_keep().await;
    for round in 0..50 {
        let code = round % 7;
        let output = connection.execute(&sh(&format!("exec >&- 2>&-; exit {code}")), "").await.unwrap();
        assert_eq!(output.exit, Exit::Exited(code));
        let output = connection.execute(&sh(&format!("echo {round}; exit {code}")), "").await.unwrap();
        assert_eq!((output.exit, output.stdout), (Exit::Exited(code), format!("{round}\n").into_bytes()));
    }
}

#[tokio::test]
async fn words_arrive_as_they_are() {
    let connection = Server::start("").connect_and_keep().await;
    let words = ["", "a b", "it's", "$HOME", "*", "\n", "\"", "\\", "`x`", "é", "!", "~", "-n", "#"];
    let output = connection.execute(&Command::new("printf").arg("%s|").args(words), "").await.unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), words.map(|word| format!("{word}|")).concat());
}

#[tokio::test]
async fn a_directory_that_is_missing_is_told_before_anything_runs() {
    let connection = Server::start("").connect_and_keep().await;
    let output = connection.execute(&Command::new("pwd").cwd("/usr/bin/.."), "").await.unwrap();
    assert_eq!(output.stdout, b"/usr\n");
    let error = connection.spawn(&Command::new("pwd").cwd("/no/such")).await.unwrap_err();
    assert!(matches!(&error, Error::Start { why, .. } if why.contains("/no/such")), "{error}");
}

#[tokio::test]
async fn environment_goes_by_request_or_by_env_and_it_is_told_which() {
    let connection = Server::start("AcceptEnv TAKEN_*").connect_and_keep().await;
    let command =
        sh("echo $TAKEN_A,$OTHER,$TAKEN_B").env("TAKEN_A", "1").env("OTHER", "it's two").env("TAKEN_B", "3");
    for _ in 0..2 {
        let output = connection.execute(&command, "").await.unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "1,it's two,3\n");
        assert_eq!(output.refused_env, ["OTHER"]);
    }
    // More than the connection's queues hold.
    let many = (0..200).fold(sh("env | grep -c ^MANY_"), |command, n| command.env(&format!("MANY_{n}"), "x"));
    assert_eq!(connection.execute(&many, "").await.unwrap().stdout, b"200\n");
}

#[tokio::test]
async fn what_start_up_files_print_is_output_and_the_mark_is_not() {
    let server = Server::with(|folder| {
        let rc = folder.join("shell");
        std::fs::write(
            &rc,
            "#!/bin/sh\necho hello\necho warn >&2\nexec /bin/sh -c \"$SSH_ORIGINAL_COMMAND\"\n",
        )
        .unwrap();
        crate::server::run("chmod", &["755", rc.to_str().unwrap()]);
        format!("ForceCommand {}", rc.display())
    });
    let output = server.connect().await.execute(&sh("echo out; echo err >&2"), "").await.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "hello\nout\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "warn\nerr\n");
}

#[tokio::test]
async fn a_shell_that_does_not_start_the_command_is_told() {
    let server = Server::start("ForceCommand echo no shell for you; exit 4");
    let connection = server.connect().await;
    let error = connection.spawn(&Command::new("true")).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Start { .. }) && text.contains("exit code 4"), "{text}");
    let output = connection.execute(&Command::line("anything"), "").await.unwrap();
    assert_eq!((output.exit, &output.stdout[..]), (Exit::Exited(4), &b"no shell for you\n"[..]));
}

#[tokio::test]
async fn a_terminal_has_its_size_takes_keys_and_is_resized() {
    let connection = Server::start("").connect_and_keep().await;
    // The shell looks itself: a signal may end its `read`.
    let script = "stty size; read -r line; echo got:$line; trap 'winch=yes' WINCH; echo armed; \
                  until [ \"$(stty size)\" = '40 199' ] && [ -n \"$winch\" ]; do sleep 0.05; done; \
                  echo last:$winch; cat >/dev/null; exit 5";
    let child = connection.spawn(&sh(script).pty(size(100, 30))).await.unwrap();
    read_until(&child, "30 100").await;
    child.write("key\n").await.unwrap();
    assert!(read_until(&child, "armed").await.contains("got:key"));
    // A storm of sizes: the last one stays.
    for cols in 1..200 {
        child.resize(size(cols, 40)).await.unwrap();
    }
    read_until(&child, "last:yes").await;
    child.write("\x04").await.unwrap();
    assert_eq!(child.wait().await.exit, Exit::Exited(5));
    let output = connection.execute(&Command::new("tty").pty(size(80, 24)), "").await.unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("/dev/"), "{output:?}");
}

#[tokio::test]
async fn a_signal_reaches_the_whole_group_with_and_without_a_terminal() {
    let server = Server::start("");
    let connection = server.connect().await;
    for terminal in [false, true] {
        let mut command = sh("trap 'echo caught; exit 6' TERM; echo ready; while :; do sleep 1; done");
        if terminal {
            command = command.pty(size(80, 24));
        }
        let child = connection.spawn(&command).await.unwrap();
        read_until(&child, "ready").await;
        assert!(child.signal(Signal::TERM).await.unwrap());
        read_until(&child, "caught").await;
        assert_eq!(child.wait().await.exit, Exit::Exited(6));
    }
}

#[tokio::test]
async fn closing_leaves_no_process_with_and_without_a_terminal() {
    let server = Server::start("");
    let connection = server.connect().await;
    // Deaf to what is polite; with children in a group of their own, and with some that hold no output.
    let script = "trap '' TERM HUP; sh -c 'trap \"\" TERM HUP; sleep 1000; :' & set -m; sleep 1000 & \
                  sleep 1000 >/dev/null 2>&1 & echo pids $! $$ ready; sleep 1000; :";
    for terminal in [false, true] {
        let command = if terminal { sh(script).pty(size(80, 24)) } else { sh(script) };
        let child = connection.spawn(&command).await.unwrap();
        let group = child.id().unwrap();
        read_until(&child, "ready").await;
        let in_session = move || {
            let table = crate::server::run("ps", &["-A", "-o", "sess=", "-o", "stat="]);
            let group = group.to_string();
            table
                .lines()
                .filter(|line| line.trim().starts_with(&format!("{group} ")) && !line.contains('Z'))
                .count()
        };
        assert!(in_session() >= 3);
        let closed = child.close(Duration::from_millis(100)).await.unwrap();
        assert_eq!(closed.exit.signal(), Some(Signal::KILL), "{closed:?}");
        until("all of it is gone", || in_session() == 0).await;
    }
}

#[tokio::test]
async fn dropping_a_child_ends_it() {
    let server = Server::start("");
    let connection = server.connect().await;
    let child = connection.spawn(&sh("echo ready; sleep 1000; :")).await.unwrap();
    read_until(&child, "ready").await;
    let pid = child.id().unwrap();
    assert!(runs(pid));
    drop(child);
    until("it is gone", || !runs(pid)).await;
}

#[tokio::test]
async fn giving_up_while_the_shell_starts_leaves_nothing_of_what_it_becomes() {
    let server = Server::with(|folder| {
        let shell = folder.join("shell");
        let script = format!(
            "#!/bin/sh\ntouch {}/begun\nsleep 1\nexec sh -c \"$SSH_ORIGINAL_COMMAND\"\n",
            folder.display()
        );
        std::fs::write(&shell, script).unwrap();
        crate::server::run("chmod", &["755", shell.to_str().unwrap()]);
        format!("ForceCommand {}", shell.display())
    });
    let connection = server.connect().await;
    let before = server.sessions().len();
    let begun = server.path("begun");
    let command = Command::new("sleep").arg("1000");
    tokio::select! {
        started = connection.spawn(&command) => panic!("{started:?}"),
        () = until("the shell begins", || begun.exists()) => {}
    }
    assert!(server.sessions().len() > before);
    until("it is gone", || server.sessions().len() <= before).await;
}

#[tokio::test]
async fn a_descendant_that_holds_the_output_delays_the_end_by_a_grace_alone() {
    let server = Server::start("");
    let output = server.connect().await.execute(&sh("sleep 1000 & echo $!; exit 2"), "").await.unwrap();
    assert_eq!((output.exit, output.incomplete), (Exit::Exited(2), true));
    let pid: u32 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
    until("it is gone", || !runs(pid)).await;
}

#[tokio::test]
async fn an_unread_flood_does_not_stall_its_neighbours() {
    let connection = Server::start("").connect_and_keep().await;
    let flood = connection.spawn(&Command::new("yes").pty(size(80, 24))).await.unwrap();
    let piped = connection.spawn(&Command::new("yes")).await.unwrap();
    for _ in 0..20 {
        assert_eq!(connection.execute(&Command::new("echo").arg("x"), "").await.unwrap().stdout, b"x\n");
    }
    // By now more has come than may wait.
    let mut gap = 0;
    while gap == 0 {
        match piped.next().await.expect("yes goes on") {
            Chunk::Gap(bytes) => gap = bytes,
            _ => tokio::task::yield_now().await,
        }
    }
    assert!(flood.wait_is_pending().await);
    flood.close(Duration::ZERO).await.unwrap();
    piped.close(Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn who_asks_to_lose_nothing_loses_nothing() {
    let connection = Server::start("").connect_and_keep().await;
    let command = sh("seq 1 1000000").overflow(Overflow::Wait).capacity(64 * 1024);
    let child = connection.spawn(&command).await.unwrap();
    let (mut bytes, mut lines) = (0, 0);
    while let Some(chunk) = child.next().await {
        let Chunk::Stdout(data) = chunk else { panic!("{chunk:?}") };
        bytes += data.len();
        lines += data.iter().filter(|byte| **byte == b'\n').count();
        tokio::task::yield_now().await;
    }
    assert_eq!((bytes, lines), (6_888_896, 1_000_000));
}

#[tokio::test]
async fn a_paste_of_ten_megabytes_into_a_slow_echo_loses_nothing() {
    let connection = Server::start("").connect_and_keep().await;
    let line = format!("{}\n", "x".repeat(999));
    let paste = line.repeat(10_000);
    let command =
        sh("stty raw -echo; echo ready; head -c 10000000 | (sleep 0.2; cat); echo done").pty(size(80, 24));
    let child = connection.spawn(&command.overflow(Overflow::Wait)).await.unwrap();
    read_until(&child, "ready").await;
    let mut seen = Vec::new();
    let (written, ()) = tokio::join!(child.write(paste.clone()), async {
        while let Some(chunk) = child.next().await {
            if let Chunk::Stdout(data) = chunk {
                seen.extend_from_slice(&data);
            }
        }
    });
    written.unwrap();
    let seen = String::from_utf8(seen).unwrap();
    let begin = seen.find('x').unwrap();
    assert!(seen[begin..].starts_with(&paste), "{} bytes", seen.len());
    assert!(seen.trim_end().ends_with("done"));
}

#[tokio::test]
async fn new_keys_under_load_change_nothing() {
    let server = Server::start("RekeyLimit 1M");
    let mut target = server.target();
    target.rekey_bytes = 1 << 20;
    let connection = vetty_ssh::Connection::dial(&target).await.unwrap();
    let command = Command::new("cat").overflow(Overflow::Wait);
    let child = connection.spawn(&command).await.unwrap();
    let data: Vec<u8> = (0..8 << 20).map(|n: u32| (n % 251) as u8).collect();
    let mut back = Vec::new();
    let (written, ()) = tokio::join!(
        async {
            child.write(data.clone()).await?;
            child.end_input().await
        },
        async {
            while let Some(chunk) = child.next().await {
                if let Chunk::Stdout(piece) = chunk {
                    back.extend_from_slice(&piece);
                }
            }
        }
    );
    written.unwrap();
    assert!(back == data, "{} of {} bytes", back.len(), data.len());
    assert_eq!(child.wait().await.exit, Exit::Exited(0));
}

#[tokio::test]
async fn a_server_that_dies_in_the_middle_is_a_loss_and_no_exit_code() {
    let server = Server::start("");
    let connection = server.connect().await;
    let child = connection.spawn(&Command::new("yes")).await.unwrap();
    read_until(&child, "y").await;
    server.signal_sessions("KILL");
    assert!(matches!(child.wait().await.exit, Exit::Lost(why) if why.contains("connection")));
    assert!(!connection.until_lost().await.is_empty());
    assert!(matches!(connection.spawn(&Command::new("true")).await, Err(Error::Lost { .. })));
    assert!(matches!(child.write("x").await, Err(Error::Lost { .. })));
}

#[tokio::test]
async fn a_server_that_falls_silent_is_a_loss_too() {
    let server = Server::start("");
    let mut target = server.target();
    target.limits.keepalive = Duration::from_millis(200);
    let connection = vetty_ssh::Connection::dial(&target).await.unwrap();
    let child = connection.spawn(&sh("echo ready; sleep 1000; :")).await.unwrap();
    read_until(&child, "ready").await;
    server.signal_sessions("STOP");
    assert!(matches!(child.wait().await.exit, Exit::Lost(_)));
    assert!(connection.lost().unwrap().to_lowercase().contains("keepalive"), "{:?}", connection.lost());
}

#[tokio::test]
async fn a_hundred_terminals_share_one_connection() {
    let server = Server::start("MaxSessions 200");
    let connection = server.connect().await;
    let mut children = Vec::new();
    for number in 1..=100 {
        let command = sh("read -r line; stty size; exit 3").pty(size(80, 24));
        let child = connection.spawn(&command).await.unwrap();
        child.resize(size(100 + number, 10)).await.unwrap();
        children.push((number, child));
    }
    for (_, child) in &children {
        child.write("\n").await.unwrap();
    }
    for (number, child) in &children {
        read_until(child, &format!("10 {}", 100 + number)).await;
        assert_eq!(child.wait().await.exit, Exit::Exited(3));
    }
}

#[tokio::test]
async fn more_channels_than_the_server_opens_are_an_error_that_says_so() {
    let connection = Server::start("MaxSessions 2").connect_and_keep().await;
    let _first = connection.spawn(&Command::new("cat")).await.unwrap();
    let _second = connection.spawn(&Command::new("cat")).await.unwrap();
    let error = connection.spawn(&Command::new("cat")).await.unwrap_err();
    assert!(matches!(error, Error::ChannelRefused { .. }), "{error}");
}

impl Server {
    /// For tests that need nothing of the server but a connection to it.
    async fn connect_and_keep(self) -> Kept {
        let connection = self.connect().await;
        Kept { connection, _server: self }
    }
}

struct Kept {
    connection: vetty_ssh::Connection,
    _server: Server,
}

impl std::ops::Deref for Kept {
    type Target = vetty_ssh::Connection;
    fn deref(&self) -> &vetty_ssh::Connection {
        &self.connection
    }
}

trait Pending {
    async fn wait_is_pending(&self) -> bool;
}

impl Pending for Child {
    async fn wait_is_pending(&self) -> bool {
        tokio::time::timeout(Duration::ZERO, self.wait()).await.is_err()
    }
}
