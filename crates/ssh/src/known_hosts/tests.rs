//! The known_hosts engine beside `ssh-keygen`, and against text that nobody would write.

use std::fmt::Write as _;
use std::process::Command;

use proptest::prelude::*;
use russh::keys::PublicKey;

use super::*;

const KEYS: [&str; 3] = [
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA6rWI3G1sz07DnfFlrouTcysQlj2P+jpNSOEWD9OJ3X",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ht8Z3j6yDWPBHQtOp/R9rjWvfMYo3MSA/K6q8D86r",
];

fn key(number: usize) -> PublicKey {
    PublicKey::from_openssh(KEYS[number]).unwrap()
}

fn known(lines: &[String]) -> KnownHosts {
    KnownHosts::parse(lines.join("\n").as_bytes())
}

/// The numbers of the lines that `ssh-keygen -F` lists, and their marks.
fn ssh_keygen(text: &str, name: &str, hash: bool) -> (Vec<(usize, Marker)>, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known_hosts");
    std::fs::write(&file, text).unwrap();
    if hash {
        let hashed = Command::new("ssh-keygen").arg("-H").arg("-f").arg(&file).output().unwrap();
        assert!(hashed.status.success(), "{hashed:?}");
    }
    let output = Command::new("ssh-keygen").arg("-F").arg(name).arg("-f").arg(&file).output().unwrap();
    let mut found = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.starts_with("# Host ")) {
        let line = line.split_once(" found: line ").unwrap().1.trim();
        let (number, mark) = line.split_once(' ').unwrap_or((line, ""));
        let marker = match mark {
            "REVOKED" => Marker::Revoked,
            "CA" => Marker::CertAuthority,
            _ => Marker::None,
        };
        found.push((number.parse().unwrap(), marker));
    }
    (found, std::fs::read_to_string(&file).unwrap())
}

fn ours(text: &str, name: &str) -> Vec<(usize, Marker)> {
    KnownHosts::parse(text.as_bytes()).find(name).map(|(place, marker)| (place.line, marker)).collect()
}

#[test]
fn any_of_several_keys_of_a_host_will_do() {
    let known = known(&[format!("a {}", KEYS[0]), format!("a {}", KEYS[1])]);
    assert!(matches!(known.check("a", 22, &key(1)), Answer::Known(place) if place.line == 2));
    assert!(matches!(known.check("A", 22, &key(0)), Answer::Known(_)));
    assert!(matches!(known.check("a", 22, &key(2)), Answer::Changed(places) if places.len() == 2));
    assert_eq!(known.check("b", 22, &key(0)), Answer::Unknown);
}

#[test]
fn a_revoked_key_is_refused_wherever_its_line_stands() {
    let known = known(&[format!("a {}", KEYS[0]), format!("@revoked * {}", KEYS[0])]);
    assert!(matches!(known.check("a", 22, &key(0)), Answer::Revoked(place) if place.line == 2));
    assert!(matches!(known.check("a", 2222, &key(0)), Answer::Revoked(_)));
}

#[test]
fn a_negated_pattern_rules_a_line_out() {
    let known = known(&[format!("*.example.com,!bad.example.com {}", KEYS[0])]);
    assert!(matches!(known.check("good.example.com", 22, &key(0)), Answer::Known(_)));
    assert_eq!(known.check("bad.example.com", 22, &key(0)), Answer::Unknown);
}

#[test]
fn a_port_has_its_own_lines_and_may_fall_back_to_the_host() {
    let known = known(&[format!("a {}", KEYS[0]), format!("[b]:2222 {}", KEYS[1]), format!("b {}", KEYS[0])]);
    assert!(matches!(known.check("a", 2222, &key(0)), Answer::Known(_)));
    assert_eq!(known.check("a", 2222, &key(1)), Answer::Unknown);
    assert!(matches!(known.check("b", 2222, &key(0)), Answer::Changed(_)));
    assert!(matches!(known.check("b", 2222, &key(1)), Answer::Known(_)));
    assert_eq!(known.check("b", 2222, &key(2)), Answer::Changed(vec![Place { file: "".into(), line: 2 }]));
}

#[test]
fn an_authority_is_no_key_of_a_host() {
    let known = known(&[format!("@cert-authority *.example.com {}", KEYS[0])]);
    assert_eq!(known.check("a.example.com", 22, &key(0)), Answer::Unknown);
    assert!(matches!(known.authority("a.example.com", 22, &key(0)), Answer::Known(_)));
    assert!(known.has_authority("a.example.com", 2222));
    assert_eq!(known.authority("a.example.com", 22, &key(1)), Answer::Unknown);
    assert!(!known.has_authority("a.example.org", 22));
}

#[test]
fn what_cannot_be_read_is_skipped_and_told() {
    let certificate = KEYS[0].replace("ssh-ed25519 ", "ssh-ed25519-cert-v01@openssh.com ");
    let lines = [
        "a".to_owned(),
        "a ssh-ed25519".to_owned(),
        "a ssh-ed25519 !!!".to_owned(),
        KEYS[0].replace("ssh-ed25519 ", "a ssh-rsa "),
        format!("@other a {}", KEYS[0]),
        format!("|2|x|y {}", KEYS[0]),
        format!("|1|x|y {}", KEYS[0]),
        format!("a {certificate}"),
        format!("{}x {}", "a".repeat(70_000), KEYS[0]),
        "# a comment".to_owned(),
        String::new(),
    ];
    let known = known(&lines);
    assert_eq!(known.skipped().len(), 9, "{:?}", known.skipped());
    assert_eq!(known.check("a", 22, &key(0)), Answer::Unknown);
}

#[test]
fn a_line_for_a_new_host_is_found_again() {
    for (host, port) in [("Host.example", 22), ("10.0.0.1", 2222), ("::1", 22)] {
        let known = KnownHosts::parse(known_hosts_line(host, port, &key(1)).unwrap().as_bytes());
        assert!(matches!(known.check(host, port, &key(1)), Answer::Known(_)), "{host}");
        assert_eq!(known.check(host, port + 1, &key(2)), Answer::Unknown);
    }
}

/// Names that are near each other, so that patterns meet them.
fn host() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ab]{1,3}(\\.[ab]{1,2}){0,2}",
        ("[ab]{1,2}(\\.[ab])?", prop_oneof![Just(22u16), Just(2222), Just(80)])
            .prop_map(|(host, port)| format!("[{host}]:{port}")),
    ]
}

fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![3 => host(), 2 => "!?[abAB*?.]{1,5}", 1 => "!?\\[[ab*?]{1,2}\\]:(22|2222|\\*)"]
}

fn line() -> impl Strategy<Value = String> {
    let marker =
        prop_oneof![5 => Just(""), 1 => Just("@revoked "), 1 => Just("@cert-authority "), 1 => Just("\t ")];
    let names = proptest::collection::vec(pattern(), 1..4).prop_map(|patterns| patterns.join(","));
    prop_oneof![
        8 => (marker, names, 0..KEYS.len(), prop_oneof![Just(""), Just(" a comment"), Just("\r")])
            .prop_map(|(marker, names, key, end)| format!("{marker}{names} {}{end}", KEYS[key])),
        1 => Just("# a".to_owned()),
        1 => Just("  ".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_lines_found_are_those_of_ssh_keygen(lines in proptest::collection::vec(line(), 1..8), name in host()) {
        let mut text = String::new();
        for line in &lines {
            writeln!(text, "{line}").unwrap();
        }
        let (theirs, _) = ssh_keygen(&text, &name, false);
        prop_assert_eq!(ours(&text, &name), theirs, "{} in\n{}", name, text);
    }

    #[test]
    fn hashed_lines_are_found_as_ssh_keygen_finds_them(
        hosts in proptest::collection::vec(host(), 1..6),
        name in host(),
    ) {
        let text: String = hosts.iter().map(|host| format!("{host} {}\n", KEYS[0])).collect();
        let (theirs, hashed) = ssh_keygen(&text, &name, true);
        prop_assert!(hashed.starts_with("|1|"));
        prop_assert_eq!(ours(&hashed, &name), theirs);
    }

    #[test]
    fn no_text_makes_it_panic_or_match_what_it_does_not_say(text in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let known = KnownHosts::parse(&text);
        prop_assert!(!matches!(known.check("host.example", 22, &key(0)), Answer::Known(_)));
    }

    #[test]
    fn a_pattern_matches_as_its_regular_expression_would(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
        // The plain definition, by recursion.
        fn slow(pattern: &[u8], text: &[u8]) -> bool {
            match pattern.split_first() {
                None => text.is_empty(),
                Some((b'*', rest)) => (0..=text.len()).any(|taken| slow(rest, &text[taken..])),
                Some((byte, rest)) => {
                    text.split_first().is_some_and(|(head, tail)| (*byte == b'?' || byte == head) && slow(rest, tail))
                }
            }
        }
        prop_assert_eq!(wildcard(&pattern, &text), slow(pattern.as_bytes(), text.as_bytes()));
    }
}
