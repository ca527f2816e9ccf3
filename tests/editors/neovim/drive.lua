-- Does what a user does, step by step, and writes down what is seen: `STEPS` names the steps, `RESULT` the file.

local result = { version = tostring(vim.version()) }
local notes = {}
local picks = {}

-- A menu would wait forever for someone to choose.
vim.ui.select = function(items, options, on_choice)
  picks[#picks + 1] = vim.tbl_map(options.format_item or tostring, items)
  on_choice(items[1], 1)
end
vim.notify = function(message)
  notes[#notes + 1] = message
end

local function wait(what, condition)
  assert(vim.wait(1000 * tonumber(vim.env.PATIENCE), condition, 20), 'timed out while waiting for ' .. what)
end

local function client(bufnr)
  return vim.lsp.get_clients({ bufnr = bufnr or 0, name = 'upsun_lint' })[1]
end

local function lines(bufnr)
  return vim.api.nvim_buf_get_lines(bufnr or 0, 0, -1, false)
end

local function find(text)
  for number, line in ipairs(lines()) do
    local column = line:find(text, 1, true)
    if column then
      return { number, column - 1 }
    end
  end
  error('no ' .. text)
end

local function open(path)
  vim.cmd.edit(vim.fs.joinpath(vim.fn.getcwd(), path))
end

local function open_and_attach(path)
  open(path)
  wait('the server', function()
    return client() and client().initialized
  end)
end

local function diagnostics()
  return vim.tbl_map(function(one)
    return { line = one.lnum + 1, source = one.source, rule = one.code, message = one.message, severity = one.severity }
  end, vim.diagnostic.get(0))
end

-- The text of the window that a command opens beside, once it is there.
local function shown(name)
  local bufnr
  wait('the window ' .. name, function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      bufnr = vim.api.nvim_win_get_buf(window)
      if vim.api.nvim_buf_get_name(bufnr) == name and #lines(bufnr) > 1 then
        return true
      end
    end
  end)
  local options = vim.bo[bufnr]
  return {
    text = table.concat(lines(bufnr), '\n'),
    filetype = options.filetype,
    buftype = options.buftype,
    modifiable = options.modifiable,
    clients = #vim.lsp.get_clients({ bufnr = bufnr }),
    windows = #vim.api.nvim_list_wins(),
  }
end

local function floating()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      return table.concat(lines(vim.api.nvim_win_get_buf(window)), '\n')
    end
  end
end

-- What the user sees after doing something.
local function noted(act)
  local count = #notes
  act()
  wait('a message', function()
    return #notes > count
  end)
  return notes[#notes]
end

local steps = {}

function steps.elsewhere()
  result.elsewhere = {}
  local buffers = {}
  for _, path in ipairs({ 'other.yaml', 'pyproject.toml', 'upsun/config.yaml' }) do
    open(path)
    buffers[path] = vim.api.nvim_get_current_buf()
  end
  -- By the time that a server runs for a file opened later, one for these would have been started.
  open_and_attach('.upsun/config.yaml')
  for path, bufnr in pairs(buffers) do
    vim.api.nvim_buf_call(bufnr, function()
      result.elsewhere[path] = {
        filetype = vim.bo.filetype,
        clients = #vim.lsp.get_clients({ bufnr = bufnr }),
        command = vim.fn.exists(':UpsunExplain'),
      }
    end)
  end
end

function steps.attach()
  open_and_attach('.upsun/config.yaml')
  result.attach = { root = client().root_dir, name = client().server_info.name, encoding = client().offset_encoding }
end

function steps.settings()
  open_and_attach('.upsun-lint.toml')
  wait('diagnostics', function()
    return #vim.diagnostic.get(0) > 0
  end)
  result.settings = { root = client().root_dir, diagnostics = diagnostics() }
end

function steps.diagnostics()
  wait('diagnostics', function()
    return #vim.diagnostic.get(0) > 0
  end)
  result.diagnostics = diagnostics()
end

function steps.hover()
  vim.api.nvim_win_set_cursor(0, find('queue:'))
  vim.lsp.buf.hover()
  wait('the hover', floating)
  result.hover = floating()
  vim.cmd('fclose!')
end

function steps.effective()
  result.effective = {}
  vim.api.nvim_win_set_cursor(0, find('php worker.php'))
  vim.cmd.UpsunEffective()
  result.effective.at_cursor = shown('upsun-effective://app--queue')
  vim.cmd.UpsunEffective('mail')
  result.effective.by_name = shown('upsun-effective://mail')
  vim.cmd('only')
  vim.api.nvim_win_set_cursor(0, find('services:'))
  vim.cmd.UpsunEffective()
  shown('upsun-effective://app--queue')
  result.effective.asked = picks[#picks]
  result.effective.nobody = noted(function()
    vim.cmd.UpsunEffective('nobody')
  end)
  -- Neovim completes without names rather than wait for a slow server.
  wait('completed names', function()
    result.effective.completed = vim.fn.getcompletion('UpsunEffective app--m', 'cmdline')
    return #result.effective.completed > 0
  end)
  vim.cmd('only')
end

function steps.explain()
  result.explain = {}
  vim.api.nvim_win_set_cursor(0, find('php worker.php'))
  vim.cmd.UpsunExplain()
  result.explain.at_cursor = shown('upsun-rule://backgrounded-start-command')
  vim.cmd.UpsunExplain('crons-on-worker')
  result.explain.by_name = shown('upsun-rule://crons-on-worker')
  result.explain.unknown = noted(function()
    vim.cmd.UpsunExplain('no-such-rule')
  end)
  vim.api.nvim_win_set_cursor(0, find('services:'))
  result.explain.nothing_here = noted(vim.cmd.UpsunExplain)
  result.explain.completed = vim.fn.getcompletion('UpsunExplain back', 'cmdline')
  vim.cmd('only')
end

function steps.topology()
  vim.cmd.UpsunTopology()
  result.topology = shown('upsun-topology://project')
  vim.cmd('only')
end

function steps.lens()
  vim.lsp.codelens.refresh({ bufnr = 0 })
  wait('code lenses', function()
    return #vim.lsp.codelens.get(0) > 0
  end)
  for _, lens in ipairs(vim.lsp.codelens.get(0)) do
    if lens.command.arguments[2] == 'app--mail' then
      client():exec_cmd(lens.command, { bufnr = 0 })
    end
  end
  result.lens = shown('upsun-effective://app--mail')
  vim.cmd('only')
end

function steps.action()
  vim.api.nvim_win_set_cursor(0, find('&'))
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.isPreferred
    end,
  })
  wait('the fix', function()
    return not table.concat(lines(), '\n'):find('&', 1, true)
  end)
  wait('the end of the diagnostic', function()
    return #vim.diagnostic.get(0) == 0
  end)
  result.action = lines()
end

function steps.rename()
  local at = find('db:')
  vim.api.nvim_win_set_cursor(0, find('mail:'))
  vim.lsp.buf.rename('post')
  wait('the new name', function()
    return table.concat(lines(), '\n'):find('post:', 1, true) ~= nil
  end)
  assert(vim.deep_equal(at, find('db:')))
  result.rename = lines()
end

function steps.second()
  open_and_attach('second/.upsun/config.yaml')
  wait('the diagnostics of the second project', function()
    return #vim.diagnostic.get(0) > 0
  end)
  result.second = { clients = #vim.lsp.get_clients({ name = 'upsun_lint' }), diagnostics = diagnostics() }
end

function steps.stop()
  local last = client()
  last:stop()
  wait('the end of the server', function()
    return last:is_stopped() and #vim.lsp.get_clients({ name = 'upsun_lint' }) == 0
  end)
  result.stop = true
end

function steps.beside()
  wait('both servers', function()
    local clients = vim.lsp.get_clients({ bufnr = 0 })
    return #clients == 2 and clients[1].initialized and clients[2].initialized
  end)
  wait('diagnostics of both', function()
    local sources = {}
    for _, one in ipairs(vim.diagnostic.get(0)) do
      sources[one.source or ''] = true
    end
    return vim.tbl_count(sources) > 1
  end)
  result.beside = diagnostics()
end

function steps.health()
  vim.cmd('checkhealth vim.lsp')
  result.health = table.concat(lines(), '\n')
end

function steps.word()
  open_and_attach('.upsun-lint.toml')
  vim.api.nvim_win_set_cursor(0, find('start'))
  vim.cmd.UpsunExplain()
  result.word = shown('upsun-rule://backgrounded-start-command')
end

-- What nvim-lint does with a linter, without nvim-lint.
local function lint(path)
  open(path)
  local linter = dofile(vim.env.LINTER)
  local command = { linter.cmd }
  for _, argument in ipairs(linter.args) do
    command[#command + 1] = type(argument) == 'function' and argument() or argument
  end
  local done = vim.system(command, { stdin = lines(), text = true }):wait()
  return linter.parser(done.stdout, 0, vim.fn.getcwd())
end

function steps.lint()
  result.lint = { elsewhere = #lint('other.yaml'), here = lint('.upsun/config.yaml') }
  wait('diagnostics', function()
    return #vim.diagnostic.get(0) > 0
  end)
  local said = vim.diagnostic.get(0)[1]
  result.lint.same = {}
  for key, value in pairs(result.lint.here[1]) do
    result.lint.same[key] = vim.deep_equal(value, said[key])
  end
end

function steps.help()
  vim.cmd.helptags(vim.fs.joinpath(vim.env.PLUGIN, 'doc'))
  result.help = {}
  for _, tag in ipairs({ 'upsun_lint', ':UpsunEffective', ':UpsunExplain' }) do
    vim.cmd.help(tag)
    result.help[tag] = { file = vim.fn.expand('%:t'), line = vim.api.nvim_get_current_line() }
  end
end

local ok, failure = xpcall(function()
  for _, name in ipairs(vim.split(vim.env.STEPS, ' ')) do
    result.step = name
    steps[name]()
  end
end, debug.traceback)
if not ok then
  result.failure = ('%s: %s\nmessages: %s\n%s'):format(
    result.step, failure, vim.inspect(notes), vim.fn.execute('messages'))
end
local file = assert(io.open(vim.env.RESULT, 'w'))
file:write(vim.json.encode(result))
file:close()
vim.cmd('qall!')
