# fish completion for filt.

complete -c filt -f

# __filt_is NAME: whether the command line is one of this subcommand; `capture` is none.
function __filt_is
        set -l words (commandline -opc)
        if test (count $words) -gt 1; and contains -- $words[2] $__filt_subcommands
                test $words[2] = $argv[1]
        else
                test $argv[1] = capture
        end
end

function __filt_first
        test (count (commandline -opc)) -eq 1
end

function __filt_interfaces
        echo any
        for interface in /sys/class/net/*
                path basename $interface 2>/dev/null; or basename $interface
        end
end

@fish@
