-- The commands exist in the buffers that the server is attached to. An autocommand instead of the configuration's
-- `on_attach`: that one belongs to the user, whose function would replace ours.
vim.api.nvim_create_autocmd('LspAttach', {
  group = vim.api.nvim_create_augroup('upsun_lint', {}),
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if not client or client.name ~= 'upsun_lint' then
      return
    end
    vim.api.nvim_buf_create_user_command(event.buf, 'UpsunEffective', function(command)
      require('upsun_lint').effective(event.buf, command.args)
    end, {
      desc = 'Show what a worker is in the end: the one under the cursor, or the one named',
      nargs = '?',
      complete = function(prefix)
        return require('upsun_lint').complete_workers(event.buf, prefix)
      end,
    })
    vim.api.nvim_buf_create_user_command(event.buf, 'UpsunExplain', function(command)
      require('upsun_lint').explain(event.buf, command.args)
    end, {
      desc = 'Explain a rule: the one that found something under the cursor, or the one named',
      nargs = '?',
      complete = function(prefix)
        return require('upsun_lint').complete_rules(event.buf, prefix)
      end,
    })
  end,
})
