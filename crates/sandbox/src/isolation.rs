//! What an isolated program lives in: namespaces of its own, and a view of the file system made for it.

use std::ffi::CString;

use crate::support::View;

/// The namespaces and the view of an isolated program. Whoever spawns makes them; all pointers into it stay good as long
/// as it lives.
#[derive(Debug)]
pub struct Isolation {
    pub(crate) view: View,
    pub(crate) own_network: bool,
    pub(crate) by_user_namespace: bool,
}

impl Isolation {
    /// The file system's steps, in their order. The working directory is the new root, still empty.
    pub fn steps(&self) -> &[ViewStep] {
        self.view.steps()
    }

    /// Whether it gets a network of its own, with nothing in it.
    pub fn own_network(&self) -> bool {
        self.own_network
    }

    /// Whether the privilege for the others comes from a user namespace; else the host has it.
    pub fn by_user_namespace(&self) -> bool {
        self.by_user_namespace
    }
}

/// One step in making the view. Names without a leading `/` are below the new root.
#[derive(Debug)]
#[non_exhaustive]
pub enum ViewStep {
    /// Makes a directory, unless it is there.
    Directory(CString),
    /// Makes an empty file, on which another is put, unless it is there.
    File(CString),
    /// Makes a symbolic link.
    Link {
        /// Where it leads.
        to: CString,
        /// Its name.
        at: CString,
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
    /// Puts a place of the view upon itself: it can no longer be renamed or removed. No link on the way is followed.
    Pin {
        /// The place.
        at: CString,
        /// Nor can anything there be written.
        read_only: bool,
    },
}
