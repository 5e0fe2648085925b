//! A screen that is easy to write tests with.
#![allow(dead_code, reason = "each test file uses a part of it")]

use vetty_screen::{CellView, Config, Replies, Scope, Screen, Size, TextOptions};

/// A screen of a size, all replies on, that was fed.
pub fn fed(cols: u16, rows: u16, text: impl AsRef<[u8]>) -> Screen {
    let mut screen = Screen::new(Size::new(cols, rows), config());
    screen.feed(text.as_ref());
    screen
}

pub fn config() -> Config {
    let mut replies = Replies::default();
    (replies.winops, replies.screen, replies.clipboard) = (true, true, true);
    let mut config = Config::default();
    config.replies = replies;
    config
}

/// The rows of the screen as they stand, `.` for what was never printed or was erased.
pub fn rows(screen: &Screen) -> Vec<String> {
    let text = |cell: &CellView| if cell.width == 0 { String::new() } else { cell.text.clone() };
    let row = |row: &Vec<CellView>| row.iter().map(text).collect::<String>().replace(' ', ".");
    screen.cells(0..screen.size().rows).iter().map(row).collect()
}

/// Row and column, from 0.
pub fn cursor(screen: &Screen) -> (i64, u16) {
    (screen.cursor().at.row, screen.cursor().at.col)
}

pub fn text(screen: &Screen) -> String {
    screen.text(&TextOptions::default())
}

pub fn all_text(screen: &Screen) -> String {
    screen.text(&TextOptions { scope: Scope::All, ..TextOptions::default() })
}

/// The answers to `query` of a new screen of 80x24.
pub fn reply(query: &str) -> String {
    String::from_utf8_lossy(&fed(80, 24, query).take_replies()).into_owned()
}

pub fn cell(screen: &Screen, row: u16, col: usize) -> CellView {
    screen.cells(row..row + 1)[0][col].clone()
}

/// What is visible of two screens is the same.
#[track_caller]
pub fn assert_same(a: &Screen, b: &Screen) {
    assert_eq!(rows(a), rows(b));
    assert_eq!(a.cells(0..a.size().rows), b.cells(0..b.size().rows));
    assert_eq!(a.cursor(), b.cursor());
    assert_eq!((a.is_alternate(), a.title(), a.cwd()), (b.is_alternate(), b.title(), b.cwd()));
}
