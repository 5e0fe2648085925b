//! A socket that listens inside of an isolated program's network and is served outside of it: the only way out.

use std::io;
use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::{OwnedFd, RawFd};

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SocketFlags, SocketType, recvmsg,
    socketpair,
};

use super::super::steps::syscall;

/// The host's end and the stage's.
pub(super) fn channel() -> io::Result<(OwnedFd, OwnedFd)> {
    let (own, stages) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    Ok((crate::sys::unix::lift(own)?, crate::sys::unix::lift(stages)?))
}

/// What the stage, which has ended, has sent.
pub(super) fn receive(channel: &OwnedFd) -> io::Result<TcpListener> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0u8; 1];
    let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
    recvmsg(channel, &mut [IoSliceMut::new(&mut byte)], &mut control, flags)?;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(mut sent) = message
            && let Some(listener) = sent.next()
        {
            let listener = TcpListener::from(listener);
            listener.set_nonblocking(true)?;
            return Ok(listener);
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

/// `struct msghdr` and `struct cmsghdr` as the kernel has them.
#[repr(C)]
struct Message {
    name: usize,
    name_length: u32,
    parts: *const Part,
    part_count: usize,
    control: *const Control,
    control_length: usize,
    flags: u32,
}

#[repr(C)]
struct Part {
    base: *const u8,
    length: usize,
}

#[repr(C)]
struct Control {
    length: usize,
    level: i32,
    kind: i32,
    descriptor: i32,
}

/// Raw calls alone. The sockets that it opens are closed with the stage.
///
/// # Safety
/// For a process in a network namespace of its own; `channel` is open.
pub(in super::super) unsafe fn listen(port: u16, channel: RawFd) -> isize {
    const SIOCSIFFLAGS: usize = 0x8914;
    let kind = |kind: i32| (kind | libc::SOCK_CLOEXEC) as usize;
    // SAFETY: integers, and pointers to values on this stack that outlive the call.
    let call = |number, arguments| unsafe { syscall(number, arguments) };
    let control = call(libc::SYS_socket, [libc::AF_INET as usize, kind(libc::SOCK_DGRAM), 0, 0, 0]);
    if control < 0 {
        return control;
    }
    // struct ifreq: a name of 16 bytes, and flags: up, running.
    let mut request = [0u8; 40];
    request[0] = b'l';
    request[1] = b'o';
    let up = ((libc::IFF_UP | libc::IFF_RUNNING) as u16).to_ne_bytes();
    request[16] = up[0];
    request[17] = up[1];
    let result = call(libc::SYS_ioctl, [control as usize, SIOCSIFFLAGS, request.as_ptr() as usize, 0, 0]);
    if result < 0 {
        return result;
    }
    let socket = call(libc::SYS_socket, [libc::AF_INET as usize, kind(libc::SOCK_STREAM), 0, 0, 0]);
    if socket < 0 {
        return socket;
    }
    let address = libc::sockaddr_in {
        sin_family: libc::AF_INET as u16,
        sin_port: port.to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes([127, 0, 0, 1]) },
        sin_zero: [0; 8],
    };
    let length = size_of::<libc::sockaddr_in>();
    let result = call(libc::SYS_bind, [socket as usize, &raw const address as usize, length, 0, 0]);
    if result < 0 {
        return result;
    }
    let result = call(libc::SYS_listen, [socket as usize, 128, 0, 0, 0]);
    if result < 0 {
        return result;
    }
    let byte = 0u8;
    let part = Part { base: &raw const byte, length: 1 };
    let control = Control {
        length: std::mem::offset_of!(Control, descriptor) + 4,
        level: libc::SOL_SOCKET,
        kind: libc::SCM_RIGHTS,
        descriptor: socket as i32,
    };
    let message = Message {
        name: 0,
        name_length: 0,
        parts: &raw const part,
        part_count: 1,
        control: &raw const control,
        control_length: size_of::<Control>(),
        flags: 0,
    };
    call(libc::SYS_sendmsg, [channel as usize, &raw const message as usize, 0, 0, 0])
}
