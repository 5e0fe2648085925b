//! What the parser makes of bytes, whole and split.

use super::{Actions, Caps, Params, Parser, StringSequence};

/// Writes down what it is told.
#[derive(Default)]
struct Log(Vec<String>);

impl Log {
    fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(last) if last.starts_with("print ") => last.push_str(text),
            _ => self.0.push(format!("print {text}")),
        }
    }
}

impl Actions for Log {
    fn print_ascii(&mut self, text: &[u8]) {
        self.text(std::str::from_utf8(text).unwrap());
    }

    fn print_text(&mut self, bytes: &[u8]) -> usize {
        let mut read = 0;
        while let Some((ch, size)) = super::decode(&bytes[read..]) {
            self.text(&ch.to_string());
            read += size;
        }
        read
    }

    fn control(&mut self, byte: u8) {
        self.0.push(format!("control {byte:#04x}"));
    }

    fn escape(&mut self, intermediates: &[u8], last: u8) {
        self.0.push(format!("escape {}{}", String::from_utf8_lossy(intermediates), char::from(last)));
    }

    fn csi(&mut self, params: &Params, last: u8) {
        let marker = if params.marker == 0 { String::new() } else { char::from(params.marker).to_string() };
        let between = String::from_utf8_lossy(params.intermediates());
        let subs: Vec<_> = (0..params.len()).filter(|at| params.is_sub(*at)).collect();
        self.0.push(format!("csi {marker}{:?}{subs:?}{between}{}", params.values(), char::from(last)));
    }

    fn string(&mut self, string: &StringSequence<'_>) {
        let data = String::from_utf8_lossy(string.data);
        self.0.push(format!("string {:?} {data} {} {}", string.kind, string.omitted, string.bell));
    }
}

fn parsed(bytes: &[u8]) -> Vec<String> {
    let mut log = Log::default();
    Parser::new(Caps { string: 8, image: 16 }).advance(bytes, &mut log);
    for size in [1, 2, 3, 7] {
        let (mut split, mut parser) = (Log::default(), Parser::new(Caps { string: 8, image: 16 }));
        for part in bytes.chunks(size) {
            parser.advance(part, &mut split);
        }
        assert_eq!(split.0, log.0, "split every {size} bytes");
    }
    log.0
}

#[test]
fn text_and_controls_come_apart() {
    assert_eq!(
        parsed("ab\r\né漢\x7f!".as_bytes()),
        ["print ab", "control 0x0d", "control 0x0a", "print é漢!"]
    );
}

#[test]
fn what_is_no_utf8_is_replaced_once_for_each_part() {
    assert_eq!(parsed(b"a\xffb"), ["print a\u{fffd}b"]);
    assert_eq!(parsed(b"\xe6\xbcX"), ["print \u{fffd}X"]);
    assert_eq!(parsed(b"\xf0\x9f\x98\x1b[m"), ["print \u{fffd}", "csi [0][]m"]);
    assert_eq!(parsed(b"\xc3\xc3\xa9"), ["print \u{fffd}é"]);
}

#[test]
fn a_control_sequence_has_numbers_marker_and_intermediates() {
    assert_eq!(parsed(b"\x1b[?1;25h"), ["csi ?[1, 25][]h"]);
    assert_eq!(parsed(b"\x1b[38:2::1:2:3;4m"), ["csi [38, 2, 0, 1, 2, 3, 4][1, 2, 3, 4, 5]m"]);
    assert_eq!(parsed(b"\x1b[!p\x1b[5 q"), ["csi [0][]!p", "csi [5][] q"]);
    assert_eq!(parsed(b"\x1b[99999999H"), ["csi [65535][]H"]);
    let many = format!("\x1b[{}m", "1;".repeat(100));
    assert_eq!(parsed(many.as_bytes()), [format!("csi {:?}[]m", [1; 32])]);
}

#[test]
fn a_malformed_sequence_is_read_to_its_end() {
    assert_eq!(parsed(b"\x1b[1?2hx\x1b[ 1my\x1b[    mz"), ["print xyz"]);
}

#[test]
fn controls_act_within_a_sequence() {
    assert_eq!(parsed(b"\x1b[1\n2m"), ["control 0x0a", "csi [12][]m"]);
}

#[test]
fn can_sub_and_esc_end_everything() {
    assert_eq!(parsed(b"\x1b[1\x18a\x1b[2\x1ab"), ["print ab"]);
    assert_eq!(parsed(b"\x1b[1\x1b[2m"), ["csi [2][]m"]);
    for begin in ["\x1b]", "\x1bP", "\x1b_", "\x1b^", "\x1bX", "\x1bP1q"] {
        for end in ["\x18", "\x1a", "\x1bc"] {
            let said = parsed(format!("{begin}abc{end}x").as_bytes());
            assert_eq!(said.last().unwrap(), "print x", "{begin:?} {end:?}");
            assert!(!said.iter().any(|said| said.starts_with("string")));
        }
    }
}

#[test]
fn strings_end_by_st_or_an_osc_by_bel() {
    assert_eq!(parsed(b"\x1b]0;a\x07"), ["string Osc 0;a 0 true"]);
    assert_eq!(parsed(b"\x1b]0;a\x1b\\"), ["string Osc 0;a 0 false"]);
    assert_eq!(parsed("\u{9d}0;✜\u{9c}".as_bytes()), ["string Osc 0;✜ 0 false"]);
    assert_eq!(parsed(b"\x1b_Ga\x07b\x1b\\"), ["string Apc Ga\u{7}b 0 false"]);
    assert_eq!(parsed(b"\x1bP1$q\"p\x1b\\"), ["string Dcs(113) \"p 0 false"]);
    assert_eq!(parsed(b"\x1b^hidden\x1b\\x"), ["print x"]);
}

#[test]
fn a_string_is_held_up_to_its_cap_and_counted_beyond() {
    assert_eq!(parsed(b"\x1b]0;123456789\x07"), ["string Osc 0;123456 3 true"]);
    let sixel = format!("\x1bPq{}\x1b\\", "x".repeat(20));
    assert_eq!(parsed(sixel.as_bytes()), [format!("string Dcs(113) {} 4 false", "x".repeat(16))]);
}

#[test]
fn c1_controls_are_read_as_utf8_only() {
    assert_eq!(parsed("\u{9b}1m\u{85}".as_bytes()), ["csi [1][]m", "escape E"]);
    assert_eq!(parsed(b"\x9b1m"), ["print \u{fffd}1m"]);
}
