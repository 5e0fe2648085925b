//! The screen of a session while its program writes: fed by one, looked at by many.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;
use vetty_screen::{Config, Event, Screen};

use crate::config::{Replies, Sessions};

/// What is fed before others get their turn: whoever looks at the screen waits for this much.
const SLICE: usize = 16 << 10;

/// A screen that is shared.
pub(crate) struct LiveScreen {
    /// Held by whoever waits for the screen. A mutex is nobody's in particular when it is let go: without this one the feeder
    /// would mostly be first again.
    turn: Mutex<()>,
    shown: Mutex<Shown>,
    /// There are replies to be written.
    asked: Notify,
}

/// What is shown, and since when.
pub(crate) struct Shown {
    pub(crate) screen: Screen,
    pub(crate) last_change: Instant,
}

impl LiveScreen {
    /// As the policy has it; `replies` can only switch off.
    pub(crate) fn new(
        size: vetty_process::Size,
        sessions: &Sessions,
        replies: Option<Replies>,
    ) -> LiveScreen {
        let mut config = Config::default();
        config.history_lines = sessions.history.lines;
        config.history_bytes = sessions.history.bytes;
        config.replies = replies.unwrap_or(Replies::all()).within(sessions.replies).into();
        if let Some(pixels) = cell_pixels(size) {
            config.cell_pixels = pixels;
        }
        let screen = Screen::new(cells(size), config);
        LiveScreen {
            turn: Mutex::new(()),
            shown: Mutex::new(Shown { screen, last_change: Instant::now() }),
            asked: Notify::new(),
        }
    }

    /// One consistent state. Waits for one slice of output at most.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Shown> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the program wrote.
    pub(crate) fn feed(&self, data: &[u8]) {
        let mut has_replies = false;
        for slice in data.chunks(SLICE) {
            let mut shown = self.lock();
            let before = shown.screen.sequence();
            shown.screen.feed(slice);
            if shown.screen.sequence() != before {
                shown.last_change = Instant::now();
            }
            has_replies = shown.screen.has_replies();
        }
        if has_replies {
            self.asked.notify_one();
        }
    }

    /// Until there are replies that nobody has taken.
    pub(crate) async fn asked(&self) {
        while !self.lock().screen.has_replies() {
            self.asked.notified().await;
        }
    }

    pub(crate) fn take_replies(&self) -> Vec<u8> {
        self.lock().screen.take_replies()
    }

    /// What nobody has been told yet.
    pub(crate) fn take_events(&self) -> Vec<Event> {
        let mut shown = self.lock();
        if shown.screen.has_events() { shown.screen.take_events() } else { Vec::new() }
    }

    pub(crate) fn resize(&self, size: vetty_process::Size) {
        let mut shown = self.lock();
        shown.screen.resize(cells(size));
        if let Some((width, height)) = cell_pixels(size) {
            shown.screen.set_cell_pixels(width, height);
        }
        shown.last_change = Instant::now();
    }

    /// Asks the owner of the clipboard's answer to be written.
    pub(crate) fn answer_clipboard(&self, selection: &str, data: &[u8]) {
        self.lock().screen.answer_clipboard(selection, data);
        self.asked.notify_one();
    }
}

fn cells(size: vetty_process::Size) -> vetty_screen::Size {
    vetty_screen::Size::new(size.cols(), size.rows())
}

fn cell_pixels(size: vetty_process::Size) -> Option<(u16, u16)> {
    let (width, height) = size.pixels()?;
    let (width, height) = (width / size.cols(), height / size.rows());
    (width > 0 && height > 0).then_some((width, height))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn who_waits_for_the_screen_comes_before_who_feeds_it() {
        let screen = Arc::new(LiveScreen::new(vetty_process::Size::default(), &Sessions::default(), None));
        let in_use = screen.shown.lock().expect("nobody panics");
        let looking = {
            let screen = Arc::clone(&screen);
            std::thread::spawn(move || screen.lock().screen.sequence())
        };
        while screen.turn.try_lock().is_ok() {
            std::thread::yield_now();
        }
        let feeding = {
            let screen = Arc::clone(&screen);
            std::thread::spawn(move || screen.feed(&[b'x'; 10 * SLICE]))
        };
        drop(in_use);
        assert_eq!(looking.join().expect("it looks"), 0, "nothing was fed before");
        feeding.join().expect("it feeds");
        assert_eq!(screen.lock().screen.sequence(), 10);
    }

    #[test]
    fn an_option_switches_replies_off_and_never_on() {
        let sessions = Sessions::default();
        let wanted = Replies { device: false, winops: true, ..Replies::all() };
        let screen = LiveScreen::new(vetty_process::Size::default(), &sessions, Some(wanted));
        screen.feed(b"\x1b[6n\x1b[18t");
        assert_eq!(screen.take_replies(), b"");
        let screen = LiveScreen::new(vetty_process::Size::default(), &sessions, None);
        screen.feed(b"\x1b[6n\x1b[18t");
        assert_eq!(screen.take_replies(), b"\x1b[1;1R");
    }
}
