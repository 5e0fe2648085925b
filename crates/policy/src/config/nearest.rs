//! What was probably meant by a word that is none of the known ones.

/// The word that takes the fewest edits, if these are few for its length.
pub(crate) fn nearest<'a>(typed: &str, known: &'a [String]) -> Option<&'a str> {
    let most = typed.len().div_ceil(3);
    let edits = |word: &str| edits(&typed.to_ascii_lowercase(), &word.to_ascii_lowercase());
    let counted = known.iter().map(|word| (edits(word), word.as_str()));
    counted.min_by_key(|(edits, _)| *edits).filter(|(edits, _)| *edits <= most).map(|(_, word)| word)
}

/// How many letters must be put in, taken out or replaced to make `to` of `from` (Levenshtein).
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[to.len()]
}
