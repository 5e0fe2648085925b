//! Records a little show, then draws its end as PNG, SVG and HTML, and all of it as an animated SVG.
//!
//! `cargo run --release -p vetty-screen --features render --example picture -- FOLDER`; without a folder it is a new one
//! among the temporary files.

use std::path::PathBuf;
use std::time::Duration;

use vetty_screen::recording::{Format, Header, Reader, Replay, Writer};
use vetty_screen::render::{Animation, AnimationOptions, RenderOptions, Renderer};
use vetty_screen::{Config, Pattern, Scope, Size, Theme};

/// What a program prints, and after how many milliseconds.
fn show() -> Vec<(u64, String)> {
    let mut steps = vec![(0, "\x1b[1;34m~/project\x1b[m \x1b[32m❯\x1b[m ".to_owned())];
    steps.extend("make test".chars().map(|key| (70, key.to_string())));
    steps.push((400, "\r\n\x1b[?25l".to_owned()));
    for (at, frame) in "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏⠋⠙".chars().enumerate() {
        let done = "█".repeat(at + 1);
        let rest = "░".repeat(11 - at);
        steps.push((120, format!("\r\x1b[36m{frame}\x1b[m building \x1b[34m{done}\x1b[2m{rest}\x1b[m")));
    }
    let results = [
        ("parser", "\x1b[32m✓ 128 passed", "1.2 s"),
        ("screen", "\x1b[32m✓ 341 passed", "0.8 s"),
        ("replay", "\x1b[31m✗ 1 failed  ", "0.1 s"),
    ];
    steps.push((150, "\r\x1b[K\x1b[2m╭────────┬──────────────┬───────╮\x1b[m\r\n".to_owned()));
    for (name, result, time) in results {
        let bar = "\x1b[2m│\x1b[m";
        steps.push((
            250,
            format!("{bar} \x1b[1m{name}\x1b[m {bar} {result}\x1b[m {bar} \x1b[33m{time}\x1b[m {bar}\r\n"),
        ));
    }
    steps.push((100, "\x1b[2m╰────────┴──────────────┴───────╯\x1b[m\r\n".to_owned()));
    let error = "\x1b[1;31merror\x1b[m in \x1b[4:3;58;5;1mreplay_ends_early\x1b[m, see \x1b]8;;https://example.com/log\x07\x1b[4mthe log\x1b[m\x1b]8;;\x07\r\n";
    steps.push((300, error.to_owned()));
    steps.push((200, "\x1b[?25h\x1b[1;34m~/project\x1b[m \x1b[31m❯\x1b[m ".to_owned()));
    steps
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| std::env::temp_dir().join("vetty-pictures"));
    std::fs::create_dir_all(&folder)?;

    let mut header = Header::new(Format::AsciicastV3, Size::new(52, 9));
    header.title = Some("make test".to_owned());
    let mut writer = Writer::new(&header, 1 << 20);
    let mut now = Duration::ZERO;
    for (millis, text) in show() {
        now += Duration::from_millis(millis);
        writer.output(now, text.as_bytes());
    }
    writer.finish(now);
    let recording = writer.take();
    std::fs::write(folder.join("recording.cast"), &recording)?;

    let mut replay = Replay::new(Reader::new(&recording[..])?, Config::default());
    replay.advance_to(now)?;
    let screen = replay.screen();

    let mut options = RenderOptions::default();
    options.theme = Theme::named("nord");
    std::fs::write(folder.join("screen.svg"), screen.svg(&options))?;
    std::fs::write(folder.join("screen.html"), screen.html(&options))?;
    options.highlights = screen.search(&Pattern::Text("1 failed".to_owned()), Scope::Screen, 1);
    let picture = Renderer::new().png(&screen.scene(&options), 1.0)?;
    std::fs::write(folder.join("screen.png"), &picture.png)?;

    options.highlights.clear();
    let reader = Reader::new(&recording[..])?;
    let animation =
        Animation::of_recording(reader, Config::default(), &options, AnimationOptions::default())?;
    std::fs::write(folder.join("recording.svg"), animation.svg())?;

    println!(
        "{}x{} pixels, {} characters missing: {}",
        picture.width,
        picture.height,
        picture.missing,
        folder.display()
    );
    Ok(())
}
