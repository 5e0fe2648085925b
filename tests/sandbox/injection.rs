//! Options and files that make a permitted tool do something else (the corpus of argument injections), with the filter
//! opened wide: confined, none of them reaches anything outside.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use futures_util::StreamExt;
use serde_json::{Value, json};
use vetty::Error;

use crate::place::{Place, search};

const CORPUS: &str = include_str!("../corpus/argument-injection.tsv");

/// What the secret files hold, and a name in the secret directory.
const SECRET: &str = "not-for-you-7d1e";

struct Row {
    id: &'static str,
    tool: &'static str,
    argv: Vec<String>,
    setup: String,
}

/// Those that are known to do what they should not.
fn rows() -> impl Iterator<Item = Row> {
    let lines = CORPUS.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let harms = ["write", "read", "net", "exec", "env"].contains(&fields[3]);
        (fields[7] == "yes" && harms).then(|| Row {
            id: fields[0],
            tool: fields[1],
            argv: serde_json::from_str(fields[4]).expect("an array"),
            setup: serde_json::from_str(fields[6]).expect("a string"),
        })
    })
}

/// What one row is aimed at.
struct Target {
    place: Place,
    tcp: TcpListener,
    unix: UnixListener,
    before: BTreeMap<PathBuf, Vec<u8>>,
}

impl Target {
    fn new() -> Target {
        let place = Place::new();
        fs::remove_file(place.workspace().join("own")).expect("removed");
        let payload = place.program().replace("probe", "payload");
        let marker = place.outside("marker");
        // Granted for execution: what it does is what must not be.
        fs::write(&payload, format!("#!/bin/sh\necho ran > {marker}\ncat {}\n", place.outside("secret")))
            .expect("written");
        fs::set_permissions(&payload, PermissionsExt::from_mode(0o755)).expect("set");
        fs::write(place.outside("secret"), format!("{SECRET}\n")).expect("written");
        for directory in ["secrets", "out-directory"] {
            fs::create_dir(place.outside(directory)).expect("made");
        }
        fs::write(place.outside("secrets").to_owned() + "/" + SECRET, SECRET).expect("written");
        fs::write(place.outside("secrets/secret"), SECRET).expect("written");
        let tcp = TcpListener::bind("127.0.0.1:0").expect("bound");
        let unix = UnixListener::bind(place.outside("socket")).expect("bound");
        tcp.set_nonblocking(true).expect("set");
        unix.set_nonblocking(true).expect("set");
        Target { place, tcp, unix, before: BTreeMap::new() }
    }

    fn aim(&self, text: &str) -> String {
        let address = self.tcp.local_addr().expect("an address");
        text.replace("{PAYLOAD}", &self.place.program().replace("probe", "payload"))
            .replace("{SECRETDIR}", &self.place.outside("secrets"))
            .replace("{SECRET}", &self.place.outside("secret"))
            .replace("{OUTDIR}", &self.place.outside("out-directory"))
            .replace("{OUT}", &self.place.outside("out"))
            .replace("{HOSTIP}", "127.0.0.1")
            .replace("{HOST}", &address.to_string())
            .replace("{PORT}", &address.port().to_string())
            .replace("{UNIXSOCK}", &self.place.outside("socket"))
    }

    fn set_up(&mut self, row: &Row) {
        let mut shell = Command::new("sh");
        shell.args(["-c", &self.aim(&row.setup)]).current_dir(self.place.workspace());
        shell.env("HOME", self.place.workspace()).stdin(Stdio::null());
        // Some rows prepare what this machine lacks; they then do nothing.
        let output = shell.output().expect("a shell starts");
        drop(output);
        self.before = self.outside();
    }

    fn outside(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut waiting = vec![PathBuf::from(self.place.outside(""))];
        while let Some(directory) = waiting.pop() {
            for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
                let kind = entry.file_type().expect("a file has a type");
                if kind.is_dir() {
                    waiting.push(entry.path());
                }
                let content = if kind.is_file() { read(&entry.path()) } else { Vec::new() };
                found.insert(entry.path(), content);
            }
        }
        found
    }

    /// What was reached, if anything was.
    fn reached(&self, output: &str) -> Option<&'static str> {
        if self.tcp.accept().is_ok() || self.unix.accept().is_ok() {
            return Some("a connection");
        }
        if output.contains(SECRET) {
            return Some("the secret in the output");
        }
        (self.outside() != self.before).then_some("a change outside")
    }
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_default()
}

enum End {
    Missing,
    Refused,
    Ran(Option<&'static str>),
}

async fn run(row: Row, level: &str) -> (Row, End) {
    let mut target = Target::new();
    let argv: Vec<String> = row.argv.iter().map(|word| target.aim(word)).collect();
    if !argv[0].contains('/') && search(&argv[0]).is_none() {
        return (row, End::Missing);
    }
    target.set_up(&row);
    let changes: Value = json!({
        "commands": { "dotDot": "resolve", "killGrace": 100, "noShell": true },
        "env": { "allow": ["PATH"], "set": { "HOME": target.place.workspace(), "TERM": "dumb" } },
        "sandbox": { "level": level },
        "limits": { "wall": 8000 },
    });
    let result = target.place.terminal(changes).execute(argv).await;
    let output = match &result {
        Ok(output) | Err(Error::Timeout { output, .. }) => Arc::clone(output),
        Err(Error::Refused(_)) => return (row, End::Refused),
        // Not even started: by the program's place, or by what interprets it.
        Err(_) => return (row, End::Ran(target.reached(""))),
    };
    let text = format!("{}{}", output.stdout_text(), output.stderr_text());
    let reached = target.reached(&text);
    (row, End::Ran(reached))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_injected_option_reaches_outside() {
    none_reaches_outside("confine").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_injected_option_reaches_outside_of_an_isolated_one() {
    none_reaches_outside("isolate").await;
}

async fn none_reaches_outside(level: &str) {
    if std::env::var_os("VETTY_TEST_COPY").is_some() {
        println!("skipped: once is enough");
        return;
    }
    let (mut ran, mut missing, mut refused, mut wrong) = (0, 0, 0, Vec::new());
    let mut ends = futures_util::stream::iter(rows()).map(|row| run(row, level)).buffer_unordered(6);
    while let Some((row, end)) = ends.next().await {
        match end {
            End::Missing => missing += 1,
            End::Refused => refused += 1,
            End::Ran(None) => ran += 1,
            End::Ran(Some(what)) => wrong.push(format!("{} {}: {what}", row.id, row.tool)),
        }
    }
    println!("{ran} ran, {missing} are not installed, {refused} the filter refuses as it is");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(ran > 50, "{ran} are too few to tell");
}

/// Else the rows above might prove nothing. Of those, the tools that everybody has, and that do no harm elsewhere.
#[tokio::test]
async fn unconfined_the_same_options_do() {
    let tools = ["find", "tar", "sed", "awk", "sort", "grep", "tee", "ls"];
    let mut reached = 0;
    for row in rows().filter(|row| tools.contains(&row.tool)) {
        if let (_, End::Ran(Some(_))) = run(row, "filter").await {
            reached += 1;
        }
    }
    assert!(reached > 15, "{reached}");
}
