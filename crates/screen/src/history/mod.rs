//! The lines that left the screen, packed: text as UTF-8, styles as runs, bounded in lines and in bytes.

mod pack;

use std::collections::VecDeque;
use std::ops::Range;

use crate::cell::Cell;
use crate::texts::Texts;

pub(crate) use pack::{Item, PackedRow, Packer};

/// What is known of a packed row. Its data are text, then runs of style, then clusters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowInfo {
    pub(crate) id: u64,
    pub(crate) seq: u64,
    start: u32,
    text: u32,
    runs: u16,
    clusters: u16,
    pub(crate) cols: u16,
    flags: u16,
}

impl RowInfo {
    const WRAPPED: u16 = 1;
    const ASCII: u16 = 2;

    pub(crate) fn wrapped(&self) -> bool {
        self.flags & Self::WRAPPED != 0
    }

    fn size(&self) -> usize {
        self.text as usize + 4 * (usize::from(self.runs) + usize::from(self.clusters))
    }
}

/// Rows that lie together. The first `gone` of them were forgotten.
#[derive(Debug, Default)]
struct Block {
    data: Vec<u8>,
    rows: Vec<RowInfo>,
    gone: usize,
    /// The number of its first row, counted from the first one ever.
    first: u64,
}

impl Block {
    /// A block takes rows until it has so many bytes or rows.
    const BYTES: usize = 32 << 10;
    const ROWS: usize = 512;

    fn is_full(&self) -> bool {
        self.data.len() >= Self::BYTES || self.rows.len() >= Self::ROWS
    }

    fn row(&self, at: usize) -> PackedRow<'_> {
        let info = &self.rows[at];
        let start = info.start as usize;
        PackedRow::new(info, &self.data[start..start + info.size()])
    }
}

/// The packed rows, oldest first.
#[derive(Debug)]
pub(crate) struct History {
    blocks: VecDeque<Block>,
    /// A block that was used up, to be filled again.
    spare: Option<Block>,
    /// Rows ever pushed, and rows forgotten.
    pushed: u64,
    gone: u64,
    bytes: usize,
    max_lines: usize,
    max_bytes: usize,
}

impl History {
    pub(crate) fn new(max_lines: usize, max_bytes: usize) -> Self {
        Self { blocks: VecDeque::new(), spare: None, pushed: 0, gone: 0, bytes: 0, max_lines, max_bytes }
    }

    /// An empty one with the same bounds.
    pub(crate) fn successor(&self) -> Self {
        Self::new(self.max_lines, self.max_bytes)
    }

    /// The same without a bound, for rows of which some go back to the screen.
    pub(crate) fn unbounded(&self) -> Self {
        Self::new(usize::MAX, usize::MAX)
    }

    pub(crate) fn set_bounds_of(&mut self, other: &Self) {
        self.max_lines = other.max_lines;
        self.max_bytes = other.max_bytes;
        self.shed();
    }

    pub(crate) fn len(&self) -> usize {
        (self.pushed - self.gone) as usize
    }

    /// Rows ever pushed, those included that were forgotten.
    pub(crate) fn pushed(&self) -> u64 {
        self.pushed
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.max_lines > 0 && self.max_bytes > 0
    }

    /// Appends a row of the grid.
    #[inline]
    pub(crate) fn push(&mut self, id: u64, seq: u64, wrapped: bool, cells: &[Cell], clusters: &Texts) {
        let block = self.open_block();
        let start = block.data.len();
        let mut info = RowInfo {
            id,
            seq,
            start: start as u32,
            text: 0,
            runs: 0,
            clusters: 0,
            cols: 0,
            flags: if wrapped { RowInfo::WRAPPED } else { 0 },
        };
        pack::pack(cells, clusters, &mut block.data, &mut info);
        block.rows.push(info);
        self.account(&info);
    }

    /// Appends a row that is packed already.
    pub(crate) fn push_packed(&mut self, info: &RowInfo, data: &[u8]) {
        let block = self.open_block();
        let info = RowInfo { start: block.data.len() as u32, ..*info };
        block.data.extend_from_slice(data);
        block.rows.push(info);
        self.account(&info);
    }

    fn account(&mut self, info: &RowInfo) {
        self.pushed += 1;
        self.bytes += info.size() + size_of::<RowInfo>();
        if self.len() > self.max_lines || self.bytes > self.max_bytes {
            self.shed();
        }
    }

    fn open_block(&mut self) -> &mut Block {
        if self.blocks.back().is_none_or(Block::is_full) {
            let mut block = self.spare.take().unwrap_or_default();
            block.first = self.pushed;
            if let Some(full) = self.blocks.back_mut() {
                // Little is lost where rows are large; a block seldom ends exactly at its bound.
                full.data.shrink_to(full.data.len());
            }
            self.blocks.push_back(block);
        }
        self.blocks.back_mut().expect("a block was pushed if there was none")
    }

    /// Forgets the oldest rows until the bounds hold.
    fn shed(&mut self) {
        while self.len() > self.max_lines || (self.bytes > self.max_bytes && self.len() > 0) {
            let Some(block) = self.blocks.front_mut() else {
                return;
            };
            self.bytes -= block.rows[block.gone].size() + size_of::<RowInfo>();
            block.gone += 1;
            self.gone += 1;
            if block.gone == block.rows.len() {
                self.spare = self.blocks.pop_front().map(|mut block| {
                    block.data.clear();
                    block.rows.clear();
                    block.gone = 0;
                    block
                });
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = self.successor();
    }

    /// Takes the newest row off.
    pub(crate) fn pop(&mut self) -> Option<(RowInfo, Vec<u8>)> {
        let block = self.blocks.back_mut()?;
        let info = block.rows.pop()?;
        let data = block.data.split_off(info.start as usize);
        let is_empty = block.rows.len() == block.gone;
        if is_empty {
            self.blocks.pop_back();
        }
        self.pushed -= 1;
        self.bytes -= info.size() + size_of::<RowInfo>();
        Some((info, data))
    }

    /// Rows from the oldest to the newest.
    pub(crate) fn rows(&self, range: Range<usize>) -> impl Iterator<Item = PackedRow<'_>> {
        let end = range.end.min(self.len());
        let count = end.saturating_sub(range.start);
        let number = self.gone + range.start as u64;
        let first = self.blocks.partition_point(|block| block.first <= number).saturating_sub(1);
        self.blocks
            .range(first.min(self.blocks.len())..)
            .enumerate()
            .flat_map(move |(at, block)| {
                let skipped = if at == 0 { (number - block.first) as usize } else { block.gone };
                (skipped..block.rows.len()).map(|row| block.row(row))
            })
            .take(count)
    }

    /// The place of the row with an id.
    pub(crate) fn find(&self, id: u64) -> Option<usize> {
        for block in self.blocks.iter().rev() {
            if let Some(at) = block.rows[block.gone..].iter().rposition(|row| row.id == id) {
                return Some((block.first - self.gone) as usize + block.gone + at);
            }
        }
        None
    }

    /// Marks the styles in use.
    pub(crate) fn mark_styles(&self, used: &mut [bool]) {
        for row in self.rows(0..self.len()) {
            for (_, style) in row.runs() {
                used[usize::from(style)] = true;
            }
        }
    }

    /// Bytes on the heap.
    pub(crate) fn heap(&self) -> usize {
        let block = |block: &Block| block.data.capacity() + block.rows.capacity() * size_of::<RowInfo>();
        self.blocks.iter().chain(&self.spare).map(block).sum::<usize>()
            + self.blocks.capacity() * size_of::<Block>()
    }
}
