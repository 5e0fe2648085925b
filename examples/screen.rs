//! Programs that take the whole screen, driven by what they show: vim, less, htop (or top, where there is no htop).
//!
//! `cargo run --release --example screen`

use std::time::Duration;

use vetty::regex::Regex;
use vetty::{Policy, Terminal, Wait};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("screen-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let policy = Policy::builder()
        .workspace(folder.to_string_lossy())
        .allow("vim *")
        .allow("less *")
        .allow("htop")
        .allow("top")
        .env_set("HOME", folder.to_string_lossy())
        .env_set("LESSHISTFILE", "-")
        .build()?;
    let terminal = Terminal::new(policy);

    let vim = terminal.command("vim -N -u NONE -n list").open().await?;
    vim.wait(Wait::text(r#""list" [New]"#)).await?;
    vim.press(["i"]).await?;
    let items: String = (1..=100).map(|number| format!("item {number}\n")).collect();
    vim.paste(&items).await?;
    vim.wait(Wait::text("item 100")).await?;
    vim.press(["Escape"]).await?;
    vim.wait(Wait::gone("-- INSERT --")).await?;
    vim.send_until(":x\n", Wait::exit()).await?;
    println!("vim wrote {} bytes", std::fs::metadata(folder.join("list"))?.len());

    let less = terminal.command("less list").open().await?;
    less.wait(Wait::text("item 1")).await?;
    less.send_until("/item 42\n", Wait::text(Regex::new("^item 60$")?)).await?;
    println!("less found {:?} and shows it in its first row", less.screen()?.lines()[0]);
    less.press(["q"]).await?;
    less.exited().await;

    let monitor = if terminal.check("htop").allowed { "htop" } else { "top" };
    let monitor = terminal.command(monitor).open().await?;
    monitor.wait(Wait::text(Regex::new("PID +USER")?)).await?;
    monitor.wait(Wait::settled(Duration::from_millis(100))).await?;
    println!("{}", monitor.screen()?.lines()[..8].join("\n"));
    monitor.press(["q"]).await?;
    monitor.exited().await;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
