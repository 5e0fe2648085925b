//! Hostile output: everything that grows has a cap, and a cap that is reached leaves a working screen.

mod terminal;
use terminal::{all_text, cell, config, cursor, fed, text};
use vetty_screen::{Screen, Size};

#[test]
fn a_string_that_never_ends_holds_no_memory_and_ends_by_any_escape() {
    for begin in
        ["\x1b_G", "\x1b_x", "\x1b]0;", "\x1b]8;;", "\x1b]52;c;", "\x1bPq", "\x1bP+q", "\x1b^", "\x1bX"]
    {
        let mut config = config();
        (config.max_string, config.max_image) = (4096, 4096);
        let mut screen = Screen::new(Size::default(), config);
        screen.feed(begin.as_bytes());
        for _ in 0..64 {
            screen.feed(&[b'A'; 16 << 10]);
        }
        screen.feed(b"\x1b[2;1Halive");
        assert_eq!(text(&screen), "\nalive", "{begin:?}");
    }
}

#[test]
fn one_cell_holds_so_many_marks() {
    let screen = fed(10, 2, format!("e{}x", "\u{301}".repeat(40_000)));
    assert_eq!(cell(&screen, 0, 0).text.chars().count(), 16);
    assert_eq!(cell(&screen, 0, 1).text, "x");
    assert_eq!(screen.dropped(), 40_000 - 15);
}

#[test]
fn there_may_be_more_links_and_clusters_than_are_kept() {
    let mut screen = fed(10, 2, "");
    for number in 0..100_000 {
        screen.feed(format!("\x1b]8;;http://host/{number}/{}\x07x\r", "y".repeat(number % 100)).as_bytes());
    }
    assert!(cell(&screen, 0, 0).link.is_none_or(|link| link.starts_with("http://host/99999/")));
    let marks: Vec<char> = ('\u{300}'..'\u{36f}').collect();
    for first in &marks {
        for second in &marks {
            screen.feed(format!("e{first}{second}{first}\r").as_bytes());
        }
    }
    screen.feed("\x1b]8;;\x07e\u{301}".as_bytes());
    assert_eq!(cell(&screen, 0, 0).text, "e\u{301}");
}

#[test]
fn titles_on_the_stack_are_few_and_short() {
    let title = "t".repeat(100_000);
    let mut screen = fed(10, 2, format!("\x1b]2;{title}\x07{}", "\x1b[22t".repeat(3000)));
    assert_eq!(screen.title().len(), 4096);
    screen.feed(b"\x1b]2;new\x07");
    screen.feed("\x1b[23t".repeat(3000).as_bytes());
    assert_eq!(screen.title().len(), 4096);
}

#[test]
fn numbers_beyond_measure_do_no_harm() {
    for last in "@ABCDEFGHIJKLMPSTXZ`abcdefgrstuhlmn^".chars() {
        for number in ["0", "1", "65535", "99999999999"] {
            let mut screen = fed(7, 3, "ab漢字cd\r\nef");
            screen.feed(
                format!("\x1b[{number};{number};{number}{last}x\x1b[?{number}{last}\x1b[{number} {last}")
                    .as_bytes(),
            );
            screen.feed(
                format!("\x1b[{number};{number};{number};{number}${last}\x1b[{number}'{last}y").as_bytes(),
            );
            let (row, col) = cursor(&screen);
            assert!(row < 3 && col < 7);
        }
    }
}

#[test]
fn the_smallest_screen_works() {
    let mut screen = fed(
        1,
        1,
        "ab漢e\u{301}\t\x1b[5;5H\x1b[2;3r\x1b[L\x1b[M\x1b[@\x1b[P\x1bM\n\x1b#8\x1b6\x1b9\x1b['}\x1b[?69h\x1b[1;1s",
    );
    assert_eq!(cursor(&screen), (0, 0));
    screen.resize(Size::new(3, 2));
    screen.resize(Size::new(1, 1));
    screen.resize(Size::new(0, 0));
    assert_eq!((screen.size().cols, screen.size().rows), (1, 1));
    assert!(all_text(&fed(1, 1, "ab漢")).starts_with("ab"));
}
