/* What filt does otherwise when it is called as tcpdump. The options that differ are rows in
 * tcpdump.c; everything else is a row here: a member of struct habits, true of tcpdump, and what
 * the manual page says of both. Code asks for the habit, never for the name of the program. */
#pragma once

#include <stdbool.h>

/* X(member, subject, what filt does, what tcpdump does) */
/* clang-format off */
#define HABITS(X)                                                                                  \
        X(names, "Addresses and ports",                                                            \
          "are numbers, or names with --resolve",                                                  \
          "are names, or numbers with -n")                                                         \
        X(waits_for_names, "A name that is not known after a moment",                              \
          "is a number until it is",                                                               \
          "is waited for")                                                                         \
        X(last_source, "Of several -r, or several -i,",                                            \
          "the packets are merged by time",                                                        \
          "the last one counts")                                                                   \
        X(in_turn, "The files of -V",                                                              \
          "are merged by time, and -c is for all of them",                                         \
          "come one after another, and -c is for each")                                            \
        X(classic_files, "What -w writes",                                                         \
          "is pcapng, or compressed, if the file's name says so",                                  \
          "is classic pcap, whatever the name")                                                    \
        X(microseconds, "Time stamps of -w",                                                       \
          "have nanoseconds if those of the source have",                                          \
          "have microseconds, or nanoseconds with --nano")                                         \
        X(open_files, "The files of -w",                                                           \
          "are for their owner alone",                                                             \
          "are for whom the umask leaves them to")                                                 \
        X(numbers_behind, "The number that -C gives a file",                                       \
          "stands before the suffix: x-1.pcap",                                                    \
          "stands behind the name: x.pcap1")                                                       \
        X(slices_from_start, "The files of -G",                                                    \
          "begin at full multiples of that time, also when nothing comes",                         \
          "begin that time after the start, with the first packet after it")                       \
        X(prints_counted, "--count with -w and --print",                                           \
          "prints the number of packets alone",                                                    \
          "prints the packets, too")                                                               \
        X(rotated_alone, "The command of -z",                                                      \
          "gets each file",                                                                        \
          "gets the files that -C and -G end, not that which is the last because the capture ends") \
        X(hangup_ends, "SIGHUP",                                                                   \
          "has the file of -w opened anew",                                                        \
          "ends the capture")                                                                      \
        X(one_status, "The status of bad usage, and of a filter that does not compile,",           \
          "is 2",                                                                                  \
          "is 1")                                                                                  \
        X(words_after_file, "Words of an expression next to -F",                                   \
          "are refused",                                                                           \
          "are ignored")                                                                           \
        X(direction_is_live, "-Q with -r",                                                         \
          "takes the packets of that direction",                                                   \
          "takes all packets")                                                                     \
        X(links_are_messages, "What -L says",                                                      \
          "goes to standard output",                                                               \
          "goes to standard error")                                                                \
        X(links_of_interface, "-L with -r",                                                        \
          "lists the file's link types",                                                           \
          "prints the file's packets")                                                             \
        X(bare_lines, "Where packets come from, and how many came,",                               \
          "is said in lines that begin with filt:",                                                \
          "is said in the lines of tcpdump, whose counts are three")                               \
        X(bare_packets, "What a pcapng file says besides packets: interfaces and, with -v, comments,", \
          "is printed with them",                                                                  \
          "is not; LINUX_SLL2's interfaces have this machine's names")                             \
        X(libpcaps_words, "What is wrong with an expression, or with a file of packets,",          \
          "is said with its place, and with what to write instead",                                \
          "is said in libpcap's words, an expression after where packets come from")               \
        X(plain_lines, "On a terminal, lines",                                                     \
          "are coloured, and the progress of reading is shown",                                    \
          "are not")                                                                               \
        X(tcpdumps_protocols, "TLS, QUIC, HTTP/2 and other protocols that tcpdump does not know",  \
          "are printed, on any port where they are known by their look",                           \
          "are not")                                                                               \
        X(late_file, "What is wrong with the file of -F",                                          \
          "is said at the start; - is standard input",                                             \
          "is said after where packets come from; - is a file called so")                          \
        X(late_secrets, "What is wrong with -E",                                                   \
          "is said at the start, and ends filt where a digit or a file is wrong",                  \
          "is said at the first packet of ESP or ISAKMP, and then ends it with status 15 or 13")   \
        X(activates, "An interface that is down, or has not the time stamps of -j,",                \
          "ends filt where packets are wanted from it, and what can be done is said",              \
          "ends it at once, also with -L; the time stamps are then the host's, after a warning")   \
        X(silent_changes, "An interface that goes down, comes up or gets another name",            \
          "is told",                                                                               \
          "is not")                                                                                \
        X(any_output, "-w - to a terminal, or with -C, -G or -z,",                                 \
          "is refused",                                                                            \
          "writes the packets to it, as the first file of them")
/* clang-format on */

struct habits {
#define MEMBER(member, subject, filt, tcpdump) bool member;
        HABITS(MEMBER)
#undef MEMBER
};

extern const struct habits filt_habits, tcpdump_habits;

/* The rows as text for the manual page; ended by a NULL subject. */
struct habit {
        const char *subject, *filt, *tcpdump;
};
extern const struct habit habit_texts[];
