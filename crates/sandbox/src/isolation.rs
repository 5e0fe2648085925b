//! What an isolated program lives in: namespaces of its own, and a view of the file system made for it.

use std::ffi::{CStr, CString};

use crate::support::View;

/// The namespaces and the view of an isolated program. Whoever spawns makes them; all pointers into it stay good as long
/// as it lives.
#[derive(Debug)]
pub struct Isolation {
    pub(crate) view: View,
    pub(crate) own_network: bool,
    pub(crate) has_proxy: bool,
    pub(crate) by_user_namespace: bool,
}

impl Isolation {
    /// The host's absolute name of the new root: a directory with a mount point for each place.
    pub fn root(&self) -> &CStr {
        self.view.root()
    }

    /// The file system's steps, in their order. The working directory is the new root.
    pub fn steps(&self) -> &[ViewStep] {
        self.view.steps()
    }

    /// Whether it gets a network of its own, with nothing in it.
    pub fn own_network(&self) -> bool {
        self.own_network
    }

    /// Whether somebody listens there, on [`PROXY_PORT`](crate::PROXY_PORT) of its loopback, for whoever spawns to serve.
    pub fn has_proxy(&self) -> bool {
        self.has_proxy
    }

    /// Whether the privilege for the others comes from a user namespace; else the host has it.
    pub fn by_user_namespace(&self) -> bool {
        self.by_user_namespace
    }
}

/// One step in making the view. Names without a leading `/` are below the new root, and no link on the way is followed.
#[derive(Debug)]
#[non_exhaustive]
pub enum ViewStep {
    /// Makes a directory, or an empty file, on which something is put; unless it is there.
    MountPoint {
        /// The directory that it is made in.
        within: CString,
        /// Its name there.
        name: CString,
        /// Whether it is a directory.
        is_directory: bool,
    },
    /// Puts what the host has at a place there, with all that is mounted below.
    Bind {
        /// The host's absolute name of it.
        from: CString,
        /// Where it goes.
        at: CString,
        /// Nothing there can be written.
        read_only: bool,
        /// Devices work.
        devices: bool,
    },
    /// Puts a place of the view upon itself: it can no longer be renamed or removed.
    Pin {
        /// The place.
        at: CString,
        /// Nor can anything there be written.
        read_only: bool,
    },
}
