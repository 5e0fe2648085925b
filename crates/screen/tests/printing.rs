//! Text onto the screen: wraps, wide characters, marks, inserts, character sets.

mod terminal;
use terminal::{cell, cursor, fed, rows, text};

#[test]
fn text_wraps_when_the_next_character_comes() {
    let mut screen = fed(5, 3, "abcde");
    assert_eq!(cursor(&screen), (0, 4));
    screen.feed(b"f");
    assert_eq!(rows(&screen), ["abcde", "f....", "....."]);
    assert_eq!(text(&screen), "abcdef");
}

#[test]
fn a_pending_wrap_ends_when_the_cursor_is_moved_or_the_line_edited() {
    for sequence in ["\x1b[C", "\x1b[1;5H", "\x1b[K", "\x1b[@", "\x1b[P", "\x1b[X", "\x1b[5G"] {
        let screen = fed(5, 2, format!("abcde{sequence}X"));
        assert_eq!(rows(&screen), ["abcdX", "....."], "{sequence:?}");
    }
    assert_eq!(rows(&fed(5, 3, "abcde\nX")), ["abcde", "....X", "....."]);
    for kept in ["\x1b[1m", "\x1b[?25l", "\x1b[m", "\x1b7", "\t"] {
        assert_eq!(rows(&fed(5, 2, format!("abcde{kept}X"))), ["abcde", "X...."], "{kept:?}");
    }
}

#[test]
fn without_autowrap_the_last_column_is_written_again_and_again() {
    assert_eq!(rows(&fed(5, 2, "\x1b[?7labcdefgh")), ["abcdh", "....."]);
    assert_eq!(rows(&fed(4, 2, "\x1b[?7labc漢x")), ["ab.x", "...."]);
}

#[test]
fn a_wide_character_that_does_not_fit_goes_to_the_next_line() {
    let screen = fed(5, 2, "abcd漢");
    assert_eq!(rows(&screen), ["abcd.", "漢..."]);
    assert_eq!(text(&screen), "abcd漢");
    assert_eq!(cell(&screen, 1, 0).width, 2);
    assert_eq!(cell(&screen, 1, 1).width, 0);
}

#[test]
fn overwriting_half_a_wide_character_removes_it() {
    assert_eq!(rows(&fed(6, 1, "漢字\x1b[1;2HX")), [".X字.."]);
    assert_eq!(rows(&fed(6, 1, "漢字\x1b[1;3HX")), ["漢X..."]);
    assert_eq!(rows(&fed(6, 1, "漢字\x1b[1;2H\x1b[X")), ["..字.."]);
    assert_eq!(rows(&fed(6, 1, "漢字\x1b[1;2H\x1b[P")), [".字..."]);
}

#[test]
fn marks_go_to_the_character_before_with_all_their_code_points() {
    let screen = fed(10, 1, "e\u{301}\u{302}x");
    assert_eq!(cell(&screen, 0, 0).text, "e\u{301}\u{302}");
    assert_eq!(cursor(&screen), (0, 2));
    assert_eq!(text(&fed(3, 2, "abc\u{301}d")), "abc\u{301}d");
    assert_eq!(text(&fed(4, 1, "漢\u{fe0f}!")), "漢\u{fe0f}!");
}

#[test]
fn widths_are_those_of_wcwidth_unless_a_program_asks_for_clusters() {
    let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
    assert_eq!(cursor(&fed(20, 1, family)), (0, 8));
    assert_eq!(cursor(&fed(20, 1, format!("\x1b[?2027h{family}"))), (0, 2));
    for (cluster, legacy, width) in [("🇩🇪", 2, 2), ("👍🏽", 4, 2), ("❤\u{fe0f}", 1, 2), ("e\u{301}", 1, 1)]
    {
        assert_eq!(cursor(&fed(20, 1, cluster)), (0, legacy), "{cluster}");
        let screen = fed(20, 1, format!("\x1b[?2027h{cluster}|"));
        assert_eq!(cursor(&screen), (0, width + 1), "{cluster}");
        assert_eq!(cell(&screen, 0, 0).text, cluster);
        assert_eq!(text(&screen), format!("{cluster}|"));
    }
}

#[test]
fn insert_mode_moves_what_is_there() {
    assert_eq!(rows(&fed(6, 1, "abcdef\x1b[1;2H\x1b[4hXY\x1b[4lZ")), ["aXYZcd"]);
}

#[test]
fn line_drawing_is_a_character_set() {
    assert_eq!(text(&fed(10, 1, "\x1b(0lqk\x1b(Bq")), "┌─┐q");
    assert_eq!(text(&fed(10, 1, "\x1b)0q\x0eq\x0fq")), "q─q");
    assert_eq!(text(&fed(10, 1, "\x1b*0\x1bNqq")), "─q");
    assert_eq!(text(&fed(10, 1, "\x1b(A#")), "£");
}

#[test]
fn rep_repeats_only_what_was_printed_just_before() {
    assert_eq!(text(&fed(10, 1, "a\x1b[3b")), "aaaa");
    assert_eq!(text(&fed(10, 1, "漢\x1b[2b")), "漢漢漢");
    assert_eq!(text(&fed(10, 1, "a\x1b[C\x1b[3b|")), "a |");
    assert_eq!(text(&fed(10, 2, "a\r\x1b[3b")), "a");
}
