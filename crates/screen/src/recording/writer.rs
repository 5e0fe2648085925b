//! Writes a recording: events in, lines out, within a number of bytes.

use std::borrow::Cow;
use std::io::Write;
use std::time::Duration;

use crate::recording::json;
use crate::recording::{Format, Header};
use crate::size::Size;

/// Bytes that are kept free for the line that tells of the end.
const RESERVED: u64 = 256;

/// What stands in place of typed secrets, however long they are.
const REDACTED: &str = "[redacted]";

/// Makes the lines of a recording. The owner writes what [`take`](Self::take) gives to a file, at any time.
///
/// Times are since the beginning; one before that of the last event counts as the same. Characters that come in parts
/// are put together; bytes that are no UTF-8 become U+FFFD, as the format has text alone.
#[derive(Debug)]
pub struct Writer {
    format: Format,
    lines: Vec<u8>,
    /// Bytes of all lines, those that were taken included.
    written: u64,
    max_bytes: u64,
    /// Time of the last line, in microseconds.
    last: u64,
    output: Incomplete,
    input: Incomplete,
    is_truncated: bool,
    omitted: u64,
}

/// The start of a character whose end has not come yet.
#[derive(Debug, Default)]
struct Incomplete(Vec<u8>);

impl Incomplete {
    /// The text of the bytes, as far as it is complete.
    fn text<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, str> {
        if self.0.is_empty() {
            return self.complete(bytes);
        }
        self.0.extend_from_slice(bytes);
        let joined = std::mem::take(&mut self.0);
        Cow::Owned(self.complete(&joined).into_owned())
    }

    fn complete<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, str> {
        let mut text = Cow::Borrowed("");
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            match text.is_empty() {
                true => text = Cow::Borrowed(chunk.valid()),
                false => text.to_mut().push_str(chunk.valid()),
            }
            let invalid = chunk.invalid();
            let is_start = || std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if chunks.peek().is_none() && is_start() {
                self.0 = invalid.to_vec();
            } else if !invalid.is_empty() {
                text.to_mut().push('\u{fffd}');
            }
        }
        text
    }

    fn end(&mut self) -> Option<&'static str> {
        let is_there = !self.0.is_empty();
        self.0.clear();
        is_there.then_some("\u{fffd}")
    }
}

impl Writer {
    /// Begins with the header. After `max_bytes` a marker says so, and nothing more is written; at least the header is.
    pub fn new(header: &Header, max_bytes: u64) -> Self {
        let mut lines = header.line().into_bytes();
        lines.push(b'\n');
        Self {
            format: header.format,
            written: lines.len() as u64,
            lines,
            max_bytes,
            last: 0,
            output: Incomplete::default(),
            input: Incomplete::default(),
            is_truncated: false,
            omitted: 0,
        }
    }

    /// What the program wrote, split anywhere.
    pub fn output(&mut self, at: Duration, bytes: &[u8]) {
        if self.is_truncated {
            self.omitted += bytes.len() as u64;
            return;
        }
        let text = self.output.text(bytes);
        if !self.text(at, b'o', &text) {
            self.omitted += bytes.len() as u64;
        }
    }

    /// What was typed. Secrets go by [`secret_input`](Self::secret_input) instead.
    pub fn input(&mut self, at: Duration, bytes: &[u8]) {
        if !self.is_truncated {
            let text = self.input.text(bytes);
            self.text(at, b'i', &text);
        }
    }

    /// Says that something was typed that nobody may read. It is not given to the recording at all, nor its length.
    pub fn secret_input(&mut self, at: Duration) {
        // The start of a character may be the start of the secret.
        self.input.0.clear();
        self.text(at, b'i', REDACTED);
    }

    /// The terminal has another size.
    pub fn resize(&mut self, at: Duration, size: Size) {
        self.text(at, b'r', &format!("{}x{}", size.cols, size.rows));
    }

    /// A place to come back to.
    pub fn marker(&mut self, at: Duration, label: &str) {
        self.line(at, b'm', label);
    }

    /// The program ended. Asciicast 2 has no word for it, and says nothing.
    pub fn exit(&mut self, at: Duration, code: i32) {
        if self.format == Format::AsciicastV3 {
            self.line(at, b'x', &code.to_string());
        }
    }

    /// Writes what was held back of characters that never became complete. To be called once, at the end.
    pub fn finish(&mut self, at: Duration) {
        if let Some(text) = self.output.end() {
            self.text(at, b'o', text);
        }
        if let Some(text) = self.input.end() {
            self.text(at, b'i', text);
        }
    }

    /// The lines since the last call.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.lines)
    }

    /// Bytes that [`take`](Self::take) would give.
    pub fn pending(&self) -> usize {
        self.lines.len()
    }

    /// Bytes of all lines since the beginning.
    pub fn bytes(&self) -> u64 {
        self.written
    }

    /// Whether the limit was reached.
    pub fn is_truncated(&self) -> bool {
        self.is_truncated
    }

    /// Bytes of output that came behind the limit.
    pub fn omitted(&self) -> u64 {
        self.omitted
    }

    fn text(&mut self, at: Duration, code: u8, text: &str) -> bool {
        text.is_empty() || self.line(at, code, text)
    }

    /// Whether there was room for it.
    fn line(&mut self, at: Duration, code: u8, data: &str) -> bool {
        if self.is_truncated {
            return false;
        }
        let (start, last) = (self.lines.len(), self.last);
        self.event(at, code, data);
        let added = (self.lines.len() - start) as u64;
        if self.written + added + RESERVED <= self.max_bytes {
            self.written += added;
            return true;
        }
        self.lines.truncate(start);
        (self.last, self.is_truncated) = (last, true);
        self.event(
            at,
            b'm',
            &format!("the recording ends here: it reached its limit of {} bytes", self.max_bytes),
        );
        self.written += (self.lines.len() - start) as u64;
        false
    }

    fn event(&mut self, at: Duration, code: u8, data: &str) {
        let now = u64::try_from(at.as_micros()).unwrap_or(u64::MAX).max(self.last);
        let time = match self.format {
            Format::AsciicastV2 => now,
            Format::AsciicastV3 => now - self.last,
        };
        self.last = now;
        // Writing to memory never fails.
        let _ =
            write!(self.lines, "[{}.{:06}, \"{}\", ", time / 1_000_000, time % 1_000_000, char::from(code));
        json::string(&mut self.lines, data);
        self.lines.extend_from_slice(b"]\n");
    }
}
