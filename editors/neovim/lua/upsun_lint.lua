--- The commands `:UpsunEffective`, `:UpsunTopology` and `:UpsunExplain`.

local M = {}

--- The longest wait for the completion of names, in milliseconds.
local COMPLETION_LIMIT = 1000

---@param message string
local function say(message)
  vim.notify('upsun-lint: ' .. message, vim.log.levels.WARN)
end

---@param bufnr integer
---@return vim.lsp.Client?
local function client_of(bufnr)
  return vim.lsp.get_clients({ bufnr = bufnr, name = 'upsun_lint' })[1]
end

--- Runs a command of the server and passes on its answer; nil if there is none.
---@param bufnr integer
---@param command string
---@param arguments string[]
---@param on_answer fun(answer: any)
local function ask(bufnr, command, arguments, on_answer)
  local client = client_of(bufnr)
  if not client then
    say('the server is not running; see :checkhealth vim.lsp')
    return
  end
  client:request('workspace/executeCommand', { command = command, arguments = arguments }, function(err, answer)
    if err then
      say(err.message)
    else
      on_answer(answer ~= vim.NIL and answer or nil)
    end
  end, bufnr)
end

--- Shows a text in a split window; a text with the same name replaces the old one.
---@param name string
---@param filetype string
---@param text string
local function show(name, filetype, text)
  local scratch = vim.iter(vim.api.nvim_list_bufs()):find(function(bufnr)
    return vim.api.nvim_buf_get_name(bufnr) == name
  end)
  if not scratch then
    scratch = vim.api.nvim_create_buf(false, true)
    vim.api.nvim_buf_set_name(scratch, name)
  end
  vim.bo[scratch].modifiable = true
  vim.api.nvim_buf_set_lines(scratch, 0, -1, false, vim.split(text, '\n', { trimempty = true }))
  vim.bo[scratch].modifiable = false
  if vim.fn.bufwinid(scratch) == -1 then
    local here = vim.api.nvim_get_current_win()
    vim.api.nvim_open_win(scratch, false, { split = 'right', win = here })
  end
  vim.bo[scratch].filetype = filetype
end

--- The workers of a project, with their names on the platform and their places.
---@param topology table?
---@return { name: string, location: lsp.Location }[]
local function workers_of(topology)
  local workers = {}
  for _, application in ipairs(topology and topology.applications or {}) do
    for _, instance in ipairs(application.instances) do
      if instance.kind == 'worker' then
        workers[#workers + 1] = { name = application.name .. '--' .. instance.name, location = instance.location }
      end
    end
  end
  return workers
end

--- The worker whose block contains a line: the last one above it, unless a line in between ends its block.
---@param bufnr integer
---@param line integer counted from 0
---@param workers { name: string, location: lsp.Location }[]
---@return string?
local function worker_at(bufnr, line, workers)
  local name, found = vim.api.nvim_buf_get_name(bufnr), nil
  for _, worker in ipairs(workers) do
    local start = worker.location.range.start.line
    local is_here = vim.fs.normalize(vim.uri_to_fname(worker.location.uri)) == vim.fs.normalize(name)
    if is_here and start <= line and (not found or start > found.location.range.start.line) then
      found = worker
    end
  end
  if not found then
    return nil
  end
  local start = found.location.range.start
  for _, text in ipairs(vim.api.nvim_buf_get_lines(bufnr, start.line + 1, line + 1, false)) do
    local indent, first = text:match('^( *)(%S)')
    if first and first ~= '#' and #indent <= start.character then
      return nil
    end
  end
  return found.name
end

--- Turns on what Neovim leaves off by default: completion while typing, inlay hints and code lenses.
---@param client vim.lsp.Client
---@param bufnr integer
function M.enable_extras(client, bufnr)
  vim.lsp.completion.enable(true, client.id, bufnr, { autotrigger = true })
  vim.lsp.inlay_hint.enable(true, { bufnr = bufnr })
  local function refresh()
    vim.lsp.codelens.refresh({ bufnr = bufnr })
  end
  refresh()
  vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'BufWritePost' }, {
    group = vim.api.nvim_create_augroup('upsun_lint_lenses_' .. bufnr, {}),
    buffer = bufnr,
    callback = refresh,
  })
end

--- Shows the effective configuration of a worker.
---@param bufnr integer a buffer of the project
---@param name string the worker's name, or `application--worker`
function M.show_effective(bufnr, name)
  ask(bufnr, 'upsun-lint.showEffective', { vim.uri_from_bufnr(bufnr), name }, function(text)
    if text then
      show('upsun-effective://' .. name, 'yaml', text)
    else
      say('there is no worker ' .. name)
    end
  end)
end

--- Shows the project as a Mermaid flowchart in Markdown, which GitHub and GitLab draw.
---@param bufnr integer
function M.topology(bufnr)
  ask(bufnr, 'upsun-lint.exportTopology', { vim.uri_from_bufnr(bufnr) }, function(text)
    if text then
      show('upsun-topology://' .. vim.fs.basename(client_of(bufnr).root_dir), 'markdown', text)
    else
      say('the project is too large for a flowchart')
    end
  end)
end

--- Shows the effective configuration of the named worker, the one at the cursor, the only one, or the picked one.
---@param bufnr integer
---@param name string
function M.effective(bufnr, name)
  if name ~= '' then
    return M.show_effective(bufnr, name)
  end
  local line = vim.api.nvim_win_get_cursor(0)[1] - 1
  ask(bufnr, 'upsun-lint.topology', { vim.uri_from_bufnr(bufnr) }, function(topology)
    local workers = workers_of(topology)
    local here = worker_at(bufnr, line, workers) or (#workers == 1 and workers[1].name)
    if here then
      M.show_effective(bufnr, here)
    elseif #workers == 0 then
      say('this project has no workers')
    else
      local names = vim.tbl_map(function(worker)
        return worker.name
      end, workers)
      vim.ui.select(names, { prompt = 'Which worker?' }, function(picked)
        if picked then
          M.show_effective(bufnr, picked)
        end
      end)
    end
  end)
end

--- The rules with problems at the cursor, or else in the line; without a line, in the buffer.
---@param bufnr integer
---@param line integer? counted from 0
---@param column integer? counted from 0, in bytes
---@return string[]
local function rules_of(bufnr, line, column)
  local at_cursor, others = {}, {}
  for _, found in ipairs(vim.diagnostic.get(bufnr, { lnum = line })) do
    if found.source == 'upsun-lint' and type(found.code) == 'string' then
      local is_here = column and column >= found.col and (found.end_lnum > found.lnum or column < found.end_col)
      local into = is_here and at_cursor or others
      if not vim.list_contains(into, found.code) then
        into[#into + 1] = found.code
      end
    end
  end
  return #at_cursor > 0 and at_cursor or others
end

--- Shows the documentation of a rule.
---@param bufnr integer
---@param rule string
local function show_rule(bufnr, rule)
  ask(bufnr, 'upsun-lint.explain', { rule }, function(text)
    if text then
      show('upsun-rule://' .. rule, 'markdown', text)
    else
      say('there is no rule ' .. rule)
    end
  end)
end

--- The word at the cursor, including `-`: a rule in a comment or in the linter's settings.
---@return string
local function word_at_cursor()
  local column = vim.api.nvim_win_get_cursor(0)[2] + 1
  local text = vim.api.nvim_get_current_line()
  return text:sub(1, column - 1):match('[%w-]*$') .. text:sub(column):match('^[%w-]*')
end

--- Explains the named rule, a rule with a problem at the cursor, or the rule whose name is at the cursor.
---@param bufnr integer
---@param rule string
function M.explain(bufnr, rule)
  if rule ~= '' then
    return show_rule(bufnr, rule)
  end
  local line, column = unpack(vim.api.nvim_win_get_cursor(0))
  local rules = rules_of(bufnr, line - 1, column)
  if #rules == 1 then
    show_rule(bufnr, rules[1])
  elseif #rules > 1 then
    vim.ui.select(rules, { prompt = 'Which rule?' }, function(picked)
      if picked then
        show_rule(bufnr, picked)
      end
    end)
  elseif word_at_cursor():find('-', 1, true) then
    show_rule(bufnr, word_at_cursor())
  else
    say('there is no problem or rule under the cursor; add a rule: :UpsunExplain crons-on-worker')
  end
end

---@param names string[]
---@param prefix string
---@return string[]
local function beginning_with(names, prefix)
  return vim.tbl_filter(function(name)
    return vim.startswith(name, prefix)
  end, names)
end

--- The workers of the project whose names start with a prefix.
---@param bufnr integer
---@param prefix string
---@return string[]
function M.complete_workers(bufnr, prefix)
  local client = client_of(bufnr)
  local params = { command = 'upsun-lint.topology', arguments = { vim.uri_from_bufnr(bufnr) } }
  local answer = client and client:request_sync('workspace/executeCommand', params, COMPLETION_LIMIT, bufnr)
  local topology = answer and answer.result ~= vim.NIL and answer.result or nil
  return beginning_with(
    vim.tbl_map(function(worker)
      return worker.name
    end, workers_of(topology)),
    prefix
  )
end

--- The rules with problems in the buffer whose names start with a prefix.
---@param bufnr integer
---@param prefix string
---@return string[]
function M.complete_rules(bufnr, prefix)
  return beginning_with(rules_of(bufnr), prefix)
end

return M
