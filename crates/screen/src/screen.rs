//! A terminal's screen: bytes of a program in, and what a person would see out.

use std::time::Duration;

use crate::base64;
use crate::config::Config;
use crate::events::Event;
use crate::marks::CommandMark;
use crate::modes::Mode;
use crate::parser::{Caps, Parser};
use crate::reply::Category;
use crate::size::{Position, Size};
use crate::state::State;

/// How long a program may hold back the screen by synchronized output (mode 2026).
const SYNCHRONIZED: Duration = Duration::from_millis(150);

/// A headless terminal.
///
/// ```
/// use vetty_screen::{Config, Screen, Size, TextOptions};
///
/// let mut screen = Screen::new(Size::new(80, 24), Config::default());
/// screen.feed(b"\x1b[1mready\x1b[m\x1b[6n");
/// assert_eq!(screen.text(&TextOptions::default()), "ready");
/// assert_eq!(screen.take_replies(), b"\x1b[1;6R");
/// ```
pub struct Screen {
    pub(crate) parser: Parser,
    pub(crate) state: State,
}

/// Where the cursor is and how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct CursorView {
    /// Its place.
    #[serde(flatten)]
    pub at: Position,
    /// It is shown (DECTCEM).
    pub visible: bool,
    /// Its shape (DECSCUSR).
    pub shape: CursorShape,
}

/// The shape of a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CursorShape {
    /// The whole cell.
    Block,
    /// A line below.
    Underline,
    /// A line at the left.
    Bar,
}

impl Screen {
    /// An empty screen.
    pub fn new(size: Size, config: Config) -> Self {
        let size = Size::new(size.cols, size.rows);
        // Base64 needs four digits for three bytes, and a picture has a description.
        let image = (config.max_image / 3 + 1).saturating_mul(4).saturating_add(4096);
        let caps = Caps { string: config.max_string, image: image.max(config.max_string) };
        Self { parser: Parser::new(caps), state: State::new(size, config) }
    }

    /// Takes what the program wrote. It may be split anywhere, within characters and sequences too. Never fails: what
    /// is not understood is left out, what is beyond a cap is dropped and counted.
    ///
    /// Costs time in proportion to the bytes. Give it 16 KiB at a time where others wait for the screen.
    pub fn feed(&mut self, bytes: &[u8]) {
        let state = &mut self.state;
        let before = (state.cursor.row, state.cursor.col, state.has(Mode::CursorVisible));
        state.changed = false;
        self.parser.advance(bytes, state);
        let after = (state.cursor.row, state.cursor.col, state.has(Mode::CursorVisible));
        if state.changed || before != after {
            state.seq += 1;
        }
    }

    /// Answers to device queries since the last call, to be written to the program in front of any later input.
    pub fn take_replies(&mut self) -> Vec<u8> {
        self.state.replies.take()
    }

    /// Whether [`take_replies`](Self::take_replies) would give something.
    pub fn has_replies(&self) -> bool {
        !self.state.replies.is_empty()
    }

    /// What happened since the last call, in order.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.state.events.take()
    }

    /// Whether [`take_events`](Self::take_events) would give something.
    pub fn has_events(&self) -> bool {
        !self.state.events.is_empty()
    }

    /// Answers an [`Event::ClipboardRead`]. Does nothing where `replies.clipboard` is off.
    pub fn answer_clipboard(&mut self, selection: &str, data: &[u8]) {
        let selection: String = selection.chars().filter(char::is_ascii_alphanumeric).collect();
        let answer = format!("\x1b]52;{selection};{}\x1b\\", base64::encode(data));
        self.state.reply(Category::Clipboard, answer);
    }

    /// Another size. Lines of the first screen and of the history that wrapped are joined and wrapped anew; the
    /// alternate screen is cut or filled. Margins and pending wraps end.
    pub fn resize(&mut self, size: Size) {
        let size = Size::new(size.cols, size.rows);
        self.state.changed = false;
        self.state.resize(size);
        if self.state.changed {
            self.state.seq += 1;
        }
    }

    /// Pixels of one cell, see [`Config::cell_pixels`](crate::Config::cell_pixels).
    pub fn set_cell_pixels(&mut self, width: u16, height: u16) {
        self.state.config.cell_pixels = (width.max(1), height.max(1));
    }

    /// Columns and rows.
    pub fn size(&self) -> Size {
        self.state.size
    }

    /// The cursor.
    pub fn cursor(&self) -> CursorView {
        let cursor = &self.state.cursor;
        CursorView {
            at: Position { row: cursor.row as i64, col: cursor.col as u16 },
            visible: self.state.has(Mode::CursorVisible),
            shape: match self.state.cursor_shape {
                3 | 4 => CursorShape::Underline,
                5 | 6 => CursorShape::Bar,
                _ => CursorShape::Block,
            },
        }
    }

    /// The title of the window.
    pub fn title(&self) -> &str {
        &self.state.titles.window
    }

    /// The shell's directory, as it said it last: a `file:` URI or a path.
    pub fn cwd(&self) -> Option<&str> {
        self.state.cwd.as_deref()
    }

    /// Whether the alternate screen is shown.
    pub fn is_alternate(&self) -> bool {
        self.state.is_alternate
    }

    /// Rows of history.
    pub fn history_lines(&self) -> usize {
        self.state.history.len()
    }

    /// Grows with every change of what is shown: of cells, of the cursor's place, of the title.
    pub fn sequence(&self) -> u64 {
        self.state.seq - 1
    }

    /// Commands that shell marks told of, oldest first.
    pub fn commands(&self) -> Vec<CommandMark> {
        self.state.marks.commands().map(|command| command.mark.clone()).collect()
    }

    /// The program holds back what it shows (mode 2026), so that a snapshot now would be half a picture. Ends by itself
    /// after 150 ms.
    pub fn is_synchronizing(&self) -> bool {
        self.state.sync_since.is_some_and(|since| since.elapsed() < SYNCHRONIZED)
    }

    /// How often a cap left something out: code points of one cell, links, strings, replies.
    pub fn dropped(&self) -> u64 {
        self.state.dropped
    }

    /// Bytes that history needs, with what its blocks have to spare.
    pub fn history_bytes(&self) -> usize {
        self.state.history.heap()
    }
}
