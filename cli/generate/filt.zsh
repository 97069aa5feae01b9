#compdef filt
# zsh completion for filt.

_filt_interfaces() { compadd any /sys/class/net/*(N:t) }

@zsh@

_filt() {
        local subcommand=$words[2]

        if (( CURRENT > 2 && ${_filt_subcommands[(I)$subcommand:*]} )); then
                shift words
                (( CURRENT-- ))
                _filt_$subcommand
        else
                _filt_
        fi
}

if [ "$funcstack[1]" = _filt ]; then _filt "$@"; else compdef _filt filt; fi
