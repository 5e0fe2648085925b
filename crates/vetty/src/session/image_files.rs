//! Files that pictures name (kitty's file media), read where the policy's owner has opted in.

use std::path::{Component, Path};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle as Runtime;
use tokio::task::JoinHandle;
use vetty_process::Part;
use vetty_screen::{Image, ImageFile, ImageMedium};

use crate::audit::Call;

/// Files of one session in [`SPAN`].
const MOST_FILES: usize = 30;
/// Bytes of them, together.
const MOST_BYTES: u64 = 64 << 20;
const SPAN: Duration = Duration::from_secs(1);
/// Bytes of one, as of a picture that comes as data.
const MOST: u64 = 4 << 20;
/// Bytes of a path: the system takes no longer one.
const MOST_PATH: usize = 4096;
/// What kitty's protocol has in the path of a file that whoever reads it removes.
const TEMPORARY: &str = "tty-graphics-protocol";

/// Reads files beneath the directories of `sessions.imageFiles`, on a thread that may block.
pub(crate) struct ImageFiles {
    directories: Vec<String>,
    runtime: Runtime,
    audit: Option<Call>,
    spent: Mutex<Spent>,
}

/// A file that may be read.
pub(crate) struct Place {
    directory: String,
    /// Beneath it.
    path: String,
    part: Part,
}

/// What was read lately.
struct Spent {
    since: Instant,
    files: usize,
    bytes: u64,
}

impl ImageFiles {
    pub(crate) fn new(directories: Vec<String>, runtime: Runtime, audit: Option<Call>) -> ImageFiles {
        let spent = Mutex::new(Spent { since: Instant::now(), files: 0, bytes: 0 });
        ImageFiles { directories, runtime, audit, spent }
    }

    /// The place of the file that a picture names, if it may be read now.
    pub(crate) fn place_of(&self, image: &Image) -> Option<Place> {
        let place = self.place(image.file.as_ref()?)?;
        if !self.spend(place.part.length.unwrap_or(MOST)) {
            if let (Some(audit), Some(file)) = (&self.audit, &image.file) {
                audit.image_file(&file.path, Err("too many in a second".to_owned()), false);
            }
            return None;
        }
        Some(place)
    }

    /// Begins to read it. The picture comes back with its data, or as it is where it cannot be read.
    pub(crate) fn read(&self, mut image: Image, place: Place) -> JoinHandle<Image> {
        let audit = self.audit.clone();
        self.runtime.spawn_blocking(move || {
            let Place { directory, path, part } = place;
            let read = vetty_process::read_beneath(Path::new(&directory), Path::new(&path), part);
            if let (Some(audit), Some(file)) = (audit, &image.file) {
                let read = read.as_ref().map(|data| data.len() as u64).map_err(ToString::to_string);
                audit.image_file(&file.path, read, part.remove);
            }
            match read {
                Ok(data) => image.payload = Some(data),
                Err(error) => tracing::debug!(directory, path, %error, "a picture's file is not read"),
            }
            image
        })
    }

    fn place(&self, file: &ImageFile) -> Option<Place> {
        let is_temporary = match file.medium {
            ImageMedium::File => false,
            ImageMedium::Temporary => true,
            ImageMedium::SharedMemory => return None,
        };
        let path = Path::new(&file.path);
        let is_plain = |part: Component<'_>| matches!(part, Component::RootDir | Component::Normal(_));
        if file.path.len() > MOST_PATH || !path.is_absolute() || !path.components().all(is_plain) {
            return None;
        }
        let (directory, rest) = self.directories.iter().find_map(|directory| {
            let rest = path.strip_prefix(directory).ok().filter(|rest| !rest.as_os_str().is_empty())?;
            Some((directory.clone(), rest.to_str()?.to_owned()))
        })?;
        let length = file.size.filter(|size| *size <= MOST);
        let remove = is_temporary && rest.contains(TEMPORARY);
        let part = Part { offset: file.offset, length, most: MOST, remove };
        Some(Place { directory, path: rest, part })
    }

    /// Whether so much more may be read now.
    fn spend(&self, bytes: u64) -> bool {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.since.elapsed() >= SPAN {
            *spent = Spent { since: Instant::now(), files: 0, bytes: 0 };
        }
        let fits = spent.files < MOST_FILES && spent.bytes + bytes <= MOST_BYTES;
        if fits {
            spent.files += 1;
            spent.bytes += bytes;
        }
        fits
    }
}
