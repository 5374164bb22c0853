//! Writing of TOML keys and strings with any content.

use std::fmt::Write as _;

/// Returns a TOML key: bare if possible, otherwise quoted.
pub fn toml_key(name: &str) -> String {
    let is_bare = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if is_bare {
        name.to_owned()
    } else {
        toml_string(name)
    }
}

/// Returns a TOML basic string on one line.
///
/// Everything but printable ASCII, letters and digits is escaped, so that the file shows all of its
/// content and no text can end the string or the line. Source: TOML 1.0, "String".
///
/// ```
/// use byref_config::toml_string;
/// assert_eq!(toml_string("a \"b\"\n"), r#""a \"b\"\n""#);
/// ```
pub fn toml_string(text: &str) -> String {
    let mut string = String::with_capacity(text.len() + 2);
    // `##[error]` is a command for some build servers, which may print the file.
    let is_command = text.contains("##");
    string.push('"');
    for character in text.chars() {
        match character {
            '"' => string.push_str("\\\""),
            '\\' => string.push_str("\\\\"),
            '\n' => string.push_str("\\n"),
            '\r' => string.push_str("\\r"),
            '\t' => string.push_str("\\t"),
            '#' if is_command => string.push_str("\\u0023"),
            plain if plain.is_ascii_graphic() || plain == ' ' || plain.is_alphanumeric() => {
                string.push(plain);
            }
            other if u32::from(other) <= 0xffff => {
                let _ = write!(string, "\\u{:04X}", u32::from(other));
            }
            other => {
                let _ = write!(string, "\\U{:08X}", u32::from(other));
            }
        }
    }
    string.push('"');
    string
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_strings_and_keys_round_trip() {
        for text in [
            "",
            "a b",
            "\"\\\n\r\t\u{0}\u{7f}\u{202e}\u{e0041}\u{1b}[2J",
            "\"]\n[environments.evil]\nx = \"",
            "é日本語🦀\u{2028}",
        ] {
            for written in [
                format!("{} = 1", toml_key(text)),
                format!("x = {}", toml_string(text)),
            ] {
                assert_eq!(written.lines().count(), 1, "{written}");
                let table = toml::de::DeTable::parse(&written).unwrap();
                let (key, value) = table.get_ref().iter().next().unwrap();
                let read = value.get_ref().as_str().unwrap_or(key.get_ref()).to_owned();
                assert_eq!(read, text, "{written}");
            }
        }
    }
}
