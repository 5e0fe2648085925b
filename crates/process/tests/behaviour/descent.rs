//! The ladder is gone down while the host runs.

use vetty_process::{Command, Rung};

use crate::host::{skipped, text_of, warm_up};
use crate::ladder::filter::{Filter, TSYNC};

alone! {
    /// glibc itself makes no thread where clone3 says EPERM, so the filter comes when all threads are there.
    fn a_filter_that_forbids_clone3_is_met_by_the_next_rung() {
        warm_up();
        if Rung::in_force() != Rung::Clone3 {
            return skipped("this process is on a lower rung");
        }
        Filter::new().refuse_clone3(libc::EPERM).install(TSYNC).expect("a filter");
        assert_eq!(text_of(Command::new("/bin/echo").arg("by clone")), "by clone\n");
        assert_eq!(Rung::in_force(), Rung::Clone);
        Filter::new().refuse_vfork(libc::EPERM).install(TSYNC).expect("a filter");
        assert_eq!(text_of(Command::new("/bin/echo").arg("by fork")), "by fork\n");
        assert_eq!(Rung::in_force(), Rung::Portable);
    }
}
