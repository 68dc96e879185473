-- Drives the language server by Neovim's own client over the schemas of a release of QEMU. Started by the tests, which
-- set QAPI (the server), SCHEMAS (a copy of the schemas) and SCREEN (a file for the picture in text).
local folder = vim.env.SCHEMAS
local file = folder .. '/qapi/block-core.json'

local function check(is_so, what)
  if not is_so then
    io.stderr:write('failed: ' .. what .. '\n')
    vim.cmd('cquit 1')
  end
end

-- Waits until something holds: only a server that hangs takes as long.
local function wait(is_so, what)
  check(vim.wait(60000, is_so, 20), what)
end

vim.o.swapfile = false
vim.cmd('edit ' .. file)
local buffer = vim.api.nvim_get_current_buf()
local client = vim.lsp.start_client({
  name = 'qapi',
  cmd = { vim.env.QAPI, 'lsp' },
  root_dir = folder,
})
vim.lsp.buf_attach_client(buffer, client)
wait(function() return vim.lsp.buf_is_attached(buffer, client) and vim.lsp.get_client_by_id(client).initialized end, 'start')

local function request(method, params)
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 60000)
  check(answers and answers[client], method .. ' is answered')
  check(not answers[client].err, method .. ': ' .. vim.inspect(answers[client].err))
  return answers[client].result
end

-- Puts the cursor on the first match of a pattern.
local function go(pattern)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  check(vim.fn.search(pattern, 'c') > 0, 'there is ' .. pattern)
end

local function at(pattern)
  go(pattern)
  local client_encoding = vim.lsp.get_client_by_id(client).offset_encoding
  return vim.lsp.util.make_position_params(0, client_encoding)
end

local function errors()
  return vim.diagnostic.get(buffer, { severity = vim.diagnostic.severity.ERROR })
end

-- A mistake appears, and goes when it is mended.
check(#errors() == 0, 'no errors at first')
go([['data': { 'filename': 'str']])
local line = vim.fn.line('.')
local right = vim.fn.getline(line)
vim.fn.setline(line, (right:gsub("'str'", "'strr'", 1)))
wait(function() return #errors() == 1 end, 'a mistake appears')
check(errors()[1].code == 'REF-UNKNOWN' or errors()[1].user_data.lsp.code == 'REF-UNKNOWN', 'its code')
local screen = {}
for number = line - 2, line + 2 do
  table.insert(screen, string.format('%5d %s', number, vim.fn.getline(number)))
end
table.insert(screen, '      ' .. errors()[1].message:match('[^\n]*'))
vim.fn.setline(line, right)
wait(function() return #errors() == 0 end, 'the mistake is gone')

-- Hover, definition, references.
local hover = request('textDocument/hover', at([['\zsImageInfoSpecificKind', 'data\|'discriminator': '\zstype']]))
check(hover and #hover.contents.value > 0, 'hover')
table.insert(screen, '')
vim.list_extend(screen, vim.split(hover.contents.value, '\n'))
local found = request('textDocument/definition', at([['base': '\zsBlockdevOptionsGenericFormat']]))
check(#found == 1 and found[1].uri == vim.uri_from_fname(file), 'definition')
local params = at([['struct': '\zsBlockdevOptionsGenericFormat']])
params.context = { includeDeclaration = true }
local uses = request('textDocument/references', params)
check(#uses > 10, 'references')

-- Completion of a type.
go([['data': { 'filename': 'str']])
vim.fn.setline(line, (right:gsub("'str'", "'BlockdevOnErr'", 1)))
local items = request('textDocument/completion', at([['\zsBlockdevOnErr']]))
local has = false
for _, item in ipairs(items.items) do has = has or item.label == 'BlockdevOnError' end
check(has, 'completion')
vim.fn.setline(line, right)

-- Renaming a type keeps the schema right.
params = at([['enum': '\zsBlockdevOnError']])
params.newName = 'BlockdevWhenError'
local edit = request('textDocument/rename', params)
local encoding = vim.lsp.get_client_by_id(client).offset_encoding
vim.lsp.util.apply_workspace_edit(edit, encoding)
check(vim.fn.search([['enum': 'BlockdevWhenError']], 'cw') > 0, 'renamed')
check(vim.fn.search([['BlockdevOnError']], 'cw') == 0, 'renamed everywhere')
vim.wait(200)
local diagnostics = request('textDocument/hover', at([['enum': '\zsBlockdevWhenError']]))
check(diagnostics ~= nil, 'the new name is known')
wait(function() return #errors() == 0 end, 'no errors after renaming')

-- Formatting.
vim.fn.append(vim.fn.line('$'), { "{ 'struct':'Untidy','data':{ 'x':'int' } }" })
local edits = request('textDocument/formatting', { textDocument = { uri = vim.uri_from_fname(file) }, options = { tabSize = 2, insertSpaces = true } })
vim.lsp.util.apply_text_edits(edits, buffer, encoding)
check(vim.fn.search([[{ 'struct': 'Untidy', 'data': { 'x': 'int' } }]], 'cw') > 0, 'formatted')

vim.fn.writefile(screen, vim.env.SCREEN)
vim.lsp.stop_client(client)
vim.cmd('qall!')
