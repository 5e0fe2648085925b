//! A program on a pseudo-terminal, driven by a program.

mod drivers;
mod foreground;
mod input;
mod reader;
mod secret;
mod tap;
mod wait;
pub(crate) mod watch;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::sleep_until;
use vetty_process::{Exit, LineMode, Signal, Size};

pub use self::foreground::{Foreground, ForegroundState};
pub use self::reader::Reader;
pub use self::secret::Secret;
pub use self::tap::{SessionTap, TapChunk};
pub use self::wait::{Wait, Waited};
pub use self::watch::Match;

use self::drivers::Drivers;
pub(crate) use self::input::Input;
use self::input::{pasted, typed};
use crate::config::{MaxCells, Sessions, bound};
use crate::{Error, Handle, Kill, Process};

/// A program on a pseudo-terminal, from [`Command::open`](crate::Command::open).
///
/// # Reading
/// A [`Reader`] loses nothing, and while there is one its speed is the program's. Without one the session is driven by a
/// pending [`Session::wait`]; without that, a mebibyte is held for a reader to come and then the program waits. What a wait
/// drives past that mebibyte is gone for a later reader: [`Session::lost`]. After the program's death what the kernel still
/// has is read whoever reads, so that [`Session::exited`] depends on nobody.
///
/// # End
/// Dropping it kills the tree.
pub struct Session {
    process: Process,
    input: Input,
    size: Mutex<Size>,
    drivers: Arc<Drivers>,
    most: MaxCells,
    wait_timeout: Option<Duration>,
}

impl Session {
    pub(crate) fn new(process: Process, input: Input, size: Size, config: &Sessions) -> Session {
        Session {
            drivers: Drivers::new(process.handle()),
            process,
            input,
            size: Mutex::new(size),
            most: config.max_size,
            wait_timeout: bound(config.wait_timeout),
        }
    }

    /// To signal, kill or list it from elsewhere.
    pub fn handle(&self) -> Handle {
        self.process.handle()
    }

    /// `term_` and 32 hex digits.
    pub fn id(&self) -> &str {
        self.process.id()
    }

    /// The program's process number.
    pub fn pid(&self) -> i32 {
        self.process.pid()
    }

    /// The terminal's size.
    pub fn size(&self) -> Size {
        *self.size.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Types bytes as they are. Resolves when the terminal has taken them, after what was written before.
    ///
    /// # Errors
    /// [`Error::InputFull`] if more than 8 MiB wait, [`Error::Ended`] if the program has ended.
    ///
    /// # Cancel safety
    /// Dropped before its turn, nothing was typed; during it, a part was.
    pub async fn write(&self, data: impl AsRef<[u8]>) -> Result<(), Error> {
        if let Some(watch) = self.process.handle_ref().run().streams().watch() {
            watch.typed();
        }
        tokio::select! {
            biased;
            written = self.input.write(data.as_ref()) => written,
            _ = self.process.handle_ref().leader_ended() => Err(Error::Ended),
        }
    }

    /// Types text as a person does: a line feed is Enter.
    ///
    /// # Errors
    /// As [`Session::write`].
    ///
    /// # Cancel safety
    /// As [`Session::write`].
    pub async fn send(&self, text: &str) -> Result<(), Error> {
        self.write(typed(text)).await
    }

    /// Types a secret as [`Session::send`] does, and leaves no copy of it in this process's memory: it goes from the secret's
    /// own memory to the terminal. It is never logged. What the program shows of it is output as any other: see
    /// [`Session::line_mode`] for whether the terminal echoes.
    ///
    /// # Errors
    /// As [`Session::write`].
    ///
    /// # Cancel safety
    /// As [`Session::write`].
    pub async fn send_secret(&self, secret: &Secret) -> Result<(), Error> {
        let typed = secret.typed();
        self.write(&typed[..]).await
    }

    /// Pastes text: bracketed where the program asked for that (DECSET 2004), so that it can tell a paste from typing. The
    /// sequence that ends a bracketed paste is taken out of the text.
    ///
    /// # Errors
    /// As [`Session::write`].
    ///
    /// # Cancel safety
    /// As [`Session::write`].
    pub async fn paste(&self, text: &str) -> Result<(), Error> {
        let bracketed = self
            .process
            .handle_ref()
            .run()
            .streams()
            .watch()
            .is_some_and(|watch| watch.wants_bracketed_paste());
        self.write(pasted(text, bracketed)).await
    }

    /// Changes the terminal's size, after what was written before; the program gets SIGWINCH.
    ///
    /// # Errors
    /// [`Error::SizeTooLarge`] beyond `sessions.maxSize`, [`Error::Ended`] if the program has ended.
    pub async fn resize(&self, size: Size) -> Result<(), Error> {
        self.most.check(size)?;
        self.input.resize(size).await?;
        *self.size.lock().unwrap_or_else(PoisonError::into_inner) = size;
        Ok(())
    }

    /// Waits until something is true, see [`Wait`]. Cancel-safe: what a wait that is dropped has not found is there for
    /// the next.
    ///
    /// # Errors
    /// [`Error::WaitTimeout`] at the deadline; [`Error::SessionEnded`] as soon as it can no longer come true.
    pub async fn wait(&self, wait: Wait) -> Result<Waited, Error> {
        let start = Instant::now();
        let deadline = wait.deadline().or(self.wait_timeout).filter(|time| !time.is_zero());
        let deadline = deadline.and_then(|time| start.checked_add(time));
        let _driving = self.drivers.wait();
        let run = self.process.handle_ref().run();
        let mut changes = run.streams().watch().expect("a session watches").changes();
        loop {
            changes.borrow_and_update();
            let exit = self.process.handle_ref().output().map(|output| output.exit.clone());
            let (looked, last_change) = {
                let mut streams = run.streams();
                let watch = streams.watch().expect("a session watches");
                (wait.look(watch, exit.as_ref()), watch.last_change())
            };
            if let Some((index, found)) = looked {
                return Ok(Waited { index, found, exit, duration: start.elapsed() });
            }
            let look_again = wait.next_look(last_change);
            let has_ended = exit.is_some();
            if let Some(exit) = exit
                && look_again.is_none()
            {
                return Err(Error::SessionEnded { exit });
            }
            let far = start + Duration::from_secs(86_400 * 365);
            tokio::select! {
                _ = changes.changed(), if !has_ended => {}
                _ = run.ended(), if !has_ended => {}
                () = sleep_until(look_again.unwrap_or(far).into()), if look_again.is_some() => {}
                () = sleep_until(deadline.unwrap_or(far).into()), if deadline.is_some() => {
                    return Err(Error::WaitTimeout {
                        after: start.elapsed(),
                        idle: last_change.elapsed(),
                        foreground: Box::new(self.foreground()),
                    });
                }
            }
        }
    }

    /// [`Session::send`], then [`Session::wait`] for what comes after it: what the session has shown before does not count.
    ///
    /// # Errors
    /// As the two.
    pub async fn send_until(&self, text: &str, wait: Wait) -> Result<Waited, Error> {
        self.forget();
        self.send(text).await?;
        self.wait(wait).await
    }

    /// The same with a secret.
    ///
    /// # Errors
    /// As [`Session::send_until`].
    pub async fn send_secret_until(&self, secret: &Secret, wait: Wait) -> Result<Waited, Error> {
        self.forget();
        self.send_secret(secret).await?;
        self.wait(wait).await
    }

    /// What has been does not count for the waits to come.
    fn forget(&self) {
        if let Some(watch) = self.process.handle_ref().run().streams().watch() {
            watch.forget();
        }
    }

    /// The lossless reader.
    ///
    /// # Errors
    /// [`Error::Locked`] while there is another one.
    pub fn reader(&self) -> Result<Reader, Error> {
        Ok(Reader::new(self.handle(), self.drivers.read()?))
    }

    /// A copy of the output, beside whoever reads: from now on, or with the newest of what has been (`replay`, up to the
    /// last mebibyte). A tap that falls behind by more than `max_bytes` (at least 1) loses the oldest, and its next chunk
    /// says how many bytes that were; so it never slows the program. Nor does it let a program go on that waits for a
    /// reader.
    pub fn tap(&self, max_bytes: usize, replay: bool) -> SessionTap {
        SessionTap::new(Arc::clone(self.process.handle_ref().run()), max_bytes, replay)
    }

    /// Bytes that no reader will see.
    pub fn lost(&self) -> u64 {
        self.process.handle_ref().run().streams().lost()
    }

    /// How the program treats what is typed; `None` once it has ended. Echo off in canonical mode is how a password prompt
    /// looks.
    pub fn line_mode(&self) -> Option<LineMode> {
        self.input.pty()?.line_mode().ok()
    }

    /// Who has the terminal, and what it is about.
    pub fn foreground(&self) -> Foreground {
        Foreground::of(self.input.pty().as_deref())
    }

    /// The terminal's file, `/dev/pts/3`. Once the program has ended it may be another's.
    pub fn terminal_name(&self) -> &str {
        self.input.terminal_name()
    }

    /// The number of the master's descriptor, to ask the system about the terminal by; `None` once the program has ended.
    pub fn descriptor(&self) -> Option<i32> {
        self.input.pty()?.descriptor()
    }

    /// Sends one signal to the program alone. `false` if it has ended.
    pub fn signal(&self, signal: Signal) -> bool {
        self.process.handle_ref().signal(signal)
    }

    /// Ends the whole tree and waits until it is over.
    pub async fn kill(&self, kill: Kill) -> Exit {
        self.process.kill(kill);
        self.exited().await
    }

    /// Hangs up as a closed window does: SIGHUP to the whole tree, and SIGKILL after the policy's grace.
    pub async fn close(&self) -> Exit {
        self.kill(Kill { signal: Some(Signal::HUP), grace: None }).await
    }

    /// Waits for the program's end and the last byte. Cancel-safe.
    pub async fn exited(&self) -> Exit {
        self.process.handle_ref().wait().await.exit.clone()
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("handle", self.process.handle_ref()).finish_non_exhaustive()
    }
}
