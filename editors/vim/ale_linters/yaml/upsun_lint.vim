" Description: upsun-lint, the linter and language server for the configuration of Upsun projects

call ale#Set('yaml_upsun_lint_executable', 'upsun-lint')

" Only of a file below a folder .upsun is there a root, and without one ALE does not start the server.
function! ale_linters#yaml#upsun_lint#GetProjectRoot(buffer) abort
    let l:path = substitute(expand('#' . a:buffer . ':p'), '\\', '/', 'g')
    let l:root = matchstr(l:path, '^.*\ze/\.upsun/.\+')

    return l:root
endfunction

call ale#linter#Define('yaml', {
\   'name': 'upsun_lint',
\   'lsp': 'stdio',
\   'executable': {b -> ale#Var(b, 'yaml_upsun_lint_executable')},
\   'command': '%e server',
\   'language': 'yaml',
\   'project_root': function('ale_linters#yaml#upsun_lint#GetProjectRoot'),
\})
