//! `taxhome audit`: whether the chain of who did what holds, and the whole of it as a table.

use anyhow::bail;
use clap::Subcommand;

use super::staff::open;
use crate::cli::print::say;
use crate::config::Config;
use crate::domain::staff::AuditRow;
use crate::replies::console;
use crate::store::audit;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// 检查操作记录是否完整，有没有被改动
    Verify {
        /// 以前记下的校验值：它还在链上，说明末尾没有被截掉
        #[arg(long, value_name = "HASH")]
        holds: Option<String>,
    },
    /// 把全部操作记录写到标准输出（CSV）
    Export,
}

pub async fn run(config: &Config, arguments: Arguments) -> anyhow::Result<()> {
    let store = open(config).await?;
    match arguments.action {
        Action::Verify { holds } => {
            let chain = audit::verify(&store).await?;
            let told = console::chain(&chain);
            if chain.broken.is_some() {
                bail!(told);
            }
            if let Some(hash) = holds
                && !audit::has(&mut *store.read().await?, hash.trim()).await?
            {
                bail!(console::chain_cut());
            }
            say(format_args!("{told}"));
        }
        Action::Export => {
            say(format_args!("{}", console::audit_heads()));
            let mut place = 0;
            loop {
                let rows = audit::following(&mut *store.read().await?, place).await?;
                let Some(last) = rows.last() else { break };
                place = last.place;
                rows.iter().map(AuditRow::csv).for_each(|line| say(format_args!("{line}")));
            }
        }
    }
    store.close().await;
    Ok(())
}
