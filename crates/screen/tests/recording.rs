//! Recordings: what is written is read back, what is replayed is what was live, and hostile files are refused by line.

mod output;
mod terminal;

use std::time::Duration;

use proptest::prelude::*;
use terminal::{all_text, assert_same, config, text};
use vetty_screen::recording::{Format, Header, Reader, Recorded, Replay, What, Writer, replay};
use vetty_screen::{Config, Rgb, Screen, Size, Theme};

const MIB: u64 = 1 << 20;

fn at(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn writer(format: Format) -> Writer {
    Writer::new(&Header::new(format, Size::new(80, 24)), MIB)
}

fn events(file: &[u8]) -> Vec<Recorded> {
    let reader = Reader::new(file).expect("a header");
    reader.map(|event| event.expect("an event")).collect()
}

fn lines(writer: &mut Writer) -> Vec<String> {
    String::from_utf8(writer.take()).expect("lines are text").lines().map(str::to_owned).collect()
}

#[test]
fn each_format_spells_events_in_its_way() {
    let write = |format| {
        let mut writer = writer(format);
        writer.output(at(1500), b"a\x1b[1m\"\\\r\n");
        writer.input(at(1750), b"\x7f");
        writer.resize(at(1750), Size::new(100, 30));
        writer.marker(at(2000), "here");
        writer.exit(at(2000), 3);
        lines(&mut writer)
    };
    assert_eq!(
        write(Format::AsciicastV2),
        [
            r#"{"version":2,"width":80,"height":24}"#,
            r#"[1.500000, "o", "a\u001b[1m\"\\\r\n"]"#,
            "[1.750000, \"i\", \"\u{7f}\"]",
            r#"[1.750000, "r", "100x30"]"#,
            r#"[2.000000, "m", "here"]"#,
        ]
    );
    assert_eq!(
        write(Format::AsciicastV3),
        [
            r#"{"version":3,"term":{"cols":80,"rows":24}}"#,
            r#"[1.500000, "o", "a\u001b[1m\"\\\r\n"]"#,
            "[0.250000, \"i\", \"\u{7f}\"]",
            r#"[0.000000, "r", "100x30"]"#,
            r#"[0.250000, "m", "here"]"#,
            r#"[0.000000, "x", "3"]"#,
        ]
    );
}

#[test]
fn all_of_a_header_is_read_back() {
    for format in [Format::AsciicastV2, Format::AsciicastV3] {
        let mut header = Header::new(format, Size::new(132, 43));
        header.timestamp = Some(1_790_000_000);
        header.command = Some("make \"test\"".to_owned());
        header.title = Some("a title\n".to_owned());
        header.idle_time_limit = Some(Duration::from_millis(2500));
        header.env.insert("SHELL".to_owned(), "/bin/bash".to_owned());
        header.env.insert("TERM".to_owned(), "xterm-256color".to_owned());
        header.term = Some("xterm-256color".to_owned());
        header.theme = Some(Theme { background: Rgb(1, 2, 3), ..Theme::light() });
        let file = Writer::new(&header, MIB).take();
        assert_eq!(*Reader::new(&file[..]).unwrap().header(), header);
    }
    assert_eq!(Format::named("asciicast-v3"), Some(Format::AsciicastV3));
    assert_eq!(Format::named(Format::AsciicastV2.name()), Some(Format::AsciicastV2));
}

#[test]
fn characters_that_come_in_parts_are_put_together() {
    let mut writer = writer(Format::AsciicastV2);
    let bytes = "漢é".as_bytes();
    for (number, byte) in bytes.iter().enumerate() {
        writer.output(at(number as u64), &[*byte]);
    }
    writer.output(at(10), b"\xff\xe6\xbc");
    writer.finish(at(20));
    let output = |at_millis, text: &str| Recorded { at: at(at_millis), what: What::Output(text.to_owned()) };
    assert_eq!(
        events(&writer.take()),
        [output(2, "漢"), output(4, "é"), output(10, "\u{fffd}"), output(20, "\u{fffd}")]
    );
}

#[test]
fn a_secret_leaves_no_byte_and_no_length() {
    let mut writer = writer(Format::AsciicastV3);
    writer.input(at(1), b"sudo -i\r\xe6");
    writer.secret_input(at(2));
    writer.input(at(3), b"ls");
    writer.finish(at(3));
    let input = |at_millis, text: &str| Recorded { at: at(at_millis), what: What::Input(text.to_owned()) };
    assert_eq!(events(&writer.take()), [input(1, "sudo -i\r"), input(2, "[redacted]"), input(3, "ls")]);
}

#[test]
fn the_limit_is_told_and_kept() {
    for format in [Format::AsciicastV2, Format::AsciicastV3] {
        let mut writer = Writer::new(&Header::new(format, Size::default()), 2000);
        let mut file = Vec::new();
        for number in 0..100 {
            writer.output(at(number), b"twenty bytes of text");
            file.extend(writer.take());
        }
        writer.marker(at(200), "too late");
        writer.finish(at(200));
        assert!(writer.is_truncated() && writer.take().is_empty());
        assert!(file.len() <= 2000 && file.len() > 1500 && writer.bytes() == file.len() as u64);
        let events = events(&file);
        assert_eq!(writer.omitted(), (100 - (events.len() as u64 - 1)) * 20);
        let last = What::Marker("the recording ends here: it reached its limit of 2000 bytes".to_owned());
        assert_eq!(events.last().unwrap().what, last);
    }
}

#[test]
fn the_screen_can_be_had_at_any_time() {
    let mut writer = writer(Format::AsciicastV3);
    writer.output(at(100), b"one");
    writer.resize(at(200), Size::new(20, 5));
    writer.output(at(300), b"\r\ntwo");
    let file = writer.take();
    let screen_at = |time| replay(&file[..], time, Config::default()).unwrap();
    assert_eq!(text(&screen_at(Some(at(0)))), "");
    assert_eq!(text(&screen_at(Some(at(100)))), "one");
    assert_eq!(screen_at(Some(at(199))).size(), Size::new(80, 24));
    assert_eq!(screen_at(Some(at(200))).size(), Size::new(20, 5));
    assert_eq!(text(&screen_at(None)), "one\ntwo");

    let mut replay = Replay::new(Reader::new(&file[..]).unwrap(), Config::default());
    assert_eq!(replay.next_at().unwrap(), Some(at(100)));
    replay.advance_to(at(250)).unwrap();
    assert_eq!((replay.at(), replay.next_at().unwrap()), (at(200), Some(at(300))));
    replay.advance_to(at(1)).unwrap();
    assert_eq!(text(replay.screen()), "one");
}

#[test]
fn what_a_killed_recorder_left_is_read_up_to_its_last_whole_line() {
    let mut writer = writer(Format::AsciicastV2);
    writer.output(at(1), b"whole");
    writer.output(at(2), "漢 cut".as_bytes());
    let file = writer.take();
    let whole = file.iter().rposition(|byte| *byte == b'[').unwrap();
    for end in whole..file.len() - 2 {
        let mut reader = Reader::new(&file[..end]).unwrap();
        let events: Vec<_> = reader.by_ref().map(Result::unwrap).collect();
        assert_eq!((events.len(), reader.is_cut()), (1, end > whole), "{end}");
    }
}

#[test]
fn asciinema_s_own_recordings_are_read() {
    let file = include_bytes!("recorded/asciinema.cast");
    let reader = Reader::new(&file[..]).unwrap();
    assert_eq!(reader.header().size, Size::new(60, 10));
    let screen = replay(&file[..], None, Config::default()).unwrap();
    assert!(text(&screen).contains("漢 \"quoted\" \\ done"), "{}", text(&screen));
}

/// What is wrong, and the line it is in.
#[test]
fn hostile_files_are_refused_with_what_and_where() {
    let v2 = |events: &str| format!("{{\"version\":2,\"width\":80,\"height\":24}}\n{events}");
    let v3 = |term: &str| format!("{{\"version\":3,\"term\":{term}}}\n");
    let deep = "[".repeat(200_000);
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (vec![], "line 1: nothing is there"),
        (b"\x7fELF\x02\n".to_vec(), "line 1: the header is no JSON"),
        (b"\xff\n".to_vec(), "line 1: not UTF-8"),
        (b"[]\n".to_vec(), "line 1: `header` has to be an object"),
        (b"{}\n".to_vec(), "line 1: `version` has to be 2 or 3"),
        (b"{\"version\":1,\"stdout\":[]}\n".to_vec(), "line 1: asciicast 1 is not read"),
        (b"{\"version\":4}\n".to_vec(), "line 1: asciicast 4 is not known"),
        (
            b"{\"version\":2,\"width\":0,\"height\":24}\n".to_vec(),
            "`width` has to be a number from 1 to 65535",
        ),
        (b"{\"version\":2,\"width\":80,\"height\":1e9}\n".to_vec(), "`height` has to be"),
        (b"{\"version\":2,\"width\":80,\"height\":24,\"title\":7}\n".to_vec(), "`title` has to be a string"),
        (
            b"{\"version\":2,\"width\":80,\"height\":24,\"idle_time_limit\":-1}\n".to_vec(),
            "`idle_time_limit`",
        ),
        (v3("7").into(), "`term` has to be an object"),
        (v3("{\"cols\":80,\"rows\":-1}").into(), "`rows` has to be"),
        (v3("{\"cols\":80,\"rows\":24,\"theme\":{\"fg\":\"red\"}}").into(), "`theme` has to be"),
        (v2(&deep).into(), "line 2: an event is `[time, code, data]`"),
        (deep.clone().into(), "line 1: the header is no JSON"),
        (v2("[0, \"o\", \"a\"]\n{\"o\": 1}\n").into(), "line 3: an event is `[time, code, data]`"),
        (v2("[0, \"o\"]\n").into(), "line 2: an event"),
        (v2("[0, \"o\", \"a\", 1]\n").into(), "line 2: an event"),
        (v2("[-1, \"o\", \"a\"]\n").into(), "line 2: `time` has to be a number of seconds"),
        (v2("[1e300, \"o\", \"a\"]\n").into(), "line 2: `time` has to be"),
        (v2("[\"1\", \"o\", \"a\"]\n").into(), "line 2: an event"),
        (v2("[0, \"o\", 7]\n").into(), "line 2: `data` has to be a string"),
        (v2("[0, \"r\", \"80\"]\n").into(), "line 2: `resize` has to be columns and rows"),
        (v2("[0, \"r\", \"0x24\"]\n").into(), "line 2: `resize` has to be"),
        (v2("[0, \"x\", \"\"]\n").into(), "line 2: `exit` has to be"),
        ([v2("").as_bytes(), b"\xc3\x28\n"].concat(), "line 2: not UTF-8"),
        ([v2("").as_bytes(), &vec![b' '; 17 << 20][..]].concat(), "line 2: longer than 16 MiB"),
    ];
    for (file, expected) in cases {
        let error = match Reader::new(&file[..]) {
            Err(error) => error,
            Ok(mut reader) => reader.find_map(Result::err).unwrap_or_else(|| panic!("no error: {expected}")),
        };
        let message = error.to_string();
        assert!(
            message.starts_with("the recording cannot be read: line ") && message.contains(expected),
            "{message}"
        );
    }
}

#[test]
fn what_is_not_known_is_no_error() {
    let file = "{\"version\":3,\"term\":{\"cols\":9,\"rows\":9},\"tags\":[1],\"new\":{}}\n# a comment\n\n\
                [0.5, \"z\", {\"any\": 1}]\r\n[0.5, \"o\", \"\\ud83d\\udc4d\"]";
    let kinds: Vec<_> = events(file.as_bytes());
    assert_eq!(kinds[0], Recorded { at: at(500), what: What::Other("z".to_owned()) });
    assert_eq!(kinds[1], Recorded { at: at(1000), what: What::Output("👍".to_owned()) });
    // Behind an error nothing is read.
    let mut reader =
        Reader::new(&b"{\"version\":2,\"width\":1,\"height\":1}\nx\n[0,\"o\",\"a\"]\n"[..]).unwrap();
    assert!(reader.next().unwrap().is_err() && reader.next().is_none());
}

fn any_event() -> impl Strategy<Value = What> {
    let text = || proptest::collection::vec(any::<char>(), 1..20).prop_map(String::from_iter);
    prop_oneof![
        4 => text().prop_map(What::Output),
        1 => text().prop_map(What::Input),
        1 => text().prop_map(What::Marker),
        1 => (1..1000_u16, 1..1000_u16).prop_map(|(cols, rows)| What::Resize(Size::new(cols, rows))),
        1 => any::<i32>().prop_map(What::Exit),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(steps in proptest::collection::vec((0..5_000_000_u64, any_event()), 0..40), is_v3 in any::<bool>()) {
        let format = if is_v3 { Format::AsciicastV3 } else { Format::AsciicastV2 };
        let mut writer = writer(format);
        let mut now = Duration::ZERO;
        let mut expected = Vec::new();
        for (step, what) in steps {
            now += Duration::from_micros(step);
            match &what {
                What::Output(text) => writer.output(now, text.as_bytes()),
                What::Input(text) => writer.input(now, text.as_bytes()),
                What::Marker(label) => writer.marker(now, label),
                What::Resize(size) => writer.resize(now, *size),
                What::Exit(code) => writer.exit(now, *code),
                _ => unreachable!(),
            }
            if is_v3 || !matches!(what, What::Exit(_)) {
                expected.push(Recorded { at: now, what });
            }
        }
        prop_assert_eq!(events(&writer.take()), expected);
    }

    #[test]
    fn a_replay_shows_what_was_live(chunks in proptest::collection::vec(output::any(), 0..4), (cols, rows) in output::size(), to in output::size()) {
        let mut live = Screen::new(Size::new(cols, rows), config());
        let mut writer = Writer::new(&Header::new(Format::AsciicastV3, Size::new(cols, rows)), MIB);
        for chunk in &chunks {
            // A recording has text: the screen shows bytes that are none as the same character.
            live.feed(chunk);
            writer.output(at(1), chunk);
        }
        writer.finish(at(1));
        live.feed("\u{18}".as_bytes());
        writer.output(at(1), b"\x18");
        live.resize(Size::new(to.0, to.1));
        writer.resize(at(2), Size::new(to.0, to.1));
        let again = replay(&writer.take()[..], None, config()).unwrap();
        assert_same(&live, &again);
        prop_assert_eq!(all_text(&live), all_text(&again));
    }

    #[test]
    fn bytes_at_random_are_refused_or_read(bytes in proptest::collection::vec(any::<u8>(), 0..300), has_header in any::<bool>()) {
        let mut file = if has_header { b"{\"version\":2,\"width\":80,\"height\":24}\n".to_vec() } else { Vec::new() };
        file.extend(bytes);
        if let Ok(reader) = Reader::new(&file[..]) {
            reader.for_each(drop);
        }
    }
}
