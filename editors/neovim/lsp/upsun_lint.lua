---@brief
---
--- Linter and language server for the configuration of Upsun projects, `.upsun/*.yaml`.
--- It attaches only to files in a `.upsun` folder, to YAML files that these include, and to the settings of the linter,
--- `.upsun-lint.toml`.

--- The root of the project whose configuration includes a file outside `.upsun`.
---@param path string
---@return string?
local function root_including(path)
  local root = path:match('%.ya?ml$') and vim.fs.root(path, '.upsun')
  if not root then
    return nil
  end
  local name = vim.fs.basename(path)
  for file in vim.fs.dir(root .. '/.upsun') do
    local text = file:match('%.ya?ml$') and io.open(root .. '/.upsun/' .. file)
    local includes = text and text:read('*a'):find('!include[^\n]*' .. vim.pesc(name))
    if text then
      text:close()
    end
    if includes then
      return root
    end
  end
end

---@type vim.lsp.Config
return {
  cmd = { 'upsun-lint', 'server' },
  filetypes = { 'yaml', 'toml' },
  -- Neovim attaches only if `on_dir` is called; `root_markers` would attach to every YAML file of a project.
  root_dir = function(bufnr, on_dir)
    local name = vim.fs.normalize(vim.api.nvim_buf_get_name(bufnr))
    local root = name:match('^(.*)/%.upsun/.+%.ya?ml$') or name:match('^(.*)/%.upsun%-lint%.toml$')
    root = root or root_including(name)
    if root then
      on_dir(root == '' and '/' or root)
    end
  end,
  -- One server for all projects: those of a monorepo would each have one.
  reuse_client = function(client, config)
    return client.name == config.name and not client:is_stopped()
  end,
  init_options = { suggestCommand = 'upsun-lint.suggest' },
  -- The commands of the code lenses above a worker, and the one that opens the list of completions again behind a key.
  commands = {
    ['upsun-lint.suggest'] = function()
      vim.schedule(vim.lsp.completion.get)
    end,
    ['upsun-lint.showEffective'] = function(command, context)
      require('upsun_lint').show_effective(context.bufnr, command.arguments[2])
    end,
    ['upsun-lint.copy'] = function(command)
      vim.fn.setreg('+', command.arguments[1])
      vim.notify('upsun-lint: copied ' .. command.arguments[1])
    end,
  },
}
