//! Placeholder until its room is built.

use crate::config::Config;

pub async fn run(_config: Config) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
