/* RSVP's objects, by class and class type. */
#pragma once

#include "rsvp.h"

/* "Unknown" where there is none. */
const char *rsvp_class_name(uint8_t class);
const char *rsvp_type_name(uint8_t class, uint8_t type);

enum rsvp_result rsvp_object_print(struct printer *printer, struct packet value, uint8_t class,
                                   uint8_t type, const char *indent);
