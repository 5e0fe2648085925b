//! What a verdict costs, look-ups aside.

use std::ffi::OsString;

use vetty::Policy;
use vetty::policy::{CommandInput, Profile, Request};

use crate::measure::{median, row, timed};

fn judge(policy: &Policy, line: &str) -> bool {
    let none: &[(OsString, OsString)] = &[];
    let request = Request { command: CommandInput::Line(line), cwd: None, env: none, parent_env: none };
    std::hint::black_box(policy.judge(&request)).is_ok()
}

/// A permitted and a refused line.
pub fn verdicts() {
    let mut builder = Policy::builder().workspace("/tmp");
    for number in 0..25 {
        builder = builder
            .allow(format!("program{number} sub *"))
            .deny(format!("program{number} sub --flag{number} *"));
    }
    let policy = builder.build().expect("a valid policy");
    let line = "program24 sub one two three four five six seven eight";
    assert!(judge(&policy, line));
    let times =
        (0..50).map(|_| timed(|| (0..2000).for_each(|_| assert!(judge(&policy, line)))) / 2000.0).collect();
    let each = median(times);
    row(
        "a verdict on ten words against 50 rules, target 3 us",
        format!("{each:.2} us"),
        "3 us".to_owned(),
        each / 3.0,
    );

    // The tables are read once a process, by the first policy that has the profile.
    let mut built = None;
    let agent = || Policy::builder().workspace("/tmp").profile(Profile::Agent).allow_all();
    let loading = timed(|| built = agent().build().ok());
    row(
        "reading the profile, target 5 ms",
        format!("{loading:.0} us"),
        "5000 us".to_owned(),
        loading / 5000.0,
    );
    let policy = built.expect("a valid policy");
    let line = "git log --oneline --graph -n 20 --author=me src/main.rs docs/guide.md README.md";
    assert!(judge(&policy, line));
    let times =
        (0..50).map(|_| timed(|| (0..2000).for_each(|_| assert!(judge(&policy, line)))) / 2000.0).collect();
    let each = median(times);
    row(
        "a verdict on ten words with the profile, target 15 us",
        format!("{each:.2} us"),
        "15 us".to_owned(),
        each / 15.0,
    );

    let long = format!("program1 sub {}", "x".repeat(4 << 20));
    let times = (0..50).map(|_| timed(|| assert!(!judge(&policy, &long)))).collect();
    let each = median(times);
    row("a 4 MB line refused, target 1 ms", format!("{each:.1} us"), "1000 us".to_owned(), each / 1000.0);
}
