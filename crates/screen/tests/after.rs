//! What comes after a mark is found, and nothing that was there before.

use vetty_screen::{Mark, Pattern, Screen, Size};

fn screen(output: &str) -> Screen {
    let mut screen = Screen::new(Size::new(20, 4), vetty_screen::Config::default());
    screen.feed(output.as_bytes());
    screen
}

/// Row, column and text of the first match.
fn after(screen: &Screen, pattern: impl Into<Pattern>, mark: &Mark) -> Option<(i64, u16, String)> {
    screen.find_after(&pattern.into(), mark).map(|found| (found.at.row, found.at.col, found.text))
}

fn regex(text: &str) -> Pattern {
    Pattern::Regex(regex::Regex::new(text).expect("valid"))
}

#[test]
fn a_prompt_is_not_found_again_because_something_is_typed_behind_it() {
    let mut screen = screen("$ ");
    let mark = screen.mark();
    screen.feed(b"ls");
    assert_eq!(after(&screen, "$ ", &mark), None);
    assert_eq!(after(&screen, "ls", &mark), Some((0, 2, "ls".to_owned())));
    screen.feed(b"\r\nREADME\r\n$ ");
    assert_eq!(after(&screen, "$ ", &mark), Some((2, 0, "$ ".to_owned())));
    assert_eq!(after(&screen, regex(r"^\$ $"), &mark), Some((2, 0, "$ ".to_owned())));
    assert_eq!(after(&screen, "$ ls", &mark), Some((0, 0, "$ ls".to_owned())));
}

#[test]
fn a_prompt_that_was_erased_and_written_anew_is_found() {
    for erase in ["\x1b[H\x1b[2J", "\r\x1b[K", "\r\x1b[2K"] {
        let mut screen = screen("$ ");
        let mark = screen.mark();
        screen.feed(format!("clear\r\n{erase}$ ").as_bytes());
        assert!(after(&screen, "$ ", &mark).is_some(), "{erase:?}");
    }
}

#[test]
fn a_line_that_is_written_over_counts_as_a_whole() {
    let mut screen = screen("50 % of all");
    let mark = screen.mark();
    assert_eq!(after(&screen, "% of", &mark), None);
    screen.feed(b"\r60 % of all");
    assert_eq!(after(&screen, "60 %", &mark), Some((0, 0, "60 %".to_owned())));
}

#[test]
fn a_prompt_longer_than_the_screen_is_wide_is_known_as_well() {
    let mut screen = screen("a prompt of more than twenty > ");
    let mark = screen.mark();
    screen.feed(b"x");
    assert_eq!(after(&screen, "more", &mark), None);
    assert_eq!(after(&screen, "twenty > ", &mark), None);
    assert_eq!(after(&screen, "> x", &mark).unwrap().2, "> x");
}

#[test]
fn what_has_scrolled_away_since_is_found_and_what_did_before_is_not() {
    let mut screen = screen("old\r\n1\r\n2\r\n3\r\n4\r\n5\r\n");
    let mark = screen.mark();
    screen.feed(b"new\r\n1\r\n2\r\n3\r\n4\r\n5\r\n");
    assert_eq!(after(&screen, "new", &mark), Some((-3, 0, "new".to_owned())));
    assert_eq!(after(&screen, "old", &mark), None);
    screen.resize(Size::new(10, 4));
    assert!(after(&screen, "new", &mark).is_some());
    assert_eq!(after(&screen, "old", &mark), None);
    screen.feed(b"\x1b[3J");
    assert_eq!(after(&screen, "new", &mark), None);
}

#[test]
fn what_is_shown_counts_where_it_is_asked_for() {
    let mut screen = screen("old\r\n1\r\n2\r\n3\r\nshown");
    let mark = screen.mark_shown();
    assert_eq!(after(&screen, "shown", &mark).unwrap().0, 3);
    assert_eq!(after(&screen, "old", &mark), None);
    screen.feed(b"\r\n4\r\n5\r\n6\r\n7");
    assert_eq!(after(&screen, "shown", &mark).unwrap().0, -1);
    assert_eq!(screen.find_shown(&"shown".into()), None);
}

#[test]
fn lines_that_come_back_with_the_first_screen_are_old() {
    let mut screen = screen("$ vim");
    let mark = screen.mark();
    screen.feed(b"\r\n\x1b[?1049h\x1b[Htext");
    assert_eq!(after(&screen, "text", &mark), Some((0, 0, "text".to_owned())));
    let mark = screen.mark();
    screen.feed(b"\x1b[?1049l");
    assert_eq!(after(&screen, "$ ", &mark), None);
    screen.feed(b"$ ");
    assert_eq!(after(&screen, "$ ", &mark), Some((1, 0, "$ ".to_owned())));
}

#[test]
fn an_expression_is_tried_with_and_without_blanks_at_the_end() {
    let screen = screen("total   ");
    let mark = screen.mark_shown();
    assert_eq!(after(&screen, regex("total$"), &mark).unwrap().2, "total");
    assert_eq!(after(&screen, regex(" {3}$"), &mark).unwrap().1, 5);
    assert_eq!(after(&screen, regex("x*"), &mark), None);
    assert_eq!(after(&screen, "", &mark), None);
    let found = screen.find_after(&regex("t(o)(x)?"), &mark).unwrap();
    assert_eq!(found.groups, [Some("o".to_owned()), None]);
}
