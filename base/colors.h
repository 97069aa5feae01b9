/* Colours of what the program prints, by what a part of it is. */
#pragma once

/* What is told apart by colour. The names and defaults are a table in colors.c. */
enum role {
        ROLE_TIME,
        ROLE_PROTOCOL,
        ROLE_ADDRESS,
        ROLE_PORT,
        ROLE_FLAGS,
        ROLE_LENGTH,
        ROLE_REFUSAL,
        ROLE_DAMAGE,
        ROLE_NUMBERING,
        ROLE_OPERATION,
        ROLE_ACCEPTANCE,
        ROLES
};

/* Parameters of the sequence SGR (ECMA-48, 8.3.117), "1;31"; an empty one changes nothing. */
struct colors {
        char sgr[ROLES][32];
};

#define COLORS_END "\033[0m"

/* Fills in the defaults, then what `changes` replaces, "ad=36:po=": a name of the table and numbers
 * with semicolons between. Anything else in it is ignored. It may be NULL. */
void colors_read(struct colors *colors, const char *changes);
