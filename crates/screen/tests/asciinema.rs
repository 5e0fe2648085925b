//! asciinema's own program reads what we write.

mod output;

use std::process::{Command, Stdio};
use std::time::Duration;

use proptest::prelude::*;
use vetty_screen::recording::{Format, Header, Reader, What, Writer};
use vetty_screen::{Size, Theme};

proptest! {
    // Each case starts a program.
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn asciinema_prints_what_was_recorded(chunks in proptest::collection::vec(output::any(), 1..5)) {
        let mut header = Header::new(Format::AsciicastV2, Size::default());
        header.title = Some("\"a\" \\ title".to_owned());
        header.theme = Some(Theme::dark());
        let mut writer = Writer::new(&header, 1 << 20);
        for (number, chunk) in chunks.iter().enumerate() {
            let at = Duration::from_millis(number as u64);
            writer.output(at, chunk);
            writer.input(at, chunk);
            writer.marker(at, "here");
            writer.resize(at, Size::new(100, 30));
        }
        writer.finish(Duration::from_secs(1));
        let lines = writer.take();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording.cast");
        std::fs::write(&path, &lines).unwrap();
        // It asks for a terminal, which `script` gives it.
        let mut script = Command::new("script");
        script.args(["-qec", "asciinema cat recording.cast >printed", "/dev/null"]).current_dir(folder.path());
        script.env("LC_ALL", "C.UTF-8").env("HOME", folder.path()).env("SHELL", "/bin/sh").stdin(Stdio::null());
        let outcome = script.output().expect("script is installed");
        prop_assert!(
            outcome.status.success(),
            "is asciinema installed? See .ci/test-programs. {}",
            String::from_utf8_lossy(&outcome.stdout)
        );
        let printed = std::fs::read_to_string(folder.path().join("printed")).unwrap();
        let output = Reader::new(&lines[..]).unwrap().filter_map(|event| match event.unwrap().what {
            What::Output(text) => Some(text),
            _ => None,
        });
        let expected: String = output.collect();
        prop_assert_eq!(printed, expected);
    }
}
