//! Children whose owner is gone: killed already, and reaped by a thread that sleeps when there is none.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::tree::Tree;

static INBOX: Mutex<Option<Sender<Arc<Tree>>>> = Mutex::new(None);

/// Sees to it that `tree`, to which SIGKILL was sent, leaves no zombie. Never blocks.
pub(crate) fn adopt(tree: Arc<Tree>) {
    let mut inbox = INBOX.lock().unwrap_or_else(PoisonError::into_inner);
    if inbox.is_none() {
        let (sender, receiver) = channel();
        if thread::Builder::new()
            .name("vetty-orphans".to_owned())
            .stack_size(64 * 1024)
            .spawn(|| reap(receiver))
            .is_ok()
        {
            *inbox = Some(sender);
        }
    }
    if let Some(sender) = &*inbox {
        // The thread never ends, so somebody receives.
        drop(sender.send(tree));
    }
}

fn reap(inbox: Receiver<Arc<Tree>>) {
    /// A killed process needs a fraction of this; one in an uninterruptible sleep, as long as it takes.
    const PAUSE: Duration = Duration::from_millis(5);
    let mut orphans: Vec<Arc<Tree>> = Vec::new();
    loop {
        if orphans.is_empty() {
            match inbox.recv() {
                Ok(tree) => orphans.push(tree),
                Err(_) => return,
            }
        }
        orphans.extend(inbox.try_iter());
        orphans.retain(|tree| !tree.reap_if_dead());
        if !orphans.is_empty() {
            thread::sleep(PAUSE);
        }
    }
}
