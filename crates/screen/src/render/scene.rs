//! What a picture shows, before it is drawn: spans of cells with their final colours, row by row, and the cursor. All three
//! kinds of pictures are made from it.

use std::sync::Arc;

use crate::color::{Color, Rgb, Theme};
use crate::modes::Mode;
use crate::palette::DYNAMIC;
use crate::render::RenderOptions;
use crate::screen::{CursorShape, Screen};
use crate::search::Match;
use crate::state::State;
use crate::style::{Style, Underline, attribute};
use crate::text::{RowView, Scope};

/// How the cells of a span look, with colours that are final.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Looks {
    pub(crate) foreground: Rgb,
    pub(crate) background: Rgb,
    pub(crate) bold: bool,
    pub(crate) italic: bool,
    pub(crate) underline: Underline,
    pub(crate) underline_color: Rgb,
    pub(crate) overline: bool,
    pub(crate) strike: bool,
    /// The text is not to be seen, nor to be found in the picture's source.
    pub(crate) hidden: bool,
    pub(crate) link: Option<Arc<str>>,
}

/// Cells side by side that look the same: plain ASCII as one text, each other character by itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Span {
    pub(crate) col: u16,
    pub(crate) cols: u16,
    pub(crate) text: String,
    pub(crate) looks: Looks,
}

impl Span {
    /// One column a character, drawn by any font of terminals.
    pub(crate) fn is_plain(&self) -> bool {
        self.text.len() == usize::from(self.cols) && self.text.is_ascii()
    }

    /// Nothing to be seen but the background.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.bytes().all(|byte| byte == b' ')
    }
}

/// A cursor that is drawn upon its cell: a line below or at the left. A block is the looks of its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CursorLine {
    pub(crate) col: u16,
    pub(crate) cols: u16,
    pub(crate) shape: CursorShape,
    pub(crate) color: Rgb,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct SceneRow {
    pub(crate) spans: Vec<Span>,
    pub(crate) cursor: Option<CursorLine>,
}

/// What a picture shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    pub(crate) cols: u16,
    pub(crate) rows: Vec<SceneRow>,
    pub(crate) title: String,
    pub(crate) foreground: Rgb,
    pub(crate) background: Rgb,
}

impl Screen {
    /// What a picture of this screen shows. It does not change with the screen any more, so that it can be drawn on
    /// another thread, as often and in as many ways as wanted.
    pub fn scene(&self, options: &RenderOptions) -> Scene {
        let state = &self.state;
        let theme = options.theme.as_ref().unwrap_or(&state.config.theme);
        let mut colors = Colors::new(state, theme);
        let history = if options.scope == Scope::Screen { 0 } else { state.history.len() as i64 };
        let cursor = self.cursor();
        let shows_cursor = options.cursor && cursor.visible && options.scope != Scope::History;
        let rows = state.scope(options.scope).enumerate().map(|(at, row)| {
            let number = at as i64 - history;
            let mut builder = RowBuilder::new(self.size().cols);
            builder.cells(state, &row, &mut colors);
            for found in
                options.highlights.iter().filter(|found| (found.at.row..=found.end.row).contains(&number))
            {
                builder.highlight(number, found);
            }
            if shows_cursor && cursor.at.row == number {
                builder.cursor(cursor.at.col, cursor.shape, &colors);
            }
            builder.finish(&colors)
        });
        let rows = rows.collect();
        let title = self.title().to_owned();
        Scene {
            cols: self.size().cols,
            rows,
            title,
            foreground: colors.foreground,
            background: colors.background,
        }
    }
}

/// Black on yellow, as a marker pen leaves it.
const HIGHLIGHT: (Rgb, Rgb) = (Rgb(0, 0, 0), Rgb(0xff, 0xd7, 0x5f));

/// Colours as the screen has them now: of the theme, unless the program changed them.
struct Colors<'a> {
    state: &'a State,
    theme: &'a Theme,
    foreground: Rgb,
    background: Rgb,
    cursor: Rgb,
    /// The looks of the style that was asked for last.
    last: Option<(u16, Looks)>,
}

impl<'a> Colors<'a> {
    fn new(state: &'a State, theme: &'a Theme) -> Self {
        let dynamic = |number| state.palette.get(DYNAMIC + number, theme);
        let (mut foreground, mut background) = (dynamic(10), dynamic(11));
        if state.has(Mode::ReverseVideo) {
            std::mem::swap(&mut foreground, &mut background);
        }
        Self { state, theme, foreground, background, cursor: dynamic(12), last: None }
    }

    fn plain(&self) -> Looks {
        self.resolve(&Style::default())
    }

    fn looks(&mut self, style: u16) -> Looks {
        match &self.last {
            Some((last, looks)) if *last == style => looks.clone(),
            _ => {
                let looks = self.resolve(self.state.styles.get(style));
                self.last = Some((style, looks.clone()));
                looks
            }
        }
    }

    fn color(&self, color: Color, default: Rgb) -> Rgb {
        match (color.index(), color.parts()) {
            (Some(index), _) => self.state.palette.get(u16::from(index), self.theme),
            (_, Some(parts)) => parts,
            _ => default,
        }
    }

    fn resolve(&self, style: &Style) -> Looks {
        let mut foreground = self.color(style.foreground, self.foreground);
        let mut background = self.color(style.background, self.background);
        if style.has(attribute::INVERSE) {
            std::mem::swap(&mut foreground, &mut background);
        }
        if style.has(attribute::DIM) {
            foreground = mix(foreground, background, 96);
        }
        Looks {
            foreground,
            background,
            bold: style.has(attribute::BOLD),
            italic: style.has(attribute::ITALIC),
            underline: Underline::from_bits(style.attributes),
            underline_color: self.color(style.underline_color, foreground),
            overline: style.has(attribute::OVERLINE),
            strike: style.has(attribute::STRIKE),
            hidden: style.has(attribute::HIDDEN),
            link: (style.link > 0).then(|| self.state.uri(style.link).into()),
        }
    }
}

/// So many 256ths of the way from one colour to the other.
fn mix(from: Rgb, to: Rgb, share: u16) -> Rgb {
    let part = |from: u8, to: u8| ((u16::from(from) * (256 - share) + u16::from(to) * share) >> 8) as u8;
    Rgb(part(from.0, to.0), part(from.1, to.1), part(from.2, to.2))
}

/// A cell on its way into a span.
struct SceneCell {
    text: String,
    cols: u16,
    looks: Looks,
}

struct RowBuilder {
    cells: Vec<SceneCell>,
    /// Columns that are filled, and that there are.
    filled: u16,
    cols: u16,
    cursor: Option<CursorLine>,
}

impl RowBuilder {
    fn new(cols: u16) -> Self {
        Self { cells: Vec::new(), filled: 0, cols, cursor: None }
    }

    fn push(&mut self, text: String, cols: u16, looks: Looks) {
        if self.filled + cols <= self.cols {
            self.filled += cols;
            self.cells.push(SceneCell { text, cols, looks });
        }
    }

    fn cells(&mut self, state: &State, row: &RowView<'_>, colors: &mut Colors<'_>) {
        row.each_styled(state, |text, width, style| {
            let looks = colors.looks(style);
            // What is not to be seen is a secret perhaps: no picture says how long it is in its source.
            let text = if text.is_empty() || looks.hidden { " ".repeat(width) } else { text.to_owned() };
            self.push(text, width as u16, looks);
        });
    }

    /// The cell that covers a column; blanks up to it are added.
    fn cell_at(&mut self, col: u16, colors: &Colors<'_>) -> Option<(u16, &mut SceneCell)> {
        while self.filled <= col.min(self.cols.saturating_sub(1)) {
            self.push(" ".to_owned(), 1, colors.plain());
        }
        let mut start = 0;
        self.cells.iter_mut().find_map(|cell| {
            let at = start;
            start += cell.cols;
            (at..start).contains(&col).then_some((at, cell))
        })
    }

    fn highlight(&mut self, row: i64, found: &Match) {
        let from = if found.at.row == row { found.at.col } else { 0 };
        let to = if found.end.row == row { found.end.col } else { self.cols };
        let mut start = 0;
        for cell in &mut self.cells {
            if start < to && start + cell.cols > from {
                (cell.looks.foreground, cell.looks.background) = HIGHLIGHT;
                cell.looks.underline_color = HIGHLIGHT.0;
            }
            start += cell.cols;
        }
    }

    fn cursor(&mut self, col: u16, shape: CursorShape, colors: &Colors<'_>) {
        let Some((at, cell)) = self.cell_at(col, colors) else {
            return;
        };
        if shape == CursorShape::Block {
            // A cursor of the text's own background would hide it.
            cell.looks.foreground = if cell.looks.background == colors.cursor {
                cell.looks.foreground
            } else {
                cell.looks.background
            };
            cell.looks.background = colors.cursor;
            cell.looks.underline_color = cell.looks.foreground;
        } else {
            self.cursor = Some(CursorLine { col: at, cols: cell.cols, shape, color: colors.cursor });
        }
    }

    fn finish(self, colors: &Colors<'_>) -> SceneRow {
        let mut spans: Vec<Span> = Vec::new();
        let mut col = 0;
        for SceneCell { text, cols, looks } in self.cells {
            let is_plain = cols == 1 && text.len() == 1;
            match spans.last_mut() {
                Some(last) if is_plain && last.is_plain() && last.looks == looks => {
                    last.text.push_str(&text);
                    last.cols += 1;
                }
                _ => spans.push(Span { col, cols, text, looks }),
            }
            col += cols;
        }
        let plain = colors.plain();
        while spans.last().is_some_and(|last| last.is_blank() && last.looks == plain) {
            spans.pop();
        }
        SceneRow { spans, cursor: self.cursor }
    }
}
