//! The places that a command names, as its table tells them.

/// How a place is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// Its parts that look like paths are taken for paths.
    Guess,
    /// A file or directory that is read.
    Read,
    /// One that is written.
    Write,
}

/// A file whose content a rule pins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pin {
    pub(crate) file: PinnedFile,
    /// The expected SHA-256, hex.
    pub(crate) hash: String,
}

/// Which file, by the word in argv that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PinnedFile {
    Program(usize),
    Script(usize),
}

/// A part of a word that names a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedPlace {
    /// The word in argv.
    pub(crate) word: usize,
    pub(crate) text: String,
    pub(crate) how: Named,
    /// The directories that the program enters first, each as seen from the one before.
    pub(crate) from: Vec<String>,
}
