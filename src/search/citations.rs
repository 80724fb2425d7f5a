//! How often the texts of a collection cite each other: a sign of what people ask about, taken from the texts alone.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::domain::document::{Document, Passage};
use crate::knowledge::short_title;
use crate::search::routes::is_law_name;
use crate::search::snapshot::Cutting;

/// How often each text is cited by others, on a logarithmic scale from 0 to 1.
pub(super) fn priors(documents: &[Document], passages: &[(u32, Passage)], groups: &[u32], cutting: Cutting) -> Vec<f32> {
    let mut names: HashMap<String, u32> = HashMap::new();
    for (at, document) in documents.iter().enumerate() {
        let title = match cutting {
            Cutting::Whole => document.title.split('第').next().unwrap_or_default(),
            Cutting::Passages => document.title.as_str(),
        };
        let name = short_title(title.trim());
        if is_law_name(&name) {
            names.insert(name, groups[at]);
        }
    }
    let (names, owners): (Vec<String>, Vec<u32>) = names.into_iter().unzip();
    let Ok(finder) = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&names) else { return vec![0.0; documents.len()] };
    let mut cited = vec![0.0_f32; documents.len()];
    for (at, passage) in passages {
        let mut seen: Vec<u32> = Vec::new();
        for found in finder.find_iter(passage.text(&documents[*at as usize])) {
            let owner = owners[found.pattern().as_usize()];
            if owner != groups[*at as usize] && !seen.contains(&owner) {
                seen.push(owner);
                cited[owner as usize] += 1.0;
            }
        }
    }
    let most = cited.iter().copied().fold(1.0_f32, f32::max);
    cited.iter_mut().for_each(|count| *count = (1.0 + *count).ln() / (1.0 + most).ln());
    cited
}
