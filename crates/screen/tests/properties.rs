//! What holds for any output at any size.

mod terminal;
use proptest::prelude::*;
use terminal::{all_text, assert_same, config, fed, rows};
use vetty_screen::{Screen, Size};

/// Pieces of output, of which sequences are more likely than in bytes at random.
fn output() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof!["[ -~]{0,30}", "[a-zé漢字🇩🇪👨\u{200d}\u{301}\u{fe0f} ]{0,12}"];
    let numbers = proptest::collection::vec(0..30_u16, 0..5)
        .prop_map(|numbers| numbers.iter().map(u16::to_string).collect::<Vec<_>>().join(";"));
    let last = proptest::sample::select("@ABCDEFGHIJKLMPSTXZ`abcdefghlmnrstu".chars().collect::<Vec<_>>());
    let between = proptest::sample::select(vec!["", "", "", "?", ">", "=", "!", "$", "'", "*", " ", "\""]);
    let csi = (between, numbers, last).prop_map(|(between, numbers, last)| match between {
        "?" | ">" | "=" => format!("\x1b[{between}{numbers}{last}"),
        _ => format!("\x1b[{numbers}{between}{last}"),
    });
    let modes = proptest::sample::select(vec![
        "\x1b[?1049h",
        "\x1b[?1049l",
        "\x1b[?47h",
        "\x1b[?47l",
        "\x1b[?69h",
        "\x1b[?6h",
        "\x1b[?7l",
        "\x1b[?7h",
        "\x1b[?2027h",
        "\x1b[4h",
        "\x1b[4l",
        "\x1b[?45h",
        "\x1b[?1045h",
        "\x1b[20h",
        "\x1bc",
        "\x1b[!p",
        "\x1b#8",
        "\x1b(0",
        "\x1b(B",
        "\x1b7",
        "\x1b8",
        "\x1bD",
        "\x1bM",
        "\x1bE",
        "\x1bH",
        "\x1b6",
        "\x1b9",
        "\r\n",
        "\n",
        "\r",
        "\t",
        "\x08",
        "\x1b[44m",
        "\x1b[1;31m",
        "\x1b[m",
        "\x1b]8;;http://x\x07",
        "\x1b]8;;\x07",
        "\x1b]133;A\x07",
        "\x1b]133;B\x07",
        "\x1b]133;C\x07",
        "\x1b]133;D;1\x07",
        "\x1bPq~~\x1b\\",
        "\x1b_Ga=T,c=2,r=2;AAAA\x1b\\",
        "\x1b]0;t\x07",
        "\x1b[1\"q",
        "\x1b[0\"q",
        "\x18",
        "\x1b",
    ]);
    let piece = prop_oneof![
        4 => text.prop_map(String::into_bytes),
        4 => csi.prop_map(String::into_bytes),
        4 => modes.prop_map(|mode| mode.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..12),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn size() -> impl Strategy<Value = (u16, u16)> {
    prop_oneof![Just((1, 1)), Just((2, 1)), Just((1, 3)), (1..30_u16, 1..12_u16)]
}

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
