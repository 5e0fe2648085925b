//! Programs on a terminal, driven to their ends: the questions of `npm init`, and a Python prompt.
//!
//! `cargo run --release --example session`

use vetty::regex::bytes::Regex;
use vetty::{Policy, Terminal, Wait};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("session-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let policy = Policy::builder()
        .workspace(folder.to_string_lossy())
        .allow("npm init")
        .allow("python3 -q")
        .env_set("NO_UPDATE_NOTIFIER", "1")
        .build()?;
    let terminal = Terminal::new(policy);

    let npm = terminal.command("npm init").open().await?;
    let question = Wait::regex(Regex::new(r"([a-z ]+:|Is this OK\?)[^:?\n]*$")?);
    // Whatever it asks is answered, until it has ended.
    while let Some(found) = npm.wait(Wait::any([question.clone(), Wait::exit()])).await?.found {
        let asked = found.groups[0].as_deref().unwrap_or_default().trim_ascii();
        let answer = match asked {
            b"package name:" => "driven",
            b"description:" => "Made by a program",
            b"author:" => "Ada",
            _ => "",
        };
        npm.send(&format!("{answer}\n")).await?;
    }
    println!("npm init: {}", npm.exited().await);
    println!("{}", std::fs::read_to_string(folder.join("package.json"))?);

    let python = terminal.command("python3 -q").open().await?;
    python.wait(Wait::output(">>> ")).await?;
    let number = Wait::regex(Regex::new(r"\r\n(\d+)\r\n")?);
    if let Some(found) = python.send_until("print(6 * 7)\n", number).await?.found {
        println!("python3: {}", String::from_utf8_lossy(&found.bytes).trim());
    }
    python.send("exit(3)\n").await?;
    println!("python3: {}", python.exited().await);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
