//! Colours and attributes.

use crate::color::Color;
use crate::parser::Params;
use crate::state::State;
use crate::style::{Style, attribute};

impl State {
    /// SGR.
    #[inline]
    pub(super) fn sgr(&mut self, params: &Params) {
        apply(&mut self.cursor.pen, params);
        self.cursor.pen_changed();
    }
}

/// The next colour of a program's: index or parts, separated by semicolons or colons. `at` stands on 38, 48 or 58 and
/// is left on the last number that was read.
fn color(params: &Params, at: &mut usize) -> Option<Color> {
    let values = params.values();
    let first = *at;
    if params.is_sub(first + 1) {
        let mut end = first + 1;
        while params.is_sub(end) {
            end += 1;
        }
        *at = end - 1;
        return match values.get(first + 1..end)? {
            [5, index, ..] => Some(Color::indexed(u8::try_from(*index).ok()?)),
            // With or without the number of a colour space.
            [2, red, green, blue] | [2, _, red, green, blue, ..] => parts(*red, *green, *blue),
            _ => None,
        };
    }
    match params.get(first + 1) {
        5 => {
            *at = first + 2;
            Some(Color::indexed(u8::try_from(params.get(first + 2)).ok()?))
        }
        2 => {
            *at = first + 4;
            parts(params.get(first + 2), params.get(first + 3), params.get(first + 4))
        }
        _ => {
            // What follows cannot be understood.
            *at = values.len();
            None
        }
    }
}

fn parts(red: u16, green: u16, blue: u16) -> Option<Color> {
    Some(Color::rgb(u8::try_from(red).ok()?, u8::try_from(green).ok()?, u8::try_from(blue).ok()?))
}

fn apply(pen: &mut Style, params: &Params) {
    let values = params.values();
    let mut at = 0;
    while let Some(&value) = values.get(at) {
        match value {
            0 => *pen = Style { link: pen.link, ..Style::default() },
            1 => pen.set(attribute::BOLD, true),
            2 => pen.set(attribute::DIM, true),
            3 => pen.set(attribute::ITALIC, true),
            4 if params.is_sub(at + 1) => {
                at += 1;
                pen.set_underline(values[at].min(5));
            }
            4 => pen.set_underline(1),
            5 | 6 => pen.set(attribute::BLINK, true),
            7 => pen.set(attribute::INVERSE, true),
            8 => pen.set(attribute::HIDDEN, true),
            9 => pen.set(attribute::STRIKE, true),
            21 => pen.set_underline(2),
            22 => pen.set(attribute::BOLD | attribute::DIM, false),
            23 => pen.set(attribute::ITALIC, false),
            24 => pen.set_underline(0),
            25 => pen.set(attribute::BLINK, false),
            27 => pen.set(attribute::INVERSE, false),
            28 => pen.set(attribute::HIDDEN, false),
            29 => pen.set(attribute::STRIKE, false),
            30..=37 => pen.foreground = Color::indexed((value - 30) as u8),
            39 => pen.foreground = Color::DEFAULT,
            40..=47 => pen.background = Color::indexed((value - 40) as u8),
            49 => pen.background = Color::DEFAULT,
            53 => pen.set(attribute::OVERLINE, true),
            55 => pen.set(attribute::OVERLINE, false),
            59 => pen.underline_color = Color::DEFAULT,
            90..=97 => pen.foreground = Color::indexed((value - 90 + 8) as u8),
            100..=107 => pen.background = Color::indexed((value - 100 + 8) as u8),
            38 => pen.foreground = color(params, &mut at).unwrap_or(pen.foreground),
            48 => pen.background = color(params, &mut at).unwrap_or(pen.background),
            58 => pen.underline_color = color(params, &mut at).unwrap_or(pen.underline_color),
            _ => {}
        }
        at += 1;
        // What belongs to a number that is not understood.
        while params.is_sub(at) {
            at += 1;
        }
    }
}

/// The numbers that make this style from the default one, as DECRQSS and a repaint need them.
pub(crate) fn numbers(style: &Style) -> String {
    use std::fmt::Write;
    let mut text = String::from("0");
    for (bit, number) in [
        (attribute::BOLD, ";1"),
        (attribute::DIM, ";2"),
        (attribute::ITALIC, ";3"),
        (attribute::BLINK, ";5"),
        (attribute::INVERSE, ";7"),
        (attribute::HIDDEN, ";8"),
        (attribute::STRIKE, ";9"),
        (attribute::OVERLINE, ";53"),
    ] {
        if style.has(bit) {
            text.push_str(number);
        }
    }
    match (style.attributes & attribute::UNDERLINE) >> attribute::UNDERLINE_SHIFT {
        0 => {}
        1 => text.push_str(";4"),
        2 => text.push_str(";21"),
        // Writing to a String never fails.
        kind => drop(write!(text, ";4:{kind}")),
    }
    let mut push = |color: Color, base: u16, extended: &str| {
        let _ = match (color.index(), color.parts()) {
            (Some(index @ 0..8), _) if base > 0 => write!(text, ";{}", base + u16::from(index)),
            (Some(index @ 8..16), _) if base > 0 => write!(text, ";{}", base + 52 + u16::from(index)),
            (Some(index), _) => write!(text, ";{extended}:5:{index}"),
            (_, Some(crate::color::Rgb(red, green, blue))) => {
                write!(text, ";{extended}:2::{red}:{green}:{blue}")
            }
            _ => Ok(()),
        };
    };
    push(style.foreground, 30, "38");
    push(style.background, 40, "48");
    push(style.underline_color, 0, "58");
    text
}
