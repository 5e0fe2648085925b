//! Which places stay read-only inside of writable ones.

use std::path::{Component, Path, PathBuf};

/// What is protected where the configuration says nothing: data.
const DEFAULT: &str = include_str!("presets/protect.txt");

/// The default of `protect`.
pub(crate) fn default() -> impl Iterator<Item = &'static str> {
    DEFAULT.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// A place to protect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Protected {
    /// The writable place that it lies in.
    pub(crate) within: PathBuf,
    /// What is between the two.
    pub(crate) below: PathBuf,
    /// It was asked for by name, so it must be there.
    pub(crate) must_exist: bool,
}

/// Each of `listed`, or of the default, below each of the writable places. An absolute one counts where it lies below one.
pub(crate) fn protected(listed: Option<&[String]>, writable: &[PathBuf]) -> Vec<Protected> {
    let must_exist = listed.is_some();
    let names: Vec<&str> = match listed {
        Some(listed) => listed.iter().map(String::as_str).collect(),
        None => default().collect(),
    };
    let mut all = Vec::new();
    for within in writable {
        for name in &names {
            let name = Path::new(name);
            let below = if name.is_absolute() { name.strip_prefix(within).ok() } else { Some(name) };
            let Some(below) = below.map(plain).filter(|below| !below.as_os_str().is_empty()) else {
                continue;
            };
            // Of several workspaces one that has it is enough for a relative name.
            let must_exist = must_exist && (name.is_absolute() || within == &writable[0]);
            all.push(Protected { within: within.clone(), below, must_exist });
        }
    }
    all
}

fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}

/// Why a text is no place to protect.
pub(crate) fn no_name(path: &str) -> Option<&'static str> {
    let leads_up = Path::new(path).components().any(|part| part == Component::ParentDir);
    leads_up.then_some("expected a place, got one with a dot-dot segment")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_names_what_runs_without_being_asked() {
        let all: Vec<_> = default().collect();
        for name in [".git/hooks", ".git/config", ".npmrc", ".cargo/config.toml", ".envrc", ".vscode"] {
            assert!(all.contains(&name), "{name}");
        }
        assert!(all.iter().all(|name| no_name(name).is_none() && !name.starts_with('/')));
    }

    #[test]
    fn names_are_of_each_writable_place_and_only_listed_ones_must_exist() {
        let places = ["/a".into(), "/b".into()];
        let listed = ["./x".to_owned(), "/b/y".to_owned(), "/c/z".to_owned()];
        let all = protected(Some(&listed), &places);
        let expected = |within: &str, below: &str, must_exist| Protected {
            within: within.into(),
            below: below.into(),
            must_exist,
        };
        assert_eq!(all, [expected("/a", "x", true), expected("/b", "x", false), expected("/b", "y", true)]);
        assert!(protected(None, &places).iter().all(|one| !one.must_exist));
        assert!(protected(Some(&[]), &places).is_empty());
    }
}
