//! Where the cursor goes: motions, margins, origin, tab stops, save and restore.

mod terminal;
use terminal::{cell, cursor, fed, rows};

#[test]
fn motions_stop_at_the_edges() {
    for (sequence, place) in [
        ("\x1b[5;5H", (4, 4)),
        ("\x1b[99;99H", (9, 19)),
        ("\x1b[H", (0, 0)),
        ("\x1b[5;5H\x1b[2A", (2, 4)),
        ("\x1b[5;5H\x1b[99A", (0, 4)),
        ("\x1b[5;5H\x1b[2B\x1b[2C", (6, 6)),
        ("\x1b[5;5H\x1b[99D", (4, 0)),
        ("\x1b[5;5H\x1b[2E", (6, 0)),
        ("\x1b[5;5H\x1b[2F", (2, 0)),
        ("\x1b[5;5H\x1b[7G", (4, 6)),
        ("\x1b[5;5H\x1b[7`", (4, 6)),
        ("\x1b[5;5H\x1b[7d", (6, 4)),
        ("\x1b[5;5H\x1b[2a", (4, 6)),
        ("\x1b[5;5H\x1b[2e", (6, 4)),
        ("\x1b[5;5H\x08\x08", (4, 2)),
        ("\x1b[5;5f", (4, 4)),
        ("\x1b[2;3Hab\r\n", (2, 0)),
        ("\x1b[2;3H\x1bE", (2, 0)),
        ("\x1b[2;3H\x1bD", (2, 2)),
        ("\x1b[2;3H\x1bM", (0, 2)),
    ] {
        assert_eq!(cursor(&fed(20, 10, sequence)), place, "{sequence:?}");
    }
}

#[test]
fn vertical_margins_hold_a_cursor_that_is_between_them() {
    let margins = "\x1b[3;6r";
    assert_eq!(cursor(&fed(20, 10, format!("{margins}\x1b[4;1H\x1b[99B"))), (5, 0));
    assert_eq!(cursor(&fed(20, 10, format!("{margins}\x1b[4;1H\x1b[99A"))), (2, 0));
    assert_eq!(cursor(&fed(20, 10, format!("{margins}\x1b[8;1H\x1b[99B"))), (9, 0));
    assert_eq!(cursor(&fed(20, 10, format!("{margins}\x1b[1;1H\x1b[99A"))), (0, 0));
}

#[test]
fn side_margins_hold_text_and_motion() {
    let margins = "\x1b[?69h\x1b[5;10s";
    assert_eq!(cursor(&fed(20, 5, format!("{margins}\x1b[1;7H\x1b[99C"))), (0, 9));
    assert_eq!(cursor(&fed(20, 5, format!("{margins}\x1b[1;7H\x1b[99D"))), (0, 4));
    assert_eq!(cursor(&fed(20, 5, format!("{margins}\x1b[1;7H\r"))), (0, 4));
    assert_eq!(cursor(&fed(20, 5, format!("{margins}\x1b[1;2H\r"))), (0, 0));
    let screen = fed(20, 3, format!("{margins}\x1b[1;7Habcdefgh"));
    assert_eq!(rows(&screen), ["......abcd..........", "....efgh............", "...................."]);
    // Without mode 69 the sequence saves the cursor.
    assert_eq!(cursor(&fed(20, 5, "\x1b[2;2H\x1b[5;10s\x1b[4;4H\x1b[u")), (1, 1));
}

#[test]
fn origin_mode_counts_from_the_margins() {
    let screen = fed(20, 10, "\x1b[3;6r\x1b[?6h\x1b[2;2HX\x1b[99;1HY");
    assert_eq!(cell(&screen, 3, 1).text, "X");
    assert_eq!(cell(&screen, 5, 0).text, "Y");
    assert_eq!(fed(20, 10, "\x1b[3;6r\x1b[?6h\x1b[2;2H\x1b[6n").take_replies(), b"\x1b[2;2R");
}

#[test]
fn tab_stops_are_set_and_cleared() {
    assert_eq!(cursor(&fed(30, 2, "\t")), (0, 8));
    assert_eq!(cursor(&fed(30, 2, "\x1b[3I")), (0, 24));
    assert_eq!(cursor(&fed(30, 2, "\x1b[9I")), (0, 29));
    assert_eq!(cursor(&fed(30, 2, "\x1b[20G\x1b[2Z")), (0, 8));
    assert_eq!(cursor(&fed(30, 2, "\x1b[4G\x1bH\r\t")), (0, 3));
    assert_eq!(cursor(&fed(30, 2, "\x1b[9G\x1b[g\r\t")), (0, 16));
    assert_eq!(cursor(&fed(30, 2, "\x1b[3g\t")), (0, 29));
    assert_eq!(cursor(&fed(30, 2, "\x1b[3g\x1b[?5W\t")), (0, 8));
    // A tab behind a full line waits with the wrap, or with mode 41 goes to the next line.
    assert_eq!(rows(&fed(10, 2, "0123456789\tx")), ["0123456789", "x........."]);
    assert_eq!(rows(&fed(10, 2, "\x1b[?41h0123456789\tx")), ["0123456789", "........x."]);
}

#[test]
fn what_is_saved_comes_back_with_looks_and_origin() {
    let screen = fed(20, 10, "\x1b[3;4H\x1b[1;31m\x1b7\x1b[H\x1b[m\x1b(0\x1b8q");
    assert_eq!(cursor(&screen), (2, 4));
    let shown = cell(&screen, 2, 3);
    assert!(shown.bold && shown.text == "q" && shown.foreground.index() == Some(1));
    // A wrap that was pending is saved too.
    assert_eq!(rows(&fed(3, 2, "abc\x1b7\x1b[H\x1b8d")), ["abc", "d.."]);
}

#[test]
fn reverse_wrap_goes_back_to_the_line_above() {
    assert_eq!(cursor(&fed(5, 3, "\x1b[?45habcdefg\x1b[4D")), (0, 3));
    assert_eq!(cursor(&fed(5, 3, "\x1b[?45hab\r\nc\x1b[9D")), (1, 0));
    assert_eq!(cursor(&fed(5, 3, "\x1b[?1045hab\r\nc\x1b[3D")), (0, 3));
    assert_eq!(cursor(&fed(5, 3, "\x1b[?1045h\x08")), (2, 4));
}
