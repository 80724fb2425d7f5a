//! Where knowledge is read from: a folder, or what is built into the program. Files come in a fixed order, so that hashes repeat.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rust_embed::RustEmbed;

use crate::config::Config;
use crate::knowledge::{Problem, problem};

/// The `knowledge/` folder of the source tree, embedded so that the binary runs outside the checkout.
#[derive(RustEmbed)]
#[folder = "knowledge/"]
struct BuiltIn;

/// A file's name relative to the folder, and its bytes.
type NamedFile = (String, Cow<'static, [u8]>);

/// Where the files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Embedded,
    Folder(PathBuf),
}

impl Source {
    /// The configured folder; empty means `./knowledge` if it has policies, else what is built in.
    pub fn of(config: &Config) -> Self {
        if !config.knowledge_dir.is_empty() {
            return Self::Folder(PathBuf::from(&config.knowledge_dir));
        }
        let here = PathBuf::from("knowledge");
        if here.join("policies").is_dir() { Self::Folder(here) } else { Self::Embedded }
    }

    /// Changes whenever a file changes; costs a listing, not a reading.
    pub fn fingerprint(&self) -> String {
        match self {
            Self::Embedded => "embedded".to_owned(),
            Self::Folder(folder) => {
                let mut names = Vec::new();
                list(folder, folder, &mut names);
                names.sort();
                let mut marks = String::new();
                for name in names {
                    let Ok(facts) = fs::metadata(folder.join(&name)) else { continue };
                    let changed =
                        facts.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).map_or(0, |since| since.as_nanos());
                    marks.push_str(&format!("{name}:{}:{changed};", facts.len()));
                }
                super::hash_of(&marks)
            }
        }
    }

    /// All files by name relative to the folder, with `/`, sorted.
    pub(super) fn files(&self) -> Result<Vec<NamedFile>, Problem> {
        match self {
            Self::Embedded => {
                let mut names: Vec<String> = BuiltIn::iter().map(Cow::into_owned).collect();
                names.sort();
                Ok(names.into_iter().filter_map(|name| BuiltIn::get(&name).map(|file| (name, file.data))).collect())
            }
            Self::Folder(folder) => {
                if !folder.is_dir() {
                    let shown = folder.display().to_string();
                    return Err(problem(&shown, 0, "knowledge_dir", "文件夹不存在，请改成存在的文件夹，或留空使用内置知识库"));
                }
                let mut names = Vec::new();
                list(folder, folder, &mut names);
                names.sort();
                let mut files = Vec::with_capacity(names.len());
                for name in names {
                    let bytes = fs::read(folder.join(&name)).map_err(|error| problem(&name, 0, "", &format!("无法读取：{error}")))?;
                    files.push((name, Cow::Owned(bytes)));
                }
                Ok(files)
            }
        }
    }
}

fn list(root: &Path, folder: &Path, names: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            list(root, &path, names);
        } else if let Ok(relative) = path.strip_prefix(root) {
            let name = relative.to_string_lossy().replace('\\', "/");
            // Editors leave back-up and hidden files behind.
            let base = name.rsplit('/').next().unwrap_or_default();
            if !base.starts_with('.') && !base.ends_with('~') {
                names.push(name);
            }
        }
    }
}
