//! Opening beneath a directory without following links.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, open, openat, openat2, statat, unlinkat,
};

use crate::beneath::Part;

const RESOLVE: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS);

pub(crate) fn read_beneath(directory: &Path, path: &Path, part: Part) -> io::Result<Vec<u8>> {
    let place = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = open(directory, place, Mode::empty())?;
    // What is no file is looked at before it is opened: to open a device may have an effect.
    let named = openat2(&directory, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), RESOLVE)?;
    let stat = fstat(&named)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no regular file"));
    }
    // It could have become a pipe meanwhile, which would wait for a writer.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = openat2(&directory, path, flags, Mode::empty(), RESOLVE)?;
    if !is_same(&fstat(&file)?, &stat) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "another file has its name now"));
    }
    let mut file = File::from(file);
    file.seek(SeekFrom::Start(part.offset))?;
    let mut data = Vec::new();
    let one_more = part.most.saturating_add(1);
    file.take(part.length.map_or(one_more, |length| length.min(one_more))).read_to_end(&mut data)?;
    if data.len() as u64 > part.most {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "more than may be read"));
    }
    if part.remove
        && let Some(name) = path.file_name()
    {
        let parent = match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => openat2(&directory, parent, place, Mode::empty(), RESOLVE)?,
            None => openat(&directory, ".", place, Mode::empty())?,
        };
        if is_same(&statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW)?, &stat) {
            unlinkat(&parent, name, AtFlags::empty())?;
        }
    }
    Ok(data)
}

fn is_same(one: &Stat, other: &Stat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use rustix::fs::mkfifoat;

    use super::*;

    const ALL: Part = Part { offset: 0, length: None, most: 100, remove: false };

    fn place() -> tempfile::TempDir {
        let place = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(place.path().join("inside")).expect("a directory");
        std::fs::write(place.path().join("inside/picture"), b"0123456789").expect("a file");
        std::fs::write(place.path().join("secret"), b"secret").expect("a file");
        place
    }

    fn read(place: &tempfile::TempDir, path: &str, part: Part) -> io::Result<Vec<u8>> {
        read_beneath(&place.path().join("inside"), Path::new(path), part)
    }

    #[test]
    fn a_part_of_a_file_is_read() {
        let place = place();
        assert_eq!(read(&place, "picture", ALL).expect("it is there"), b"0123456789");
        assert_eq!(read(&place, "picture", Part { offset: 7, ..ALL }).expect("it is there"), b"789");
        let middle = Part { offset: 2, length: Some(3), most: 3, ..ALL };
        assert_eq!(read(&place, "picture", middle).expect("it is there"), b"234");
        let refused = read(&place, "picture", Part { most: 9, ..ALL }).expect_err("too much");
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn no_path_leads_out() {
        let place = place();
        let inside = place.path().join("inside");
        symlink("../secret", inside.join("link")).expect("a link");
        symlink("picture", inside.join("harmless")).expect("a link");
        symlink("..", inside.join("up")).expect("a link");
        let absolute = place.path().join("secret");
        for path in ["../secret", "link", "harmless", "up/secret", "./../secret", &absolute.to_string_lossy()]
        {
            assert!(read(&place, path, ALL).is_err(), "{path}");
        }
    }

    #[test]
    fn what_is_no_regular_file_is_refused_and_nothing_waits() {
        let place = place();
        let inside = open(place.path().join("inside"), OFlags::PATH, Mode::empty()).expect("a directory");
        mkfifoat(&inside, "pipe", Mode::from_raw_mode(0o600)).expect("a pipe");
        for path in ["pipe", "."] {
            let refused = read(&place, path, ALL).expect_err("no file");
            assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{path}");
        }
    }

    #[test]
    fn a_file_is_removed_once_it_was_read() {
        let place = place();
        assert!(read(&place, "picture", Part { most: 1, remove: true, ..ALL }).is_err());
        assert!(place.path().join("inside/picture").exists(), "it was not read");
        read(&place, "picture", Part { remove: true, ..ALL }).expect("it is there");
        assert!(!place.path().join("inside/picture").exists());
    }
}
