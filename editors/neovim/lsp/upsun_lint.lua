---@brief
---
--- Linter and language server for the configuration of Upsun projects, `.upsun/*.yaml`.
--- Install it with `pipx install .` in a clone of upsun-lint.
--- Attaches to the files below a `.upsun` folder and to the linter's own settings, `.upsun-lint.toml`; to nothing else.

---@type vim.lsp.Config
return {
  cmd = { 'upsun-lint', 'server' },
  filetypes = { 'yaml', 'toml' },
  -- Without a call of `on_dir`, Neovim leaves the buffer alone; `root_markers` would attach to every YAML file.
  root_dir = function(bufnr, on_dir)
    local name = vim.fs.normalize(vim.api.nvim_buf_get_name(bufnr))
    local root = name:match('^(.*)/%.upsun/.+%.ya?ml$') or name:match('^(.*)/%.upsun%-lint%.toml$')
    if root then
      on_dir(root == '' and '/' or root)
    end
  end,
  -- What the code lenses above a worker do.
  commands = {
    ['upsun-lint.showEffective'] = function(command, context)
      require('upsun_lint').show_effective(context.bufnr, command.arguments[2])
    end,
    ['upsun-lint.copy'] = function(command)
      vim.fn.setreg('+', command.arguments[1])
      vim.notify('upsun-lint: copied ' .. command.arguments[1])
    end,
  },
}
