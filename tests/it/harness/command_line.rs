//! The command line as somebody with a folder of knowledge uses it, and what it says.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs `taxhome` in a folder: on its `knowledge` where it has one, else on what is shipped.
pub fn taxhome(folder: &Path, arguments: &[&str]) -> Output {
    let knowledge = folder.join("knowledge");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("knowledge");
    Command::new(env!("CARGO_BIN_EXE_taxhome"))
        .args(arguments)
        .env("TAXHOME_DATA_DIR", folder.join("data"))
        .env("TAXHOME_KNOWLEDGE_DIR", if knowledge.exists() { knowledge } else { shipped })
        .current_dir(folder)
        .output()
        .unwrap()
}

/// What it reports as JSON.
pub fn report(output: &Output) -> Value {
    assert!(output.status.success(), "{}", said_wrong(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn said_wrong(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// One value a line.
pub fn lines(values: impl Iterator<Item = Value>) -> String {
    values.map(|value| format!("{value}\n")).collect()
}
