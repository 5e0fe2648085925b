//! Measures vetty beside its peers, in turn and in one run, and prints a table.
//!
//! Usage: `cargo run --release -p vetty-benches [ROW...]`; without a name all rows. Linux only.

mod bulk;
mod executes;
mod measure;
mod no_op;
mod screen;
mod spawn;
mod verdicts;

const ROWS: [(&str, fn()); 8] = [
    ("spawn", spawn::blocked),
    ("storm", spawn::storm),
    ("executes", executes::storm),
    ("ticker", executes::ticker),
    ("bulk", bulk::bulk),
    ("verdicts", verdicts::verdicts),
    ("screen", screen::throughput),
    ("screen-bounds", screen::bounds),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted == [bulk::WRITER] {
        return bulk::write_a_gigabyte();
    }
    if let [screen::HEAP, kind] = wanted.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return screen::print_heap(kind);
    }
    for name in &wanted {
        assert!(ROWS.iter().any(|(row, _)| row == name), "no such row: {name}");
    }
    println!("| what | vetty | peer | vetty / peer |\n| --- | --- | --- | --- |");
    for (name, measure) in ROWS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            measure();
        }
    }
}
