//! Other sizes: reflow, the cursor, the alternate screen, history and its bounds.

mod terminal;
use terminal::{all_text, cell, cursor, fed, rows, text};
use vetty_screen::{Screen, Size};

#[test]
fn lines_are_wrapped_anew_and_joined_again() {
    let mut screen = fed(8, 3, "abcdefgh123\r\nxy");
    screen.resize(Size::new(4, 5));
    assert_eq!(rows(&screen), ["abcd", "efgh", "123.", "xy..", "...."]);
    assert_eq!(cursor(&screen), (3, 2));
    screen.resize(Size::new(20, 3));
    assert_eq!(rows(&screen)[..2], ["abcdefgh123.........", "xy.................."]);
    assert_eq!(cursor(&screen), (1, 2));
}

#[test]
fn text_survives_any_journey_of_sizes() {
    let mut screen = fed(20, 5, "");
    for line in 0..60 {
        screen.feed(format!("line {line} 漢字 e\u{301} {}\r\n", "long ".repeat(line % 9)).as_bytes());
    }
    let before = all_text(&screen);
    for (cols, rows) in [(7, 5), (80, 24), (2, 3), (33, 1), (20, 5), (200, 50), (20, 5)] {
        screen.resize(Size::new(cols, rows));
        assert_eq!(all_text(&screen), before, "{cols}x{rows}");
    }
}

#[test]
fn looks_survive_a_reflow() {
    let mut screen = fed(6, 3, "\x1b[31mred\x1b[32mgreen");
    screen.resize(Size::new(4, 4));
    screen.resize(Size::new(12, 3));
    assert_eq!(cell(&screen, 0, 2).foreground.index(), Some(1));
    assert_eq!(cell(&screen, 0, 7).foreground.index(), Some(2));
}

#[test]
fn a_lower_screen_sends_lines_to_the_history_and_a_higher_one_takes_them_back() {
    let mut screen = fed(5, 4, "1\r\n2\r\n3\r\n4");
    screen.resize(Size::new(5, 2));
    assert_eq!(
        (rows(&screen), screen.history_lines(), cursor(&screen)),
        (vec!["3....".to_owned(), "4....".to_owned()], 2, (1, 1))
    );
    screen.resize(Size::new(5, 4));
    assert_eq!((text(&screen).as_str(), screen.history_lines(), cursor(&screen)), ("1\n2\n3\n4", 0, (3, 1)));
    // Empty rows below the cursor go first.
    let mut screen = fed(5, 4, "1\r\n2");
    screen.resize(Size::new(5, 2));
    assert_eq!((text(&screen).as_str(), screen.history_lines()), ("1\n2", 0));
}

#[test]
fn the_cursor_stays_with_its_text() {
    let mut screen = fed(10, 4, "0123456789abc\x1b[1;8H");
    screen.resize(Size::new(4, 6));
    assert_eq!(cursor(&screen), (1, 3));
    screen.feed(b"X");
    assert_eq!(text(&screen), "0123456X89abc");
    // Behind the text nothing wraps.
    let mut screen = fed(10, 2, "$ \x1b[1;9H");
    screen.resize(Size::new(4, 2));
    assert_eq!(cursor(&screen), (0, 3));
}

#[test]
fn a_pending_wrap_survives_where_it_still_is_one() {
    let mut screen = fed(4, 3, "abcd");
    screen.resize(Size::new(2, 3));
    screen.feed(b"e");
    assert_eq!(text(&screen), "abcde");
    let mut screen = fed(4, 3, "abcd");
    screen.resize(Size::new(8, 3));
    screen.feed(b"e");
    assert_eq!(rows(&screen)[0], "abcde...");
}

#[test]
fn the_alternate_screen_is_cut_and_the_first_one_reflowed_behind_it() {
    let mut screen = fed(6, 3, "abcdef\x1b[?1049h\x1b[HALTERN");
    screen.resize(Size::new(3, 3));
    assert_eq!(rows(&screen), ["ALT", "...", "..."]);
    screen.feed(b"\x1b[?1049l");
    assert_eq!(text(&screen), "abcdef");
}

#[test]
fn half_a_wide_character_is_never_left() {
    for cols in 1..8 {
        let mut screen = fed(8, 2, "a漢b字c");
        screen.resize(Size::new(cols, 3));
        for row in screen.cells(0..3) {
            for (at, cell) in row.iter().enumerate().filter(|(_, cell)| cell.width != 1) {
                let other = if cell.width == 2 { row[at + 1].width } else { row[at - 1].width };
                assert_eq!(other + cell.width, 2, "{cols} columns");
            }
        }
    }
}

#[test]
fn history_is_bounded_in_lines_and_bytes() {
    let mut config = terminal::config();
    (config.history_lines, config.history_bytes) = (100, 1 << 20);
    let mut screen = Screen::new(Size::new(80, 24), config.clone());
    screen.feed("line\r\n".repeat(5000).as_bytes());
    assert_eq!(screen.history_lines(), 100);
    (config.history_lines, config.history_bytes) = (1_000_000, 64 << 10);
    let mut screen = Screen::new(Size::new(80, 24), config);
    for line in 0..50_000 {
        screen.feed(format!("\x1b[3{}mline {line}\r\n", line % 8).as_bytes());
    }
    assert!(screen.history_bytes() < 256 << 10, "{}", screen.history_bytes());
    assert!(all_text(&screen).ends_with("line 49999"));
    screen.resize(Size::new(5, 10));
    assert!(screen.history_bytes() < 256 << 10);
}
