-- What a user has: the folder of the plugin, and one line.
vim.opt.runtimepath:append(vim.env.PLUGIN)
vim.lsp.enable('upsun_lint')
