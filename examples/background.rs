//! Programs in the background: started, listed, looked at, killed.
//!
//! `cargo run --release --example background`

use std::time::Duration;

use vetty::{Kill, Policy, Signal, Terminal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let workspace = tempfile::tempdir()?;
    let folder = workspace.path().to_str().ok_or("a folder's name is no UTF-8")?;
    // A program that does not end when it is asked to.
    let server = "trap 'echo not yet' TERM\necho ready\nwhile :; do sleep 0.1; done\n";
    std::fs::write(workspace.path().join("server.sh"), server)?;
    let policy = Policy::builder().workspace(folder).allow("sh server.sh").allow("sleep *").build()?;
    let terminal = Terminal::new(policy);

    // No limit of time: it runs until it is killed, or until the last `Terminal` is dropped.
    let server = terminal.command("sh server.sh").timeout(Duration::ZERO).start().await?;
    let sleeper = terminal.command("sleep 60").start().await?;
    while server.captured().stdout.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!("the server says {:?}", String::from_utf8_lossy(&server.captured().stdout));
    for listed in terminal.list() {
        println!("{} {:?} process {} running {}", listed.id, listed.argv, listed.pid, listed.running);
    }

    // The policy's signal is SIGTERM. It is heard, and ignored; half a second later comes SIGKILL.
    server.kill(Kill { signal: Some(Signal::TERM), grace: Some(Duration::from_millis(500)) });
    let output = server.wait().await;
    println!("the server: {} ({}), it said {:?}", output.reason.as_str(), output.exit, output.stdout_text());

    // Ends what is left, waits until it has, and refuses what comes.
    terminal.close().await;
    println!("the sleeper: {} ({})", sleeper.wait().await.reason.as_str(), sleeper.wait().await.exit);
    Ok(())
}
