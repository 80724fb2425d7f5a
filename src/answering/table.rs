//! Tables of a document as lines that a phone can show: "超过3亩：5元至25元". Quotations keep the table as printed; only what is read aloud
//! changes its look.

use std::ops::Range;

/// The text with every table row as a line of its own; other text stays as it is.
pub fn readable(text: &str) -> String {
    if !text.contains('|') {
        return text.to_owned();
    }
    let mut lines: Vec<String> = Vec::new();
    let mut header: Option<Vec<&str>> = None;
    let mut announced: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if !trimmed.starts_with('|') {
            header = None;
            lines.push(line.to_owned());
            continue;
        }
        let cells: Vec<&str> = trimmed.trim_matches('|').split('|').map(str::trim).collect();
        if cells.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | ':'))) {
            continue;
        }
        match &header {
            None => {
                // What the rows go by; two columns speak for themselves.
                if let [first, _, _, ..] = cells.as_slice()
                    && !first.is_empty()
                {
                    announced = Some(format!("{first}："));
                }
                header = Some(cells);
            }
            Some(names) => {
                lines.extend(announced.take());
                lines.push(row(names, &cells));
            }
        }
    }
    // A header alone says at least what the table is about.
    if lines.is_empty() { text.to_owned() } else { lines.join("\n") }
}

/// One row of a table as a line; `at` is its byte range in the table.
pub fn row_of(table: &str, at: Range<usize>) -> String {
    let cells = |line: &str| line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let names = table.trim_start().lines().next().map(cells).unwrap_or_default();
    let values = cells(&table[at]);
    let row = row(&names.iter().map(String::as_str).collect::<Vec<_>>(), &values.iter().map(String::as_str).collect::<Vec<_>>());
    match names.as_slice() {
        [first, _, _, ..] => format!("{first}{row}"),
        _ => row,
    }
}

/// Two columns need no names; of more, each value is told what it is.
fn row(names: &[&str], cells: &[&str]) -> String {
    match cells {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, value] => format!("{first}：{value}"),
        [first, rest @ ..] => {
            let named: Vec<String> =
                rest.iter().enumerate().map(|(at, value)| format!("{}{value}", names.get(at + 1).copied().unwrap_or_default())).collect();
            format!("{first}：{}", named.join("，"))
        }
    }
}
