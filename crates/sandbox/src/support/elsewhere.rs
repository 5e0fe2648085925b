//! Platforms where nothing can be confined yet: everything that a configuration asks is missing.

use std::io;
use std::path::{Path, PathBuf};

use crate::config::{Network, UnixSockets};
use crate::grants::Grant;
use crate::{Feature, Unconfinable};

/// A Landlock ruleset; there is none.
#[derive(Debug)]
pub enum Ruleset {}

impl Ruleset {
    /// Its descriptor.
    pub fn as_raw(&self) -> i32 {
        match *self {}
    }
}

/// Nothing.
pub fn kernel_features() -> Vec<Feature> {
    Vec::new()
}

/// A directory for the temporary files of confined programs; there are no such programs.
#[derive(Debug)]
pub enum PrivateDirectory {}

impl PrivateDirectory {
    /// # Errors
    /// Always.
    pub fn create(_: &Path, _: &str, _: Option<u32>, _: Option<u32>) -> io::Result<PrivateDirectory> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Where it is.
    pub fn path(&self) -> &PathBuf {
        match *self {}
    }
}

#[derive(Debug, Default)]
pub(crate) struct Places;

impl Places {
    pub(crate) fn open(
        _: &[Grant],
        _: &[Feature],
        _: Option<&Network>,
        _: Option<&UnixSockets>,
    ) -> Result<(Places, Ruleset), Unconfinable> {
        Err(Unconfinable::Missing(vec![Feature::LandlockFs]))
    }

    pub(crate) fn are_the_same(&self) -> bool {
        true
    }
}
