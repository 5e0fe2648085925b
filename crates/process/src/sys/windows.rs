//! What Windows has: the standard library's pipes, raw arguments, no console window.

use std::io;
use std::pin::Pin;
use std::process::Stdio as StdStdio;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout, Command as TokioCommand};

use crate::{Command, LineMode, Size, Stdio};

/// `CREATE_NO_WINDOW` of CreateProcessW.
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// There is no list of shells.
pub(crate) const SHELLS: &str = "";
/// Looked up as any bare name.
pub(crate) const LAST_SHELL: &str = "cmd.exe";

/// Accounts have none.
pub(crate) fn shell_of(_uid: Option<u32>) -> Option<std::path::PathBuf> {
    None
}

/// Never asked: no shell is listed, and no account has one.
pub(crate) fn is_sound_program(_path: &std::path::Path) -> bool {
    false
}

/// The folder's permissions say who may read it.
pub(crate) fn open_private_log(path: &std::path::Path) -> io::Result<std::fs::File> {
    use std::os::windows::fs::OpenOptionsExt;
    /// `FILE_FLAG_OPEN_REPARSE_POINT` of CreateFileW: the link, not what it leads to.
    const THE_LINK: u32 = 0x0020_0000;
    let file =
        std::fs::OpenOptions::new().read(true).append(true).create(true).custom_flags(THE_LINK).open(path)?;
    match file.metadata()?.is_symlink() {
        true => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a link")),
        false => Ok(file),
    }
}

/// A pipe that a runtime knows.
pub(crate) type ReadPipe = ReadEnd;
/// A pipe that a runtime knows.
pub(crate) type WritePipe = ChildStdin;

/// A parent's end of a pipe that it reads.
#[derive(Debug)]
pub(crate) enum ReadEnd {
    Stdout(ChildStdout),
    Stderr(ChildStderr),
}

impl ReadEnd {
    pub(crate) fn from_stdout(pipe: ChildStdout) -> ReadEnd {
        ReadEnd::Stdout(pipe)
    }

    pub(crate) fn from_stderr(pipe: ChildStderr) -> ReadEnd {
        ReadEnd::Stderr(pipe)
    }

    pub(crate) fn register(self) -> io::Result<ReadEnd> {
        Ok(self)
    }
}

impl AsyncRead for ReadEnd {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            ReadEnd::Stdout(pipe) => Pin::new(pipe).poll_read(cx, buffer),
            ReadEnd::Stderr(pipe) => Pin::new(pipe).poll_read(cx, buffer),
        }
    }
}

/// A parent's end of a pipe that it writes.
pub(crate) struct WriteEnd(ChildStdin);

impl WriteEnd {
    pub(crate) fn new(pipe: ChildStdin) -> WriteEnd {
        WriteEnd(pipe)
    }

    pub(crate) fn register(self) -> io::Result<ChildStdin> {
        Ok(self.0)
    }
}

/// There are none yet.
pub(crate) enum PtyEnds {}

/// There are none yet.
pub(crate) enum Pty {}

impl Pty {
    pub(crate) fn new(ends: PtyEnds) -> io::Result<Pty> {
        match ends {}
    }

    pub(crate) fn poll_read(&self, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match *self {}
    }

    pub(crate) fn poll_write(&self, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        match *self {}
    }

    pub(crate) fn leader_ended(&self) {
        match *self {}
    }

    pub(crate) fn resize(&self, _: Size) -> io::Result<()> {
        match *self {}
    }

    pub(crate) fn line_mode(&self) -> io::Result<LineMode> {
        match *self {}
    }

    pub(crate) fn foreground(&self) -> Option<i32> {
        match *self {}
    }

    pub(crate) fn descriptor(&self) -> Option<i32> {
        match *self {}
    }

    pub(crate) fn foreground_name(&self) -> Option<String> {
        match *self {}
    }

    pub(crate) fn name(&self) -> &str {
        match *self {}
    }
}

/// Pipes have no size to change here.
pub(crate) fn grow_pipe(_: &ReadEnd, _: usize) {}

pub(crate) fn child_end(stdio: Stdio) -> StdStdio {
    match stdio {
        Stdio::Null | Stdio::Merge => StdStdio::null(),
        Stdio::Pipe => StdStdio::piped(),
        Stdio::File(file) => StdStdio::from(file),
    }
}

/// Arguments and the window.
pub(crate) fn prepare(builder: &mut TokioCommand, command: &Command) {
    for argument in command.argv.iter().skip(1) {
        if command.verbatim_arguments {
            builder.raw_arg(argument);
        } else {
            builder.arg(argument);
        }
    }
    if command.hide_window {
        builder.creation_flags(CREATE_NO_WINDOW);
    }
}

/// Windows error numbers that have a name of the portable list.
pub(crate) fn errno_name(errno: i32) -> Option<&'static str> {
    match errno {
        2 | 3 => Some("ENOENT"),
        4 => Some("EMFILE"),
        5 => Some("EACCES"),
        8 | 14 => Some("ENOMEM"),
        87 => Some("EINVAL"),
        193 => Some("ENOEXEC"),
        206 => Some("E2BIG"),
        267 => Some("ENOTDIR"),
        _ => None,
    }
}

/// There are no numbers of users; one that is not root's.
pub(crate) fn own_user() -> u32 {
    u32::MAX
}
