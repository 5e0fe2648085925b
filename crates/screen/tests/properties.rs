//! What holds for any output at any size.

mod output;
mod terminal;

use output::{any as output, size};
use proptest::prelude::*;
use terminal::{all_text, assert_same, config, fed, rows};
use vetty_screen::{Screen, Size};

/// What each cell says of its neighbours, and all that can be read, without a panic.
fn assert_sound(screen: &Screen) {
    let size = screen.size();
    for row in screen.cells(0..size.rows) {
        assert_eq!(row.len(), usize::from(size.cols));
        for (at, cell) in row.iter().enumerate() {
            match cell.width {
                2 => assert_eq!(row[at + 1].width, 0),
                0 => assert_eq!(row[at - 1].width, 2),
                _ => {}
            }
        }
    }
    let cursor = screen.cursor().at;
    assert!((0..i64::from(size.rows)).contains(&cursor.row) && cursor.col < size.cols);
    all_text(screen);
    screen.links();
    screen.to_vt(true);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn output_split_anywhere_gives_the_same_screen(bytes in output(), (cols, rows) in size(), cut in any::<prop::sample::Index>()) {
        let whole = fed(cols, rows, &bytes);
        let mut split = Screen::new(Size::new(cols, rows), config());
        let cut = cut.index(bytes.len() + 1);
        split.feed(&bytes[..cut]);
        split.feed(&bytes[cut..]);
        let mut single = Screen::new(Size::new(cols, rows), config());
        bytes.chunks(1).for_each(|byte| single.feed(byte));
        for mut other in [split, single] {
            assert_same(&whole, &other);
            prop_assert_eq!(all_text(&whole), all_text(&other));
            prop_assert_eq!(fed(cols, rows, &bytes).take_replies(), other.take_replies());
        }
    }

    #[test]
    fn any_output_at_any_size_leaves_a_sound_screen(bytes in output(), (cols, rows) in size(), (to_cols, to_rows) in size()) {
        let mut screen = fed(cols, rows, &bytes);
        assert_sound(&screen);
        screen.resize(Size::new(to_cols, to_rows));
        assert_sound(&screen);
        screen.feed(&bytes);
        assert_sound(&screen);
        screen.resize(Size::new(cols, rows));
        assert_sound(&screen);
    }

    #[test]
    fn bytes_at_random_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400), (cols, rows) in size()) {
        assert_sound(&fed(cols, rows, bytes));
    }

    #[test]
    fn printed_text_is_read_back(lines in proptest::collection::vec("[!-~é漢字][ -~é漢字\u{301}👍]{0,60}[!-~]", 1..20), (cols, rows) in (2..40_u16, 1..12_u16)) {
        let text = lines.join("\r\n");
        prop_assert_eq!(all_text(&fed(cols, rows, &text)), lines.join("\n"));
    }

    #[test]
    fn a_resize_keeps_the_text(lines in proptest::collection::vec("[!-~漢][ -~漢]{0,50}[!-~]", 1..20), (cols, rows) in (2..40_u16, 1..12_u16), sizes in proptest::collection::vec((2..40_u16, 1..12_u16), 1..5)) {
        let mut screen = fed(cols, rows, lines.join("\r\n"));
        for (cols, rows) in sizes {
            screen.resize(Size::new(cols, rows));
            prop_assert_eq!(all_text(&screen), lines.join("\n"));
        }
    }

    #[test]
    fn a_repaint_shows_the_same(bytes in output(), (cols, rows) in size()) {
        let mut screen = fed(cols, rows, &bytes);
        // What cannot be seen is not painted.
        screen.feed(b"\x18\x1b\\\x1b]8;;\x07");
        for history in [false, true] {
            let again = fed(cols, rows, screen.to_vt(history));
            assert_same(&screen, &again);
            if history && !screen.is_alternate() {
                // Which rows are one line cannot always be said by bytes.
                let visible = |screen: &Screen| all_text(screen).split_whitespace().collect::<String>();
                prop_assert_eq!(visible(&screen), visible(&again));
            }
        }
        prop_assert_eq!(screen.cells(0..rows).len(), self::rows(&screen).len());
    }
}
