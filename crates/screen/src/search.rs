//! Finding text: over lines that wrapped, with places that are right for wide characters.

use regex::Regex;

use crate::screen::Screen;
use crate::size::Position;
use crate::state::State;
use crate::text::{RowView, Scope};

/// What is looked for.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// This text, as it stands.
    Text(String),
    /// What the expression matches, in linear time.
    Regex(Regex),
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Regex> for Pattern {
    fn from(regex: Regex) -> Self {
        Self::Regex(regex)
    }
}

/// Where something was found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Match {
    /// The first cell.
    pub at: Position,
    /// Behind the last cell, in the row of that.
    pub end: Position,
    /// What stands there.
    pub text: String,
    /// The groups of an expression; none for one that took no part.
    #[serde(skip)]
    pub groups: Vec<Option<String>>,
}

/// A line and where each of its cells is.
#[derive(Default)]
pub(crate) struct Line {
    pub(crate) text: String,
    /// First byte, row, column and width of each cell.
    cells: Vec<(usize, i64, u16, u16)>,
}

impl Line {
    /// Appends the cells of a row, which is the `number`th of the screen.
    pub(crate) fn push(&mut self, row: &RowView<'_>, number: i64, state: &State) {
        let mut col = 0_u16;
        row.each(state, |text, width| {
            self.cells.push((self.text.len(), number, col, width as u16));
            self.text.push_str(text);
            col += width as u16;
        });
    }

    /// Whether the next row belongs to it as well. A line that never ends is looked at in parts.
    pub(crate) fn goes_on_behind(&self, row: &RowView<'_>) -> bool {
        row.wrapped() && self.text.len() < MAX_LINE
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
    }

    /// Where the bytes `start..end` stand.
    pub(crate) fn place(&self, start: usize, end: usize) -> Option<(Position, Position)> {
        let cell = |byte: usize| self.cells.partition_point(|cell| cell.0 <= byte).checked_sub(1);
        let (_, row, col, _) = self.cells[cell(start)?];
        let at = Position { row, col };
        if start == end {
            return Some((at, at));
        }
        let (_, row, col, width) = self.cells[cell(end - 1)?];
        Some((at, Position { row, col: col + width }))
    }
}

impl Screen {
    /// The places of a pattern from the oldest on, `limit` at most. Looked for in lines: rows that only wrapped are one.
    /// Blanks behind the last character of a line are not there; empty matches are left out.
    pub fn search(&self, pattern: &Pattern, scope: Scope, limit: usize) -> Vec<Match> {
        let mut found = Vec::new();
        let mut line = Line::default();
        let history = if scope == Scope::Screen { 0 } else { self.state.history.len() as i64 };
        for (at, row) in self.state.scope(scope).enumerate() {
            let number = at as i64 - history;
            line.push(&row, number, &self.state);
            if line.goes_on_behind(&row) {
                continue;
            }
            find(pattern, &line, limit, &mut found);
            line.clear();
            if found.len() >= limit {
                return found;
            }
        }
        find(pattern, &line, limit, &mut found);
        found
    }
}

/// Bytes of a line that are looked at together.
const MAX_LINE: usize = 1 << 20;

fn find(pattern: &Pattern, line: &Line, limit: usize, found: &mut Vec<Match>) {
    let text = line.text.trim_end_matches(' ');
    let mut add = |start: usize, end: usize, groups: Vec<Option<String>>| {
        if let Some((at, end_at)) = line.place(start, end) {
            found.push(Match { at, end: end_at, text: text[start..end].to_owned(), groups });
        }
        found.len() < limit
    };
    match pattern {
        Pattern::Text(wanted) if wanted.is_empty() => {}
        Pattern::Text(wanted) => {
            for (start, _) in line.text.match_indices(wanted.as_str()) {
                let end = start + wanted.len();
                if end > text.len() || !add(start, end, Vec::new()) {
                    return;
                }
            }
        }
        Pattern::Regex(regex) => {
            for captures in regex.captures_iter(text) {
                let Some(whole) = captures.get(0).filter(|whole| !whole.is_empty()) else {
                    continue;
                };
                let groups =
                    captures.iter().skip(1).map(|group| group.map(|group| group.as_str().to_owned()));
                if !add(whole.start(), whole.end(), groups.collect()) {
                    return;
                }
            }
        }
    }
}
