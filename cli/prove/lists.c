/* A list of filters from a file. */
#include "base/text.h"
#include "prove.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* "web: tcp port 80"; without a name, the line's number is one. */
static int read_line(struct filters *filters, const char *line, unsigned number)
{
        size_t name = strcspn(line, ": \t");
        struct filter *filter = filters_add(filters);
        struct text numbered = {0};

        if (!filter)
                return STATUS_FAILED;
        if (line[name] == ':' && (isspace((unsigned char)line[name + 1]) || !line[name + 1])) {
                filter->owned = strndup(line, name);
                line += name + 1;
        } else {
                text_format(&numbered, "line %u", number);
                filter->owned = text_take(&numbered);
        }
        filter->name = filter->owned;
        filter->expression = strdup(line);
        return filter->owned && filter->expression ? GO_ON : out_of_memory();
}

/* A table of filters of one name tells nobody which of them it speaks of. */
static int check_names(const struct filters *filters)
{
        for (size_t i = 0; i < filters->count; i++)
                for (size_t k = i + 1; k < filters->count; k++)
                        if (strcmp(filters->filters[i].name, filters->filters[k].name) == 0) {
                                complain("--set: two filters of the list are named '%s'; give each "
                                         "a name of its own, or none",
                                         filters->filters[i].name);
                                return STATUS_USAGE;
                        }
        return GO_ON;
}

int set_read_filters(struct filters *filters, char *text)
{
        int status = GO_ON;
        unsigned number = 1;

        for (char *line = text, *next; line && status == GO_ON; line = next, number++) {
                next = strchr(line, '\n');
                if (next)
                        *next++ = '\0';
                line[strcspn(line, "#")] = '\0';
                line += strspn(line, " \t\r");
                if (*line)
                        status = read_line(filters, line, number);
        }
        return status == GO_ON ? check_names(filters) : status;
}

int set_read(struct prove *prove)
{
        static set_reader *const readers[] = {
            [SET_FILTERS] = set_read_filters,
            [SET_NFTABLES] = set_read_nftables,
            [SET_IPTABLES] = set_read_iptables,
        };
        static const char *const options[] = {"--set", "--nftables", "--iptables"};
        static const char *const contents[] = {"filters, one a line",
                                               "what `nft list ruleset` writes, or with -j",
                                               "what iptables-save writes"};
        static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, as editors write it */
        int form = prove->set_form, status;
        char *text;

        if (form != SET_FILTERS)
                prove->link_type = DLT_RAW;
        status = read_text_file(options[form], prove->set_file, contents[form], &text, NULL);
        if (status != GO_ON)
                return status;
        status = readers[form](&prove->filters,
                               text + (strncmp(text, mark, strlen(mark)) == 0 ? strlen(mark) : 0));
        free(text);
        if (status == GO_ON && prove->filters.count == 0) {
                complain("%s: no filter is in it; it should hold %s", prove->set_file,
                         contents[form]);
                return STATUS_USAGE;
        }
        return status;
}
