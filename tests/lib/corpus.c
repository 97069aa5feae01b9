/* Reads the files of expressions. */
#include "corpus.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t corpus_visit_file(const char *path, corpus_visitor *visit, void *context)
{
        FILE *file = fopen(path, "r");
        char *line = NULL;
        size_t room = 0, count = 0;

        if (!file)
                return 0;
        while (getline(&line, &room, file) > 0) {
                char *tab = strchr(line, '\t');

                line[strcspn(line, "\n")] = '\0';
                if (line[0] == '#' || line[0] == '\0')
                        continue;
                if (tab)
                        *tab = '\0';
                visit(context, tab ? pcap_datalink_name_to_val(line) : -1, tab ? tab + 1 : line);
                count++;
        }
        free(line);
        fclose(file);
        return count;
}

size_t corpus_visit(corpus_visitor *visit, void *context)
{
        static const char *const paths[] = {"tests/corpus.txt", "tests/expressions.txt",
                                            "tests/optimizer-faults.txt"};
        size_t count = 0;

        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
                size_t more = corpus_visit_file(paths[i], visit, context);

                if (more == 0)
                        return 0;
                count += more;
        }
        return count;
}

bool corpus_is_native(int link_type)
{
        static const int native[] = {DLT_EN10MB,
                                     DLT_RAW,
                                     DLT_IPV4,
                                     DLT_IPV6,
                                     DLT_NULL,
                                     DLT_LOOP,
                                     DLT_PPP,
                                     DLT_PPP_SERIAL,
                                     DLT_LINUX_SLL,
                                     DLT_LINUX_SLL2,
                                     DLT_PPP_ETHER,
                                     DLT_PFLOG,
                                     DLT_IEEE802_11,
                                     DLT_IEEE802_11_RADIO,
                                     DLT_IEEE802_11_RADIO_AVS,
                                     DLT_PRISM_HEADER,
                                     DLT_PPI};

        for (size_t i = 0; i < sizeof native / sizeof *native; i++)
                if (native[i] == link_type)
                        return true;
        return false;
}
