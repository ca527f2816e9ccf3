" Vim without any plugin: `:compiler` for the linter. Copy it to ~/.vim/compiler/upsun_lint.vim, then
"     :compiler upsun_lint
"     :make
" checks the project that the file belongs to, and :cnext goes from one finding to the next.

if exists('current_compiler')
    finish
endif

let current_compiler = 'upsun_lint'

CompilerSet makeprg=upsun-lint\ check\ --format\ concise\ --quiet
CompilerSet errorformat=%f:%l:%c:\ %t%*[a-z][%*[a-z-]]\ %m
