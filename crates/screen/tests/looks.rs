//! Colours, attributes, links.

mod terminal;
use terminal::{cell, fed, reply};
use vetty_screen::{Color, Position, Underline};

#[test]
fn attributes_are_set_and_reset() {
    let shown = cell(&fed(5, 1, "\x1b[1;2;3;5;7;8;9;53mx"), 0, 0);
    assert!(shown.bold && shown.dim && shown.italic && shown.blink && shown.inverse && shown.hidden);
    assert!(shown.strike && shown.overline);
    let plain = cell(&fed(5, 1, "\x1b[1;2;3;4;5;7;8;9;53m\x1b[22;23;24;25;27;28;29;55mx"), 0, 0);
    assert_eq!(plain, cell(&fed(5, 1, "x"), 0, 0));
    assert_eq!(cell(&fed(5, 1, "\x1b[1;31m\x1b[mx"), 0, 0), plain);
}

#[test]
fn underlines_have_styles_and_colours() {
    for (number, style) in [
        ("4", Underline::Single),
        ("4:0", Underline::None),
        ("4:1", Underline::Single),
        ("21", Underline::Double),
        ("4:3", Underline::Curly),
        ("4:4", Underline::Dotted),
        ("4:5", Underline::Dashed),
    ] {
        assert_eq!(cell(&fed(5, 1, format!("\x1b[{number}mx")), 0, 0).underline, style, "{number}");
    }
    let shown = cell(&fed(5, 1, "\x1b[4;58:2::1:2:3mx"), 0, 0);
    assert_eq!(shown.underline_color, Color::rgb(1, 2, 3));
    assert_eq!(cell(&fed(5, 1, "\x1b[58;5;9m\x1b[59mx"), 0, 0).underline_color, Color::DEFAULT);
}

#[test]
fn colours_come_in_all_spellings() {
    for (numbers, color) in [
        ("31", Color::indexed(1)),
        ("91", Color::indexed(9)),
        ("38;5;200", Color::indexed(200)),
        ("38:5:200", Color::indexed(200)),
        ("38;2;1;2;3", Color::rgb(1, 2, 3)),
        ("38:2:1:2:3", Color::rgb(1, 2, 3)),
        ("38:2::1:2:3", Color::rgb(1, 2, 3)),
        ("31;38;5;999", Color::indexed(1)),
        ("31;39", Color::DEFAULT),
    ] {
        let shown = cell(&fed(5, 1, format!("\x1b[{numbers};1mx")), 0, 0);
        assert_eq!(shown.foreground, color, "{numbers}");
        assert!(shown.bold, "{numbers}");
    }
    assert_eq!(cell(&fed(5, 1, "\x1b[48;2;1;2;3mx"), 0, 0).background, Color::rgb(1, 2, 3));
    assert!(!cell(&fed(5, 1, "\x1b[38;7;1mx"), 0, 0).bold);
}

#[test]
fn links_keep_the_whole_uri() {
    let screen = fed(20, 2, "\x1b]8;id=a;http://x/?a;b=1\x1b\\here\x1b]8;;\x1b\\ there");
    let links = screen.links();
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].uri, "http://x/?a;b=1");
    assert_eq!((links[0].at, links[0].end), (Position { row: 0, col: 0 }, Position { row: 0, col: 4 }));
    assert_eq!(cell(&screen, 0, 6).link, None);
    // SGR 0 does not end a link.
    assert!(cell(&fed(20, 1, "\x1b]8;;http://x\x07a\x1b[mb"), 0, 1).link.is_some());
}

#[test]
fn there_may_be_more_styles_than_ids() {
    let mut screen = fed(10, 2, "");
    for number in 0..200_000_u32 {
        let (r, g, b) = (number >> 16, number >> 8 & 255, number & 255);
        screen.feed(format!("\x1b[38;2;{r};{g};{b}mx\r").as_bytes());
    }
    screen.feed(b"\x1b[38;2;9;8;7my");
    assert_eq!(cell(&screen, 0, 0).foreground, Color::rgb(9, 8, 7));
}

#[test]
fn settings_are_reported() {
    assert_eq!(reply("\x1b[1;4:3;38;5;200;41m\x1bP$qm\x1b\\"), "\x1bP1$r0;1;4:3;38:5:200;41m\x1b\\");
    assert_eq!(reply("\x1bP$qm\x1b\\"), "\x1bP1$r0m\x1b\\");
}
