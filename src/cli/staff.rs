//! Placeholder until its room is built.

use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct UserArguments {}
#[derive(Debug, clap::Args)]
pub struct TokenArguments {}

pub async fn user(_config: &Config, _arguments: UserArguments) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}

pub async fn token(_config: &Config, _arguments: TokenArguments) -> anyhow::Result<()> {
    anyhow::bail!("not built yet")
}
