//! Rows of cells to bytes and back.

use super::RowInfo;
use crate::cell::{Cell, Glyph};
use crate::texts::Texts;
use crate::width;

/// Appends a row to `data` and completes its `info`. Blank cells at the end are left out.
#[inline]
pub(super) fn pack(cells: &[Cell], clusters: &Texts, data: &mut Vec<u8>, info: &mut RowInfo) {
    let cells = trimmed(cells);
    let Some(first) = cells.first() else {
        info.flags |= RowInfo::ASCII;
        return;
    };
    info.cols = cells.len() as u16;
    // All in one style, without flags, and ASCII: then nothing differs above the low seven bits.
    let upper = first.0 & !0xffff_ffff;
    let mut different = upper & !0xffff_ffff_ffff;
    for cell in cells {
        different |= cell.0 ^ upper;
    }
    if different < 0x80 {
        data.extend(cells.iter().map(|cell| (cell.0 as u8).max(b' ')));
        info.text = cells.len() as u32;
        info.flags |= RowInfo::ASCII;
        if first.style() != 0 {
            info.runs = 1;
            push_pair(data, info.cols, first.style());
        }
        return;
    }
    pack_any(cells, clusters, data, info);
}

fn pack_any(cells: &[Cell], clusters: &Texts, data: &mut Vec<u8>, info: &mut RowInfo) {
    let start = data.len();
    data.reserve(cells.len() * 4);
    let mut ascii = true;
    let mut exceptions = Vec::new();
    for (col, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.has(Cell::SPACER)) {
        match cell.glyph() {
            Glyph::Blank => data.push(b' '),
            Glyph::Char(ch) if ch.is_ascii() => data.push(ch as u8),
            Glyph::Char(ch) => {
                ascii = false;
                push_char(data, ch);
                if cell.has(Cell::WIDE) && width::width(ch, false) != 2 {
                    exceptions.push((col as u16, 1, cell.width()));
                }
            }
            Glyph::Cluster(id) => {
                ascii = false;
                let text = clusters.get(id);
                data.extend_from_slice(text.as_bytes());
                exceptions.push((col as u16, text.chars().count() as u8, cell.width()));
            }
        }
    }
    info.text = (data.len() - start) as u32;
    if ascii {
        info.flags |= RowInfo::ASCII;
    }
    if cells.iter().fold(0, |styles, cell| styles | cell.style()) == 0 {
        push_clusters(data, info, &exceptions);
        return;
    }
    for run in cells.chunk_by(|a, b| a.style() == b.style()) {
        info.runs += 1;
        push_pair(data, run.len() as u16, run[0].style());
    }
    push_clusters(data, info, &exceptions);
}

fn push_clusters(data: &mut Vec<u8>, info: &mut RowInfo, clusters: &[(u16, u8, u8)]) {
    for (col, chars, width) in clusters {
        info.clusters += 1;
        data.extend_from_slice(&col.to_le_bytes());
        data.extend_from_slice(&[*chars, *width]);
    }
}

/// A character as UTF-8. Each length has a copy of its own, because one of unknown length is a call.
#[inline]
fn push_char(data: &mut Vec<u8>, ch: char) {
    let code = u32::from(ch);
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3f) as u8;
    match code {
        0..0x80 => data.push(code as u8),
        0x80..0x800 => data.extend_from_slice(&[0xc0 | (code >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => data.extend_from_slice(&[0xe0 | (code >> 12) as u8, tail(6), tail(0)]),
        _ => data.extend_from_slice(&[0xf0 | (code >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}

fn trimmed(cells: &[Cell]) -> &[Cell] {
    let shows = |cell: &Cell| *cell != Cell::BLANK && !cell.has(Cell::SKIPPED);
    let last = cells.iter().rposition(shows);
    &cells[..last.map_or(0, |last| last + 1)]
}

fn push_pair(data: &mut Vec<u8>, first: u16, second: u16) {
    data.extend_from_slice(&first.to_le_bytes());
    data.extend_from_slice(&second.to_le_bytes());
}

/// A row of the history.
#[derive(Clone, Copy)]
pub(crate) struct PackedRow<'a> {
    pub(crate) info: &'a RowInfo,
    pub(crate) data: &'a [u8],
}

/// A cell of a packed row.
#[derive(Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) text: &'a str,
    pub(crate) width: u8,
    pub(crate) style: u16,
}

impl<'a> PackedRow<'a> {
    pub(super) fn new(info: &'a RowInfo, data: &'a [u8]) -> Self {
        Self { info, data }
    }

    /// From what [`History::pop`](super::History::pop) gave.
    pub(crate) fn of(info: &'a RowInfo, data: &'a [u8]) -> Self {
        Self { info, data }
    }

    pub(crate) fn is_ascii(&self) -> bool {
        self.info.flags & RowInfo::ASCII != 0
    }

    pub(crate) fn text(&self) -> &'a str {
        std::str::from_utf8(&self.data[..self.info.text as usize]).unwrap_or_default()
    }

    /// Cells and style, one after the other. No run at all is the default style.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (u16, u16)> + use<'a> {
        let start = self.info.text as usize;
        pairs(&self.data[start..start + 4 * usize::from(self.info.runs)])
    }

    /// Column of each cluster, its code points, its width.
    fn clusters(&self) -> impl Iterator<Item = (u16, u8, u8)> + use<'a> {
        let start = self.info.text as usize + 4 * usize::from(self.info.runs);
        let [low, high] = [0_u32, 8];
        pairs(&self.data[start..]).map(move |(col, rest)| (col, (rest >> low) as u8, (rest >> high) as u8))
    }

    /// The cells, without second halves.
    pub(crate) fn items(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let mut text = self.text();
        let mut runs = self.runs();
        let mut clusters = self.clusters().peekable();
        let (mut left, mut style, mut col) = (0_u16, 0_u16, 0_u16);
        std::iter::from_fn(move || {
            let first = text.chars().next()?;
            let cluster = clusters.next_if(|(at, _, _)| *at == col);
            let (size, width) = match cluster {
                Some((_, chars, width)) => {
                    let size = text.char_indices().nth(usize::from(chars)).map_or(text.len(), |(at, _)| at);
                    (size, width.max(1))
                }
                None => (first.len_utf8(), width::width(first, false).max(1)),
            };
            let (item, rest) = text.split_at(size);
            text = rest;
            while left == 0 {
                (left, style) = runs.next().unwrap_or((u16::MAX, 0));
            }
            left = left.saturating_sub(u16::from(width));
            col += u16::from(width);
            Some(Item { text: item, width, style })
        })
    }
}

fn pairs(data: &[u8]) -> impl Iterator<Item = (u16, u16)> + use<'_> {
    data.chunks_exact(4)
        .map(|pair| (u16::from_le_bytes([pair[0], pair[1]]), u16::from_le_bytes([pair[2], pair[3]])))
}

/// Builds a packed row piece by piece.
#[derive(Default)]
pub(crate) struct Packer {
    text: Vec<u8>,
    runs: Vec<(u16, u16)>,
    clusters: Vec<(u16, u8, u8)>,
    cols: u16,
    beyond_ascii: bool,
    data: Vec<u8>,
}

impl Packer {
    pub(crate) fn cols(&self) -> usize {
        usize::from(self.cols)
    }

    /// ASCII, one cell a byte.
    pub(crate) fn push_ascii(&mut self, text: &[u8], style: u16) {
        self.text.extend_from_slice(text);
        self.push_cols(text.len() as u16, style);
    }

    pub(crate) fn push_item(&mut self, item: &Item<'_>) {
        self.text.extend_from_slice(item.text.as_bytes());
        self.beyond_ascii |= !item.text.is_ascii();
        let chars = item.text.chars().count();
        let single = || item.text.chars().next().map_or(1, |ch| width::width(ch, false));
        if chars > 1 || single() != item.width {
            self.clusters.push((self.cols, chars as u8, item.width));
        }
        self.push_cols(u16::from(item.width), item.style);
    }

    fn push_cols(&mut self, count: u16, style: u16) {
        match self.runs.last_mut() {
            Some((run, last)) if *last == style => *run += count,
            _ => self.runs.push((count, style)),
        }
        self.cols += count;
    }

    /// Gives the row to `take` and begins an empty one.
    pub(crate) fn finish(&mut self, id: u64, seq: u64, wrapped: bool, take: impl FnOnce(&RowInfo, &[u8])) {
        let plain = self.runs.iter().all(|(_, style)| *style == 0);
        if plain {
            self.runs.clear();
        }
        let mut flags = if wrapped { RowInfo::WRAPPED } else { 0 };
        if !self.beyond_ascii {
            flags |= RowInfo::ASCII;
        }
        let info = RowInfo {
            id,
            seq,
            start: 0,
            text: self.text.len() as u32,
            runs: self.runs.len() as u16,
            clusters: self.clusters.len() as u16,
            cols: self.cols,
            flags,
        };
        self.data.clear();
        self.data.append(&mut self.text);
        for (count, style) in self.runs.drain(..) {
            push_pair(&mut self.data, count, style);
        }
        for (col, chars, width) in self.clusters.drain(..) {
            self.data.extend_from_slice(&col.to_le_bytes());
            self.data.extend_from_slice(&[chars, width]);
        }
        self.cols = 0;
        self.beyond_ascii = false;
        take(&info, &self.data);
    }
}
