//! A workspace for one test, what lies outside of it, and a terminal that is confined to it.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};
use vetty::{Config, Output, Terminal};

use crate::copies::probe;

/// Directories that are gone with the test.
pub struct Place {
    root: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Place {
        let root = tempfile::tempdir_in("/tmp").expect("a directory");
        // The tests run programs as other users, too.
        std::fs::set_permissions(root.path(), PermissionsExt::from_mode(0o755)).expect("opened");
        for directory in ["workspace", "outside", "tools"] {
            std::fs::create_dir(root.path().join(directory)).expect("made");
        }
        std::fs::write(root.path().join("outside/secret"), "a secret").expect("written");
        std::fs::write(root.path().join("outside/there"), "there").expect("written");
        std::fs::write(root.path().join("workspace/own"), "own").expect("written");
        std::fs::copy(probe(), root.path().join("tools/probe")).expect("copied");
        Place { root }
    }

    /// The program that tries: granted for execution, and in the search path.
    pub fn program(&self) -> String {
        self.root.path().join("tools/probe").to_str().expect("UTF-8").to_owned()
    }

    pub fn workspace(&self) -> PathBuf {
        self.root.path().join("workspace")
    }

    pub fn outside(&self, name: &str) -> String {
        self.root.path().join("outside").join(name).to_str().expect("UTF-8").to_owned()
    }

    /// A configuration that permits every command; `changes` are keys of the first level.
    pub fn config(&self, changes: Value) -> Value {
        let tools = self.root.path().join("tools");
        let tools = tools.to_str().expect("UTF-8");
        let path = std::env::var("PATH").expect("a PATH");
        let search_path: Vec<&str> = [tools, "/lib64", "/lib"].into_iter().chain(path.split(':')).collect();
        let mut config = json!({
            "workspaces": [self.workspace()],
            "paths": ["/"],
            "commands": { "allow": [], "maxArgs": 200, "strictArgs": false, "searchPath": search_path },
            "sandbox": { "level": "confine", "execute": [tools] },
        });
        for (key, value) in changes.as_object().expect("an object") {
            match (config[key].as_object_mut(), value.as_object()) {
                (Some(section), Some(changes)) => section.extend(changes.clone()),
                _ => config[key] = value.clone(),
            }
        }
        config
    }

    pub fn terminal(&self, changes: Value) -> Terminal {
        Config::from_json(self.config(changes))
            .and_then(Terminal::from_config)
            .expect("a valid configuration")
    }

    pub async fn run(&self, changes: Value, argv: &[&str]) -> std::sync::Arc<Output> {
        let run = self.terminal(changes).command(argv.to_vec()).run().await;
        run.unwrap_or_else(|error| panic!("{}: {error}", argv[0]))
    }

    /// What the kernel answered each of the probes.
    pub async fn probe(&self, changes: Value, from: &[&str], probes: &[&str]) -> Vec<(String, String)> {
        let program = self.program();
        let argv = [&[program.as_str()], from, probes].concat();
        let output = self.run(changes, &argv).await;
        let text = output.stdout_text();
        let answers = text.lines().map(|line| line.split_once('=').expect("probe=answer"));
        let answers: Vec<_> = answers.map(|(name, answer)| (name.to_owned(), answer.to_owned())).collect();
        assert_eq!(answers.len(), probes.len(), "{text} {} {}", output.stderr_text(), output.exit);
        answers
    }
}

pub fn level(level: &str) -> Value {
    json!({ "sandbox": { "level": level } })
}

/// Where a program of the host's PATH is.
pub fn search(program: &str) -> Option<String> {
    let path = std::env::var("PATH").ok()?;
    let found = path.split(':').map(|directory| format!("{directory}/{program}"));
    found.into_iter().find(|path| std::fs::metadata(path).is_ok())
}
