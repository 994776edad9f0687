//! Which crates and which modules of its own a piece of Rust names.
//!
//! Reading names needs no parser: once comments and texts are gone, a crate is named by an identifier that stands
//! first in a path, a module of our own by what follows `crate::` or a climb of `super::`.

use std::collections::BTreeSet;

/// `text` without comments and without what stands in texts and characters.
pub fn bare(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let word_before = at > 0 && is_word(bytes[at - 1]);
        at += if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = raw_text(rest).filter(|_| !word_before) {
            code.push_str("\"\"");
            length
        } else if rest.starts_with('"') {
            code.push_str("\"\"");
            quoted(rest)
        } else if let Some(length) = character(rest) {
            code.push_str("' '");
            length
        } else {
            let next = rest.chars().next().expect("there is more");
            code.push(next);
            next.len_utf8()
        };
    }
    code
}

/// `code`, in which no comment and no text stands any more, without the modules that are built for tests alone.
///
/// Only the module goes, `mod x;` or `mod x { … }`; what stands behind it stays. So does whatever else is built for
/// tests, and a module that nothing closes: what is not understood is looked at.
pub fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        let (before, marked) = rest.split_at(at);
        let item = &marked[MARK.len()..];
        kept.push_str(before);
        rest = if let Some(length) = module_length(item) {
            &item[length..]
        } else {
            kept.push_str(MARK);
            item
        };
    }
    kept + rest
}

/// Identifiers that stand first in a path, in a `use` or in an `extern crate`: what may be a crate.
pub fn crates(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (start, word) in words(code) {
        let before = code[..start].trim_end();
        let above = before.strip_suffix("::");
        let within =
            above.and_then(|above| above.bytes().next_back()).is_some_and(|byte| is_word(byte) || byte == b'>');
        let before = above.unwrap_or(before).trim_end();
        let group = group_opens_after(before);
        if within || group.is_some_and(|opener| opener.ends_with("::")) {
            continue;
        }
        let path = code[start + word.len()..].starts_with("::");
        let declared = ends_with_word(before, "use") || before.ends_with("extern crate");
        let grouped = before.ends_with(['{', ',']) && group.is_some_and(|opener| ends_with_word(opener, "use"));
        if path || declared || grouped {
            found.insert(word.to_owned());
        }
    }
    found
}

/// Modules directly under the crate's root that `code`, the module at `path` (`["model", "visit"]`), names.
pub fn modules(code: &str, path: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (start, word) in words(code) {
        let rest = match word {
            "crate" => code[start + word.len()..].trim_start().strip_prefix("::"),
            "super" if !code[..start].trim_end().ends_with("::") => climb(&code[start..], path.len()),
            _ => None,
        };
        let Some(rest) = rest.map(str::trim_start) else { continue };
        if let Some(group) = rest.strip_prefix('{') {
            found.extend(group_heads(group));
        } else {
            found.insert(word_at(rest).to_owned());
        }
    }
    found.remove("");
    found
}

/// The parts of the standard library that `code` names: `fs` for `std::fs`, `net` for `use std::{net::TcpStream}`.
pub fn standard(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (start, _) in words(code).filter(|(_, word)| *word == "std") {
        let Some(rest) = code[start + 3..].trim_start().strip_prefix("::").map(str::trim_start) else { continue };
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group_heads(group)),
            None => _ = found.insert(word_at(rest).to_owned()),
        }
    }
    found
}

/// What `code` calls or names a function `generate` of: `KeyPair` for `rcgen::KeyPair::generate()`.
pub fn generators(code: &str) -> BTreeSet<String> {
    let named = words(code).filter(|(_, word)| *word == "generate");
    let owners = named.filter_map(|(start, _)| code[..start].trim_end().strip_suffix("::"));
    owners.map(|owner| last_word(owner.trim_end()).to_owned()).collect()
}

/// Whether `what` stands in `code` as a word of its own.
pub fn has_word(code: &str, what: &str) -> bool {
    words(code).any(|(_, word)| word == what)
}

/// The length of the module that `code` begins with; `None` where it begins with something else, or nothing closes it.
fn module_length(code: &str) -> Option<usize> {
    let name = code.trim_start().strip_prefix("mod ")?.trim_start();
    let inside = name[word_at(name).len()..].trim_start();
    let before = code.len() - inside.len();
    if inside.starts_with(';') {
        return Some(before + 1);
    }
    let mut depth = 0_usize;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(before + at + 1),
            b'}' => depth = depth.checked_sub(1)?,
            _ if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// What follows `super::super::` when that climbs to the crate's root from `depth` modules down.
fn climb(code: &str, depth: usize) -> Option<&str> {
    let mut rest = code;
    let mut climbed = 0;
    while let Some(above) = rest.strip_prefix("super") {
        climbed += 1;
        rest = above.trim_start().strip_prefix("::")?.trim_start();
    }
    (climbed == depth).then_some(rest)
}

/// The first word of each path in a group, up to the brace that closes it.
fn group_heads(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let mut depth = 0;
    let mut fresh = true;
    for (at, next) in group.char_indices() {
        match next {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            _ if fresh && depth == 0 && (next.is_alphabetic() || next == '_') => {
                heads.push(word_at(&group[at..]).to_owned());
                fresh = false;
            }
            _ => {}
        }
    }
    heads
}

/// What stands before the innermost brace that is still open at the end of `before`, within one statement.
fn group_opens_after(before: &str) -> Option<&str> {
    let mut depth = 0;
    for (at, byte) in before.bytes().enumerate().rev() {
        match byte {
            b'}' => depth += 1,
            b'{' if depth == 0 => return Some(before[..at].trim_end()),
            b'{' => depth -= 1,
            b';' => break,
            _ => {}
        }
    }
    None
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word).is_some_and(|before| !before.bytes().next_back().is_some_and(is_word))
}

fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = code.as_bytes();
    let starts = (0..bytes.len()).filter(|&at| is_word(bytes[at]) && (at == 0 || !is_word(bytes[at - 1])));
    starts.map(|at| (at, word_at(&code[at..])))
}

fn word_at(code: &str) -> &str {
    let end = code.bytes().position(|byte| !is_word(byte)).unwrap_or(code.len());
    &code[..end]
}

fn last_word(code: &str) -> &str {
    let start = code.bytes().rposition(|byte| !is_word(byte)).map_or(0, |before| before + 1);
    &code[start..]
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn block_comment(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let (mut at, mut depth) = (0, 0);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (at, depth) = (at + 2, depth + 1),
            Some(b"*/") => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn raw_text(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix("cr")).or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.bytes().take_while(|&byte| byte == b'#').count();
    let inside = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&end).map_or(inside.len(), |found| found + end.len());
    Some(rest.len() - inside.len() + length)
}

fn quoted(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of a character such as `'x'` or `'\n'`; `None` for a lifetime.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    if inside.starts_with('\\') {
        return inside[2..].find('\'').map(|end| end + 4);
    }
    let next = inside.chars().next()?;
    inside[next.len_utf8()..].starts_with('\'').then_some(next.len_utf8() + 2)
}
