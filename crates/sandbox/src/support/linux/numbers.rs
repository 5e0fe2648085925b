//! Holds our numbers of system calls against the C library's of this machine.

use crate::seccomp::{Call, Machine};

/// The C library's numbers, for those that it knows.
#[test]
fn numbers_are_those_of_this_machine() {
    macro_rules! known {
        ($($call:ident $number:ident,)+) => { [$((Call::$call, libc::$number as u32),)+] };
    }
    let known = known! {
        Openat SYS_openat, Openat2 SYS_openat2, Truncate SYS_truncate, Fchmod SYS_fchmod, Fchmodat SYS_fchmodat,
        Fchown SYS_fchown, Fchownat SYS_fchownat, Utimensat SYS_utimensat, Setxattr SYS_setxattr,
        Lsetxattr SYS_lsetxattr, Fsetxattr SYS_fsetxattr, Removexattr SYS_removexattr, Mknodat SYS_mknodat,
        Lremovexattr SYS_lremovexattr, Fremovexattr SYS_fremovexattr, Clone SYS_clone, Clone3 SYS_clone3,
        Unshare SYS_unshare, Mount SYS_mount, Umount2 SYS_umount2,             MoveMount SYS_move_mount, OpenTree SYS_open_tree, Fsopen SYS_fsopen,
        Fsconfig SYS_fsconfig, Fsmount SYS_fsmount, Fspick SYS_fspick,             Ptrace SYS_ptrace, ProcessVmReadv SYS_process_vm_readv, ProcessVmWritev SYS_process_vm_writev,
        Kcmp SYS_kcmp, PidfdGetfd SYS_pidfd_getfd, AddKey SYS_add_key, RequestKey SYS_request_key,
        Keyctl SYS_keyctl, Bpf SYS_bpf, PerfEventOpen SYS_perf_event_open, Userfaultfd SYS_userfaultfd,
        IoUringSetup SYS_io_uring_setup, IoUringEnter SYS_io_uring_enter, IoUringRegister SYS_io_uring_register,
        Acct SYS_acct, Settimeofday SYS_settimeofday, Swapon SYS_swapon,
        Swapoff SYS_swapoff, Reboot SYS_reboot, Sethostname SYS_sethostname, Setdomainname SYS_setdomainname,
        InitModule SYS_init_module, FinitModule SYS_finit_module,
                    Syslog SYS_syslog, Shmget SYS_shmget, Shmat SYS_shmat,
        Shmctl SYS_shmctl, Shmdt SYS_shmdt, Semget SYS_semget, Semop SYS_semop, Semctl SYS_semctl,
        Semtimedop SYS_semtimedop, Msgget SYS_msgget, Msgsnd SYS_msgsnd, Msgrcv SYS_msgrcv, Msgctl SYS_msgctl,
        MqOpen SYS_mq_open, MqUnlink SYS_mq_unlink, MqTimedsend SYS_mq_timedsend, MqNotify SYS_mq_notify,
        MqTimedreceive SYS_mq_timedreceive, MqGetsetattr SYS_mq_getsetattr, Socket SYS_socket,
        Socketpair SYS_socketpair, Listen SYS_listen, Sendto SYS_sendto, Sendmsg SYS_sendmsg,
        Sendmmsg SYS_sendmmsg, Ioctl SYS_ioctl, Setsid SYS_setsid, Setpgid SYS_setpgid, Prlimit64 SYS_prlimit64,
        Setpriority SYS_setpriority, IoprioSet SYS_ioprio_set, Fchmodat2 SYS_fchmodat2,
    };
    let machine = Machine::this().expect("a machine that filters are made for");
    for (call, number) in known {
        assert_eq!(call.number(machine), Some(number), "{call:?}");
    }
}
