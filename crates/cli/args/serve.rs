//! Arguments of the server and its settings: `serve`, `config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `serve`
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// 监听地址，默认 127.0.0.1:8080
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    #[command(flatten)]
    pub(crate) layers: LayerArgs,
}

/// Sources of settings besides the environment.
#[derive(Debug, Args)]
pub(crate) struct LayerArgs {
    /// 配置文件（TOML）
    #[arg(long, value_name = "FILE", env = "ZHAOREN_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// 设置一项，可多次给出，如 limits.time=10s
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    pub(crate) set: Vec<(String, String)>,
}

/// `config`
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// 做什么
    #[command(subcommand)]
    pub(crate) work: ConfigWork,
}

/// Subcommands of `config`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigWork {
    /// 核对配置、密钥文件与监听地址
    Check(LayerArgs),
    /// 列出每项的值与来处
    Show(LayerArgs),
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("应为 KEY=VALUE，如 limits.time=10s".to_owned()),
    }
}
