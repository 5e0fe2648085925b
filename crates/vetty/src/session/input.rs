//! What is typed: bytes on their way to the terminal, in order with changes of its size.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use std::task::{Context, Poll};

use tokio::sync::{Mutex, watch};
use vetty_process::{Pty, Size};

use super::live_screen::LiveScreen;
use crate::Error;

/// Bytes that may wait to be typed.
const MOST_WAITING: usize = 8 << 20;

/// The way into a terminal: one writer after the other.
pub(crate) struct Input {
    /// The output's side holds it, up to the last byte.
    pty: Weak<Pty>,
    terminal_name: String,
    turn: Mutex<Turn>,
    screen: Option<Arc<LiveScreen>>,
    /// Whoever has the turn waits for a program that does not read its replies.
    stuck: watch::Sender<bool>,
    waiting: AtomicUsize,
}

/// What whoever writes has to write first.
#[derive(Default)]
struct Turn {
    /// The screen's replies to the program's questions. A writer that is dropped leaves the rest to the next one.
    replies: VecDeque<u8>,
}

/// Takes its bytes off the count when it is over, however.
struct Waiting<'a>(&'a AtomicUsize, usize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(self.1, Ordering::Relaxed);
    }
}

impl Input {
    pub(crate) fn new(pty: &Arc<Pty>, screen: Option<Arc<LiveScreen>>) -> Input {
        Input {
            pty: Arc::downgrade(pty),
            terminal_name: pty.name().to_owned(),
            turn: Mutex::default(),
            screen,
            stuck: watch::Sender::new(false),
            waiting: AtomicUsize::new(0),
        }
    }

    pub(crate) fn terminal_name(&self) -> &str {
        &self.terminal_name
    }

    /// Until its end.
    pub(crate) fn pty(&self) -> Option<Arc<Pty>> {
        self.pty.upgrade()
    }

    /// Until the terminal has taken all of it.
    pub(crate) async fn write(&self, mut data: &[u8]) -> Result<(), Error> {
        let before = self.waiting.fetch_add(data.len(), Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting, data.len());
        if before > 0 && before + data.len() > MOST_WAITING {
            return Err(Error::InputFull);
        }
        let mut turn = self.turn.lock().await;
        self.write_replies(&mut turn).await?;
        while !data.is_empty() {
            let length = poll_fn(|cx| self.poll_write(cx, data)).await?;
            data = &data[length..];
        }
        Ok(())
    }

    /// Writes the screen's replies as they come, until the terminal's end. Dropped, it loses none.
    pub(crate) async fn answer(&self) -> Result<(), Error> {
        let Some(screen) = &self.screen else { return Ok(()) };
        loop {
            screen.asked().await;
            let mut turn = self.turn.lock().await;
            let mut writing = pin!(self.write_replies(&mut turn));
            let written = poll_fn(|cx| {
                let polled = writing.as_mut().poll(cx);
                self.stuck.send_replace(polled.is_pending());
                polled
            });
            written.await?;
        }
    }

    /// What there is now: a program that asks on and on does not keep others from writing.
    async fn write_replies(&self, turn: &mut Turn) -> Result<(), Error> {
        self.write_waiting(&mut turn.replies).await?;
        if let Some(screen) = &self.screen {
            turn.replies = screen.take_replies().into();
            self.write_waiting(&mut turn.replies).await?;
        }
        Ok(())
    }

    async fn write_waiting(&self, waiting: &mut VecDeque<u8>) -> Result<(), Error> {
        while !waiting.is_empty() {
            let length = poll_fn(|cx| self.poll_write(cx, waiting.as_slices().0)).await?;
            waiting.drain(..length);
        }
        Ok(())
    }

    /// After what was written before; replies that the program does not read are not waited for. The screen is first: what
    /// the program paints at its signal finds it ready.
    pub(crate) async fn resize(&self, size: Size) -> Result<(), Error> {
        let mut stuck = self.stuck.subscribe();
        let _turn = tokio::select! {
            biased;
            turn = self.turn.lock() => Some(turn),
            _ = stuck.wait_for(|is_stuck| *is_stuck) => None,
        };
        let pty = self.pty().ok_or(Error::Ended)?;
        if let Some(screen) = &self.screen {
            screen.resize(size);
        }
        pty.resize(size).map_err(|_| Error::Ended)
    }

    fn poll_write(&self, cx: &mut Context<'_>, data: &[u8]) -> Poll<Result<usize, Error>> {
        let pty = self.pty().ok_or(Error::Ended)?;
        // EIO: nobody has the terminal open any more.
        pty.poll_write(cx, data).map_err(|_| Error::Ended)
    }
}

/// As a person types: a line feed is Enter, which sends a carriage return.
pub(crate) fn typed(text: &str) -> String {
    text.replace("\r\n", "\r").replace('\n', "\r")
}

/// As a terminal pastes. The sequence that ends a bracketed paste would let the rest be typed: it is taken out, also where
/// taking it out makes another one, and so are all other control characters but tabs and line ends.
pub(crate) fn pasted(text: &str, bracketed: bool) -> String {
    const END: &str = "\x1b[201~";
    let mut text = typed(text);
    while text.contains(END) {
        text = text.replace(END, "");
    }
    // Keys are no part of a text.
    text.retain(|ch| !ch.is_control() || matches!(ch, '\t' | '\r'));
    if bracketed { format!("\x1b[200~{text}{END}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_enter() {
        assert_eq!(typed("a\nb\r\nc\rd"), "a\rb\rc\rd");
    }

    #[test]
    fn a_paste_cannot_end_itself() {
        assert_eq!(pasted("a\x1b[201~b\n", true), "\x1b[200~ab\r\x1b[201~");
        assert_eq!(pasted("\x1b[20\x1b[201~1~ls\n", true), "\x1b[200~ls\r\x1b[201~");
        assert_eq!(pasted("a\nb", false), "a\rb");
        assert_eq!(pasted("a\x03\tb\x1b[A", false), "a\tb[A");
    }
}
