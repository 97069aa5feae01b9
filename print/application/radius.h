/* Shared by the RADIUS files. */
#pragma once

#include "print/printer/printer.h"

/* How the value of an attribute is shown. */
enum radius_shape {
        NOTHING,
        TEXT,
        NUMBER,
        ADDRESS,
        ADDRESS_6,
        PREFIX_6,
        DURATION,
        DATE,
        CHOICE,
        CHOICE_OR_NUMBER,
        /* The tags are of RFC 2868. */
        TAGGED_TEXT,
        TAGGED_NUMBER,
        TAGGED_CHOICE,
        VENDOR,
        EAP,
        CAUSE,
        VLAN,
        VLAN_NAME,
        /* Those of radius_values.c. */
        TUNNEL_PASSWORD,
        ARAP_PASSWORD,
        ARAP_FEATURES,
        ARAP_RESPONSE,
        MIP6_FEATURES,
        MIP6_PREFIX,
        OPERATOR,
        LOCATION,
        LOCATION_DATA,
        LOCATION_POLICY,
};

struct radius_attribute {
        const char *name; /* NULL if the type is not known */
        enum radius_shape shape;
        const struct name *choices;
};

/* By type; https://www.iana.org/assignments/radius-types. */
extern const struct radius_attribute radius_attributes[256];
extern const struct name radius_causes[];

/* A dot where it is not printable. */
void radius_character_print(struct printer *printer, uint8_t c);
/* Text up to a zero; dots for what is not printable. */
void radius_text_print(struct printer *printer, struct packet value);
/* False if the shape is none of those that have fields of their own. */
bool radius_value_print(struct printer *printer, struct packet value, enum radius_shape shape);
