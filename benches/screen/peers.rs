//! The emulators, behind one face.

use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::Processor;
use vetty_screen::{Screen, Size};

/// A terminal that takes output.
pub trait Emulator {
    fn feed(&mut self, text: &str);
}

/// Columns and rows to an emulator with 10,000 lines of history.
type Make = fn(u16, u16) -> Box<dyn Emulator>;

/// Ours first.
pub const PEERS: [(&str, Make); 4] = [
    ("vetty", |cols, rows| Box::new(Vetty(Screen::new(Size::new(cols, rows), Default::default())))),
    ("alacritty_terminal", |cols, rows| Box::new(Alacritty::new(cols, rows))),
    ("vt100", |cols, rows| {
        let size = |cells: u16| cells.try_into().expect("a valid size");
        Box::new(vt100::Parser::new(size(rows), size(cols), 10_000))
    }),
    ("avt", |cols, rows| {
        let vt = avt::Terminal::with_scrollback(cols.into(), rows.into(), Some(10_000));
        Box::new(vt.expect("a valid size"))
    }),
];

struct Vetty(Screen);

impl Emulator for Vetty {
    fn feed(&mut self, text: &str) {
        self.0.feed(text.as_bytes());
        self.0.take_replies();
        self.0.take_events();
    }
}

struct Alacritty {
    term: Term<VoidListener>,
    processor: Processor,
}

struct Cells(u16, u16);

impl Dimensions for Cells {
    fn total_lines(&self) -> usize {
        self.1.into()
    }

    fn screen_lines(&self) -> usize {
        self.1.into()
    }

    fn columns(&self) -> usize {
        self.0.into()
    }
}

impl Alacritty {
    fn new(cols: u16, rows: u16) -> Self {
        let config = Config { scrolling_history: 10_000, ..Config::default() };
        Self { term: Term::new(config, &Cells(cols, rows), VoidListener), processor: Processor::new() }
    }
}

impl Emulator for Alacritty {
    fn feed(&mut self, text: &str) {
        self.processor.advance(&mut self.term, text.as_bytes());
    }
}

impl Emulator for vt100::Parser {
    fn feed(&mut self, text: &str) {
        self.process(text.as_bytes());
    }
}

impl Emulator for avt::Terminal {
    fn feed(&mut self, text: &str) {
        self.feed(text);
    }
}
