//! Untested: runs the `upsun-lint` that is on the path as a language server for YAML.

use zed_extension_api::{self as zed, LanguageServerId, Result, Worktree};

struct UpsunLint;

impl zed::Extension for UpsunLint {
    fn new() -> Self {
        Self
    }

    fn language_server_command(&mut self, _server: &LanguageServerId, worktree: &Worktree) -> Result<zed::Command> {
        let command = worktree
            .which("upsun-lint")
            .ok_or("upsun-lint is not on the path: run `pipx install .` in a clone of it")?;
        Ok(zed::Command {
            command,
            args: vec!["server".to_string()],
            env: worktree.shell_env(),
        })
    }
}

zed::register_extension!(UpsunLint);
