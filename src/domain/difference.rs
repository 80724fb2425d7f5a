//! What changed between two texts, as a reader wants to see it: for whoever approves the second having read the first. Sentences that stayed
//! are found first, then what changed inside of those that did not.

/// Cells of the largest table that is worked out; what is larger counts as written anew.
const MOST_CELLS: usize = 4_000_000;
/// In characters: what stayed is shown this far from a change, the rest is skipped.
const AROUND: usize = 40;
/// A changed sentence that keeps less than one part in so many reads better as two.
const LEAST_KEPT: usize = 3;

/// What a sentence ends with.
const ENDS: [char; 5] = ['。', '！', '？', '；', '\n'];

/// A stretch of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stretch {
    /// Stands in both.
    Same(String),
    /// Stood in the first only.
    Gone(String),
    /// Stands in the second only.
    New(String),
    /// Stands in both and is left out here; so many characters.
    Skipped(usize),
}

/// The way from `before` to `after`, in order; empty where they are the same.
pub fn difference(before: &str, after: &str) -> Vec<Stretch> {
    if before == after {
        return Vec::new();
    }
    let mut stretches = Vec::new();
    let (mut gone, mut new) = (String::new(), String::new());
    for (kind, sentence) in steps(&sentences(before), &sentences(after)) {
        match kind {
            Kind::Gone => gone.push_str(sentence),
            Kind::New => new.push_str(sentence),
            Kind::Same => {
                inside(&mut stretches, &gone, &new);
                gone.clear();
                new.clear();
                push(&mut stretches, Stretch::Same(sentence.to_owned()));
            }
        }
    }
    inside(&mut stretches, &gone, &new);
    slide(&mut stretches);
    shortened(stretches)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Same,
    Gone,
    New,
}

/// Cut after what ends a sentence, and after each line.
fn sentences(text: &str) -> Vec<&str> {
    text.split_inclusive(ENDS).collect()
}

/// Cut into characters, but numbers and words in Latin letters stay whole.
fn tokens(text: &str) -> Vec<&str> {
    let whole = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '%' | '-');
    let mut tokens = Vec::new();
    let mut from = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|before| !(whole(before) && whole(c))) {
            tokens.push(&text[from..at]);
            from = at;
        }
        before = Some(c);
    }
    if from < text.len() {
        tokens.push(&text[from..]);
    }
    tokens
}

/// The longest common part of two lists, and what is to be taken out and put in around it.
fn steps<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<(Kind, &'a str)> {
    let head = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let (before_rest, after_rest) = (&before[head..], &after[head..]);
    let tail = before_rest.iter().rev().zip(after_rest.iter().rev()).take_while(|(one, other)| one == other).count();
    let (old, new) = (&before_rest[..before_rest.len() - tail], &after_rest[..after_rest.len() - tail]);
    let mut steps: Vec<(Kind, &str)> = before[..head].iter().map(|piece| (Kind::Same, *piece)).collect();
    if old.len().saturating_mul(new.len()) > MOST_CELLS {
        steps.extend(old.iter().map(|piece| (Kind::Gone, *piece)));
        steps.extend(new.iter().map(|piece| (Kind::New, *piece)));
    } else {
        steps.extend(middle(old, new));
    }
    steps.extend(before_rest[before_rest.len() - tail..].iter().map(|piece| (Kind::Same, *piece)));
    steps
}

fn middle<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Kind, &'a str)> {
    let width = new.len() + 1;
    // The longest common part of what follows each pair of places.
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for row in (0..old.len()).rev() {
        for column in (0..new.len()).rev() {
            common[row * width + column] = if old[row] == new[column] {
                common[(row + 1) * width + column + 1] + 1
            } else {
                common[(row + 1) * width + column].max(common[row * width + column + 1])
            };
        }
    }
    let mut steps = Vec::with_capacity(old.len() + new.len());
    let (mut row, mut column) = (0, 0);
    while row < old.len() || column < new.len() {
        if row < old.len() && column < new.len() && old[row] == new[column] {
            steps.push((Kind::Same, old[row]));
            row += 1;
            column += 1;
        } else if column == new.len() || (row < old.len() && common[(row + 1) * width + column] >= common[row * width + column + 1]) {
            steps.push((Kind::Gone, old[row]));
            row += 1;
        } else {
            steps.push((Kind::New, new[column]));
            column += 1;
        }
    }
    steps
}

/// What changed inside of sentences that are not the same.
fn inside(stretches: &mut Vec<Stretch>, gone: &str, new: &str) {
    let steps = steps(&tokens(gone), &tokens(new));
    let kept: usize = steps.iter().filter(|(kind, _)| *kind == Kind::Same).map(|(_, piece)| piece.chars().count()).sum();
    if kept * LEAST_KEPT < gone.chars().count().max(new.chars().count()) {
        push(stretches, Stretch::Gone(gone.to_owned()));
        push(stretches, Stretch::New(new.to_owned()));
        return;
    }
    let (mut out, mut put) = (String::new(), String::new());
    let mut rest = steps.as_slice();
    while let [(kind, piece), after @ ..] = rest {
        rest = after;
        // One character that stayed between two changes only makes them harder to read.
        let alone = *kind == Kind::Same
            && (!out.is_empty() || !put.is_empty())
            && piece.chars().count() == 1
            && after.first().is_some_and(|(next, _)| *next != Kind::Same);
        if *kind == Kind::Gone || alone {
            out.push_str(piece);
        }
        if *kind == Kind::New || alone {
            put.push_str(piece);
        }
        if *kind == Kind::Same && !alone {
            push(stretches, Stretch::Gone(std::mem::take(&mut out)));
            push(stretches, Stretch::New(std::mem::take(&mut put)));
            push(stretches, Stretch::Same((*piece).to_owned()));
        }
    }
    push(stretches, Stretch::Gone(out));
    push(stretches, Stretch::New(put));
}

/// A stretch between two that stayed can often stand a little later and mean the same: best where it ends with a sentence.
fn slide(stretches: &mut Vec<Stretch>) {
    for place in 1..stretches.len().saturating_sub(1) {
        let [Stretch::Same(before), Stretch::Gone(text) | Stretch::New(text), Stretch::Same(after)] = &mut stretches[place - 1..=place + 1]
        else {
            continue;
        };
        let (mut head, mut middle, mut tail) = (before.clone(), text.clone(), after.clone());
        while !middle.ends_with(ENDS) {
            let Some(next) = tail.chars().next().filter(|next| middle.starts_with(*next)) else { break };
            head.push(next);
            middle.remove(0);
            middle.push(next);
            tail.remove(0);
        }
        if middle.ends_with(ENDS) {
            (*before, *text, *after) = (head, middle, tail);
        }
    }
    // What slid to the very end leaves nothing behind.
    stretches.retain(|stretch| !matches!(stretch, Stretch::Same(text) if text.is_empty()));
}

/// Adds a stretch to the last one where both are of a kind.
fn push(stretches: &mut Vec<Stretch>, next: Stretch) {
    match (stretches.last_mut(), next) {
        (_, Stretch::Same(text) | Stretch::Gone(text) | Stretch::New(text)) if text.is_empty() => {}
        (Some(Stretch::Same(last)), Stretch::Same(text))
        | (Some(Stretch::Gone(last)), Stretch::Gone(text))
        | (Some(Stretch::New(last)), Stretch::New(text)) => last.push_str(&text),
        (_, next) => stretches.push(next),
    }
}

/// Leaves out what stayed and is far from any change.
fn shortened(stretches: Vec<Stretch>) -> Vec<Stretch> {
    let last = stretches.len().saturating_sub(1);
    let mut short = Vec::new();
    for (place, stretch) in stretches.into_iter().enumerate() {
        let Stretch::Same(text) = stretch else {
            short.push(stretch);
            continue;
        };
        let characters: Vec<char> = text.chars().collect();
        let (head, tail) = (if place == 0 { 0 } else { AROUND }, if place == last { 0 } else { AROUND });
        if characters.len() <= head + tail + AROUND {
            short.push(Stretch::Same(text));
            continue;
        }
        push(&mut short, Stretch::Same(characters[..head].iter().collect()));
        short.push(Stretch::Skipped(characters.len() - head - tail));
        push(&mut short, Stretch::Same(characters[characters.len() - tail..].iter().collect()));
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left when the new is taken out, or the gone.
    fn sides(before: &str, after: &str) -> (String, String) {
        let (mut old, mut new) = (String::new(), String::new());
        for stretch in difference(before, after) {
            match stretch {
                Stretch::Same(text) => {
                    old.push_str(&text);
                    new.push_str(&text);
                }
                Stretch::Gone(text) => old.push_str(&text),
                Stretch::New(text) => new.push_str(&text),
                Stretch::Skipped(_) => panic!("nothing is long enough to be skipped"),
            }
        }
        (old, new)
    }

    #[test]
    fn a_figure_that_changed_is_shown_whole_and_alone() {
        let found = difference("月销售额没有达到10万元的，免征增值税。", "月销售额没有达到15万元的，免征增值税。");
        assert_eq!(
            found,
            [
                Stretch::Same("月销售额没有达到".to_owned()),
                Stretch::Gone("10".to_owned()),
                Stretch::New("15".to_owned()),
                Stretch::Same("万元的，免征增值税。".to_owned()),
            ]
        );
        assert_eq!(difference("一样", "一样"), []);
    }

    #[test]
    fn a_sentence_put_in_taken_out_or_written_anew_stands_whole() {
        assert_eq!(difference("甲。乙。", "甲。丙丁。乙。")[1], Stretch::New("丙丁。".to_owned()));
        assert_eq!(difference("甲。\n乙。", "甲。\n")[1], Stretch::Gone("乙。".to_owned()));
        let anew = difference("请到大厅办理。", "本月二十日前网上申报即可！");
        assert_eq!(anew, [Stretch::Gone("请到大厅办理。".to_owned()), Stretch::New("本月二十日前网上申报即可！".to_owned())]);
    }

    #[test]
    fn a_sentence_added_after_one_that_changed_stands_whole() {
        let found = difference("满10万元的，免税。", "满15万元的，免税。\n按季的也免税。");
        assert_eq!(found.last(), Some(&Stretch::New("\n按季的也免税。".to_owned())), "{found:?}");
    }

    #[test]
    fn both_texts_can_be_read_out_of_it() {
        let texts =
            ["", "甲", "甲乙丙", "乙丙。甲", "2026年1月1日起，按1%征收。", "2026年7月1日起，减按1.5%征收；此前按3%。\n附件", "\n\n。。"];
        for before in texts {
            for after in texts.iter().filter(|after| **after != before) {
                assert_eq!(sides(before, after), (before.to_owned(), (*after).to_owned()), "{before:?} to {after:?}");
            }
        }
    }

    #[test]
    fn what_stayed_far_away_is_skipped_and_a_long_text_takes_no_time() {
        let long = "这一句没有变化。".repeat(2_000);
        let found = difference(&format!("{long}旧的写法。{long}"), &format!("{long}新的写法。{long}"));
        assert!(matches!(found[0], Stretch::Skipped(many) if many == long.chars().count() - AROUND), "{:?}", found[0]);
        assert_eq!(found.len(), 6, "{found:?}");
        let all: String = (0..6_000).map(|number| format!("{number}。")).collect();
        let other: String = (0..6_000).map(|number| format!("第{number}。")).collect();
        assert_eq!(difference(&all, &other).len(), 2);
    }
}
