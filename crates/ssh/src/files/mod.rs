//! Files between this machine and a host, by SFTP: streamed, resumed where they were cut off, compared at the end.
//!
//! A file grows under its name with `.vetty-part` behind it, and takes its name when it is whole: who looks sees the old
//! file or the new one. What was cut off is continued by [`Transfer::resume`]. At the end the SHA-256 of both sides is
//! compared, where the host has `sha256sum`.

mod wire;

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use crate::channel::Command;
use crate::connection::Connection;
use crate::error::{Error, Phase};
use crate::pool::Pool;
use wire::{CLOSE, EXTENDED, OPEN, READ, REMOVE, RENAME, Reply, STAT, WRITE, Wire, string};

/// A piece, as large as all servers take.
const PIECE: usize = 32 * 1024;

/// How many pieces are under way.
const UNDER_WAY: usize = 64;

/// What stands behind the name of a file that is not whole.
const PART: &str = ".vetty-part";

/// How a file is carried.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transfer {
    /// Continue what was cut off, if there is a part. Default: begin anew.
    pub resume: bool,
    /// Compare the SHA-256 of both sides at the end. Default: yes.
    pub check: bool,
}

impl Default for Transfer {
    fn default() -> Transfer {
        Transfer { resume: false, check: true }
    }
}

impl Transfer {
    /// The defaults, but continued.
    pub fn resumed() -> Transfer {
        Transfer { resume: true, ..Transfer::default() }
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transferred {
    /// The size of the file.
    pub bytes: u64,
    /// How many of them were there already.
    pub resumed_at: u64,
    /// Whether the SHA-256 of both sides was compared: not if that was not wanted, or the host has no `sha256sum`.
    pub checked: bool,
}

impl Pool {
    /// Carries a local file to the host, on a connection of its own. See [`Connection::put`].
    ///
    /// # Errors
    /// As [`Connection::dial`] and [`Connection::put`].
    pub async fn put(&self, local: &Path, remote: &str, how: &Transfer) -> Result<Transferred, Error> {
        self.dial().await?.put(local, remote, how).await
    }

    /// Carries a file of the host to this machine, on a connection of its own. See [`Connection::get`].
    ///
    /// # Errors
    /// As [`Connection::dial`] and [`Connection::get`].
    pub async fn get(&self, remote: &str, local: &Path, how: &Transfer) -> Result<Transferred, Error> {
        self.dial().await?.get(remote, local, how).await
    }
}

impl Connection {
    /// Carries the file `local` to the host as `remote`, a path there (relative to the user's home). Its mode is what the
    /// server gives new files. Dropping the future leaves the part.
    ///
    /// # Errors
    /// [`Error::File`] names the side and the reason; the server has no `sftp` subsystem: [`Error::RequestRefused`].
    pub async fn put(&self, local: &Path, remote: &str, how: &Transfer) -> Result<Transferred, Error> {
        let (here, there) = (local.display().to_string(), remote.to_owned());
        let wrong = |path: &str, error: io::Error| self.file_error(path, error);
        let mut file = tokio::fs::File::open(local).await.map_err(|error| wrong(&here, error))?;
        let size = file.metadata().await.map_err(|error| wrong(&here, error))?.len();
        let mut wire = self.files().await?;
        let part = format!("{remote}{PART}");
        let begun = match how.resume {
            true => wire_size(&mut wire, &part).await.map_err(|error| wrong(&part, error))?.unwrap_or(0),
            false => 0,
        };
        // A part that is longer than the file is one of another file.
        let resumed_at = if begun <= size { begun } else { 0 };

        let mut hash = Sha256::new();
        hash_prefix(&mut file, resumed_at, &mut hash).await.map_err(|error| wrong(&here, error))?;
        // Write and create; from the beginning also truncate.
        let flags = if resumed_at > 0 { 0x02 | 0x08 } else { 0x02 | 0x08 | 0x10 };
        let handle = open(&mut wire, &part, flags).await.map_err(|error| wrong(&part, error))?;
        let bytes = upload(&mut wire, &handle, &mut file, resumed_at, &mut hash).await;
        let bytes = bytes.map_err(|error| wrong(&there, error))?;
        close(&mut wire, &handle).await.map_err(|error| wrong(&part, error))?;
        let arrived = wire_size(&mut wire, &part).await.map_err(|error| wrong(&part, error))?;
        if arrived != Some(bytes) {
            let why = format!("{arrived:?} of {bytes} bytes arrived");
            return Err(wrong(&part, io::Error::other(why)));
        }
        let checked = how.check && self.compare(&part, hash.finalize().as_slice()).await?;
        rename(&mut wire, &part, remote).await.map_err(|error| wrong(&there, error))?;
        Ok(Transferred { bytes, resumed_at, checked })
    }

    /// Carries the file `remote` of the host to this machine as `local`. Dropping the future leaves the part.
    ///
    /// # Errors
    /// As [`Connection::put`].
    pub async fn get(&self, remote: &str, local: &Path, how: &Transfer) -> Result<Transferred, Error> {
        let mut name: OsString = local.as_os_str().to_owned();
        name.push(PART);
        let part = PathBuf::from(name);
        let here = part.display().to_string();
        let wrong = |path: &str, error: io::Error| self.file_error(path, error);
        let mut wire = self.files().await?;
        let handle = open(&mut wire, remote, 0x01).await.map_err(|error| wrong(remote, error))?;
        let size = wire_size(&mut wire, remote).await.map_err(|error| wrong(remote, error))?;
        let mut options = tokio::fs::File::options();
        let options = options.read(true).write(true).create(true).truncate(!how.resume);
        let mut file = options.open(&part).await.map_err(|error| wrong(&here, error))?;
        let begun = file.metadata().await.map_err(|error| wrong(&here, error))?.len();
        let resumed_at = if size.is_some_and(|size| begun <= size) { begun } else { 0 };
        file.set_len(resumed_at).await.map_err(|error| wrong(&here, error))?;
        let mut hash = Sha256::new();
        hash_prefix(&mut file, resumed_at, &mut hash).await.map_err(|error| wrong(&here, error))?;
        let bytes = download(&mut wire, &handle, &mut file, resumed_at, &mut hash).await;
        let bytes = bytes.map_err(|error| wrong(remote, error))?;
        close(&mut wire, &handle).await.map_err(|error| wrong(remote, error))?;
        file.sync_all().await.map_err(|error| wrong(&here, error))?;
        let checked = how.check && self.compare(remote, hash.finalize().as_slice()).await?;
        tokio::fs::rename(&part, local).await.map_err(|error| wrong(&here, error))?;
        Ok(Transferred { bytes, resumed_at, checked })
    }

    async fn files(&self) -> Result<Wire, Error> {
        let channel = self.session().await?;
        channel.request_subsystem(false, "sftp").await.map_err(|error| self.channel_error(error))?;
        let begin = Wire::begin(channel.into_stream());
        let begun = self.limited(Phase::Channel, self.target().limits.channel, begin).await?;
        begun.map_err(|_| Error::RequestRefused {
            host: self.target().to_string(),
            request: "to carry files (sftp)",
        })
    }

    /// Compares with what `sha256sum` says there; `false` if the host has none.
    async fn compare(&self, remote: &str, ours: &[u8]) -> Result<bool, Error> {
        // Neither an option nor standard input.
        let path = if remote.starts_with('/') { remote.to_owned() } else { format!("./{remote}") };
        // From standard input, so that the output has no name in it, which might be escaped.
        let command = Command::new("sh").args(["-c", "exec sha256sum <\"$1\"", "sh", &path]);
        let output = match self.execute(&command, "").await {
            Ok(output) => output,
            // A server that gives files alone.
            Err(Error::Start { .. } | Error::RequestRefused { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        if !output.exit.success() {
            return Ok(false);
        }
        let ours: String = ours.iter().map(|byte| format!("{byte:02x}")).collect();
        let theirs = String::from_utf8_lossy(&output.stdout);
        match theirs.split_whitespace().any(|word| word == ours) {
            true => Ok(true),
            false => Err(self.file_error(
                remote,
                io::Error::other(
                    "what arrived is not what was sent (SHA-256): carry it anew, without resuming",
                ),
            )),
        }
    }

    fn file_error(&self, path: &str, error: io::Error) -> Error {
        Error::File { host: self.target().to_string(), path: path.to_owned(), why: error.to_string() }
    }
}

async fn open(wire: &mut Wire, path: &str, flags: u32) -> io::Result<Vec<u8>> {
    let body = [string(path.as_bytes()), flags.to_be_bytes().to_vec(), 0u32.to_be_bytes().to_vec()].concat();
    match wire.call(OPEN, &body).await? {
        Reply::Handle(handle) => Ok(handle),
        other => Err(unexpected(other)),
    }
}

async fn close(wire: &mut Wire, handle: &[u8]) -> io::Result<()> {
    done(wire.call(CLOSE, &string(handle)).await?)
}

async fn wire_size(wire: &mut Wire, path: &str) -> io::Result<Option<u64>> {
    match wire.call(STAT, &string(path.as_bytes())).await? {
        Reply::Size(size) => Ok(size),
        Reply::Missing => Ok(None),
        other => Err(unexpected(other)),
    }
}

/// Puts a file in the place of another, at once where the server can.
async fn rename(wire: &mut Wire, from: &str, to: &str) -> io::Result<()> {
    let names = [string(from.as_bytes()), string(to.as_bytes())].concat();
    if wire.extensions.iter().any(|name| name == b"posix-rename@openssh.com") {
        let body = [string(b"posix-rename@openssh.com"), names].concat();
        return done(wire.call(EXTENDED, &body).await?);
    }
    match wire.call(REMOVE, &string(to.as_bytes())).await? {
        Reply::Done | Reply::Missing => done(wire.call(RENAME, &names).await?),
        other => Err(unexpected(other)),
    }
}

/// Sends a file from `from` on; where it ends.
async fn upload(
    wire: &mut Wire,
    handle: &[u8],
    file: &mut tokio::fs::File,
    from: u64,
    hash: &mut Sha256,
) -> io::Result<u64> {
    let (mut offset, mut under_way) = (from, 0);
    let mut piece = vec![0; PIECE];
    loop {
        let length = file.read(&mut piece).await?;
        if length == 0 {
            break;
        }
        hash.update(&piece[..length]);
        while under_way >= UNDER_WAY {
            done(wire.receive().await?.1)?;
            under_way -= 1;
        }
        let body = [string(handle), offset.to_be_bytes().to_vec(), string(&piece[..length])].concat();
        wire.send(WRITE, &body).await?;
        under_way += 1;
        offset += length as u64;
    }
    for _ in 0..under_way {
        done(wire.receive().await?.1)?;
    }
    Ok(offset)
}

/// Takes a file from `from` on; where it ends. Pieces are asked for ahead and written in order.
async fn download(
    wire: &mut Wire,
    handle: &[u8],
    file: &mut tokio::fs::File,
    from: u64,
    hash: &mut Sha256,
) -> io::Result<u64> {
    let (mut written, mut asked) = (from, from);
    let mut under_way: HashMap<u32, (u64, usize)> = HashMap::new();
    let mut early: HashMap<u64, Vec<u8>> = HashMap::new();
    let mut end: Option<u64> = None;
    loop {
        while end.is_none() && under_way.len() + early.len() < UNDER_WAY {
            let number = ask(wire, handle, asked, PIECE).await?;
            under_way.insert(number, (asked, PIECE));
            asked += PIECE as u64;
        }
        if under_way.is_empty() {
            break;
        }
        let (number, reply) = wire.receive().await?;
        let Some((offset, length)) = under_way.remove(&number) else {
            return Err(io::Error::other("a reply to another request"));
        };
        match reply {
            Reply::Eof => end = Some(end.map_or(offset, |end| end.min(offset))),
            Reply::Data(data) if !data.is_empty() && data.len() <= length => {
                let (got, begins) = (data.len(), offset);
                early.insert(begins, data);
                // A server may give less than it was asked for.
                if got < length {
                    let number = ask(wire, handle, offset + got as u64, length - got).await?;
                    under_way.insert(number, (offset + got as u64, length - got));
                }
            }
            Reply::Data(_) => return Err(io::Error::other("a piece of another length than was asked for")),
            other => return Err(unexpected(other)),
        }
        while let Some(data) = early.remove(&written) {
            hash.update(&data);
            file.write_all(&data).await?;
            written += data.len() as u64;
        }
    }
    file.flush().await?;
    match early.is_empty() {
        true => Ok(written),
        false => Err(io::Error::other("the file became shorter while it was read")),
    }
}

async fn ask(wire: &mut Wire, handle: &[u8], offset: u64, length: usize) -> io::Result<u32> {
    let body =
        [string(handle), offset.to_be_bytes().to_vec(), (length as u32).to_be_bytes().to_vec()].concat();
    wire.send(READ, &body).await
}

/// Reads what is there already, and stands behind it.
async fn hash_prefix(file: &mut tokio::fs::File, length: u64, hash: &mut Sha256) -> io::Result<()> {
    let mut left = length;
    let mut piece = vec![0; PIECE];
    while left > 0 {
        let wanted = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        file.read_exact(&mut piece[..wanted]).await?;
        hash.update(&piece[..wanted]);
        left -= wanted as u64;
    }
    file.seek(io::SeekFrom::Start(length)).await?;
    Ok(())
}

fn done(reply: Reply) -> io::Result<()> {
    match reply {
        Reply::Done => Ok(()),
        other => Err(unexpected(other)),
    }
}

fn unexpected(reply: Reply) -> io::Error {
    match reply {
        Reply::Failed(why) => io::Error::other(why),
        Reply::Missing => {
            io::Error::new(io::ErrorKind::NotFound, "there is no such file or folder on the host")
        }
        _ => io::Error::other("the server gave a reply of another kind than was asked for"),
    }
}
