//! Text onto the grid: runs of ASCII at once, all else a character at a time.

use crate::cell::{Cell, Glyph};
use crate::modes::Mode;
use crate::parser::decode;
use crate::state::State;
use crate::width::{cluster_width, joins, width};

/// The clusters that were made last, by what they were made of.
#[derive(Default)]
pub(crate) struct Joined {
    /// Glyph, code point and cluster; 0 is no cluster.
    places: Vec<(u32, char, u32)>,
}

impl Joined {
    const PLACES: usize = 256;

    fn place(glyph: u32, ch: char) -> usize {
        let mixed = glyph.wrapping_mul(0x9e37_79b1) ^ u32::from(ch).wrapping_mul(0x85eb_ca6b);
        (mixed >> 24) as usize % Self::PLACES
    }

    fn get(&self, glyph: u32, ch: char) -> Option<u32> {
        let (known_glyph, known, id) = *self.places.get(Self::place(glyph, ch))?;
        (known_glyph == glyph && known == ch && id > 0).then_some(id)
    }

    fn put(&mut self, glyph: u32, ch: char, id: u32) {
        self.places.resize(Self::PLACES, (0, '\0', 0));
        self.places[Self::place(glyph, ch)] = (glyph, ch, id);
    }

    /// To be called when clusters are forgotten.
    pub(crate) fn clear(&mut self) {
        self.places.clear();
    }
}

/// Code points of one cell; further ones are dropped and counted.
const MAX_IN_CELL: usize = 16;

impl State {
    /// Where a line ends for the cursor: behind the right margin, or at the edge if the cursor is beyond it.
    #[inline]
    fn line_end(&self) -> usize {
        if self.cursor.col > self.margins.right { self.cols() } else { self.margins.right + 1 }
    }

    /// Printable ASCII.
    #[inline]
    pub(crate) fn write_ascii(&mut self, mut text: &[u8]) {
        if !self.cursor.charsets.is_plain() || self.has(Mode::Insert) {
            for &byte in text {
                self.put(char::from(byte));
            }
            return;
        }
        self.last_char = text.last().map(|byte| char::from(*byte));
        let base = self.base();
        while !text.is_empty() {
            if self.cursor.pending_wrap {
                if self.has(Mode::AutoWrap) {
                    self.wrap();
                } else {
                    // Each character takes the place of the one before.
                    self.cursor.pending_wrap = false;
                    text = &text[text.len() - 1..];
                }
            }
            let (row, col, end) = (self.cursor.row, self.cursor.col, self.line_end());
            let (now, rest) = text.split_at(text.len().min(end - col));
            self.row_mut(row).write_ascii(col, now, base);
            self.cursor.col = col + now.len();
            if self.cursor.col == end {
                self.cursor.col = end - 1;
                self.cursor.pending_wrap = true;
            }
            text = rest;
        }
    }

    /// The characters that the bytes begin with. Gives their length in bytes.
    pub(crate) fn write_text(&mut self, bytes: &[u8]) -> usize {
        let mut read = 0;
        loop {
            read += self.write_characters(&bytes[read..]);
            let Some((ch, size)) = decode(&bytes[read..]) else {
                return read;
            };
            self.put(ch);
            read += size;
        }
    }

    /// Characters as far as they have columns and the row has room for them. Gives their length in bytes.
    fn write_characters(&mut self, bytes: &[u8]) -> usize {
        let special = self.cursor.pending_wrap || self.has(Mode::Insert) || self.has(Mode::Graphemes);
        if special || !self.cursor.charsets.is_plain() {
            return 0;
        }
        let (base, end, wide) = (self.base(), self.line_end(), self.config.ambiguous_wide);
        let (at, mut col) = (self.cursor.row, self.cursor.col);
        let (mut last, mut read) = (None, 0);
        let row = self.row_mut(at);
        while let Some((ch, size)) = decode(&bytes[read..]) {
            let width = if ch.is_ascii() { 1 } else { usize::from(width(ch, wide)) };
            // The last column is left to what knows how to wrap.
            if width == 0 || col + width >= end {
                break;
            }
            row.write(col, base.with_char(ch).with_flags(if width == 2 { Cell::WIDE } else { 0 }));
            col += width;
            read += size;
            last = Some(ch);
        }
        self.cursor.col = col;
        self.last_char = last.or(self.last_char);
        read
    }

    /// To the beginning of the next row, which continues this one.
    pub(crate) fn wrap(&mut self) {
        self.cursor.pending_wrap = false;
        if self.cursor.col + 1 == self.cols() {
            let row = self.cursor.row;
            self.row_mut(row).wrapped = true;
        }
        self.index();
        self.cursor.col = if self.cursor.col < self.margins.left { 0 } else { self.margins.left };
    }

    /// One character.
    pub(crate) fn put(&mut self, ch: char) {
        let ch = if self.cursor.charsets.is_plain() { ch } else { self.cursor.charsets.map(ch) };
        let width = usize::from(width(ch, self.config.ambiguous_wide));
        if self.has(Mode::Graphemes) && self.last_char.is_some() && self.join(ch) {
            return;
        }
        if width == 0 {
            self.combine(ch);
            return;
        }
        self.last_char = Some(ch);
        let base = self.base();
        // A line of one column shows that there is something.
        let begin = if self.cursor.col < self.margins.left { 0 } else { self.margins.left };
        let fits = width <= self.line_end() - begin;
        let (ch, width) = if fits { (ch, width) } else { ('\u{fffd}', 1) };
        if self.cursor.pending_wrap && self.has(Mode::AutoWrap) {
            self.wrap();
        }
        let mut end = self.line_end();
        let mut cell = base.with_char(ch);
        if width == 2 {
            if end - self.cursor.col < 2 && self.has(Mode::AutoWrap) && !self.cursor.pending_wrap {
                let (row, col) = (self.cursor.row, self.cursor.col);
                let skipped = Cell::BLANK.with_flags(Cell::SKIPPED);
                if col + 1 == self.cols() {
                    self.row_mut(row).erase(col, col + 1, skipped);
                }
                self.wrap();
                end = self.line_end();
            }
            if end - self.cursor.col >= 2 {
                cell = cell.with_flags(Cell::WIDE);
            } else {
                // Without autowrap in the last two columns.
                self.cursor.col = end - 2;
                cell = cell.with_flags(Cell::WIDE);
            }
        }
        let width = usize::from(cell.width());
        let (row, col, insert) = (self.cursor.row, self.cursor.col, self.has(Mode::Insert));
        let blank = if insert { self.blank() } else { Cell::BLANK };
        let row = self.row_mut(row);
        if insert {
            row.shift_right(col, end, width, blank);
        }
        row.write(col, cell);
        self.cursor.col = col + width;
        self.cursor.pending_wrap = self.cursor.col == end;
        if self.cursor.pending_wrap {
            self.cursor.col = end - 1;
        }
    }

    /// The place of the character before the cursor.
    fn before_cursor(&self) -> Option<(usize, usize)> {
        let (row, col) = (self.cursor.row, self.cursor.col);
        let (row, col) = match col {
            _ if self.cursor.pending_wrap => (row, col),
            0 if row > 0 && self.grid.row(row - 1).wrapped => (row - 1, self.cols() - 1),
            0 => return None,
            _ => (row, col - 1),
        };
        let cells = &self.grid.row(row).cells;
        let back = usize::from(col > 0 && (cells[col].has(Cell::SPACER) || cells[col].has(Cell::SKIPPED)));
        Some((row, col - back))
    }

    /// The cluster of what a cell holds and one more code point; none if that is too much.
    fn extend(&mut self, cell: Cell, ch: char) -> Option<u32> {
        let glyph = cell.0 as u32;
        if let Some(id) = self.joined.get(glyph, ch) {
            return Some(id);
        }
        let text = self.extended(cell, ch)?;
        let id = self.intern_cluster(&text)?;
        self.joined.put(glyph, ch, id);
        Some(id)
    }

    /// What a cell holds with one more code point.
    fn extended(&self, cell: Cell, ch: char) -> Option<String> {
        let mut text = String::new();
        match cell.glyph() {
            Glyph::Blank => text.push(' '),
            Glyph::Char(first) => text.push(first),
            Glyph::Cluster(id) => {
                let held = self.clusters.get(id);
                if held.chars().nth(MAX_IN_CELL - 1).is_some() {
                    return None;
                }
                text.push_str(held);
            }
        }
        text.push(ch);
        Some(text)
    }

    /// A character without columns goes to the one before it.
    fn combine(&mut self, ch: char) {
        let Some((row, col)) = self.before_cursor() else {
            self.dropped += 1;
            return;
        };
        let cell = self.grid.row(row).cells[col];
        match self.extend(cell, ch) {
            Some(id) => {
                let row = self.row_mut(row);
                row.cells[col] = cell.with_cluster(id);
                row.len = row.len.max(col + 1);
            }
            None => self.dropped += 1,
        }
    }

    /// Under mode 2027: adds to the cluster before the cursor what belongs to it.
    fn join(&mut self, ch: char) -> bool {
        let Some((row, col)) = self.before_cursor() else {
            return false;
        };
        let cell = self.grid.row(row).cells[col];
        let joined = match cell.glyph() {
            Glyph::Blank => false,
            Glyph::Char(first) => joins(first.encode_utf8(&mut [0; 4]), ch),
            Glyph::Cluster(id) => joins(self.clusters.get(id), ch),
        };
        if !joined {
            return false;
        }
        let Some(id) = self.extend(cell, ch) else {
            self.dropped += 1;
            return true;
        };
        let mut cell = cell.with_cluster(id);
        let grows = cell.width() == 1 && cluster_width(1, ch) == 2;
        let fits = self.cursor.row == row && self.cursor.col == col + 1 && col + 2 <= self.line_end();
        if grows && fits && !self.cursor.pending_wrap {
            cell = cell.with_flags(Cell::WIDE);
            let end = self.line_end();
            self.row_mut(row).write(col, cell);
            self.cursor.col += 1;
            if self.cursor.col == end {
                self.cursor.col -= 1;
                self.cursor.pending_wrap = true;
            }
        } else {
            self.row_mut(row).cells[col] = cell;
        }
        true
    }

    /// REP: the last character again, if nothing came after it.
    pub(crate) fn repeat(&mut self, count: usize) {
        let Some(ch) = self.last_char else {
            return;
        };
        // More than the screen holds shows nothing else.
        for _ in 0..count.min(self.cols() * self.rows()) {
            self.put(ch);
        }
    }
}
