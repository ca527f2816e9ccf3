" Does what a user does, and writes down what is seen.

function! s:Wait(what, condition) abort
    let l:start = reltime()
    while reltimefloat(reltime(l:start)) < str2float($PATIENCE)
        if eval(a:condition)
            return
        endif
        sleep 50m
    endwhile
    throw 'timed out while waiting for ' . a:what
endfunction

function! Found() abort
    return ale#engine#GetLoclist(bufnr(''))
endfunction

function! Previewed() abort
    for l:window in getwininfo()
        if getbufvar(l:window.bufnr, '&filetype') ==# 'ale-preview.message'
            return join(getbufline(l:window.bufnr, 1, '$'), "\n")
        endif
    endfor
    return ''
endfunction

" A user chooses from a menu; this one takes the first.
function! s:TakeFirst(data, actions) abort
    call ale#codefix#ApplyLSPCodeAction(a:data, a:actions[0][1])
endfunction

function! s:Drive() abort
    let l:seen = {'version': v:version}
    edit $OTHER
    ALELint
    let l:other = bufnr('')
    let l:elsewhere = [&filetype, len(ale#lsp#GetConnections())]

    edit $FILE
    call s:Wait('a finding', '!empty(Found())')
    " Had the server seen the other file, which was opened first, its findings would be here by now.
    let l:seen.elsewhere = l:elsewhere + [len(ale#engine#GetLoclist(l:other))]
    let l:seen.findings = map(copy(Found()), {_, one -> {'line': one.lnum, 'type': one.type, 'text': one.text}})

    call search('queue:')
    ALEHover
    call s:Wait('the hover', '!empty(Previewed())')
    let l:seen.hover = Previewed()
    pclose

    call cursor(1, 1)
    call search('&')
    call ale#codefix#Execute(0, function('s:TakeFirst'))
    call s:Wait('the fix', '!search("&", "nw")')
    let l:seen.action = getline(1, '$')

    call ale#lsp#StopAll()
    return l:seen
endfunction

try
    let s:seen = s:Drive()
catch
    let s:seen = {'failure': v:exception . ' in ' . v:throwpoint}
endtry
call writefile([json_encode(s:seen)], $RESULT)
qall!
