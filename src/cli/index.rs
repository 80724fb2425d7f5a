//! `taxhome index rebuild | verify | stats`: the index is a cache; it can always be thrown away.

use anyhow::{Context, bail};

use crate::answering::{self, vectors::State};
use crate::cli::print::say;
use crate::config::Config;
use crate::search::FreshlyBuilt;
use crate::store::Store;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Clone, Copy, clap::Subcommand)]
enum Action {
    /// 删除索引并重新建立
    Rebuild,
    /// 检查索引是否完好、是否与知识库一致
    Verify,
    /// 显示文件数、段落数、大小、占用内存
    Stats,
}

pub async fn run(config: &Config, arguments: Arguments) -> anyhow::Result<()> {
    std::fs::create_dir_all(&config.data_dir).with_context(|| format!("无法创建数据文件夹 {}", config.data_dir.display()))?;
    let folder = answering::index_folder(&config.data_dir);
    if matches!(arguments.action, Action::Rebuild) && folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("无法删除 {}", folder.display()))?;
    }
    let store = Store::open(&config.database_url()).await?;
    let (answering, _) = answering::open(config, &store).await?;
    store.close().await;
    let snapshot = answering.search().snapshot();
    let found = snapshot.built() == FreshlyBuilt::Found;
    match arguments.action {
        Action::Rebuild => say(format_args!("索引已重建：{} 个文件，{} 个段落", snapshot.documents().len(), snapshot.passage_count())),
        Action::Verify if found => say(format_args!("索引完好，与知识库一致")),
        Action::Verify => bail!("索引缺失、损坏或已过时，现已重建"),
        Action::Stats => {
            say(format_args!("文件：{}", snapshot.documents().len()));
            say(format_args!("段落：{}", snapshot.passage_count()));
            say(format_args!("索引大小：{} 字节", snapshot.index_bytes()));
            match snapshot.memory_bytes() {
                0 => say(format_args!("内存中：0 字节，在磁盘上检索（上限 search.memory_mb = {}）", config.search.memory_mb)),
                bytes => say(format_args!("内存中：{bytes} 字节（上限 search.memory_mb = {}）", config.search.memory_mb)),
            }
            match answering::vectors::take(answering.search(), &answering::vectors::vectors_file(&config.data_dir)) {
                State::Unwanted => say(format_args!("词向量：没有（可以用 taxhome learn --vectors 学）")),
                State::InUse { words, bytes } => say(format_args!("词向量：{words} 个词，内存中 {bytes} 字节")),
                State::Refused(error) => say(format_args!("词向量：没有使用，文件{error}")),
            }
            say(format_args!("位置：{}", folder.display()));
        }
    }
    Ok(())
}
