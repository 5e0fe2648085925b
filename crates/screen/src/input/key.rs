//! Keys by their names.

use std::str::FromStr;

/// Modifiers that are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Modifiers {
    /// Shift.
    pub shift: bool,
    /// Alt, Option or Meta.
    pub alt: bool,
    /// Control.
    pub ctrl: bool,
    /// Super, Windows or Command.
    pub logo: bool,
}

impl Modifiers {
    /// 1 and a bit for each, as xterm and kitty number them.
    pub(crate) fn number(self) -> u8 {
        1 + u8::from(self.shift) + 2 * u8::from(self.alt) + 4 * u8::from(self.ctrl) + 8 * u8::from(self.logo)
    }

    pub(crate) fn any(self) -> bool {
        self.number() > 1
    }
}

/// A key without its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyName {
    /// A character.
    Char(char),
    /// Enter or Return.
    Enter,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Escape.
    Escape,
    /// Cursor up.
    Up,
    /// Cursor down.
    Down,
    /// Cursor left.
    Left,
    /// Cursor right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Insert.
    Insert,
    /// Delete.
    Delete,
    /// F1 to F35.
    F(u8),
    /// A key of the keypad: a digit, or one of `.+-*/=` and Enter as `\r`.
    Keypad(char),
}

/// A key with the modifiers that are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// The key.
    pub name: KeyName,
    /// What is held.
    pub modifiers: Modifiers,
}

impl Key {
    /// A key alone.
    pub fn new(name: KeyName) -> Self {
        Self { name, modifiers: Modifiers::default() }
    }
}

/// A name that is no key's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey {
    name: String,
}

impl std::fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Unknown key: {}: write one character, or a name such as Enter, Tab, Escape, Up, PageDown, F5, \
             behind any of Ctrl+, Alt+, Shift+ and Super+",
            self.name.escape_debug()
        )
    }
}

impl std::error::Error for UnknownKey {}

impl FromStr for Key {
    type Err = UnknownKey;

    /// `Enter`, `Ctrl+C`, `Shift+F5`, `Alt+é`, `Ctrl++`. Names are read without regard to case; a character is itself,
    /// but with Ctrl and Alt a capital letter means no Shift: `Ctrl+C` is what a person calls so.
    fn from_str(text: &str) -> Result<Self, UnknownKey> {
        let unknown = || UnknownKey { name: text.chars().take(64).collect() };
        let mut modifiers = Modifiers::default();
        let mut rest = text;
        while let Some((first, after)) =
            rest.split_once('+').filter(|(first, after)| !first.is_empty() && !after.is_empty())
        {
            match first.to_ascii_lowercase().as_str() {
                "ctrl" | "control" => modifiers.ctrl = true,
                "alt" | "option" | "meta" => modifiers.alt = true,
                "shift" => modifiers.shift = true,
                "super" | "cmd" | "command" | "win" => modifiers.logo = true,
                _ => return Err(unknown()),
            }
            rest = after;
        }
        let mut chars = rest.chars();
        let name = match (chars.next(), chars.next()) {
            (Some(ch), None) if !ch.is_control() => {
                let held = modifiers.ctrl || modifiers.alt || modifiers.logo;
                KeyName::Char(if held && ch.is_ascii_uppercase() { ch.to_ascii_lowercase() } else { ch })
            }
            _ => named(&rest.to_ascii_lowercase()).ok_or_else(unknown)?,
        };
        Ok(Self { name, modifiers })
    }
}

fn named(name: &str) -> Option<KeyName> {
    Some(match name {
        "enter" | "return" => KeyName::Enter,
        "tab" => KeyName::Tab,
        "backspace" => KeyName::Backspace,
        "escape" | "esc" => KeyName::Escape,
        "space" => KeyName::Char(' '),
        "plus" => KeyName::Char('+'),
        "up" | "arrowup" => KeyName::Up,
        "down" | "arrowdown" => KeyName::Down,
        "left" | "arrowleft" => KeyName::Left,
        "right" | "arrowright" => KeyName::Right,
        "home" => KeyName::Home,
        "end" => KeyName::End,
        "pageup" | "pgup" => KeyName::PageUp,
        "pagedown" | "pgdn" => KeyName::PageDown,
        "insert" | "ins" => KeyName::Insert,
        "delete" | "del" => KeyName::Delete,
        "keypadenter" => KeyName::Keypad('\r'),
        _ => {
            if let Some(key) = name.strip_prefix("keypad") {
                let mut chars = key.chars();
                let key = chars.next().filter(|key| key.is_ascii_digit() || ".+-*/=".contains(*key))?;
                return chars.next().is_none().then_some(KeyName::Keypad(key));
            }
            let number: u8 = name.strip_prefix('f')?.parse().ok()?;
            (1..=35).contains(&number).then_some(KeyName::F(number))?
        }
    })
}
