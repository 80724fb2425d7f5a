//! Lines as the reader of official texts wants them: no layout, a blank line between paragraphs.

/// Text without spaces at its ends and with single ones inside; ideographic spaces count as such.
pub fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Paragraphs with a blank line between them; empty headings and rows are dropped.
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_table = false;
    for line in text.lines().map(squeezed) {
        if line.trim_matches(['#', '|', ' ']).is_empty() {
            continue;
        }
        let row = line.starts_with('|');
        if !out.is_empty() {
            out.push_str(if row && in_table { "\n" } else { "\n\n" });
        }
        out.push_str(&line);
        in_table = row;
    }
    out.push('\n');
    out
}
