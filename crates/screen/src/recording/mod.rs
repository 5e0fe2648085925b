//! Recordings of terminals as asciicast, version 2 and 3: written and read line by line, and replayed into a
//! [`Screen`](crate::Screen). Nothing here opens a file: bytes go in and out.
//!
//! ```
//! use std::time::Duration;
//! use vetty_screen::{Config, Size, TextOptions, recording::{Format, Header, Reader, Replay, Writer}};
//!
//! let mut writer = Writer::new(&Header::new(Format::AsciicastV3, Size::new(80, 24)), 1 << 20);
//! writer.output(Duration::from_millis(100), b"working");
//! writer.output(Duration::from_millis(900), b"\rdone   ");
//! writer.finish(Duration::from_millis(950));
//! let file = writer.take();
//!
//! let mut replay = Replay::new(Reader::new(&file[..])?, Config::default());
//! replay.advance_to(Duration::from_millis(500))?;
//! assert_eq!(replay.screen().text(&TextOptions::default()), "working");
//! replay.advance_to(Duration::MAX)?;
//! assert_eq!(replay.screen().text(&TextOptions::default()), "done");
//! # Ok::<(), vetty_screen::recording::RecordingError>(())
//! ```

mod error;
mod header;
mod json;
mod reader;
mod replay;
mod writer;

use std::time::Duration;

use crate::size::Size;

pub use error::{Problem, RecordingError};
pub use header::Header;
pub use reader::Reader;
pub use replay::{Replay, replay};
pub use writer::Writer;

/// How a recording is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Format {
    /// Asciicast 2: times since the beginning. What most players read.
    #[default]
    AsciicastV2,
    /// Asciicast 3: times since the event before, and the exit code of the program.
    AsciicastV3,
}

impl Format {
    /// `asciicast-v2`, `asciicast-v3`.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsciicastV2 => "asciicast-v2",
            Self::AsciicastV3 => "asciicast-v3",
        }
    }

    /// The format of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::AsciicastV2, Self::AsciicastV3].into_iter().find(|format| format.name() == name)
    }
}

/// Something that happened while it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Since the beginning.
    pub at: Duration,
    /// What it was.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// The program wrote this.
    Output(String),
    /// This was typed.
    Input(String),
    /// The terminal has this size from now on.
    Resize(Size),
    /// A place to come back to, with its name.
    Marker(String),
    /// The program ended with this exit code.
    Exit(i32),
    /// Something that this version does not know, by its code.
    Other(String),
}
