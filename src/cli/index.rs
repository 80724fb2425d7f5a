//! Placeholder until its room is built.

use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Arguments {}

pub async fn run(_config: &Config, _arguments: Arguments) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
