//! A program on pipes: its output as a stream while it runs, its input written from here.
//!
//! `cargo run --release --example stream`

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;
use vetty::{Policy, Source, Terminal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let terminal = Terminal::new(Policy::builder().allow("cat").allow("ls *").build()?);

    let mut process = terminal.command("cat").stdin_pipe().spawn().await?;
    let mut input = process.stdin.take().ok_or("the program has no input")?;
    let writer = tokio::spawn(async move {
        for line in ["one\n", "two\n", "three\n"] {
            input.write_all(line.as_bytes()).await?;
        }
        // Its drop is the end of input, and `cat` exits.
        Ok::<_, std::io::Error>(())
    });
    while let Some(chunk) = process.next().await {
        let chunk = chunk?;
        println!("{:?}: {:?}", chunk.source, String::from_utf8_lossy(&chunk.data));
    }
    writer.await??;
    let output = process.wait().await?;
    println!("{} after {} bytes", output.exit, output.stdout_bytes);

    // Both streams of one program, told apart. An exit code other than 0 is no error.
    let mut process = terminal.command("ls . no-such-file").spawn().await?;
    while let Some(chunk) = process.next().await {
        let chunk = chunk?;
        let name = if chunk.source == Source::Stdout { "out" } else { "err" };
        for line in String::from_utf8_lossy(&chunk.data).lines() {
            println!("{name} | {line}");
        }
    }
    println!("{}", process.wait().await?.exit);
    Ok(())
}
