//! Reads a recording, one line at a time.

use std::borrow::Cow;
use std::io::BufRead;
use std::time::Duration;

use serde_json::Value;

use crate::recording::error::{Problem, RecordingError};
use crate::recording::header::{Header, resize, seconds};
use crate::recording::{Format, Recorded, What};

/// Bytes of a line at most.
const MAX_LINE: usize = 16 << 20;

/// The events of a recording, in their order. Memory is bounded by the longest line, of 16 MiB at most.
///
/// A last line that was not written to its end, as when a recorder was killed, is left out: see
/// [`is_cut`](Self::is_cut). Behind an error nothing more is read.
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    header: Header,
    line: u64,
    buffer: Vec<u8>,
    /// The time of the last event.
    at: Duration,
    is_cut: bool,
    ended: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// It cannot be read, is no header of asciicast 2 or 3, or says what cannot be.
    pub fn new(mut source: R) -> Result<Self, RecordingError> {
        let mut buffer = Vec::new();
        let header = read_line(&mut source, &mut buffer).and_then(|is_there| match is_there {
            true => Header::parse(std::str::from_utf8(&buffer).map_err(|_| Problem::NotUtf8)?),
            false => Err(Problem::Empty),
        });
        let header = header.map_err(|problem| RecordingError::new(1, problem))?;
        Ok(Self { source, header, line: 1, buffer, at: Duration::ZERO, is_cut: false, ended: false })
    }

    /// What the recording says about itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whether the last line was not written to its end. Known behind the last event.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    fn read(&mut self) -> Result<Option<Recorded>, Problem> {
        loop {
            self.line += 1;
            if !read_line(&mut self.source, &mut self.buffer)? {
                return Ok(None);
            }
            let is_whole = self.buffer.last() == Some(&b'\n');
            let line = match std::str::from_utf8(&self.buffer) {
                Ok(line) => line.trim_matches([' ', '\t', '\r', '\n']),
                // A character that was cut with the line.
                Err(error) if !is_whole && error.error_len().is_none() => {
                    self.is_cut = true;
                    return Ok(None);
                }
                Err(_) => return Err(Problem::NotUtf8),
            };
            let is_comment = self.header.format == Format::AsciicastV3 && line.starts_with('#');
            if line.is_empty() || is_comment {
                continue;
            }
            let event: (f64, Cow<'_, str>, Value) = match serde_json::from_str(line) {
                Ok(event) => event,
                Err(error) if !is_whole && error.is_eof() => {
                    self.is_cut = true;
                    return Ok(None);
                }
                Err(error) => {
                    return Err(Problem::Malformed(format!("an event is `[time, code, data]`: {error}")));
                }
            };
            let (time, code, data) = event;
            let time = seconds(time, "time")?;
            self.at = match self.header.format {
                // Recorders that write from several threads go back a little at times.
                Format::AsciicastV2 => self.at.max(time),
                Format::AsciicastV3 => self.at.saturating_add(time),
            };
            let what = what(&code, data)?;
            return Ok(Some(Recorded { at: self.at, what }));
        }
    }
}

fn what(code: &str, data: Value) -> Result<What, Problem> {
    let text = |data: Value| match data {
        Value::String(text) => Ok(text),
        _ => Err(Problem::Value { of: "data", expected: "a string" }),
    };
    Ok(match code {
        "o" => What::Output(text(data)?),
        "i" => What::Input(text(data)?),
        "m" => What::Marker(text(data)?),
        "r" => resize(&text(data)?)?,
        "x" => {
            let status = text(data)?.parse();
            What::Exit(status.map_err(|_| Problem::Value { of: "exit", expected: "a number in a string" })?)
        }
        _ => What::Other(code.chars().take(16).collect()),
    })
}

/// The next line with its end, or none behind the last one.
fn read_line(source: &mut impl BufRead, buffer: &mut Vec<u8>) -> Result<bool, Problem> {
    buffer.clear();
    // A long line is not kept for the short ones behind it.
    buffer.shrink_to(64 << 10);
    let mut limited = std::io::Read::take(&mut *source, MAX_LINE as u64 + 1);
    limited.read_until(b'\n', buffer).map_err(Problem::Read)?;
    if buffer.len() > MAX_LINE {
        return Err(Problem::TooLong);
    }
    Ok(!buffer.is_empty())
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Recorded, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let event = self.read().map_err(|problem| RecordingError::new(self.line, problem)).transpose();
        self.ended = !matches!(event, Some(Ok(_)));
        event
    }
}
