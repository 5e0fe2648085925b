//! A program that tells what reached it, for the tests: leaves a file `started` where it runs, and writes the number of
//! its words, the words and the variables, each ended by NUL.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::fs::File::create_new("started")?;
    let words: Vec<_> = std::env::args_os().collect();
    let mut told = format!("{}\0", words.len()).into_bytes();
    for word in words {
        told.extend_from_slice(word.as_encoded_bytes());
        told.push(0);
    }
    for (name, value) in std::env::vars_os() {
        told.extend([name.as_encoded_bytes(), b"=", value.as_encoded_bytes(), b"\0"].concat());
    }
    std::io::stdout().write_all(&told)
}
