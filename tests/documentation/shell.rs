//! The `byref` commands of a shell script, by as much of the shell's grammar as the documentation
//! uses.

/// Words before a command that are not part of it.
const BEFORE: [&str; 6] = ["if", "then", "else", "do", "!", "exec"];

/// Returns the arguments of each `byref …` and `cargo run -- …` in a script.
pub(crate) fn commands(script: &str) -> Vec<Vec<String>> {
    simple_commands(script)
        .into_iter()
        .filter_map(arguments)
        .collect()
}

/// Returns the arguments if the command is `byref`.
fn arguments(words: Vec<String>) -> Option<Vec<String>> {
    let is_before = |word: &String| {
        let name = word.split('=').next().unwrap_or_default();
        let is_assignment = word.contains('=')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        is_assignment || BEFORE.contains(&word.as_str())
    };
    let words: Vec<String> = words.into_iter().skip_while(is_before).collect();
    match words
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["byref", ..] => Some(words[1..].to_vec()),
        ["cargo", "run", "--", ..] => Some(words[3..].to_vec()),
        _ => None,
    }
}

/// Splits a script into commands of words; redirections and comments are left out.
fn simple_commands(script: &str) -> Vec<Vec<String>> {
    let script = script.replace("\\\n", " ");
    let mut commands = Vec::new();
    let (mut command, mut word): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut is_target = false;
    let mut characters = script.chars().peekable();
    loop {
        let next = characters.next();
        match next {
            Some(quote @ ('\'' | '"')) => {
                let word = word.get_or_insert_default();
                word.extend(characters.by_ref().take_while(|each| *each != quote));
            }
            Some('\\') => word.get_or_insert_default().extend(characters.next()),
            Some('#') if word.is_none() => {
                while characters.next_if(|each| *each != '\n').is_some() {}
            }
            Some(' ' | '\t' | '\n' | '|' | '&' | ';' | '(' | ')' | '<' | '>') | None => {
                if let Some(word) = word.take()
                    && !std::mem::take(&mut is_target)
                {
                    command.push(word.trim_end_matches('$').to_owned());
                }
                match next {
                    Some(' ' | '\t') => {}
                    Some('<' | '>') => is_target = true,
                    _ => commands.push(std::mem::take(&mut command)),
                }
            }
            Some(other) => word.get_or_insert_default().push(other),
        }
        if next.is_none() {
            return commands;
        }
    }
}

#[test]
fn commands_are_found_in_pipes_substitutions_and_lists() {
    let script = "printf %s x | byref -q secret put 'A B' # byref no\nif ! A=b byref check --all; then cargo run -- flag > byref; fi\necho $(byref flag)";
    let expected: [&[&str]; 4] = [
        &["-q", "secret", "put", "A B"],
        &["check", "--all"],
        &["flag"],
        &["flag"],
    ];
    assert_eq!(commands(script), expected);
}
