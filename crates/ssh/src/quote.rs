//! The one place where argv becomes a line for a remote shell: the SSH protocol carries a string, not a list.

/// Why words cannot become a command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuoteError {
    /// There is no program.
    #[error("the command is empty: name a program")]
    Empty,
    /// No argument of any program can hold a NUL byte.
    #[error("a word holds a NUL byte, which no argument can")]
    Nul,
    /// A program that the shell would take for an option or an assignment.
    #[error("the program's name begins with a dash or holds =: write its path, as ./-name")]
    Program,
    /// A variable with a name that none has, or a value with a NUL byte.
    #[error(
        "a variable's name is empty, begins with a dash, or holds =, white space or control characters, or its value holds NUL"
    )]
    Variable,
}

/// `words` as one line that a POSIX shell (sh, dash, bash, ksh, zsh) reads as exactly these words, whatever is in them.
/// Bytes need not be UTF-8.
///
/// The login shell of the remote user must be such a shell; csh and fish read some lines otherwise (a `!` or a newline).
///
/// # Errors
/// No word at all, or a NUL byte in one.
///
/// ```
/// assert_eq!(vetty_ssh::quote(["echo", "it's", ""])?, b"echo 'it'\\''s' ''");
/// # Ok::<(), vetty_ssh::QuoteError>(())
/// ```
pub fn quote<W: AsRef<[u8]>>(words: impl IntoIterator<Item = W>) -> Result<Vec<u8>, QuoteError> {
    let mut line = Vec::new();
    for word in words {
        if !line.is_empty() {
            line.push(b' ');
        }
        quote_word(word.as_ref(), &mut line)?;
    }
    match line.is_empty() {
        true => Err(QuoteError::Empty),
        false => Ok(line),
    }
}

/// Appends one word.
pub(crate) fn quote_word(word: &[u8], line: &mut Vec<u8>) -> Result<(), QuoteError> {
    if word.contains(&0) {
        return Err(QuoteError::Nul);
    }
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./".contains(byte);
    if !word.is_empty() && word.iter().all(plain) {
        line.extend_from_slice(word);
        return Ok(());
    }
    line.push(b'\'');
    for byte in word {
        match byte {
            b'\'' => line.extend_from_slice(b"'\\''"),
            _ => line.push(*byte),
        }
    }
    line.push(b'\'');
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// What `shell` makes of the words of `line`: each with a NUL byte behind it.
    fn words_of(shell: &str, line: &[u8]) -> Vec<u8> {
        let mut script = b"printf '%s\\0' ".to_vec();
        script.extend_from_slice(line);
        let script = String::from_utf8(script).unwrap();
        let output = Command::new(shell).arg("-c").arg(script).output().expect("the shell starts");
        assert!(output.status.success(), "{shell}: {output:?}");
        output.stdout
    }

    fn word() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>().prop_map(|text| text.replace('\0', "")),
            "[ '\"\\\\$`!~*?\\[\\](){}<>|&;#=%^\n\t\ra-c-]{0,12}",
            Just("-n".to_owned()),
            Just("'\\''".to_owned()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn shells_read_back_the_same_words(words in proptest::collection::vec(word(), 1..6)) {
            let line = quote(&words).unwrap();
            let wanted: Vec<u8> = words.iter().flat_map(|word| [word.as_bytes(), b"\0"].concat()).collect();
            for shell in ["sh", "dash", "bash"] {
                prop_assert_eq!(words_of(shell, &line), wanted.clone(), "{}", shell);
            }
        }
    }

    #[test]
    fn bytes_that_are_no_text_stay_as_they_are() {
        assert_eq!(quote([b"a\xff'".as_slice()]), Ok(b"'a\xff'\\'''".to_vec()));
    }

    #[test]
    fn what_no_shell_can_pass_on_is_refused() {
        assert_eq!(quote::<&str>([]), Err(QuoteError::Empty));
        assert_eq!(quote(["a", "b\0c"]), Err(QuoteError::Nul));
    }

    #[test]
    fn an_assignment_and_a_tilde_are_words() {
        assert_eq!(quote(["A=b", "~", "#"]), Ok(b"'A=b' '~' '#'".to_vec()));
    }
}
