/* What the writers ask of the tables, and parts of texts that they share. */
#include "generate.h"

#include <stdio.h>
#include <string.h>

const char link_types[] =
    "APPLE_IP_OVER_IEEE1394 ARCNET ARCNET_LINUX ATM_RFC1483 BACNET_MS_TP BLUETOOTH_HCI_H4 "
    "CAN_SOCKETCAN C_HDLC DOCSIS DSA_TAG_BRCM DSA_TAG_DSA DSA_TAG_EDSA EN10MB ENC ERF FDDI FRELAY "
    "IEEE802 IEEE802_11 IEEE802_11_RADIO IEEE802_11_RADIO_AVS IEEE802_15_4 IEEE802_15_4_NOFCS "
    "IPMB_LINUX IPNET IPV4 IPV6 IP_OVER_FC JUNIPER_ATM2 JUNIPER_ETHER JUNIPER_GGSN JUNIPER_MLPPP "
    "JUNIPER_MONITOR JUNIPER_PPPOE LINUX_SLL LINUX_SLL2 LOOP LTALK MTP2 MTP2_WITH_PHDR MTP3 "
    "NETANALYZER NETANALYZER_TRANSPARENT NFLOG NULL PFLOG PPI PPP PPP_BSDOS PPP_ETHER PPP_SERIAL "
    "PRISM_HEADER RAW SCCP SLIP SLIP_BSDOS SUNATM SYMANTEC_FIREWALL USB_LINUX USB_LINUX_MMAPPED";

const struct cli_option *other_row(const struct cli_option *row)
{
        for (const struct cli_option *other = row + 1; option_is_row(other); other++)
                if (option_same(row, other))
                        return other;
        return NULL;
}

const char *name_of(const struct subcommand *subcommand)
{
        return subcommand->name ? subcommand->name : "";
}

bool takes_expression(const struct subcommand *subcommand)
{
        const struct subcommand *capture = subcommands;

        while (capture->name)
                capture++;
        return subcommand->options->word == capture->options->word;
}

const struct subcommand *next_subcommand(const struct subcommand *subcommand)
{
        return subcommand->name ? subcommand + 1 : NULL;
}

/* Whether a row before has its name. */
static bool is_second(const struct cli_options *options, const struct cli_option *row)
{
        const struct cli_option *before = NULL;

        while ((before = option_after(options, before)) != row)
                if (option_same(before, row))
                        return true;
        return false;
}

const struct cli_option *next_option(const struct cli_options *options,
                                     const struct cli_option *row)
{
        do
                row = option_after(options, row);
        while (row && (row->heading || is_second(options, row)));
        return row;
}

void put_letters(const struct cli_option *row, const char *separator)
{
        uint64_t most = row->value || row->most == 0 ? 1 : row->most;

        for (uint64_t times = 1; times <= most; times++) {
                fputs(times > 1 ? separator : "", stdout);
                for (uint64_t i = 0; i < times; i++)
                        putchar(row->letter);
        }
}

void put_set(const char *set, const char *separator)
{
        for (; *set; set++)
                if (*set == '|')
                        fputs(separator, stdout);
                else
                        putchar(*set);
}

void put_help(const struct cli_option *row, const char *escaped, const char *quote)
{
        for (const char *c = row->help; *c; c++) {
                if (*c == '\'')
                        fputs(quote, stdout);
                else if (*c != '`')
                        printf(strchr(escaped, *c) ? "\\%c" : "%c", *c);
        }
}

void put_words(const struct cli_options *options)
{
        const char *word;

        for (size_t i = 0; options->word && (word = options->word(i)); i++)
                printf("%s%s", i > 0 ? " " : "", word);
}
