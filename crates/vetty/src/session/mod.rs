//! A program on a pseudo-terminal, driven by a program.

mod drivers;
mod events;
mod foreground;
mod image_files;
mod input;
mod keys;
mod live_screen;
#[cfg(feature = "render")]
mod pictures;
mod reader;
mod screen;
mod secret;
mod tap;
mod wait;
mod waiting;
pub(crate) mod watch;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use vetty_process::{Exit, LineMode, Signal, Size};

pub use self::events::{SessionEvent, SessionEvents};
pub use self::foreground::{Foreground, ForegroundState};
pub use self::reader::Reader;
pub use self::screen::SessionScreen;
pub use self::secret::Secret;
pub use self::tap::{SessionTap, TapChunk};
pub use self::wait::{Wait, Waited};
pub use self::watch::Match;

use self::drivers::Drivers;
pub(crate) use self::image_files::ImageFiles;
pub(crate) use self::input::Input;
use self::input::{pasted, typed};
pub(crate) use self::live_screen::LiveScreen;
use crate::config::{MaxCells, Sessions, bound};
use crate::{Error, Handle, Kill, Process};

/// A program on a pseudo-terminal, from [`Command::open`](crate::Command::open).
///
/// # Reading
/// A [`Reader`] loses nothing, and while there is one its speed is the program's. Without one the session's
/// [screen](Session::screen) takes all that comes, and the newest mebibyte is held for a reader to come: what is older is gone
/// for it, see [`Session::lost`]. A session [without a screen](crate::Command::screen) is driven by a pending
/// [`Session::wait`]; without that, a mebibyte is held and then the program waits. After the program's death what the kernel
/// still has is read whoever reads, so that [`Session::exited`] depends on nobody.
///
/// # End
/// Dropping it kills the tree. A [`SessionScreen`] of it then shows what it showed.
pub struct Session {
    process: Process,
    input: Arc<Input>,
    screen: Option<Arc<LiveScreen>>,
    size: Mutex<Size>,
    drivers: Arc<Drivers>,
    most: MaxCells,
    wait_timeout: Option<Duration>,
}

impl Session {
    pub(crate) fn new(
        process: Process,
        input: Arc<Input>,
        screen: Option<Arc<LiveScreen>>,
        size: Size,
        config: &Sessions,
    ) -> Session {
        Session {
            drivers: Drivers::new(process.handle(), screen.is_some()),
            process,
            input,
            screen,
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
    /// sequence that ends a bracketed paste is taken out of the text, and so are control characters but tabs and line ends.
    ///
    /// # Errors
    /// As [`Session::write`].
    ///
    /// # Cancel safety
    /// As [`Session::write`].
    pub async fn paste(&self, text: &str) -> Result<(), Error> {
        let bracketed = match &self.screen {
            Some(screen) => screen.lock().screen.wants_bracketed_paste(),
            None => {
                let mut streams = self.process.handle_ref().run().streams();
                streams.watch().is_some_and(|watch| watch.wants_bracketed_paste())
            }
        };
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
        if let Some(watch) = self.process.handle_ref().run().streams().watch() {
            watch.events.push(SessionEvent::Resize(size));
        }
        Ok(())
    }

    /// What the terminal shows, as data. It works on after the end.
    ///
    /// # Errors
    /// [`Error::NoScreen`] if it was opened [without one](crate::Command::screen).
    pub fn screen(&self) -> Result<SessionScreen, Error> {
        self.live_screen().map(|live| SessionScreen::new(Arc::clone(live)))
    }

    fn live_screen(&self) -> Result<&Arc<LiveScreen>, Error> {
        self.screen.as_ref().ok_or(Error::NoScreen)
    }

    /// What the program's output says beside text, changes of the size, and the end. The first listener also hears what has
    /// been since the open. At most 1024 events and 16 MiB of them wait for each; then the oldest go, and are counted by an
    /// event. Of a session without a screen: changes of the size, and the end.
    pub fn events(&self) -> SessionEvents {
        SessionEvents::new(Arc::clone(self.process.handle_ref().run()))
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

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(watch) = self.process.handle_ref().run().streams().watch() {
            watch.release();
        }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("handle", self.process.handle_ref()).finish_non_exhaustive()
    }
}
