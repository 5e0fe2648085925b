//! The screen of a session, as its owner sees it.

use std::ops::Range;
use std::sync::Arc;

use vetty_screen::{
    CellView, CommandMark, CursorView, Found, Link, Match, Pattern, Scope, Size, Snapshot, TextOptions,
};

use super::live_screen::LiveScreen;

/// What a session's terminal shows, from [`Session::screen`](crate::Session::screen). Cheap to clone; it works on after the
/// session's end and its drop.
///
/// Each call gives one consistent state. It waits for a slice of 16 KiB of output at most, and output waits for it.
#[derive(Clone)]
pub struct SessionScreen {
    live: Arc<LiveScreen>,
}

impl SessionScreen {
    pub(super) fn new(live: Arc<LiveScreen>) -> SessionScreen {
        SessionScreen { live }
    }

    /// Text, lines separated by LF: of the screen, of the history, since a [`sequence`](SessionScreen::sequence), of one
    /// command, within a budget.
    pub fn text(&self, options: &TextOptions) -> String {
        self.live.lock().screen.text(options)
    }

    /// The lines of the screen, those joined that only wrapped, without blanks at their ends.
    pub fn lines(&self) -> Vec<String> {
        self.live.lock().screen.lines()
    }

    /// The cells of these rows, as far as there are such.
    pub fn cells(&self, rows: Range<u16>) -> Vec<Vec<CellView>> {
        self.live.lock().screen.cells(rows)
    }

    /// The whole as data.
    pub fn snapshot(&self, options: &TextOptions) -> Snapshot {
        self.live.lock().screen.snapshot(options)
    }

    /// The same, with the commands of the same state.
    pub fn snapshot_with_commands(&self, options: &TextOptions) -> (Snapshot, Vec<CommandMark>) {
        let shown = self.live.lock();
        (shown.screen.snapshot(options), shown.screen.commands())
    }

    /// Rows that have changed since a `sequence`, with their text; `None` if all may have: take a
    /// [`snapshot`](SessionScreen::snapshot).
    pub fn changes(&self, since: u64) -> Option<Vec<(u16, String)>> {
        self.live.lock().screen.changes(since)
    }

    /// The places of a pattern from the oldest on, `limit` at most.
    pub fn search(&self, pattern: impl Into<Pattern>, scope: Scope, limit: usize) -> Vec<Match> {
        self.live.lock().screen.search(&pattern.into(), scope, limit)
    }

    /// The bytes that repaint another terminal of the same size, with `history` what has left the screen, too.
    pub fn to_vt(&self, history: bool) -> Vec<u8> {
        self.live.lock().screen.to_vt(history)
    }

    /// Columns and rows.
    pub fn size(&self) -> Size {
        self.live.lock().screen.size()
    }

    /// Where the cursor is and how it looks.
    pub fn cursor(&self) -> CursorView {
        self.live.lock().screen.cursor()
    }

    /// The title of the window.
    pub fn title(&self) -> String {
        self.live.lock().screen.title().to_owned()
    }

    /// The shell's directory, as it said it last: a `file:` URI or a path.
    pub fn cwd(&self) -> Option<String> {
        self.live.lock().screen.cwd().map(str::to_owned)
    }

    /// Whether the alternate screen is shown.
    pub fn is_alternate(&self) -> bool {
        self.live.lock().screen.is_alternate()
    }

    /// Rows of history.
    pub fn history_lines(&self) -> usize {
        self.live.lock().screen.history_lines()
    }

    /// Grows with every change of what is shown. A mark: [`TextOptions::since`] gives what came after it.
    pub fn sequence(&self) -> u64 {
        self.live.lock().screen.sequence()
    }

    /// Commands that shell marks told of (OSC 133, 633), oldest first.
    pub fn commands(&self) -> Vec<CommandMark> {
        self.live.lock().screen.commands()
    }

    /// Links on the screen (OSC 8).
    pub fn links(&self) -> Vec<Link> {
        self.live.lock().screen.links()
    }

    /// The first place on the screen where this text stands, with its looks.
    pub fn find(&self, text: &str) -> Option<Found> {
        self.live.lock().screen.find(text)
    }

    /// The screen as text that a test can keep: see [`Screen::golden`](vetty_screen::Screen::golden).
    pub fn golden(&self) -> String {
        self.live.lock().screen.golden()
    }

    /// What a picture of the screen shows, to be drawn in whichever way and on any thread.
    #[cfg(feature = "render")]
    pub fn scene(&self, options: &vetty_screen::render::RenderOptions) -> vetty_screen::render::Scene {
        self.live.lock().screen.scene(options)
    }

    /// Answers [`Event::ClipboardRead`](vetty_screen::Event::ClipboardRead), in front of later input. Does nothing where
    /// `replies.clipboard` is off.
    pub fn answer_clipboard(&self, selection: &str, data: &[u8]) {
        self.live.answer_clipboard(selection, data);
    }
}

impl std::fmt::Debug for SessionScreen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionScreen").field("size", &self.size()).finish_non_exhaustive()
    }
}
