//! Keys, mouse, paste and focus as bytes, in the modes that a program has set.

mod terminal;
use terminal::fed;
use vetty_screen::{Key, KeyName, Modifiers, Mouse, MouseAction, MouseButton, Position, Screen};

fn press(modes: &str, key: &str) -> String {
    let key: Key = key.parse().unwrap_or_else(|error| panic!("{error}"));
    String::from_utf8_lossy(&fed(80, 24, modes).key(&key)).into_owned()
}

#[test]
fn keys_are_what_xterm_sends() {
    for (key, bytes) in [
        ("a", "a"),
        ("A", "A"),
        ("é", "é"),
        ("Enter", "\r"),
        ("tab", "\t"),
        ("Shift+Tab", "\x1b[Z"),
        ("Backspace", "\x7f"),
        ("Ctrl+Backspace", "\x08"),
        ("Escape", "\x1b"),
        ("Space", " "),
        ("Ctrl+C", "\x03"),
        ("Ctrl+Space", "\0"),
        ("Ctrl+[", "\x1b"),
        ("Ctrl+/", "\x1f"),
        ("Ctrl++", "+"),
        ("+", "+"),
        ("Alt+x", "\x1bx"),
        ("Ctrl+Alt+C", "\x1b\x03"),
        ("Alt+Enter", "\x1b\r"),
        ("Shift+a", "A"),
        ("Up", "\x1b[A"),
        ("Shift+Up", "\x1b[1;2A"),
        ("Ctrl+Right", "\x1b[1;5C"),
        ("Home", "\x1b[H"),
        ("End", "\x1b[F"),
        ("Insert", "\x1b[2~"),
        ("Delete", "\x1b[3~"),
        ("Ctrl+Delete", "\x1b[3;5~"),
        ("PageUp", "\x1b[5~"),
        ("PgDn", "\x1b[6~"),
        ("F1", "\x1bOP"),
        ("Shift+F1", "\x1b[1;2P"),
        ("F5", "\x1b[15~"),
        ("Shift+F5", "\x1b[15;2~"),
        ("F12", "\x1b[24~"),
        ("KeypadEnter", "\r"),
        ("Keypad5", "5"),
    ] {
        assert_eq!(press("", key), bytes, "{key}");
    }
}

#[test]
fn modes_change_what_keys_send() {
    for (modes, key, bytes) in [
        ("\x1b[?1h", "Up", "\x1bOA"),
        ("\x1b[?1h", "Home", "\x1bOH"),
        ("\x1b[?1h", "Ctrl+Up", "\x1b[1;5A"),
        ("\x1b=", "Keypad5", "\x1bOu"),
        ("\x1b=", "KeypadEnter", "\x1bOM"),
        ("\x1b=", "Keypad+", "\x1bOk"),
        ("\x1b[20h", "Enter", "\r\n"),
        ("\x1b[?67h", "Backspace", "\x08"),
        ("\x1b[>4;2m", "Ctrl+i", "\x1b[27;5;105~"),
        ("\x1b[>4;2m", "Shift+a", "A"),
        ("\x1b[>4;1m", "Ctrl+C", "\x03"),
        ("\x1b[>4;1m", "Ctrl+Enter", "\x1b[27;5;13~"),
        ("\x1b[>4;1m", "Ctrl+,", "\x1b[27;5;44~"),
    ] {
        assert_eq!(press(modes, key), bytes, "{modes:?} {key}");
    }
}

#[test]
fn keys_in_the_protocol_of_kitty() {
    for (flags, key, bytes) in [
        (1, "a", "a"),
        (1, "Shift+a", "A"),
        (1, "Ctrl+C", "\x1b[99;5u"),
        (1, "Alt+a", "\x1b[97;3u"),
        (1, "Ctrl+Shift+a", "\x1b[97;6u"),
        (1, "Escape", "\x1b[27u"),
        (1, "Enter", "\r"),
        (1, "Ctrl+Enter", "\x1b[13;5u"),
        (1, "Up", "\x1b[A"),
        (1, "Ctrl+Up", "\x1b[1;5A"),
        (1, "F3", "\x1b[13~"),
        (1, "Shift+F3", "\x1b[13;2~"),
        (1, "F13", "\x1b[57376u"),
        (1, "Super+a", "\x1b[97;9u"),
        (8, "a", "\x1b[97u"),
        (8, "Enter", "\x1b[13u"),
        (12, "Shift+a", "\x1b[97:65;2u"),
        (24, "a", "\x1b[97;1;97u"),
        (24, "Shift+a", "\x1b[97;2;65u"),
    ] {
        assert_eq!(press(&format!("\x1b[>{flags}u"), key), bytes, "{flags} {key}");
    }
    let release = |flags: u8, key: &str| {
        let screen = fed(80, 24, format!("\x1b[>{flags}u"));
        String::from_utf8(screen.key_release(&key.parse().unwrap())).unwrap()
    };
    assert_eq!(release(3, "Up"), "\x1b[1;1:3A");
    assert_eq!(release(11, "a"), "\x1b[97;1:3u");
    assert_eq!(release(3, "a"), "");
    assert_eq!(release(1, "Up"), "");
}

#[test]
fn a_name_that_is_no_key_is_refused_with_what_to_write() {
    for name in ["", "Ctrl+", "Foo", "Hyper+a", "F99", "F0", "ab", "Keypadx", "\u{7}"] {
        let error = name.parse::<Key>().unwrap_err().to_string();
        assert!(error.starts_with("Unknown key: ") && error.contains("Ctrl+"), "{name:?}: {error}");
    }
    assert_eq!("F20".parse(), Ok(Key::new(KeyName::F(20))));
}

fn mouse(screen: &Screen, action: MouseAction, button: Option<MouseButton>) -> Vec<u8> {
    let modifiers = Modifiers::default();
    screen.mouse(&Mouse { action, button, at: Position { row: 4, col: 9 }, modifiers })
}

#[test]
fn the_mouse_is_told_where_it_was_asked_for() {
    let left = Some(MouseButton::Left);
    let screen = |modes: &str| fed(80, 24, modes);
    assert!(mouse(&screen(""), MouseAction::Click, left).is_empty());
    for (modes, action, button, bytes) in [
        ("\x1b[?1000;1006h", MouseAction::Press, left, &b"\x1b[<0;10;5M"[..]),
        ("\x1b[?1000;1006h", MouseAction::Release, left, b"\x1b[<0;10;5m"),
        ("\x1b[?1000;1006h", MouseAction::Click, Some(MouseButton::Right), b"\x1b[<2;10;5M\x1b[<2;10;5m"),
        ("\x1b[?1000;1006h", MouseAction::ScrollUp, None, b"\x1b[<64;10;5M"),
        ("\x1b[?1000;1006h", MouseAction::Move, None, b""),
        ("\x1b[?1002;1006h", MouseAction::Move, left, b"\x1b[<32;10;5M"),
        ("\x1b[?1002;1006h", MouseAction::Move, None, b""),
        ("\x1b[?1003;1006h", MouseAction::Move, None, b"\x1b[<35;10;5M"),
        ("\x1b[?1000;1016h", MouseAction::Press, left, b"\x1b[<0;77;73M"),
        ("\x1b[?1000h", MouseAction::Press, left, b"\x1b[M *%"),
        ("\x1b[?1000h", MouseAction::Release, left, b"\x1b[M#*%"),
        ("\x1b[?1000;1015h", MouseAction::Press, left, b"\x1b[32;10;5M"),
        ("\x1b[?9h", MouseAction::Release, left, b""),
        ("\x1b[?1049h\x1b[?1007h", MouseAction::ScrollDown, None, b"\x1b[B"),
        ("\x1b[?1007h", MouseAction::ScrollDown, None, b""),
    ] {
        assert_eq!(mouse(&screen(modes), action, button), bytes, "{modes:?} {action:?}");
    }
    let held = Modifiers { ctrl: true, shift: true, ..Modifiers::default() };
    let event =
        Mouse { action: MouseAction::Press, button: left, at: Position { row: 0, col: 0 }, modifiers: held };
    assert_eq!(screen("\x1b[?1000;1006h").mouse(&event), b"\x1b[<20;1;1M");
}

#[test]
fn pasted_text_never_becomes_keys() {
    let evil = "a\x1b[201~rm\r\n\u{9b}201~\x03b";
    assert_eq!(fed(80, 24, "").paste(evil), b"a[201~rm\r201~b");
    assert_eq!(fed(80, 24, "\x1b[?2004h").paste(evil), b"\x1b[200~a[201~rm\r\n201~b\x1b[201~");
}

#[test]
fn the_focus_is_told_where_it_was_asked_for() {
    assert_eq!(fed(80, 24, "").focus(true), b"");
    assert_eq!(fed(80, 24, "\x1b[?1004h").focus(true), b"\x1b[I");
    assert_eq!(fed(80, 24, "\x1b[?1004h").focus(false), b"\x1b[O");
}
