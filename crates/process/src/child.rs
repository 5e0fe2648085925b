//! A running program: its pipes, its end, its tree.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use crate::sys::Born;
use crate::{Exit, PipeReader, PipeWriter, Pty, Signal, Tree, orphans};

/// A program that was started. Dropping it kills its tree; what dies is reaped without blocking anybody.
#[derive(Debug)]
pub struct Child {
    /// Its standard input, if a pipe was asked for. Dropping it is the end of input.
    pub stdin: Option<PipeWriter>,
    /// Its standard output, if a pipe was asked for.
    pub stdout: Option<PipeReader>,
    /// Its standard error, if a pipe was asked for.
    pub stderr: Option<PipeReader>,
    /// Its pseudo-terminal, if one was asked for.
    pub pty: Option<Pty>,
    /// Listens inside of its network, on the loopback's [`vetty_sandbox::PROXY_PORT`], if its confinement has a proxy:
    /// whoever spawned it serves what it asks for. It never blocks.
    pub proxy: Option<TcpListener>,
    tree: Arc<Tree>,
}

impl Child {
    /// Must be called in a runtime's context.
    pub(crate) fn new(born: Born) -> io::Result<Child> {
        let Born {
            listener,
            leader,
            namespace,
            confinement,
            cgroup,
            limit_groups,
            stdin,
            stdout,
            stderr,
            pty,
        } = born;
        // The tree first: if a pipe cannot be registered, the child's drop ends what was born.
        let mut child = Child {
            stdin: None,
            stdout: None,
            stderr: None,
            pty: None,
            proxy: listener,
            tree: Arc::new(Tree::new(leader, namespace, confinement, cgroup, limit_groups)?),
        };
        child.stdin = stdin.map(PipeWriter::new).transpose()?;
        child.stdout = stdout.map(PipeReader::new).transpose()?;
        child.stderr = stderr.map(PipeReader::new).transpose()?;
        child.pty = pty.map(Pty::new).transpose()?;
        Ok(child)
    }

    /// Its process number.
    pub fn pid(&self) -> i32 {
        self.tree.pid()
    }

    /// To signal it from elsewhere; it may outlive the child.
    pub fn tree(&self) -> &Arc<Tree> {
        &self.tree
    }

    /// Waits until the program has ended. It stays a zombie, so that its group can still be signalled safely, until
    /// [`Child::reap`].
    ///
    /// # Cancel safety
    /// Safe: nothing is lost when the future is dropped.
    pub async fn exited(&self) {
        self.tree.exited().await;
    }

    /// How it ended, after [`Child::exited`]; before it, this blocks the thread. The zombie stays.
    pub fn status(&self) -> Exit {
        self.tree.status()
    }

    /// Takes the status and the zombie, after [`Child::exited`]; before it, this blocks the thread. Idempotent.
    pub fn reap(&self) -> Exit {
        self.tree.reap()
    }

    /// [`Child::reap`], and the end of those whom the program left behind, unless they may stay (`leave`). Says how many
    /// there were.
    pub fn finish(self, leave: bool) -> (Exit, usize) {
        self.tree.finish(leave)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.tree.is_reaped() {
            self.tree.kill(Signal::KILL);
            if !self.tree.reap_if_dead() {
                let tree = Arc::clone(&self.tree);
                orphans::adopt(Box::new(move || tree.reap_if_dead()));
            }
        }
    }
}
