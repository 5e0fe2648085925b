//! Places that stay read-only in a writable workspace, whatever way a program tries.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use vetty_policy::Code;

use crate::place::Place;

/// A workspace as projects have it.
fn project() -> Place {
    let place = Place::new();
    let workspace = place.workspace();
    for directory in [".git/hooks", ".git/objects", ".cargo", ".vscode", "src"] {
        fs::create_dir_all(workspace.join(directory)).expect("made");
    }
    for file in [".git/config", ".git/HEAD", ".npmrc", ".envrc", ".cargo/config.toml", ".vscode/tasks.json"] {
        fs::write(workspace.join(file), "as it was").expect("written");
    }
    place
}

fn isolate(changes: Value) -> Value {
    let mut sandbox = json!({ "level": "isolate" });
    sandbox.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    json!({ "sandbox": sandbox })
}

/// Runs lines of a shell in the workspace and says which of them worked.
async fn tried(place: &Place, changes: Value, lines: &[&str]) -> Vec<bool> {
    let script: String =
        lines.iter().map(|line| format!("({line}) 2>&1 && echo did || echo failed\n")).collect();
    let output = place.run(changes, &["sh", "-c", &script]).await;
    let text = output.stdout_text();
    let answers: Vec<bool> =
        text.lines().filter(|line| ["did", "failed"].contains(line)).map(|line| line == "did").collect();
    assert_eq!(answers.len(), lines.len(), "{text} {}", output.stderr_text());
    answers
}

fn is_untouched(workspace: &Path) {
    for file in [".git/config", ".npmrc", ".envrc", ".cargo/config.toml", ".vscode/tasks.json"] {
        assert_eq!(fs::read_to_string(workspace.join(file)).expect(file), "as it was", "{file}");
    }
    assert_eq!(fs::read_dir(workspace.join(".git/hooks")).expect("there").count(), 0);
}

#[tokio::test]
async fn what_runs_by_itself_later_cannot_be_written() {
    let place = project();
    let attempts = [
        "echo evil > .git/hooks/post-commit",
        "echo evil >> .git/config",
        "echo evil > .npmrc",
        "echo evil > .envrc",
        "echo evil > .cargo/config.toml",
        "echo evil > .vscode/tasks.json",
        "rm .npmrc",
        "mv .npmrc elsewhere",
        "echo evil > new && mv new .npmrc",
        "ln -f own .envrc",
        "rm -rf .vscode",
        "mv .vscode elsewhere",
        // What lies above them cannot be moved away and made anew.
        "mv .git elsewhere",
        "mv .cargo elsewhere && mkdir .cargo",
        "rm -rf .cargo",
        "chmod 777 .envrc",
    ];
    let worked = tried(&place, isolate(json!({})), &attempts).await;
    let wrong: Vec<_> = attempts.iter().zip(&worked).filter(|(_, worked)| **worked).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    is_untouched(&place.workspace());
    let allowed = [
        "echo x > src/new",
        "mv src other",
        "echo ref > .git/HEAD",
        "echo x > .git/objects/1",
        "grep -q was .npmrc",
        "echo x > .cargo/other",
    ];
    assert_eq!(tried(&place, isolate(json!({})), &allowed).await, [true; 6]);
}

#[tokio::test]
async fn the_owner_chooses_what_is_protected() {
    let place = project();
    let attempts = ["echo evil > .npmrc", "echo evil > src/file", "echo evil > .envrc"];
    let listed = isolate(json!({ "protect": [".npmrc", "./src"] }));
    assert_eq!(tried(&place, listed, &attempts).await, [false, false, true]);
    let absolute = place.workspace().join("src").to_str().expect("UTF-8").to_owned();
    assert_eq!(
        tried(&place, isolate(json!({ "protect": [absolute] })), &attempts).await,
        [true, false, true]
    );
    assert_eq!(tried(&place, isolate(json!({ "protect": [] })), &attempts).await, [true; 3]);
}

/// What is not there cannot be made read-only, and nothing of ours is put there.
#[tokio::test]
async fn what_is_listed_and_missing_is_refused() {
    let place = project();
    let verdict = place.terminal(isolate(json!({ "protect": [".npmrc", "later/file"] }))).check("true");
    assert_eq!(verdict.code, Code::SandboxUnsupported);
    assert!(
        verdict.message.contains("later/file is to be protected and does not exist"),
        "{}",
        verdict.message
    );
    assert!(!place.workspace().join("later").exists());
}

#[tokio::test]
async fn what_comes_to_be_is_protected_from_the_next_run_on() {
    let place = Place::new();
    let terminal = place.terminal(isolate(json!({})));
    let run = async |line: &str| terminal.command(["sh", "-c", line]).run().await.expect("it runs").success();
    assert!(run("mkdir -p .git/hooks && echo first > .git/config").await);
    assert!(!run("echo evil > .git/config").await);
    assert!(!run("echo evil > .git/hooks/post-commit").await);
    assert_eq!(fs::read_to_string(place.workspace().join(".git/config")).expect("there"), "first\n");
}

/// In a worktree of git `.git` is a file that says where the repository is.
#[tokio::test]
async fn a_file_where_a_directory_is_looked_for_stays() {
    let place = Place::new();
    fs::write(place.workspace().join(".git"), "gitdir: /elsewhere\n").expect("written");
    let attempts = ["echo gitdir: /evil > .git", "rm .git", "mv .git other"];
    assert_eq!(tried(&place, isolate(json!({})), &attempts).await, [false; 3]);
}

/// Else a program would change where it leads.
#[tokio::test]
async fn a_link_to_a_protected_place_is_refused() {
    let place = project();
    fs::rename(place.workspace().join(".vscode"), place.workspace().join("real")).expect("moved");
    std::os::unix::fs::symlink("real", place.workspace().join(".vscode")).expect("linked");
    let verdict = place.terminal(isolate(json!({}))).check("true");
    assert_eq!(verdict.code, Code::SandboxUnsupported);
    assert!(verdict.message.contains(".vscode is to be protected and is a link"), "{}", verdict.message);
}
