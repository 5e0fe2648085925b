//! What remains when an owner is gone: children that were killed and have to be reaped, control groups that can be removed
//! only when the last of them has left. A thread sees to it, and sleeps when there is nothing.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Something that is tried until it says that it is done.
pub(crate) type Chore = Box<dyn FnMut() -> bool + Send>;

static INBOX: Mutex<Option<Sender<Chore>>> = Mutex::new(None);

/// Tries `chore` soon, and again until it returns `true`. Never blocks.
pub(crate) fn adopt(chore: Chore) {
    let mut inbox = INBOX.lock().unwrap_or_else(PoisonError::into_inner);
    if inbox.is_none() {
        let (sender, receiver) = channel();
        if thread::Builder::new()
            .name("vetty-orphans".to_owned())
            .stack_size(64 * 1024)
            .spawn(|| work(receiver))
            .is_ok()
        {
            *inbox = Some(sender);
        }
    }
    if let Some(sender) = &*inbox {
        // The thread never ends, so somebody receives.
        drop(sender.send(chore));
    }
}

fn work(inbox: Receiver<Chore>) {
    /// A killed process needs a fraction of this.
    const SHORTEST: Duration = Duration::from_millis(2);
    /// One in an uninterruptible sleep may need for ever.
    const LONGEST: Duration = Duration::from_millis(500);
    let mut chores: Vec<Chore> = Vec::new();
    let mut pause = SHORTEST;
    loop {
        if chores.is_empty() {
            match inbox.recv() {
                Ok(chore) => chores.push(chore),
                Err(_) => return,
            }
            pause = SHORTEST;
        } else if let Ok(chore) = inbox.recv_timeout(pause) {
            chores.push(chore);
            pause = SHORTEST;
        }
        chores.extend(inbox.try_iter());
        let before = chores.len();
        chores.retain_mut(|chore| !chore());
        pause = if chores.len() < before { SHORTEST } else { (pause * 2).min(LONGEST) };
    }
}
