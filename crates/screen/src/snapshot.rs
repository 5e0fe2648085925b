//! The screen as plain data: cells with their looks, and a picture of the whole in one call.

use serde::Serialize;

use crate::cell::Cell;
use crate::color::Color;
use crate::screen::{CursorView, Screen};
use crate::size::Position;
use crate::state::State;
use crate::style::{Underline, attribute};
use crate::text::TextOptions;

/// A cell and how it looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CellView {
    /// What it shows: one character with all that combines with it; empty for the second half of a wide one.
    pub text: String,
    /// Columns: 0 for a second half.
    pub width: u8,
    /// Of the text.
    pub foreground: Color,
    /// Behind it.
    pub background: Color,
    /// Bold.
    pub bold: bool,
    /// Faint.
    pub dim: bool,
    /// Slanted.
    pub italic: bool,
    /// Blinking.
    pub blink: bool,
    /// The line below.
    pub underline: Underline,
    /// Of that line; the default is that of the text.
    pub underline_color: Color,
    /// The line above.
    pub overline: bool,
    /// Foreground and background change places.
    pub inverse: bool,
    /// Not to be seen.
    pub hidden: bool,
    /// Struck through.
    pub strike: bool,
    /// Where it leads (OSC 8).
    pub link: Option<String>,
}

/// A link and the cells that it covers, in one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The first cell.
    pub at: Position,
    /// Behind the last one.
    pub end: Position,
    /// Where it leads.
    pub uri: String,
}

/// What is shown, in one consistent state.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Snapshot {
    /// The change that it shows.
    pub sequence: u64,
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
    /// The cursor.
    pub cursor: CursorView,
    /// The title of the window.
    pub title: String,
    /// The shell's directory.
    pub cwd: Option<String>,
    /// The alternate screen is shown.
    pub alternate: bool,
    /// The text's lines.
    pub lines: Vec<String>,
    /// Links on the screen.
    pub links: Vec<Link>,
}

impl Screen {
    /// The cells of the rows in the range, as far as there are such.
    pub fn cells(&self, rows: std::ops::Range<u16>) -> Vec<Vec<CellView>> {
        let end = usize::from(rows.end).min(self.state.rows());
        let rows = usize::from(rows.start)..end;
        rows.map(|row| self.state.grid.row(row).cells.iter().map(|cell| self.state.view(*cell)).collect())
            .collect()
    }

    /// The whole of it.
    pub fn snapshot(&self, options: &TextOptions) -> Snapshot {
        let size = self.size();
        Snapshot {
            sequence: self.sequence(),
            cols: size.cols,
            rows: size.rows,
            cursor: self.cursor(),
            title: self.title().to_owned(),
            cwd: self.cwd().map(str::to_owned),
            alternate: self.is_alternate(),
            lines: self.text(options).split('\n').map(str::to_owned).collect(),
            links: self.links(),
        }
    }

    /// Links on the screen, row by row.
    pub fn links(&self) -> Vec<Link> {
        let state = &self.state;
        let mut links = Vec::new();
        for (number, row) in state.grid.rows().enumerate() {
            let mut col = 0;
            for run in row.used().chunk_by(|a, b| state.link_of(*a) == state.link_of(*b)) {
                let (start, link) = (col, state.link_of(run[0]));
                col += run.len();
                if link > 0 {
                    let at = |col: usize| Position { row: number as i64, col: col as u16 };
                    links.push(Link { at: at(start), end: at(col), uri: state.uri(link).to_owned() });
                }
            }
        }
        links
    }
}

impl State {
    fn link_of(&self, cell: Cell) -> u16 {
        self.styles.get(cell.style()).link
    }

    /// The URI of a link; its id stands before it.
    pub(crate) fn uri(&self, link: u16) -> &str {
        let text = self.links.get(u32::from(link));
        text.split_once('\n').map_or("", |(_, uri)| uri)
    }

    fn view(&self, cell: Cell) -> CellView {
        let style = self.styles.get(cell.style());
        let mut text = String::new();
        cell.push_to(&mut text, &self.clusters);
        CellView {
            text,
            width: cell.width(),
            foreground: style.foreground,
            background: style.background,
            bold: style.has(attribute::BOLD),
            dim: style.has(attribute::DIM),
            italic: style.has(attribute::ITALIC),
            blink: style.has(attribute::BLINK),
            underline: Underline::from_bits(style.attributes),
            underline_color: style.underline_color,
            overline: style.has(attribute::OVERLINE),
            inverse: style.has(attribute::INVERSE),
            hidden: style.has(attribute::HIDDEN),
            strike: style.has(attribute::STRIKE),
            link: (style.link > 0).then(|| self.uri(style.link).to_owned()),
        }
    }
}
