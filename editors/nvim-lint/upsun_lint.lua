-- For mfussenegger/nvim-lint, where a language server is not wanted: copy this to `lua/lint/linters/upsun_lint.lua` of
-- your configuration, and
--     require('lint').linters_by_ft.yaml = { 'upsun_lint' }
-- Its files are those below `.upsun`; about others it says nothing.

local severities = {
  error = vim.diagnostic.severity.ERROR,
  warning = vim.diagnostic.severity.WARN,
  info = vim.diagnostic.severity.INFO,
  hint = vim.diagnostic.severity.HINT,
}

--- Where something is, as Neovim counts: lines from 0, columns in bytes. The linter counts characters, from 1.
---@param bufnr integer
---@param position { line: integer, column: integer }
local function place(bufnr, position)
  local lnum = position.line - 1
  local line = vim.api.nvim_buf_get_lines(bufnr, lnum, lnum + 1, false)[1] or ''
  return lnum, vim.str_byteindex(line, 'utf-32', position.column - 1, false)
end

return {
  cmd = 'upsun-lint',
  args = {
    'check',
    '--format',
    'json',
    '--stdin-filename',
    function()
      return vim.api.nvim_buf_get_name(0)
    end,
    '-',
  },
  stdin = true,
  stream = 'stdout',
  ignore_exitcode = true,
  parser = function(output, bufnr)
    if output == '' then
      return {}
    end
    return vim.tbl_map(function(finding)
      local lnum, col = place(bufnr, finding.range.start)
      local end_lnum, end_col = place(bufnr, finding.range['end'])
      return {
        lnum = lnum,
        col = col,
        end_lnum = end_lnum,
        end_col = end_col,
        severity = severities[finding.severity],
        message = finding.message,
        source = 'upsun-lint',
        code = finding.rule,
      }
    end, vim.json.decode(output).findings)
  end,
}
