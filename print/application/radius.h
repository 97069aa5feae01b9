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
};

struct radius_attribute {
        const char *name; /* NULL if the type is not known */
        enum radius_shape shape;
        const struct name *choices;
};

/* By type; https://www.iana.org/assignments/radius-types. */
extern const struct radius_attribute radius_attributes[256];
extern const struct name radius_causes[];
