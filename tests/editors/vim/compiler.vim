" Does what a user without plugins does, and writes down what is seen.
set nocompatible noswapfile
set runtimepath^=$EDITOR_FILES
edit $FILE
compiler upsun_lint
silent make!
let s:found = map(getqflist(), {_, one -> extend(one, {'file': fnamemodify(bufname(one.bufnr), ':p')})})
call writefile([json_encode({'quickfix': s:found})], $RESULT)
qall!
