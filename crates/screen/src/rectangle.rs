//! Rectangles: filled, erased, copied, given other attributes, summed up.

use crate::cell::{Cell, Glyph};
use crate::parser::Params;
use crate::state::State;
use crate::style::{Style, attribute};

/// Both ends included, within the screen.
#[derive(Clone, Copy)]
pub(crate) struct Rectangle {
    top: usize,
    left: usize,
    bottom: usize,
    right: usize,
}

impl State {
    /// Four numbers from `at` on: top, left, bottom, right; relative to the margins with DECOM.
    fn rectangle(&self, params: &Params, at: usize) -> Option<Rectangle> {
        let corners = self.corners(params, at);
        (corners.top <= corners.bottom && corners.left <= corners.right).then_some(corners)
    }

    fn corners(&self, params: &Params, at: usize) -> Rectangle {
        let (top, bottom, left, right) = self.bounds();
        let last = |value: u16, first: usize, last: usize| match usize::from(value) {
            0 => last,
            value => (first + value - 1).min(last),
        };
        Rectangle {
            top: top + params.or(at, 1) - 1,
            left: left + params.or(at + 1, 1) - 1,
            bottom: last(params.get(at + 2), top, bottom),
            right: last(params.get(at + 3), left, right),
        }
    }

    /// DECFRA.
    pub(crate) fn fill_rectangle(&mut self, params: &Params) {
        let ch = match params.get(0) {
            code @ (0x20..0x7f | 0xa0..=0xff) => char::from(code as u8),
            _ => return,
        };
        let Some(area) = self.rectangle(params, 1) else {
            return;
        };
        let cell = self.base().with_char(ch);
        for row in area.top..=area.bottom {
            let row = self.row_mut(row);
            for col in area.left..=area.right {
                row.write(col, cell);
            }
        }
    }

    /// DECERA, and with `selective` DECSERA.
    pub(crate) fn erase_rectangle(&mut self, params: &Params, selective: bool) {
        let Some(area) = self.rectangle(params, 0) else {
            return;
        };
        let (blank, iso) = (self.blank(), self.iso_protection);
        for row in area.top..=area.bottom {
            let row = self.row_mut(row);
            if selective && !iso {
                row.erase_unprotected(area.left, area.right + 1, blank);
            } else {
                row.erase(area.left, area.right + 1, blank);
            }
        }
    }

    /// DECCRA.
    pub(crate) fn copy_rectangle(&mut self, params: &Params) {
        let Some(from) = self.rectangle(params, 0) else {
            return;
        };
        let (top, bottom, left, right) = self.bounds();
        let (to_top, to_left) = (top + params.or(5, 1) - 1, left + params.or(6, 1) - 1);
        if to_top > bottom || to_left > right {
            return;
        }
        let height = (from.bottom - from.top).min(bottom - to_top) + 1;
        let width = (from.right - from.left).min(right - to_left) + 1;
        let rows: Vec<Vec<Cell>> = (from.top..from.top + height)
            .map(|row| self.grid.row(row).cells[from.left..from.left + width].to_vec())
            .collect();
        for (at, cells) in rows.into_iter().enumerate() {
            let target = self.row_mut(to_top + at);
            for (at, mut cell) in cells.iter().copied().enumerate() {
                let col = to_left + at;
                // A wide cell is copied whole or not at all.
                let whole = at + 1 < cells.len() && cells[at + 1].has(Cell::SPACER);
                if cell.has(Cell::SPACER) {
                    if at > 0 && cells[at - 1].has(Cell::WIDE) {
                        continue;
                    }
                    cell = Cell::blank(cell.style());
                } else if cell.has(Cell::WIDE) && !whole {
                    cell = Cell::blank(cell.style());
                }
                target.write(col, cell);
            }
        }
    }

    /// DECCARA, and with `reverse` DECRARA: attributes of a rectangle, or of the text from its first to its last cell.
    pub(crate) fn change_attributes(&mut self, params: &Params, reverse: bool) {
        // From a first to a last cell, the last one may stand further left.
        let area = self.corners(params, 0);
        let cols = self.cols();
        if area.top >= self.rows()
            || area.left >= cols
            || (self.attribute_extent == 2 && area.left > area.right)
        {
            return;
        }
        let codes = params.values().get(4..).filter(|codes| !codes.is_empty()).unwrap_or(&[0]).to_vec();
        for at in area.top..=area.bottom {
            let whole_rectangle = self.attribute_extent == 2;
            let left = if whole_rectangle || at == area.top { area.left } else { 0 };
            let right = if whole_rectangle || at == area.bottom { area.right } else { cols - 1 };
            for col in left..=right {
                let cell = self.grid.row(at).cells[col];
                let mut style = *self.styles.get(cell.style());
                for code in &codes {
                    if reverse {
                        reverse_attribute(&mut style, *code)
                    } else {
                        set_attribute(&mut style, *code)
                    }
                }
                let id = self.intern(&style);
                let row = self.row_mut(at);
                row.cells[col] = cell.with_style(id);
                row.len = row.len.max(col + 1);
            }
        }
    }

    /// DECRQCRA: the sum of what a rectangle shows, negated, as xterm has it.
    pub(crate) fn checksum(&self, params: &Params) -> u16 {
        let Some(area) = self.rectangle(params, 2) else {
            return 0;
        };
        let mut sum = 0_u16;
        for row in area.top..=area.bottom {
            for cell in &self.grid.row(row).cells[area.left..=area.right] {
                let code = match cell.glyph() {
                    Glyph::Blank => u32::from(' '),
                    Glyph::Char(ch) => u32::from(ch),
                    Glyph::Cluster(id) => self.clusters.get(id).chars().map(u32::from).sum(),
                };
                sum = sum.wrapping_add(code as u16);
            }
        }
        sum.wrapping_neg()
    }
}

/// The attributes of a VT420.
fn bit(code: u16) -> u16 {
    match code {
        1 | 22 => attribute::BOLD,
        5 | 25 => attribute::BLINK,
        7 | 27 => attribute::INVERSE,
        8 | 28 => attribute::HIDDEN,
        _ => 0,
    }
}

fn set_attribute(style: &mut Style, code: u16) {
    match code {
        0 => {
            style.set_underline(0);
            style.set(attribute::BOLD | attribute::BLINK | attribute::INVERSE | attribute::HIDDEN, false);
        }
        4 => style.set_underline(1),
        24 => style.set_underline(0),
        _ => style.set(bit(code), code < 20),
    }
}

fn reverse_attribute(style: &mut Style, code: u16) {
    match code {
        0 => {
            reverse_attribute(style, 4);
            style.attributes ^= attribute::BOLD | attribute::BLINK | attribute::INVERSE | attribute::HIDDEN;
        }
        4 => style.set_underline(u16::from(!style.has(attribute::UNDERLINE))),
        1..10 => style.attributes ^= bit(code),
        _ => {}
    }
}
