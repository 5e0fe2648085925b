//! Commands by shell marks: what ran, where, how it ended, what it said.

mod terminal;
use terminal::fed;
use vetty_screen::{Event, Scope, Screen, Size, TextOptions};

const RUN: &str = "\x1b]7;file:///srv\x07\x1b]133;A\x07$ \x1b]133;B\x07make all\r\n\x1b]133;C\x07one\r\ntwo\r\n\x1b]133;D;2\x07";

fn output(screen: &Screen, id: u64) -> String {
    screen.text(&TextOptions { command: Some(id), ..TextOptions::default() })
}

#[test]
fn a_command_has_text_directory_exit_code_and_output() {
    let mut screen = fed(40, 10, RUN);
    let commands = screen.commands();
    assert_eq!(commands.len(), 1);
    assert_eq!(commands[0].command.as_deref(), Some("make all"));
    assert_eq!(commands[0].cwd.as_deref(), Some("file:///srv"));
    assert_eq!((commands[0].exit_code, commands[0].running), (Some(2), false));
    assert!(commands[0].duration.is_some());
    assert_eq!(output(&screen, 1), "one\ntwo");
    let told = screen.take_events().into_iter().filter(|event| matches!(event, Event::Command(_))).count();
    assert_eq!(told, 2);
    assert_eq!(output(&screen, 99), "");
}

#[test]
fn output_is_found_after_scrolling_and_reflow() {
    let mut screen = fed(40, 4, RUN);
    screen.feed("more\r\n".repeat(50).as_bytes());
    assert_eq!(output(&screen, 1), "one\ntwo");
    for cols in [3, 80, 2, 40] {
        screen.resize(Size::new(cols, 4));
        assert_eq!(output(&screen, 1), "one\ntwo", "{cols} columns");
    }
}

#[test]
fn a_running_command_goes_up_to_the_cursor() {
    let screen = fed(40, 10, "\x1b]133;C\x07half");
    assert!(screen.commands()[0].running);
    assert_eq!(output(&screen, 1), "half");
    // The next prompt ends it, even if the shell does not say how.
    let screen = fed(40, 10, "\x1b]133;C\x07half\r\n\x1b]133;A\x07$ ");
    assert_eq!((screen.commands()[0].running, screen.commands()[0].exit_code), (false, None));
    assert_eq!(output(&screen, 1), "half");
}

#[test]
fn what_scrolled_out_of_the_history_is_missing() {
    let mut config = terminal::config();
    config.history_lines = 10;
    let mut screen = Screen::new(Size::new(20, 4), config);
    screen.feed(b"\x1b]133;C\x07first\r\n");
    for line in 0..30 {
        screen.feed(format!("line {line}\r\n").as_bytes());
    }
    let text = output(&screen, 1);
    assert!(text.starts_with("line 17\n") && text.ends_with("line 29"), "{text}");
    assert_eq!(screen.text(&TextOptions { scope: Scope::All, ..TextOptions::default() }), text);
}

#[test]
fn shells_say_the_command_in_their_own_ways() {
    assert_eq!(
        fed(40, 5, "\x1b]633;E;echo a\\x3b b\x07\x1b]633;C\x07").commands()[0].command.as_deref(),
        Some("echo a; b")
    );
    assert_eq!(
        fed(40, 5, "\x1b]133;C;cmdline_url=echo%20a\x07").commands()[0].command.as_deref(),
        Some("echo a")
    );
    let wrapped = fed(10, 5, "\x1b]133;A\x07$ \x1b]133;B\x07echo 123456789\r\n\x1b]133;C\x07");
    assert_eq!(wrapped.commands()[0].command.as_deref(), Some("echo 123456789"));
}

#[test]
fn programs_on_the_alternate_screen_make_no_commands() {
    assert!(fed(40, 5, "\x1b[?1049h\x1b]133;C\x07x\x1b]133;D;0\x07").commands().is_empty());
}

#[test]
fn only_so_many_commands_are_remembered() {
    let mut config = terminal::config();
    config.max_commands = 3;
    let mut screen = Screen::new(Size::new(20, 4), config);
    screen.feed(RUN.repeat(10).as_bytes());
    let ids: Vec<_> = screen.commands().iter().map(|command| command.id).collect();
    assert_eq!(ids, [8, 9, 10]);
}
