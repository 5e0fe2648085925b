//! The switches of a terminal by their numbers.

/// A switch that programs can set and reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    KeyboardLocked,
    Insert,
    NoLocalEcho,
    NewLine,
    ApplicationCursor,
    Vt52Off,
    Columns132,
    SmoothScroll,
    ReverseVideo,
    Origin,
    AutoWrap,
    AutoRepeat,
    MouseX10,
    CursorBlink,
    FormFeedPrint,
    PrintAll,
    CursorVisible,
    AllowColumns132,
    MoreFix,
    NationalCharsets,
    ReverseWrap,
    ApplicationKeypad,
    BackspaceSendsBs,
    LeftRightMargins,
    SixelDisplay,
    KeepOnColumns,
    MouseButton,
    MouseDrag,
    MouseAny,
    Focus,
    MouseUtf8,
    MouseSgr,
    AlternateScroll,
    MouseUrxvt,
    MousePixels,
    MetaEscape,
    AltEscape,
    ExtendedReverseWrap,
    BracketedPaste,
    Synchronized,
    Graphemes,
    ColorScheme,
    AltScreen47,
    AltScreen1047,
    SavedCursor1048,
    AltScreen1049,
}

/// Number, mode, whether it is on at first; the first ones are those of ANSI.
const ANSI: [(u16, Mode, bool); 4] = [
    (2, Mode::KeyboardLocked, false),
    (4, Mode::Insert, false),
    (12, Mode::NoLocalEcho, true),
    (20, Mode::NewLine, false),
];

/// Those of DEC and of xterm, behind `?`.
const PRIVATE: [(u16, Mode, bool); 42] = [
    (1, Mode::ApplicationCursor, false),
    (2, Mode::Vt52Off, true),
    (3, Mode::Columns132, false),
    (4, Mode::SmoothScroll, false),
    (5, Mode::ReverseVideo, false),
    (6, Mode::Origin, false),
    (7, Mode::AutoWrap, true),
    (8, Mode::AutoRepeat, true),
    (9, Mode::MouseX10, false),
    (12, Mode::CursorBlink, false),
    (18, Mode::FormFeedPrint, false),
    (19, Mode::PrintAll, true),
    (25, Mode::CursorVisible, true),
    (40, Mode::AllowColumns132, false),
    (41, Mode::MoreFix, false),
    (42, Mode::NationalCharsets, false),
    (45, Mode::ReverseWrap, false),
    (47, Mode::AltScreen47, false),
    (66, Mode::ApplicationKeypad, false),
    (67, Mode::BackspaceSendsBs, false),
    (69, Mode::LeftRightMargins, false),
    (80, Mode::SixelDisplay, false),
    (95, Mode::KeepOnColumns, false),
    (1000, Mode::MouseButton, false),
    (1002, Mode::MouseDrag, false),
    (1003, Mode::MouseAny, false),
    (1004, Mode::Focus, false),
    (1005, Mode::MouseUtf8, false),
    (1006, Mode::MouseSgr, false),
    (1007, Mode::AlternateScroll, false),
    (1015, Mode::MouseUrxvt, false),
    (1016, Mode::MousePixels, false),
    (1036, Mode::MetaEscape, true),
    (1039, Mode::AltEscape, true),
    (1045, Mode::ExtendedReverseWrap, false),
    (1047, Mode::AltScreen1047, false),
    (1048, Mode::SavedCursor1048, false),
    (1049, Mode::AltScreen1049, false),
    (2004, Mode::BracketedPaste, false),
    (2026, Mode::Synchronized, false),
    (2027, Mode::Graphemes, false),
    (2031, Mode::ColorScheme, false),
];

/// Modes of ANSI that are known and can never be set.
const NEVER_ANSI: [u16; 12] = [1, 5, 7, 10, 11, 13, 14, 15, 16, 17, 18, 19];

/// Private modes that are known and can never be set.
const NEVER_PRIVATE: [u16; 3] = [60, 64, 1001];

/// What DECRQM reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ModeState {
    Unknown = 0,
    Set = 1,
    Reset = 2,
    NeverSet = 4,
}

/// All modes, and what XTSAVE saved of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Modes {
    bits: u64,
    saved: u64,
}

impl Default for Modes {
    fn default() -> Self {
        let on = ANSI.iter().chain(&PRIVATE).filter(|(_, _, on)| *on);
        let bits = on.fold(0, |bits, (_, mode, _)| bits | (1 << *mode as u64));
        Self { bits, saved: bits }
    }
}

impl Modes {
    #[inline]
    pub(crate) fn has(&self, mode: Mode) -> bool {
        self.bits & (1 << mode as u64) != 0
    }

    pub(crate) fn set(&mut self, mode: Mode, on: bool) {
        let bit = 1 << mode as u64;
        self.bits = if on { self.bits | bit } else { self.bits & !bit };
    }

    pub(crate) fn save(&mut self, mode: Mode) {
        let bit = 1 << mode as u64;
        self.saved = (self.saved & !bit) | (self.bits & bit);
    }

    pub(crate) fn saved(&self, mode: Mode) -> bool {
        self.saved & (1 << mode as u64) != 0
    }

    pub(crate) fn find(number: u16, private: bool) -> Option<Mode> {
        let table = if private { &PRIVATE[..] } else { &ANSI[..] };
        table.iter().find(|(known, _, _)| *known == number).map(|(_, mode, _)| *mode)
    }

    pub(crate) fn state(&self, number: u16, private: bool) -> ModeState {
        let never = if private { &NEVER_PRIVATE[..] } else { &NEVER_ANSI[..] };
        match Self::find(number, private) {
            Some(mode) if self.has(mode) => ModeState::Set,
            Some(_) => ModeState::Reset,
            None if never.contains(&number) => ModeState::NeverSet,
            None => ModeState::Unknown,
        }
    }

    /// The private modes that differ from how a terminal begins, for a repaint elsewhere.
    pub(crate) fn changed(&self) -> impl Iterator<Item = (u16, bool)> + '_ {
        let begin = Self::default();
        PRIVATE
            .iter()
            .filter(move |(_, mode, _)| self.has(*mode) != begin.has(*mode))
            .map(|(number, mode, _)| (*number, self.has(*mode)))
    }
}

#[cfg(test)]
mod tests {
    use super::{ANSI, Mode, ModeState, Modes, PRIVATE};

    #[test]
    fn each_mode_has_one_number() {
        let mut modes: Vec<_> = ANSI.iter().chain(&PRIVATE).map(|(_, mode, _)| *mode as u64).collect();
        modes.sort_unstable();
        assert!(modes.iter().copied().eq(0..46));
    }

    #[test]
    fn what_was_saved_comes_back() {
        let mut modes = Modes::default();
        assert_eq!(modes.state(7, true), ModeState::Set);
        modes.save(Mode::AutoWrap);
        modes.set(Mode::AutoWrap, false);
        assert_eq!(modes.state(7, true), ModeState::Reset);
        assert!(modes.saved(Mode::AutoWrap));
        assert_eq!(
            (modes.state(9999, true), modes.state(1, false)),
            (ModeState::Unknown, ModeState::NeverSet)
        );
        assert_eq!(modes.changed().collect::<Vec<_>>(), [(7, false)]);
    }
}
