//! All that a terminal knows, and the few things that every sequence needs of it.

use crate::cell::Cell;
use crate::config::Config;
use crate::cursor::{Cursor, SavedCursor};
use crate::events::Events;
use crate::grid::{Grid, RowIds};
use crate::history::History;
use crate::images::Images;
use crate::keyboard::Keyboard;
use crate::marks::Marks;
use crate::modes::{Mode, Modes};
use crate::palette::Palette;
use crate::reply::Replies;
use crate::row::Row;
use crate::size::Size;
use crate::style::Style;
use crate::styles::Styles;
use crate::tabs::Tabs;
use crate::texts::Texts;
use crate::titles::Titles;

/// Rows and columns that scroll, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Margins {
    pub(crate) top: usize,
    pub(crate) bottom: usize,
    pub(crate) left: usize,
    pub(crate) right: usize,
}

impl Margins {
    pub(crate) fn full(size: Size) -> Self {
        Self { top: 0, bottom: usize::from(size.rows) - 1, left: 0, right: usize::from(size.cols) - 1 }
    }
}

/// The state that sequences act upon.
pub(crate) struct State {
    pub(crate) config: Config,
    pub(crate) size: Size,
    /// The screen that is shown, and the other one once there was one.
    pub(crate) grid: Grid,
    pub(crate) other: Option<Grid>,
    pub(crate) is_alternate: bool,
    pub(crate) history: History,
    pub(crate) styles: Styles,
    pub(crate) clusters: Texts,
    pub(crate) joined: crate::print::Joined,
    pub(crate) links: Texts,
    pub(crate) cursor: Cursor,
    /// Of the screen that is shown, and of the other one.
    pub(crate) saved: SavedCursor,
    pub(crate) saved_other: SavedCursor,
    pub(crate) modes: Modes,
    pub(crate) margins: Margins,
    pub(crate) tabs: Tabs,
    /// What REP repeats: the last character, if nothing came after it.
    pub(crate) last_char: Option<char>,
    pub(crate) cursor_shape: u8,
    /// DECSACE: with 2 attributes are changed in the whole rectangle, else from its first cell to its last.
    pub(crate) attribute_extent: u8,
    /// What is protected is so as ISO has it (SPA): against plain erasure, not against the selective kinds.
    pub(crate) iso_protection: bool,
    pub(crate) conformance: (u16, u16),
    pub(crate) palette: Palette,
    pub(crate) titles: Titles,
    pub(crate) marks: Marks,
    pub(crate) images: Images,
    pub(crate) keyboard: Keyboard,
    pub(crate) events: Events,
    pub(crate) replies: Replies,
    pub(crate) cwd: Option<String>,
    pub(crate) sync_since: Option<std::time::Instant>,
    pub(crate) ids: RowIds,
    /// The change that is being made, and the last one that was.
    pub(crate) seq: u64,
    pub(crate) changed: bool,
    /// The change that last moved all rows, and the one before which rows cannot be compared.
    pub(crate) moved: u64,
    pub(crate) epoch: u64,
    /// What a cap left out: marks on one cell, links, replies.
    pub(crate) dropped: u64,
}

/// Texts of several code points in cells, and links: how many and how many bytes.
const CLUSTERS: (usize, usize) = (1 << 20, 8 << 20);
const LINKS: (usize, usize) = (65_000, 4 << 20);

impl State {
    pub(crate) fn new(size: Size, config: Config) -> Self {
        let mut ids = RowIds::default();
        let (cols, rows) = (usize::from(size.cols), usize::from(size.rows));
        Self {
            grid: Grid::new(cols, rows, &mut ids),
            other: None,
            is_alternate: false,
            history: History::new(config.history_lines, config.history_bytes),
            styles: Styles::new(),
            clusters: Texts::new(CLUSTERS.0, CLUSTERS.1),
            joined: crate::print::Joined::default(),
            links: Texts::new(LINKS.0, LINKS.1),
            cursor: Cursor::new(),
            saved: SavedCursor::default(),
            saved_other: SavedCursor::default(),
            modes: Modes::default(),
            margins: Margins::full(size),
            tabs: Tabs::new(cols),
            last_char: None,
            cursor_shape: 0,
            attribute_extent: 0,
            iso_protection: false,
            conformance: (64, 1),
            palette: Palette::default(),
            titles: Titles::default(),
            marks: Marks::new(config.max_commands),
            images: Images::default(),
            keyboard: Keyboard::default(),
            events: Events::new(config.max_events),
            replies: Replies::default(),
            cwd: None,
            sync_since: None,
            ids,
            seq: 1,
            changed: false,
            moved: 0,
            epoch: 0,
            dropped: 0,
            size,
            config,
        }
    }

    pub(crate) fn cols(&self) -> usize {
        usize::from(self.size.cols)
    }

    pub(crate) fn rows(&self) -> usize {
        usize::from(self.size.rows)
    }

    /// A row to be changed.
    #[inline]
    pub(crate) fn row_mut(&mut self, row: usize) -> &mut Row {
        self.changed = true;
        let row = self.grid.row_mut(row);
        row.seq = self.seq;
        row
    }

    /// What a character of the pen is written over.
    #[inline]
    pub(crate) fn base(&mut self) -> Cell {
        match self.cursor.base {
            Some(base) => base,
            None => {
                let pen = self.cursor.pen;
                let flags = if self.cursor.protected { Cell::PROTECTED } else { 0 };
                let base = Cell::base(self.intern(&pen), flags);
                self.cursor.base = Some(base);
                base
            }
        }
    }

    /// What erasing leaves.
    pub(crate) fn blank(&mut self) -> Cell {
        match self.cursor.blank {
            Some(blank) => blank,
            None => {
                let erased = self.cursor.pen.erased();
                let blank = Cell::blank(self.intern(&erased));
                self.cursor.blank = Some(blank);
                blank
            }
        }
    }

    /// The id of a style. If there are too many, the nearest of few.
    pub(crate) fn intern(&mut self, style: &Style) -> u16 {
        if let Some(id) = self.styles.intern(style) {
            return id;
        }
        if self.styles.wants_collection() {
            self.collect_styles();
            if let Some(id) = self.styles.intern(style) {
                return id;
            }
        }
        self.styles.intern(&style.reduced()).unwrap_or(0)
    }

    fn collect_styles(&mut self) {
        let mut used = self.styles.none_used();
        used[0] = true;
        for row in self.grid.rows().chain(self.other.iter().flat_map(Grid::rows)) {
            for cell in row.used() {
                used[usize::from(cell.style())] = true;
            }
        }
        self.history.mark_styles(&mut used);
        self.styles.collect(&used);
        self.cursor.pen_changed();
        self.saved.cursor.pen_changed();
        self.saved_other.cursor.pen_changed();
    }

    /// The id of a cluster, or none if there are too many.
    pub(crate) fn intern_cluster(&mut self, text: &str) -> Option<u32> {
        let id = self.clusters.intern(text);
        if id.is_some() || !self.clusters.wants_collection() {
            return id;
        }
        let mut used = self.clusters.none_used();
        for row in self.grid.rows().chain(self.other.iter().flat_map(Grid::rows)) {
            for cell in row.used() {
                if let crate::cell::Glyph::Cluster(id) = cell.glyph() {
                    used[id as usize] = true;
                }
            }
        }
        self.clusters.collect(&used);
        self.joined.clear();
        self.clusters.intern(text)
    }

    /// The id of a link, or 0 if there are too many.
    pub(crate) fn intern_link(&mut self, link: &str) -> u16 {
        if let Some(id) = self.links.intern(link) {
            return id as u16;
        }
        if self.links.wants_collection() {
            self.collect_styles();
            let mut used = self.links.none_used();
            for style in self.styles.used_styles() {
                used[usize::from(style.link)] = true;
            }
            for pen in [&self.cursor.pen, &self.saved.cursor.pen, &self.saved_other.cursor.pen] {
                used[usize::from(pen.link)] = true;
            }
            self.links.collect(&used);
        }
        let id = self.links.intern(link);
        self.dropped += u64::from(id.is_none());
        id.unwrap_or(0) as u16
    }

    /// Margins at the left and right that do not lie at the edges.
    pub(crate) fn has_side_margins(&self) -> bool {
        self.margins.left > 0 || self.margins.right + 1 < self.cols()
    }

    pub(crate) fn is_in_side_margins(&self) -> bool {
        (self.margins.left..=self.margins.right).contains(&self.cursor.col)
    }

    pub(crate) fn has(&self, mode: Mode) -> bool {
        self.modes.has(mode)
    }
}
