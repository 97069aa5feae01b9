# shellcheck shell=bash
# bash completion for filt.

@bash@

# _filt_words CURRENT WORDS: those of the words that begin so.
_filt_words() { mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1"); }

_filt_files() {
        compopt -o filenames 2>/dev/null # there is none to set while a test drives this
        mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

# _filt_expression CURRENT BEFORE EARLIER WORDS: what may be the last word of CURRENT, which may be an
# expression in quotes; the other two are the words before it on the line.
_filt_expression() {
        local current=$1 before=$2 earlier=$3 words=$4 word inside
        word=${current##*[ ()!&|]}
        read -ra inside <<<"${current%"$word"}"
        ((${#inside[@]} > 0)) && before=${inside[-1]} earlier=
        words=$(_filt_after "${before#[\"\']}" "$earlier" "$words")
        mapfile -t COMPREPLY < <(compgen -P "${current%"$word"}" -W "$words" -- "$word")
}

# _filt_option_value SUBCOMMAND OPTION CURRENT: completes what this option takes. Fails if it takes
# nothing.
_filt_option_value() {
        local takes
        takes=$(_filt_takes "$1" "$2" " ${COMP_WORDS[*]} ")
        case $takes in
        '') return 1 ;;
        FILE | FOLDER) _filt_files "$3" ;;
        TYPE) _filt_words "$3" "$_filt_link_types" ;;
        INTERFACE) _filt_words "$3" "any $(ls /sys/class/net 2>/dev/null)" ;;
        *'|'*) _filt_words "$3" "${takes//|/ }" ;;
        *) COMPREPLY=() ;; # a number, a time: nothing to propose
        esac
}

_filt() {
        local current=${COMP_WORDS[COMP_CWORD]} previous='' subcommand='' i
        COMPREPLY=()
        # A word after = is one of its own here: --format = asm.
        ((COMP_CWORD > 0)) && previous=${COMP_WORDS[COMP_CWORD - 1]}
        if [ "$current" = = ]; then
                current=
        elif [ "$previous" = = ] && ((COMP_CWORD > 1)); then
                previous=${COMP_WORDS[COMP_CWORD - 2]}
        fi
        # An opening quote is the shell's, not the expression's.
        case $current in [\"\']*) current=${current:1} ;; esac
        ((COMP_CWORD > 1)) && [[ " $_filt_subcommands " == *" ${COMP_WORDS[1]} "* ]] && subcommand=${COMP_WORDS[1]}
        for ((i = 1; i < COMP_CWORD; i++)); do
                if [ "${COMP_WORDS[i]}" = -- ] && [ "$subcommand" = write-trace ]; then
                        mapfile -t COMPREPLY < <(compgen -c -- "$current")
                        return
                fi
        done
        _filt_option_value "$subcommand" "$previous" "$current" && return
        [ "$previous" = in ] && { _filt_files "$current"; return; } # host in FILE
        case $current in -*)
                _filt_words "$current" "$(_filt_options_of "$subcommand")"
                return
                ;;
        esac
        i=$(_filt_words_of "$subcommand")
        ((COMP_CWORD == 1)) && i+=" $_filt_subcommands"
        if [[ $_filt_filters != *" $subcommand "* ]]; then
                _filt_words "$current" "$i"
        elif ((COMP_CWORD < 2)) || [[ -n $subcommand && COMP_CWORD -eq 2 ]]; then
                _filt_expression "$current" '' '' "$i"
        else
                _filt_expression "$current" "${COMP_WORDS[COMP_CWORD - 1]}" "${COMP_WORDS[COMP_CWORD - 2]}" "$i"
        fi
}

complete -F _filt filt
