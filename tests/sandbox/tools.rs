//! Tools that people run must go on working when they are confined.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};
use vetty::{Output, Wait};

use crate::place::{Place, search};

fn at_home(place: &Place) -> Value {
    json!({ "env": { "allow": ["PATH"], "set": { "HOME": place.workspace() } }, "timeout": 200_000 })
}

async fn works(place: &Place, changes: Value, argv: &[&str]) -> std::sync::Arc<Output> {
    let output = place.run(changes, argv).await;
    assert!(output.success(), "{argv:?}: {} {} {}", output.exit, output.stdout_text(), output.stderr_text());
    output
}

#[tokio::test]
async fn git_makes_a_repository_and_commits() {
    let place = Place::new();
    works(&place, at_home(&place), &["git", "init", "--quiet", "."]).await;
    let status = works(&place, at_home(&place), &["git", "status", "--short"]).await;
    assert_eq!(status.stdout_text(), "?? own\n");
    works(&place, at_home(&place), &["git", "add", "own"]).await;
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    let commit = [&["git"][..], &identity, &["commit", "--quiet", "-m", "first"]].concat();
    works(&place, at_home(&place), &commit).await;
    let log = works(&place, at_home(&place), &["git", "log", "--format=%s"]).await;
    assert_eq!(log.stdout_text(), "first\n");
    works(&place, at_home(&place), &["git", "gc", "--quiet"]).await;
}

/// git starts a session of its own for what it does in the background.
#[tokio::test]
async fn git_tidies_up_in_the_background() {
    let place = Place::new();
    works(&place, at_home(&place), &["git", "init", "--quiet", "."]).await;
    let names: Vec<String> = (0..2000).map(|number| format!("file-{number}")).collect();
    for name in &names {
        fs::write(place.workspace().join(name), name).expect("written");
    }
    let terminal = place.terminal(at_home(&place));
    let hash = terminal.command(["git", "hash-object", "-w", "--stdin-paths"]);
    let hashed = hash.input(names.join("\n")).run().await.expect("it runs");
    assert!(hashed.success(), "{}", hashed.stderr_text());
    let gc = ["git", "-c", "gc.auto=1", "-c", "gc.autoDetach=true", "gc", "--auto"];
    let output = works(&place, at_home(&place), &gc).await;
    assert!(output.stderr_text().contains("in background"), "{}", output.stderr_text());
}

#[tokio::test]
async fn programs_that_start_a_session_believe_they_have() {
    let place = Place::new();
    let script = "import subprocess, os\n\
        print(subprocess.run(['echo', 'inner'], start_new_session=True, capture_output=True).stdout)\n\
        os.setpgid(0, 0)";
    let output = works(&place, json!({}), &["/usr/bin/python3", "-c", script]).await;
    assert_eq!(output.stdout_text(), "b'inner\\n'\n");
    let output = works(&place, json!({}), &["setsid", "sh", "-c", "echo $((6 * 7))"]).await;
    assert_eq!(output.stdout_text(), "42\n");
    let output = works(&place, json!({}), &["timeout", "100", "echo", "in time"]).await;
    assert_eq!(output.stdout_text(), "in time\n");
}

#[tokio::test]
async fn node_and_npm_run_scripts() {
    let place = Place::new();
    let package = json!({ "name": "x", "version": "1.0.0", "scripts": { "hello": "node hello.js" } });
    fs::write(place.workspace().join("package.json"), package.to_string()).expect("written");
    fs::write(
        place.workspace().join("hello.js"),
        "const { execFileSync } = require('node:child_process');\n\
         const worker = new (require('node:worker_threads').Worker)('0', { eval: true });\n\
         worker.on('exit', () => console.log('hello', execFileSync('echo', ['child']).toString().trim()));",
    )
    .expect("written");
    let mut config = at_home(&place);
    config["sandbox"] = json!({ "presets": ["node"] });
    let output = works(&place, config.clone(), &["node", "hello.js"]).await;
    assert_eq!(output.stdout_text(), "hello child\n");
    let output = works(&place, config, &["npm", "run", "--silent", "hello"]).await;
    assert_eq!(output.stdout_text(), "hello child\n");
}

#[tokio::test]
async fn python_makes_an_environment_and_uses_it() {
    let place = Place::new();
    let environment = ["/usr/bin/python3", "-m", "venv", "--without-pip", "own-env"];
    works(&place, at_home(&place), &environment).await;
    let prefix = "import sys, tempfile; tempfile.TemporaryFile(); print(sys.prefix)";
    let output = works(&place, at_home(&place), &["./own-env/bin/python", "-c", prefix]).await;
    assert!(output.stdout_text().trim_end().ends_with("own-env"), "{}", output.stdout_text());
}

#[tokio::test]
async fn tar_packs_and_unpacks() {
    let place = Place::new();
    fs::create_dir(place.workspace().join("into")).expect("made");
    works(&place, json!({}), &["tar", "czf", "packed.tar.gz", "own"]).await;
    works(&place, json!({}), &["tar", "xzf", "packed.tar.gz", "-C", "into"]).await;
    assert_eq!(fs::read_to_string(place.workspace().join("into/own")).expect("unpacked"), "own");
}

#[tokio::test]
async fn make_compiles_and_links() {
    let place = Place::new();
    fs::write(place.workspace().join("hello.c"), "#include <stdio.h>\nint main(void) { puts(\"hello\"); }\n")
        .expect("written");
    fs::write(place.workspace().join("Makefile"), "hello: hello.c\n\tcc -o $@ $<\n").expect("written");
    works(&place, json!({}), &["make"]).await;
    let mut config = place.config(json!({}));
    config["sandbox"]["execute"] = json!(["."]);
    let output = works(&place, config, &["./hello"]).await;
    assert_eq!(output.stdout_text(), "hello\n");
}

#[tokio::test]
async fn cargo_builds_offline() {
    let Some((cargo, home)) =
        search("cargo").zip(std::env::home_dir()).filter(|(_, home)| home.join(".rustup").exists())
    else {
        println!("skipped: no cargo for this user");
        return;
    };
    let place = Place::new();
    fs::create_dir(place.workspace().join("src")).expect("made");
    let manifest = "[package]\nname = \"x\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    fs::write(place.workspace().join("Cargo.toml"), manifest).expect("written");
    fs::write(place.workspace().join("src/main.rs"), "fn main() {}\n").expect("written");
    let config = json!({
        "sandbox": { "presets": ["rust"] },
        "env": { "allow": ["PATH"], "set": { "CARGO_HOME": home.join(".cargo"), "RUSTUP_HOME": home.join(".rustup") } },
        "timeout": 200_000,
    });
    works(&place, config, &[&cargo, "build", "--offline", "--quiet"]).await;
    assert!(place.workspace().join("target/debug/x").exists());
}

#[tokio::test]
async fn temporary_files_have_a_place_of_their_own() {
    let place = Place::new();
    let terminal = place.terminal(json!({}));
    let made = terminal.execute(["mktemp"]).await.expect("it runs");
    assert!(made.success(), "{}", made.stderr_text());
    let path = made.stdout_text().trim_end().to_owned();
    assert!(fs::exists(&path).expect("looked for"));
    let in_common = terminal.execute(["mktemp", "/tmp/vetty-common-XXXXXX"]).await.expect("it runs");
    assert!(!in_common.success());
    drop(terminal);
    let directory = std::path::Path::new(&path).parent().expect("a directory");
    for _ in 0..400 {
        if !directory.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{} stays", directory.display());
}

#[tokio::test]
async fn a_shell_on_a_terminal_has_job_control() {
    let place = Place::new();
    let terminal = place.terminal(json!({ "env": { "set": { "PS1": "ready> " } } }));
    let session = terminal.command(["bash", "--norc", "--noprofile"]).open().await.expect("it opens");
    let soon = |wait: Wait| wait.within(Duration::from_secs(20));
    session.wait(soon(Wait::output("ready> "))).await.expect("a prompt");
    session.send("sleep 100 & jobs; fg\n").await.expect("typed");
    session.wait(soon(Wait::output("Running"))).await.expect("a job");
    session.wait(soon(Wait::output("sleep 100\r\n"))).await.expect("in the foreground");
    // The shell names the job before it hands the terminal over.
    let mut stopped = false;
    for _ in 0..100 {
        session.send("\u{1a}").await.expect("typed");
        stopped = session.wait(Wait::output("Stopped").within(Duration::from_millis(200))).await.is_ok();
        if stopped {
            break;
        }
    }
    assert!(stopped, "the terminal stops nobody");
    session.send("kill %1; cat /etc/passwd; echo to-$((1 + 1))\n").await.expect("typed");
    session.wait(soon(Wait::output("/etc/passwd: Permission denied"))).await.expect("confined");
    session.wait(soon(Wait::output("to-2"))).await.expect("the shell goes on");
}
