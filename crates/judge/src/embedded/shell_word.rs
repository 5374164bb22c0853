//! Splits a command line into words.
//!
//! This is less than a shell does: variables are not expanded, and quotes inside a word stay. It is
//! enough to see options and their values, and it never fails, since the line may be cut off or be
//! of another language.
//!
//! | line | words |
//! | --- | --- |
//! | `mysql -p"a b"` | `mysql`, `-p"a b"` |
//! | `echo 'a b'; ls` | `echo`, `a b`, `ls` |
//! | `x $(get a) y` | `x`, `$(get a)`, `y` |

/// A word without the quotes around it.
#[derive(Clone, Debug)]
pub(crate) struct Word<'t> {
    /// The text without its quotes.
    pub(crate) text: &'t str,
    /// Where the text begins in the line, in bytes.
    pub(crate) start: usize,
    /// `true` if the whole word was in quotes.
    pub(crate) is_quoted: bool,
    /// `true` if another command begins behind the word.
    pub(crate) ends_command: bool,
}

impl<'t> Word<'t> {
    /// Returns the name of the command that the word is: without folder, extension, and the
    /// brackets of a subshell.
    ///
    /// `/usr/bin/mysql`, `mysql.exe` and `$(mysql` → `mysql`; `login.sh` → `login.sh`.
    pub(crate) fn base(&self) -> &'t str {
        let text = self.text.trim_start_matches(['$', '(', '`', '{', '@', '!']);
        let name = text.rsplit(['/', '\\']).next().unwrap_or(text);
        // `login.sh` is a script of the template's author, not the command `login`.
        let script = name.strip_suffix(".sh").filter(|name| name.contains('-'));
        name.strip_suffix(".exe").or(script).unwrap_or(name)
    }

    /// Returns the command inside a word with spaces: the inside of `$(…)`, or the whole of a
    /// quoted word.
    pub(crate) fn command(&self) -> Word<'t> {
        let open = self.text.find("$(").filter(|_| !self.is_quoted);
        let Some(open) = open else {
            return self.clone();
        };
        let inner = &self.text[open + 2..];
        let inner = inner.strip_suffix(')').unwrap_or(inner);
        Word {
            text: inner,
            start: self.start + open + 2,
            ..self.clone()
        }
    }
}

/// Splits a line at spaces. Quotes keep their content together and are removed, and `$(…)` is one
/// word.
pub(crate) fn split(line: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = 0;
    while let Some(start) = line[rest..]
        .find(|character: char| !character.is_whitespace())
        .map(|at| rest + at)
    {
        let (word, end) = quoted(line, start).unwrap_or_else(|| plain(line, start));
        words.push(word);
        rest = end;
    }
    words
}

/// Returns a word in quotes, and where the next one begins; `None` if the word is not quoted.
fn quoted(line: &str, start: usize) -> Option<(Word<'_>, usize)> {
    // `<<<'X'` and `(echo 'X'` are taken apart elsewhere; here a word begins with its quote.
    let quote = line[start..]
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''))?;
    let body = start + 1;
    let closing = line[body..].find(quote).map(|length| body + length);
    let end = closing.unwrap_or(line.len());
    let after = closing.map_or(end, |end| end + 1);
    let ends_command = line[after..].starts_with(';');
    Some((
        Word {
            text: &line[body..end],
            start: body,
            is_quoted: true,
            ends_command,
        },
        after + usize::from(ends_command),
    ))
}

/// The greatest length of a call inside a word, in bytes. A longer one was never closed.
const LONGEST_CALL: usize = 2000;

/// Returns a word without quotes around it, and where the next one begins.
fn plain(line: &str, start: usize) -> (Word<'_>, usize) {
    let mut depth = 0_usize;
    let mut open = None;
    let mut last = ' ';
    let mut end = line.len();
    for (at, character) in line[start..].char_indices() {
        match character {
            _ if open == Some(character) => open = None,
            _ if open.is_some() => {}
            // `--password='a b'`
            '"' | '\''
                if (last == '=' || &line[start..start + at] == "-p")
                    && line[start + at + 1..].contains(character) =>
            {
                open = Some(character);
            }
            '(' | '{' if last == '$' || depth > 0 => depth += 1,
            ')' | '}' if depth > 0 => depth -= 1,
            _ if character.is_whitespace() && (depth == 0 || at > LONGEST_CALL) => {
                end = start + at;
                break;
            }
            _ => {}
        }
        last = character;
    }
    // A bracket that is never closed did not open a call.
    if depth > 0 && end == line.len() {
        end = line[start..]
            .find(char::is_whitespace)
            .map_or(line.len(), |length| start + length);
    }
    let text = line[start..end].trim_end_matches([';', ',']);
    let ends_command =
        line[start..end].ends_with(';') || matches!(text, "|" | "||" | "&&" | "&" | "");
    (
        Word {
            text,
            start,
            is_quoted: false,
            ends_command,
        },
        end,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_keeps_quotes_and_substitutions_together() {
        let texts = |line| {
            split(line)
                .into_iter()
                .map(|word| word.text)
                .collect::<Vec<_>>()
        };
        assert_eq!(texts("a 'b c' \"d\";e"), ["a", "b c", "d", "e"]);
        assert_eq!(
            texts("login -p $(aws ecr get-login-password) $REPO"),
            ["login", "-p", "$(aws ecr get-login-password)", "$REPO"]
        );
        assert_eq!(
            texts("x --password='a b' y"),
            ["x", "--password='a b'", "y"]
        );
        assert_eq!(texts("it's bob's ${x"), ["it's", "bob's", "${x"]);
        assert_eq!(split("X=$(mysql -u a)")[0].command().text, "mysql -u a");
    }
}
