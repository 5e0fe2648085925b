//! Pictures of a full screen, and what a recording costs.

use std::hint::black_box;
use std::time::Duration;

use vetty_screen::recording::{Format, Header, Reader, Writer};
use vetty_screen::render::{RenderOptions, Renderer};
use vetty_screen::{Config, Screen, Size};

use super::{BYTES, CHUNK, ROUNDS, output};
use crate::measure::{cpu_timed, median, row};

/// Pictures that are made before the warm one is measured, and then.
const WARM: usize = 20;

fn screen(kind: &str) -> Screen {
    let (cols, rows) = (100, 30);
    let all = output::all(1 << 20, cols, rows);
    let (_, text) = all.iter().find(|(name, _)| *name == kind).expect("a kind of output");
    let mut screen = Screen::new(Size::new(cols, rows), Config::default());
    screen.feed(text.as_bytes());
    screen
}

fn line(what: &str, kind: &str, micros: f64, target: Option<f64>) {
    let (target_text, ratio) = match target {
        Some(target) => (format!("{target:.0} ms wanted"), micros / 1e3 / target),
        None => (String::new(), f64::NAN),
    };
    row(&format!("{what} of 100x30, {kind}, CPU"), format!("{:.2} ms", micros / 1e3), target_text, ratio);
}

/// PNG with a new renderer and with one that has drawn before, and SVG; of a screen of program output and of the worst,
/// where each cell has colours of its own.
pub fn pictures() {
    for kind in ["TUI motion", "dense SGR"] {
        let screen = screen(kind);
        let options = RenderOptions::default();
        let (mut cold, mut warm, mut svg) = (Vec::new(), Vec::new(), Vec::new());
        let mut bytes = 0;
        for _ in 0..ROUNDS {
            let mut renderer = None;
            cold.push(cpu_timed(|| {
                let renderer = renderer.insert(Renderer::new());
                bytes = renderer.png(&screen.scene(&options), 1.0).expect("a picture").png.len();
            }));
            let renderer = renderer.as_mut().expect("made above");
            for _ in 0..WARM {
                warm.push(cpu_timed(|| {
                    black_box(renderer.png(&screen.scene(&options), 1.0).expect("a picture"));
                }));
            }
            svg.push(cpu_timed(|| drop(black_box(screen.svg(&options)))));
        }
        line("PNG, the first,", kind, median(cold), Some(20.0));
        line("PNG, a later one,", kind, median(warm), Some(5.0));
        line("SVG", kind, median(svg), None);
        row(&format!("bytes of that PNG, {kind}"), format!("{} kB", bytes / 1000), String::new(), f64::NAN);
    }
}

/// Lines of a recording written and read, by kind of output; beside it the screen that is fed the same.
pub fn recording() {
    for (kind, text) in output::all(BYTES, 80, 24) {
        let (mut written, mut read, mut fed) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let mut file = Vec::with_capacity(BYTES * 3);
            written.push(cpu_timed(|| {
                let mut writer = Writer::new(&Header::new(Format::AsciicastV2, Size::default()), u64::MAX);
                for chunk in text.as_bytes().chunks(CHUNK) {
                    writer.output(Duration::from_millis(1), chunk);
                    file.extend_from_slice(&writer.take());
                }
            }));
            read.push(cpu_timed(|| {
                let events = Reader::new(&file[..]).expect("a header").map(|event| event.expect("an event"));
                black_box(events.count());
            }));
            let mut screen = Screen::new(Size::default(), Config::default());
            fed.push(cpu_timed(|| text.as_bytes().chunks(CHUNK).for_each(|chunk| screen.feed(chunk))));
        }
        let rate = |times: Vec<f64>| text.len() as f64 / median(times);
        let (written, read, fed) = (rate(written), rate(read), rate(fed));
        let screen = format!("the screen {fed:.0}");
        row(
            &format!("recorded, {kind}, MB a CPU second"),
            format!("{written:.0}"),
            screen.clone(),
            written / fed,
        );
        row(&format!("a recording read, {kind}, MB a CPU second"), format!("{read:.0}"), screen, read / fed);
    }
}
