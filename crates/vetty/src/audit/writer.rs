//! The thread that writes an audit file, so that nobody else waits for a disk; and which files this process writes.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use vetty_policy::ConfigError;

use super::event::{About, AuditKind};
use super::file::{Mend, Opened, open};
use super::trail::Trail;

/// The pauses between tries to write, the first and the longest.
const PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_secs(1)];
/// Once nobody records any more: how long a file that fails is tried on.
const LAST_TRIES: Duration = Duration::from_secs(5);

/// A trail with a file, for as long as somebody records.
pub(crate) struct FileTrail {
    trail: Arc<Trail>,
}

impl std::ops::Deref for FileTrail {
    type Target = Arc<Trail>;

    fn deref(&self) -> &Arc<Trail> {
        &self.trail
    }
}

impl Drop for FileTrail {
    fn drop(&mut self) {
        self.trail.close();
    }
}

/// A file that this process writes.
struct Known {
    trail: Weak<FileTrail>,
    /// Held by its thread, up to the end.
    writing: Weak<()>,
}

static FILES: Mutex<Option<HashMap<PathBuf, Known>>> = Mutex::new(None);

/// The trail of a file: the one of this process that has it, or a new one.
///
/// # Errors
/// A [`ConfigError`] at `audit.file`.
pub(super) fn trail_of(path: &str, about: &About) -> Result<Arc<FileTrail>, ConfigError> {
    let path = whole(Path::new(path))
        .map_err(|error| ConfigError::new("audit.file", format!("{path} cannot be opened: {error}")))?;
    let give_up_at = Instant::now() + LAST_TRIES;
    loop {
        let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
        let known = files.get_or_insert_default();
        known.retain(|_, known| known.writing.strong_count() > 0);
        match known.get(&path) {
            Some(known) => {
                if let Some(trail) = known.trail.upgrade() {
                    return Ok(trail);
                }
            }
            None => return begin(path, about, known),
        }
        drop(files);
        if Instant::now() >= give_up_at {
            let problem = format!("{} is still written for a terminal that is gone", path.display());
            return Err(ConfigError::new("audit.file", problem));
        }
        // Its last lines are being written.
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The same name for the same file, whatever the process's directory will be.
fn whole(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    Ok(folder.canonicalize()?.join(name))
}

fn begin(
    path: PathBuf,
    about: &About,
    files: &mut HashMap<PathBuf, Known>,
) -> Result<Arc<FileTrail>, ConfigError> {
    let Opened { file, head, mend } = open(&path)?;
    let trail = Arc::new(Trail::new(head, true));
    let mut pending = Vec::new();
    match mend {
        Mend::Whole => {}
        Mend::EndLine => pending.push(b'\n'),
        Mend::Torn { bytes, hash, is_ended } => {
            tracing::warn!(file = %path.display(), bytes, "the audit file ends in a part of an event");
            if !is_ended {
                pending.push(b'\n');
            }
            let about = About { id: None, policy: Arc::clone(&about.policy) };
            trail.record(NOBODY, &about, AuditKind::Recovery { bytes, hash });
        }
    }
    let writing = Arc::new(());
    files.insert(path.clone(), Known { trail: Weak::new(), writing: Arc::downgrade(&writing) });
    let writer = Writer { file, path: path.clone(), trail: Arc::clone(&trail), pending, _writing: writing };
    let thread = std::thread::Builder::new().name("vetty-audit".to_owned());
    if let Err(error) = thread.spawn(move || writer.run()) {
        files.remove(&path);
        return Err(ConfigError::new("audit.file", format!("no thread can be started to write it: {error}")));
    }
    let trail = Arc::new(FileTrail { trail });
    if let Some(known) = files.get_mut(&path) {
        known.trail = Arc::downgrade(&trail);
    }
    Ok(trail)
}

/// The owner of what is no terminal's.
const NOBODY: usize = usize::MAX;

struct Writer {
    file: File,
    path: PathBuf,
    trail: Arc<Trail>,
    /// Bytes of the batch that are not in the file yet.
    pending: Vec<u8>,
    _writing: Arc<()>,
}

impl Writer {
    fn run(mut self) {
        while let Some(lines) = self.trail.to_write() {
            for line in &lines {
                self.pending.extend_from_slice(line.as_bytes());
                self.pending.push(b'\n');
            }
            if !self.write_all() {
                tracing::error!(
                    file = %self.path.display(),
                    events = lines.len(),
                    "the audit file takes no more: these last events are not in it"
                );
                return;
            }
            self.trail.have_written(lines.len());
        }
        self.write_all();
    }

    /// Writes until all is in the file: what a full disk took of a line stays, and the rest follows. `false`: nobody
    /// records any more, and it has been tried for long enough.
    fn write_all(&mut self) -> bool {
        let mut pause = PAUSES[0];
        let mut tried_since = None;
        while !self.pending.is_empty() {
            match self.file.write(&self.pending) {
                Ok(count) if count > 0 => {
                    self.pending.drain(..count);
                    pause = PAUSES[0];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                failed => {
                    let problem =
                        failed.err().map_or("nothing was taken".to_owned(), |error| error.to_string());
                    if pause == PAUSES[0] {
                        tracing::error!(file = %self.path.display(), problem, "the audit file cannot be written");
                    }
                    self.trail.cannot_write(problem);
                    if self.trail.pause(pause) {
                        let since = *tried_since.get_or_insert_with(Instant::now);
                        if since.elapsed() >= LAST_TRIES {
                            return false;
                        }
                        std::thread::sleep(pause.min(Duration::from_millis(100)));
                    }
                    pause = (pause * 2).min(PAUSES[1]);
                }
            }
        }
        true
    }
}
