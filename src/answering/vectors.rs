//! Vectors learned from the texts, as a file of the data folder: read at the start, learned again when the texts change, counted for people.
//! Its one rule: nothing is learned unless somebody asked for it once with `taxhome learn --vectors`; without vectors ranking goes on by words.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::search::{Search, Unusable, Vectors};

/// How it stands with the vectors of a data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody asked for them.
    Unwanted,
    /// In use: how many words and how many bytes of memory.
    InUse { words: usize, bytes: usize },
    /// There is a file and it serves nobody here.
    Refused(Unusable),
}

/// Where the vectors of a data folder lie.
pub fn vectors_file(data_dir: &Path) -> PathBuf {
    data_dir.join("vectors.bin")
}

/// Vectors from a file.
pub fn read(file: &Path) -> io::Result<Result<Vectors, Unusable>> {
    Ok(Vectors::parse(&fs::read(file)?))
}

/// Ranks with the vectors in `file` from now on, or without where there are none that fit. Takes CPU.
pub fn take(search: &Search, file: &Path) -> State {
    let state = match read(file) {
        Ok(read) => match read.and_then(|vectors| put_to_use(search, vectors)) {
            Ok(state) => return state,
            Err(error) => State::Refused(error),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => State::Unwanted,
        Err(_) => State::Refused(Unusable::Unreadable),
    };
    if let State::Refused(error) = state {
        tracing::warn!(error = %error, "the learned vectors cannot be used; ranking goes on without them");
    }
    search.without_vectors();
    state
}

fn put_to_use(search: &Search, vectors: Vectors) -> Result<State, Unusable> {
    let state = State::InUse { words: vectors.len(), bytes: vectors.bytes() };
    search.compare(vectors).map(|()| state)
}

/// Takes the vectors in `file` where they are of what is known now, else learns them again. Takes CPU, up to minutes.
pub fn follow(search: &Search, file: &Path) -> io::Result<()> {
    let known = read(file)?;
    if known.is_ok_and(|vectors| search.compare(vectors).is_ok()) {
        return Ok(());
    }
    match Vectors::learn(&search.snapshot()) {
        Ok(vectors) => {
            write(file, &vectors)?;
            if let Err(error) = search.compare(vectors) {
                // The texts changed once more meanwhile: the next look learns them.
                tracing::warn!(error = %error, "the learned vectors are of texts that have changed since");
            }
        }
        Err(error) => tracing::warn!(error = %error, "the learned vectors cannot be learned again; ranking goes on without them"),
    }
    Ok(())
}

/// Writes vectors; a reader sees the old file or the new one.
pub fn write(file: &Path, vectors: &Vectors) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut unfinished = tempfile::Builder::new().prefix(".vectors-").tempfile_in(folder)?;
    unfinished.write_all(&vectors.to_bytes())?;
    unfinished.as_file().sync_all()?;
    unfinished.persist(file).map_err(|error| error.error)?;
    Ok(())
}
