//! The alternate screen: the one without history, for programs that take the whole terminal.

use crate::events::Event;
use crate::grid::Grid;
use crate::state::State;

impl State {
    /// Shows the one or the other. The cursor stays, what DECSC saved belongs to each.
    pub(crate) fn show_alternate(&mut self, alternate: bool) {
        if self.is_alternate == alternate {
            return;
        }
        let (cols, rows) = (self.cols(), self.rows());
        let other = self.other.take().unwrap_or_else(|| Grid::new(cols, rows, &mut self.ids));
        self.other = Some(std::mem::replace(&mut self.grid, other));
        std::mem::swap(&mut self.saved, &mut self.saved_other);
        self.is_alternate = alternate;
        self.keyboard.switch(alternate);
        self.changed = true;
        self.moved = self.seq;
        self.epoch = self.seq;
        self.events.push(Event::AlternateScreen(alternate));
    }

    /// Modes 1047 and 1049 leave nothing behind on it.
    pub(crate) fn leave_alternate(&mut self) {
        if self.is_alternate {
            self.show_alternate(false);
            self.other = None;
        }
    }
}
