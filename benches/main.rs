//! Measures vetty beside its peers, in turn and in one run, and prints a table.
//!
//! Usage: `cargo run --release -p vetty-benches [ROW...]`; without a name all rows; `pty` names all whose name begins so.
//! Linux only.

mod audit;
mod bulk;
mod confine;
mod executes;
mod isolate;
mod measure;
mod no_op;
mod pty;
mod remote;
mod screen;
mod spawn;
mod verdicts;

const ROWS: [(&str, fn()); 24] = [
    ("spawn", spawn::blocked),
    ("storm", spawn::storm),
    ("executes", executes::storm),
    ("ticker", executes::ticker),
    ("audit", audit::executes),
    ("audit-redaction", audit::redaction),
    ("bulk", bulk::bulk),
    ("confine", confine::confine),
    ("isolate", isolate::isolate),
    ("verdicts", verdicts::verdicts),
    ("pty-calls", pty::calls),
    ("pty-runs", pty::runs),
    ("pty-echo", pty::echo),
    ("pty-throughput", pty::throughput),
    ("pty-slow-reader", pty::slow_reader),
    ("pty-never-reads", pty::never_reads),
    ("pty-idle", pty::idle),
    ("remote-execute", remote::execute),
    ("remote-bulk", remote::bulk),
    ("remote-flood", remote::flood),
    ("remote-terminals", remote::terminals),
    ("pty-screen", pty::screens),
    ("screen", screen::throughput),
    ("screen-bounds", screen::bounds),
    ("screen-pictures", screen::pictures),
    ("screen-recording", screen::recording),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted == [bulk::WRITER] {
        return bulk::write_a_gigabyte();
    }
    if let [argument, who] = &wanted[..]
        && argument == pty::COUNTED
    {
        return pty::hold(who);
    }
    let names = |wanted: &str, row: &str| {
        row.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    if let [screen::HEAP, kind] = wanted.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return screen::print_heap(kind);
    }
    for name in &wanted {
        assert!(ROWS.iter().any(|(row, _)| names(name, row)), "no such row: {name}");
    }
    println!("| what | vetty | peer | vetty / peer |\n| --- | --- | --- | --- |");
    for (name, measure) in ROWS {
        if wanted.is_empty() || wanted.iter().any(|wanted| names(wanted, name)) {
            measure();
        }
    }
}
