//! The numbers that Word makes by itself ("第三条", "（一）", "1."): they stand in no run of text, only in the styles of paragraphs. Without
//! them an article would lose its name.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::domain::numeral::chinese_numeral;

/// Levels a list may have.
const LEVELS: usize = 9;

/// One level of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Level {
    start: u32,
    format: String,
    /// "%1" stands for the number of the first level, and so on.
    text: String,
}

impl Default for Level {
    fn default() -> Self {
        Self { start: 1, format: "decimal".to_owned(), text: String::new() }
    }
}

/// Which list a paragraph belongs to, and at which level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Place {
    pub list: u32,
    pub level: usize,
}

/// The lists of a document, and how far each is counted.
#[derive(Debug, Default)]
pub struct Numbering {
    forms: HashMap<u32, Vec<Level>>,
    /// Form and restarted levels of each list.
    lists: HashMap<u32, (u32, Vec<(usize, u32)>)>,
    styles: HashMap<String, Place>,
    /// By form: lists of one form go on counting where the one before stopped, as Word does.
    counted: HashMap<u32, [Option<u32>; LEVELS]>,
    begun: Vec<u32>,
}

impl Numbering {
    /// Reads `word/numbering.xml` and `word/styles.xml`; what cannot be read counts nothing.
    pub fn of(numbering: &[u8], styles: &[u8]) -> Self {
        let mut found = Self::default();
        found.read_lists(numbering);
        found.read_styles(styles);
        found
    }

    /// The list a paragraph of this style belongs to.
    pub fn of_style(&self, style: &str) -> Option<Place> {
        self.styles.get(style).copied()
    }

    /// Counts a paragraph and returns the number that is printed before it.
    pub fn next(&mut self, place: Place) -> Option<String> {
        let (form, restarts) = self.lists.get(&place.list)?;
        let (form, level) = (*form, place.level.min(LEVELS - 1));
        let levels = self.forms.get(&form)?;
        let counted = self.counted.entry(form).or_default();
        if !restarts.is_empty() && !self.begun.contains(&place.list) {
            self.begun.push(place.list);
            for (level, start) in restarts {
                counted[*level] = Some(start.saturating_sub(1));
            }
        }
        let start = |at: usize| levels.get(at).map_or(1, |level| level.start);
        counted[level] = Some(counted[level].map_or(start(level), |number| number.saturating_add(1)));
        counted[level + 1..].fill(None);
        let own = levels.get(level)?;
        if own.format == "bullet" || own.format == "none" {
            return None;
        }
        let mut text = own.text.clone();
        for (at, level) in levels.iter().enumerate().take(level + 1) {
            let number = counted[at].unwrap_or(level.start);
            text = text.replace(&format!("%{}", at + 1), &printed(number, &level.format));
        }
        Some(text).filter(|text| !text.trim().is_empty())
    }

    fn read_lists(&mut self, xml: &[u8]) {
        let mut reader = Reader::from_reader(xml);
        let (mut form, mut list, mut level) = (None, None, 0_usize);
        loop {
            let element = match reader.read_event() {
                Ok(Event::Start(element) | Event::Empty(element)) => element,
                Ok(Event::Eof) | Err(_) => return,
                Ok(_) => continue,
            };
            let value = || attribute(&element, "val").unwrap_or_default();
            match element.local_name().as_ref() {
                "abstractNum" => {
                    form = number(&element, "abstractNumId");
                    list = None;
                    if let Some(form) = form {
                        self.forms.insert(form, vec![Level::default(); LEVELS]);
                    }
                }
                "num" => {
                    list = number(&element, "numId");
                    form = None;
                }
                "abstractNumId" => {
                    if let (Some(list), Ok(form)) = (list, value().parse()) {
                        self.lists.insert(list, (form, Vec::new()));
                    }
                }
                "lvl" | "lvlOverride" => level = number(&element, "ilvl").map_or(0, |level| level as usize).min(LEVELS - 1),
                "startOverride" => {
                    if let (Some((_, restarts)), Ok(start)) = (list.and_then(|list| self.lists.get_mut(&list)), value().parse()) {
                        restarts.push((level, start));
                    }
                }
                what @ ("start" | "numFmt" | "lvlText") => {
                    let Some(level) = form.and_then(|form| self.forms.get_mut(&form)).and_then(|levels| levels.get_mut(level)) else {
                        continue;
                    };
                    match what {
                        "start" => level.start = value().parse().unwrap_or(1),
                        "numFmt" => level.format = value(),
                        _ => level.text = value(),
                    }
                }
                _ => {}
            }
        }
    }

    fn read_styles(&mut self, xml: &[u8]) {
        let mut reader = Reader::from_reader(xml);
        let mut style: Option<String> = None;
        let mut place = Place::default();
        loop {
            match reader.read_event() {
                Ok(Event::Start(element) | Event::Empty(element)) => match element.local_name().as_ref() {
                    "style" => {
                        style = attribute(&element, "styleId");
                        place = Place::default();
                    }
                    "ilvl" => place.level = number(&element, "val").map_or(0, |level| level as usize),
                    "numId" => place.list = number(&element, "val").unwrap_or_default(),
                    _ => {}
                },
                Ok(Event::End(element)) if element.local_name().as_ref() == "style" => {
                    if let Some(style) = style.take().filter(|_| place.list > 0) {
                        self.styles.insert(style, place);
                    }
                }
                Ok(Event::Eof) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }
}

/// An attribute by its name without prefix.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(found.value.to_string())
}

/// The same as a number.
pub fn number(element: &BytesStart<'_>, name: &str) -> Option<u32> {
    attribute(element, name)?.parse().ok()
}

fn printed(number: u32, format: &str) -> String {
    let letter = |first: u8| {
        let at = u8::try_from(number.saturating_sub(1) % 26).unwrap_or_default();
        char::from(first + at).to_string()
    };
    match format {
        "chineseCounting"
        | "chineseCountingThousand"
        | "ideographTraditional"
        | "japaneseCounting"
        | "taiwaneseCounting"
        | "taiwaneseCountingThousand"
        | "ideographDigital" => chinese_numeral(number),
        "upperLetter" => letter(b'A'),
        "lowerLetter" => letter(b'a'),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" => char::from_u32(0x2460 + number.saturating_sub(1))
            .filter(|_| (1..=20).contains(&number))
            .map_or_else(|| number.to_string(), String::from),
        _ => number.to_string(),
    }
}
