/* Shared by the files of ForCES. */
#pragma once

#include "print/printer/printer.h"

enum { TLV_HEADER = 4, ILV_HEADER = 8 };

enum tlv {
        REDIRECT = 0x0001,
        ASSOCIATION_RESULT = 0x0010,
        TEARDOWN_REASON = 0x0011,
        PATH_DATA = 0x0110,
        KEY_INFO = 0x0111,
        FULL_DATA = 0x0112,
        SPARSE_DATA = 0x0113,
        RESULT = 0x0114,
        METADATA = 0x0115,
        REDIRECT_DATA = 0x0116,
        LFB_SELECT = 0x1000,
};

/* What data may stand behind a path; and what its flags say stands before it, as paths in it take
 * over. */
enum {
        WITH_FULL = 1,
        WITH_SPARSE = 2,
        WITH_RESULT = 4,
        WITH_APPEND = 0x10,
        WITH_RANGE = 0x20,
        WITH_KEY = 0x40
};

/* Names of enum tlv. */
extern const struct name forces_tlv_names[];

/* Most is shown with -vvv alone; faults always are. */
static inline bool shows_all(const struct printer *printer)
{
        return printer->options.verbose >= 3;
}

static inline uint32_t aligned(uint32_t size)
{
        return (size + 3) & ~3u;
}

void forces_put_spaces(struct printer *printer, unsigned count);

/* In hex, between brackets, every line `column` columns in. */
void forces_data_print(struct printer *printer, struct packet packet, uint32_t size,
                       unsigned column);

/* "PATH-DATA TLV", or "#99". */
void forces_put_tlv_name(struct printer *printer, uint16_t type);

/* Whether the TLV at the packet's start fits in `left` bytes. */
bool forces_tlv_fits(struct printer *printer, struct packet packet, uint32_t left);

/* What is said of one that does not; `kind` is of what it is. */
void forces_messy_print(struct printer *printer, struct packet packet, uint32_t left,
                        const char *kind);

/* A path, as long as the packet, and data or paths in it: `with` are those that the operation may
 * come with, `depth` the paths around it. False if nothing behind it is to be printed, in what it
 * is in. */
bool forces_path_print(struct printer *printer, struct packet packet, unsigned column, uint8_t with,
                       unsigned depth);

/* The same of paths one behind another, each with the header of its TLV. */
bool forces_paths_print(struct printer *printer, struct packet packet, unsigned column,
                        uint8_t with, unsigned depth);
