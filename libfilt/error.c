/* Errors of the public interface. */
#include "internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(struct filt_error *error, enum filt_error_code code, const char *format,
                 va_list arguments)
{
        memset(error, 0, sizeof *error);
        error->code = code;
        error->offset = FILT_NO_OFFSET;
        vsnprintf(error->message, sizeof error->message, format, arguments);
}

int fail(struct filt_error *error, enum filt_error_code code, const char *format, ...)
{
        va_list arguments;

        if (!error)
                return -1;
        va_start(arguments, format);
        fill(error, code, format, arguments);
        va_end(arguments);
        return -1;
}

int fail_memory(struct filt_error *error)
{
        return fail(error, FILT_ERROR_MEMORY, "out of memory");
}

int fail_system(struct filt_error *error, int reason, const char *format, ...)
{
        va_list arguments;

        if (reason == ENOMEM)
                return fail_memory(error);
        if (!error)
                return -1;
        va_start(arguments, format);
        fill(error, FILT_ERROR_SYSTEM, format, arguments);
        va_end(arguments);
        error->system = reason;
        return -1;
}

int fail_by(struct filt_error *error, const struct error *reason)
{
        enum filt_error_code code = FILT_ERROR_EXPRESSION;

        switch (reason->kind) {
        case ERROR_MEMORY: code = FILT_ERROR_MEMORY; break;
        case CBPF_ONLY_IN_FILE: code = FILT_ERROR_NOT_LIVE; break;
        case CBPF_NEEDS_LIBPCAP:
        case CBPF_HAS_NAME: code = FILT_ERROR_LIMIT; break;
        }
        fail(error, code, "%s", reason->message);
        if (error && reason->offset != ERROR_NO_OFFSET) {
                error->offset = reason->offset;
                error->length = reason->length;
        }
        return -1;
}
