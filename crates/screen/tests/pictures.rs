//! Pictures: compared with golden ones by pixels, and what hostile output may not do in their sources.
#![cfg(feature = "render")]

mod output;
mod terminal;

use std::path::Path;

use proptest::prelude::*;
use terminal::fed;
use vetty_screen::render::{FontError, Picture, PictureError, RenderOptions, Renderer};
use vetty_screen::{Pattern, Scope, Screen, Theme};

fn draw(screen: &Screen, options: &RenderOptions) -> Picture {
    Renderer::new().png(&screen.scene(options), 1.0).expect("a picture")
}

fn options() -> RenderOptions {
    RenderOptions::default()
}

/// Width, height and the bytes of red, green and blue, as another implementation reads them.
fn pixels(png: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a picture");
    assert_eq!(reader.output_color_type(), (png::ColorType::Rgb, png::BitDepth::Eight));
    let mut pixels = vec![0; reader.output_buffer_size().expect("a picture")];
    let info = reader.next_frame(&mut pixels).expect("a picture");
    (info.width, info.height, pixels)
}

fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    let (width, _, pixels) = pixels(&picture.png);
    let at = ((y * width + x) * 3) as usize;
    [pixels[at], pixels[at + 1], pixels[at + 2]]
}

/// Compares with the picture of this name, or writes it where `VETTY_GOLDEN=write` asks for it.
#[track_caller]
fn assert_golden(name: &str, picture: &Picture) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.png"));
    if std::env::var_os("VETTY_GOLDEN").is_some_and(|wish| wish == "write") {
        std::fs::write(&path, &picture.png).expect("a picture");
    }
    let (width, height, expected) = pixels(&std::fs::read(&path).expect("a picture"));
    let (our_width, our_height, ours) = pixels(&picture.png);
    assert_eq!((our_width, our_height), (width, height), "{name}");
    // Mathematics of another platform may round the edge of a curve differently.
    let differ = |(a, b): (&u8, &u8)| a.abs_diff(*b) > 8;
    let count = ours.iter().zip(&expected).filter(|pair| differ(*pair)).count();
    if count > 0 {
        let actual = std::env::temp_dir().join(format!("vetty-{name}.png"));
        std::fs::write(&actual, &picture.png).expect("a picture");
        panic!("{count} values differ: look at {} beside {}", actual.display(), path.display());
    }
}

#[test]
fn styles_look_as_they_are() {
    let screen = fed(
        34,
        5,
        "\x1b[1mbold\x1b[m \x1b[2mdim\x1b[m \x1b[3mitalic\x1b[m \x1b[7minverse\x1b[m \x1b[8mhidden\x1b[m\r\n\
         \x1b[4mone\x1b[m \x1b[4:2mtwo\x1b[m \x1b[4:3;58;5;9mcurly\x1b[m \x1b[4:4mdotted\x1b[m \x1b[4:5mdashed\x1b[m\r\n\
         \x1b[9mstrike\x1b[m \x1b[53mover\x1b[m \x1b[31mred\x1b[92mgreen\x1b[38;2;255;128;0mrgb\x1b[m\r\n\
         \x1b[44mblue\x1b[48;5;208mindexed\x1b[m find me\r\n\x1b[?25l",
    );
    let mut options = options();
    options.highlights = screen.search(&Pattern::Text("find".into()), Scope::Screen, 1);
    assert_golden("styles", &draw(&screen, &options));
}

#[test]
fn lines_and_blocks_fit_together() {
    let screen = fed(
        32,
        7,
        "┌─┬─┐┏━┳━┓╔═╦═╗╭─╮╒═╤╕╓─╥╖┍━┯┑╱╲\r\n├─┼─┤┣━╋━┫╠═╬═╣│ │╞═╪╡╟─╫╢┝━┿┥╲╱\r\n└─┴─┘┗━┻━┛╚═╩═╝╰─╯╘═╧╛╙─╨╜┕━┷┙╳ \r\n\
         ▁▂▃▄▅▆▇█▉▊▋▌▍▎▏▖▗▘▙▚▛▜▝▞▟▀▐▔▕░▒▓\r\n⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏⣿\u{e0b0}\u{e0b1}\u{e0b2}\u{e0b3}\u{e0b4}\u{e0b5}\u{e0b6}\u{e0b7}\u{e0b8}\u{e0b9}\u{e0ba}\u{e0bc}\u{e0be}\u{1fb00}\u{1fb1e}\u{1fb3b}\r\n\
         ┄┅┆┇┈┉┊┋╌╍╎╏╴╵╶╷╸╹╺╻╼╽╾╿\x1b[?25l",
    );
    assert_golden("lines", &draw(&screen, &options()));
}

#[test]
fn wide_and_combined_characters_keep_to_the_grid() {
    let screen = fed(16, 3, "é e\u{301} o\u{302}\u{323}│✓ ✗ ❯\r\n漢字\x1b[44m漢\x1b[m👍│✔\r\n\x1b[4 qab");
    let picture = draw(&screen, &options());
    assert_eq!(picture.missing_chars, ['漢', '字', '👍', '✔']);
    assert_eq!(picture.missing, 5);
    assert_golden("wide", &picture);
}

#[test]
fn themes_and_the_cursor_as_the_program_set_it() {
    let screen = fed(12, 2, "\x1b[32m$\x1b[m vim\r\n\x1b]12;#ff0000\x07\x1b]4;2;#0000ff\x07ready");
    let mut options = options();
    options.theme = Theme::named("nord");
    assert_golden("nord", &draw(&screen, &options));
    options.cursor = false;
    let without = draw(&screen, &options);
    assert_eq!(pixel(&without, 10 + 50 + 5, 10 + 20 + 10), [0x2e, 0x34, 0x40]);
    options.cursor = true;
    assert_eq!(pixel(&draw(&screen, &options), 10 + 50 + 5, 10 + 20 + 10), [0xff, 0, 0]);
}

#[test]
fn a_further_font_draws_what_the_first_ones_lack() {
    let screen = fed(6, 1, "漢👍\x1b[?25l");
    let scene = screen.scene(&options());
    let mut renderer = Renderer::new();
    assert_eq!(renderer.png(&scene, 1.0).unwrap().missing, 2);
    renderer.add_font(include_bytes!("fonts/squares.ttf").to_vec()).unwrap();
    let picture = renderer.png(&scene, 1.0).unwrap();
    assert_eq!((picture.missing, &picture.missing_chars[..]), (0, &[][..]));
    // One is in the colour of the text, the other one brings its own.
    assert_eq!(pixel(&picture, 20, 20), [0xe5, 0xe5, 0xe5]);
    let [red, green, blue] = pixel(&picture, 35, 20);
    assert!(red > 240 && green < 10 && blue < 10);
    assert_eq!(renderer.add_font(b"no font".to_vec()), Err(FontError::NotAFont));
}

#[test]
fn a_scale_makes_all_larger() {
    let screen = fed(4, 2, "\x1b[41mx█");
    let picture = Renderer::new().png(&screen.scene(&options()), 2.5).unwrap();
    assert_eq!((picture.width, picture.height), (4 * 25 + 50, 2 * 50 + 50));
    assert_eq!(pixel(&picture, 25 + 25 + 12, 25 + 25), [0xe5, 0xe5, 0xe5]);
}

#[test]
fn what_cannot_be_a_picture_is_refused() {
    let screen = fed(1000, 1000, "");
    let mut renderer = Renderer::new();
    let error = renderer.png(&screen.scene(&options()), 1.0).unwrap_err();
    assert_eq!(error, PictureError::TooLarge { width: 10_020, height: 20_020 });
    assert!(error.to_string().contains("10020 x 20020"));
    for scale in [0.0, f32::NAN, f32::INFINITY, -1.0, 9.0] {
        assert!(matches!(renderer.png(&screen.scene(&options()), scale), Err(PictureError::Scale(_))));
    }
}

#[test]
fn the_history_is_in_the_picture_where_it_is_asked_for() {
    let screen = fed(10, 2, "1\r\n2\r\n3\r\n4");
    let mut options = options();
    options.scope = Scope::All;
    options.highlights = screen.search(&Pattern::Text("1".into()), Scope::All, 1);
    let picture = draw(&screen, &options);
    assert_eq!(picture.height, 4 * 20 + 20);
    assert_eq!(pixel(&picture, 11, 11), [0xff, 0xd7, 0x5f]);
}

/// The names of all elements, the addresses of links and the text; it fails where the document is not well-formed.
fn read_svg(svg: &str) -> (Vec<String>, Vec<String>, String) {
    let document = roxmltree::Document::parse(svg).unwrap_or_else(|error| panic!("{error}:\n{svg}"));
    let mut names: Vec<_> = document
        .descendants()
        .filter(|node| node.is_element())
        .map(|node| node.tag_name().name().to_owned())
        .collect();
    names.sort();
    names.dedup();
    let links = document.descendants().filter_map(|node| node.attribute("href")).map(str::to_owned).collect();
    let text = document.descendants().filter(|node| node.is_text()).filter_map(|node| node.text()).collect();
    (names, links, text)
}

const ELEMENTS: [&str; 8] = ["a", "g", "path", "rect", "style", "svg", "text", "title"];

#[test]
fn hostile_text_stays_text() {
    let output = "\x1b]2;</title><script>1</script>\x07]]><script>alert('1')</script>\"&amp;\r\n\
                  \x1b]8;;javascript:alert(1)\x07click\x1b]8;;\x07 \x1b]8;;https://a/?\"><x/y='&\x07here\x1b]8;;\x07";
    let screen = fed(60, 3, output);
    let (names, links, text) = read_svg(&screen.svg(&options()));
    assert!(names.iter().all(|name| ELEMENTS.contains(&name.as_str())), "{names:?}");
    assert_eq!(links, ["https://a/?\"><x/y='&"]);
    assert!(text.contains("]]><script>alert('1')</script>\"&amp;") && text.contains("click"));

    let html = screen.html(&options());
    assert!(html.contains("]]&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;amp;"));
    assert!(
        !html.contains("javascript") && html.contains("href=\"https://a/?&quot;&gt;&lt;x/y=&#39;&amp;\"")
    );
}

#[test]
fn what_is_hidden_is_not_in_the_source() {
    let screen = fed(40, 2, "user \x1b[8mhunter2\x1b[m end");
    let scene = screen.scene(&options());
    assert!(!scene.svg().contains("hunter2") && !scene.html().contains("hunter2"));
    assert!(scene.html().contains("user        "));
}

#[test]
fn html_has_the_text_and_the_looks() {
    let screen = fed(30, 2, "a \x1b[1;4:3;31mb\x1b[m 漢\r\nnext\x1b[?25l");
    assert_eq!(
        screen.html(&options()).split_once('>').unwrap().1,
        "a <span style=\"color:#cd0000;font-weight:bold;text-decoration:wavy underline\">b</span> \
         <span style=\"display:inline-block;width:2ch;vertical-align:bottom\">漢</span>\nnext\n</pre>\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn any_output_gives_sound_pictures(bytes in output::any(), (cols, rows) in output::size()) {
        let screen = fed(cols, rows, bytes);
        let mut options = options();
        options.scope = Scope::All;
        let scene = screen.scene(&options);
        let (names, ..) = read_svg(&scene.svg());
        prop_assert!(names.iter().all(|name| ELEMENTS.contains(&name.as_str())), "{:?}", names);
        let html = scene.html();
        let tags = html.split('<').skip(1).map(|tag| tag.split([' ', '>']).next().unwrap());
        for tag in tags {
            prop_assert!(["pre", "/pre", "span", "/span", "a", "/a"].contains(&tag), "{}", tag);
        }
        let picture = Renderer::new().png(&scene, 0.5).unwrap();
        let (width, height, _) = pixels(&picture.png);
        prop_assert_eq!((width, height), (picture.width, picture.height));
    }
}
