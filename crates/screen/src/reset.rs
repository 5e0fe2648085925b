//! Back to how a terminal begins: all of it (RIS), or what stands in a program's way (DECSTR).

use crate::charset::Charsets;
use crate::cursor::{Cursor, SavedCursor};
use crate::grid::Grid;
use crate::modes::{Mode, Modes};
use crate::palette::Palette;
use crate::state::{Margins, State};
use crate::style::Style;
use crate::tabs::Tabs;

impl State {
    /// RIS. History, title and what the owner decided stay.
    pub(crate) fn reset(&mut self) {
        if self.is_alternate {
            self.show_alternate(false);
        }
        let (cols, rows) = (self.cols(), self.rows());
        self.grid = Grid::new(cols, rows, &mut self.ids);
        for row in self.grid.rows_mut() {
            row.seq = self.seq;
        }
        self.other = None;
        self.cursor = Cursor::new();
        self.saved = SavedCursor::default();
        self.saved_other = SavedCursor::default();
        self.modes = Modes::default();
        self.margins = Margins::full(self.size);
        self.tabs = Tabs::new(cols);
        self.cursor_shape = 0;
        self.attribute_extent = 0;
        self.iso_protection = false;
        self.conformance = (64, 1);
        self.palette = Palette::default();
        self.keyboard = crate::keyboard::Keyboard::default();
        self.sync_since = None;
        self.images.clear();
        self.changed = true;
        self.moved = self.seq;
    }

    /// DECSTR. The screen and the cursor stay.
    pub(crate) fn soft_reset(&mut self) {
        for (mode, on) in [
            (Mode::CursorVisible, true),
            (Mode::Origin, false),
            (Mode::AutoWrap, true),
            (Mode::Insert, false),
            (Mode::ApplicationCursor, false),
            (Mode::ApplicationKeypad, false),
            (Mode::ReverseWrap, false),
            (Mode::ExtendedReverseWrap, false),
            (Mode::LeftRightMargins, false),
            (Mode::KeyboardLocked, false),
            (Mode::NationalCharsets, false),
            (Mode::Synchronized, false),
        ] {
            self.modes.set(mode, on);
        }
        self.margins = Margins::full(self.size);
        self.cursor.pen = Style::default();
        self.cursor.protected = false;
        self.cursor.charsets = Charsets::default();
        self.cursor.pending_wrap = false;
        self.cursor.pen_changed();
        self.saved = SavedCursor::default();
        self.attribute_extent = 0;
        self.iso_protection = false;
        self.sync_since = None;
        self.keyboard.reset();
    }
}
