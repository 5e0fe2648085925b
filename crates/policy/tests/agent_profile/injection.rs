//! No way to make a tool run, write or read something else gets through that a filter can see.

use crate::machine::{host, judge, open_policy};
use vetty_policy::{CommandInput, Policy, Profile, Request};

/// Rows whose words are harmless: what they do lies in files. A sandbox confines it, and inserted arguments harden it.
const IN_FILES: [&str; 13] = [
    "AI014", "AI016", "AI017", "AI018", "AI303", "AI306", "AI308", "AI313", "AI317", "AI319", "AI106",
    "AI194", "AI352",
];

struct Row {
    id: String,
    argv: Vec<String>,
    refuted: bool,
}

fn rows() -> Vec<Row> {
    let text = include_str!("../../../../tests/corpus/argument-injection.tsv");
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let read = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let argv: Vec<String> = serde_json::from_str(columns[4]).unwrap();
        let places = [
            ("{PAYLOAD}", "/payload/mark"),
            ("{SECRETDIR}", "/secrets"),
            ("{SECRET}", "/secrets/secret"),
            ("{OUTDIR}", "/outside"),
            ("{OUT}", "/outside/new"),
            ("{HOSTIP}", "127.0.0.1"),
            ("{PORT}", "8080"),
            ("{HOST}", "127.0.0.1:8080"),
            ("{UNIXSOCK}", "/outside/socket"),
        ];
        let fill = |word: String| places.iter().fold(word, |word, (name, place)| word.replace(name, place));
        Row {
            id: columns[0].to_owned(),
            argv: argv.into_iter().map(fill).collect(),
            refuted: columns[7] == "refuted",
        }
    };
    lines.map(read).collect()
}

fn passing(policy: &Policy) -> Vec<String> {
    let host = host();
    let passes = |row: &Row| {
        let request = Request { command: CommandInput::Argv(&row.argv), ..Request::new("") };
        judge(policy, &host, &request).is_ok()
    };
    let decidable = |row: &Row| !row.refuted && !IN_FILES.contains(&row.id.as_str());
    rows()
        .iter()
        .filter(|row| decidable(row) && passes(row))
        .map(|row| format!("{} {:?}", row.id, row.argv))
        .collect()
}

#[test]
fn no_row_passes_where_everything_is_allowed() {
    let passing = passing(&open_policy().build_on(&host()).unwrap());
    assert!(passing.is_empty(), "{} pass:\n{}", passing.len(), passing.join("\n"));
}

#[test]
fn no_row_passes_where_its_tool_is_allowed() {
    let mut policy = Policy::builder().workspace("/home/agent/project").profile(Profile::Agent);
    for row in rows() {
        policy = policy.allow(format!("{} *", row.argv[0]));
    }
    let passing = passing(&policy.build_on(&host()).unwrap());
    assert!(passing.is_empty(), "{} pass:\n{}", passing.len(), passing.join("\n"));
}

#[test]
fn every_row_left_out_is_there() {
    let rows = rows();
    assert!(IN_FILES.iter().all(|id| rows.iter().any(|row| row.id == *id)));
    assert!(rows.len() > 250);
}
