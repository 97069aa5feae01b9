#include "news.h"

#include "array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void news_add(struct news *news, const char *name, const char *format, va_list arguments)
{
        char line[512];
        size_t length = (size_t)snprintf(line, sizeof line, "%s: ", name);

        vsnprintf(line + length, sizeof line - length, format, arguments);
        length = strlen(line) + 1;
        if (!array_grow(news->texts, news->room, news->length + length))
                return;
        memcpy(news->texts + news->length, line, length);
        news->length += length;
}

const char *news_next(struct news *news)
{
        const char *line;

        if (news->told == news->length)
                return NULL;
        line = news->texts + news->told;
        news->told += strlen(line) + 1;
        if (news->told == news->length)
                news_drop(news);
        return line;
}

void news_drop(struct news *news)
{
        news->told = news->length = 0;
}

void news_free(struct news *news)
{
        free(news->texts);
        *news = (struct news){0};
}
