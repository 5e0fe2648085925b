//! Tries one thing after the other that a sandbox may refuse, and says of each what the kernel answered: `probe=ok`, or
//! an errno. `probe:argument` for those that need one; `grandchild` and `own-session` before them say from where.

use std::ffi::CString;
use std::io::{Error, Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

use libc::{c_char, c_int, c_long, c_void};

type Outcome = Result<(), Error>;

pub fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        Some("grandchild") => return again(&words[1..], false),
        Some("own-session") => return again(&words[1..], true),
        Some("silent") => return ExitCode::SUCCESS,
        Some("says") => {
            println!("ran");
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    for word in &words {
        let (name, argument) = word.split_once(':').unwrap_or((word, ""));
        let answer = match probe(name, argument) {
            Ok(()) => "ok".to_owned(),
            Err(error) => name_of(&error),
        };
        println!("{name}={answer}");
        std::io::stdout().flush().expect("stdout is open");
    }
    ExitCode::SUCCESS
}

/// The same from a child of ours.
fn again(words: &[String], own_session: bool) -> ExitCode {
    let mut child = Command::new(
        std::env::current_exe().unwrap_or_else(|_| std::env::args_os().next().expect("argv").into()),
    );
    child.args(words);
    if own_session {
        // SAFETY: one system call.
        unsafe { child.pre_exec(|| check(libc::setsid().into()).or(Ok(()))) };
    }
    match child.status() {
        Ok(status) => ExitCode::from(status.code().unwrap_or(99) as u8),
        Err(error) => {
            println!("again={}", name_of(&error));
            ExitCode::FAILURE
        }
    }
}

fn name_of(error: &Error) -> String {
    match error.raw_os_error() {
        Some(libc::EACCES) => "EACCES".to_owned(),
        Some(libc::EPERM) => "EPERM".to_owned(),
        Some(libc::ENOSYS) => "ENOSYS".to_owned(),
        Some(libc::EXDEV) => "EXDEV".to_owned(),
        Some(libc::EBADF) => "EBADF".to_owned(),
        Some(libc::ENOENT) => "ENOENT".to_owned(),
        Some(libc::ENOTTY) => "ENOTTY".to_owned(),
        Some(libc::ESRCH) => "ESRCH".to_owned(),
        Some(libc::EROFS) => "EROFS".to_owned(),
        Some(libc::EBUSY) => "EBUSY".to_owned(),
        Some(errno) => format!("errno{errno}"),
        None => error.to_string().replace(' ', "-"),
    }
}

fn check(result: c_long) -> Outcome {
    if result < 0 { Err(Error::last_os_error()) } else { Ok(()) }
}

/// A descriptor, or why there is none.
fn opened(result: c_int) -> Result<OwnedFd, Error> {
    check(result.into())?;
    // SAFETY: the kernel has just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(result) })
}

fn c(text: &str) -> CString {
    CString::new(text).expect("an argument has no NUL")
}

fn probe(name: &str, argument: &str) -> Outcome {
    let (first, second) = argument.split_once(',').unwrap_or((argument, ""));
    match name {
        "read" => std::fs::File::open(first)?.read(&mut [0; 1]).map(drop),
        "list" => std::fs::read_dir(first).map(drop),
        "stat" => std::fs::metadata(first).map(drop),
        "write" => std::fs::OpenOptions::new().create(true).append(true).open(first)?.write_all(b"x"),
        "truncate" => {
            // SAFETY: a string that lives across the call.
            check(unsafe { libc::truncate(c(first).as_ptr(), 0) }.into())
        }
        "remove" => std::fs::remove_file(first),
        "rename" => std::fs::rename(first, second),
        "hard-link" => std::fs::hard_link(first, second),
        "symlink-read" => {
            drop(std::fs::remove_file(second));
            std::os::unix::fs::symlink(first, second)?;
            std::fs::File::open(second)?.read(&mut [0; 1]).map(drop)
        }
        "chmod" => std::fs::set_permissions(first, std::os::unix::fs::PermissionsExt::from_mode(0o600)),
        "set-user-id" => {
            std::fs::set_permissions(first, std::os::unix::fs::PermissionsExt::from_mode(0o4755))
        }
        "make-set-user-id" => {
            let path = c(first);
            // SAFETY: a string that lives across the call.
            opened(unsafe { libc::open(path.as_ptr(), libc::O_CREAT | libc::O_RDWR, 0o4755) }).map(drop)
        }
        "device" => {
            // SAFETY: a string that lives across the call. /dev/null's numbers.
            check(
                unsafe { libc::mknod(c(first).as_ptr(), libc::S_IFCHR | 0o666, libc::makedev(1, 3)) }.into(),
            )
        }
        "inherited" => {
            let fd: c_int = first.parse().expect("a number");
            // SAFETY: one byte of room.
            check(unsafe { libc::read(fd, [0u8; 1].as_mut_ptr().cast(), 1) } as c_long)
        }
        "execute" => executed(Command::new(first).arg("says")),
        "execute-by-loader" => executed(Command::new(loader()).args([first, "says"])),
        "execute-in-memory" => in_memory(first),
        "set-user-id-program" => runs_as_root(first),
        _ => network(name, first).unwrap_or_else(|| processes(name, first).unwrap_or_else(|| kernel(name))),
    }
}

fn loader() -> &'static str {
    let known = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"];
    known.into_iter().find(|path| std::path::Path::new(path).exists()).expect("a loader of glibc")
}

fn executed(command: &mut Command) -> Outcome {
    let output = command.output()?;
    if output.stdout.starts_with(b"ran") { Ok(()) } else { Err(Error::from_raw_os_error(libc::EACCES)) }
}

fn in_memory(path: &str) -> Outcome {
    let bytes = std::fs::read(path)?;
    // SAFETY: a literal.
    let file = opened(unsafe { libc::memfd_create(c"probe".as_ptr(), 0) })?;
    std::fs::File::from(file.try_clone()?).write_all(&bytes)?;
    // SAFETY: the child calls only what is safe after a fork, on values made before.
    unsafe {
        let (argv, env) =
            ([c"probe".as_ptr(), c"silent".as_ptr(), std::ptr::null()], [std::ptr::null::<c_char>()]);
        let descriptor = std::os::fd::AsRawFd::as_raw_fd(&file);
        let pid = libc::fork();
        if pid == 0 {
            libc::syscall(
                libc::SYS_execveat,
                descriptor,
                c"".as_ptr(),
                argv.as_ptr(),
                env.as_ptr(),
                libc::AT_EMPTY_PATH,
            );
            libc::_exit(77);
        }
        let mut status = 0;
        check(libc::waitpid(pid, &raw mut status, 0).into())?;
        if status == 0 { Ok(()) } else { Err(Error::from_raw_os_error(libc::EACCES)) }
    }
}

/// Whether a copy of this program that belongs to root and has the bit gives root.
fn runs_as_root(path: &str) -> Outcome {
    let output = Command::new(path).arg("who").output()?;
    if String::from_utf8_lossy(&output.stdout).contains("who=ok") {
        Ok(())
    } else {
        Err(Error::from_raw_os_error(libc::EPERM))
    }
}

fn socket(family: c_int, kind: c_int, protocol: c_int) -> Result<OwnedFd, Error> {
    // SAFETY: integers only.
    opened(unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol) })
}

fn localhost(port: &str) -> libc::sockaddr_in {
    // SAFETY: all zero is an address.
    let mut address: libc::sockaddr_in = unsafe { std::mem::zeroed() };
    address.sin_family = libc::AF_INET as u16;
    address.sin_port = port.parse::<u16>().expect("a port").to_be();
    address.sin_addr.s_addr = u32::from_ne_bytes([127, 0, 0, 1]);
    address
}

fn unix_address(path: &str) -> (libc::sockaddr_un, u32) {
    // SAFETY: all zero is an address.
    let mut address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    address.sun_family = libc::AF_UNIX as u16;
    // `@` stands for the NUL of an abstract name.
    for (to, from) in address.sun_path.iter_mut().zip(path.bytes()) {
        *to = if from == b'@' { 0 } else { from as c_char };
    }
    (address, (2 + path.len() + usize::from(!path.starts_with('@'))) as u32)
}

fn network(name: &str, argument: &str) -> Option<Outcome> {
    use std::os::fd::AsRawFd;
    let connected = |socket: Result<OwnedFd, Error>| {
        let (socket, address) = (socket?, localhost(argument));
        let size = size_of_val(&address) as u32;
        // SAFETY: the address lives across the call and has that size.
        check(unsafe { libc::connect(socket.as_raw_fd(), (&raw const address).cast(), size) }.into())
    };
    let to_unix = |kind: c_int, path: &str| {
        let (address, size) = unix_address(path);
        let socket = socket(libc::AF_UNIX, kind, 0)?;
        // SAFETY: the address lives across the call and has that size.
        check(unsafe { libc::connect(socket.as_raw_fd(), (&raw const address).cast(), size) }.into())
    };
    Some(match name {
        "tcp" => connected(socket(libc::AF_INET, libc::SOCK_STREAM, 0)),
        "mptcp" => connected(socket(libc::AF_INET, libc::SOCK_STREAM, 262)),
        "bind" => {
            let bound = || {
                let (socket, address) = (socket(libc::AF_INET, libc::SOCK_STREAM, 0)?, localhost(argument));
                let size = size_of_val(&address) as u32;
                // SAFETY: the address lives across the call and has that size.
                check(unsafe { libc::bind(socket.as_raw_fd(), (&raw const address).cast(), size) }.into())
            };
            bound()
        }
        "listen" => socket(libc::AF_INET, libc::SOCK_STREAM, 0)
            // SAFETY: integers only.
            .and_then(|socket| check(unsafe { libc::listen(socket.as_raw_fd(), 1) }.into())),
        "fast-open" => {
            let sent = || {
                let (socket, address) = (socket(libc::AF_INET, libc::SOCK_STREAM, 0)?, localhost(argument));
                let size = size_of_val(&address) as u32;
                let bytes = c"x".as_ptr().cast::<c_void>();
                // SAFETY: the bytes and the address live across the call.
                check(unsafe {
                    libc::sendto(
                        socket.as_raw_fd(),
                        bytes,
                        1,
                        libc::MSG_FASTOPEN,
                        (&raw const address).cast(),
                        size,
                    )
                } as c_long)
            };
            sent()
        }
        "udp" => socket(libc::AF_INET, libc::SOCK_DGRAM, 0).map(drop),
        "ping" => socket(libc::AF_INET, libc::SOCK_DGRAM, libc::IPPROTO_ICMP).map(drop),
        "raw" => socket(libc::AF_INET, libc::SOCK_RAW, libc::IPPROTO_ICMP).map(drop),
        "packet" => socket(libc::AF_PACKET, libc::SOCK_RAW, 0).map(drop),
        "netlink" => socket(libc::AF_NETLINK, libc::SOCK_RAW, 0).map(drop),
        "vsock" => socket(libc::AF_VSOCK, libc::SOCK_STREAM, 0).map(drop),
        "alg" => socket(libc::AF_ALG, libc::SOCK_SEQPACKET, 0).map(drop),
        "unix" | "abstract" => to_unix(libc::SOCK_STREAM, argument),
        "pair" | "datagram-pair" => {
            let kind = if name == "pair" { libc::SOCK_STREAM } else { libc::SOCK_DGRAM };
            let mut ends = [0; 2];
            // SAFETY: room for two descriptors.
            check(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()) }.into())
        }
        "datagram-pair-to-path" => {
            let sent = || {
                let mut ends = [0; 2];
                let (address, size) = unix_address(argument);
                // SAFETY: room for two descriptors; the bytes and the address live across the calls.
                unsafe {
                    check(libc::socketpair(libc::AF_UNIX, libc::SOCK_DGRAM, 0, ends.as_mut_ptr()).into())?;
                    let bytes = c"x".as_ptr().cast::<c_void>();
                    check(libc::sendto(ends[0], bytes, 1, 0, (&raw const address).cast(), size) as c_long)
                }
            };
            sent()
        }
        _ => return None,
    })
}

fn processes(name: &str, argument: &str) -> Option<Outcome> {
    let pid = || argument.parse::<c_int>().expect("a process number");
    // SAFETY: integers, or pointers to values that live across the calls.
    Some(unsafe {
        match name {
            "kill" => check(libc::kill(pid(), 0).into()),
            "ptrace" => check(libc::ptrace(libc::PTRACE_SEIZE, pid(), 0, 0)).map(|()| {
                libc::ptrace(libc::PTRACE_DETACH, pid(), 0, 0);
            }),
            "read-memory" => {
                let (mut byte, address) = ([0u8; 1], 4096 as *mut c_void);
                let local = libc::iovec { iov_base: byte.as_mut_ptr().cast(), iov_len: 1 };
                let remote = libc::iovec { iov_base: address, iov_len: 1 };
                match check(
                    libc::process_vm_readv(pid(), &raw const local, 1, &raw const remote, 1, 0) as c_long
                ) {
                    // Permitted, but there is nothing at that address.
                    Err(error) if error.raw_os_error() == Some(libc::EFAULT) => Ok(()),
                    other => other,
                }
            }
            "environment" => std::fs::read(format!("/proc/{argument}/environ")).map(drop),
            "limits-of" => {
                let (mut limit, none) = (libc::rlimit { rlim_cur: 0, rlim_max: 0 }, std::ptr::null_mut());
                let read = libc::prlimit(pid(), libc::RLIMIT_CORE, std::ptr::null(), &raw mut limit);
                check(read.into()).and_then(|()| {
                    check(libc::prlimit(pid(), libc::RLIMIT_CORE, &raw const limit, none).into())
                })
            }
            "priority-of" => {
                let which = pid() as libc::id_t;
                check(
                    libc::setpriority(
                        libc::PRIO_PROCESS,
                        which,
                        libc::getpriority(libc::PRIO_PROCESS, which),
                    )
                    .into(),
                )
            }
            "session" => check(libc::setsid().into()),
            "type" => check(libc::ioctl(0, libc::TIOCSTI, c"x".as_ptr()).into()),
            _ => return None,
        }
    })
}

fn kernel(name: &str) -> Outcome {
    // SAFETY: integers, or null pointers that the kernel refuses to follow.
    unsafe {
        match name {
            "who" => {
                if libc::geteuid() == 0 {
                    Ok(())
                } else {
                    Err(Error::from_raw_os_error(libc::EPERM))
                }
            }
            "io-uring" => known(libc::syscall(libc::SYS_io_uring_setup, 1, 0)),
            "new-user-namespace" => check(libc::unshare(libc::CLONE_NEWUSER).into()),
            "new-network" => check(libc::unshare(libc::CLONE_NEWNET).into()),
            "cloned-namespace" => {
                let flags = libc::CLONE_NEWUSER | libc::SIGCHLD;
                let pid = libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0);
                if pid == 0 {
                    libc::_exit(0);
                }
                check(pid)
            }
            "clone3" => known(libc::syscall(libc::SYS_clone3, 0, 0)),
            "mount" => check(
                libc::mount(c"none".as_ptr(), c"/".as_ptr(), c"tmpfs".as_ptr(), 0, std::ptr::null()).into(),
            ),
            "chroot" => check(libc::chroot(c"/".as_ptr()).into()),
            "keys" => check(libc::syscall(libc::SYS_keyctl, 0, -3, 1)),
            "bpf" => known(libc::syscall(libc::SYS_bpf, 0, 0, 0)),
            "perf" => known(libc::syscall(libc::SYS_perf_event_open, 0, 0, -1, -1, 0)),
            "page-faults" => opened(libc::syscall(libc::SYS_userfaultfd, 1) as c_int).map(drop),
            "shared-memory" => check(libc::shmget(libc::IPC_PRIVATE, 4096, 0o600).into()),
            "message-queue" => {
                let flags = libc::O_CREAT | libc::O_RDWR;
                let queue = libc::syscall(libc::SYS_mq_open, c"vetty-probe".as_ptr(), flags, 0o600, 0);
                libc::syscall(libc::SYS_mq_unlink, c"vetty-probe".as_ptr());
                check(queue)
            }
            "open-by-struct" => known(libc::syscall(libc::SYS_openat2, libc::AT_FDCWD, 0, 0, 0)),
            "future-call" => known(libc::syscall(600)),
            #[cfg(target_arch = "x86_64")]
            "x32" => check(libc::syscall(0x4000_0000 + 39)),
            #[cfg(target_arch = "x86_64")]
            "i386" => {
                let result: i64;
                // getpid of the 32-bit table.
                std::arch::asm!("int 0x80", inlateout("rax") 20i64 => result, options(nostack));
                if result < 0 { Err(Error::from_raw_os_error(-result as i32)) } else { Ok(()) }
            }
            "time-out" => loop {
                std::hint::spin_loop();
            },
            "memory" => {
                let mut held: Vec<Vec<u8>> = Vec::new();
                loop {
                    let mut block = Vec::new();
                    block.try_reserve_exact(1 << 20).map_err(|_| Error::from_raw_os_error(libc::ENOMEM))?;
                    block.resize(1 << 20, 1u8);
                    held.push(block);
                    if held.len() == 512 {
                        return Ok(());
                    }
                }
            }
            _ => panic!("no probe is called {name}"),
        }
    }
}

/// The kernel has the call and did not like its arguments, or it did not like the call.
fn known(result: c_long) -> Outcome {
    match check(result) {
        Err(error) if matches!(error.raw_os_error(), Some(libc::EPERM | libc::ENOSYS | libc::EACCES)) => {
            Err(error)
        }
        _ => Ok(()),
    }
}
