//! `profile: 'agent'`: what is known of the programs that agents run. All of it is data: a family of programs a file.

mod check;
mod defaults;
#[cfg(test)]
mod guide;
mod places;
mod remote;

pub(crate) use check::{Judged, Origin};
pub(crate) use defaults::{denied_names, fill};
pub(crate) use places::{Named, NamedPlace, Pin, PinnedFile};

use crate::options::Tables;
use std::sync::OnceLock;

macro_rules! families {
    ($($name:literal => $file:literal,)+) => {
        /// What each data file is about, and its text.
        const FAMILIES: &[(&str, &str)] = &[$(($name, include_str!($file))),+];
    };
}

families! {
    "Git" => "git.txt",
    "Finding" => "find.txt",
    "Text" => "text.txt",
    "Editing" => "edit.txt",
    "Files" => "files.txt",
    "Archives" => "archive.txt",
    "Editors and pagers" => "editors.txt",
    "Shells and interpreters" => "shells.txt",
    "Wrappers" => "wrappers.txt",
    "Network" => "network.txt",
    "Building" => "build.txt",
    "Packages" => "packages.txt",
    "Databases" => "databases.txt",
    "System" => "system.txt",
}

/// The tables, read at the first use.
pub(crate) fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        Tables::read(FAMILIES).unwrap_or_else(|problem| panic!("the profile is valid: {problem}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_data_file_can_be_read() {
        let tables = Tables::read(FAMILIES).unwrap();
        assert!(tables.tools.len() > 100, "{}", tables.tools.len());
    }
}
