//! Commands and terminals on another host beside `ssh` over a control socket: an sshd on the loopback, the same cipher.

use std::path::PathBuf;
use std::process::{Command as System, Stdio};
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use vetty_ssh::{Child, Chunk, Command, Connection, Overflow, Pool, Size};

use crate::measure::{ROUNDS, cpu, median, micros, row, runtime, status};

#[path = "../crates/ssh/tests/sshd/server.rs"]
#[allow(clippy::unwrap_used, dead_code, reason = "the sshd of the tests")]
mod server;

use server::Server;

const CIPHER: &str = "aes256-gcm@openssh.com";
const MEGABYTES: usize = 100;

/// A server, a connection of ours and a master of `ssh`'s.
struct Both {
    server: Server,
    runtime: Runtime,
    connection: Connection,
}

impl Both {
    fn start() -> Both {
        let server = Server::start("MaxSessions 300");
        let runtime = runtime();
        let connection = runtime.block_on(server.connect());
        let both = Both { server, runtime, connection };
        let made = both.ssh(&["-o", "ControlMaster=yes", "-o", "ControlPersist=yes", "-N", "-f"]).status();
        assert!(made.expect("ssh starts").success(), "no control socket");
        both
    }

    fn socket(&self) -> PathBuf {
        self.server.path("control")
    }

    /// `ssh` to the server, by the socket once it is there.
    fn ssh(&self, options: &[&str]) -> System {
        let mut ssh = System::new("ssh");
        ssh.args(["-F", "none", "-o", "BatchMode=yes", "-o", "GlobalKnownHostsFile=none"])
            .args(["-o", &format!("UserKnownHostsFile={}", self.server.path("known_hosts").display())])
            .args(["-o", &format!("ControlPath={}", self.socket().display()), "-c", CIPHER])
            .arg("-i")
            .arg(self.server.path("user"))
            .args(["-p", &self.server.port.to_string()])
            .args(options)
            .arg("127.0.0.1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        ssh
    }
}

impl Drop for Both {
    fn drop(&mut self) {
        let _ = self.ssh(&["-O", "exit"]).status();
    }
}

/// `true` on a connection that is there.
pub fn execute() {
    let both = Both::start();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS * 10 {
        let begin = Instant::now();
        let output =
            both.runtime.block_on(both.connection.execute(&Command::new("true"), "")).expect("it runs");
        assert!(output.exit.success());
        ours.push(micros(begin.elapsed()));
        let begin = Instant::now();
        assert!(both.ssh(&[]).arg("true").status().expect("ssh starts").success());
        theirs.push(micros(begin.elapsed()));
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let ms = |micros: f64| format!("{:.1} ms", micros / 1000.0);
    row("`true` on another host, `ssh` by a control socket", ms(ours), ms(theirs), ours / theirs);
}

/// Output as fast as it comes, by pipes and by a terminal.
pub fn bulk() {
    let both = Both::start();
    let script = format!("head -c {} /dev/zero", MEGABYTES * 1_000_000);
    let raw = format!("stty raw -echo; {script}");
    for (what, script, terminal) in [("pipes", &script, false), ("a terminal", &raw, true)] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..5 {
            let mut command = Command::new("sh").args(["-c", script]).overflow(Overflow::Wait);
            if terminal {
                command = command.pty(Size::new(80, 24).expect("a size"));
            }
            let begin = Instant::now();
            let bytes = both.runtime.block_on(async {
                let child = both.connection.spawn(&command).await.expect("it starts");
                drain(&child).await
            });
            assert!(bytes >= MEGABYTES * 1_000_000, "{bytes} bytes");
            ours.push(micros(begin.elapsed()));
            let begin = Instant::now();
            let options: &[&str] = if terminal { &["-tt"] } else { &[] };
            assert!(both.ssh(options).arg(script).status().expect("ssh starts").success());
            theirs.push(micros(begin.elapsed()));
        }
        let rate = |times: Vec<f64>| (MEGABYTES * 1_000_000) as f64 / median(times);
        let (ours, theirs) = (rate(ours), rate(theirs));
        let mb = |rate: f64| format!("{rate:.0} MB/s");
        row(
            &format!("{MEGABYTES} MB from another host by {what}, {CIPHER}, `ssh`"),
            mb(ours),
            mb(theirs),
            ours / theirs,
        );
    }
}

async fn drain(child: &Child) -> usize {
    let mut bytes = 0;
    while let Some(chunk) = child.next().await {
        if let Chunk::Stdout(data) = chunk {
            bytes += data.len();
        }
    }
    bytes
}

/// What a flood on a terminal that nobody reads costs the others on its connection.
pub fn flood() {
    let both = Both::start();
    let echo = || {
        let mut times = Vec::new();
        for _ in 0..ROUNDS * 5 {
            let begin = Instant::now();
            both.runtime.block_on(both.connection.execute(&Command::new("true"), "")).expect("it runs");
            times.push(micros(begin.elapsed()));
        }
        median(times)
    };
    let quiet = echo();
    let size = Size::new(80, 24).expect("a size");
    let flood =
        both.runtime.block_on(both.connection.spawn(&Command::new("yes").pty(size))).expect("it starts");
    let flooded = echo();
    both.runtime.block_on(flood.close(Duration::ZERO)).expect("it ends");
    let ms = |micros: f64| format!("{:.1} ms", micros / 1000.0);
    row("`true` beside an unread flood, and alone (both vetty)", ms(flooded), ms(quiet), flooded / quiet);
}

/// A hundred terminals: opened and resized, then idle.
pub fn terminals() {
    let both = Both::start();
    let pool = Pool::with(both.server.target(), 100, vetty_ssh::Dials::default());
    let size = Size::new(80, 24).expect("a size");
    let command = Command::new("sh").args(["-c", "read -r line; stty size; read -r line"]).pty(size);
    let (threads, memory) = (status("Threads"), status("VmRSS"));
    let begin = Instant::now();
    let children: Vec<Child> = both.runtime.block_on(async {
        let mut children = Vec::new();
        for number in 0..100 {
            let child = pool.spawn(&command).await.expect("it starts");
            child.resize(Size::new(100 + number, 10).expect("a size")).await.expect("it is resized");
            child.write("\n").await.expect("it is written");
            children.push(child);
        }
        for (number, child) in children.iter().enumerate() {
            let mut seen = String::new();
            while !seen.contains(&format!("10 {}", 100 + number)) {
                let chunk = child.next().await.expect("it tells its size");
                if let Chunk::Stdout(data) = chunk {
                    seen.push_str(&String::from_utf8_lossy(&data));
                }
            }
        }
        children
    });
    let opened = begin.elapsed();
    let (threads, memory) = (status("Threads") - threads, status("VmRSS") - memory);
    let before = cpu();
    std::thread::sleep(Duration::from_secs(10));
    let idle = (cpu() - before) * 1000.0;
    println!("| 100 terminals on another host: opened, resized, verified | {} ms | | |", opened.as_millis());
    println!("| memory and threads that they take here | {:.1} MB, {threads} | | |", memory / 1000.0);
    println!("| CPU of them in 10 s of idleness | {idle:.2} ms | | |");
    both.runtime.block_on(pool.close());
    drop(children);
}
