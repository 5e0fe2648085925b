//! The alternate screen, resets, synchronized output, what the stream cannot change.

mod terminal;
use terminal::{all_text, cell, cursor, fed, reply, rows, text};
use vetty_screen::CursorShape;

#[test]
fn the_alternate_screen_leaves_nothing_behind() {
    let mut screen = fed(5, 2, "ab\x1b[?1049hXY");
    assert!(screen.is_alternate());
    assert_eq!(rows(&screen), ["..XY.", "....."]);
    screen.feed(b"\x1b[?1049lc");
    assert_eq!(rows(&screen), ["abc..", "....."]);
    screen.feed(b"\x1b[?1049h");
    assert_eq!(rows(&screen), [".....", "....."]);
    // 47 keeps what was there, 1047 does not.
    assert_eq!(rows(&fed(3, 1, "\x1b[?47hx\x1b[?47l\x1b[?47h")), ["x.."]);
    assert_eq!(rows(&fed(3, 1, "\x1b[?1047hx\x1b[?1047l\x1b[?1047h")), ["..."]);
}

#[test]
fn a_soft_reset_leaves_the_screen() {
    let screen = fed(5, 3, "ab\x1b[?6h\x1b[4h\x1b[?25l\x1b[2;3r\x1b[1m\x1b[?1h\x1b[!p\x1b[1;3Hx");
    assert_eq!(rows(&screen), ["abx..", ".....", "....."]);
    assert!(screen.cursor().visible && !cell(&screen, 0, 2).bold);
    assert_eq!(reply("\x1b[?6h\x1b[!p\x1b[?6$p"), "\x1b[?6;2$y");
}

#[test]
fn a_full_reset_begins_anew_and_keeps_the_history() {
    let mut screen = fed(5, 2, "1\r\n2\r\n3\x1b]2;t\x07\x1b[?1049h\x1b[4 q\x1b[>1u\x1bc");
    assert_eq!((rows(&screen), cursor(&screen)), (vec![".....".to_owned(), ".....".to_owned()], (0, 0)));
    assert!(!screen.is_alternate() && screen.cursor().shape == CursorShape::Block);
    assert_eq!((screen.history_lines(), all_text(&screen).as_str()), (1, "1"));
    screen.feed(b"\x1b[3J\x1b[?u");
    assert_eq!((screen.history_lines(), screen.take_replies()), (0, b"\x1b[?0u".to_vec()));
}

#[test]
fn output_is_applied_while_it_is_held_back() {
    let mut screen = fed(20, 2, "\x1b[?2026hhalf\x1b[6n");
    assert!(screen.is_synchronizing());
    assert_eq!((text(&screen).as_str(), screen.take_replies()), ("half", b"\x1b[1;5R".to_vec()));
    screen.feed(b"\x1b[?2026l");
    assert!(!screen.is_synchronizing());
    screen.feed(b"\x1b[?2026h\x1bc");
    assert!(!screen.is_synchronizing());
}

#[test]
fn the_stream_cannot_change_what_the_owner_decided() {
    let mut screen = fed(20, 5, "\x1b[8;99;99t\x1b[?40h\x1b[?3h\x1bc\x1b[!p");
    assert_eq!((screen.size().cols, screen.size().rows), (20, 5));
    screen.feed(b"\x1b[18t");
    assert_eq!(screen.take_replies(), b"\x1b[8;5;20t");
}

#[test]
fn keyboard_flags_belong_to_each_screen() {
    assert_eq!(reply("\x1b[>5u\x1b[?1049h\x1b[?u\x1b[>1u\x1b[?1049l\x1b[?u"), "\x1b[?0u\x1b[?5u");
    assert_eq!(reply("\x1b[>1u\x1b[>3u\x1b[<u\x1b[?u\x1b[<9u\x1b[?u"), "\x1b[?1u\x1b[?0u");
    assert_eq!(reply("\x1b[=5u\x1b[=2;2u\x1b[=1;3u\x1b[?u"), "\x1b[?6u");
}
