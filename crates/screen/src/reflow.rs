//! Another size: lines that wrapped are joined and wrapped anew, and places in them keep their text.

use std::collections::HashMap;

use crate::cell::Cell;
use crate::grid::Grid;
use crate::history::{History, PackedRow, Packer};
use crate::marks::Anchor;
use crate::row::Row;
use crate::size::Size;
use crate::state::{Margins, State};

/// Where text of a row came to lie.
#[derive(Clone, Copy)]
struct Piece {
    /// Columns of the old row before it.
    from: usize,
    /// The new row's number and id, and the column there.
    number: usize,
    id: u64,
    col: usize,
}

/// Takes rows of one width, gives rows of another.
struct Reflow<'a> {
    cols: usize,
    packer: Packer,
    output: History,
    /// Rows that were put out.
    count: usize,
    /// Of the row that is being filled.
    id: Option<u64>,
    seq: u64,
    fresh: &'a mut dyn FnMut() -> u64,
}

impl Reflow<'_> {
    fn finish_row(&mut self, wrapped: bool) {
        let id = self.id.take().unwrap_or_else(|| (self.fresh)());
        let output = &mut self.output;
        self.packer.finish(id, self.seq, wrapped, |info, data| output.push_packed(info, data));
        self.count += 1;
    }

    /// The next row. `pieces` gets where its parts went, if somebody asks.
    fn row(&mut self, row: PackedRow<'_>, mut pieces: Option<&mut Vec<Piece>>) {
        let info = *row.info;
        self.seq = self.seq.max(info.seq);
        if self.packer.cols() == 0
            && self.id.is_none()
            && !info.wrapped()
            && usize::from(info.cols) <= self.cols
        {
            if let Some(pieces) = pieces {
                pieces.push(Piece { from: 0, number: self.count, id: info.id, col: 0 });
            }
            self.output.push_packed(row.info, row.data);
            self.count += 1;
            self.seq = 0;
            return;
        }
        let mut unused = Some(info.id);
        let mut from = 0;
        let mut begin = |this: &mut Self, from: usize, unused: &mut Option<u64>| {
            let id = *this.id.get_or_insert_with(|| unused.take().unwrap_or_else(|| (this.fresh)()));
            if let Some(pieces) = pieces.as_deref_mut() {
                pieces.push(Piece { from, number: this.count, id, col: this.packer.cols() });
            }
        };
        if self.packer.cols() >= self.cols {
            self.finish_row(true);
        }
        begin(self, 0, &mut unused);
        if row.is_ascii() {
            let mut text = row.text().as_bytes();
            let mut runs = row.runs();
            while !text.is_empty() {
                let (count, style) = runs.next().unwrap_or((u16::MAX, 0));
                let (mut run, rest) = text.split_at(text.len().min(usize::from(count)));
                text = rest;
                while !run.is_empty() {
                    if self.packer.cols() >= self.cols {
                        self.finish_row(true);
                        begin(self, from, &mut unused);
                    }
                    let (now, later) = run.split_at(run.len().min(self.cols - self.packer.cols()));
                    self.packer.push_ascii(now, style);
                    from += now.len();
                    run = later;
                }
            }
        } else {
            for item in row.items() {
                let width = usize::from(item.width).min(self.cols);
                if self.packer.cols() + width > self.cols {
                    self.finish_row(true);
                    begin(self, from, &mut unused);
                }
                self.packer.push_item(&crate::history::Item { width: width as u8, ..item });
                from += usize::from(item.width);
            }
        }
        if !info.wrapped() {
            self.finish_row(false);
            self.seq = 0;
        }
    }
}

impl State {
    /// Another size. The first screen and its history are reflowed, the alternate one is cut or filled.
    pub(crate) fn resize(&mut self, size: Size) {
        if size == self.size {
            return;
        }
        let (cols, rows) = (usize::from(size.cols), usize::from(size.rows));
        let on_alternate = self.is_alternate;
        if on_alternate {
            self.grid.resize_cut(cols, rows, &mut self.ids);
            if let Some(other) = self.other.take() {
                let alternate = std::mem::replace(&mut self.grid, other);
                let cursor = (self.saved_other.cursor.row, self.saved_other.cursor.col, false);
                let (row, col, _) = self.reflow(size, cursor);
                self.saved_other.cursor.row = row;
                self.saved_other.cursor.col = col;
                self.other = Some(std::mem::replace(&mut self.grid, alternate));
            }
            self.cursor.row = self.cursor.row.min(rows - 1);
            self.cursor.col = self.cursor.col.min(cols - 1);
            self.cursor.pending_wrap = false;
        } else {
            let cursor = (self.cursor.row, self.cursor.col, self.cursor.pending_wrap);
            let (row, col, pending_wrap) = self.reflow(size, cursor);
            self.cursor.row = row;
            self.cursor.col = col;
            self.cursor.pending_wrap = pending_wrap;
            if let Some(other) = &mut self.other {
                other.resize_cut(cols, rows, &mut self.ids);
            }
        }
        self.size = size;
        self.margins = Margins::full(size);
        self.tabs.resize(cols);
        self.changed = true;
        self.moved = self.seq;
        self.epoch = self.seq;
    }

    /// Gives the cursor's new place: row, column, and whether it waits to wrap.
    fn reflow(&mut self, size: Size, cursor: (usize, usize, bool)) -> (usize, usize, bool) {
        let (cols, rows) = (usize::from(size.cols), usize::from(size.rows));
        let (cursor_row, cursor_col) = (cursor.0.min(self.grid.len() - 1), cursor.1 + usize::from(cursor.2));
        let old_rows = self.grid.len();
        let last_used = self.grid.rows().rposition_used().max(cursor_row);
        let used = last_used + 1;
        let was_full = used == old_rows && self.history.len() > 0 || used > rows;
        let mut anchored: HashMap<u64, Vec<Anchor>> = HashMap::new();
        for anchor in self.marks.anchors_mut() {
            anchored.entry(anchor.row).or_default().push(*anchor);
        }
        let mut moved: HashMap<Anchor, Anchor> = HashMap::new();
        let mut pieces = Vec::new();

        // The screen's rows join the history, and its last rows come back as the new screen.
        let mut joined = History::unbounded(&self.history);
        std::mem::swap(&mut joined, &mut self.history);
        let mut screen = joined.unbounded();
        for row in self.grid.rows().take(used) {
            screen.push(row.id, row.seq, row.wrapped, row.used(), &self.clusters);
        }
        let before = joined.len();
        let ids = &mut self.ids;
        let mut fresh = || ids.fresh();
        let mut reflow = Reflow {
            cols,
            packer: Packer::default(),
            output: joined.unbounded(),
            count: 0,
            id: None,
            seq: 0,
            fresh: &mut fresh,
        };
        let (mut top, mut new_cursor) = (0, (0, 0));
        let all = joined.rows(0..before).chain(screen.rows(0..used));
        for (number, row) in all.enumerate() {
            let id = row.info.id;
            let is_cursor = number == before + cursor_row;
            if !is_cursor && number != before && !anchored.contains_key(&id) {
                reflow.row(row, None);
                continue;
            }
            pieces.clear();
            let len = usize::from(row.info.cols);
            reflow.row(row, Some(&mut pieces));
            let place = |col: usize| {
                let piece = pieces.iter().rev().find(|piece| piece.from <= col).unwrap_or(&pieces[0]);
                (piece.number, piece.id, piece.col + col - piece.from)
            };
            if number == before {
                top = pieces[0].number;
            }
            if is_cursor {
                // Right of the text there is nothing to wrap.
                let (number, _, col) = place(cursor_col.min(len));
                new_cursor = (number, col + cursor_col.saturating_sub(len));
            }
            for anchor in anchored.get(&id).into_iter().flatten() {
                let (_, row, col) = place(anchor.col.min(len));
                moved.insert(*anchor, Anchor { row, col });
            }
        }
        if reflow.packer.cols() > 0 || reflow.id.is_some() {
            reflow.finish_row(false);
        }
        let (total, mut output) = (reflow.count, reflow.output);
        for anchor in self.marks.anchors_mut() {
            if let Some(new) = moved.get(anchor) {
                *anchor = *new;
            }
        }

        let bottom_anchored = total.saturating_sub(rows);
        top = if was_full { bottom_anchored } else { top.max(bottom_anchored) };
        // What is below the last row that fits is blank or lost, never the cursor.
        top = top.min(new_cursor.0);
        let mut screen_rows = Vec::with_capacity(rows);
        for _ in top..total {
            if let Some((info, data)) = output.pop() {
                screen_rows.push(self.unpacked(PackedRow::of(&info, &data), cols));
            }
        }
        screen_rows.reverse();
        screen_rows.truncate(rows);
        while screen_rows.len() < rows {
            screen_rows.push(Row::new(cols, self.ids.fresh()));
        }
        output.set_bounds_of(&self.history);
        self.history = output;
        self.grid = Grid::from_rows(screen_rows);
        let row = (new_cursor.0 - top).min(rows - 1);
        // A cursor that waited to wrap does so at the new edge only if it stands there.
        if new_cursor.1 >= cols { (row, cols - 1, cursor.2) } else { (row, new_cursor.1, false) }
    }

    fn unpacked(&mut self, packed: PackedRow<'_>, cols: usize) -> Row {
        let mut row = Row::new(cols, packed.info.id);
        let mut col = 0;
        for item in packed.items() {
            let mut cell = Cell::blank(item.style);
            let mut chars = item.text.chars();
            let (first, more) = (chars.next(), chars.next().is_some());
            if more {
                cell = self.intern_cluster(item.text).map_or(cell, |id| cell.with_cluster(id));
            } else if let Some(ch) = first {
                // A space with a colour alone was a blank.
                cell = cell.with_char(ch);
            }
            let width = usize::from(item.width);
            if width == 2 && col + 2 <= cols {
                cell = cell.with_flags(Cell::WIDE);
            }
            if col < cols {
                row.write(col, cell);
            }
            col += width;
        }
        row.seq = self.seq;
        row.wrapped = packed.info.wrapped();
        row
    }
}

/// The last row that shows something.
trait LastUsed {
    fn rposition_used(self) -> usize;
}

impl<'a, T: DoubleEndedIterator<Item = &'a Row>> LastUsed for T {
    fn rposition_used(self) -> usize {
        let shows = |row: &Row| row.used().iter().any(|cell| *cell != Cell::BLANK);
        self.enumerate().filter(|(_, row)| shows(row)).map(|(at, _)| at).last().unwrap_or(0)
    }
}
