/* What may follow a word of the filter language, for the completions: by the kind of the word. */
#include "generate.h"

#include "base/array.h"

#include <stdio.h>
#include <string.h>

/* Words that begin no test. */
#define INSIDE "and or in mask"

/* What has a source and a destination, depends on the word before these. */
#define ENDS "src dst"

static const struct {
        const char *words;
        const char *follow; /* NULL: all that begins a test */
} rows[] = {
    {"tcp udp sctp", "port portrange src dst and or ["},
    {"ip", "host net src dst proto protochain broadcast multicast and or ["},
    {"ip6", "host net src dst proto protochain multicast and or ["},
    {"arp rarp", "host net src dst and or ["},
    {"ether link fddi tr wlan", "host src dst proto broadcast multicast ["},
    {"icmp icmp6 igmp igrp pim vrrp carp", "and or ["},
    {ENDS, "host net port portrange and or"},
    {"host net port", "in"},
    {"portrange proto protochain gateway less greater len length in", ""},
    {"and or not deep outer inner", NULL},
};

static const struct {
        const char *words, *follow;
} rows_of_ends[] = {
    {"tcp udp sctp", "port portrange and or"},
    {"ip ip6 arp rarp", "host net and or"},
    {"ether link fddi tr wlan", "host and or"},
};

bool following_names(size_t row, const char **words)
{
        if (row >= 2 * array_count(rows))
                return false;
        *words = row % 2 ? rows[row / 2].follow : rows[row / 2].words;
        return true;
}

static void put_pattern(const char *words)
{
        for (; *words; words++)
                if (*words == ' ')
                        fputs(" | ", stdout);
                else
                        putchar(*words);
}

static void put_ends(const char *otherwise)
{
        printf(")\n                case ${2##*[\\(\\!\\&\\|]} in\n");
        for (size_t i = 0; i < array_count(rows_of_ends); i++) {
                printf("                ");
                put_pattern(rows_of_ends[i].words);
                printf(") echo '%s' ;;\n", rows_of_ends[i].follow);
        }
        printf("                *) echo '%s' ;;\n                esac ;;\n", otherwise);
}

static void put_fish_ends(const char *otherwise)
{
        printf("switch (string replace -r -- '.*[(!&|]' '' \"$line[-2]\")\n");
        for (size_t i = 0; i < array_count(rows_of_ends); i++)
                printf("                case %s\n                        string split ' ' '%s'\n",
                       rows_of_ends[i].words, rows_of_ends[i].follow);
        printf("                case '*'\n                        string split ' ' '%s'\n"
               "                end\n",
               otherwise);
}

void write_following(void)
{
        printf("# _filt_after BEFORE EARLIER WORDS: those of the words that may stand behind these "
               "two.\n"
               "_filt_after() {\n"
               "        local begin=\" $3 \" word\n"
               "        for word in " INSIDE "; do begin=${begin/ $word / }; done\n"
               "        case ${1##*[\\(\\!\\&\\|]} in\n"
               "        '' | -*) echo \"$begin\" ;;\n");
        for (size_t i = 0; i < array_count(rows); i++) {
                printf("        ");
                put_pattern(rows[i].words);
                if (strcmp(rows[i].words, ENDS) == 0)
                        put_ends(rows[i].follow);
                else if (rows[i].follow)
                        printf(") echo '%s' ;;\n", rows[i].follow);
                else
                        printf(") echo \"$begin\" ;;\n");
        }
        printf("        *) case $2 in -*) echo \"$begin\" ;; *) echo 'and or' ;; esac ;; # what an "
               "option takes\n"
               "        esac\n}\n");
}

void write_fish_following(void)
{
        printf("\n# __filt_after WORDS: those of the words that may stand behind the last two.\n"
               "function __filt_after\n"
               "        set -l line '' (commandline -opc)[2..]\n"
               "        set -l begin\n"
               "        for word in $argv\n"
               "                contains -- $word " INSIDE "; or set -a begin $word\n"
               "        end\n"
               "        switch (string replace -r -- '.*[(!&|]' '' \"$line[-1]\")\n"
               "        case '' '-*' $__filt_subcommands\n"
               "                printf '%%s\\n' $begin\n");
        for (size_t i = 0; i < array_count(rows); i++) {
                printf("        case %s\n                ", rows[i].words);
                if (strcmp(rows[i].words, ENDS) == 0)
                        put_fish_ends(rows[i].follow);
                else if (!rows[i].follow)
                        printf("printf '%%s\\n' $begin\n");
                else if (*rows[i].follow)
                        printf("string split ' ' '%s'\n", rows[i].follow);
                else
                        printf("true\n");
        }
        printf("        case '*'\n"
               "                if string match -q -- '-*' \"$line[-2]\"\n"
               "                        printf '%%s\\n' $begin # behind what an option takes\n"
               "                else\n"
               "                        string split ' ' 'and or'\n"
               "                end\n"
               "        end\nend\n");
}
