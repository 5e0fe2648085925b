//! A verdict as an event tells it: with secrets hidden, and no longer than it needs to be.

use vetty_policy::Verdict;

use super::redact::Redactor;

/// Bytes of one word, or text.
const MOST_TEXT: usize = 4096;
/// Bytes of all words.
const MOST_WORDS: usize = 64 * 1024;
/// Names of variables.
const MOST_NAMES: usize = 1000;
/// A shorter word would be found in any message.
const SHORTEST: usize = 4;
/// What a message shows of a word, in characters.
const SHOWN: usize = 200;

/// The same verdict, fit to be kept.
pub(super) fn told(verdict: &Verdict, redactor: &Redactor) -> Verdict {
    let mut told = verdict.clone();
    let hidden = redactor.argv(&verdict.argv);
    let secret: Vec<&str> = verdict
        .argv
        .iter()
        .zip(&hidden)
        .filter(|(word, hidden)| word != hidden && word.len() >= SHORTEST)
        .map(|(word, _)| word.as_str())
        .collect();
    let text = |text: &str| {
        let mut text = text.to_owned();
        for word in &secret {
            text = text.replace(word, "[redacted]");
            // A message shows the beginning of a long one.
            if let Some((end, _)) = word.char_indices().nth(SHOWN) {
                text = text.replace(&word[..end], "[redacted]");
            }
        }
        cut(redactor.text(&text))
    };
    told.message = text(&verdict.message);
    told.hint = verdict.hint.as_deref().map(text);
    told.program = verdict.program.as_deref().map(text);
    told.cwd = verdict.cwd.as_deref().map(text);
    if let Some(rule) = &mut told.rule {
        rule.text = text(&rule.text);
    }
    told.argv = words(hidden);
    for names in [&mut told.env, &mut told.dropped] {
        let more = names.len().saturating_sub(MOST_NAMES);
        names.truncate(MOST_NAMES);
        names.iter_mut().for_each(|name| *name = cut(std::mem::take(name)));
        if more > 0 {
            names.push(format!("[... {more} names omitted ...]"));
        }
    }
    told
}

fn words(words: Vec<String>) -> Vec<String> {
    let mut kept = Vec::new();
    let (mut bytes, count) = (0, words.len());
    for word in words {
        let word = cut(word);
        bytes += word.len() + 1;
        if bytes > MOST_WORDS {
            let more = count - kept.len();
            kept.push(format!("[... {more} words omitted ...]"));
            break;
        }
        kept.push(word);
    }
    kept
}

fn cut(mut text: String) -> String {
    if text.len() > MOST_TEXT {
        let end = text.floor_char_boundary(MOST_TEXT);
        let more = text.len() - end;
        text.truncate(end);
        text.push_str(&format!("[... {more} bytes omitted ...]"));
    }
    text
}
