//! Looks through awk programs: nothing may run a program, open a file or load code.

const RUNS: &str = "it runs programs by system() or a pipe";
const READS: &str = "its getline and its ARGV read files and programs";
const WRITES: &str = "its print writes files";
const LOADS: &str = "its @ loads code or calls what a text names";
const SOCKETS: &str = "its special files open sockets";
const UNCLEAR: &str = "it is no awk program that can be understood";

/// What the program does that it must not.
pub(super) fn problem(program: &str) -> Option<&'static str> {
    Reader { text: program, at: 0, depth: 0, printing: None, after_value: false }.program().err()
}

struct Reader<'p> {
    text: &'p str,
    at: usize,
    /// Open brackets and parentheses.
    depth: usize,
    /// Within a print statement, the depth that it stands at: a `>` there redirects.
    printing: Option<usize>,
    /// A slash behind a value divides, elsewhere it starts a regex.
    after_value: bool,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn program(&mut self) -> Result<(), &'static str> {
        while let Some(c) = self.rest().chars().next() {
            let start = self.at;
            self.at += c.len_utf8();
            match c {
                '#' => self.at = self.text[start..].find('\n').map_or(self.text.len(), |end| start + end),
                '"' => {
                    self.quoted('"')?;
                    let content = &self.text[start..self.at];
                    if content.contains("/inet") || content.contains("\\") && content.contains("inet") {
                        return Err(SOCKETS);
                    }
                    self.after_value = true;
                }
                '/' if !self.after_value => {
                    self.quoted('/')?;
                    self.after_value = true;
                }
                '|' if self.rest().starts_with('|') => {
                    self.at += 1;
                    self.after_value = false;
                }
                '|' => return Err(RUNS),
                '@' => return Err(LOADS),
                '>' if self.printing == Some(self.depth) => return Err(WRITES),
                '(' | '[' => {
                    self.depth += 1;
                    self.after_value = false;
                }
                ')' | ']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.after_value = true;
                }
                // A newline need not end a statement.
                '\n' => self.after_value = false,
                ';' | '{' | '}' => {
                    self.printing = None;
                    self.after_value = false;
                }
                _ if c.is_alphabetic() || c == '_' => self.word(start)?,
                _ if c.is_ascii_digit() || c == '.' => self.after_value = true,
                '$' => self.after_value = false,
                '\\' if self.rest().starts_with('\n') => self.at += 1,
                _ if c.is_whitespace() => {}
                '+' | '-' if self.rest().starts_with(c) => self.at += 1,
                '+' | '-' | '*' | '%' | '^' | '!' | '<' | '>' | '=' | '~' | '?' | ':' | ',' | '&' | '/' => {
                    self.after_value = false;
                }
                _ => return Err(UNCLEAR),
            }
        }
        Ok(())
    }

    fn quoted(&mut self, end: char) -> Result<(), &'static str> {
        let mut chars = self.rest().char_indices();
        while let Some((index, c)) = chars.next() {
            match c {
                '\\' => drop(chars.next()),
                '\n' => return Err(UNCLEAR),
                _ if c == end => {
                    self.at += index + c.len_utf8();
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(UNCLEAR)
    }

    fn word(&mut self, start: usize) -> Result<(), &'static str> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let end = self.text[start..].find(|c| !is_word(c)).map_or(self.text.len(), |length| start + length);
        self.at = end;
        let word = &self.text[start..end];
        match word {
            "system" => return Err(RUNS),
            // What stands in ARGV is read.
            "getline" | "ARGV" | "ARGC" => return Err(READS),
            "print" | "printf" => self.printing = Some(self.depth),
            _ => {}
        }
        let keywords = ["print", "printf", "return", "in", "case", "else", "do"];
        self.after_value = !keywords.contains(&word);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn programs_over_their_input_are_fine() {
        for program in [
            "{ print $1 }",
            "$3 > 100 { print $1, $2 }",
            "/a|b/ { n++ } END { print n }",
            "{ s += $2 } END { printf \"%d | %s > x\\n\", s, \"/etc\" }",
            "NR==1 || $1 ~ /x>y/",
            "BEGIN { FS=\":\" } { print ($1 > $2) }",
            "{ print $1 / $2 / 3 }",
            "{ a[$1] = a[$1] \",\" $2 } # comment | getline",
            "length($0) > 72",
            "{ gsub(/\\/usr/, \"\"); print }",
            "!seen[$0]++",
            "{ if ($1 > 3) print; else next }",
        ] {
            assert_eq!(problem(program), None, "{program}");
        }
    }

    #[test]
    fn programs_files_and_sockets_are_found_wherever_they_hide() {
        for program in [
            "BEGIN{system(\"id\")}",
            "BEGIN{\"id\"|getline}",
            "BEGIN{print 1>\"x\"}",
            "BEGIN{while((getline l<\"/etc/passwd\")>0)print l}",
            "{ print | \"sh\" }",
            "{ print $1 >> \"f\" }",
            "{ printf(\"%s\", $1) > \"f\" }",
            "@load \"x\"",
            "BEGIN{s=\"/inet/tcp/0/1.2.3.4/80\";print 1|&s}",
            "BEGIN { f = \"sys\" \"tem\"; @f(\"id\") }",
            "{ x = $1 / 2; print x > \"a/b\" }",
            "BEGIN{s=\"\\57inet/tcp/0/h/80\"; getline < s}",
            "{ print $1,\n$2 > \"x\" }",
            "\"unterminated",
            "BEGIN{ARGV[1]=\"/etc/passwd\"} {print}",
        ] {
            assert!(problem(program).is_some(), "{program}");
        }
    }
}
