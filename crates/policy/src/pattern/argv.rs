//! A command as patterns see it, and the names that they compare.

use crate::path;
use crate::platform::Platform;
use std::borrow::Cow;

/// A command as patterns see it, with what they compare made once.
#[derive(Debug)]
pub(crate) struct Argv<'a, S> {
    pub(crate) words: &'a [S],
    pub(crate) program: &'a str,
    /// Whether the program is typed as a path.
    pub(crate) spelled: bool,
    /// The name that `allow` compares.
    pub(super) name: Cow<'a, str>,
    /// The file name that `deny` compares.
    pub(crate) wide_name: Cow<'a, str>,
}

impl<'a, S: AsRef<str>> Argv<'a, S> {
    /// `words` are not empty.
    pub(crate) fn new(words: &'a [S], platform: Platform) -> Argv<'a, S> {
        let program = words.first().map_or("", AsRef::as_ref);
        Argv {
            words,
            program,
            spelled: path::is_spelled(platform, program),
            name: allowed_name(platform, program),
            wide_name: denied_name(platform, program),
        }
    }
}

/// A bare name as `allow` compares it.
pub(super) fn allowed_name(platform: Platform, name: &str) -> Cow<'_, str> {
    if !platform.is_windows() {
        return name.into();
    }
    let folded: String = name.chars().map(path::fold).collect();
    without_extension(&folded, &[".exe", ".com"]).to_owned().into()
}

/// The file name of a typed program as `deny` compares it.
pub(crate) fn denied_name(platform: Platform, program: &str) -> Cow<'_, str> {
    let name = path::file_name(platform, program);
    if !platform.is_windows() {
        return name.into();
    }
    let folded: String = name.trim_end_matches(['.', ' ']).chars().map(path::fold).collect();
    without_extension(&folded, &[".exe", ".com", ".bat", ".cmd"]).to_owned().into()
}

fn without_extension<'a>(name: &'a str, extensions: &[&str]) -> &'a str {
    extensions
        .iter()
        .find_map(|extension| name.strip_suffix(extension))
        .filter(|stem| !stem.is_empty())
        .unwrap_or(name)
}

pub(super) fn same_windows_path(a: &str, b: &str) -> bool {
    same_windows_text(a.trim_end_matches(['.', ' ']), b.trim_end_matches(['.', ' ']))
}

/// Without case, and with both separators as one.
pub(super) fn same_windows_text(a: &str, b: &str) -> bool {
    let normal = |c: char| if c == '/' { '\\' } else { path::fold(c) };
    a.chars().map(normal).eq(b.chars().map(normal))
}
