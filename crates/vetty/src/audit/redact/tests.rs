//! What must be hidden is, whatever pieces it comes in, and what need not be stays.

use std::sync::OnceLock;

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Redactor, check_pattern};

fn redactor() -> Redactor {
    static MADE: OnceLock<Redactor> = OnceLock::new();
    let make = || {
        let values = ["correct horse battery".to_owned(), "pässwörd".to_owned()];
        Redactor::new(&values, &["id=([0-9]{4,8});".to_owned(), "(?m)^end$".to_owned()])
    };
    MADE.get_or_init(|| make().expect("they compile")).clone()
}

fn whole(redactor: &Redactor, text: &[u8]) -> Vec<u8> {
    let mut stream = redactor.stream();
    let mut out = stream.push(text);
    out.extend(stream.finish());
    out
}

/// One of each shape, made here so that none of them stands in a file.
fn secrets() -> Vec<String> {
    let x = |count: usize| "aB3dE5gH7".chars().cycle().take(count).collect::<String>();
    let upper = |count: usize| "ABC234XYZ".chars().cycle().take(count).collect::<String>();
    vec![
        format!("ghp_{}", x(36)),
        format!("github_pat_{}", x(60)),
        format!("glpat-{}", x(20)),
        format!("AKIA{}", upper(16)),
        format!("AIza{}", x(35)),
        format!("sk-ant-{}", x(80)),
        format!("sk_live_{}", x(24)),
        format!("xoxb-{}", x(40)),
        format!("npm_{}", x(36)),
        format!("pypi-{}", x(100)),
        format!("hf_{}", x(34)),
        format!("SG.{}.{}", x(22), x(43)),
        format!("eyJ{}.eyJ{}.{}", x(30), x(60), x(43)),
        format!("AGE-SECRET-KEY-1{}", upper(58)),
        "correct horse battery".to_owned(),
        "pässwörd".to_owned(),
    ]
}

#[test]
fn each_known_shape_is_hidden() {
    let redactor = redactor();
    for secret in secrets() {
        let text = format!("before {secret} after\n{secret}");
        let hidden = redactor.text(&text);
        assert_eq!(hidden, "before [redacted] after\n[redacted]", "{secret}");
    }
}

#[test]
fn what_stands_around_a_secret_stays() {
    let redactor = redactor();
    for (text, expected) in [
        ("git clone https://me:hunter2@example.org/x", "git clone https://me:[redacted]@example.org/x"),
        ("Authorization: Bearer abcdefgh.123", "Authorization: Bearer [redacted]"),
        (
            "aws_secret_access_key = abcdefghijklmnopqrstuvwxyz0123456789ABCD\n",
            "aws_secret_access_key = [redacted]\n",
        ),
        ("id=12345; id=12345678; id=1;", "id=[redacted]; id=[redacted]; id=1;"),
        ("a\nend\nb end", "a\n[redacted]\nb end"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIabc+/=\nxyz\n-----END RSA PRIVATE KEY-----\n",
            "-----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY-----\n",
        ),
    ] {
        let hidden = redactor.text(text);
        assert_eq!(hidden.replace("[redacted] ", "[redacted]"), expected, "{text}");
    }
}

#[test]
fn text_without_secrets_stays_as_it_is() {
    let redactor = redactor();
    let text = include_str!("stream.rs");
    for text in
        [text, "task-force risk-free ask-me sk- eyJ gh ghp_ ghp_short http://a:b c@d a://b:c@", "", "g"]
    {
        assert_eq!(redactor.text(text), text);
    }
}

#[test]
fn nothing_is_held_that_can_begin_no_secret() {
    let redactor = redactor();
    for prompt in ["$ ", "Password: ", "Continue? [y/N] ", ">>> ", "login:"] {
        assert_eq!(redactor.stream().push(prompt.as_bytes()), prompt.as_bytes());
    }
    let mut stream = redactor.stream();
    assert_eq!(stream.push(b"x gh"), b"x ");
    assert_eq!(stream.push(b"ost"), b"ghost");
}

#[test]
fn words_behind_an_option_that_says_secret_are_hidden() {
    let argv = [
        "tool",
        "--password",
        "hunter2",
        "--api_key=abc",
        "--tokens",
        "3",
        "--token",
        "--other",
        "x",
        "TOKEN=y",
        "--no-password",
        "z",
    ];
    let argv = argv.map(str::to_owned);
    let hidden = redactor().argv(&argv);
    assert_eq!(
        hidden,
        [
            "tool",
            "--password",
            "[redacted]",
            "--api_key=[redacted]",
            "--tokens",
            "3",
            "--token",
            "--other",
            "x",
            "TOKEN=[redacted]",
            "--no-password",
            "z",
        ]
    );
}

#[test]
fn a_match_without_an_end_is_hidden_and_costs_no_more_memory() {
    let redactor = Redactor::new(&[], &["start.*stop".to_owned()]).expect("it compiles");
    let mut stream = redactor.stream();
    let mut out = stream.push(b"start");
    for _ in 0..100 {
        out.extend(stream.push(&[b'x'; 10_000]));
        assert!(stream.state.held() <= 3 * 64 * 1024, "{}", stream.state.held());
    }
    out.extend(stream.push(b"\nvisible"));
    out.extend(stream.finish());
    let text = String::from_utf8(out).expect("ASCII");
    assert!(text.starts_with("[redacted]") && text.ends_with("\nvisible"), "{}", text.len());
    assert!(text.len() < 64 * 1024 + 100, "{}", text.len());
}

#[test]
fn values_of_variables_come_on_top() {
    let redactor = redactor();
    let further = redactor.with(vec!["s3cr3t-value".to_owned(), "short".to_owned()]);
    assert_eq!(further.text("a s3cr3t-value short"), "a [redacted] short");
    assert_eq!(redactor.text("a s3cr3t-value short"), "a s3cr3t-value short");
}

#[test]
fn a_pattern_that_cannot_be_used_is_told() {
    for pattern in ["(", "a*", "", "x|", "[", "^", "a{1000}{1000}{1000}"] {
        assert!(check_pattern(pattern).is_err(), "{pattern}");
    }
    for pattern in ["a+", "^x", r"\bsecret-\w+", "(?i)key"] {
        assert_eq!(check_pattern(pattern), Ok(()), "{pattern}");
    }
}

/// Text in which secrets begin, end, are cut off and touch.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(secrets()).prop_map(String::into_bytes),
        4 => (prop::sample::select(secrets()), 0usize..40).prop_map(|(text, cut)| {
            text.into_bytes().into_iter().take(cut).collect()
        }),
        2 => prop::sample::select(vec!["id=123456;", "id=12", "end", "\nend\n", "://a:b@", "sk-", " ", "\n", "eyJ", "-----BEGIN PRIVATE KEY-----"])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..20),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn pieces_give_what_the_whole_gives(text in noise(), cuts in vec(1usize..40, 0..60)) {
        let redactor = redactor();
        let mut stream = redactor.stream();
        let (mut out, mut at) = (Vec::new(), 0);
        for cut in cuts {
            let end = (at + cut).min(text.len());
            out.extend(stream.push(&text[at..end]));
            at = end;
        }
        out.extend(stream.push(&text[at..]));
        out.extend(stream.finish());
        prop_assert_eq!(out, whole(&redactor, &text));
    }

    #[test]
    fn no_secret_survives(before in noise(), secret in prop::sample::select(secrets()), cut in 1usize..30) {
        let redactor = redactor();
        let text = [&before, &b" "[..], secret.as_bytes(), b" after"].concat();
        let mut stream = redactor.stream();
        let mut out: Vec<u8> = text.chunks(cut).flat_map(|piece| stream.push(piece)).collect();
        out.extend(stream.finish());
        let shown = String::from_utf8_lossy(&out);
        prop_assert!(!shown.ends_with(&format!("{secret} after")), "{shown}");
    }

    #[test]
    fn what_an_engine_that_sees_all_would_find_is_hidden(text in "[abcx]{0,60}") {
        // Alternatives that overlap: the union of all matches is what is hidden.
        static MADE: OnceLock<(Redactor, [regex::Regex; 3])> = OnceLock::new();
        let (redactor, anchored) = MADE.get_or_init(|| {
            let patterns = ["ab+c", "bca", "x[ab]{2,4}x"];
            let redactor = Redactor::new(&[], &patterns.map(str::to_owned)).expect("they compile");
            let anchored = |pattern| regex::Regex::new(&format!("^(?:{pattern})$")).expect("it compiles");
            (redactor, patterns.map(anchored))
        });
        let mut hidden = vec![false; text.len()];
        for anchored in anchored {
            for start in 0..text.len() {
                for end in start + 1..=text.len() {
                    if anchored.is_match(&text[start..end]) {
                        hidden[start..end].fill(true);
                    }
                }
            }
        }
        let mut expected = String::new();
        let mut within = false;
        for (index, byte) in text.chars().enumerate() {
            match (hidden[index], within) {
                (true, false) => expected.push_str("[redacted]"),
                (true, true) => {}
                (false, _) => expected.push(byte),
            }
            within = hidden[index];
        }
        prop_assert_eq!(redactor.text(&text), expected);
    }
}
