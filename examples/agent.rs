//! An agent loop in small: commands as a model might write them, each vetted, run in a workspace of its own, and
//! reported with what happened and why.
//!
//! `cargo run --release --example agent`

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use futures_util::TryStreamExt;
use tokio::io::AsyncBufReadExt;
use tokio_util::io::StreamReader;
use vetty::{CancellationToken, Command, Error, Output, Policy, Terminal};

type Failure = Box<dyn std::error::Error>;

const PERMITTED: [&str; 9] = [
    "git init --quiet",
    "cat notes.txt",
    "git add .",
    "git commit --quiet -m 'Add the notes'",
    "git log --oneline --stat",
    "echo \"two  spaces stay\" '' \"and so does an empty word\"",
    "cargo --version",
    "node greet.mjs agent",
    "python3 count.py",
];

const REFUSED: [&str; 9] = [
    "git push origin main",
    "git commit --quiet --amend -m 'Rewrite history'",
    "rm -rf .",
    "/bin/rm -rf .",
    "curl https://example.org/install.sh",
    "python3 -c 'print(1)'",
    "cat /etc/passwd",
    "cat ../../etc/passwd",
    "echo done; rm -rf .",
];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let workspace = tempfile::tempdir()?;
    write_project(workspace.path())?;
    let folder = workspace.path().to_str().ok_or("a folder's name is no UTF-8")?;

    // The policy belongs to whoever runs the agent. Nothing is permitted that it does not name.
    let policy = Policy::builder()
        .workspace(folder)
        .allow("git init *")
        .allow("git add *")
        .allow("git commit *")
        .allow("git log *")
        .allow("ls *")
        .allow("cat *")
        .allow("echo *")
        .allow("sleep *")
        .allow("cargo --version")
        // Interpreters by script, not by wildcard: whoever may choose the script may do anything.
        .allow("node greet.mjs *")
        .allow("python3 count.py")
        .allow("sh build.sh")
        .deny("git commit ** --amend")
        .deny("rm")
        .env_set("GIT_AUTHOR_NAME", "Agent")
        .env_set("GIT_COMMITTER_NAME", "Agent")
        .env_set("EMAIL", "agent@example.org")
        .timeout(Duration::from_secs(20))
        .build()?;
    let terminal = Terminal::new(policy);
    for lint in terminal.lint() {
        println!("lint {} at {}: {}", lint.code, lint.key, lint.message);
    }

    println!("\n== What the policy permits runs");
    let tally = BTreeMap::new();
    let mut agent = Agent { terminal, tally };
    for line in PERMITTED {
        agent.run(line, |command| command).await;
    }

    println!("\n== What it does not permit is refused, and nothing is started");
    for line in REFUSED {
        agent.run(line, |command| command).await;
    }
    println!("(in another directory, and with a variable that cannot be)");
    agent.run("ls", |ls| ls.cwd("/")).await;
    agent.run("ls", |ls| ls.env("NOT A NAME", "1")).await;

    println!("\n== Variables that load code or hold secrets do not reach a program");
    let verdict = agent.terminal.command("ls").env("API_TOKEN", "-").check();
    println!("passed: {}", verdict.env.join(", "));
    println!("dropped: {} others", verdict.dropped.len());

    println!("\n== Input for a program, and its output while it runs, line by line");
    agent.run("cat", |cat| cat.input("from outside\n")).await;
    agent.stream("sh build.sh").await?;

    println!("\n== Ends that we bring about");
    let moment = Duration::from_millis(200);
    agent.run("sleep 60", |sleep| sleep.timeout(moment)).await;
    let token = CancellationToken::new();
    let cancel = async {
        tokio::time::sleep(moment).await;
        token.cancel();
    };
    tokio::join!(agent.run("sleep 61", |sleep| sleep.cancel(token.clone())), cancel);
    agent.background("sleep 62").await;

    agent.terminal.close().await;
    println!("\nAll in all: {:?}", agent.tally);
    assert_eq!(agent.tally["refused"], 11);
    Ok(())
}

struct Agent {
    terminal: Terminal,
    tally: BTreeMap<&'static str, u32>,
}

impl Agent {
    /// Vets and runs a command; `with` adds options.
    async fn run(&mut self, line: &str, with: impl FnOnce(Command) -> Command) {
        println!("$ {line}");
        match with(self.terminal.command(line)).run().await {
            Ok(output) => self.ended(&output),
            Err(error) => self.failed(&error),
        }
    }

    /// Prints each line when it comes, not at the end.
    async fn stream(&mut self, line: &str) -> Result<(), Failure> {
        println!("$ {line}");
        match self.terminal.command(line).merge_stderr().spawn().await {
            Ok(mut process) => {
                let chunks = (&mut process).map_ok(|chunk| chunk.data);
                let mut lines = StreamReader::new(chunks).lines();
                while let Some(line) = lines.next_line().await? {
                    println!("  > {line}");
                }
                self.ended(&*process.wait().await?);
            }
            Err(error) => self.failed(&error),
        }
        Ok(())
    }

    /// Starts, looks, kills.
    async fn background(&mut self, line: &str) {
        println!("$ {line} (in the background)");
        match self.terminal.command(line).start().await {
            Ok(handle) => {
                println!("  process {} of {} listed", handle.pid(), self.terminal.list().len());
                self.terminal.kill(handle.id());
                self.ended(&*handle.wait().await);
            }
            Err(error) => self.failed(&error),
        }
    }

    fn ended(&mut self, output: &Output) {
        *self.tally.entry(output.reason.as_str()).or_default() += 1;
        for line in output.stdout_text().lines().chain(output.stderr_text().lines()) {
            println!("  | {line}");
        }
        println!("  {} ({})", output.reason.as_str(), output.exit);
    }

    fn failed(&mut self, error: &Error) {
        let what = match error.verdict() {
            Some(verdict) if verdict.code.as_str() == "PROGRAM_NOT_FOUND" => "not on this machine",
            Some(_) => "refused",
            None => error.output().map_or("failed", |output| output.reason.as_str()),
        };
        *self.tally.entry(what).or_default() += 1;
        println!("  {}: {error}", error.code());
        let Some(verdict) = error.verdict() else { return };
        if let Some(rule) = &verdict.rule {
            println!("  by {} = {:?}", rule.key, rule.text);
        }
        if let Some(hint) = &verdict.hint {
            println!("  hint: {hint}");
        }
    }
}

fn write_project(folder: &Path) -> std::io::Result<()> {
    let greet = "console.log(`Hello, ${process.argv[2]}, from ${process.version}`)\n";
    let count = "print(len(open('notes.txt').readlines()), 'lines')\n";
    let build = "for i in 1 2 3; do echo step $i; sleep 0.1; done; echo warning >&2; exit 3\n";
    std::fs::write(folder.join("notes.txt"), "one\ntwo\nthree\n")?;
    std::fs::write(folder.join("greet.mjs"), greet)?;
    std::fs::write(folder.join("count.py"), count)?;
    std::fs::write(folder.join("build.sh"), build)
}
