//! What a test of a program on a terminal needs: places by their text, colours, and a golden text with a readable diff.

mod terminal;

use terminal::fed;
use vetty_screen::{Color, Pattern, Size, golden};

#[test]
fn a_place_is_found_with_its_looks() {
    let screen = fed(30, 4, "漢字 \x1b[44m\x1b[1mSave\x1b[22m as\x1b[m\r\n\x1b[31mSa\x1b[32mve");
    let found = screen.find_all(&Pattern::Text("Save".into()), 10);
    let places: Vec<_> = found.iter().map(|found| (found.at.row, found.at.col, found.end.col)).collect();
    assert_eq!(places, [(0, 5, 9), (1, 0, 4)]);
    assert_eq!(screen.find("Save").unwrap(), found[0]);
    assert_eq!(
        (found[0].background(), found[0].foreground()),
        (Some(Color::indexed(4)), Some(Color::DEFAULT))
    );
    assert!(found[0].is_all(|cell| cell.bold) && !screen.find("Save as").unwrap().is_all(|cell| cell.bold));
    assert_eq!((found[1].foreground(), found[1].background()), (None, Some(Color::DEFAULT)));
    assert!(screen.find("Cancel").is_none());
}

#[test]
fn a_place_goes_on_in_the_next_row() {
    let screen = fed(6, 3, "abcdsplit漢x");
    let found = screen.find("split漢").unwrap();
    assert_eq!(((found.at.row, found.at.col), (found.end.row, found.end.col)), ((0, 4), (1, 5)));
    let text: String = found.cells.iter().map(|cell| cell.text.as_str()).collect();
    assert_eq!(text, "split漢");
}

#[test]
fn a_golden_text_says_all_that_is_seen() {
    let screen = fed(
        24,
        3,
        "\x1b[?1049h\x1b[H\x1b]2;a \"title\"\x07\x1b[5 q\x1b[4:3;58;5;1;38;2;1;2;3mwarn\x1b[m 漢\r\n\x1b]8;;http://x\x07go\x1b]8;;\x07 \x1b[7;9mx",
    );
    assert_eq!(
        screen.golden(),
        "24x3, cursor bar at 1:4, alternate screen, title \"a \\\"title\\\"\"\n\
         ------------------------\n\
         warn 漢\n\
         go x\n\
         \n\
         ------------------------\n\
         0:0-4 underline curly, foreground #010203, underline colour 1\n\
         1:0-2 link \"http://x\"\n\
         1:3-4 inverse, strike\n"
    );
}

#[test]
fn a_difference_is_shown_where_it_is() {
    let lines: String = (0..20).map(|line| format!("line {line}\r\n")).collect();
    let before = fed(20, 24, &lines);
    let mut after = fed(20, 24, &lines);
    after.feed(b"\x1b[11;6H\x1b[31mTEN\x1b[m\x1b[21;1H");
    assert_eq!(golden::compare(&before.golden().replace('\n', "\r\n"), &before.golden()), Ok(()));
    let difference = golden::compare(&before.golden(), &after.golden()).unwrap_err();
    assert_eq!(
        difference.to_string(),
        "the screen is not as expected (- expected, + is):\n  ...\n  line 8\n  line 9\n- line 10\n+ line TEN\n  line 11\n  line 12\n  ...\n  \n  --------------------\n+ 10:5-8 foreground 1"
    );
    after.resize(Size::new(30, 24));
    let message = golden::compare(&before.golden(), &after.golden()).unwrap_err().to_string();
    assert!(message.contains("- 20x24") && message.contains("+ 30x24"), "{message}");
}
