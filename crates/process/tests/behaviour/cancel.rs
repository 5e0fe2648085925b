//! Giving up: a spawn that nobody waits for any more leaves nothing.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use vetty_process::{Command, Containment, Stdio};

use crate::host::{descriptors, is_childless, new_descriptors, run, until, warm_up};

fn sleeper() -> Command {
    Command::new("/bin/sleep").arg("1000").stdin(Stdio::Pipe).stdout(Stdio::Pipe).stderr(Stdio::Pipe)
}

alone! {
    fn dropping_the_spawn_at_any_await_point_leaves_nothing() {
        warm_up();
        for containment in [Containment::Group, Containment::Cgroup] {
            drop(run(sleeper().containment(containment).spawn()).expect("spawns"));
            until("nothing is left of the first", is_childless);
            let before = descriptors();
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
            let guard = runtime.enter();
            for polls in 0..60u32 {
                let mut spawn = pin!(sleeper().containment(containment).spawn());
                let mut context = Context::from_waker(Waker::noop());
                // The more polls, the further the other thread has come, up to a child that nobody took.
                for _ in 0..polls {
                    if let Poll::Ready(child) = spawn.as_mut().poll(&mut context) {
                        drop(child.expect("spawns"));
                        break;
                    }
                    (0..polls * 4).for_each(|_| std::thread::yield_now());
                }
            }
            until("no process is left", is_childless);
            drop(guard);
            drop(runtime);
            until("no descriptor is left", || new_descriptors(&before).is_empty());
        }
    }
}

alone! {
    fn a_runtime_that_ends_in_the_middle_of_spawns_leaves_nothing() {
        warm_up();
        let before = descriptors();
        for _ in 0..20 {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
            for _ in 0..20 {
                runtime.spawn(async { sleeper().spawn().await.expect("spawns").exited().await });
            }
            drop(runtime);
        }
        until("no process is left", is_childless);
        until("no descriptor is left", || new_descriptors(&before).is_empty());
    }
}

alone! {
    fn a_runtime_without_io_is_told_so_and_nothing_is_left() {
        warm_up();
        let before = descriptors();
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            runtime.block_on(async { sleeper().spawn().await.map(drop) })
        }));
        assert!(!matches!(result, Ok(Ok(()))), "it cannot work");
        until("no process is left", is_childless);
        until("no descriptor is left", || new_descriptors(&before).is_empty());
        // And the spawner threads still serve others.
        assert_eq!(crate::host::text_of(Command::new("/bin/echo").arg("x")), "x\n");
    }
}
