//! What the terminal answers, and what it does not.

mod terminal;
use terminal::{config, fed, reply};
use vetty_screen::{Config, Event, Replies, Screen, Size};

#[test]
fn device_queries_are_answered() {
    for (query, answer) in [
        ("\x1b[c", "\x1b[?64;1;6;21;22;28c"),
        ("\x1bZ", "\x1b[?64;1;6;21;22;28c"),
        ("\x1b[>c", "\x1b[>41;390;0c"),
        ("\x1b[=c", "\x1bP!|00000000\x1b\\"),
        ("\x1b[5n", "\x1b[0n"),
        ("\x1b[3;7H\x1b[6n", "\x1b[3;7R"),
        ("\x1b[3;7H\x1b[?6n", "\x1b[?3;7;1R"),
        ("\x1b[?996n", "\x1b[?997;1n"),
        ("\x1b[x", "\x1b[2;1;1;128;128;1;0x"),
        ("\x1b[?u", "\x1b[?0u"),
        ("\x1b[>1u\x1b[?u", "\x1b[?1u"),
        ("\x1b[>4;2m\x1b[?4m", "\x1b[>4;2m"),
    ] {
        assert_eq!(reply(query), answer, "{query:?}");
    }
    assert!(reply("\x1b[>q").starts_with("\x1bP>|vetty "));
}

#[test]
fn modes_are_reported() {
    for (query, answer) in [
        ("\x1b[?25$p", "\x1b[?25;1$y"),
        ("\x1b[?25l\x1b[?25$p", "\x1b[?25;2$y"),
        ("\x1b[?2026h\x1b[?2026$p", "\x1b[?2026;1$y"),
        ("\x1b[?2027$p", "\x1b[?2027;2$y"),
        ("\x1b[?1049h\x1b[?1049$p", "\x1b[?1049;1$y"),
        ("\x1b[?64$p", "\x1b[?64;4$y"),
        ("\x1b[?9999$p", "\x1b[?9999;0$y"),
        ("\x1b[4h\x1b[4$p", "\x1b[4;1$y"),
        ("\x1b[1$p", "\x1b[1;4$y"),
        ("\x1b[?7s\x1b[?7l\x1b[?7r\x1b[?7$p", "\x1b[?7;1$y"),
    ] {
        assert_eq!(reply(query), answer, "{query:?}");
    }
}

#[test]
fn settings_and_capabilities_are_reported() {
    for (query, answer) in [
        ("\x1b[3;9r\x1bP$qr\x1b\\", "\x1bP1$r3;9r\x1b\\"),
        ("\x1b[?69h\x1b[3;9s\x1bP$qs\x1b\\", "\x1bP1$r3;9s\x1b\\"),
        ("\x1b[5 q\x1bP$q q\x1b\\", "\x1bP1$r5 q\x1b\\"),
        ("\x1b[1\"q\x1bP$q\"q\x1b\\", "\x1bP1$r1\"q\x1b\\"),
        ("\x1b[62;1\"p\x1bP$q\"p\x1b\\", "\x1bP1$r62;1\"p\x1b\\"),
        ("\x1bP$qt\x1b\\", "\x1bP1$r24t\x1b\\"),
        ("\x1bP$qz\x1b\\", "\x1bP0$r\x1b\\"),
        (
            "\x1bP+q544e;436F\x1b\\",
            "\x1bP1+r544e=787465726D2D323536636F6C6F72\x1b\\\x1bP1+r436F=323536\x1b\\",
        ),
        ("\x1bP+q7878\x1b\\", "\x1bP0+r\x1b\\"),
        ("\x1b[2$w", "\x1bP2$u9/17/25/33/41/49/57/65/73\x1b\\"),
    ] {
        assert_eq!(reply(query), answer, "{query:?}");
    }
}

#[test]
fn colours_are_set_and_reported_as_they_were_asked_for() {
    for (query, answer) in [
        ("\x1b]4;1;?\x07", "\x1b]4;1;rgb:cdcd/0000/0000\x07"),
        ("\x1b]4;1;#102030\x07\x1b]4;1;?\x1b\\", "\x1b]4;1;rgb:1010/2020/3030\x1b\\"),
        ("\x1b]10;?\x1b\\", "\x1b]10;rgb:e5e5/e5e5/e5e5\x1b\\"),
        ("\x1b]10;?;?\x1b\\", "\x1b]10;rgb:e5e5/e5e5/e5e5\x1b\\\x1b]11;rgb:0000/0000/0000\x1b\\"),
        ("\x1b]11;red\x07\x1b]111\x07\x1b]11;?\x07", "\x1b]11;rgb:0000/0000/0000\x07"),
        ("\x1b]4;1;red\x07\x1b]104;1\x07\x1b]4;1;?\x07", "\x1b]4;1;rgb:cdcd/0000/0000\x07"),
    ] {
        assert_eq!(reply(query), answer, "{query:?}");
    }
}

#[test]
fn sizes_of_the_window_are_a_category_of_their_own() {
    let query = "\x1b[18t\x1b[14t\x1b[16t\x1b[6n";
    assert_eq!(reply(query), "\x1b[8;24;80t\x1b[4;384;640t\x1b[6;16;8t\x1b[1;1R");
    let mut screen = Screen::new(Size::default(), Config::default());
    screen.feed(query.as_bytes());
    assert_eq!(screen.take_replies(), b"\x1b[1;1R");
}

#[test]
fn what_is_on_the_screen_is_not_told_unless_the_owner_wants_it() {
    let queries = "\x1b]0;rm -rf\x07AB\x1b[1;1;1;1;1;2*y\x1b[21t\x1b]52;c;?\x07";
    assert_eq!(reply(queries), "\x1bP1!~FF7D\x1b\\\x1b]lrm -rf\x1b\\");
    let mut screen = Screen::new(Size::default(), Config::default());
    screen.feed(queries.as_bytes());
    assert_eq!(screen.take_replies(), b"");
    screen.answer_clipboard("c", b"secret");
    assert_eq!(screen.take_replies(), b"");
    assert!(!screen.take_events().iter().any(|event| matches!(event, Event::ClipboardRead { .. })));
}

#[test]
fn a_clipboard_is_read_by_its_owner() {
    let mut screen = fed(80, 24, "\x1b]52;c;?\x07");
    assert_eq!(screen.take_events(), [Event::ClipboardRead { selection: "c".to_owned() }]);
    screen.answer_clipboard("c", b"text");
    assert_eq!(screen.take_replies(), b"\x1b]52;c;dGV4dA==\x1b\\");
}

#[test]
fn a_category_that_is_off_is_silent() {
    let mut config = config();
    config.replies = Replies::none();
    let mut screen = Screen::new(Size::default(), config);
    screen.feed(b"\x1b[c\x1b[6n\x1b[?25$p\x1b]11;?\x07\x1bP$qm\x1b\\\x1b[18t\x1b[21t\x1b[>q\x1b[?u");
    assert!(!screen.has_replies());
}

#[test]
fn answers_that_nobody_reads_are_bounded() {
    let mut screen = fed(80, 24, "\x1b[c".repeat(100_000));
    let replies = screen.take_replies();
    assert!(replies.len() <= 64 << 10 && replies.ends_with(b"c"));
    assert!(screen.dropped() > 90_000);
    screen.feed(b"\x1b[5n");
    assert_eq!(screen.take_replies(), b"\x1b[0n");
}
