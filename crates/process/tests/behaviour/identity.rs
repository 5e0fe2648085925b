//! Running as another user.

use std::os::unix::process::CommandExt;

use vetty_process::Command;

use crate::host::{field, run, skipped, text_of, warm_up};

/// Not every root can: a namespace may know one user only.
pub fn can_change_users() -> bool {
    let mut other = std::process::Command::new("/bin/true");
    let can = other.uid(65534).gid(65534).status().is_ok_and(|status| status.success());
    if !can {
        skipped("this process may not change users");
    }
    can
}

#[test]
fn another_user_and_group_without_groups_and_without_new_privileges() {
    if !can_change_users() {
        return;
    }
    let command = Command::new("/bin/cat").arg("/proc/self/status").uid(Some(65534)).gid(Some(65534));
    let status = text_of(command);
    assert_eq!(field(&status, "Uid"), "65534\t65534\t65534\t65534");
    assert_eq!(field(&status, "Gid"), "65534\t65534\t65534\t65534");
    assert_eq!(field(&status, "Groups"), "");
    assert_eq!(field(&status, "NoNewPrivs"), "1");
    assert_eq!(field(&status, "CapEff"), "0000000000000000");
}

#[test]
fn a_group_alone_keeps_the_user() {
    if !can_change_users() {
        return;
    }
    let status = text_of(Command::new("/bin/cat").arg("/proc/self/status").gid(Some(65534)));
    assert_eq!((field(&status, "Uid"), field(&status, "Gid")), ("0\t0\t0\t0", "65534\t65534\t65534\t65534"));
    assert_eq!((field(&status, "Groups"), field(&status, "NoNewPrivs")), ("", "1"));
}

#[test]
fn without_a_user_privileges_are_as_the_hosts() {
    let status = text_of(Command::new("/bin/cat").arg("/proc/self/status"));
    let host = std::fs::read_to_string("/proc/self/status").expect("/proc");
    for name in ["Uid", "Gid", "Groups", "NoNewPrivs"] {
        assert_eq!(field(&status, name), field(&host, name), "{name}");
    }
}

alone! {
    fn the_hosts_users_and_its_dumpable_flag_stay_also_when_many_change_users_at_once() {
        if !can_change_users() {
            return;
        }
        warm_up();
        // SAFETY: integers only.
        let dumpable = || unsafe { libc::prctl(libc::PR_GET_DUMPABLE) };
        let before = (std::fs::read_to_string("/proc/self/status").expect("/proc"), dumpable());
        run(async {
            let one = |index: u32| async move {
                let user = (!index.is_multiple_of(3)).then_some(65534);
                let (_, exit) = crate::host::output(Command::new("/bin/true").uid(user).gid(user)).await.expect("spawns");
                assert!(exit.success());
            };
            let tasks: Vec<_> = (0..100).map(|index| tokio::spawn(one(index))).collect();
            for task in tasks {
                task.await.expect("no panic");
            }
        });
        let after = (std::fs::read_to_string("/proc/self/status").expect("/proc"), dumpable());
        assert_eq!(after.1, before.1);
        for name in ["Uid", "Gid", "Groups", "NoNewPrivs", "CapEff"] {
            assert_eq!(field(&after.0, name), field(&before.0, name), "{name}");
        }
    }
}
