//! Text, cells, changes and search of a screen.

mod terminal;
use terminal::fed;
use vetty_screen::{Pattern, Position, Scope, Size, TextOptions};

fn options() -> TextOptions {
    TextOptions::default()
}

#[test]
fn wrapped_lines_are_joined_unless_they_are_not_to_be() {
    let screen = fed(4, 4, "abcdefgh\r\nij");
    assert_eq!(screen.text(&options()), "abcdefgh\nij");
    assert_eq!(screen.text(&TextOptions { unwrap: false, ..options() }), "abcd\nefgh\nij");
    assert_eq!(screen.lines(), ["abcdefgh", "ij"]);
}

#[test]
fn blanks_at_the_ends_are_left_out_unless_they_are_not_to_be() {
    let screen = fed(8, 3, "a  \r\n\r\n");
    assert_eq!(screen.text(&options()), "a");
    assert_eq!(screen.text(&TextOptions { trim: false, ..options() }), "a  \n\n");
}

#[test]
fn history_and_screen_are_scopes() {
    let screen = fed(10, 2, "1\r\n2\r\n3\r\n4");
    assert_eq!(screen.text(&options()), "3\n4");
    assert_eq!(screen.text(&TextOptions { scope: Scope::History, ..options() }), "1\n2");
    assert_eq!(screen.text(&TextOptions { scope: Scope::All, ..options() }), "1\n2\n3\n4");
}

#[test]
fn what_came_since_a_change_can_be_had_alone() {
    let mut screen = fed(20, 3, "old\r\n");
    let before = screen.sequence();
    screen.feed(b"new 1\r\nnew 2\r\nnew 3\r\n");
    assert_eq!(
        screen.text(&TextOptions { since: Some(before), scope: Scope::All, ..options() }),
        "new 1\nnew 2\nnew 3"
    );
}

#[test]
fn text_is_folded_and_cut_to_a_budget() {
    let mut screen = fed(40, 3, "same\r\n".repeat(500));
    let all = TextOptions { scope: Scope::All, ..options() };
    assert_eq!(screen.text(&TextOptions { fold: true, ..all.clone() }), "same [x500]");
    for line in 0..500 {
        screen.feed(format!("line {line}\r\n").as_bytes());
    }
    let cut = screen.text(&TextOptions { max_bytes: Some(300), ..all });
    assert!(cut.len() <= 300 && cut.starts_with("same\n") && cut.ends_with("line 499"), "{cut}");
    assert!(cut.contains(" bytes omitted ...]"));
}

#[test]
fn the_sequence_grows_with_what_is_shown_and_with_nothing_else() {
    let mut screen = fed(20, 3, "");
    let mut last = screen.sequence();
    for (output, changes) in [
        ("a", true),
        ("\x1b[c", false),
        ("\x1b[1m", false),
        ("\x1b[5C", true),
        ("\x07", false),
        ("\x1b[?25l", true),
        ("\x1b]2;title\x07", true),
        ("\x1b[K", true),
        ("\x1b]4;1;red\x07", false),
    ] {
        screen.feed(output.as_bytes());
        assert_eq!(screen.sequence() > last, changes, "{output:?}");
        last = screen.sequence();
    }
}

#[test]
fn changed_rows_are_told() {
    let mut screen = fed(20, 3, "one\r\ntwo\r\nthree");
    let since = screen.sequence();
    assert_eq!(screen.changes(since), Some(vec![]));
    screen.feed(b"\x1b[2;1HTWO");
    assert_eq!(screen.changes(since), Some(vec![(1, "TWO".to_owned())]));
    screen.feed(b"\x1b[3;1H\n");
    assert_eq!(screen.changes(since).unwrap().len(), 3);
    screen.resize(Size::new(30, 3));
    assert_eq!(screen.changes(since), None);
    assert_eq!(screen.changes(screen.sequence() + 1), None);
}

#[test]
fn found_text_has_places_that_are_right_for_wide_characters() {
    let screen = fed(10, 3, "漢字 abc\r\n1234567漢字x");
    let found = screen.search(&Pattern::Text("abc".to_owned()), Scope::Screen, 9);
    assert_eq!((found[0].at, found[0].end), (Position { row: 0, col: 5 }, Position { row: 0, col: 8 }));
    let found = screen.search(&Pattern::Text("漢字".to_owned()), Scope::Screen, 9);
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].at, found[0].end), (Position { row: 0, col: 0 }, Position { row: 0, col: 4 }));
    // Over the wrap, which left a column free.
    assert_eq!((found[1].at, found[1].end), (Position { row: 1, col: 7 }, Position { row: 2, col: 2 }));
}

#[test]
fn expressions_find_groups_in_history_and_screen() {
    let screen = fed(20, 2, "id=1\r\nid=22\r\nid=333\r\nid=4444");
    let pattern = Pattern::Regex(regex::Regex::new(r"id=(\d+)$").unwrap());
    let found = screen.search(&pattern, Scope::All, 9);
    let rows: Vec<_> =
        found.iter().map(|found| (found.at.row, found.groups[0].as_deref().unwrap())).collect();
    assert_eq!(rows, [(-2, "1"), (-1, "22"), (0, "333"), (1, "4444")]);
    assert_eq!(screen.search(&pattern, Scope::All, 2).len(), 2);
    assert!(screen.search(&Pattern::Text(String::new()), Scope::All, 9).is_empty());
}

#[test]
fn a_snapshot_is_plain_data() {
    let screen = fed(10, 2, "\x1b]2;t\x07\x1b[31mhi\x1b[m");
    let json = serde_json::to_value(screen.snapshot(&options())).unwrap();
    assert_eq!(json["lines"], serde_json::json!(["hi"]));
    assert_eq!(json["cursor"], serde_json::json!({ "row": 0, "col": 2, "visible": true, "shape": "block" }));
    let cell = serde_json::to_value(&screen.cells(0..1)[0][0]).unwrap();
    assert_eq!((&cell["foreground"], &cell["background"]), (&1.into(), &serde_json::Value::Null));
}
