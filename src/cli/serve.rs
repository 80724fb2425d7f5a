//! `taxhome serve`: logs, the listening socket, the app, and a clean stop on SIGTERM or Ctrl-C.
//! The socket comes first: an occupied port is found before anything is written.

use std::io::ErrorKind;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::app::App;
use crate::cli::print::say;
use crate::clock::SystemClock;
use crate::config::{Config, LogFormat};
use crate::replies;
use crate::store::copy;

/// Serves until told to stop.
pub async fn run(config: Config) -> anyhow::Result<()> {
    start_logging(&config)?;
    let address = config.http.address()?;
    let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow!("端口 {address} 已被其他程序占用，请关闭它，或用 TAXHOME_HTTP__LISTEN 换一个端口"),
        ErrorKind::PermissionDenied => anyhow!("没有权限使用端口 {address}，请换成 1024 以上的端口"),
        _ => anyhow!("无法监听 {address}：{error}"),
    })?;
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone())?;
    let app = App::build(config, Arc::new(SystemClock)).await?;
    if copy::is_unfinished(&mut *app.store.read().await?).await? {
        anyhow::bail!(replies::care::unfinished());
    }
    for line in app.welcome().await? {
        say(format_args!("{line}"));
    }
    app.run(listener, stop).await
}

fn start_logging(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log.filter).with_context(|| format!("log.filter = \"{}\" 无法识别", config.log.filter))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    }
    .map_err(|error| anyhow!("日志无法启动：{error}"))
}

/// The first signal stops cleanly; the process's own handling of a second one is left alone.
fn stop_on_signal(stop: CancellationToken) -> anyhow::Result<()> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).context("SIGTERM")?;
    tokio::spawn(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
        tracing::info!("stopping: no new work is taken, sends in flight are settled");
        stop.cancel();
    });
    Ok(())
}
