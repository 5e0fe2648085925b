//! Platforms where nothing can be confined yet: everything that a configuration asks is missing.

use std::ffi::CStr;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::{Network, UnixSockets};
use crate::grants::{Grant, Right, Surroundings};
use crate::isolation::ViewStep;
use crate::protect::Protected;
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

/// A view of the file system; there is none.
#[derive(Debug)]
pub(crate) enum View {}

impl View {
    pub(crate) fn plan(_: &[Grant], _: &[Protected], _: &Surroundings) -> Result<View, Unconfinable> {
        Err(Unconfinable::Missing(vec![Feature::MountNamespace]))
    }

    pub(crate) fn root(&self) -> &CStr {
        match *self {}
    }

    pub(crate) fn grant(&self) -> Grant {
        match *self {}
    }

    pub(crate) fn steps(&self) -> &[ViewStep] {
        match *self {}
    }
}

/// Where processes are shown on Linux.
pub(crate) fn processes() -> Grant {
    Grant { path: "/proc".into(), right: Right::Read, is_of_the_system: true }
}

#[derive(Debug, Default)]
pub(crate) struct Places;

impl Places {
    pub(crate) fn open(
        _: &[Grant],
        _: &[Feature],
        _: Option<&Network>,
        _: Option<&UnixSockets>,
        _: &[Protected],
    ) -> Result<(Places, Ruleset), Unconfinable> {
        Err(Unconfinable::Missing(vec![Feature::LandlockFs]))
    }

    pub(crate) fn are_the_same(&self) -> bool {
        true
    }
}
