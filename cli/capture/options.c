/* The capture command's options: letters and long names as tcpdump has them. */
#include "base/array.h"
#include "capture.h"
#include "file_names.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
        MAX_KIB = 4194303,
        MAX_FILE_MEGABYTES = 1000000000,
        MAX_THREADS = 64,
};

/* Appends to texts that an option adds to each time it is given. */
static bool append(const char ***texts, size_t *count, size_t *room, const char *text)
{
        if (!array_grow(*texts, *room, *count + 1)) {
                out_of_memory();
                return false;
        }
        (*texts)[(*count)++] = text;
        return true;
}

/* -r */
bool take_input(void *place, const struct cli_option *option, const char *path)
{
        struct capture_command *command = place;

        (void)option;
        return append(&command->read_files, &command->read_count, &command->read_room, path);
}

/* -i */
bool take_device(void *place, const struct cli_option *option, const char *device)
{
        struct capture_command *command = place;

        (void)option;
        return append(&command->devices, &command->device_count, &command->device_room, device);
}

/* --fate */
static bool take_fate(void *place, const struct cli_option *option, const char *value)
{
        int word = value ? parse_word("--fate", value, option->value) : 0;

        if (word < 0)
                return false;
        *(int *)place = FATE_END + word;
        return true;
}

/* --at */
static bool take_place(void *place, const struct cli_option *option, const char *text)
{
        struct capture_command *command = place;

        (void)option;
        return append(&command->places, &command->place_count, &command->place_room, text);
}

/* --comment */
static bool take_comment(void *place, const struct cli_option *option, const char *text)
{
        struct capture_command *command = place;

        (void)option;
        return append(&command->comments, &command->comment_count, &command->comment_room, text);
}

/* -E */
static bool take_secrets(void *place, const struct cli_option *option, const char *list)
{
        struct capture_command *command = place;

        (void)option;
        return append(&command->secrets, &command->secret_count, &command->secret_room, list);
}

/* -m */
static bool take_module(void *place, const struct cli_option *option, const char *module)
{
        struct print_options *printing = place;
        struct error error;

        (void)option;
        if (!printing->mibs)
                printing->mibs = print_mibs_new(&error);
        if (printing->mibs && print_mibs_add(printing->mibs, module, &error) == 0)
                return true;
        if (error.kind == ERROR_MEMORY)
                out_of_memory();
        else
                complain("option -m: %s", error.message);
        return false;
}

/* What tcpdump has and filt need not do. */
static bool take_nothing(void *place, const struct cli_option *option, const char *value)
{
        (void)place;
        (void)option;
        (void)value;
        return true;
}

/* --time-stamp-type */
bool take_time_stamp_type(void *place, const struct cli_option *option, const char *value)
{
        int word = parse_word_in_any_case("--time-stamp-type", value, CAPTURE_TIME_STAMPS);

        (void)option;
        *(int *)place = word;
        return word >= 0;
}

/* -Q */
static bool take_direction(void *place, const struct cli_option *option, const char *value)
{
        int word = parse_word_in_any_case("-Q", value, option->value);

        *(int *)place = word;
        return word >= 0;
}

/* -T */
static bool take_packet_type(void *place, const struct cli_option *option, const char *value)
{
        int word;

        (void)option;
        word = parse_word_in_any_case("-T", value, PRINT_TYPES);
        if (word < 0)
                return false;
        *(int *)place = PRINT_TYPE_BY_PORT + 1 + word;
        return true;
}

/* --print-sampling: numbers relative to packets that are left out would tell nothing. */
static bool take_sampling(void *place, const struct cli_option *option, const char *value)
{
        struct capture_command *command = place;

        command->print = true;
        command->printing.absolute_sequence = true;
        return take_number(&command->sampling, option, value);
}

#define FILE_FORMATS "pcap|pcapng"
#define AT(member) offsetof(struct capture_command, member)

const struct cli_option capture_rows[] = {
    {.heading = "Source"},
    {'i', "interface", "INTERFACE", take_device, .repeats = true,
     .help =
         "capture on this interface, or on those that match a pattern, such as 'eth*'; `any` is "
         "all of them, a number is that of one in the list of -D; several are merged by time",
     .more =
         "Without -i and -r, the first interface of that list is taken. Packets of `any`, and "
         "of interfaces without a link type of their own, get a LINUX_SLL2 header. VLAN tags, "
         "which the kernel keeps apart, are put back into the packet. With several interfaces, "
         "a packet is held back for a moment, until no other interface can bring an earlier "
         "one; the ring of -B is each interface's own. What is no network interface is captured "
         "through libpcap, alone: nflog:GROUP and nfqueue:QUEUE (whose packets go on) of "
         "iptables(8) and nft(8), usbmonN, bluetoothN, bluetooth-monitor, dbus-system and "
         "dbus-session."},
    {'r', NULL, "FILE", take_input, .repeats = true,
     .help = "read a pcap or pcapng file, also one compressed with gzip or zstd; `-` is standard "
             "input; several are merged by time",
     .more = "Compression is recognized whatever the name of the file. Packets with equal times "
             "come in the order of their files. Formats that filt does not know are left to "
             "libpcap. Packets of several link types, from pcapng or several files, are each "
             "filtered and printed by their own."},
    {'V', NULL, "FILE", take_text, AT(list_file),
     .help = "read the files whose names are in this file, one a line"},
    {'c', "packets", "N", take_number, AT(count), 1, UINT64_MAX, .help = "stop after N packets"},
    {0, "skip", "N", take_number, AT(skip), 0, UINT64_MAX,
     .help = "pass over the first N packets, which do not count for -c"},
    {'s', "snapshot-length", "N", take_number, AT(snapshot_length), 0, CAPTURE_MAX_SNAPSHOT,
     .help = "keep at most N bytes of each packet of a live capture (default, and meaning of 0: "
             "262144)"},
    {'B', "buffer-size", "KIB", take_number, AT(buffer), 1, MAX_KIB,
     .help = "size of the kernel's ring of packets (default 16384; for each of many interfaces, "
             "down to 2048)",
     .more = "Where packets are few, they reach filt within a tenth of a second, and filt may be "
             "stopped for some eight seconds before any is lost. With a smaller ring, they come "
             "later, up to a second, so that it lasts as long."},
    {'Q', "direction", "in|out|inout", take_direction, AT(direction),
     .help = "only packets received, only packets sent, or both",
     .more = "With -r, the file has to say it of its packets, as pcapng does if their directions "
             "were captured, and LINUX_SLL and LINUX_SLL2 do; the same holds for `inbound` and "
             "`outbound` in an expression. Other files are refused."},
    {'p', "no-promiscuous-mode", NULL, take_no, AT(promiscuous),
     .help = "do not put the interface into promiscuous mode"},
    {0, "wait", NULL, take_yes, AT(wait), .own = true,
     .help =
         "wait for an interface that is absent or down, and for one that is deleted to come back",
     .more =
         "With a pattern, interfaces that appear later and match it are captured on, too. The "
         "time of --duration counts from the start, and a pcapng file is there from the start; "
         "one in classic pcap format begins with the link type, and so with the first "
         "interface. Without this option, an interface has to be there and up at the start. One "
         "that goes down later is captured on again once it is up; one that is deleted is not, "
         "and when the last of them is, the capture ends with status 1."},
    {0, "process", NULL, take_yes, AT(process), .own = true,
     .help = "live: tell which processes send and receive the packets",
     .more = "See PROCESSES below."},
    {0, "netns", "NAME|PID|PATH", take_text, AT(netns), .own = true,
     .help = "capture in this network namespace: of ip(8) netns, of a process, or in a file"},
    {0, "container", "ID", take_text, AT(container), .own = true,
     .help = "capture in the network namespace of this container, by its ID or the start of it"},
    {0, "all-netns", NULL, take_yes, AT(all_netns), .own = true,
     .help = "capture on all interfaces of all network namespaces, also of those that appear later",
     .more = "See NETWORK NAMESPACES below."},
    {'I', "monitor-mode", NULL, take_yes, AT(monitor_mode),
     .help = "put a wireless interface into monitor mode"},
    {0, "time-stamp-type", "TYPE", take_time_stamp_type, AT(time_stamp_type),
     .help = "who takes the time of packets: host, adapter, adapter_unsynced, ...",
     .more = "-J lists the types of an interface; pcap-tstamp(7) describes them."},
    {'J', "list-time-stamp-types", NULL, take_yes, AT(list_time_stamps),
     .help = "list the time stamp types of the interface and exit"},
    {'a', NULL, NULL, take_nothing, .help = "accepted for tcpdump's sake: it had a meaning once"},
    {0, "immediate-mode", NULL, take_nothing,
     .help = "accepted for tcpdump's sake: packets are never held back for long"},
    {'j', "jobs", "N", take_number, AT(threads), 1, MAX_THREADS,
     .help = "read and filter a file with N threads",
     .more = "This pays, and is done, for a single uncompressed file in classic pcap format; the "
             "packets and their order stay the same. The default is a thread for each core, at "
             "most four, for files of 32 MiB and more, and one for smaller ones."},
    {0, "progress", NULL, take_constant, AT(progress), 1, .own = true,
     .help = "show how far reading is, also where standard error is no terminal",
     .more = "Without this option and --no-progress, that is shown if standard error is a "
             "terminal, packets are not printed to one, and reading takes more than a second."},
    {0, "no-progress", NULL, take_constant, AT(progress), 0, .own = true, .help = "never show it"},
    {'D', "list-interfaces", NULL, take_yes, AT(list_devices),
     .help = "list the interfaces and exit"},
    {'L', "list-data-link-types", NULL, take_yes, AT(list_links),
     .help = "list the link types of the interface or file and exit",
     .more = "Of a file, all link types; and of a pcapng file what it says of the machine and "
             "the program that captured it, of each interface, and its comments. Of an interface, "
             "`packets` are those in the file; `received` and `dropped` are the counts that the "
             "capturing program wrote down at its end: of packets that reached the interface or, "
             "if that program is filt, its filter, and of those among them that were lost because "
             "the program was too slow."},

    {.heading = "Filter"},
    {'F', NULL, "FILE", take_text, AT(expression_file),
     .help = "read the expression from a file; `-` is standard input"},
    {0, "program", "FILE", take_text, AT(program), .own = true,
     .help = "use the program in this file in place of an expression, in any form that -d --format "
             "prints, but for extended ones",
     .more = "`-` is standard input. The form is recognized. A program that breaks a rule of the "
             "kernel is refused, with the instruction and the rule. It is shown, run and attached "
             "unchanged; only its author knows whether it is meant for packets of this link type. "
             "The value it returns truncates a live packet. On a file, loads of what only the "
             "kernel knows (the VLAN tag it has removed, the mark, and so on) reject the packet, "
             "with a warning; and the kernel's limit of 4096 instructions does not apply."},
    {'d', NULL, NULL, take_more, AT(listed), 0, 3,
     .help = "print the compiled program and exit: as a listing, as C, as numbers",
     .more = "With -i, it is the program as the kernel will run it for that interface."},
    {0, "format", PROGRAM_FORMS, take_text, AT(form_name), .with = "-d", .own = true,
     .help = "with -d: print it in this form; iptables and tc are command lines",
     .more = "See FORMS OF A PROGRAM below."},
    {0, "at", "socket|xdp|tc|cgroup|nf", take_place, .repeats = true, .own = true,
     .help = "capture at this place in the kernel; with -d, where an extended program is to run",
     .more = "See PLACES below. It may be given several times."},
    {0, "fate", "end|path", take_fate, AT(fate), .optional = true, .own = true,
     .help = "tell of each packet what became of it: delivered, forwarded, sent, or dropped, where "
             "and by which rule",
     .more = "With `path`, also where it has been. See FATE below."},
    {0, "fate-wait", "TIME", take_duration, AT(fate_wait), .own = true,
     .help = "with --fate: how long a packet waits for its end, at most (default 100ms)"},
    {0, "stats", NULL, take_yes, AT(statistics), .own = true,
     .help = "with -d: tell on standard error how many instructions the program has, how many of "
             "them run for one packet at most, and how long compiling took",
     .more = "Also tells whether libpcap had a part in it."},
    {0, "deep", NULL, take_yes, AT(deep), .own = true,
     .help = "let the expression look for any layer of a packet: behind VLAN tags, MPLS labels, "
             "PPPoE and IPv6 extension headers, and within tunnels",
     .more = "The whole expression then stands in deep ( ... ); see LAYERS below."},
    {0, "hints", NULL, take_constant, AT(hints), 1, .own = true,
     .help = "tell where the expression hardly means what it says, and what to write instead",
     .more =
         "Without this option and --no-hints, that is told if standard error is a terminal. The "
         "places are tests that look behind a VLAN tag, MPLS label or PPPoE session only because "
         "of where they stand, 'and' and 'or' without parentheses, tcp[...] of IPv6, ports of "
         "later fragments, and comparisons that are the same for every packet. It is also told "
         "that "
         "packets came which only --deep would find: of a file at its end, of an interface when "
         "the "
         "first one came."},
    {0, "no-hints", NULL, take_constant, AT(hints), 0, .own = true, .help = "never tell that"},
    {0, "follow-sets", NULL, take_yes, AT(follow_sets), .own = true,
     .help = "live: when a file that the expression names as a set changes, and on SIGHUP, filter "
             "by what it has then",
     .more = "No packet is missed meanwhile, and each is judged by the sets before or by those "
             "after. See SETS above."},
    {'O', "no-optimize", NULL, take_yes, AT(unoptimized),
     .help = "do not optimize: the default for --program"},
    {0, "optimize", "size|speed", take_optimize, AT(optimize), .optional = true, .own = true,
     .help =
         "optimize: the default for an expression; for the shortest program or the quickest one, "
         "instead of one that is short where that does not make it slower",
     .more = "The result accepts the same packets as the --program, except that it may decide "
             "early on a truncated packet if every completion of it would get the same answer."},
    {0, "no-jit", NULL, take_no, AT(jit), .own = true,
     .help = "interpret the program where filt runs it itself",
     .more = "filt runs the program itself on files, and live if the kernel does not take it: as "
             "machine code on x86-64, if the system allows executable memory and the program does "
             "not jump back; otherwise it is interpreted."},
    {'y', "linktype", "TYPE", take_link_type, AT(link_type),
     .help = "compile for this link type (default EN10MB: Ethernet); live, demand that the "
             "interface has it",
     .more = "Packets of `any` get a LINUX_SLL header in place of LINUX_SLL2's with -y LINUX_SLL; "
             "the filter then runs in filt, as the kernel does not see that header."},

    {.heading = "Saving"},
    {'w', NULL, "FILE", take_text, AT(write_file),
     .help = "write packets to a file instead of printing them; `-` is standard output",
     .more =
         "The format is classic pcap, or pcapng if the name ends in `.pcapng`; the file is "
         "compressed if the name ends in `.gz` or `.zst`, as in `x.pcapng.gz`; upper case is as "
         "good. Time stamps "
         "have nanoseconds if those of the source have. From one pcapng file to another, "
         "interfaces, comments, options and blocks of other kinds are kept. Of several that are "
         "merged: interfaces with their statistics, packets with their options, the comments of "
         "the first section of each, and of hardware, system and application what all of them "
         "say."},
    {0, "format", FILE_FORMATS, take_text, AT(form_name), .with = "-w", .own = true,
     .help = "with -w: the format of the file, whatever its name says"},
    {0, "comment", "TEXT", take_comment, .repeats = true, .with = "-w", .own = true,
     .help = "say this in the pcapng file that -w writes; several are kept apart",
     .more = "A live capture's pcapng file says more by itself: the hardware, the system and this "
             "program; each interface's name, description, filter, speed and statistics; and each "
             "packet's direction. `-L -r` shows it. With --resolve, it has the names of the "
             "packets' addresses, too."},
    {'C', NULL, "MB", take_number, AT(rotate_size), 1, MAX_FILE_MEGABYTES,
     .help = "begin another file once this one has more than so many million bytes",
     .more = "They are counted before compression. From the second file on, a number stands before "
             "the suffix: x.pcap, x-1.pcap, x-2.pcap; x.pcapng.gz, x-1.pcapng.gz. With -G, it "
             "starts again with each of its files. See also -W."},
    {'G', NULL, "SECONDS", take_number, AT(rotate_seconds), 1, INT32_MAX,
     .help = "begin another file once this one is so many seconds old",
     .more = "The name is a format of strftime(3) for the time at which the file is begun. Files "
             "begin at full multiples of SECONDS in local time, with 3600 at the full hour, so "
             "the first one is shorter; where -W counts them, SECONDS are counted from the "
             "start. With -r, the time is that of the packets, and a file begins with a packet."},
    {'W', NULL, "N", take_number, AT(rotate_files), 1, INT32_MAX,
     .help = "with -C, keep the last N files; with -G alone, stop after N files",
     .more = "With -G alone, each file has its full length: `-G 3600 -W 1` captures for an hour. "
             "With -C, every name has a number, from 0 on with as many digits as that of the last "
             "one; -W 100 makes x-00.pcap, ..., x-99.pcap; then the numbers start again, and the "
             "oldest file is overwritten. With both, the oldest file is removed when another one "
             "begins."},
    {'z', NULL, "COMMAND", take_text, AT(after_file),
     .help = "run COMMAND with the name of each file that is complete, also of the last one",
     .more =
         "The name is its only argument, ./-x for -x; there is no shell in between. It runs beside "
         "the "
         "capture, as the user who started filt or, with -Z, as that user without any privileges, "
         "to whom the files then belong; to remove or rename them, that user must be allowed "
         "to write to their folder. Its output goes where filt's goes. filt waits for all "
         "such commands at its end, when one more signal to end ends them (SIGTERM) and another "
         "one "
         "kills them, and exits with status 1 if one has failed. For root, "
         "commands are searched in the system's folders alone."},
    {0, "duration", "TIME", take_duration, AT(duration), .own = true,
     .help = "stop after this time: 500ms, 1.5s, 10m, 2h, 7d; without a unit, seconds"},
    {0, "size", "SIZE", take_bytes, AT(size), .own = true,
     .help = "stop once so many bytes are saved: 500k, 100M, 2G; without a unit, bytes",
     .more = "The packet that reaches the SIZE is the last one. k or K, M and G are powers of "
             "1000, B is bytes; all files of -C and -G count, before compression."},
    {'U', "packet-buffered", NULL, take_yes, AT(unbuffered), .repeats = true,
     .help = "write each packet to the file as it comes",
     .more = "Without this option, packets are written when none has come for a tenth of a second, "
             "and twice a second at the latest. "
             "Always in whole records: a file can be read or copied at any time."},
    {0, "sync", NULL, take_yes, AT(sync), .own = true,
     .help = "whenever packets are written, wait until they are on the disk"},
    {0, "print", NULL, take_yes, AT(print), .help = "with -w: print the packets too"},

    {.heading = "Printing"},
    {'n', NULL, NULL, take_no, AT(resolve), .repeats = true,
     .help = "print numbers, not names: the default"},
    {0, "resolve", NULL, take_yes, AT(resolve), .own = true,
     .help = "print the names of addresses and ports",
     .more = "These are the names of hosts, ports, IP protocols and, from ethers(5), Ethernet "
             "stations. The system's resolver is asked. A name server that does not answer holds "
             "nothing up: "
             "after a moment's wait numbers are printed, and the name as soon as it is known."},
    {'N', NULL, NULL, take_yes, AT(first_labels), .repeats = true,
     .help = "print names of hosts without their domain: up to the first dot"},
    {'f', NULL, NULL, take_yes, AT(foreign), .repeats = true,
     .help = "print no names of IPv4 addresses outside of the interface's network"},
    {'e', NULL, NULL, take_yes, AT(printing.link_header), .repeats = true,
     .help = "print the link header"},
    {'q', NULL, NULL, take_yes, AT(printing.quiet), .repeats = true, .help = "print less"},
    {'v', NULL, NULL, take_more, AT(printing.verbose), 0, 3, .help = "print more, each time"},
    {'t', NULL, NULL, take_more, AT(printing.time), 0, PRINT_TIME_SINCE_FIRST,
     .help = "time: none, seconds since 1970, since the previous packet, with the date, since the "
             "first packet"},
    {0, "micro", NULL, take_constant, AT(precision), PRECISION_MICRO,
     .help = "time stamps with 6 digits: the default; written ones, too"},
    {0, "nano", NULL, take_constant, AT(precision), PRECISION_NANO,
     .help = "time stamps with 9 digits"},
    {0, "time-stamp-precision", "micro|nano", take_word, AT(precision), .help = "the same"},
    {'x', NULL, NULL, take_more, AT(dump_hex), 0, 2,
     .help = "dump each packet in hex; with its link header"},
    {'X', NULL, NULL, take_more, AT(dump_hex_ascii), 0, 2,
     .help = "the same in hex and ASCII, whether or not -x is given"},
    {'A', NULL, NULL, take_more, AT(dump_ascii), 0, 2,
     .help = "the same in ASCII, unless -x or -X is given"},
    {'#', "number", NULL, take_yes, AT(printing.numbered), .help = "print the packet's number"},
    {'S', "absolute-tcp-sequence-numbers", NULL, take_yes, AT(printing.absolute_sequence),
     .repeats = true, .help = "do not subtract the first sequence number of a TCP connection"},
    {'K', "dont-verify-checksums", NULL, take_yes, AT(printing.no_checksums), .repeats = true,
     .help = "do not verify the checksums of IP, TCP and UDP, which -v shows",
     .more = "Those of packets that this machine sends are often put in by the interface, after "
             "they have been captured."},
    {'T', NULL, "PROTOCOL", take_packet_type, AT(printing.type),
     .help = "print the payload of UDP as this, whatever the ports: domain, rtp, snmp, ...",
     .more = "Known are aodv, carp, cnfp, domain, lmp, pgm, pgm_zmtp1, ptp, radius, resp, rpc, "
             "rtcp, rtp, snmp, someip, tftp, vat, vxlan, wb and zmtp1."},
    {'m', NULL, "MODULE", take_module, AT(printing), .repeats = true,
     .help = "name SNMP's objects as this module does: its name, or the path of its file",
     .more = "Modules that are named are looked for where the variable SMIPATH says. Objects are "
             "printed as MODULE::name, also where numbers are printed else. Needs libsmi."},
    {'E', NULL, "SECRETS", take_secrets, .repeats = true,
     .help = "decrypt ESP by these secrets: `[SPI@ADDRESS ]ALGORITHM:SECRET` with commas between, "
             "or `file NAME`, which has one a line",
     .more = "A secret is for what is sent to the ADDRESS with this security parameter index, or "
             "for all that no other is for; the last one counts. ALGORITHM is 3des-cbc, "
             "aes128-cbc, aes256-cbc, none, des-cbc, blowfish-cbc, cast128-cbc or another of "
             "OpenSSL's ciphers; "
             "-hmac96 follows where packets end in an integrity check value of 96 bits, which is "
             "not verified. A SECRET that begins with 0x is in hex. All users of the machine can "
             "see it on the command line, but not in a file. Lines of a file that begin with # are "
             "comments. A secret that cannot be used is left out, with a warning. Needs OpenSSL's "
             "library, libcrypto."},
    {'M', NULL, "SECRET", take_text, AT(printing.digest_secret), .repeats = true,
     .help = "verify the MD5 digests of TCP (RFC 2385) by this secret",
     .more = "Behind md5, valid or (invalid) is printed in place of the digest. Needs libcrypto, "
             "too."},
    {'b', NULL, NULL, take_yes, AT(printing.as_dotted), .repeats = true,
     .help = "print the numbers of autonomous systems in two parts, as in 1.10"},
    {'u', NULL, NULL, take_yes, AT(printing.whole_handles), .repeats = true,
     .help = "print file handles of NFS as they are"},
    {'H', NULL, NULL, take_yes, AT(printing.mesh), .repeats = true,
     .help = "look for the mesh headers of drafts of IEEE 802.11s"},
    {'g', NULL, NULL, take_yes, AT(printing.one_line), .repeats = true,
     .help = "with -v: no new line behind the IP header"},
    {0, "lengths", NULL, take_yes, AT(printing.lengths),
     .help = "print how much of the packet was captured, and its length"},
    {0, "print-sampling", "N", take_sampling, 0, 1, UINT64_MAX,
     .help = "print every Nth packet; turns on --print and -S"},
    COLOR_OPTION(AT(color), "the fields of what is printed"),
    {0, "json", NULL, take_yes, AT(printing.json), .own = true,
     .help = "print a JSON object for each packet, on a line of its own (docs/json.md)",
     .more = "It has the packet's time, lengths and interface, the fields of its headers under the "
             "names Wireshark has for them, and the lines that would have been printed."},
    {0, "count", NULL, take_yes, AT(only_count), .help = "print only the number of packets"},
    {'l', NULL, NULL, take_yes, AT(line_buffered), .repeats = true,
     .help = "flush standard output after each packet",
     .more = "Without this option, lines are flushed when no packet is waiting."},

    {.heading = "Privileges"},
    {'Z', "relinquish-privileges", "USER", take_text, AT(user),
     .help = "started as root, become USER once all is open (default: tcpdump, or else nobody)",
     .more =
         "Where neither of them exists, it is the user of number 65534. The files of -w belong "
         "to a USER who is given, and the command of -z runs as USER; without this option, both "
         "are the caller's. With root as USER, filt stays root, though without capabilities."},
    {0, "no-sandbox", NULL, take_yes, AT(no_sandbox), .own = true,
     .help = "keep privileges, and the right to open files and to start programs",
     .more = "Anybody can send packets made to exploit a fault in what reads them. Without this "
             "option, filt gives up all privileges before it reads the first packet, and limits "
             "itself to the system calls that it needs (seccomp, Landlock), so that a fault in it "
             "is of little use to an attacker."},

    {.heading = "Other"},
    {0, "time-t-size", NULL, take_yes, AT(time_size),
     .help = "print how many bits a time has, and exit"},
    {0, "fp-type", NULL, take_yes, AT(float_type),
     .help = "print what numbers with a fraction are made of, and exit"},
    {0, "version", NULL, take_yes, AT(version),
     .help = "print the versions of filt and its libraries, and what there is of the kernel's "
             "features, machine code and sandbox"},
    {0},
};

static const struct cli_rule rules[] = {
    {"-i", .excludes = "-r -V",
     .message = "-i captures live and -r reads a file: give one of them"},
    {"-y", .excludes = "-r -V", .message = "-y does not go with -r: the file states its link type"},
    {"-C -G", .needs = "-w",
     .message = "-C and -G begin one file after another: -w has to name them"},
    {"-z --size --sync --comment", .needs = "-w"},
    {"--duration --wait", .excludes = "-r -V"},
    {"--follow-sets", .excludes = "-r -V",
     .message = "--follow-sets is about packets that are still to come: leave it out with -r"},
    {"--follow-sets", .excludes = "-d -D -L -J --program"},
    {"--process", .excludes = "-r -V",
     .message = "--process is about packets that are still to come: leave it out with -r"},
    {"--process", .excludes = "-d -D -L -J --follow-sets --time-stamp-type"},
    {"-Z", .excludes = "--no-sandbox"},
    {"-f", .excludes = "-r -V"},
    {"-W", .needs = "-C -G", .message = "-W limits the files that -C or -G make: give one of them"},
    {"--stats", .needs = "-d",
     .message = "--stats is about the program that -d prints: give -d, too"},
    {"--format", .needs = "-d -w",
     .message = "--format says how -d prints the program, or what -w writes: give -d or -w, too"},
    {.one_of = "-F --program"},
    {.one_of = "-O --optimize"},
    {"--fate", .excludes = "-r -V",
     .message = "--fate follows packets through the kernel: leave it out with -r"},
    {"--fate",
     .excludes = "-d -D -L -J --program --at --process --follow-sets --wait -I -Q -y --count"},
    {"--fate-wait", .needs = "--fate"},
    {"--deep", .excludes = "--program",
     .message = "--deep is about an expression, not a --program"},
    {.one_of = "--micro --nano --time-stamp-precision"},
    {.one_of = "--progress --no-progress"},
    {.one_of = "--hints --no-hints"},
    {.one_of = "-n --resolve"},
    {.one_of = "--count --json"},
    {.one_of = "--netns --container --all-netns"},
    {"--netns --container --all-netns", .excludes = "-r -V"},
    {"--all-netns", .excludes = "-i -d -D -L -J -I -y --at --fate --process --time-stamp-type"},
    {.one_of = "--count --print"},
    {.one_of = "-d -D -L"},
    {"-d", .excludes = "-w --count --json"},
    {0},
};

const struct cli_options capture_options = {
    .synopsis = "[options] [expression]\n[options] [expression] -- COMMAND [ARGUMENT...]",
    .about = "Captures packets, live or from a file, and prints or saves those that the expression "
             "accepts. It is pcap-filter(7)'s: icmp, tcp port 80, host 192.0.2.1 and not arp, ... "
             "Option letters mean what they mean in tcpdump.",
    .rows = capture_rows,
    .rules = rules,
    .word = cbpf_word,
    .end =
        "Exit status: 0 done, 1 failed at run time, 2 bad usage or a filter that does not compile.",
};

/* The files named in the list of -V, one a line; empty lines name none. Returns GO_ON, or the
 * status to exit with. */
static int add_list(struct capture_command *command)
{
        size_t before = command->read_count;
        char *rest;
        char *line;
        int status;

        if (!command->list_file)
                return GO_ON;
        status = read_text_file("-V", command->list_file, "names of files", &command->names, NULL);
        if (status != GO_ON)
                return status;
        for (rest = command->names; (line = strsep(&rest, "\n"));)
                if (*line && !take_input(command, NULL, line))
                        return STATUS_FAILED;
        if (command->read_count > before)
                return GO_ON;
        return complain_usage("option -V: %s names no files", command->list_file);
}

/* A word of the expression that names a file, and no set, is one of a pattern like x-*.pcap, of
 * which -r takes the first only. NULL if there is none. */
static const char *find_file(const struct words *words)
{
        struct stat status;

        for (int i = 0; i < words->count; i++)
                if (!(i > 0 && strcmp(words->words[i - 1], "in") == 0) &&
                    stat(words->words[i], &status) == 0 && S_ISREG(status.st_mode))
                        return words->words[i];
        return NULL;
}

/* --format is that of what -d prints, or else of what -w writes. Returns false after a complaint.
 */
static bool settle_format(struct capture_command *command)
{
        int form;

        if (command->listed)
                command->form = (enum program_form)(PROGRAM_D + command->listed - 1);
        if (!command->form_name)
                return true;
        form = parse_word(command->listed ? "--format" : "--format with -w", command->form_name,
                          command->listed ? PROGRAM_FORMS : FILE_FORMATS);
        if (form < 0)
                return false;
        if (!command->listed) {
                command->format = form == 0 ? CAPTURE_PCAP : CAPTURE_PCAPNG;
                return true;
        }
        if (command->listed > 1 && form != (int)command->form) {
                complain_usage("-%s and --format %s ask for different forms",
                               command->listed == 2 ? "dd" : "ddd", command->form_name);
                return false;
        }
        command->form = (enum program_form)form;
        return true;
}

/* What iptables and tc get is compiled for what they show to a program. */
static bool check_form(const struct capture_command *command)
{
        bool iptables = command->form == PROGRAM_IPTABLES;

        if (!command->listed ||
            (!iptables && command->form != PROGRAM_TC && !program_is_extended(command->form)))
                return true;
        if (command->read_count > 0)
                complain_usage(
                    "--format %s is for packets of the kernel, not of a file: leave -r out",
                    command->form_name);
        else if (iptables && command->device_count)
                complain_usage("--format iptables is the same for all interfaces: leave -i out");
        else if (iptables && command->link_type >= 0 && command->link_type != DLT_RAW)
                complain_usage("--format iptables is compiled for link type RAW: leave -y out");
        else
                return true;
        return false;
}

/* Whether -w writes pcapng. */
static bool writes_pcapng(const struct capture_command *command)
{
        struct capture_writer_options options;

        if (!command->write_file)
                return false;
        file_format(command, &options);
        return options.format == CAPTURE_PCAPNG;
}

/* `any` has a link type of its own. */
static bool check_devices(const struct capture_command *command)
{
        for (size_t i = 0; i < command->device_count; i++)
                if (command->device_count > 1 && strcmp(command->devices[i], "any") == 0) {
                        complain_usage("-i any is all interfaces: give it alone");
                        return false;
                }
        return true;
}

static bool check(struct capture_command *command)
{
        bool standard_output = command->write_file && strcmp(command->write_file, "-") == 0;
        bool refused_output = standard_output && !command->habits->any_output;
        const char *suffix;

        if (!settle_format(command) || !check_form(command) || !check_places(command) ||
            !check_devices(command))
                return false;
        if (command->print && standard_output)
                complain_usage("--print and -w - would both write to standard output");
        else if (refused_output && isatty(STDOUT_FILENO))
                complain_usage("-w -: standard output is a terminal, and saved packets are not "
                               "text: send it into a file or a pipe, or leave -w out to see the "
                               "packets");
        else if (refused_output && (command->rotate_size || command->rotate_seconds))
                complain_usage("-C and -G begin one file after another: -w has to name them");
        else if (refused_output && command->after_file)
                complain_usage("-z runs its command with the name of a file: -w has to name one");
        else if (command->printing.json && command->write_file && !command->print)
                complain_usage("--json says how packets are printed, and -w writes them to a file: "
                               "add --print to do both");
        else if (!command->form_name && !command->habits->classic_files && command->write_file &&
                 (suffix = foreign_compression(command->write_file)))
                complain_usage("-w %s: filt does not compress so: let the name end in .gz or .zst, "
                               "or without %s",
                               command->write_file, suffix);
        else if (command->comment_count > 0 && !writes_pcapng(command))
                complain_usage("--comment goes into a pcapng file: let its name end in .pcapng, or "
                               "give --format pcapng");
        else
                return true;
        return false;
}

/* -X counts more than -x, and that more than -A. */
static enum print_dump dump_of(const struct capture_command *command)
{
        if (command->dump_hex_ascii)
                return command->dump_hex_ascii > 1 ? PRINT_DUMP_HEX_ASCII_LINK
                                                   : PRINT_DUMP_HEX_ASCII;
        if (command->dump_hex)
                return command->dump_hex > 1 ? PRINT_DUMP_HEX_LINK : PRINT_DUMP_HEX;
        if (command->dump_ascii)
                return command->dump_ascii > 1 ? PRINT_DUMP_ASCII_LINK : PRINT_DUMP_ASCII;
        return PRINT_DUMP_NONE;
}

#define OF_TCPDUMP(member, subject, filt, tcpdump) .member = true,
#define TEXT(member, subject, filt, tcpdump) {subject, filt, tcpdump},

const struct habits filt_habits, tcpdump_habits = {HABITS(OF_TCPDUMP)};

const struct habit habit_texts[] = {HABITS(TEXT){NULL, NULL, NULL}};

int capture_command_read(char **argv, const struct cli_options *options,
                         const struct habits *habits, struct capture_command *command)
{
        struct words words;
        int status;

        *command = (struct capture_command){
            .habits = habits,
            .resolve = habits->names,
            .color = habits->plain_lines ? COLOR_NEVER : COLOR_AUTO,
            .link_type = -1,
            .fate_wait = FATE_WAIT_MS,
            .direction = DIRECTION_INOUT,
            .promiscuous = true,
            .progress = habits->plain_lines ? 0 : -1,
            .hints = habits->plain_lines ? 0 : -1,
            .printing.tcpdumps_protocols = habits->tcpdumps_protocols,
            .precision = habits->microseconds ? PRECISION_MICRO : PRECISION_DEFAULT,
            .jit = true,
        };
        status = options_read(options, argv, command, &words);
        if (status != GO_ON)
                return status;
        if (command->time_size || command->float_type) {
                if (command->time_size)
                        printf("%zu\n", 8 * sizeof(time_t));
                else
                        puts("9877.895"); /* a sum in that type */
                return STATUS_DONE;
        }
        if (command->version) {
                if (!options->print_versions)
                        return print_all_versions();
                options->print_versions(stdout);
                return STATUS_DONE;
        }
        if (!check(command) || !take_command(&words, command))
                return STATUS_USAGE;
        if (words.count == 1 && strcmp(words.words[0], "help") == 0 && !habits->libpcaps_words)
                return complain_usage("'help' is no word of a filter");
        status = add_list(command);
        if (status == GO_ON)
                status = read_secrets(command);
        if (status != GO_ON)
                return status;
        if (command->read_count > 0 && habits->links_of_interface)
                command->list_links = false;
        if (command->snapshot_length == 0)
                command->snapshot_length = CAPTURE_MAX_SNAPSHOT;
        command->buffer *= 1024;
        command->rotate_size *= 1000000;
        command->printing.dump = dump_of(command);
        command->printing.nanoseconds = command->precision == PRECISION_NANO;
        if (habits->in_turn && command->read_count > 1) {
                command->count_each = command->count;
                command->count = 0;
        }
        if (command->expression_file && habits->words_after_file)
                words.count = 0;
        command->file_word = find_file(&words);
        return read_expression(&words, command->expression_file, command->program, command->deep,
                               &command->expression, habits->late_file ? &command->unread : NULL);
}

void capture_command_free(struct capture_command *command)
{
        free(command->expression);
        free(command->devices);
        free(command->places);
        free(command->points);
        free(command->read_files);
        free(command->names);
        free(command->comments);
        free(command->secrets);
        late_faults_free(command->late);
        print_secrets_free(command->printing.secrets);
        print_mibs_free(command->printing.mibs);
}
