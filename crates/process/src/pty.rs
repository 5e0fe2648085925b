//! The host's side of a pseudo-terminal.

use std::fmt;
use std::io;
use std::task::{Context, Poll};

use tokio::io::ReadBuf;

use crate::sys;

/// What a terminal measures: columns and rows of cells, and of pixels where somebody knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    cols: u16,
    rows: u16,
    pixels: Option<(u16, u16)>,
}

/// A terminal of this size cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to {} columns and rows, got {cols} x {rows}", Size::MOST)]
pub struct SizeError {
    cols: u32,
    rows: u32,
}

impl Size {
    /// The most columns, and the most rows. Programs allocate cells by these numbers.
    pub const MOST: u16 = 1000;

    /// A size in cells.
    ///
    /// # Errors
    /// For 0 and for more than [`Size::MOST`].
    pub const fn new(cols: u32, rows: u32) -> Result<Size, SizeError> {
        let most = Size::MOST as u32;
        if cols == 0 || cols > most || rows == 0 || rows > most {
            return Err(SizeError { cols, rows });
        }
        Ok(Size { cols: cols as u16, rows: rows as u16, pixels: None })
    }

    /// The same, with the width and the height of the whole terminal in pixels.
    pub const fn with_pixels(self, width: u16, height: u16) -> Size {
        Size { pixels: Some((width, height)), ..self }
    }

    /// Cells in a row.
    pub const fn cols(self) -> u16 {
        self.cols
    }

    /// Rows of cells.
    pub const fn rows(self) -> u16 {
        self.rows
    }

    /// Width and height in pixels, where they are known.
    pub const fn pixels(self) -> Option<(u16, u16)> {
        self.pixels
    }
}

impl Default for Size {
    /// 80 columns, 24 rows.
    fn default() -> Size {
        Size { cols: 80, rows: 24, pixels: None }
    }
}

/// How the terminal treats what is typed, as the program on it has chosen (`termios(3)`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineMode {
    /// What is typed is shown. Off, with `canonical` on: somebody is asked for a password.
    pub echo: bool,
    /// What is typed is edited and handed over line by line.
    pub canonical: bool,
}

/// The master side of a child's pseudo-terminal, see [`Command::pty`](crate::Command::pty).
///
/// Everything takes `&self`: one task may read while another writes. Dropping it hangs the terminal up, which sends
/// SIGHUP to those on it.
pub struct Pty(sys::Pty);

impl Pty {
    /// Must be called in a runtime's context.
    pub(crate) fn new(ends: sys::PtyEnds) -> io::Result<Pty> {
        Ok(Pty(sys::Pty::new(ends)?))
    }

    /// Reads what the terminal gives, one system call into the caller's buffer; an empty read is the end, which comes only
    /// after [`Pty::leader_ended`]. A program may close the terminal and open `/dev/tty` again; nothing is lost and
    /// nothing spins meanwhile. Cancel-safe.
    ///
    /// # Errors
    /// As `read(2)`; none are expected.
    pub fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.0.poll_read(cx, buffer)
    }

    /// Types bytes. Pending while nobody reads what was typed before.
    ///
    /// # Errors
    /// As `write(2)`: EIO when nobody has the terminal open any more.
    pub fn poll_write(&self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.0.poll_write(cx, data)
    }

    /// To be called once the child that leads the terminal's session is dead: now the terminal's end is the end.
    pub fn leader_ended(&self) {
        self.0.leader_ended();
    }

    /// Changes the size; the foreground process group gets SIGWINCH if it is another one.
    ///
    /// # Errors
    /// As `ioctl(2)`; none are expected.
    pub fn resize(&self, size: Size) -> io::Result<()> {
        self.0.resize(size)
    }

    /// How the program treats what is typed.
    ///
    /// # Errors
    /// As `tcgetattr(3)`; none are expected.
    pub fn line_mode(&self) -> io::Result<LineMode> {
        self.0.line_mode()
    }

    /// The process group that is in the foreground; `None` if none is.
    pub fn foreground(&self) -> Option<i32> {
        self.0.foreground()
    }

    /// The name of what is in the foreground, where the system tells it.
    pub fn foreground_name(&self) -> Option<String> {
        self.0.foreground_name()
    }

    /// The number of the master's descriptor, where there is one.
    pub fn descriptor(&self) -> Option<i32> {
        self.0.descriptor()
    }

    /// The terminal's file: `/dev/pts/3`.
    pub fn name(&self) -> &str {
        self.0.name()
    }
}

impl fmt::Debug for Pty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pty").field("name", &self.name()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_between_one_and_a_thousand() {
        assert!(Size::new(1, 1).is_ok() && Size::new(1000, 1000).is_ok());
        for (cols, rows) in [(0, 24), (80, 0), (1001, 24), (80, 70_000)] {
            let error = Size::new(cols, rows).expect_err("no such terminal");
            assert_eq!(
                error.to_string(),
                format!("expected 1 to 1000 columns and rows, got {cols} x {rows}")
            );
        }
    }
}
