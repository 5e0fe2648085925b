//! A seccomp filter that refuses ways of making a process, as containers and old kernels do.

/// A classic BPF program over the number, the caller and the first argument of a system call.
pub struct Filter(Vec<libc::sock_filter>);

/// Offsets in `struct seccomp_data`, on a little-endian machine.
const NUMBER: u32 = 0;
const CALLER_HIGH: u32 = 12;
const ARGUMENT_LOW: u32 = 16;

/// For [`Filter::install`]: holds for all threads.
#[allow(dead_code, reason = "not every binary installs one while it runs")]
pub const TSYNC: libc::c_ulong = 1;

impl Filter {
    pub fn new() -> Filter {
        Filter(Vec::new())
    }

    fn push(&mut self, code: u32, jt: u8, jf: u8, k: u32) {
        self.0.push(libc::sock_filter { code: code as u16, jt, jf, k });
    }

    fn load(&mut self, offset: u32) {
        self.push(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset);
    }

    fn refuse(&mut self, errno: i32) {
        self.push(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | errno as u32);
    }

    pub fn refuse_clone3(self, errno: i32) -> Filter {
        self.refuse_call(libc::SYS_clone3, errno)
    }

    pub fn refuse_call(mut self, number: libc::c_long, errno: i32) -> Filter {
        self.load(NUMBER);
        self.push(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, number as u32);
        self.refuse(errno);
        self
    }

    /// Not to libc, which is mapped far above any program.
    pub fn refuse_clone3_outside_of_libc(mut self, errno: i32) -> Filter {
        let high = |function: *const ()| (function as u64 >> 32) as u32;
        let (program, libc) = (high(Filter::new as *const ()), high(libc::clone as *const ()));
        if program >= libc {
            // Linked statically, as musl is, which makes its threads without clone3.
            return self.refuse_clone3(errno);
        }
        self.load(NUMBER);
        self.push(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 3, libc::SYS_clone3 as u32);
        self.load(CALLER_HIGH);
        self.push(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 1, 0, program.midpoint(libc));
        self.refuse(errno);
        self
    }

    /// `clone` with both CLONE_VM and CLONE_VFORK.
    pub fn refuse_vfork(mut self, errno: i32) -> Filter {
        let both = (libc::CLONE_VM | libc::CLONE_VFORK) as u32;
        self.load(NUMBER);
        self.push(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 4, libc::SYS_clone as u32);
        self.load(ARGUMENT_LOW);
        self.push(libc::BPF_ALU | libc::BPF_AND | libc::BPF_K, 0, 0, both);
        self.push(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, both);
        self.refuse(errno);
        self
    }

    pub fn install(&self, flags: libc::c_ulong) -> std::io::Result<()> {
        let allow = libc::sock_filter {
            code: (libc::BPF_RET | libc::BPF_K) as u16,
            jt: 0,
            jf: 0,
            k: libc::SECCOMP_RET_ALLOW,
        };
        // No allocation: this may run between fork and exec.
        let mut whole = [allow; 16];
        whole[..self.0.len()].copy_from_slice(&self.0);
        let program = libc::sock_fprog { len: self.0.len() as u16 + 1, filter: whole.as_mut_ptr() };
        // SAFETY: integers; who has no privilege must give up gaining one before the kernel takes a filter.
        unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
        // SAFETY: the program lives across the call.
        let result = unsafe {
            libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program)
        };
        if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    }
}
