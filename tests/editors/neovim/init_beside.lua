-- A user of yaml-language-server, with the setting that the README gives.
vim.opt.runtimepath:append(vim.env.PLUGIN)
vim.lsp.config('yamlls', {
  cmd = { vim.env.YAML_LANGUAGE_SERVER, '--stdio' },
  filetypes = { 'yaml' },
  root_markers = { '.git', '.upsun' },
  settings = {
    redhat = { telemetry = { enabled = false } },
    yaml = {
      schemaStore = { enable = false, url = '' },
      schemas = { [vim.env.SCHEMA] = '.upsun/*.yaml' },
      disableSchemaDetection = { '**/.upsun/*.yaml', '**/.upsun/*.yml' },
    },
  },
})
vim.lsp.enable({ 'yamlls', 'upsun_lint' })
