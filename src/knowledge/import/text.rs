//! Bytes to text: byte order mark, then what the file declares, then strict UTF-8, then GB18030 if it reads as Chinese. What is left is not
//! guessed at: a person must look at it.

use encoding_rs::{Encoding, GB18030, UTF_8};

use crate::knowledge::Doubt;
use crate::knowledge::import::Refusal;

/// Characters that stand in nearly every Chinese text of some length; a wrong reading hardly ever has any.
const COMMON: &str = "的一是在不和有人年税第条应";

/// A decoded text, and why a person should look at it, if anybody should.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    pub doubt: Option<Doubt>,
}

impl Decoded {
    /// A text whose encoding is beyond doubt.
    pub fn sure(text: String) -> Self {
        Self { text, doubt: None }
    }
}

/// Decodes a file; `declared` is the encoding it names itself.
pub fn decode(file: &str, bytes: &[u8], declared: Option<&str>) -> Result<Decoded, Refusal> {
    let doubtful = || Refusal::Encoding { file: file.to_owned() };
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]).ok_or_else(doubtful)?;
        return Ok(Decoded::sure(text.into_owned()));
    }
    let named = declared.and_then(|label| Encoding::for_label(label.as_bytes()));
    if let Some(encoding) = named.filter(|encoding| *encoding != UTF_8) {
        // Pages are saved anew as UTF-8 and go on naming what they were; hardly any Chinese in another encoding is UTF-8 by chance.
        if let Some(text) = std::str::from_utf8(bytes).ok().filter(|_| !bytes.is_ascii()) {
            let named = declared.unwrap_or_default().to_ascii_uppercase();
            return Ok(Decoded { text: text.to_owned(), doubt: Some(Doubt::EncodingMisnamed(named)) });
        }
        // GBK and GB2312 are parts of GB18030, and often declared where the rest is used.
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(doubtful)?;
        return Ok(Decoded::sure(text.into_owned()));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Decoded::sure(text.to_owned()));
    }
    match GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) if reads_as_chinese(&text) => Ok(Decoded { text: text.into_owned(), doubt: Some(Doubt::EncodingGuessed) }),
        Some(_) | None => Err(doubtful()),
    }
}

/// Whether everything beyond ASCII is Chinese writing, and some of it is what Chinese texts are made of.
fn reads_as_chinese(text: &str) -> bool {
    let fits = |c: char| {
        c.is_ascii()
            || matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}' | '\u{2010}'..='\u{2027}' | '\u{2460}'..='\u{249b}' | '·' | '×' | '÷' | '±' | '°' | '‰' | '№')
    };
    text.chars().all(fits) && text.chars().any(|c| COMMON.contains(c))
}
