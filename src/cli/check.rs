//! `taxhome check`: configuration, `knowledge/` and `broadcasts/`: file, line, field, and what to write instead.
//! The configuration was validated before any command runs; what it names is looked at here.

use anyhow::bail;

use crate::broadcasts::Files;
use crate::config::Config;
use crate::knowledge::{self, Source};

/// Prints every problem found; fails if there is one.
pub fn run(config: &Config) -> anyhow::Result<()> {
    let mut problems: Vec<String> = Vec::new();
    match knowledge::load(&Source::of(config)) {
        Ok(library) => {
            println!("知识库：{} 份文件，{} 条日常用语，格式没有问题", library.documents.len(), library.glossary.entries.len());
            library.contradictions().iter().for_each(|hint| println!("  请核对  {hint}"));
        }
        Err(found) => problems.extend(found.iter().map(ToString::to_string)),
    }
    match Files::load(config) {
        Ok(files) => println!("通知模板和计划：{} 份宣传月计划，没有问题", files.campaigns.len()),
        Err(found) => problems.extend(found.iter().map(ToString::to_string)),
    }
    if problems.is_empty() {
        println!("配置：没有问题");
        return Ok(());
    }
    for problem in &problems {
        println!("{problem}");
    }
    bail!("共有 {} 处需要修改", problems.len())
}
