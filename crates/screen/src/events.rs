//! What output says beside text. Nothing of it has an effect; the owner acts on it or not.

use std::collections::VecDeque;

use crate::images::Image;
use crate::marks::CommandMark;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The title of the window is now this.
    Title(String),
    /// BEL.
    Bell,
    /// The shell's directory (OSC 7, 633, 1337), as it said it.
    Cwd(String),
    /// OSC 9, 99 and 777.
    Notification {
        /// If it has one.
        title: Option<String>,
        /// The text.
        body: String,
    },
    /// OSC 9;4.
    Progress {
        /// What kind.
        state: Progress,
        /// 0 to 100, where there is a number.
        percent: Option<u8>,
    },
    /// A program wants to set the clipboard (OSC 52).
    Clipboard {
        /// Which one: `c` the clipboard, `p` the primary selection, and so on.
        selection: String,
        /// What it shall hold.
        data: Vec<u8>,
    },
    /// A program asks what the clipboard holds. Comes only where `replies.clipboard` is on; answer it with
    /// [`Screen::answer_clipboard`](crate::Screen::answer_clipboard) or not at all.
    ClipboardRead {
        /// Which one.
        selection: String,
    },
    /// A picture. It is not drawn.
    Image(Image),
    /// A command began or ended, by shell marks.
    Command(CommandMark),
    /// The alternate screen is shown, or no longer.
    AlternateScreen(bool),
    /// So many events were dropped before the next one, because nobody took them.
    Lag(u64),
}

/// The kind of a progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Progress {
    /// There is none, or it is over.
    None,
    /// It goes on.
    Normal,
    /// It failed.
    Error,
    /// It goes on, nobody knows how far.
    Indeterminate,
    /// It waits.
    Paused,
}

impl Event {
    /// Bytes of its texts and data, for whoever bounds what waits.
    pub fn size(&self) -> usize {
        match self {
            Self::Title(text) | Self::Cwd(text) => text.len(),
            Self::Notification { title, body } => title.as_ref().map_or(0, String::len) + body.len(),
            Self::Clipboard { selection, data } => selection.len() + data.len(),
            Self::ClipboardRead { selection } => selection.len(),
            Self::Image(image) => image.payload.as_ref().map_or(0, Vec::len),
            Self::Command(mark) => mark.command.as_ref().map_or(0, String::len),
            Self::Bell | Self::Progress { .. } | Self::AlternateScreen(_) | Self::Lag(_) => 0,
        }
    }
}

/// Bytes that the events which wait may hold together.
const MAX_BYTES: usize = 16 << 20;

/// Events that wait to be taken.
#[derive(Debug)]
pub(crate) struct Events {
    waiting: VecDeque<Event>,
    bytes: usize,
    max: usize,
    dropped: u64,
}

impl Events {
    pub(crate) fn new(max: usize) -> Self {
        Self { waiting: VecDeque::new(), bytes: 0, max: max.max(1), dropped: 0 }
    }

    pub(crate) fn push(&mut self, event: Event) {
        self.bytes += event.size();
        self.waiting.push_back(event);
        while self.waiting.len() > self.max || (self.bytes > MAX_BYTES && self.waiting.len() > 1) {
            if let Some(oldest) = self.waiting.pop_front() {
                self.bytes -= oldest.size();
                self.dropped += 1;
            }
        }
    }

    /// All of them, oldest first; if some were dropped, that stands first.
    pub(crate) fn take(&mut self) -> Vec<Event> {
        self.bytes = 0;
        let lag = std::mem::take(&mut self.dropped);
        let lag = (lag > 0).then_some(Event::Lag(lag));
        lag.into_iter().chain(self.waiting.drain(..)).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
