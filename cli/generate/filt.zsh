#compdef filt
# zsh completion for filt.

_filt_interfaces() { compadd any /sys/class/net/*(N:t) }

# What may be the last word, of the line or of an expression in quotes.
_filt_expression() {
        local before=${words[CURRENT-1]-} earlier= inside last
        local -a within

        (( CURRENT > 2 )) && earlier=$words[CURRENT-2]
        (( CURRENT > 2 )) || before=
        if [[ $PREFIX == *[\ \(\)\!\&\|]* ]]; then
                last=${PREFIX##*[ \(\)\!\&\|]}
                inside=(${=PREFIX%$last})
                before=${inside[-1]-} earlier=
                compset -P '*[ \(\)\!\&\|]'
        fi
        [[ -n $compstate[quote] ]] && within=(-S ' ')
        compadd $within -- ${=$(_filt_after "$before" "$earlier" "$_filt_words")}
}

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
