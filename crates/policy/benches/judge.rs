//! What a judgement costs: `cargo bench -p vetty-policy`.

use divan::{Bencher, black_box};
use vetty_policy::{FakeHost, Platform, Policy, Profile, Request};

fn main() {
    divan::main();
}

fn policy() -> Policy {
    let host = FakeHost::new(Platform::Linux, "/ws").search_path(["/usr/bin"]);
    let mut builder = Policy::builder().workspace("/ws").max_args(64);
    for i in 0..20 {
        builder = builder.allow(format!("tool{i} sub *")).deny(format!("tool{i} push --force *"));
    }
    for i in 0..4 {
        builder = builder.allow(format!("run{i} scripts/*.py")).deny(format!("mk{i}.*"));
    }
    builder.allow("git status *").allow("git log *").build_on(&host).expect("the patterns are valid")
}

/// Ten words against 50 rules; the last one permits.
#[divan::bench]
fn ten_words_against_fifty_rules(bencher: Bencher) {
    let policy = policy();
    let line = "git log --oneline --graph -n 20 --author=me src/main.rs docs/guide.md README.md";
    bencher.bench(|| policy.judge(black_box(&Request::new(line))).map(drop).is_ok());
}

/// Ten words against the whole built-in profile.
#[divan::bench(args = ["git log --oneline --graph -n 20 --author=me src/main.rs docs/guide.md README.md",
    "find . -type f -name *.rs -not -path ./target/* -newer README.md",
    "timeout 60 nice -n 5 env NODE_ENV=test npm run build",
    "sed -n -E -e 1,20p -e s/a/b/g a.txt b.txt c.txt"])]
fn ten_words_against_the_profile(bencher: Bencher, line: &str) {
    let host = FakeHost::new(Platform::Linux, "/ws").search_path(["/usr/bin"]);
    let policy = Policy::builder().workspace("/ws").profile(Profile::Agent).allow_all().build_on(&host);
    let policy = policy.expect("the profile is valid");
    policy.judge(&Request::new(line)).expect("it is harmless");
    bencher.bench(|| policy.judge(black_box(&Request::new(line))).map(drop).is_ok());
}

/// The same, with the look-ups on a host in memory.
#[divan::bench]
fn ten_words_bound(bencher: Bencher) {
    let host = FakeHost::new(Platform::Linux, "/ws").search_path(["/usr/bin"]).executable("/usr/bin/git");
    let policy = policy();
    let line = "git log --oneline --graph -n 20 --author=me src/main.rs docs/guide.md README.md";
    bencher
        .bench(|| policy.judge(black_box(&Request::new(line))).and_then(|vetted| vetted.bind(&host)).is_ok());
}

#[divan::bench]
fn a_line_of_four_megabytes_is_refused(bencher: Bencher) {
    let policy = policy();
    let line = format!("git {}", "x".repeat(4 << 20));
    bencher.bench(|| policy.judge(black_box(&Request::new(line.as_str()))).is_err());
}

/// The longest line that is read, of words as short as can be.
#[divan::bench]
fn a_line_of_one_megabyte_is_judged(bencher: Bencher) {
    let policy = policy();
    let line = "a ".repeat((1 << 19) - 1);
    bencher.bench(|| policy.judge(black_box(&Request::new(line.as_str()))).is_err());
}

/// An argument made to have as many parts and segments as it can.
#[divan::bench(args = ["a=", "../", "@", "-a", "{,}", "/", "a/..", "*a", "file:"])]
fn a_hostile_argument(bencher: Bencher, unit: &str) {
    let host = FakeHost::new(Platform::Linux, "/ws").search_path(["/usr/bin"]).executable("/usr/bin/cat");
    let policy = Policy::builder()
        .workspace("/ws")
        .allow("cat *")
        .deny("cat *a*a*a*b")
        .strict_args(vetty_policy::StrictArgs::Unquoted)
        .dot_dot(vetty_policy::DotDot::Resolve)
        .build_on(&host)
        .expect("the patterns are valid");
    let line = format!("cat {}", unit.repeat(120_000 / unit.len()));
    bencher.bench(|| {
        policy.judge(black_box(&Request::new(line.as_str()))).and_then(|vetted| vetted.bind(&host)).is_ok()
    });
}
