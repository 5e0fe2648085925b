//! Erasing, inserting, deleting, scrolling, protected cells, rectangles.

mod terminal;
use terminal::{all_text, cell, cursor, fed, rows};

const FULL: &str = "abcde\r\nfghij\r\nklmno";

#[track_caller]
fn check(sequence: &str, expected: [&str; 3]) {
    assert_eq!(rows(&fed(5, 3, format!("{FULL}{sequence}"))), expected, "{sequence:?}");
}

#[test]
fn lines_and_the_screen_are_erased() {
    check("\x1b[2;3H\x1b[K", ["abcde", "fg...", "klmno"]);
    check("\x1b[2;3H\x1b[1K", ["abcde", "...ij", "klmno"]);
    check("\x1b[2;3H\x1b[2K", ["abcde", ".....", "klmno"]);
    check("\x1b[2;3H\x1b[J", ["abcde", "fg...", "....."]);
    check("\x1b[2;3H\x1b[1J", [".....", "...ij", "klmno"]);
    check("\x1b[2J", [".....", ".....", "....."]);
    check("\x1b[2;3H\x1b[2X", ["abcde", "fg..j", "klmno"]);
    check("\x1b[2;3H\x1b[99X", ["abcde", "fg...", "klmno"]);
}

#[test]
fn erasing_takes_the_background() {
    let screen = fed(5, 2, "\x1b[1;44mab\x1b[K");
    assert_eq!(cell(&screen, 0, 3).background.index(), Some(4));
    assert!(!cell(&screen, 0, 3).bold);
    let screen = fed(5, 2, "\x1b[44m\n\n");
    assert_eq!(cell(&screen, 1, 3).background.index(), Some(4));
}

#[test]
fn characters_and_lines_are_inserted_and_deleted() {
    check("\x1b[2;2H\x1b[2@", ["abcde", "f..gh", "klmno"]);
    check("\x1b[2;2H\x1b[2P", ["abcde", "fij..", "klmno"]);
    check("\x1b[2;2H\x1b[L", ["abcde", ".....", "fghij"]);
    check("\x1b[1;2H\x1b[M", ["fghij", "klmno", "....."]);
    check("\x1b[S", ["fghij", "klmno", "....."]);
    check("\x1b[T", [".....", "abcde", "fghij"]);
    check("\x1b[H\x1bM", [".....", "abcde", "fghij"]);
    check("\x1b[99L", ["abcde", "fghij", "....."]);
}

#[test]
fn only_the_region_scrolls() {
    let text = "1\r\n2\r\n3\r\n4\r\n5";
    assert_eq!(rows(&fed(1, 5, format!("{text}\x1b[2;4r\x1b[4;1H\n"))), ["1", "3", "4", ".", "5"]);
    assert_eq!(rows(&fed(1, 5, format!("{text}\x1b[2;4r\x1b[2;1H\x1bM"))), ["1", ".", "2", "3", "5"]);
    assert_eq!(rows(&fed(1, 5, format!("{text}\x1b[2;4r\x1b[3;1H\x1b[M"))), ["1", "2", "4", ".", "5"]);
    assert_eq!(rows(&fed(1, 5, format!("{text}\x1b[2;4r\x1b[5;1H\n\x1b[L"))), ["1", "2", "3", "4", "5"]);
}

#[test]
fn side_margins_cut_what_scrolls() {
    let begin = "\x1b[?69h\x1b[2;4s";
    check(&format!("{begin}\x1b[S"), ["aghie", "flmnj", "k...o"]);
    check(&format!("{begin}\x1b[T"), ["a...e", "fbcdj", "kghio"]);
    check(&format!("{begin}\x1b[2;2H\x1b[@"), ["abcde", "f.ghj", "klmno"]);
    check(&format!("{begin}\x1b[2;2H\x1b[P"), ["abcde", "fhi.j", "klmno"]);
    check(&format!("{begin}\x1b[1;2H\x1b[L"), ["a...e", "fbcdj", "kghio"]);
    check(&format!("{begin}\x1b[2;1H\x1b[L"), ["abcde", "fghij", "klmno"]);
}

#[test]
fn columns_are_shifted() {
    check("\x1b[ @", ["bcde.", "ghij.", "lmno."]);
    check("\x1b[2 A", ["..abc", "..fgh", "..klm"]);
    check("\x1b[1;2H\x1b['}", ["a.bcd", "f.ghi", "k.lmn"]);
    check("\x1b[1;2H\x1b['~", ["acde.", "fhij.", "kmno."]);
    check("\x1b[1;1H\x1b6", [".abcd", ".fghi", ".klmn"]);
    check("\x1b[1;5H\x1b9", ["bcde.", "ghij.", "lmno."]);
    assert_eq!(cursor(&fed(5, 3, "\x1b[1;3H\x1b6")), (0, 1));
    assert_eq!(cursor(&fed(5, 3, "\x1b[1;3H\x1b9")), (0, 3));
}

#[test]
fn what_is_protected_survives_selective_erasure() {
    let text = "a\x1b[1\"qbc\x1b[0\"qd";
    assert_eq!(rows(&fed(5, 1, format!("{text}\x1b[?2K"))), [".bc.."]);
    assert_eq!(rows(&fed(5, 1, format!("{text}\x1b[H\x1b[?J"))), [".bc.."]);
    assert_eq!(rows(&fed(5, 1, format!("{text}\x1b[1;1;1;5${{"))), [".bc.."]);
    assert_eq!(rows(&fed(5, 1, format!("{text}\x1b[2K"))), ["....."]);
    // As ISO has it, against the other kind.
    assert_eq!(rows(&fed(5, 1, "a\x1bVb\x1bWc\x1b[2K")), [".b..."]);
    assert_eq!(rows(&fed(5, 1, "a\x1bVb\x1bWc\x1b[?2K")), ["....."]);
}

#[test]
fn rectangles_are_filled_erased_and_copied() {
    check("\x1b[88;1;2;2;3$x", ["aXXde", "fXXij", "klmno"]);
    check("\x1b[2;2;3;4$z", ["abcde", "f...j", "k...o"]);
    check("\x1b[1;1;2;2;1;2;3$v", ["abcde", "fgabj", "klfgo"]);
    // Onto itself, too.
    check("\x1b[1;2;3;3;1;1;1$v", ["bccde", "ghhij", "lmmno"]);
}

#[test]
fn attributes_of_rectangles_are_set_and_reversed() {
    let screen = fed(5, 3, format!("{FULL}\x1b[2*x\x1b[1;2;2;3;1;4$r\x1b[2;2;3;3;1$t"));
    assert!(cell(&screen, 0, 1).bold && !cell(&screen, 1, 1).bold && cell(&screen, 2, 2).bold);
    assert!(!cell(&screen, 0, 3).bold && !cell(&screen, 1, 0).bold);
    // Without DECSACE the text from the first to the last cell.
    let screen = fed(5, 3, format!("{FULL}\x1b[1;4;2;2;1$r"));
    assert!(cell(&screen, 0, 4).bold && cell(&screen, 1, 0).bold && !cell(&screen, 1, 2).bold);
}

#[test]
fn the_alignment_test_fills_the_screen() {
    check("\x1b[2;3r\x1b#8", ["EEEEE", "EEEEE", "EEEEE"]);
}

#[test]
fn lines_leave_at_the_top_of_a_region_that_begins_there() {
    assert_eq!(all_text(&fed(3, 3, "1\r\n2\r\n3\r\n4\r\n5")), "1\n2\n3\n4\n5");
    assert_eq!(all_text(&fed(3, 4, "\x1b[4;1Hend\x1b[1;3r\x1b[3;1H1\r\n2\r\n3\r\n4")), "\n\n1\n2\n3\n4\nend");
    let screen = fed(3, 4, "\x1b[2;4r\x1b[4;1H1\n2\n3");
    assert_eq!(screen.history_lines(), 0);
    // A deleted line did not leave at the top.
    assert_eq!(fed(3, 3, "1\r\n2\x1b[H\x1b[M").history_lines(), 0);
    assert_eq!(fed(3, 3, "\x1b[?1049h1\r\n2\r\n3\r\n4").history_lines(), 0);
}
