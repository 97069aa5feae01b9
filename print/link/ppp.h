/* Shared by the printers of PPP. */
#pragma once

#include "print/printer/printer.h"

/* Protocols that have a printer in PPP alone. */
enum {
        MULTILINK = 0x3d,
        PAP = 0xc023,
        CHAP = 0xc223,
        SPAP = 0xc027,
        OLD_SPAP = 0xc123,
        EAP_IN_PPP = 0xc227,
};

extern const struct name ppp_protocol_names[];

/* The options of a configuration message of `protocol`, which takes `limit` bytes with its header.
 */
void ppp_options_print(struct printer *printer, struct packet options, uint16_t protocol,
                       uint32_t limit);

/* `label` and the name of an enterprise. */
void ppp_vendor_print(struct printer *printer, const char *label, uint32_t vendor);

/* "[|lcp]": without a space. */
void ppp_cut_print(struct printer *printer, const char *name);
