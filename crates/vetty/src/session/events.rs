//! What a session's output says beside text, told to whoever listens.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use futures_core::Stream;
use tokio::task::JoinHandle;
use vetty_process::{Exit, Size};
use vetty_screen::{Event, Image};

use crate::run::Run;

/// Something that happened in a session. Nothing of it has had an effect.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SessionEvent {
    /// What the program's output says: titles, bells, notifications, pictures, and so on.
    Screen(Event),
    /// The terminal's size was changed by us.
    Resize(Size),
    /// So many events were dropped before the next one, because nobody took them.
    Lag(u64),
    /// The program has ended, and its last byte was read. The last event.
    Exit(Exit),
}

/// A session's events, from [`Session::events`](crate::Session::events). Dropping it ends the listening and nothing else.
///
/// # Cancel safety
/// What a `next` that is dropped has not given is there for the next.
pub struct SessionEvents {
    run: Arc<Run>,
    key: usize,
    /// A picture whose file is being read; what comes after it waits.
    reading: Option<JoinHandle<Image>>,
}

impl SessionEvents {
    pub(super) fn new(run: Arc<Run>) -> SessionEvents {
        let key = run.streams().watch().expect("a session watches").listen_to_events();
        if let Some(exit) = run.ended_with() {
            run.streams().watch().expect("a session watches").events.end(exit);
        }
        SessionEvents { run, key, reading: None }
    }
}

impl Stream for SessionEvents {
    type Item = SessionEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<SessionEvent>> {
        loop {
            if let Some(reading) = &mut self.reading {
                let read = ready!(Pin::new(reading).poll(cx));
                self.reading = None;
                // The runtime shuts down: there is nobody to tell.
                let Ok(image) = read else { continue };
                return Poll::Ready(Some(SessionEvent::Screen(Event::Image(image))));
            }
            let mut streams = self.run.streams();
            let watch = streams.watch().expect("a session watches");
            let event = ready!(watch.events.poll(self.key, cx));
            let (Some(SessionEvent::Screen(Event::Image(image))), Some(files)) =
                (&event, watch.image_files())
            else {
                return Poll::Ready(event);
            };
            let Some(place) = files.place_of(image) else { return Poll::Ready(event) };
            let reading = files.read(image.clone(), place);
            drop(streams);
            self.reading = Some(reading);
        }
    }
}

impl Drop for SessionEvents {
    fn drop(&mut self) {
        if let Some(watch) = self.run.streams().watch() {
            watch.events.close(self.key);
        }
    }
}

impl std::fmt::Debug for SessionEvents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionEvents").field("run", &self.run.id).finish_non_exhaustive()
    }
}

/// Events that wait for one listener, at most.
const MOST: usize = 1024;
/// Bytes of them, together.
const MOST_BYTES: usize = 16 << 20;

/// What waits for each listener.
#[derive(Default)]
pub(crate) struct EventListeners {
    all: Vec<Listener>,
    next_key: usize,
}

#[derive(Default)]
struct Listener {
    key: usize,
    waiting: VecDeque<SessionEvent>,
    bytes: usize,
    dropped: u64,
    waker: Option<Waker>,
}

impl EventListeners {
    pub(crate) fn open(&mut self) -> usize {
        let key = self.next_key;
        self.next_key += 1;
        self.all.push(Listener { key, ..Listener::default() });
        key
    }

    pub(crate) fn close(&mut self, key: usize) {
        self.all.retain(|listener| listener.key != key);
    }

    pub(crate) fn any(&self) -> bool {
        !self.all.is_empty()
    }

    pub(crate) fn push(&mut self, event: SessionEvent) {
        for listener in &mut self.all {
            listener.push(event.clone());
        }
    }

    /// The last one, said once.
    pub(crate) fn end(&mut self, exit: Exit) {
        let exit = SessionEvent::Exit(exit);
        for listener in self.all.iter_mut().filter(|listener| !listener.has_ended()) {
            listener.push(exit.clone());
        }
    }

    pub(crate) fn poll(&mut self, key: usize, cx: &mut Context<'_>) -> Poll<Option<SessionEvent>> {
        let Some(listener) = self.all.iter_mut().find(|listener| listener.key == key) else {
            return Poll::Ready(None);
        };
        if listener.dropped > 0 {
            return Poll::Ready(Some(SessionEvent::Lag(std::mem::take(&mut listener.dropped))));
        }
        match listener.waiting.pop_front() {
            Some(event) => {
                listener.bytes -= size(&event);
                if matches!(event, SessionEvent::Exit(_)) {
                    self.close(key);
                }
                Poll::Ready(Some(event))
            }
            None => {
                listener.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Listener {
    fn push(&mut self, event: SessionEvent) {
        self.bytes += size(&event);
        self.waiting.push_back(event);
        while self.waiting.len() > MOST || (self.bytes > MOST_BYTES && self.waiting.len() > 1) {
            let Some(oldest) = self.waiting.pop_front() else { break };
            self.bytes -= size(&oldest);
            self.dropped += match oldest {
                SessionEvent::Lag(before) => before,
                _ => 1,
            };
        }
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn has_ended(&self) -> bool {
        matches!(self.waiting.back(), Some(SessionEvent::Exit(_)))
    }
}

fn size(event: &SessionEvent) -> usize {
    match event {
        SessionEvent::Screen(event) => event.size(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(listeners: &mut EventListeners, key: usize) -> Option<SessionEvent> {
        match listeners.poll(key, &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(event) => event,
            Poll::Pending => panic!("nothing is there"),
        }
    }

    #[test]
    fn who_does_not_listen_loses_the_oldest_and_is_told() {
        let mut listeners = EventListeners::default();
        let key = listeners.open();
        for number in 0..MOST + 5 {
            listeners.push(SessionEvent::Screen(Event::Title(number.to_string())));
        }
        assert_eq!(next(&mut listeners, key), Some(SessionEvent::Lag(5)));
        assert_eq!(next(&mut listeners, key), Some(SessionEvent::Screen(Event::Title("5".into()))));
    }

    #[test]
    fn what_was_dropped_before_is_counted_with_what_is_dropped_now() {
        let mut listeners = EventListeners::default();
        let key = listeners.open();
        listeners.push(SessionEvent::Lag(100));
        for _ in 0..MOST + 2 {
            listeners.push(SessionEvent::Screen(Event::Bell));
        }
        assert_eq!(next(&mut listeners, key), Some(SessionEvent::Lag(102)));
    }

    #[test]
    fn what_waits_is_bounded_in_bytes() {
        let mut listeners = EventListeners::default();
        let key = listeners.open();
        for _ in 0..40 {
            let data = vec![0; 1 << 20];
            listeners.push(SessionEvent::Screen(Event::Clipboard { selection: "c".into(), data }));
        }
        assert!(listeners.all[0].bytes <= MOST_BYTES);
        assert_eq!(next(&mut listeners, key), Some(SessionEvent::Lag(25)));
    }

    #[test]
    fn the_exit_is_the_last_and_comes_once() {
        let mut listeners = EventListeners::default();
        let key = listeners.open();
        listeners.end(Exit::Exited(3));
        listeners.end(Exit::Exited(3));
        assert_eq!(next(&mut listeners, key), Some(SessionEvent::Exit(Exit::Exited(3))));
        assert_eq!(next(&mut listeners, key), None);
    }
}
