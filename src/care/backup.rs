//! The store and its photos in one file, and back. The file is a zip that any tool opens:
//!
//! - `manifest.json`: [`Manifest`]
//! - `tables/NAME.jsonl`: the rows of a table, one JSON object a line, of texts, numbers and nulls
//! - `photos/ID`, `materials/ID`: the photos of outings and what classes hand out (in a backup)
//! - `说明.txt`: what is in it, for people
//!
//! It is the same on both engines, so a backup of SQLite can be brought back into PostgreSQL.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::seal;
use crate::domain::care::Purpose;
use crate::domain::time::Timestamp;
use crate::replies::care as words;
use crate::store::copy::{self, LeftOpen, Snapshot};
use crate::store::{Store, personal};

const MANIFEST: &str = "manifest.json";
/// In place of an entry, where the file as a whole is damaged.
const SEAL: &str = "整个文件";
const NOTE: &str = "说明.txt";
const FORMAT: u32 = 1;
/// Folders of the data folder that hold what people put in; everything else there can be made anew.
const FOLDERS: [&str; 3] = ["photos", "materials", "attachments"];
const TABLES: &str = "tables/";
/// Longest line believed to be a row.
const LINE_BYTES: u64 = 64 * 1024 * 1024;

/// What a file holds, for whoever checks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    pub purpose: Purpose,
    /// RFC 3339.
    pub made_at: String,
    /// Version of the program that made it.
    pub program: String,
    /// Migrations that made the tables.
    pub migrations: Vec<i64>,
    pub entries: Vec<Entry>,
    /// Tables with data of people.
    pub personal: Vec<String>,
    /// Whether the file ends with a seal over all of it; files made before there were seals have none.
    #[serde(default)]
    pub sealed: bool,
}

/// One entry of the zip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    /// Lines of a table; 1 for a file.
    pub rows: u64,
    /// Hexadecimal.
    pub sha256: String,
}

/// Writes everything as it is at one moment into `path`, which must not be there yet; nothing half-written ever stands there.
pub async fn write(store: &Store, data_dir: &Path, purpose: Purpose, path: &Path, now: Timestamp) -> anyhow::Result<Manifest> {
    if path.exists() {
        bail!(words::there_already(path));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Readable by its owner alone: passwords and tokens are in it, if only as hashes.
    let file = tempfile::NamedTempFile::new_in(folder).with_context(|| words::cannot_write(path))?;
    let mut zip = ZipWriter::new(file);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
    let mut snapshot = Snapshot::take(store, purpose).await?;
    let mut entries = Vec::new();
    let names: Vec<String> = snapshot.tables.iter().map(|table| table.name.clone()).collect();
    for table in &names {
        let name = format!("tables/{table}.jsonl");
        zip.start_file(&name, options)?;
        let (mut digest, mut rows) = (Sha256::new(), 0);
        snapshot
            .each(table, purpose, |row| {
                let mut line = serde_json::to_vec(&row)?;
                line.push(b'\n');
                digest.update(&line);
                rows += 1;
                zip.write_all(&line).map_err(anyhow::Error::from)
            })
            .await?;
        entries.push(Entry { name, rows, sha256: hex::encode(digest.finalize()) });
    }
    if purpose == Purpose::Backup {
        for (folder, file) in kept_files(data_dir)? {
            let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
            let name = format!("{folder}/{}", file.file_name().unwrap_or_default().to_string_lossy());
            zip.start_file(&name, options)?;
            zip.write_all(&bytes)?;
            entries.push(Entry { name, rows: 1, sha256: hex::encode(Sha256::digest(&bytes)) });
        }
    }
    let mut people: Vec<String> = personal::KEPT.iter().map(|kept| kept.table.to_owned()).chain(["channels".to_owned()]).collect();
    people.sort();
    people.dedup();
    let manifest = Manifest {
        format: FORMAT,
        purpose,
        made_at: now.rfc3339(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        migrations: snapshot.migrations.clone(),
        entries,
        personal: people,
        sealed: true,
    };
    zip.start_file(MANIFEST, options)?;
    zip.write_all(&serde_json::to_vec_pretty(&manifest)?)?;
    zip.start_file(NOTE, options)?;
    zip.write_all(words::note(purpose, &manifest.personal, now).as_bytes())?;
    zip.set_raw_comment(seal::blank())?;
    let mut file = zip.finish()?;
    seal::set(&mut file)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).with_context(|| words::cannot_write(path))?;
    Ok(manifest)
}

/// Reads a file to its last byte: no byte is another, every entry is there, whole, with as many rows as were written.
pub fn verify(path: &Path) -> anyhow::Result<Manifest> {
    let (mut zip, manifest) = open(path)?;
    if manifest.sealed && !seal::holds(&mut File::open(path)?).with_context(|| words::cannot_read(path))? {
        bail!(words::damaged(path, SEAL));
    }
    for entry in &manifest.entries {
        let mut read = zip.by_name(&entry.name).map_err(|_| anyhow!(words::damaged(path, &entry.name)))?;
        let (mut digest, mut rows, mut chunk) = (Sha256::new(), 0_u64, vec![0; 64 * 1024]);
        loop {
            let many = read.read(&mut chunk).map_err(|_| anyhow!(words::damaged(path, &entry.name)))?;
            let Some(bytes) = chunk.get(..many).filter(|bytes| !bytes.is_empty()) else { break };
            digest.update(bytes);
            rows += u64::try_from(bytes.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(0);
        }
        let counted = if entry.name.starts_with(TABLES) { rows } else { 1 };
        if hex::encode(digest.finalize()) != entry.sha256 || counted != entry.rows {
            bail!(words::damaged(path, &entry.name));
        }
    }
    let known = manifest.entries.len() + 2;
    if zip.len() != known {
        bail!(words::damaged(path, MANIFEST));
    }
    Ok(manifest)
}

/// Brings a backup back into the empty database at `url` and the folder `data_dir`. What may have gone out after it was made is left
/// unconfirmed. The store is unfinished until [`settle`].
pub async fn restore(path: &Path, url: &str, data_dir: &Path, now: Timestamp) -> anyhow::Result<(Manifest, LeftOpen)> {
    let manifest = verify(path)?;
    if manifest.purpose != Purpose::Backup {
        bail!(words::an_export(path));
    }
    if !copy::knows(&manifest.migrations) {
        bail!(words::from_a_newer_program(&manifest.program));
    }
    let store = copy::open_empty(url).await?.ok_or_else(|| anyhow!(words::not_empty()))?;
    let mut filling = copy::begin_filling(&store, &manifest.migrations).await?;
    let (mut zip, _) = open(path)?;
    let tables: Vec<String> = filling.tables.iter().map(|table| table.name.clone()).collect();
    for table in tables {
        let name = format!("tables/{table}.jsonl");
        if !manifest.entries.iter().any(|entry| entry.name == name) {
            continue;
        }
        let mut lines = BufReader::new(zip.by_name(&name)?);
        loop {
            let mut line = Vec::new();
            if (&mut lines).take(LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            let row = serde_json::from_slice(&line).with_context(|| words::damaged(path, &name))?;
            filling.put(&table, row).await.with_context(|| words::damaged(path, &name))?;
        }
    }
    for entry in manifest.entries.iter().filter(|entry| !entry.name.starts_with(TABLES)) {
        let known = FOLDERS.into_iter().find(|folder| entry.name.starts_with(&format!("{folder}/")));
        let (Some(folder), Some(name)) = (known, Path::new(&entry.name).file_name()) else { bail!(words::damaged(path, &entry.name)) };
        let folder = data_dir.join(folder);
        fs::create_dir_all(&folder)?;
        std::io::copy(&mut zip.by_name(&entry.name)?, &mut File::create(folder.join(name))?)?;
    }
    let open = filling.keep(&words::reason(&manifest.made_at), now).await?;
    store.migrate().await?;
    // The index is a cache of another store, if there is one; it is made anew at the first start.
    let index = data_dir.join("index");
    if index.exists() {
        fs::remove_dir_all(index)?;
    }
    store.close().await;
    Ok((manifest, open))
}

/// After everything that time brought about meanwhile was derived: that too is left unconfirmed, and the store may serve.
pub async fn settle(store: &Store, manifest: &Manifest, now: Timestamp) -> sqlx::Result<LeftOpen> {
    let mut tx = store.begin().await?;
    let open = copy::finish(&mut tx, &words::reason(&manifest.made_at), now).await?;
    crate::store::audit::record(&mut tx, "restore", "store.restore", "", &manifest.made_at, now).await?;
    tx.commit().await?;
    Ok(open)
}

fn open(path: &Path) -> anyhow::Result<(ZipArchive<File>, Manifest)> {
    let file = File::open(path).with_context(|| words::cannot_read(path))?;
    let mut zip = ZipArchive::new(file).map_err(|_| anyhow!(words::no_backup(path)))?;
    let manifest = zip.by_name(MANIFEST).map_err(|_| anyhow!(words::no_backup(path)))?;
    let manifest: Manifest = serde_json::from_reader(manifest).map_err(|_| anyhow!(words::damaged(path, MANIFEST)))?;
    if manifest.format != FORMAT {
        bail!(words::from_a_newer_program(&manifest.program));
    }
    Ok((zip, manifest))
}

/// Each with the folder it lies in.
fn kept_files(data_dir: &Path) -> anyhow::Result<Vec<(&'static str, PathBuf)>> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        let place = data_dir.join(folder);
        if !place.is_dir() {
            continue;
        }
        let mut files = fs::read_dir(&place)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
        files.retain(|path| path.is_file());
        files.sort();
        found.extend(files.into_iter().map(|file| (folder, file)));
    }
    Ok(found)
}
