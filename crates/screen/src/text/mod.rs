//! Text of screen and history: by scope, since a change, of one command; joined, folded, within a budget.

mod budget;
mod rows;

use crate::marks::Anchor;
use crate::screen::Screen;
use crate::state::State;

pub(crate) use rows::RowView;

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scope {
    /// What is shown.
    #[default]
    Screen,
    /// What left the first screen at the top.
    History,
    /// Both.
    All,
}

/// How [`Screen::text`] gives text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextOptions {
    /// Default: the screen.
    pub scope: Scope,
    /// Only rows that were changed after this [`sequence`](Screen::sequence). Default: all.
    pub since: Option<u64>,
    /// The output of one command, by its [`id`](crate::CommandMark::id), wherever it is. Default: none.
    pub command: Option<u64>,
    /// Join rows that only wrapped. Default `true`.
    pub unwrap: bool,
    /// Leave out blanks at the end of lines, and empty lines at the end. Default `true`.
    pub trim: bool,
    /// Lines that repeat the one before become one with a count: `text [x3]`. Default `false`.
    pub fold: bool,
    /// Bytes at most: head and tail, with a mark where something was left out. Default: all.
    pub max_bytes: Option<usize>,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self {
            scope: Scope::Screen,
            since: None,
            command: None,
            unwrap: true,
            trim: true,
            fold: false,
            max_bytes: None,
        }
    }
}

impl Screen {
    /// Text, lines separated by LF. Empty if `command` is not known.
    pub fn text(&self, options: &TextOptions) -> String {
        let state = &self.state;
        let mut text = String::new();
        match options.command {
            Some(id) => {
                let Some(command) = state.marks.commands().rev().find(|command| command.mark.id == id) else {
                    return text;
                };
                let end = command.end.unwrap_or_else(|| state.cursor_anchor());
                state.push_between(command.output, end, options, &mut text);
            }
            None => {
                let rows = state.scope(options.scope).map(|row| (row, 0, usize::MAX));
                state.push_lines(rows, options, &mut text);
            }
        }
        if options.trim {
            text.truncate(text.trim_end_matches(['\n', ' ']).len());
        } else if text.ends_with('\n') {
            text.pop();
        }
        if options.fold {
            text = budget::folded(&text);
        }
        match options.max_bytes {
            Some(max) => budget::head_and_tail(text, max),
            None => text,
        }
    }

    /// The lines of the screen, those joined that only wrapped, without blanks at their ends.
    pub fn lines(&self) -> Vec<String> {
        let text = self.text(&TextOptions::default());
        text.split('\n').map(str::to_owned).collect()
    }

    /// Rows that changed after `since`, with their text. None if all may have: the screen was switched or resized, or it
    /// is a sequence number that has not been yet.
    pub fn changes(&self, since: u64) -> Option<Vec<(u16, String)>> {
        let state = &self.state;
        if since < state.epoch || since >= state.seq {
            return None;
        }
        let all = state.moved > since;
        let mut changed = Vec::new();
        for (at, row) in state.grid.rows().enumerate().filter(|(_, row)| all || row.seq > since) {
            let mut text = String::new();
            RowView::Live(row).push_to(state, &mut text);
            text.truncate(text.trim_end_matches(' ').len());
            changed.push((at as u16, text));
        }
        Some(changed)
    }
}

impl State {
    pub(crate) fn cursor_anchor(&self) -> Anchor {
        Anchor { row: self.grid.row(self.cursor.row).id, col: self.cursor.col }
    }

    /// The rows of a scope, oldest first.
    pub(crate) fn scope(&self, scope: Scope) -> impl Iterator<Item = RowView<'_>> {
        let history = if scope == Scope::Screen { 0 } else { self.history.len() };
        let screen = if scope == Scope::History { 0 } else { self.grid.len() };
        let past = self.history.rows(0..history).map(RowView::Packed);
        past.chain(self.grid.rows().take(screen).map(RowView::Live))
    }

    /// Where the row with an id is, counted from the oldest of the history.
    fn find_row(&self, id: u64) -> Option<usize> {
        let on_screen = self.grid.rows().position(|row| row.id == id);
        on_screen.map(|at| self.history.len() + at).or_else(|| self.history.find(id))
    }

    /// Text between two places. What was forgotten is missing.
    pub(crate) fn text_between(&self, start: Anchor, end: Anchor) -> String {
        let mut text = String::new();
        let options = TextOptions::default();
        self.push_between(start, end, &options, &mut text);
        text
    }

    fn push_between(&self, start: Anchor, end: Anchor, options: &TextOptions, text: &mut String) {
        let Some(last) = self.find_row(end.row) else {
            return;
        };
        // A place whose row is gone was before the oldest one.
        let (first, from) = self.find_row(start.row).map_or((0, 0), |row| (row, start.col));
        if first > last {
            return;
        }
        let past = self.history.rows(first..(last + 1).min(self.history.len())).map(RowView::Packed);
        let skipped = first.saturating_sub(self.history.len());
        let taken = (last + 1).saturating_sub(self.history.len().max(first));
        let rows = past.chain(self.grid.rows().skip(skipped).take(taken).map(RowView::Live));
        let rows = rows.enumerate().map(|(at, row)| {
            let from = if at == 0 { from } else { 0 };
            let to = if first + at == last { end.col } else { usize::MAX };
            (row, from, to)
        });
        self.push_lines(rows, options, text);
    }

    /// Rows with the columns that count of each.
    fn push_lines<'a>(
        &self,
        rows: impl Iterator<Item = (RowView<'a>, usize, usize)>,
        options: &TextOptions,
        text: &mut String,
    ) {
        let mut line = text.len();
        for (row, from, to) in rows {
            if options.since.is_some_and(|since| row.seq() <= since) {
                continue;
            }
            if from == 0 && to == usize::MAX {
                row.push_to(self, text);
            } else {
                row.push_part(self, from, to, text);
            }
            if row.wrapped() && options.unwrap {
                continue;
            }
            if options.trim {
                let end = line + text[line..].trim_end_matches(' ').len();
                text.truncate(end);
            }
            text.push('\n');
            line = text.len();
        }
    }
}
