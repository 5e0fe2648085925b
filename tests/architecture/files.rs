//! Names and sizes of files.

use std::path::Path;

/// A file that needs more lines has more than one reason to change.
const MAX_LINES: usize = 500;

const VAGUE: [&str; 8] = ["util", "utils", "helper", "helpers", "common", "misc", "shared", "stuff"];

/// What is written by tools, or by others.
const NOT_OURS: [&str; 6] = ["target", "node_modules", "corpus", "artifacts", "coverage", "native.d.ts"];

const LANGUAGES: [&str; 7] = ["rs", "js", "cjs", "mjs", "ts", "cts", "sh"];

/// The paths of all files below the folders, relative to the root, with `/` on every platform.
pub fn below(root: &Path, folders: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting: Vec<String> = folders.iter().map(|folder| (*folder).to_owned()).collect();
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(root.join(&folder)) else {
            continue;
        };
        for entry in entries {
            let entry = entry.expect("a folder can be read");
            let name = entry.file_name().into_string().expect("a file's name is UTF-8");
            if NOT_OURS.contains(&name.as_str()) || name.starts_with('.') {
                continue;
            }
            let path = format!("{folder}/{name}");
            match entry.file_type().expect("a file has a type").is_dir() {
                true => waiting.push(path),
                false => found.push(path),
            }
        }
    }
    found.sort();
    found
}

/// Files and folders whose name would fit any content.
pub fn vague_names(paths: &[String]) -> Vec<String> {
    let stem = |part: &str| part.split('.').next().unwrap_or(part).to_lowercase();
    paths
        .iter()
        .filter(|path| path.split('/').any(|part| VAGUE.contains(&stem(part).as_str())))
        .map(|path| format!("{path}: who lives there, and where would a newcomer look for it?"))
        .collect()
}

/// Source files of more than [`MAX_LINES`]; `lines` counts them.
pub fn too_long(paths: &[String], lines: impl Fn(&str) -> usize) -> Vec<String> {
    paths
        .iter()
        .filter(|path| path.rsplit_once('.').is_some_and(|(_, ending)| LANGUAGES.contains(&ending)))
        .map(|path| (path, lines(path)))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, lines)| format!("{path} has {lines} lines, at most {MAX_LINES} are read with ease"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINES, below, too_long, vague_names};

    fn paths(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn a_vague_name_is_found_wherever_it_stands() {
        let wrong =
            paths(&["crates/vetty/src/utils.rs", "crates/process/src/common/mod.rs", "npm/lib/Helpers.cjs"]);
        assert_eq!(vague_names(&wrong).len(), 3);
        assert!(vague_names(&paths(&["crates/policy/src/commonplace.rs"])).is_empty());
    }

    #[test]
    fn a_file_that_is_too_long_is_found() {
        let files = paths(&["crates/vetty/src/pump.rs", "tests/data/cases.json"]);
        assert!(too_long(&files, |_| MAX_LINES).is_empty());
        assert_eq!(too_long(&files, |_| MAX_LINES + 1).len(), 1);
    }

    #[test]
    fn the_walk_sees_this_file_and_skips_what_tools_wrote() {
        let seen = below(&crate::root(), &["tests", "npm"]);
        assert!(seen.contains(&"tests/architecture/files.rs".to_owned()));
        assert!(!seen.iter().any(|path| path.contains("node_modules")));
    }
}
