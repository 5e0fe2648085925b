//! PID 1 of an isolated tree: a program of a few hundred bytes, executed from a sealed file that lies in no directory.
//!
//! The first process of a PID namespace gets what nobody else waits for, is sent no signal that it has not asked for, and
//! takes everybody with it when it ends. A program that knows nothing of this is a bad one: it reaps nobody and never hears
//! of SIGTERM. A child of ours cannot stay in that place either, because it shares the host's memory until it executes
//! something. So it executes this: it
//!
//! - can be neither traced nor read by the others (`PR_SET_DUMPABLE`);
//! - holds back every signal (the mask comes from its birth) and takes one after the other;
//! - reaps all that end, and ends itself when nobody else is left;
//! - sends a signal that comes from outside of the namespace on to everybody inside; one from inside it ignores.
//!
//! The program that was asked for is not its child but the host's, so that its exit is exact and its signals need no way
//! round. It is written in the assembler of each machine, so that it needs neither linker nor library, and any compiler
//! that builds this crate builds it.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::OnceLock;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

use crate::sys::unix::lift;

#[cfg(target_arch = "x86_64")]
std::arch::global_asm!(include_str!("init_x86_64.s"));
#[cfg(target_arch = "aarch64")]
std::arch::global_asm!(include_str!("init_aarch64.s"));

/// The whole file.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(super) fn image() -> &'static [u8] {
    unsafe extern "C" {
        static vetty_init_image: u8;
        static vetty_init_image_end: u8;
    }
    let (first, end) = (&raw const vetty_init_image, &raw const vetty_init_image_end);
    // SAFETY: the assembler above lays the two labels around bytes of one read-only section, in this order.
    unsafe { std::slice::from_raw_parts(first, end as usize - first as usize) }
}

/// No machine that the ladder has a clone rung for.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn image() -> &'static [u8] {
    &[]
}

/// The program as an open file, made and sealed once.
///
/// # Errors
/// Where the system allows no executable file in memory (`vm.memfd_noexec`).
pub(super) fn file() -> io::Result<RawFd> {
    static FILE: OnceLock<OwnedFd> = OnceLock::new();
    if let Some(file) = FILE.get() {
        return Ok(file.as_raw_fd());
    }
    let file = make()?;
    Ok(FILE.get_or_init(|| file).as_raw_fd())
}

fn make() -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Linux before 6.3 does not know that files in memory can be other than executable.
    let file = match memfd_create("vetty-init", flags | MemfdFlags::EXEC) {
        Err(rustix::io::Errno::INVAL) => memfd_create("vetty-init", flags)?,
        made => made?,
    };
    let file = lift(file)?;
    let mut rest = image();
    while !rest.is_empty() {
        let written = rustix::io::write(file.as_fd(), rest)?;
        rest = rest.get(written..).unwrap_or_default();
    }
    let seals = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
    fcntl_add_seals(&file, seals)?;
    Ok(file)
}
