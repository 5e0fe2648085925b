//! The system calls that a filter speaks of, by their numbers on each supported machine.

/// Whose numbers hold. A value, so that each machine's program can be made and tested on any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Machine {
    /// 64-bit x86. The 32-bit ways into its kernel, and x32, are refused.
    X86_64,
    /// 64-bit ARM.
    Aarch64,
}

impl Machine {
    /// The one that this program was built for, if a filter can be made for it.
    pub fn this() -> Option<Machine> {
        match std::env::consts::ARCH {
            "x86_64" => Some(Machine::X86_64),
            "aarch64" => Some(Machine::Aarch64),
            _ => None,
        }
    }

    /// What the kernel calls it in `seccomp_data` (`AUDIT_ARCH_*`).
    pub(crate) fn audit_number(self) -> u32 {
        match self {
            Machine::X86_64 => 0xc000_003e,
            Machine::Aarch64 => 0xc000_00b7,
        }
    }
}

/// The last number that a filter has an opinion about: of Linux 6.18. What comes later is unknown to it, and refused.
pub(crate) const LAST_KNOWN: u32 = 469;

macro_rules! number {
    (-) => {
        None
    };
    ($number:literal) => {
        Some($number)
    };
}

macro_rules! calls {
    ($($call:ident = $name:literal $x86_64:tt $aarch64:tt,)+) => {
        /// A system call that some filter refuses or looks into.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Call {
            $($call,)+
        }

        impl Call {
            /// Its number; `None` where the machine has no such call.
            pub(crate) fn number(self, machine: Machine) -> Option<u32> {
                match (self, machine) {
                    $((Call::$call, Machine::X86_64) => number!($x86_64),
                    (Call::$call, Machine::Aarch64) => number!($aarch64),)+
                }
            }
        }

        #[cfg(test)]
        const ALL: &[(Call, &str)] = &[$((Call::$call, $name),)+];
    };
}

calls! {
    Open = "open" 2 -,
    Creat = "creat" 85 -,
    Openat = "openat" 257 56,
    Openat2 = "openat2" 437 437,
    Truncate = "truncate" 76 45,
    Chmod = "chmod" 90 -,
    Fchmod = "fchmod" 91 52,
    Fchmodat = "fchmodat" 268 53,
    Fchmodat2 = "fchmodat2" 452 452,
    Chown = "chown" 92 -,
    Fchown = "fchown" 93 55,
    Lchown = "lchown" 94 -,
    Fchownat = "fchownat" 260 54,
    Utime = "utime" 132 -,
    Utimes = "utimes" 235 -,
    Futimesat = "futimesat" 261 -,
    Utimensat = "utimensat" 280 88,
    Setxattr = "setxattr" 188 5,
    Lsetxattr = "lsetxattr" 189 6,
    Fsetxattr = "fsetxattr" 190 7,
    Setxattrat = "setxattrat" 463 463,
    Removexattr = "removexattr" 197 14,
    Lremovexattr = "lremovexattr" 198 15,
    Fremovexattr = "fremovexattr" 199 16,
    Removexattrat = "removexattrat" 466 466,
    FileSetattr = "file_setattr" 469 469,
    Mknod = "mknod" 133 -,
    Mknodat = "mknodat" 259 33,
    Clone = "clone" 56 220,
    Clone3 = "clone3" 435 435,
    Unshare = "unshare" 272 97,
    Mount = "mount" 165 40,
    Umount2 = "umount2" 166 39,
    MoveMount = "move_mount" 429 429,
    OpenTree = "open_tree" 428 428,
    Fsopen = "fsopen" 430 430,
    Fsconfig = "fsconfig" 431 431,
    Fsmount = "fsmount" 432 432,
    Fspick = "fspick" 433 433,
    Ptrace = "ptrace" 101 117,
    ProcessVmReadv = "process_vm_readv" 310 270,
    ProcessVmWritev = "process_vm_writev" 311 271,
    Kcmp = "kcmp" 312 272,
    PidfdGetfd = "pidfd_getfd" 438 438,
    AddKey = "add_key" 248 217,
    RequestKey = "request_key" 249 218,
    Keyctl = "keyctl" 250 219,
    Bpf = "bpf" 321 280,
    PerfEventOpen = "perf_event_open" 298 241,
    Userfaultfd = "userfaultfd" 323 282,
    IoUringSetup = "io_uring_setup" 425 425,
    IoUringEnter = "io_uring_enter" 426 426,
    IoUringRegister = "io_uring_register" 427 427,
    Acct = "acct" 163 89,
    Settimeofday = "settimeofday" 164 170,
    Swapon = "swapon" 167 224,
    Swapoff = "swapoff" 168 225,
    Reboot = "reboot" 169 142,
    Sethostname = "sethostname" 170 161,
    Setdomainname = "setdomainname" 171 162,
    Iopl = "iopl" 172 -,
    Ioperm = "ioperm" 173 -,
    CreateModule = "create_module" 174 -,
    InitModule = "init_module" 175 105,
    DeleteModule = "delete_module" 176 106,
    FinitModule = "finit_module" 313 273,
    Syslog = "syslog" 103 116,
    Shmget = "shmget" 29 194,
    Shmat = "shmat" 30 196,
    Shmctl = "shmctl" 31 195,
    Shmdt = "shmdt" 67 197,
    Semget = "semget" 64 190,
    Semop = "semop" 65 193,
    Semctl = "semctl" 66 191,
    Semtimedop = "semtimedop" 220 192,
    Msgget = "msgget" 68 186,
    Msgsnd = "msgsnd" 69 189,
    Msgrcv = "msgrcv" 70 188,
    Msgctl = "msgctl" 71 187,
    MqOpen = "mq_open" 240 180,
    MqUnlink = "mq_unlink" 241 181,
    MqTimedsend = "mq_timedsend" 242 182,
    MqTimedreceive = "mq_timedreceive" 243 183,
    MqNotify = "mq_notify" 244 184,
    MqGetsetattr = "mq_getsetattr" 245 185,
    Socket = "socket" 41 198,
    Socketpair = "socketpair" 53 199,
    Listen = "listen" 50 201,
    Sendto = "sendto" 44 206,
    Sendmsg = "sendmsg" 46 211,
    Sendmmsg = "sendmmsg" 307 269,
    Ioctl = "ioctl" 16 29,
    Setsid = "setsid" 112 157,
    Setpgid = "setpgid" 109 154,
    Prlimit64 = "prlimit64" 302 261,
    Setpriority = "setpriority" 141 140,
    IoprioSet = "ioprio_set" 251 30,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_taken_twice_and_none_is_beyond_the_last() {
        for machine in [Machine::X86_64, Machine::Aarch64] {
            let mut numbers: Vec<u32> = ALL
                .iter()
                .filter_map(|(call, _)| call.number(machine))
                .inspect(|n| assert!(*n <= LAST_KNOWN))
                .collect();
            let count = numbers.len();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), count, "{machine:?}");
        }
    }
}
