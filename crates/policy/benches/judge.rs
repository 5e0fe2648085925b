//! What a judgement costs.
fn main() {
    divan::main();
}
