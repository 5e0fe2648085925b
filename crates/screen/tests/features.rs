//! What a feature brings is in a program with it, and not in one without it.

use vetty_screen::{Config, Screen, Size};

fn contains(program: &[u8], name: &[u8]) -> bool {
    program.windows(name.len()).any(|window| window == name)
}

#[cfg(feature = "render")]
fn draw(screen: &Screen) {
    let options = vetty_screen::render::RenderOptions::default();
    let picture = vetty_screen::render::Renderer::new().png(&screen.scene(&options), 1.0);
    assert!(picture.is_ok_and(|picture| picture.missing == 0));
}

#[cfg(not(feature = "render"))]
fn draw(screen: &Screen) {
    assert_eq!(screen.lines(), ["text"]);
}

#[test]
fn fonts_and_pictures_are_in_a_program_with_render_alone() {
    let mut screen = Screen::new(Size::new(9, 1), Config::default());
    screen.feed(b"text");
    draw(&screen);
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    // The name of the fonts as their files spell it, and the crates for them and for PNG as symbols do; written backwards
    // here, so that they do not stand in this program by themselves.
    let backwards = |name: &str| name.chars().rev().collect::<String>();
    let font: Vec<u8> = backwards("onoM sniarBteJ").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let names = [font, backwards("etalfedf").into_bytes(), backwards("hsaws").into_bytes()];
    let found: Vec<bool> = names.iter().map(|name| contains(&program, name)).collect();
    assert_eq!(found, [cfg!(feature = "render"); 3]);
}
