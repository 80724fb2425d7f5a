//! The command line: arguments and exit codes; one file per subcommand.
//! Exit status: 0 done, 1 failed, 2 wrong usage.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::knowledge::import::pdf;

mod ask;
mod audit;
mod backup;
mod bench;
mod bench_outbox;
mod calibrate;
mod check;
mod eval;
mod import;
mod index;
mod learn;
mod print;
mod serve;
mod staff;

#[derive(Debug, Parser)]
#[command(name = "taxhome", version, about = "纳税人之家：有依据的涉税解答、政策通知、纳税人学堂、税收宣传月")]
struct Arguments {
    /// 配置文件，默认当前目录的 taxhome.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 启动全部服务（不写子命令时就是它）
    Serve,
    /// 问一个问题
    Ask(ask::Arguments),
    /// 导入文件或文件夹
    Import(import::Arguments),
    /// 用题库测检索和解答
    Eval(eval::Arguments),
    /// 用题库重新确定“答还是不答”的分界
    Calibrate(calibrate::Arguments),
    /// 从确认过的问题里学会口语词的意思
    Learn(learn::Arguments),
    /// 测速
    Bench(bench::Arguments),
    /// 检索索引
    Index(index::Arguments),
    /// 检查配置、knowledge/ 和 broadcasts/
    Check(check::Arguments),
    /// 工作人员
    User(staff::UserArguments),
    /// 接口令牌
    Token(staff::TokenArguments),
    /// 操作记录
    Audit(audit::Arguments),
    /// 备份全部数据到一个文件，或检查备份
    Backup(backup::Arguments),
    /// 把备份恢复到空的数据文件夹或数据库
    Restore(backup::File),
    /// 导出全部数据（不含密码和令牌），供其他系统读取
    Export(backup::File),
    #[command(name = pdf::SUBCOMMAND, hide = true)]
    ReadPdf,
}

/// Runs the command line; the returned code is the process's.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    if matches!(arguments.command, Some(Command::ReadPdf)) {
        // Before anything else takes memory: this process is there to be limited.
        return pdf::child();
    }
    let config = match Config::load(arguments.config.as_deref(), std::env::vars()) {
        Ok(config) => config,
        Err(error) => return fail(&error.into()),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let outcome = runtime.block_on(async {
        match arguments.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(config).await,
            Command::Ask(arguments) => ask::run(&config, arguments).await,
            Command::Import(arguments) => import::run(&config, arguments).await,
            Command::Eval(arguments) => eval::run(&config, arguments).await,
            Command::Calibrate(arguments) => calibrate::run(&config, arguments).await,
            Command::Learn(arguments) => learn::run(&config, arguments).await,
            Command::Bench(arguments) => bench::run(&config, arguments).await,
            Command::Index(arguments) => index::run(&config, arguments).await,
            Command::Check(arguments) => check::run(&config, &arguments).await,
            Command::User(arguments) => staff::user(&config, arguments).await,
            Command::Token(arguments) => staff::token(&config, arguments).await,
            Command::Audit(arguments) => audit::run(&config, arguments).await,
            Command::Backup(arguments) => backup::run(&config, arguments).await,
            Command::Restore(file) => backup::restore(config, &file).await,
            Command::Export(file) => backup::export(&config, &file).await,
            Command::ReadPdf => Ok(()),
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    eprintln!("错误：{}", causes.join("："));
    ExitCode::FAILURE
}
