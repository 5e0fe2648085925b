//! Pictures in the output: told as events with size and place, never drawn, never read from a file.

use crate::base64;
use crate::events::Event;
use crate::parser::StringSequence;
use crate::size::Position;
use crate::state::State;

/// How a picture was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageProtocol {
    /// Kitty's graphics.
    Kitty,
    /// DEC's six pixels.
    Sixel,
    /// A file of iTerm2.
    Iterm2,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Image {
    /// How it was sent.
    pub protocol: ImageProtocol,
    /// Where its upper left corner is.
    pub at: Position,
    /// Width and height in pixels, where the program says so.
    pub pixels: Option<(u32, u32)>,
    /// Columns and rows that it takes, where that is known.
    pub cells: Option<(u16, u16)>,
    /// Bytes of the payload as they were sent.
    pub bytes: u64,
    /// The payload (decoded from base64), if it is within `max_image`. Sixel as it was sent.
    pub payload: Option<Vec<u8>>,
    /// The file that kitty's protocol names in place of data. It was not touched; a program may name any file.
    pub file: Option<ImageFile>,
}

/// A file that kitty's protocol names in place of data. A program may name any.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageFile {
    /// As it was named.
    pub path: String,
    /// What it is.
    pub medium: ImageMedium,
    /// Bytes in it before the picture.
    pub offset: u64,
    /// Bytes of the picture; the rest of the file where it is not said.
    pub size: Option<u64>,
}

/// What a file of a picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ImageMedium {
    /// A file.
    File,
    /// A file that whoever reads it removes.
    Temporary,
    /// The name of shared memory.
    SharedMemory,
}

/// A picture of kitty's that comes in parts.
#[derive(Debug, Default)]
pub(crate) struct Images {
    control: Vec<u8>,
    data: Vec<u8>,
    bytes: u64,
    more: bool,
}

/// Bytes of a picture's description.
const MAX_CONTROL: usize = 1024;

impl Images {
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl State {
    fn here(&self) -> Position {
        Position { row: self.cursor.row as i64, col: self.cursor.col as u16 }
    }

    fn cells_of(&self, pixels: Option<(u32, u32)>) -> Option<(u16, u16)> {
        let (width, height) = self.config.cell_pixels;
        let count = |pixels: u32, cell: u16| pixels.div_ceil(u32::from(cell.max(1))).min(1000) as u16;
        pixels.map(|(wide, high)| (count(wide, width), count(high, height)))
    }

    fn image(&mut self, image: Image) {
        self.changed = true;
        self.events.push(Event::Image(image));
    }

    pub(crate) fn sixel(&mut self, string: &StringSequence<'_>) {
        let pixels = sixel_size(string.data);
        let cells = self.cells_of(pixels);
        let bytes = string.data.len() as u64 + string.omitted;
        let fits = string.omitted == 0 && string.data.len() <= self.config.max_image;
        let payload = fits.then(|| string.data.to_vec());
        let at = self.here();
        self.image(Image { protocol: ImageProtocol::Sixel, at, pixels, cells, bytes, payload, file: None });
        // Text goes on below, unless the picture lies at the top left of the screen (DECSDM).
        if !self.has(crate::modes::Mode::SixelDisplay) {
            for _ in 0..cells.map_or(0, |(_, rows)| rows) {
                self.index();
            }
        }
    }

    pub(crate) fn iterm_file(&mut self, file: &str, omitted: u64) {
        let (args, data) = file.split_once(':').unwrap_or((file, ""));
        let value = |key: &str| args.split(';').find_map(|arg| arg.strip_prefix(key)?.strip_prefix('='));
        // A file that is not to be shown is a transfer, which is no matter of a screen.
        if value("inline") != Some("1") {
            return;
        }
        let decoded = (omitted == 0).then(|| base64::decode(data.as_bytes())).flatten();
        let decoded = decoded.filter(|decoded| decoded.len() <= self.config.max_image);
        let pixels = decoded.as_deref().and_then(png_size);
        let in_cells = |text: Option<&str>| text.and_then(|text| text.parse::<u16>().ok());
        let cells = match (in_cells(value("width")), in_cells(value("height"))) {
            (Some(cols), Some(rows)) => Some((cols.min(1000), rows.min(1000))),
            _ => self.cells_of(pixels),
        };
        let at = self.here();
        let bytes = data.len() as u64 + omitted;
        self.image(Image {
            protocol: ImageProtocol::Iterm2,
            at,
            pixels,
            cells,
            bytes,
            payload: decoded,
            file: None,
        });
        self.beside_image(cells);
    }

    /// The cursor goes to the right of the picture, in its last row.
    fn beside_image(&mut self, cells: Option<(u16, u16)>) {
        if let Some((cols, rows)) = cells {
            for _ in 1..rows {
                self.index();
            }
            self.right(usize::from(cols));
        }
    }

    /// Keys and values, then `;` and data in base64, perhaps in several parts.
    pub(crate) fn kitty_image(&mut self, command: &[u8], omitted: u64) {
        let (control, data) = match memchr::memchr(b';', command) {
            Some(at) => (&command[..at], &command[at + 1..]),
            None => (command, &[][..]),
        };
        if !self.images.more {
            self.images.clear();
            self.images.control.extend_from_slice(&control[..control.len().min(MAX_CONTROL)]);
        }
        let room = (self.config.max_image / 3 + 1) * 4 - self.images.data.len().min(self.config.max_image);
        self.images.data.extend_from_slice(&data[..data.len().min(room)]);
        self.images.bytes += data.len() as u64 + omitted;
        self.images.more = key(control, b'm') == Some("1");
        if self.images.more {
            return;
        }
        let whole = std::mem::take(&mut self.images);
        let value = |name: u8| key(&whole.control, name);
        // Transmit and put; to put what was sent before shows something, too. Queries and deletions do not.
        let action = value(b'a').unwrap_or("t");
        if !matches!(action, "t" | "T" | "p") {
            return;
        }
        let decoded = (whole.data.len() as u64 == whole.bytes).then(|| base64::decode(&whole.data)).flatten();
        let number = |name: u8| value(name).and_then(|value| value.parse::<u32>().ok());
        let is_direct = value(b't').unwrap_or("d") == "d";
        let file = decoded.as_ref().filter(|_| !is_direct).map(|path| ImageFile {
            path: String::from_utf8_lossy(path).into_owned(),
            medium: match value(b't') {
                Some("t") => ImageMedium::Temporary,
                Some("s") => ImageMedium::SharedMemory,
                _ => ImageMedium::File,
            },
            offset: number(b'O').unwrap_or(0).into(),
            size: number(b'S').filter(|size| *size > 0).map(u64::from),
        });
        let payload = decoded.filter(|data| is_direct && data.len() <= self.config.max_image);
        let pixels = number(b's').zip(number(b'v')).or_else(|| payload.as_deref().and_then(png_size));
        let cells = match (number(b'c'), number(b'r')) {
            (Some(cols), Some(rows)) => Some((cols.min(1000) as u16, rows.min(1000) as u16)),
            _ => self.cells_of(pixels),
        };
        let at = self.here();
        let bytes = whole.bytes;
        self.image(Image { protocol: ImageProtocol::Kitty, at, pixels, cells, bytes, payload, file });
        if action != "t" && value(b'C') != Some("1") {
            self.beside_image(cells);
        }
    }
}

/// The value of a key of one letter.
fn key(control: &[u8], name: u8) -> Option<&str> {
    let pairs = control.split(|byte| *byte == b',');
    let value = |pair: &'_ [u8]| pair.first() == Some(&name) && pair.get(1) == Some(&b'=');
    let pair = pairs.into_iter().find(|pair| value(pair))?;
    std::str::from_utf8(&pair[2..]).ok()
}

/// What the header of a PNG says.
fn png_size(data: &[u8]) -> Option<(u32, u32)> {
    let rest = data.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let number = |at: usize| Some(u32::from_be_bytes(rest.get(at..at + 4)?.try_into().ok()?));
    Some((number(8)?, number(12)?))
}

/// What the raster attributes say, or else what is drawn.
fn sixel_size(data: &[u8]) -> Option<(u32, u32)> {
    if let Some(rest) = data.strip_prefix(b"\"") {
        let end = rest.iter().position(|byte| !byte.is_ascii_digit() && *byte != b';').unwrap_or(rest.len());
        let text = std::str::from_utf8(&rest[..end]).ok()?;
        let mut numbers = text.split(';').skip(2).map(str::parse::<u32>);
        if let (Some(Ok(width)), Some(Ok(height))) = (numbers.next(), numbers.next()) {
            return Some((width, height));
        }
    }
    let (mut width, mut x, mut lines, mut repeat, mut at) = (0_u32, 0_u32, 1_u32, 1_u32, 0);
    while let Some(&byte) = data.get(at) {
        at += 1;
        match byte {
            b'!' | b'#' => {
                let digits =
                    data[at..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
                let number =
                    std::str::from_utf8(&data[at..at + digits]).ok().and_then(|text| text.parse().ok());
                repeat = if byte == b'!' { number.unwrap_or(1).min(100_000) } else { 1 };
                at += digits;
            }
            b'?'..=b'~' => {
                x = x.saturating_add(std::mem::replace(&mut repeat, 1));
                width = width.max(x);
            }
            b'$' => x = 0,
            b'-' => {
                x = 0;
                lines = lines.saturating_add(1);
            }
            _ => {}
        }
    }
    // A last line break draws nothing.
    let lines = if data.last() == Some(&b'-') { lines - 1 } else { lines };
    (width > 0).then_some((width, lines.saturating_mul(6)))
}

#[cfg(test)]
mod tests {
    use super::{png_size, sixel_size};

    #[test]
    fn sizes_are_read_from_headers_and_drawings() {
        assert_eq!(sixel_size(b"\"1;1;90;40#0;2;0;0;0~"), Some((90, 40)));
        assert_eq!(sixel_size(b"#1~~!10?$~-~~-"), Some((12, 12)));
        assert_eq!(sixel_size(b""), None);
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x20";
        assert_eq!(png_size(png), Some((16, 32)));
        assert_eq!(png_size(b"\x89PNG\r\n\x1a\n\0\0"), None);
    }
}
