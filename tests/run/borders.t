#!/bin/bash
# The borders between the program's folders: tests/borders finds no fault, and finds those put in on purpose.
. "$(dirname "$0")/../tap.sh"
build=${BUILD:-build}

run tests/borders "$build"
is "$status" 0 'no undeclared arrow, no cycle, no private header included from outside' || note "$out"

# The files that docs/internals.md names exist.
named=$(grep -oE '`(base|bench|capture|cbpf|cli|docs|ebpf|net|print|tests)/[a-zA-Z0-9_./]+`' docs/internals.md | tr -d '`' |
        grep -vE 'NAME|LAYER|TOOL|skel' | sort -u)
ok 'docs/internals.md names files' test "$(wc -l <<<"$named")" -gt 40
missing=$(while read -r file; do [ -e "$file" ] || echo "$file"; done <<<"$named")
is "$missing" '' 'all of them are there'

# A copy of the tree as tests/borders sees it, to put faults into.
tree=$scratch/tree
mkdir "$tree"
find tests/borders base capture cbpf cli ebpf net print -type f -print0 | xargs -0 tar -cf - | tar -xf - -C "$tree"
find "$build" -name '*.o' -print0 | xargs -0 tar -cf - | tar -xf - -C "$tree"

# finds FILE TEXT WANTED NAME: with TEXT added at the end of FILE, tests/borders fails and says WANTED.
finds() {
        cp "$tree/$1" "$scratch/source"
        cp "$tree/$build/${1%.c}.o" "$scratch/object"
        printf '%s\n' "$2" >>"$tree/$1"
        "${CC:-cc}" -std=gnu11 -D_GNU_SOURCE -DFILT_VERSION='""' -I"$tree" -I"$build" -c \
                -o "$tree/$build/${1%.c}.o" "$tree/$1"
        run env -C "$tree" tests/borders "$build"
        is "$status" 1 "$4"
        like "$out" "$3" "$4: named"
        cp "$scratch/source" "$tree/$1"
        cp "$scratch/object" "$tree/$build/${1%.c}.o"
}

finds base/arena.c 'int cbpf_compile(void); int stray(void) { return cbpf_compile(); }' \
        'base/ must not use cbpf/: base/arena.c uses cbpf_compile' 'an arrow that points up'
like "$out" 'folders in a cycle: base ' 'which makes a cycle of folders'
finds cbpf/jit/plan.c 'void stray(void) { cbpf_jit_free(0); }' \
        'files in a cycle: cbpf/jit/jit cbpf/jit/plan' 'a cycle of files'
finds cli/main.c '#include "cbpf/ir/ir.h"' 'cli/main.c includes cbpf/ir/ir.h, which is private' 'a private header'
finds base/arena.c "$(yes // | head -800)" 'base/arena.c has .* lines' 'a source that has grown too long'

sed -i 's/^capture .*/& ebpf/' "$tree/tests/borders"
run env -C "$tree" tests/borders "$build"
is "$status" 1 'an arrow in the table that nothing needs'
like "$out" 'capture/ does not use ebpf/' 'an arrow in the table that nothing needs: named'

rm "$tree/$build/base/arena.o"
run env -C "$tree" tests/borders "$build"
like "$err" 'no .*/base/arena.o: build first' 'an object that is missing'
done_testing
