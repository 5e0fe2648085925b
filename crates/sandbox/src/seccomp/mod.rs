//! What Landlock does not see, refused by system call: kinds of sockets, namespaces, mounts, other processes' memory,
//! the kernel's own control, and ways around.

mod calls;
#[cfg(test)]
mod interpreter;
mod tree;

pub use calls::Machine;
pub use tree::Instruction;

pub(crate) use calls::Call;
use calls::Call::*;
use tree::{Answer, Rules, Test, compile};

/// Which sockets may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Sockets {
    /// None but pairs.
    None,
    /// TCP over IP; Landlock holds the ports.
    Tcp {
        /// Whether any port may be listened on.
        listen: bool,
    },
    /// All of IP, and the kernel's tables of it.
    Ip,
}

/// What a filter is to be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Wanted {
    pub(crate) sockets: Sockets,
    pub(crate) unix_sockets: bool,
    /// Modes, owners, times and extended attributes of files stay as they are.
    pub(crate) refuse_metadata: bool,
    /// `truncate(2)`, where Landlock does not know it.
    pub(crate) refuse_truncate: bool,
    /// Nobody leaves the process group: the calls succeed and do nothing.
    pub(crate) lock_process_group: bool,
}

const EPERM: Answer = Answer::Errno(1);
const ENOSYS: Answer = Answer::Errno(38);
const NOTHING_DONE: Answer = Answer::Errno(0);

/// The program that refuses what is not wanted.
pub(crate) fn filter(machine: Machine, wanted: Wanted) -> Vec<Instruction> {
    let opinions: Vec<(u32, Rules)> = opinions(wanted)
        .into_iter()
        .filter_map(|(call, rules)| call.number(machine).map(|number| (number, rules)))
        .collect();
    compile(machine, &opinions)
}

fn opinions(wanted: Wanted) -> Vec<(Call, Rules)> {
    let mut all: Vec<(Call, Rules)> = Vec::new();
    let mut always = |calls: &[Call], answer| {
        all.extend(calls.iter().map(|call| (*call, vec![(Vec::new(), answer)])));
    };
    always(&REFUSED, EPERM);
    always(&ABSENT, ENOSYS);
    if wanted.refuse_metadata {
        always(&METADATA, EPERM);
    }
    if wanted.refuse_truncate {
        always(&[Truncate], EPERM);
    }
    if wanted.lock_process_group {
        // A refusal would end programs that only want to be tidy; what counts is that nobody leaves.
        always(&[Setsid, Setpgid], NOTHING_DONE);
    }
    all.extend(namespaces());
    all.extend(set_user_id(wanted.refuse_metadata));
    all.extend(sockets(wanted));
    all.extend(other_processes());
    // Text that the terminal takes for typed.
    all.push((Ioctl, vec![(vec![Test::is(1, &[TIOCSTI, TIOCLINUX])], EPERM)]));
    all
}

/// Tracing and other processes' memory; keys; what crosses over between processes of a user by no path (System V's and
/// POSIX's queues, semaphores, shared memory); the kernel's log.
///
/// What needs a capability is refused by the kernel itself, because there are none, and no namespace to get them in. Of
/// those, only what lies between others is listed: each range costs when a filter is installed.
const REFUSED: [Call; 44] = [
    Ptrace,
    ProcessVmReadv,
    ProcessVmWritev,
    Kcmp,
    AddKey,
    RequestKey,
    Keyctl,
    Bpf,
    PerfEventOpen,
    Userfaultfd,
    Shmget,
    Shmat,
    Shmctl,
    Shmdt,
    Semget,
    Semop,
    Semctl,
    Semtimedop,
    Msgget,
    Msgsnd,
    Msgrcv,
    Msgctl,
    MqOpen,
    MqUnlink,
    MqTimedsend,
    MqTimedreceive,
    MqNotify,
    MqGetsetattr,
    Acct,
    Settimeofday,
    Mount,
    Umount2,
    Swapon,
    Swapoff,
    Reboot,
    Sethostname,
    Setdomainname,
    Iopl,
    Ioperm,
    CreateModule,
    InitModule,
    DeleteModule,
    FinitModule,
    Syslog,
];

/// Programs have another way where a kernel does not know these. Their arguments lie in memory, where no filter looks.
const ABSENT: [Call; 12] = [
    IoUringSetup,
    IoUringEnter,
    IoUringRegister,
    OpenTree,
    MoveMount,
    Fsopen,
    Fsconfig,
    Fsmount,
    Fspick,
    Clone3,
    Openat2,
    PidfdGetfd,
];

const METADATA: [Call; 21] = [
    Chmod,
    Fchmod,
    Fchmodat,
    Fchmodat2,
    Chown,
    Fchown,
    Lchown,
    Fchownat,
    Utime,
    Utimes,
    Futimesat,
    Utimensat,
    Setxattr,
    Lsetxattr,
    Fsetxattr,
    Setxattrat,
    Removexattr,
    Lremovexattr,
    Fremovexattr,
    Removexattrat,
    FileSetattr,
];

const TIOCSTI: u32 = 0x5412;
const TIOCLINUX: u32 = 0x541c;

/// `CLONE_NEW*`: time, mount, cgroup, uts, ipc, user, pid, net.
const NEW_NAMESPACES: u32 = 0x7e02_0080;
/// In clone(2) the bit of a time namespace belongs to the signal of the child's end.
const CLONES_NAMESPACES: u32 = NEW_NAMESPACES & !0xff;

fn namespaces() -> Vec<(Call, Rules)> {
    vec![
        (Clone, vec![(vec![Test::has(0, CLONES_NAMESPACES)], EPERM)]),
        (Unshare, vec![(vec![Test::has(0, NEW_NAMESPACES)], EPERM)]),
    ]
}

/// No file is made or changed to run with the rights of its owner, or of its group, for whoever executes it.
fn set_user_id(refuse_metadata: bool) -> Vec<(Call, Rules)> {
    const SET_ID: u32 = 0o6000;
    /// `O_CREAT`, and the bit that makes `O_TMPFILE` what it is: without them the mode is no argument.
    const MAKES: u32 = 0o100 | 0o20_000_000;
    let mode = |argument| (vec![Test::has(argument, SET_ID)], EPERM);
    let made = |flags, argument| (vec![Test::has(flags, MAKES), Test::has(argument, SET_ID)], EPERM);
    let mut all = vec![
        (Open, vec![made(1, 2)]),
        (Openat, vec![made(2, 3)]),
        (Creat, vec![mode(1)]),
        (Mknod, vec![mode(1)]),
        (Mknodat, vec![mode(2)]),
    ];
    if !refuse_metadata {
        all.extend(
            [(Chmod, 1), (Fchmod, 1), (Fchmodat, 2), (Fchmodat2, 2)]
                .map(|(call, argument)| (call, vec![mode(argument)])),
        );
    }
    all
}

const AF_UNIX: u32 = 1;
const AF_INET: u32 = 2;
const AF_INET6: u32 = 10;
const AF_NETLINK: u32 = 16;
const SOCK_STREAM: u32 = 1;
const SOCK_SEQPACKET: u32 = 5;
/// The rest of a socket's type are flags.
const SOCK_TYPE: u32 = 0xf;
const IPPROTO_TCP: u32 = 6;
const NETLINK_ROUTE: u32 = 0;
const MSG_FASTOPEN: u32 = 0x2000_0000;

fn sockets(wanted: Wanted) -> Vec<(Call, Rules)> {
    let allow = |tests| (tests, Answer::Allow);
    let mut socket: Rules = Vec::new();
    let mut all = Vec::new();
    if wanted.unix_sockets {
        socket.push(allow(vec![Test::is(0, &[AF_UNIX])]));
    } else {
        // A pair of datagram sockets can send to any path; the ends of the others know but each other.
        let kind = Test::is_not(1, &[SOCK_STREAM, SOCK_SEQPACKET]).masked(SOCK_TYPE);
        all.push((Socketpair, vec![(vec![Test::is_not(0, &[AF_UNIX])], EPERM), (vec![kind], EPERM)]));
    }
    match wanted.sockets {
        Sockets::None => {}
        Sockets::Tcp { listen } => {
            // MPTCP, SCTP, UDP and their like pass Landlock's rules by; so does data that is sent with the first packet.
            socket.push(allow(vec![
                Test::is(0, &[AF_INET, AF_INET6]),
                Test::is(1, &[SOCK_STREAM]).masked(SOCK_TYPE),
                Test::is(2, &[0, IPPROTO_TCP]),
            ]));
            let fast_open = |flags| vec![(vec![Test::has(flags, MSG_FASTOPEN)], EPERM)];
            all.extend([(Sendto, fast_open(3)), (Sendmsg, fast_open(2)), (Sendmmsg, fast_open(3))]);
            if !listen && !wanted.unix_sockets {
                // Who listens without a bind gets a port that no rule was asked for.
                all.push((Listen, vec![(Vec::new(), EPERM)]));
            }
        }
        Sockets::Ip => {
            socket.push(allow(vec![Test::is(0, &[AF_INET, AF_INET6])]));
            socket.push(allow(vec![Test::is(0, &[AF_NETLINK]), Test::is(2, &[NETLINK_ROUTE])]));
        }
    }
    socket.push((Vec::new(), EPERM));
    all.push((Socket, socket));
    all
}

/// Limits and priorities of processes outside, for which it is enough to be of the same user.
fn other_processes() -> Vec<(Call, Rules)> {
    const OF_THE_USER: u32 = 2;
    const OF_THE_USERS_IO: u32 = 3;
    let others = |argument| (vec![Test::is_not(argument, &[0])], EPERM);
    vec![
        (Prlimit64, vec![others(0)]),
        (Setpriority, vec![others(1), (vec![Test::is(0, &[OF_THE_USER])], EPERM)]),
        (IoprioSet, vec![others(1), (vec![Test::is(0, &[OF_THE_USERS_IO])], EPERM)]),
    ]
}

#[cfg(test)]
mod tests {
    use super::interpreter::{Call as Made, run};
    use super::*;

    const STRICT: Wanted = Wanted {
        sockets: Sockets::None,
        unix_sockets: false,
        refuse_metadata: false,
        refuse_truncate: false,
        lock_process_group: false,
    };
    const MACHINES: [Machine; 2] = [Machine::X86_64, Machine::Aarch64];

    fn answer(machine: Machine, wanted: Wanted, call: Call, arguments: &[u64]) -> Answer {
        let number = call.number(machine).expect("a call of this machine");
        run(&filter(machine, wanted), &Made::new(machine, number, arguments)).0
    }

    /// On each machine alike.
    fn answers(wanted: Wanted, call: Call, arguments: &[u64]) -> Answer {
        let [one, other] = MACHINES.map(|machine| answer(machine, wanted, call, arguments));
        assert_eq!(one, other, "{call:?}");
        one
    }

    #[test]
    fn a_filter_fits_the_kernel_and_lies_flat() {
        for machine in MACHINES {
            for lock_process_group in [false, true] {
                let wanted = Wanted { sockets: Sockets::Tcp { listen: false }, lock_process_group, ..STRICT };
                let program = filter(machine, wanted);
                assert!(program.len() < 190, "{}", program.len());
                let steps = |number| run(&program, &Made::new(machine, number, &[])).1;
                let most = (0..=calls::LAST_KNOWN).map(steps).max().expect("there are numbers");
                let all: usize = (0..=calls::LAST_KNOWN).map(steps).sum();
                assert!(most <= 24 && all / 470 <= 12, "{machine:?}: {most} at most, {all} in all");
            }
        }
    }

    #[test]
    fn what_is_refused_is_refused_and_its_neighbours_are_not() {
        for machine in MACHINES {
            let program = filter(machine, STRICT);
            let number = |call: &Call| call.number(machine);
            let refused: Vec<u32> = REFUSED.iter().filter_map(number).collect();
            let absent: Vec<u32> = ABSENT.iter().filter_map(number).collect();
            let looked_into: Vec<u32> = opinions(STRICT)
                .iter()
                .filter(|(_, rules)| !rules[0].0.is_empty())
                .filter_map(|(call, _)| number(call))
                .collect();
            for call in 0..=calls::LAST_KNOWN {
                let expected = match call {
                    _ if refused.contains(&call) => EPERM,
                    _ if absent.contains(&call) => ENOSYS,
                    _ if looked_into.contains(&call) => continue,
                    _ if Some(call) == Socket.number(machine) => continue,
                    _ => Answer::Allow,
                };
                assert_eq!(
                    run(&program, &Made::new(machine, call, &[u64::MAX; 6])).0,
                    expected,
                    "{machine:?} {call}"
                );
            }
        }
    }

    #[test]
    fn other_ways_into_the_kernel_are_refused() {
        let program = filter(Machine::X86_64, STRICT);
        let i386 = Made { architecture: 0x4000_0003, ..Made::new(Machine::X86_64, 39, &[]) };
        assert_eq!(run(&program, &i386).0, Answer::Kill);
        for number in [0x4000_0000, 0x4000_0000 + 39, calls::LAST_KNOWN + 1, u32::MAX] {
            assert_eq!(run(&program, &Made::new(Machine::X86_64, number, &[])).0, ENOSYS, "{number:#x}");
        }
    }

    #[test]
    fn sockets_are_made_as_wanted() {
        let made = |wanted: Wanted, arguments: [u64; 3]| answers(wanted, Socket, &arguments) == Answer::Allow;
        let (unix, inet, inet6, netlink, vsock) = (1, 2, 10, 16, 40);
        let (stream, datagram, raw) = (1, 2, 3);
        let nonblocking_stream = 0o4001;
        let tcp = Wanted { sockets: Sockets::Tcp { listen: true }, ..STRICT };
        let open = Wanted { sockets: Sockets::Ip, ..STRICT };
        for family in [unix, inet, inet6, netlink, vsock] {
            assert!(!made(STRICT, [family, stream, 0]));
        }
        assert!(made(Wanted { unix_sockets: true, ..STRICT }, [unix, stream, 0]));
        assert!(made(tcp, [inet, stream, 0]) && made(tcp, [inet6, nonblocking_stream, 6]));
        for refused in
            [[inet, datagram, 0], [inet, stream, 262], [inet, stream, 132], [inet, raw, 1], [unix, stream, 0]]
        {
            assert!(!made(tcp, refused), "{refused:?}");
        }
        assert!(made(open, [inet, datagram, 0]) && made(open, [netlink, raw, 0]));
        for refused in [[netlink, raw, 9], [vsock, stream, 0], [unix, stream, 0], [17, raw, 0]] {
            assert!(!made(open, refused), "{refused:?}");
        }
    }

    #[test]
    fn the_upper_half_of_an_argument_changes_nothing() {
        let tcp = Wanted { sockets: Sockets::Tcp { listen: true }, ..STRICT };
        assert_eq!(answers(tcp, Socket, &[0xffff_ffff_0000_0010, 1, 0]), EPERM);
        assert_eq!(answers(tcp, Sendto, &[3, 0, 0, 0xdead_0000_2000_0000]), EPERM);
        assert_eq!(answers(STRICT, Ioctl, &[0, 0xffff_ffff_0000_5412]), EPERM);
        assert_eq!(answers(STRICT, Ioctl, &[0, 0x5413]), Answer::Allow);
    }

    #[test]
    fn a_pair_of_sockets_cannot_reach_a_path() {
        assert_eq!(answers(STRICT, Socketpair, &[1, 0o2_000_001, 0]), Answer::Allow);
        assert_eq!(answers(STRICT, Socketpair, &[1, 2, 0]), EPERM);
        assert_eq!(answers(STRICT, Socketpair, &[30, 1, 0]), EPERM);
    }

    #[test]
    fn threads_and_processes_are_made_and_namespaces_are_not() {
        let thread = 0x3d_0f00;
        let fork_signal = 17;
        assert_eq!(answers(STRICT, Clone, &[thread]), Answer::Allow);
        assert_eq!(answers(STRICT, Clone, &[fork_signal | 0x4000 | 0x100]), Answer::Allow);
        for flag in [0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000] {
            assert_eq!(answers(STRICT, Clone, &[flag | fork_signal]), EPERM, "{flag:#x}");
            assert_eq!(answers(STRICT, Unshare, &[flag]), EPERM, "{flag:#x}");
        }
        assert_eq!(answers(STRICT, Unshare, &[0x80]), EPERM);
        assert_eq!(answers(STRICT, Unshare, &[0x400]), Answer::Allow);
    }

    #[test]
    fn modes_are_set_but_not_those_that_lend_rights() {
        assert_eq!(answers(STRICT, Fchmodat, &[0, 0, 0o755]), Answer::Allow);
        assert_eq!(answers(STRICT, Fchmodat, &[0, 0, 0o4755]), EPERM);
        assert_eq!(answers(STRICT, Fchmod, &[3, 0o2755]), EPERM);
        assert_eq!(answers(STRICT, Openat, &[0, 0, 0o101, 0o4755]), EPERM);
        assert_eq!(answers(STRICT, Openat, &[0, 0, 0, 0o4755]), Answer::Allow);
        let strict = Wanted { refuse_metadata: true, ..STRICT };
        assert_eq!(answers(strict, Fchmodat, &[0, 0, 0o755]), EPERM);
    }

    #[test]
    fn who_is_locked_in_a_group_is_told_to_have_left() {
        assert_eq!(answers(STRICT, Setsid, &[]), Answer::Allow);
        let locked = Wanted { lock_process_group: true, ..STRICT };
        assert_eq!(answers(locked, Setsid, &[]), NOTHING_DONE);
        assert_eq!(answers(locked, Setpgid, &[0, 0]), NOTHING_DONE);
    }

    #[test]
    fn limits_and_priorities_are_ones_own_affair() {
        assert_eq!(answers(STRICT, Prlimit64, &[0, 7, 1, 0]), Answer::Allow);
        assert_eq!(answers(STRICT, Prlimit64, &[1, 7, 1, 0]), EPERM);
        assert_eq!(answers(STRICT, Setpriority, &[0, 0, 5]), Answer::Allow);
        assert_eq!(answers(STRICT, Setpriority, &[2, 0, 5]), EPERM);
        assert_eq!(answers(STRICT, IoprioSet, &[1, 77, 5]), EPERM);
    }
}
