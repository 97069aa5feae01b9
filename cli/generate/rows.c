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

bool is_row(const struct cli_option *row)
{
        return row->letter || row->name || row->heading;
}

static bool same_name(const struct cli_option *a, const struct cli_option *b)
{
        return (a->name && b->name && strcmp(a->name, b->name) == 0) ||
               (a->letter && a->letter == b->letter);
}

const struct cli_option *other_row(const struct cli_option *row)
{
        for (const struct cli_option *other = row + 1; is_row(other); other++)
                if (same_name(row, other))
                        return other;
        return NULL;
}

bool is_other_row(const struct cli_options *options, const struct cli_option *row)
{
        for (const struct cli_option *before = options->rows; before < row; before++)
                if (same_name(before, row))
                        return true;
        return false;
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
