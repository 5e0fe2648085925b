//! What output says beside text: titles, clipboard, notifications, progress, pictures, bells.

mod terminal;
use terminal::{config, cursor, fed, text};
use vetty_screen::{Event, Image, ImageMedium, ImageProtocol, Progress, Screen, Size};

fn events(output: &str) -> Vec<Event> {
    fed(40, 10, output).take_events()
}

fn image(output: &str) -> Image {
    match events(output).remove(0) {
        Event::Image(image) => image,
        other => panic!("{other:?}"),
    }
}

#[test]
fn titles_are_told_and_kept_on_a_stack() {
    let mut screen = fed(40, 10, "\x1b]0;one; two\x07\x1b[22t\x1b]2;three\x1b\\");
    assert_eq!(screen.title(), "three");
    screen.feed(b"\x1b[23t");
    assert_eq!(screen.title(), "one; two");
    let titles: Vec<_> = screen.take_events();
    assert_eq!(titles, ["one; two", "three", "one; two"].map(|title| Event::Title(title.to_owned())));
    assert_eq!(fed(40, 10, "\x1b]2;a\nb\u{9b}c\x07").title(), "abc");
}

#[test]
fn a_bell_and_the_directory_are_told() {
    assert_eq!(events("\x07"), [Event::Bell]);
    let screen = fed(40, 10, "\x1b]7;file://host/srv/a%20b\x07");
    assert_eq!(screen.cwd(), Some("file://host/srv/a%20b"));
    assert_eq!(fed(40, 10, "\x1b]1337;CurrentDir=/srv\x07").cwd(), Some("/srv"));
    assert_eq!(fed(40, 10, "\x1b]633;P;Cwd=/srv\\x3b\x07").cwd(), Some("/srv;"));
}

#[test]
fn notifications_and_progress_are_told() {
    let note = |title: Option<&str>, body: &str| Event::Notification {
        title: title.map(str::to_owned),
        body: body.to_owned(),
    };
    assert_eq!(events("\x1b]9;done; all\x07"), [note(None, "done; all")]);
    assert_eq!(events("\x1b]777;notify;Build;done; all\x07"), [note(Some("Build"), "done; all")]);
    assert_eq!(events("\x1b]99;i=1:p=body;done\x07"), [note(None, "done")]);
    let progress = |state, percent| Event::Progress { state, percent };
    assert_eq!(events("\x1b]9;4;1;42\x07"), [progress(Progress::Normal, Some(42))]);
    assert_eq!(events("\x1b]9;4;3\x07"), [progress(Progress::Indeterminate, None)]);
    assert_eq!(events("\x1b]9;4;0;\x07"), [progress(Progress::None, None)]);
    assert_eq!(events("\x1b]9;4;2;200\x07"), [progress(Progress::Error, Some(100))]);
    assert!(events("\x1b]9;1;100\x07").is_empty());
}

#[test]
fn the_clipboard_is_told_and_never_set() {
    let expected = Event::Clipboard { selection: "c".to_owned(), data: b"text".to_vec() };
    assert_eq!(events("\x1b]52;c;dGV4dA==\x07"), [expected]);
    assert!(events("\x1b]52;c;no base64!\x07").is_empty());
    let long = format!("\x1b]52;c;{}\x07", "QUFB".repeat(50_000));
    assert!(events(&long).is_empty());
}

#[test]
fn a_sixel_picture_has_size_and_place_and_takes_rows() {
    let screen = "ab\x1bPq\"1;1;40;33#0;2;0;0;0~\x1b\\x";
    let image = image(screen);
    assert_eq!(
        (image.protocol, image.pixels, image.cells),
        (ImageProtocol::Sixel, Some((40, 33)), Some((5, 3)))
    );
    assert_eq!((image.at.row, image.at.col), (0, 2));
    assert_eq!(image.payload.unwrap().len() as u64, image.bytes);
    assert_eq!(cursor(&fed(40, 10, screen)), (3, 3));
}

#[test]
fn kitty_pictures_come_in_parts_and_may_name_files_that_nobody_opens() {
    let parts = "\x1b_Ga=T,f=24,s=16,v=32,m=1;QUJD\x1b\\\x1b_Gm=0;REVG\x1b\\";
    let whole = image(parts);
    assert_eq!(whole.payload.as_deref(), Some(&b"ABCDEF"[..]));
    assert_eq!((whole.pixels, whole.cells, whole.bytes), (Some((16, 32)), Some((2, 2)), 8));
    assert_eq!(cursor(&fed(40, 10, parts)), (1, 2));
    let file = image("\x1b_Ga=T,t=f,c=4,r=2;L2V0Yy9wYXNzd2Q=\x1b\\");
    let named = file.file.expect("it names one");
    assert_eq!((&*named.path, named.medium, file.payload), ("/etc/passwd", ImageMedium::File, None));
    assert!(events("\x1b_Ga=q,i=1;AAAA\x1b\\\x1b_Ga=d\x1b\\").is_empty());
}

#[test]
fn a_file_of_iterm2_is_a_picture_if_it_is_to_be_shown() {
    let shown = image("\x1b]1337;File=inline=1;width=10;height=3:QUJD\x07");
    assert_eq!((shown.cells, shown.payload.as_deref()), (Some((10, 3)), Some(&b"ABC"[..])));
    assert!(events("\x1b]1337;File=name=YQ==:QUJD\x07").is_empty());
}

#[test]
fn a_picture_beyond_the_cap_is_told_without_its_data() {
    let mut config = config();
    (config.max_image, config.max_string) = (1000, 1000);
    let mut screen = Screen::new(Size::default(), config);
    screen.feed(format!("\x1bPq\"1;1;8;16{}\x1b\\after", "~".repeat(1 << 20)).as_bytes());
    let Event::Image(image) = screen.take_events().remove(0) else { panic!("an image") };
    assert_eq!((image.payload, image.bytes, image.pixels), (None, (1 << 20) + 9, Some((8, 16))));
    assert_eq!(text(&screen), "\nafter");
}

#[test]
fn events_that_nobody_takes_are_counted() {
    let mut screen = fed(40, 10, "\x07".repeat(5000));
    let events = screen.take_events();
    assert_eq!((events.len(), &events[0]), (1025, &Event::Lag(5000 - 1024)));
    assert!(!screen.has_events());
}

#[test]
fn the_alternate_screen_is_told() {
    assert_eq!(
        events("\x1b[?1049h\x1b[?1049h\x1b[?1049l"),
        [Event::AlternateScreen(true), Event::AlternateScreen(false)]
    );
}
