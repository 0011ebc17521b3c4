//! Which tests a source file has, read from its text. Also part of build scripts, so it needs nothing but `std`.

/// The names of the tests in a file: functions under a `#[…test…]` attribute in Rust, functions `test_…` in Python,
/// titles given to `test`, `it` or `check` in JavaScript and TypeScript.
pub fn test_names(path: &str, text: &str) -> Vec<String> {
    match path.rsplit_once('.').map_or("", |(_, suffix)| suffix) {
        "rs" => rust(text),
        "py" => {
            text.lines().filter_map(|line| function(line.trim_start(), "def ")).map(str::to_owned).collect()
        }
        "js" | "mjs" | "ts" | "mts" => titles(text),
        _ => Vec::new(),
    }
}

fn rust(text: &str) -> Vec<String> {
    let (mut names, mut is_test) = (Vec::new(), false);
    for line in text.lines().map(str::trim) {
        let plain = line.strip_prefix("pub ").unwrap_or(line);
        let plain = plain.strip_prefix("async ").unwrap_or(plain);
        if line.starts_with("#[test]") || (line.starts_with("#[") && line.contains("::test")) {
            is_test = true;
        } else if let Some(rest) = plain.strip_prefix("fn ") {
            if is_test {
                names.extend(rest.split(['(', '<']).next().map(|name| name.trim().to_owned()));
            }
            is_test = false;
        }
    }
    names
}

/// The name after `def `, when it is a test's.
fn function<'l>(line: &'l str, word: &str) -> Option<&'l str> {
    let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix(word)?.split('(').next()?.trim();
    name.starts_with("test").then_some(name)
}

fn titles(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for word in ["test(", "it(", "check("] {
        for (at, _) in text.match_indices(word) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '$')) {
                continue;
            }
            let rest = text[at + word.len()..].trim_start();
            let Some(quote) = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"' | '`')) else {
                continue;
            };
            let (mut title, mut escaped) = (String::new(), false);
            for letter in rest.chars().skip(1) {
                match letter {
                    _ if escaped => {
                        title.push(letter);
                        escaped = false;
                    }
                    '\\' => escaped = true,
                    _ if letter == quote => {
                        names.push(std::mem::take(&mut title));
                        break;
                    }
                    _ => title.push(letter),
                }
            }
        }
    }
    names
}
