//! Any text is split or refused, and what was split can be quoted again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vetty_policy::CommandLine;

fuzz_target!(|line: &str| {
    if let Ok(parsed) = CommandLine::parse(line) {
        let again = CommandLine::parse(&CommandLine::quote(parsed.words())).expect("quoted words are a line");
        assert_eq!(again.words(), parsed.words());
    }
});
