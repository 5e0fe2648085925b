//! A recording on a screen, at any of its times.

use std::io::BufRead;
use std::time::Duration;

use crate::config::Config;
use crate::recording::error::RecordingError;
use crate::recording::{Reader, Recorded, What};
use crate::screen::Screen;

/// Plays a recording into a [`Screen`]. It goes forward; for an earlier time begin anew.
pub struct Replay<R> {
    reader: Reader<R>,
    screen: Screen,
    next: Option<Recorded>,
    at: Duration,
}

impl<R: std::fmt::Debug> std::fmt::Debug for Replay<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Replay").field("reader", &self.reader).field("at", &self.at).finish_non_exhaustive()
    }
}

impl<R: BufRead> Replay<R> {
    /// At the beginning: an empty screen of the recording's size, and of its colours if it says some. Sizes are brought
    /// into [`Size::MAX`](crate::Size::MAX).
    pub fn new(reader: Reader<R>, mut config: Config) -> Self {
        let header = reader.header();
        if let Some(theme) = &header.theme {
            config.theme = theme.clone();
        }
        let screen = Screen::new(header.size, config);
        Self { reader, screen, next: None, at: Duration::ZERO }
    }

    /// Plays all events up to this time, those at it included. A time that has passed changes nothing.
    ///
    /// # Errors
    ///
    /// The recording cannot be read on; the screen is that of the events before.
    pub fn advance_to(&mut self, at: Duration) -> Result<(), RecordingError> {
        while self.next_at()?.is_some_and(|next| next <= at) {
            if let Some(event) = self.next.take() {
                self.play(event);
            }
        }
        Ok(())
    }

    /// When the next event is, if there is one.
    ///
    /// # Errors
    ///
    /// The recording cannot be read on.
    pub fn next_at(&mut self) -> Result<Option<Duration>, RecordingError> {
        if self.next.is_none() {
            self.next = self.reader.next().transpose()?;
        }
        Ok(self.next.as_ref().map(|event| event.at))
    }

    fn play(&mut self, event: Recorded) {
        self.at = event.at;
        match event.what {
            What::Output(text) => {
                self.screen.feed(text.as_bytes());
                // Nobody is there to be answered or told.
                self.screen.take_replies();
                self.screen.take_events();
            }
            What::Resize(size) if size != self.screen.size() => self.screen.resize(size),
            _ => {}
        }
    }

    /// The time of the last event that was played.
    pub fn at(&self) -> Duration {
        self.at
    }

    /// The recording.
    pub fn reader(&self) -> &Reader<R> {
        &self.reader
    }

    /// The screen as it is at this time.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// The screen alone.
    pub fn into_screen(self) -> Screen {
        self.screen
    }
}

/// The screen at a time of a recording, or at its end.
///
/// # Errors
///
/// The recording cannot be read up to that time.
pub fn replay<R: BufRead>(source: R, at: Option<Duration>, config: Config) -> Result<Screen, RecordingError> {
    let mut replay = Replay::new(Reader::new(source)?, config);
    replay.advance_to(at.unwrap_or(Duration::MAX))?;
    Ok(replay.into_screen())
}
