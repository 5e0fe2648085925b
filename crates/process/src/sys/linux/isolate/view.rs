//! The steps that put the view of an isolated program together, by raw system calls alone.
//!
//! The new root is attached above the old one, to whose names absolute paths keep until it is gone. The working directory
//! is the new root all the time.

use std::ffi::{CStr, c_char};

use vetty_sandbox::ViewStep;

use super::super::steps::syscall;

const CWD: usize = libc::AT_FDCWD as usize;
const EMPTY: *const c_char = c"".as_ptr();

/// mount_setattr(2); not every C library's headers know it.
const MOUNT_SETATTR: libc::c_long = 442;
const MOVE_MOUNT_F_EMPTY_PATH: usize = 4;
/// MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH
const ONTO: usize = 0x44;
const AT_RECURSIVE: usize = 0x8000;
const OPEN_TREE: usize = 1 | libc::O_CLOEXEC as usize | AT_RECURSIVE;

const READ_ONLY: u64 = 1;
const NO_SET_USER_ID: u64 = 2;
const NO_DEVICES: u64 = 4;

/// A failed call ends the step.
macro_rules! must {
    ($number:ident $(, $argument:expr)*) => { must!(@ libc::$number $(, $argument)*) };
    (@ $number:expr $(, $argument:expr)*) => {{
        let given = [$($argument as usize),*];
        let mut arguments = [0usize; 5];
        let mut index = 0;
        while index < given.len() && index < 5 {
            arguments[index] = given[index];
            index += 1;
        }
        // SAFETY: upheld by the caller of the step: integers, and pointers to what outlives the call.
        let result = unsafe { syscall($number, arguments) };
        if result < 0 {
            return result;
        }
        result
    }};
}

/// Whatever is below the working directory and no link leads to: `struct open_how`, flags, mode, resolve.
const BELOW: [u64; 3] = [(libc::O_PATH | libc::O_CLOEXEC | libc::O_NOFOLLOW) as u64, 0, 0x08 | 0x04 | 0x02];

/// The mounts no longer follow the host's, nor the host these; the new root lies above the old one and is the working
/// directory.
///
/// # Safety
/// For a process in a mount namespace of its own.
pub(in super::super) unsafe fn begin(root: *const c_char) -> isize {
    must!(SYS_mount, 0, c"/".as_ptr(), 0, libc::MS_REC | libc::MS_PRIVATE);
    let tree = must!(SYS_open_tree, CWD, root, OPEN_TREE);
    let set = MountAttributes { set: NO_SET_USER_ID | NO_DEVICES, ..MountAttributes::default() };
    let flags = libc::AT_EMPTY_PATH;
    must!(@ MOUNT_SETATTR, tree, EMPTY, flags, &raw const set, size_of::<MountAttributes>());
    must!(SYS_move_mount, tree, EMPTY, CWD, c"/".as_ptr(), MOVE_MOUNT_F_EMPTY_PATH);
    must!(SYS_fchdir, tree);
    must!(SYS_close, tree)
}

/// One step.
///
/// # Safety
/// As for [`begin`], which must have come before; `step` is alive.
pub(in super::super) unsafe fn perform(step: &ViewStep) -> isize {
    match step {
        ViewStep::MountPoint { within, name, is_directory } => {
            let within = must!(SYS_openat2, CWD, within.as_ptr(), BELOW.as_ptr(), size_of_val(&BELOW));
            let kind = if *is_directory { libc::S_IFDIR } else { libc::S_IFREG };
            // SAFETY: a descriptor and a C string that is alive.
            let result = unsafe {
                match kind {
                    libc::S_IFDIR => {
                        syscall(libc::SYS_mkdirat, [within as usize, name.as_ptr() as usize, 0o755, 0, 0])
                    }
                    _ => {
                        let mode = (libc::S_IFREG | 0o644) as usize;
                        syscall(libc::SYS_mknodat, [within as usize, name.as_ptr() as usize, mode, 0, 0])
                    }
                }
            };
            if result == 0 && *is_directory {
                // Whatever the host's mask of modes is.
                must!(SYS_fchmodat, within, name.as_ptr(), 0o755);
            }
            must!(SYS_close, within);
            if result == -(libc::EEXIST as isize) { 0 } else { result }
        }
        ViewStep::Bind { from, at, read_only, devices } => {
            let mut attributes = NO_SET_USER_ID;
            attributes |= if *read_only { READ_ONLY } else { 0 };
            attributes |= if *devices { 0 } else { NO_DEVICES };
            let set = MountAttributes { set: attributes, ..MountAttributes::default() };
            let flags = libc::AT_EMPTY_PATH as usize | AT_RECURSIVE;
            let tree = must!(SYS_open_tree, CWD, from.as_ptr(), OPEN_TREE);
            must!(@ MOUNT_SETATTR, tree, EMPTY, flags, &raw const set, size_of::<MountAttributes>());
            let place = must!(SYS_openat2, CWD, at.as_ptr(), BELOW.as_ptr(), size_of_val(&BELOW));
            must!(SYS_move_mount, tree, EMPTY, place, EMPTY, ONTO);
            must!(SYS_close, place);
            must!(SYS_close, tree)
        }
        ViewStep::Pin { at, read_only } => {
            // SAFETY: as for this function.
            unsafe { pin(at, *read_only) }
        }
        _ => -(libc::ENOTSUP as isize),
    }
}

/// # Safety
/// As for [`perform`].
unsafe fn pin(at: &CStr, read_only: bool) -> isize {
    let place = must!(SYS_openat2, CWD, at.as_ptr(), BELOW.as_ptr(), size_of_val(&BELOW));
    let tree = must!(SYS_open_tree, place, EMPTY, OPEN_TREE | libc::AT_EMPTY_PATH as usize);
    if read_only {
        let set = MountAttributes { set: READ_ONLY, ..MountAttributes::default() };
        let flags = libc::AT_EMPTY_PATH as usize | AT_RECURSIVE;
        must!(@ MOUNT_SETATTR, tree, EMPTY, flags, &raw const set, size_of::<MountAttributes>());
    }
    must!(SYS_move_mount, tree, EMPTY, place, EMPTY, ONTO);
    must!(SYS_close, tree);
    must!(SYS_close, place)
}

/// The processes of the namespace, read-only, over whatever of the host's lies there.
///
/// # Safety
/// For PID 1 of the namespace, after the other steps.
pub(in super::super) unsafe fn show_processes() -> isize {
    let flags = libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC | libc::MS_RDONLY;
    must!(SYS_mount, c"proc".as_ptr(), c"proc".as_ptr(), c"proc".as_ptr(), flags)
}

/// The view becomes everything that there is, and its root read-only.
///
/// # Safety
/// After the other steps.
pub(in super::super) unsafe fn end() -> isize {
    let here = c".".as_ptr();
    must!(SYS_pivot_root, here, here);
    must!(SYS_umount2, here, libc::MNT_DETACH);
    must!(SYS_chdir, c"/".as_ptr());
    let attributes = MountAttributes { set: READ_ONLY, ..MountAttributes::default() };
    must!(@ MOUNT_SETATTR, CWD, c"/".as_ptr(), 0, &raw const attributes, size_of::<MountAttributes>())
}

/// `struct mount_attr` of mount_setattr(2).
#[repr(C)]
#[derive(Default)]
struct MountAttributes {
    set: u64,
    clear: u64,
    propagation: u64,
    user_namespace: u64,
}
