# shellcheck shell=bash
# What the scripts on filt demo share: an ordinary user, and programs that do otherwise. Sourced after tap.sh.

PATH=$PATH:/usr/sbin:/sbin
chmod 755 "$scratch"
cp "$filt" "$scratch/filt"
filt=$scratch/filt # where an ordinary user may reach it, wherever this folder is
# By way of env: setpriv itself still holds capabilities, which the next exec takes away.
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups env)

# wrapper FOLDER PROGRAM TEXT: a script that stands in for PROGRAM where PATH begins with the folder.
wrapper() {
        mkdir -p "$scratch/$1"
        printf '#!/bin/sh\n%s\n' "$3" >"$scratch/$1/$2"
        chmod 755 "$scratch/$1/$2"
}
