//! Output for tests of properties.
#![allow(dead_code, reason = "each test file uses a part of it")]

use proptest::prelude::{Just, Strategy, prop_oneof};

/// Pieces of output, of which sequences are more likely than in bytes at random.
pub fn any() -> impl Strategy<Value = Vec<u8>> {
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
        1 => proptest::collection::vec(proptest::arbitrary::any::<u8>(), 0..12),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Columns and rows, small ones above all.
pub fn size() -> impl Strategy<Value = (u16, u16)> {
    prop_oneof![Just((1, 1)), Just((2, 1)), Just((1, 3)), (1..30_u16, 1..12_u16)]
}
