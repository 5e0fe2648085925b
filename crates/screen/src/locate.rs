//! Places on the screen by what stands there, and how they look: for tests of programs, and for clicks.

use crate::color::Color;
use crate::screen::Screen;
use crate::search::{Match, Pattern};
use crate::size::Position;
use crate::snapshot::CellView;
use crate::text::Scope;

/// Text that was found on the screen, with its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// The first cell.
    pub at: Position,
    /// Behind the last cell, in the row of that.
    pub end: Position,
    /// What stands there.
    pub text: String,
    /// Its cells, in order; second halves of wide characters are left out.
    pub cells: Vec<CellView>,
}

impl Found {
    /// The colour of its text, if all of it has the same.
    pub fn foreground(&self) -> Option<Color> {
        self.common(|cell| cell.foreground)
    }

    /// The colour behind it, if all of it has the same.
    pub fn background(&self) -> Option<Color> {
        self.common(|cell| cell.background)
    }

    /// Whether all of its cells look so.
    pub fn is_all(&self, looks: impl Fn(&CellView) -> bool) -> bool {
        self.cells.iter().all(looks)
    }

    fn common<T: PartialEq>(&self, of: impl Fn(&CellView) -> T) -> Option<T> {
        let first = of(self.cells.first()?);
        self.is_all(|cell| of(cell) == first).then_some(first)
    }
}

impl Screen {
    /// The first place on the screen where this text stands.
    ///
    /// ```
    /// use vetty_screen::{Color, Config, Screen, Size};
    ///
    /// let mut screen = Screen::new(Size::new(80, 24), Config::default());
    /// screen.feed(b"\x1b[5;30H\x1b[7m[ Save ]\x1b[m");
    /// let save = screen.find("Save").ok_or("no button")?;
    /// assert_eq!((save.at.row, save.at.col), (4, 31));
    /// assert!(save.is_all(|cell| cell.inverse));
    /// assert_eq!(save.foreground(), Some(Color::DEFAULT));
    /// # Ok::<(), &str>(())
    /// ```
    pub fn find(&self, text: &str) -> Option<Found> {
        self.find_all(&Pattern::Text(text.to_owned()), 1).pop()
    }

    /// All places on the screen where the pattern matches, from the top, `limit` at most.
    pub fn find_all(&self, pattern: &Pattern, limit: usize) -> Vec<Found> {
        let found = self.search(pattern, Scope::Screen, limit);
        found.into_iter().map(|found| self.located(found)).collect()
    }

    fn located(&self, Match { at, end, text, .. }: Match) -> Found {
        let row = |row: i64| u16::try_from(row).unwrap_or(u16::MAX);
        let mut cells = Vec::new();
        for (number, row) in (at.row..).zip(self.cells(row(at.row)..row(end.row).saturating_add(1))) {
            let from = if number == at.row { usize::from(at.col) } else { 0 };
            let to = if number == end.row { usize::from(end.col).min(row.len()) } else { row.len() };
            cells.extend(row.into_iter().take(to).skip(from).filter(|cell| cell.width > 0));
        }
        Found { at, end, text, cells }
    }
}
