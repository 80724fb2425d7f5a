//! The zip that office files are: bounded before anything of it is unpacked.

use std::io::Cursor;

use zip::ZipArchive;

/// More parts than any real document has.
const MAX_ENTRIES: usize = 2_000;
/// Unpacked bytes of the whole file.
pub const MAX_UNPACKED: u64 = 200 * 1024 * 1024;
/// Unpacked bytes for a packed one; text seldom reaches a tenth of this.
const MAX_RATIO: u64 = 100;
/// Small files may be packed very well and do no harm.
const SMALL: u64 = 1024 * 1024;

/// What is wrong with a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    NoZip,
    TooManyEntries(usize),
    Ratio,
    TooLarge,
    Damaged(String),
}

impl Fault {
    /// In words; `maker` and `ending` name what the file should be.
    pub fn words(&self, maker: &str, ending: &str) -> String {
        match self {
            Self::NoZip => format!("不是完整的 {maker} 文件（{ending}）"),
            Self::TooManyEntries(entries) => format!("压缩包里有 {entries} 个文件，超过 {MAX_ENTRIES} 个上限"),
            Self::Ratio => "压缩比异常，可能是恶意文件".to_owned(),
            Self::TooLarge => "解压后超过 200 MB 上限".to_owned(),
            Self::Damaged(reason) => reason.clone(),
        }
    }
}

/// Opens a package if its directory keeps the limits.
pub fn open(bytes: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Fault::NoZip)?;
    if archive.len() > MAX_ENTRIES {
        return Err(Fault::TooManyEntries(archive.len()));
    }
    let mut unpacked = 0_u64;
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at).map_err(|error| Fault::Damaged(error.to_string()))?;
        unpacked = unpacked.saturating_add(entry.size());
        if entry.size() > SMALL && entry.size() / entry.compressed_size().max(1) > MAX_RATIO {
            return Err(Fault::Ratio);
        }
    }
    if unpacked > MAX_UNPACKED { Err(Fault::TooLarge) } else { Ok(archive) }
}
