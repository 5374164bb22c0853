//! dotenv files: `NAME=value` lines.
//!
//! Own code, because the crates for it expand `$VARIABLES` from the environment: a value must arrive as it stands.
//! Between double quotes `\n`, `\r`, `\t`, `\"`, `\\`, `\$` and a back-tick behind a backslash are escapes; between
//! single quotes nothing is. Quoted values may have several lines. A comment begins with `#` at the start of a line,
//! or behind a blank.

use byref_config::looks_pasted;
use byref_parameter::SecretValue;

use super::{Contents, Imported, Mistake};

pub(super) fn parse(text: &str) -> Result<Contents, Mistake> {
    let mut contents = Contents::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rest = text;
    while !rest.is_empty() {
        let line = text[..text.len() - rest.len()].matches('\n').count() + 1;
        let (first, _) = rest.split_once('\n').unwrap_or((rest, ""));
        let trimmed = first.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            rest = &rest[(first.len() + 1).min(rest.len())..];
            continue;
        }
        let equals = first.find('=').ok_or_else(|| Mistake::new(line, "this line is not of the form `NAME=value`"))?;
        let name = first[..equals].trim();
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        let is_name =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        if !is_name || looks_pasted(name) {
            return Err(Mistake::new(line, "what stands before `=` is no name"));
        }
        let after = &rest[equals + 1..];
        let (value, after) = value(after).ok_or_else(|| {
            Mistake::new(line, format!("the quotes of `{name}` don't end, or something stands behind them"))
        })?;
        match contents.secrets.iter_mut().find(|secret| secret.name == name) {
            // As a shell does it: the last one counts.
            Some(earlier) => earlier.value = SecretValue::new(value),
            None => contents.secrets.push(Imported { name: name.to_owned(), value: SecretValue::new(value) }),
        }
        rest = after;
    }
    Ok(contents)
}

/// A value, and what stands behind its line.
fn value(text: &str) -> Option<(String, &str)> {
    let start = text.trim_start_matches([' ', '\t']);
    if let Some(quote @ ('"' | '\'')) = start.chars().next() {
        let (value, behind) = quoted(&start[1..], quote)?;
        let (line, rest) = behind.split_once('\n').unwrap_or((behind, ""));
        let tail = line.trim();
        return (tail.is_empty() || tail.starts_with('#')).then_some((value, rest));
    }
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    let comment = line.match_indices('#').find(|(at, _)| line[..*at].ends_with([' ', '\t']) || *at == 0);
    let value = comment.map_or(line, |(at, _)| &line[..at]);
    Some((value.trim().to_owned(), rest))
}

fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            _ if character == quote => return Some((value, &text[at + 1..])),
            '\\' if quote == '"' => match characters.next()?.1 {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                escaped @ ('"' | '\\' | '$' | '`') => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let contents = parse(text).unwrap();
        contents.secrets.iter().map(|secret| (secret.name.clone(), secret.value.expose().to_owned())).collect()
    }

    #[test]
    fn values_arrive_as_they_stand() {
        let text = "\u{feff}# comment\nA=1\nexport B = two words # comment\r\nC='$x #\ny'\nD=\"a\\nb \\\"c\\\" \\$d\" # x\n\nE=\nF=a#b=c\nA=2";
        let expected =
            [("A", "2"), ("B", "two words"), ("C", "$x #\ny"), ("D", "a\nb \"c\" $d"), ("E", ""), ("F", "a#b=c")];
        assert_eq!(pairs(text), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn mistakes_have_a_line_and_no_value() {
        for (text, line) in [
            ("A=1\nEXAMPLE-canary", 2),
            ("A=\"EXAMPLE-canary", 1),
            ("\n\nb c=EXAMPLE-canary", 3),
            ("A='x' EXAMPLE-canary", 1),
        ] {
            let mistake = parse(text).err().unwrap();
            assert_eq!(mistake.line, line, "{text}");
            assert!(!mistake.problem.contains("canary"), "{text}");
        }
    }
}
