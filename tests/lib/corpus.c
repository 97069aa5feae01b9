/* The expressions of the corpora: a link type, a tab and an expression on each line. */
#include "corpus.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

enum { LINE_ROOM = 8192 };

static size_t visit_file(const char *path, void (*visit)(int link_type, const char *expression))
{
        FILE *file = fopen(path, "r");
        char line[LINE_ROOM];
        size_t count = 0;

        if (!file)
                return 0;
        while (fgets(line, sizeof line, file)) {
                char *tab = strchr(line, '\t');

                line[strcspn(line, "\n")] = '\0';
                if (*line == '#' || !tab)
                        continue;
                *tab = '\0';
                visit(pcap_datalink_name_to_val(line), tab + 1);
                count++;
        }
        fclose(file);
        return count;
}

size_t corpus_visit(void (*visit)(int link_type, const char *expression))
{
        static const char *const paths[] = {"tests/corpus.txt", "tests/expressions.txt",
                                            "tests/optimizer-faults.txt"};
        size_t count = 0;

        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
                size_t more = visit_file(paths[i], visit);

                if (more == 0)
                        return 0;
                count += more;
        }
        return count;
}

bool corpus_is_native(int link_type)
{
        static const int native[] = {DLT_EN10MB,    DLT_RAW,        DLT_IPV4,     DLT_IPV6,
                                     DLT_NULL,      DLT_LOOP,       DLT_PPP,      DLT_PPP_SERIAL,
                                     DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_PPP_ETHER};

        for (size_t i = 0; i < sizeof native / sizeof *native; i++)
                if (native[i] == link_type)
                        return true;
        return false;
}
