//! The same output on other terminals' cores: what all define, all show alike.

mod terminal;
use alacritty_terminal::event::VoidListener;
use alacritty_terminal::grid::Dimensions;
use alacritty_terminal::index::{Column, Line};
use alacritty_terminal::term::cell::Flags;
use alacritty_terminal::term::{Config, Term};
use alacritty_terminal::vte::ansi::{Color, Processor};
use proptest::prelude::*;
use terminal::{fed, rows};
use vetty_screen::CellView;

struct Cells(usize, usize);

impl Dimensions for Cells {
    fn total_lines(&self) -> usize {
        self.1
    }

    fn screen_lines(&self) -> usize {
        self.1
    }

    fn columns(&self) -> usize {
        self.0
    }
}

/// A cell as far as it is compared: text, bold, inverse, underlined, background by index.
type Shown = (String, bool, bool, bool, Option<u8>);

fn ours(cell: &CellView) -> Shown {
    let underlined = cell.underline != vetty_screen::Underline::None;
    let text = if cell.width == 0 { String::new() } else { cell.text.clone() };
    (text, cell.bold, cell.inverse, underlined, cell.background.index())
}

/// The rows of alacritty's core.
fn alacritty(cols: u16, rows: u16, output: &str) -> Vec<Vec<Shown>> {
    let mut term = Term::new(Config::default(), &Cells(cols.into(), rows.into()), VoidListener);
    Processor::<alacritty_terminal::vte::ansi::StdSyncHandler>::new().advance(&mut term, output.as_bytes());
    let shown = |row: u16, col: u16| {
        let cell = &term.grid()[Line(row.into())][Column(col.into())];
        let flags = cell.flags;
        let text = if flags.contains(Flags::WIDE_CHAR_SPACER) {
            String::new()
        } else {
            std::iter::once(cell.c).chain(cell.zerowidth().into_iter().flatten().copied()).collect()
        };
        let background = match cell.bg {
            Color::Indexed(index) => Some(index),
            Color::Named(name) if (name as usize) < 16 => Some(name as u8),
            _ => None,
        };
        let underlined = flags.intersects(Flags::ALL_UNDERLINES);
        (text, flags.contains(Flags::BOLD), flags.contains(Flags::INVERSE), underlined, background)
    };
    (0..rows).map(|row| (0..cols).map(|col| shown(row, col)).collect()).collect()
}

/// Text that stays within the line, and sequences. Without wide characters: what is left of a half, each decides.
/// Each begins with its own place, so that no wrap is pending.
fn output(cols: u16, rows: u16) -> impl Strategy<Value = String> {
    let place = (1..=rows, 1..=cols - 8);
    let action = prop_oneof![
        6 => "[a-zA-Z0-9 ]{1,7}",
        1 => "[ae]\u{301}",
        1 => (0..3_u8).prop_map(|what| format!("\x1b[{what}K")),
        // Not what is above: alacritty leaves the first row where the cursor is in the second.
        1 => prop_oneof![Just(0), Just(2)].prop_map(|what| format!("\x1b[{what}J")),
        1 => (1..6_u8).prop_map(|count| format!("\x1b[{count}X")),
        1 => (1..6_u8).prop_map(|count| format!("\x1b[{count}P")),
        1 => (1..6_u8).prop_map(|count| format!("\x1b[{count}@")),
        1 => (1..4_u8).prop_map(|count| format!("\x1b[{count}L")),
        1 => (1..4_u8).prop_map(|count| format!("\x1b[{count}M")),
        1 => (1..4_u8).prop_map(|count| format!("\x1b[{count}S")),
        1 => (1..4_u8).prop_map(|count| format!("\x1b[{count}T")),
        // Without margins: vt100 scrolls them from outside.
        1 => Just("\x1b[r\x1b[1;3H\x1bM".to_owned()),
        1 => Just("\n\rx".to_owned()),
        1 => (1..rows).prop_map(|top| format!("\x1b[{top};{}r", top + 1)),
        1 => Just("\x1b[r".to_owned()),
        2 => proptest::sample::select(vec!["\x1b[1m", "\x1b[7m", "\x1b[4m", "\x1b[44m", "\x1b[48;5;99m", "\x1b[m"])
            .prop_map(str::to_owned),
    ];
    proptest::collection::vec((place, action), 0..40).prop_map(|steps| {
        let step = |((row, col), action): &((u16, u16), String)| format!("\x1b[{row};{col}H{action}");
        steps.iter().map(step).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn alacritty_shows_the_same(output in output(24, 6)) {
        let screen = fed(24, 6, &output);
        let grid = alacritty(24, 6, &output);
        let shown: Vec<Vec<Shown>> = screen.cells(0..6).iter().map(|row| row.iter().map(ours).collect()).collect();
        prop_assert_eq!(shown, grid);
    }

    #[test]
    fn vt100_shows_the_same(output in output(24, 6)) {
        let screen = fed(24, 6, &output);
        let mut parser = vt100::Parser::new(6.try_into().unwrap(), 24.try_into().unwrap(), 100);
        parser.process(output.as_bytes());
        let theirs: Vec<String> = parser.screen().rows(0, 24).map(|row| row.trim_end().replace(' ', ".")).collect();
        let blank = |row: String| row.trim_end_matches('.').to_owned();
        let ours: Vec<String> = rows(&screen).into_iter().map(blank).collect();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn lines_that_wrap_scroll_alike(lines in proptest::collection::vec("[a-z 漢]{0,60}", 0..20)) {
        let output = lines.join("\r\n");
        let grid = alacritty(20, 5, &output);
        let text = |row: &Vec<Shown>| row.iter().map(|cell| cell.0.as_str()).collect::<String>();
        let theirs: Vec<String> = grid.iter().map(text).collect();
        let ours: Vec<String> = rows(&fed(20, 5, &output)).iter().map(|row| row.replace('.', " ")).collect();
        prop_assert_eq!(ours, theirs);
    }
}
