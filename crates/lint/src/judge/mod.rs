//! The judgement of single values: what a name says, what a value looks like, and both together.

mod assigned_value;
mod assignment;
mod command;
mod command_table;
mod comment;
mod connection;
mod connection_in_code;
mod crypt;
mod decision;
pub(crate) mod embedded;
mod encoded;
mod harmless;
mod literal_call;
mod mark;
mod name;
mod name_words;
mod named_argument;
mod placeholder;
mod prefixes;
mod randomness;

mod sentence;
mod setting;
mod shape;
mod shell_word;
mod sql;
mod standard_input;
mod url;
mod value;
mod variable;
mod words;
mod wordy;

pub(crate) use decision::{Trust, Verdict};
pub(crate) use encoded::{decode_base64, percent_decoded};
pub(crate) use name::{NameSays, says};
pub(crate) use placeholder::{HOLE, Rest, without_placeholders};
pub(crate) use randomness::looks_random;
pub(crate) use shape::{Shaped, shapes};
pub(crate) use value::{Looks, looks};

/// What is thought of a value in a place under a name; `None` when it is no secret.
pub(crate) fn judge(trust: Trust, name: &str, value: &str) -> Option<Verdict> {
    // `["a", "b"]` under a secret's name: any of them.
    let listed = embedded::listed(value);
    if !listed.is_empty() {
        return listed.into_iter().filter_map(|item| judge_one(trust, name, item)).min_by_key(|verdict| *verdict as u8);
    }
    judge_one(trust, name, value)
}

fn judge_one(trust: Trust, name: &str, value: &str) -> Option<Verdict> {
    let says = says(name);
    if !matches!(trust, Trust::Takes | Trust::Header) && matches!(says, NameSays::Nothing | NameSays::Public) {
        return None;
    }
    decision::decide(trust, name, says, value.trim(), looks(value))
}

/// Why an environment variable is thought to be a secret, whose value is literal; `None` when it is none.
pub(crate) fn pair(name: &str, value: &str) -> Option<&'static str> {
    if !shapes(value).is_empty() {
        return Some("its value has the shape of a credential");
    }
    if judge(Trust::Named, name, value).is_some() {
        return Some("its name");
    }
    embedded::embedded(value, embedded::Mode::Value).first().map(|embedded| embedded.what)
}
