//! The bytes that make another terminal show the same.

use std::fmt::Write;

use crate::dispatch::sgr_numbers;
use crate::grid::Grid;
use crate::modes::Mode;
use crate::palette::{DYNAMIC, SPECIAL};
use crate::screen::Screen;
use crate::state::State;
use crate::style::Style;
use crate::text::RowView;
use crate::width::width;

impl Screen {
    /// Bytes that repaint a terminal of the same size, whatever it showed: cells with their looks and links, cursor,
    /// margins, tab stops, modes, title, palette; with `history` the lines before, too.
    pub fn to_vt(&self, history: bool) -> Vec<u8> {
        let state = &self.state;
        let mut painter = Painter { state, out: String::from("\x1bc\x1b[3J"), style: 0 };
        if history {
            painter.rows(state.history.rows(0..state.history.len()).map(RowView::Packed), true);
        }
        let (first, second) = match (&state.other, state.is_alternate) {
            (Some(other), true) => (other, Some(&state.grid)),
            _ => (&state.grid, None),
        };
        painter.grid(first, history && state.history.len() > 0);
        if let Some(alternate) = second {
            let saved = &state.saved_other.cursor;
            painter.set_style(0);
            painter.push(format_args!("\x1b[{};{}H\x1b[?1049h\x1b[H", saved.row + 1, saved.col + 1));
            painter.grid(alternate, false);
        }
        painter.settings();
        painter.out.into_bytes()
    }
}

struct Painter<'a> {
    state: &'a State,
    out: String,
    /// The id of the style that the other terminal writes with.
    style: u16,
}

impl Painter<'_> {
    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a String never fails.
        let _ = self.out.write_fmt(text);
    }

    fn grid(&mut self, grid: &Grid, scrolls: bool) {
        let shows = |row: &crate::row::Row| row.len > 0;
        let used = (0..grid.len()).rev().find(|row| shows(grid.row(*row))).map_or(0, |last| last + 1);
        // What was painted before has to leave at the top.
        let count = if scrolls { grid.len() } else { used };
        self.rows(grid.rows().take(count).map(RowView::Live), false);
    }

    fn rows<'a>(&mut self, rows: impl Iterator<Item = RowView<'a>>, more_follows: bool) {
        let mut rows = rows.peekable();
        let mut continues = false;
        while let Some(row) = rows.next() {
            let wraps = rows.peek().is_some_and(|next| self.wraps(&row, next));
            self.row(&row, continues, wraps);
            continues = wraps;
            if !wraps && (rows.peek().is_some() || more_follows) {
                // A line feed in a coloured style would colour the new row.
                self.set_style(0);
                self.out.push_str("\r\n");
            }
        }
    }

    /// Whether the text of `row` makes the other terminal wrap when that of `next` comes.
    fn wraps(&self, row: &RowView<'_>, next: &RowView<'_>) -> bool {
        let (mut end, mut col, mut first) = (0, 0, None);
        row.each_styled(self.state, |text, width, _| {
            col += width;
            end = if text.is_empty() { end } else { col };
        });
        next.each_styled(self.state, |text, width, _| {
            first.get_or_insert(if text.is_empty() { 0 } else { width });
        });
        let room = self.state.cols() - end.min(self.state.cols());
        row.wrapped() && first.is_some_and(|first| first > room)
    }

    fn row(&mut self, row: &RowView<'_>, continues: bool, wraps: bool) {
        let (mut fresh, cols) = (continues, self.state.cols());
        let mut blanks: Option<(usize, u16)> = None;
        let wide = self.state.config.ambiguous_wide;
        row.each_styled(self.state, |text, columns, style| {
            if !text.is_empty() {
                self.blanks(blanks.take());
                self.set_style(style);
                let mut widths = text.chars().map(|ch| usize::from(width(ch, wide)));
                // Without mode 2027 this would be several cells, or one of another width.
                if widths.next() != Some(columns) || widths.any(|width| width > 0) {
                    self.push(format_args!("\x1b[?2027h{text}\x1b[?2027l"));
                } else {
                    self.out.push_str(text);
                }
                // A wrap that scrolled has coloured the new row as this character is.
                if std::mem::take(&mut fresh) && columns < cols {
                    self.set_style(0);
                    self.out.push_str("\x1b[K");
                }
            } else if let Some((count, _)) = blanks.as_mut().filter(|(_, of)| *of == style) {
                *count += 1;
            } else {
                self.blanks(blanks.take());
                blanks = Some((1, style));
            }
        });
        if !wraps {
            self.blanks(blanks.filter(|(_, style)| *style != 0));
        }
    }

    /// Cells that hold nothing: erased in their style, and left behind.
    fn blanks(&mut self, run: Option<(usize, u16)>) {
        let Some((count, style)) = run else {
            return;
        };
        let looks = *self.state.styles.get(style);
        if looks != looks.erased() {
            // What is left of half a wide character.
            self.set_style(style);
            self.out.extend(std::iter::repeat_n(' ', count));
            return;
        }
        if style != 0 {
            self.set_style(style);
            self.push(format_args!("\x1b[{count}X"));
        }
        self.push(format_args!("\x1b[{count}C"));
    }

    fn set_style(&mut self, id: u16) {
        if self.style == id {
            return;
        }
        let (old, new) = (*self.state.styles.get(self.style), *self.state.styles.get(id));
        self.style = id;
        self.change_style(&old, &new);
    }

    fn change_style(&mut self, old: &Style, new: &Style) {
        if (Style { link: 0, ..*old }) != (Style { link: 0, ..*new }) {
            self.push(format_args!("\x1b[{}m", sgr_numbers(new)));
        }
        if old.link != new.link {
            let link = self.state.links.get(u32::from(new.link));
            let (id, uri) = link.split_once('\n').unwrap_or(("", ""));
            let id = if id.is_empty() { String::new() } else { format!("id={id}") };
            self.push(format_args!("\x1b]8;{id};{uri}\x1b\\"));
        }
    }

    /// All that is no cell.
    fn settings(&mut self) {
        let state = self.state;
        self.set_style(0);
        for (number, color) in state.palette.changed() {
            match number {
                0..SPECIAL => self.push(format_args!("\x1b]4;{number};{color}\x1b\\")),
                SPECIAL..DYNAMIC => self.push(format_args!("\x1b]5;{};{color}\x1b\\", number - SPECIAL)),
                _ => self.push(format_args!("\x1b]{};{color}\x1b\\", number - DYNAMIC)),
            }
        }
        if !state.titles.window.is_empty() {
            self.push(format_args!("\x1b]2;{}\x1b\\", state.titles.window));
        }
        self.out.push_str("\x1b[3g");
        for stop in state.tabs.stops() {
            self.push(format_args!("\x1b[{}G\x1bH", stop + 1));
        }
        // Those that were set by what was painted, or that would act on the cursor, are not repeated here.
        let painted = [3, 6, 47, 69, 1047, 1048, 1049, 2026];
        for (number, on) in state.modes.changed().filter(|(number, _)| !painted.contains(number)) {
            self.push(format_args!("\x1b[?{number}{}", if on { 'h' } else { 'l' }));
        }
        for (mode, number) in [(Mode::Insert, 4), (Mode::NewLine, 20)] {
            if state.has(mode) {
                self.push(format_args!("\x1b[{number}h"));
            }
        }
        if state.keyboard.flags() > 0 {
            self.push(format_args!("\x1b[={};1u", state.keyboard.flags()));
        }
        if state.keyboard.modify_other_keys > 0 {
            self.push(format_args!("\x1b[>4;{}m", state.keyboard.modify_other_keys));
        }
        if state.cursor_shape > 0 {
            self.push(format_args!("\x1b[{} q", state.cursor_shape));
        }
        let margins = state.margins;
        self.push(format_args!("\x1b[{};{}r", margins.top + 1, margins.bottom + 1));
        if state.has(Mode::LeftRightMargins) {
            self.push(format_args!("\x1b[?69h\x1b[{};{}s", margins.left + 1, margins.right + 1));
        }
        let (row, col) = (state.cursor.row, state.cursor.col);
        if state.has(Mode::Origin) {
            let (row, col) = (row.saturating_sub(margins.top), col.saturating_sub(margins.left));
            self.push(format_args!("\x1b[?6h\x1b[{};{}H", row + 1, col + 1));
        } else {
            self.push(format_args!("\x1b[{};{}H", row + 1, col + 1));
        }
        self.change_style(&Style::default(), &state.cursor.pen);
        if state.cursor.protected {
            self.out.push_str("\x1b[1\"q");
        }
    }
}
