//! The loop of a wait: woken by what comes, by time, by the end.

use std::time::{Duration, Instant};

use tokio::time::sleep_until;
use vetty_screen::{Mark, TextOptions};

use super::wait::View;
use super::{Secret, Session, Wait, Waited};
use crate::Error;

/// After a look at the screen the next one is made no sooner, however much comes: it costs the more the more has come.
const PAUSE: Duration = Duration::from_millis(2);
/// And not before so many times what the last one took.
const PAUSE_FACTOR: u32 = 8;

/// From where on something counts.
struct Since {
    mark: Option<Mark>,
    time: Instant,
}

impl Session {
    /// Waits until something is true, see [`Wait`]. Cancel-safe: what a wait that is dropped has not found is there for
    /// the next.
    ///
    /// # Errors
    /// [`Error::WaitTimeout`] at the deadline; [`Error::SessionEnded`] as soon as it can no longer come true;
    /// [`Error::NoScreen`] for a wait that looks at a screen that is not there.
    pub async fn wait(&self, wait: Wait) -> Result<Waited, Error> {
        self.wait_since(wait, None).await
    }

    /// [`Session::send`], then [`Session::wait`] for what comes after it: what the session has shown before does not count.
    ///
    /// # Errors
    /// As the two.
    pub async fn send_until(&self, text: &str, wait: Wait) -> Result<Waited, Error> {
        let since = self.forget();
        self.send(text).await?;
        self.wait_since(wait, Some(since)).await
    }

    /// The same with a secret.
    ///
    /// # Errors
    /// As [`Session::send_until`].
    pub async fn send_secret_until(&self, secret: &Secret, wait: Wait) -> Result<Waited, Error> {
        let since = self.forget();
        self.send_secret(secret).await?;
        self.wait_since(wait, Some(since)).await
    }

    /// What has been does not count for the wait to come.
    fn forget(&self) -> Since {
        if let Some(watch) = self.process.handle_ref().run().streams().watch() {
            watch.forget();
        }
        let mark = self.screen.as_ref().map(|screen| screen.lock().screen.mark());
        Since { mark, time: Instant::now() }
    }

    async fn wait_since(&self, wait: Wait, since: Option<Since>) -> Result<Waited, Error> {
        let start = Instant::now();
        let deadline = wait.deadline().or(self.wait_timeout).filter(|time| !time.is_zero());
        let deadline = deadline.and_then(|time| start.checked_add(time));
        if wait.needs_screen() {
            self.live_screen()?;
        }
        let screen = self.screen.as_ref().filter(|_| wait.is_about_screen());
        let (mark, since) = since.map_or((None, None), |since| (since.mark, Some(since.time)));
        let mark = mark.or_else(|| screen.map(|screen| screen.lock().screen.mark_shown()));
        let _driving = self.drivers.wait();
        let run = self.process.handle_ref().run();
        let mut changes = run.streams().watch().expect("a session watches").changes();
        let far = start + Duration::from_secs(86_400 * 365);
        loop {
            changes.borrow_and_update();
            let exit = self.process.handle_ref().output().map(|output| output.exit.clone());
            let looked_at = Instant::now();
            let (came, look_again) = {
                let mut streams = run.streams();
                let shown = screen.map(|screen| screen.lock());
                let watch = streams.watch().expect("a session watches");
                let (shown, exit) = (shown.as_deref(), exit.as_ref());
                let mut view = View { watch, shown, mark: mark.as_ref(), since, exit };
                (wait.look(&mut view), wait.next_look(&view))
            };
            let pause = (looked_at.elapsed() * PAUSE_FACTOR).max(PAUSE);
            if let Some((index, found)) = came {
                let sequence = self.screen.as_ref().map_or(0, |screen| screen.lock().screen.sequence());
                return Ok(Waited { index, found, exit, duration: start.elapsed(), sequence });
            }
            let has_ended = exit.is_some();
            if let Some(exit) = exit
                && look_again.is_none()
            {
                return Err(Error::SessionEnded { exit, idle: self.idle(), screen: self.last_text() });
            }
            tokio::select! {
                _ = changes.changed(), if !has_ended => {
                    if screen.is_some() {
                        // What comes meanwhile is looked at together.
                        let until = (looked_at + pause).min(deadline.unwrap_or(far));
                        tokio::select! {
                            () = sleep_until(until.into()) => {}
                            _ = run.ended() => {}
                        }
                    }
                }
                _ = run.ended(), if !has_ended => {}
                () = sleep_until(look_again.unwrap_or(far).into()), if look_again.is_some() => {}
                () = sleep_until(deadline.unwrap_or(far).into()), if deadline.is_some() => {
                    return Err(Error::WaitTimeout {
                        after: start.elapsed(),
                        idle: self.idle(),
                        foreground: Box::new(self.foreground()),
                        screen: self.last_text(),
                    });
                }
            }
        }
    }

    /// How long nothing has changed.
    fn idle(&self) -> Duration {
        let last_change = match &self.screen {
            Some(screen) => screen.lock().last_change,
            None => {
                self.process.handle_ref().run().streams().watch().expect("a session watches").last_change()
            }
        };
        last_change.elapsed()
    }

    fn last_text(&self) -> Option<String> {
        Some(self.screen.as_ref()?.lock().screen.text(&TextOptions::default()))
    }
}
