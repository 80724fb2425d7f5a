//! The seal of an archive: its comment is the SHA-256 of every byte before it, so that damage shows wherever it lies, in what a reader of
//! zip files passes over too.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};

use sha2::{Digest, Sha256};

/// Bytes of the seal, hexadecimal.
pub const LENGTH: usize = 64;

/// What stands in the comment until the archive is whole.
pub fn blank() -> Box<[u8]> {
    vec![b'0'; LENGTH].into()
}

/// Writes the seal over the blank at the end of a whole archive.
pub fn set(file: &mut (impl Read + Write + Seek)) -> std::io::Result<()> {
    let seal = of(file)?;
    file.seek(SeekFrom::End(-(LENGTH as i64)))?;
    file.write_all(seal.as_bytes())
}

/// Whether an archive ends with its seal.
pub fn holds(file: &mut (impl Read + Seek)) -> std::io::Result<bool> {
    let expected = of(file)?;
    let mut found = Vec::new();
    file.seek(SeekFrom::End(-(LENGTH as i64)))?;
    file.read_to_end(&mut found)?;
    Ok(found == expected.as_bytes())
}

fn of(file: &mut (impl Read + Seek)) -> std::io::Result<String> {
    let length = file.seek(SeekFrom::End(0))?;
    let sealed = length.checked_sub(LENGTH as u64).ok_or(std::io::ErrorKind::UnexpectedEof)?;
    file.rewind()?;
    let (mut digest, mut rest) = (Sha256::new(), BufReader::new(file.take(sealed)));
    loop {
        let read = rest.fill_buf()?;
        let many = read.len();
        if many == 0 {
            break;
        }
        digest.update(read);
        rest.consume(many);
    }
    Ok(hex::encode(digest.finalize()))
}
