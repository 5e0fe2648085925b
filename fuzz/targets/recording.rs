//! Any file is read to its end or refused, and what was read is written and read again as the same. The screen that it
//! leaves can be drawn.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vetty_screen::Config;
use vetty_screen::recording::{Reader, Replay, What, Writer};
use vetty_screen::render::RenderOptions;

fuzz_target!(|file: &[u8]| {
    let Ok(mut reader) = Reader::new(file) else {
        return;
    };
    let header = reader.header().clone();
    let mut writer = Writer::new(&header, u64::MAX);
    let mut events = Vec::new();
    for event in reader.by_ref().map_while(Result::ok) {
        match &event.what {
            What::Output(text) => writer.output(event.at, text.as_bytes()),
            What::Input(text) => writer.input(event.at, text.as_bytes()),
            What::Resize(size) => writer.resize(event.at, *size),
            What::Marker(label) => writer.marker(event.at, label),
            _ => continue,
        }
        let is_empty = matches!(&event.what, What::Output(text) | What::Input(text) if text.is_empty());
        if !is_empty {
            events.push(event);
        }
    }
    let written = writer.take();
    let again = Reader::new(&written[..]).expect("what was written has a header");
    assert_eq!(again.header(), &header);
    let again: Vec<_> = again.map(|event| event.expect("what was written is read")).collect();
    assert_eq!(again, events);

    // Sizes of a thousand rows are slow to draw and nothing else.
    let cells = u32::from(header.size.cols) * u32::from(header.size.rows);
    let resized = events.iter().any(|event| matches!(event.what, What::Resize(_)));
    if cells <= 10_000 && !resized {
        let reader = Reader::new(&written[..]).expect("read before");
        let mut replay = Replay::new(reader, Config::default());
        replay.advance_to(std::time::Duration::MAX).expect("read before");
        let scene = replay.screen().scene(&RenderOptions::default());
        assert!(scene.svg().ends_with("</svg>\n") && scene.html().ends_with("</pre>\n"));
    }
});
