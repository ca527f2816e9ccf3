-- The commands exist in the buffers that the server is attached to. This is an autocommand and not `on_attach` of the
-- configuration, because a user's `on_attach` would replace it.
vim.api.nvim_create_autocmd('LspAttach', {
  group = vim.api.nvim_create_augroup('upsun_lint', {}),
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if not client or client.name ~= 'upsun_lint' then
      return
    end
    if vim.g.upsun_lint_extras ~= false then
      require('upsun_lint').enable_extras(client, event.buf)
    end
    vim.api.nvim_buf_create_user_command(event.buf, 'UpsunEffective', function(command)
      require('upsun_lint').effective(event.buf, command.args)
    end, {
      desc = 'Show the effective configuration of a worker (default: the one under the cursor)',
      nargs = '?',
      complete = function(prefix)
        return require('upsun_lint').complete_workers(event.buf, prefix)
      end,
    })
    vim.api.nvim_buf_create_user_command(event.buf, 'UpsunTopology', function()
      require('upsun_lint').topology(event.buf)
    end, { desc = 'Show the topology of the project as a Mermaid flowchart' })
    vim.api.nvim_buf_create_user_command(event.buf, 'UpsunExplain', function(command)
      require('upsun_lint').explain(event.buf, command.args)
    end, {
      desc = 'Explain a rule (default: the one that reports the problem under the cursor)',
      nargs = '?',
      complete = function(prefix)
        return require('upsun_lint').complete_rules(event.buf, prefix)
      end,
    })
  end,
})
