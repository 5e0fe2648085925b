//! What comes after a mark: for those who wait for text.

use crate::marks::Anchor;
use crate::screen::Screen;
use crate::search::{Line, Match, Pattern};
use crate::state::State;
use crate::text::RowView;

/// A moment of a screen, for [`Screen::find_after`].
#[derive(Debug, Clone)]
pub struct Mark {
    /// The last change that does not count.
    since: u64,
    /// The last change when it was made.
    now: u64,
    /// Rows that had ever gone into the history.
    gone_by: u64,
    /// The line in which the cursor stood, and what was left of it.
    place: Option<(Anchor, String)>,
}

impl Screen {
    /// From here on: what stands there already does not count, but for lines that change. Of the line with the cursor
    /// only what is written behind the cursor counts, until what is left of it changes: a prompt that stands there
    /// is not found again because something is typed behind it.
    pub fn mark(&self) -> Mark {
        let place = self.state.cursor_anchor();
        let before = self.state.text_before(place);
        Mark { since: self.sequence(), place: Some((place, before)), ..self.mark_shown() }
    }

    /// From here on, and what is shown now counts as well.
    pub fn mark_shown(&self) -> Mark {
        Mark { since: 0, now: self.sequence(), gone_by: self.state.history.pushed(), place: None }
    }

    /// The first place of a pattern in what came after a mark, in lines that are shown or have been since.
    ///
    /// Blanks that were written at the end of a line count here, so that a prompt can be told by them; an expression is
    /// tried without them first. A line's end is the pattern's end. Takes time in proportion to what came.
    pub fn find_after(&self, pattern: &Pattern, mark: &Mark) -> Option<Match> {
        let history = self.state.history.len();
        // Numbers of rows do not survive a reflow, and an alternate screen has no history.
        let is_comparable = self.state.epoch <= mark.now && mark.gone_by <= self.state.history.pushed();
        let new = (self.state.history.pushed().saturating_sub(mark.gone_by) as usize).min(history);
        let (first, floor) = if is_comparable { (history - new, mark.since) } else { (0, mark.now) };
        let past = self.state.history.rows(first..history).map(RowView::Packed);
        let past = past.enumerate().map(|(at, row)| ((first + at) as i64 - history as i64, row, floor));
        let shown = self.state.grid.rows().map(RowView::Live).enumerate();
        let shown = shown.map(|(at, row)| (at as i64, row, mark.since));
        self.first(pattern, mark, past.chain(shown))
    }

    /// Whether anything has come after a mark; nothing need to, after one of what is shown.
    pub fn has_changed_after(&self, mark: &Mark) -> bool {
        mark.since == 0 || self.sequence() > mark.since
    }

    /// The first place of a pattern in what is shown, by the rules of [`find_after`](Self::find_after).
    pub fn find_shown(&self, pattern: &Pattern) -> Option<Match> {
        let shown = self.state.grid.rows().map(RowView::Live).enumerate();
        self.first(pattern, &self.mark_shown(), shown.map(|(at, row)| (at as i64, row, 0)))
    }

    /// In rows with their numbers, and the last change of each that does not count.
    fn first<'a>(
        &self,
        pattern: &Pattern,
        mark: &Mark,
        rows: impl Iterator<Item = (i64, RowView<'a>, u64)>,
    ) -> Option<Match> {
        let mut line = Line::default();
        // Bytes at the line's beginning that do not count, and whether all of it does not.
        let (mut known, mut is_known) = (0, true);
        for (number, row, floor) in rows {
            let start = line.text.len();
            line.push(&row, number, &self.state);
            if floor > 0 && row.seq() <= floor {
                known = if is_known { line.text.len() } else { known };
            } else {
                if is_known && let Some(length) = mark.known_of(&row, &line.text[start..]) {
                    known = start + length;
                }
                is_known = false;
            }
            if line.goes_on_behind(&row) {
                continue;
            }
            if !is_known && let Some(found) = first_in(pattern, &line, known) {
                return Some(found);
            }
            line.clear();
            (known, is_known) = (0, true);
        }
        if is_known { None } else { first_in(pattern, &line, known) }
    }
}

impl Mark {
    /// How much of the row that has changed was there before: what was left of the cursor, if it is still the same.
    fn known_of(&self, row: &RowView<'_>, text: &str) -> Option<usize> {
        let (place, before) = self.place.as_ref()?;
        let is_same = row.id() == place.row && row.erased() <= self.since && text.starts_with(before);
        is_same.then_some(before.len())
    }
}

impl State {
    /// What stands in the row of a place, left of it.
    fn text_before(&self, place: Anchor) -> String {
        let mut text = String::new();
        let row = self.grid.rows().find(|row| row.id == place.row);
        if let Some(row) = row {
            RowView::Live(row).push_part(self, 0, place.col, &mut text);
        }
        text
    }
}

/// The first match that ends behind the first `known` bytes.
fn first_in(pattern: &Pattern, line: &Line, known: usize) -> Option<Match> {
    let matched = |start: usize, end: usize, groups: Vec<Option<String>>| {
        let (at, end_at) = line.place(start, end)?;
        Some(Match { at, end: end_at, text: line.text[start..end].to_owned(), groups })
    };
    match pattern {
        Pattern::Text(wanted) if wanted.is_empty() => None,
        Pattern::Text(wanted) => {
            let mut places = line.text.match_indices(wanted.as_str()).map(|(at, _)| (at, at + wanted.len()));
            let (start, end) = places.find(|(_, end)| *end > known)?;
            matched(start, end, Vec::new())
        }
        Pattern::Regex(regex) => {
            let trimmed = line.text.trim_end_matches(' ');
            let texts = [trimmed, line.text.as_str()];
            let texts = if trimmed.len() == line.text.len() { &texts[..1] } else { &texts[..] };
            texts.iter().find_map(|text| {
                let mut all = regex.captures_iter(text);
                let found = all.find(|found| {
                    found.get(0).is_some_and(|whole| !whole.is_empty() && whole.end() > known)
                })?;
                let groups =
                    found.iter().skip(1).map(|group| group.map(|group| group.as_str().to_owned())).collect();
                let whole = found.get(0)?;
                matched(whole.start(), whole.end(), groups)
            })
        }
    }
}
