//! The house rules of `src/lib.rs`, read from the sources: which room may use which, and no file over 400 lines.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Everybody may use these; they use nothing of the crate (but one another where `domain` is meant).
const COMMON: [&str; 3] = ["domain", "clock", "config"];

/// Room, and the rooms below it that it may use.
const ARROWS: [(&str, &[&str]); 18] = [
    ("main", &["cli"]),
    (
        "cli",
        &["app", "answering", "broadcasts", "knowledge", "search", "store", "replies", "outbox", "channels", "conversation", "care", "web"],
    ),
    (
        "app",
        &[
            "web",
            "care",
            "outbox",
            "channels",
            "conversation",
            "desk",
            "gaps",
            "answering",
            "broadcasts",
            "search",
            "knowledge",
            "store",
            "replies",
        ],
    ),
    // Pages and problem details are worded and documents read here, hence `replies` and `knowledge`.
    ("web", &["care", "channels", "conversation", "gaps", "answering", "broadcasts", "desk", "search", "knowledge", "store", "replies"]),
    ("outbox", &["channels", "store"]),
    ("channels", &["conversation", "store", "replies"]),
    ("conversation", &["answering", "broadcasts", "desk", "gaps", "replies", "store"]),
    ("gaps", &["answering", "search", "knowledge", "replies", "store"]),
    ("answering", &["search", "knowledge", "replies", "store"]),
    ("broadcasts", &["store", "replies", "knowledge"]),
    ("care", &["broadcasts", "store", "replies"]),
    ("desk", &["store", "replies"]),
    ("search", &["knowledge", "store"]),
    ("knowledge", &[]),
    ("store", &[]),
    ("replies", &[]),
    ("config", &[]),
    ("clock", &[]),
];

/// A file longer than this has two subjects.
const MOST_LINES: usize = 400;

#[test]
fn arrows_point_down_only() {
    let mut wrong = Vec::new();
    for file in sources() {
        let room = room_of(&file);
        if room == "lib" {
            continue;
        }
        let allowed: BTreeSet<&str> = if room == "domain" {
            BTreeSet::new()
        } else {
            let (_, below) =
                ARROWS.iter().find(|(name, _)| *name == room).unwrap_or_else(|| panic!("{} is a room without a rule", file.display()));
            below.iter().copied().chain(COMMON).collect()
        };
        for (line, used) in rooms_used(&fs::read_to_string(&file).unwrap()) {
            if used != room && !allowed.contains(used.as_str()) {
                wrong.push(format!("{}:{line}: {room} must not use {used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_source_file_is_over_400_lines() {
    let long: Vec<String> = files("src", &["rs", "js", "css", "html"])
        .into_iter()
        .chain(files("tests/it", &["rs"]))
        .filter_map(|file| {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            (lines > MOST_LINES).then(|| format!("{} has {lines} lines", file.display()))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn sql_stands_only_in_the_store() {
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|file| room_of(file) != "store" && fs::read_to_string(file).unwrap().contains("sqlx::query"))
        .map(|file| file.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "SQL outside src/store: {}", wrong.join(", "));
}

#[test]
fn pages_leave_their_words_to_the_replies() {
    let mut speaking = Vec::new();
    let is_page = |file: &Path| {
        let name = file.to_string_lossy();
        // How an answer's source is shown is read from the words of the law itself.
        name.contains("src/web/console/") || name.contains("src/web/pages/") && !name.ends_with("answer.rs")
    };
    for file in sources().into_iter().filter(|file| is_page(file)) {
        let source = fs::read_to_string(&file).unwrap();
        let line = source.lines().position(|line| !line.trim_start().starts_with("//") && line.chars().any(is_han));
        speaking.extend(line.map(|line| format!("{}:{}", file.display(), line + 1)));
    }
    assert!(speaking.is_empty(), "said in Chinese by a page itself, put it into src/replies: {}", speaking.join(", "));
}

/// A Chinese character.
fn is_han(character: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&character)
}

#[test]
fn the_rule_sees_a_forbidden_arrow() {
    let found = rooms_used("use crate::domain::time::Timestamp;\nfn f() { crate::web::router() }\nuse crate::{store, outbox::Outbox};\n");
    let rooms: Vec<&str> = found.iter().map(|(_, room)| room.as_str()).collect();
    assert_eq!(rooms, ["domain", "web", "store", "outbox"]);
}

fn sources() -> Vec<PathBuf> {
    files("src", &["rs"])
}

/// The files of a folder whose names end like one of these.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), endings, &mut found);
    assert!(found.len() > 10, "the sources were not found");
    found
}

fn collect(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, endings, found);
        } else if path.extension().is_some_and(|extension| endings.iter().any(|ending| extension == *ending)) {
            found.push(path);
        }
    }
}

fn room_of(file: &Path) -> String {
    let inside = file.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// Every `crate::room` of a source with its line, and each member of `crate::{…}`.
fn rooms_used(source: &str) -> Vec<(usize, String)> {
    let mut used = Vec::new();
    for (index, line) in source.lines().enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        for piece in line.split("crate::").skip(1) {
            match piece.strip_prefix('{') {
                Some(group) => {
                    let mut depth = 0;
                    let mut name = String::new();
                    for c in group.chars() {
                        match c {
                            '{' => depth += 1,
                            '}' if depth == 0 => break,
                            '}' => depth -= 1,
                            ',' if depth == 0 => used.push((index + 1, first_word(&std::mem::take(&mut name)))),
                            _ if depth == 0 => name.push(c),
                            _ => {}
                        }
                    }
                    used.push((index + 1, first_word(&name)));
                }
                None => used.push((index + 1, first_word(piece))),
            }
        }
    }
    used.retain(|(_, room)| !room.is_empty());
    used
}

fn first_word(text: &str) -> String {
    text.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}
