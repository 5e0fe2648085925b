//! Looks through sed scripts: no command may run a program, read a file or write one.

const RUNS: &str = "its e runs a program";
const READS: &str = "its r and R read files";
const WRITES: &str = "its w and W write files";
const UNCLEAR: &str = "it is no sed script that can be understood";

/// What the script does that it must not. GNU's grammar, which takes in what POSIX has.
///
/// A delimiter within brackets ends the regex for some programs only, so that a script is read both ways. A reading
/// that fails is harmless: the program would refuse the whole script.
pub(super) fn problem(script: &str) -> Option<&'static str> {
    let [first, second] = [true, false].map(|brackets| Reader { rest: script, brackets }.script());
    match (first, second) {
        (Ok(()), Ok(()) | Err(UNCLEAR)) | (Err(UNCLEAR), Ok(())) => None,
        (Err(problem), _) if problem != UNCLEAR => Some(problem),
        (_, Err(problem)) => Some(problem),
        (Err(problem), Ok(())) => Some(problem),
    }
}

struct Reader<'s> {
    rest: &'s str,
    /// A delimiter within brackets stands for itself.
    brackets: bool,
}

type Checked<T = ()> = Result<T, &'static str>;

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        Some(c)
    }

    fn skip(&mut self, skipped: impl Fn(char) -> bool) {
        self.rest = self.rest.trim_start_matches(skipped);
    }

    fn line(&mut self) {
        self.skip(|c| c != '\n');
    }

    fn script(&mut self) -> Checked {
        loop {
            self.skip(|c| c.is_whitespace() || c == ';' || c == '}');
            if self.rest.is_empty() {
                return Ok(());
            }
            self.addresses()?;
            self.skip(|c| c == ' ' || c == '\t' || c == '!');
            self.command()?;
        }
    }

    fn addresses(&mut self) -> Checked {
        while let Some(c) = self.peek() {
            match c {
                '0'..='9' | '$' | ',' | '+' | '~' | ' ' | '\t' => {
                    self.next();
                }
                '/' => {
                    self.next();
                    self.delimited('/', true)?;
                    self.skip(|c| c == 'I' || c == 'M');
                }
                '\\' => {
                    self.next();
                    let delimiter = self.next().filter(|c| *c != '\n' && *c != '\\').ok_or(UNCLEAR)?;
                    self.delimited(delimiter, true)?;
                    self.skip(|c| c == 'I' || c == 'M');
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Up to the delimiter.
    fn delimited(&mut self, delimiter: char, regex: bool) -> Checked {
        let mut bracket = false;
        loop {
            match self.next().ok_or(UNCLEAR)? {
                c if c == delimiter && !bracket => return Ok(()),
                '\\' if !bracket => {
                    self.next().ok_or(UNCLEAR)?;
                }
                '\n' if regex => return Err(UNCLEAR),
                '[' if regex && self.brackets && !bracket => {
                    bracket = true;
                    if self.peek() == Some('^') {
                        self.next();
                    }
                    // The first bracket stands for itself.
                    if self.peek() == Some(']') {
                        self.next();
                    }
                }
                ']' if regex => bracket = false,
                _ => {}
            }
        }
    }

    fn command(&mut self) -> Checked {
        match self.next() {
            None => Err(UNCLEAR),
            Some('e') => Err(RUNS),
            Some('r' | 'R') => Err(READS),
            Some('w' | 'W') => Err(WRITES),
            Some(
                '{' | '}' | '=' | 'd' | 'D' | 'F' | 'g' | 'G' | 'h' | 'H' | 'n' | 'N' | 'p' | 'P' | 'x' | 'z',
            ) => Ok(()),
            Some('#') => {
                self.line();
                Ok(())
            }
            Some(':' | 'b' | 't' | 'T' | 'v') => {
                // A semicolon ends a label for GNU, and belongs to it for others: what follows is read as commands.
                self.skip(|c| c == ' ' || c == '\t');
                self.skip(|c| !c.is_whitespace() && c != ';' && c != '}');
                Ok(())
            }
            Some('l' | 'L' | 'q' | 'Q') => {
                self.skip(|c| c == ' ' || c.is_ascii_digit());
                Ok(())
            }
            Some('a' | 'i' | 'c') => {
                self.text();
                Ok(())
            }
            Some('s') => {
                let delimiter = self.next().filter(|c| *c != '\n' && *c != '\\').ok_or(UNCLEAR)?;
                self.delimited(delimiter, true)?;
                self.delimited(delimiter, false)?;
                self.flags()
            }
            Some('y') => {
                let delimiter = self.next().filter(|c| *c != '\n' && *c != '\\').ok_or(UNCLEAR)?;
                self.delimited(delimiter, false)?;
                self.delimited(delimiter, false)
            }
            Some(_) => Err(UNCLEAR),
        }
    }

    /// Lines of text, each but the last with a backslash at its end.
    fn text(&mut self) {
        loop {
            let line = self.rest.split('\n').next().unwrap_or("");
            self.rest = self.rest.get(line.len() + 1..).unwrap_or("");
            if !line.ends_with('\\') {
                return;
            }
        }
    }

    fn flags(&mut self) -> Checked {
        loop {
            match self.peek() {
                Some('e') => return Err(RUNS),
                Some('w') => return Err(WRITES),
                Some('g' | 'p' | 'i' | 'I' | 'm' | 'M' | '0'..='9') => {
                    self.next();
                }
                None | Some('\n' | ';' | '}' | '#' | ' ' | '\t' | '\r') => return Ok(()),
                Some(_) => return Err(UNCLEAR),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn scripts_that_only_edit_are_fine() {
        for script in [
            "s/a/b/",
            "s|/usr/lib|/opt/lib|g",
            "1,5p",
            "/begin/,/end/d",
            "$!N;P;D",
            "s/[/]x/y/",
            "s/[^/]*$//",
            "s#we#re#gi",
            "2q",
            "10,20!d",
            "/^$/d;s/ew/rw/2p",
            "a\\\nwe write",
            "i hello w",
            "y/ew/we/",
            ":a;N;$!ba;s/\\n/ /g",
            "/x/{s/a/b/;n;d}",
            "\\,re,d",
            "0~3d",
            "",
            "$=",
            "s/\\(w\\)/\\1/",
            "/a/I,+3p",
        ] {
            assert_eq!(problem(script), None, "{script}");
        }
    }

    #[test]
    fn programs_and_files_are_found_wherever_they_hide() {
        for script in [
            "1e id",
            "e",
            "w /tmp/x",
            "s/a/b/w out",
            "s/a/b/ge",
            "s/a/b/;s|c|d|e",
            "r /etc/passwd",
            "$R x",
            "/x/{p;w y\n}",
            "1!W z",
            "s/a/b/;e id",
            "/a/,/b/e",
            "\\,x,e id",
            "y/a/b/;w x",
            "a text\ne id",
            "s/x/\\\ny/e",
            "s/[a/]b/e",
            "s/a/b",
            "?",
            "s\na\nb\n",
            "p;}e id",
            ":a;e id",
            ":a e id",
            "ba;e id",
            "v;e id",
        ] {
            assert!(problem(script).is_some(), "{script}");
        }
    }
}
