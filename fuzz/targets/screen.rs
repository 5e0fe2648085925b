//! Any bytes at any size leave a screen that can be read, and the same one wherever they are split. The first bytes say
//! the sizes and the split, the rest is output.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vetty_screen::{Config, Pattern, Scope, Screen, Size, TextOptions};

fuzz_target!(|bytes: &[u8]| {
    let [cols, rows, to_cols, to_rows, cut, output @ ..] = bytes else {
        return;
    };
    let size = |cols: u8, rows: u8| Size::new(u16::from(cols % 40), u16::from(rows % 12));
    let all = TextOptions { scope: Scope::All, ..TextOptions::default() };
    let mut whole = Screen::new(size(*cols, *rows), Config::default());
    whole.feed(output);
    let mut split = Screen::new(size(*cols, *rows), Config::default());
    let cut = usize::from(*cut).min(output.len());
    split.feed(&output[..cut]);
    split.feed(&output[cut..]);
    assert_eq!(whole.cells(0..u16::MAX), split.cells(0..u16::MAX));
    assert_eq!(whole.text(&all), split.text(&all));
    assert_eq!(whole.take_replies(), split.take_replies());

    whole.resize(size(*to_cols, *to_rows));
    whole.feed(output);
    whole.search(&Pattern::Text("a".to_owned()), Scope::All, 10);
    let again = whole.to_vt(true);
    let mut repainted = Screen::new(whole.size(), Config::default());
    repainted.feed(&again);
    assert_eq!(whole.cursor().at, repainted.cursor().at);
    assert_eq!(whole.is_alternate(), repainted.is_alternate());
});
