//! The house keeps its plan: who knows whom, where unsafe and platform code may stand, how large a file may grow.

mod dependencies;
mod files;
mod source;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use source::SourceFile;

/// The folders that are ours to keep in order.
const FOLDERS: [&str; 6] = ["crates", "tests", "benches", "examples", "fuzz", "npm"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the root").to_path_buf()
}

fn metadata() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// The Rust files in the crates' `src`; tests and benches of a crate may be written for one platform.
fn sources() -> Vec<SourceFile> {
    let root = root();
    let mut found = Vec::new();
    for path in files::below(&root, &["crates"]) {
        let inside_src = path.split('/').nth(2) == Some("src");
        if inside_src && path.ends_with(".rs") {
            let text = std::fs::read_to_string(root.join(&path)).expect("a source file is UTF-8");
            found.push(SourceFile::new(path, &text));
        }
    }
    assert!(found.len() >= 4, "the crates' sources were not found");
    found
}

/// Fails with all that is wrong, one a line.
#[track_caller]
fn assert_none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn no_arrow_runs_the_other_way() {
    assert_none(dependencies::forbidden_arrows(&metadata()));
}

#[test]
fn each_dependency_says_what_it_is_for() {
    let page = std::fs::read_to_string(root().join("docs/src/dependencies.md")).expect("the page exists");
    assert_none(dependencies::without_a_line(&metadata(), &page));
}

#[test]
fn each_refusal_has_its_row_in_the_guide_and_its_name_in_the_types() {
    let text = |path: &str| std::fs::read_to_string(root().join(path)).expect("the file exists");
    let page = text("docs/src/errors.md");
    let types = text("npm/terminal/types/verdict.d.cts");
    let refusals = vetty_policy::Code::ALL.iter().filter(|code| **code != vetty_policy::Code::Allowed);
    let missing = |code: &vetty_policy::Code| {
        let row = page.lines().any(|line| line.starts_with(&format!("| `{code}` | ")));
        (!row || !types.contains(&format!("'{code}'"))).then(|| code.to_string())
    };
    assert_none(refusals.filter_map(missing).collect());
}

/// The guide's table of threats names tests, which must be there.
#[test]
fn each_test_that_the_threats_name_is_there() {
    let root = root();
    let page = std::fs::read_to_string(root.join("docs/src/sandbox.md")).expect("the page exists");
    let threats = page.split_once("## Threats").expect("the section exists").1;
    let named = threats.split('`').filter(|word| word.matches('_').count() > 1);
    let sources: String = files::below(&root, &["tests/sandbox", "crates/vetty/src/egress"])
        .iter()
        .map(|path| std::fs::read_to_string(root.join(path)).expect("a source file is UTF-8"))
        .collect();
    let missing = |name: &&str| !sources.contains(&format!("fn {name}()"));
    assert!(named.clone().count() > 20, "the table was not found");
    assert_none(named.filter(missing).map(|name| format!("{name} is no test of the sandbox")).collect());
}

#[test]
fn unsafe_code_is_forbidden_by_each_crate_that_needs_none() {
    assert_none(source::without_unsafe_lint(&sources()));
}

#[test]
fn unsafe_code_stands_only_where_system_calls_are_made() {
    assert_none(source::misplaced_unsafe(&sources()));
}

#[test]
fn a_platform_is_known_only_by_the_rooms_for_it() {
    assert_none(source::misplaced_platform(&sources()));
}

#[test]
fn each_module_says_what_it_is_for() {
    assert_none(source::without_first_line(&sources()));
}

#[test]
fn a_name_says_what_lives_there() {
    assert_none(files::vague_names(&files::below(&root(), &FOLDERS)));
}

#[test]
fn no_file_outgrows_a_few_screens() {
    let root = root();
    let lines = |path: &str| {
        let text = std::fs::read_to_string(root.join(path)).expect("a source file is UTF-8");
        text.lines().count()
    };
    assert_none(files::too_long(&files::below(&root, &FOLDERS), lines));
}
