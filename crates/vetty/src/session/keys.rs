//! Keys by name, the mouse, the focus: encoded for the modes that the program has set on the screen.

use vetty_screen::{Key, Mouse};

use super::Session;
use crate::Error;

impl Session {
    /// Presses keys by name, one after the other: `Enter`, `Ctrl+C`, `Shift+F5`, `é`. They are encoded for the modes in
    /// force now (cursor keys, keypad, modifyOtherKeys, kitty's protocol), and typed at once: a program may take `Escape`
    /// and the key behind it for Alt and that key, so wait in between where that matters.
    ///
    /// # Errors
    /// [`Error::UnknownKey`], and nothing is typed; [`Error::NoScreen`]; as [`Session::write`].
    ///
    /// # Cancel safety
    /// As [`Session::write`].
    pub async fn press<K: AsRef<str>>(&self, keys: impl IntoIterator<Item = K>) -> Result<(), Error> {
        let keys = keys.into_iter().map(|key| key.as_ref().parse::<Key>());
        let keys = keys.collect::<Result<Vec<Key>, _>>()?;
        let bytes: Vec<u8> = {
            let shown = self.live_screen()?.lock();
            keys.iter().flat_map(|key| shown.screen.key(key)).collect()
        };
        self.write_unless_empty(bytes).await
    }

    /// Does something with the mouse, in the protocol that the program has asked for. Nothing is typed where it has not.
    ///
    /// # Errors
    /// [`Error::NoScreen`]; as [`Session::write`].
    ///
    /// # Cancel safety
    /// As [`Session::write`].
    pub async fn mouse(&self, event: &Mouse) -> Result<(), Error> {
        let bytes = self.live_screen()?.lock().screen.mouse(event);
        self.write_unless_empty(bytes).await
    }

    /// Tells a program that has asked for it (DECSET 1004) whether its window has the focus.
    ///
    /// # Errors
    /// [`Error::NoScreen`]; as [`Session::write`].
    ///
    /// # Cancel safety
    /// As [`Session::write`].
    pub async fn focus(&self, focused: bool) -> Result<(), Error> {
        let bytes = self.live_screen()?.lock().screen.focus(focused);
        self.write_unless_empty(bytes).await
    }

    async fn write_unless_empty(&self, bytes: Vec<u8>) -> Result<(), Error> {
        if bytes.is_empty() { Ok(()) } else { self.write(bytes).await }
    }
}
