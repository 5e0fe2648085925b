//! A program on a pseudo-terminal, by each of the three.

use std::io::{Read, Write};

use futures_util::StreamExt;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vetty::{Session, Terminal};

/// By pty-process, with tokio.
pub struct PtyProcess {
    pub pty: pty_process::Pty,
    pub child: tokio::process::Child,
}

impl PtyProcess {
    pub fn spawn(argv: &[&str]) -> PtyProcess {
        let (pty, pts) = pty_process::open().expect("a terminal");
        pty.resize(pty_process::Size::new(24, 80)).expect("a size");
        let command = pty_process::Command::new(argv[0]).args(&argv[1..]).kill_on_drop(true);
        let child = command.spawn(pts).expect("it spawns");
        PtyProcess { pty, child }
    }

    /// The next bytes; 0 at the end, which the kernel tells by an error.
    pub async fn read(&mut self, buffer: &mut [u8]) -> usize {
        self.pty.read(buffer).await.unwrap_or(0)
    }

    pub async fn write(&mut self, data: &[u8]) {
        self.pty.write_all(data).await.expect("it is taken");
    }
}

/// By portable-pty, whose reader and writer block.
pub struct PortablePty {
    pub reader: Box<dyn Read + Send>,
    pub writer: Box<dyn Write + Send>,
    pub child: Box<dyn portable_pty::Child + Send + Sync>,
    /// Holds the terminal open.
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl PortablePty {
    pub fn spawn(argv: &[&str]) -> PortablePty {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(argv[0]);
        command.args(&argv[1..]);
        let child = pair.slave.spawn_command(command).expect("it spawns");
        drop(pair.slave);
        let reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        PortablePty { reader, writer, child, _master: pair.master }
    }

    pub fn read(&mut self, buffer: &mut [u8]) -> usize {
        self.reader.read(buffer).unwrap_or(0)
    }
}

impl Drop for PortablePty {
    fn drop(&mut self) {
        // An error: it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub async fn open(terminal: &Terminal, argv: &[&str]) -> Session {
    terminal.command(argv.to_vec()).screen(false).open().await.expect("it opens")
}

/// Reads until `what` has come.
pub async fn until(reader: &mut vetty::Reader, what: &[u8]) {
    let mut seen = Vec::new();
    while !seen.windows(what.len()).any(|window| window == what) {
        seen.extend_from_slice(&reader.next().await.expect("it writes"));
    }
}
