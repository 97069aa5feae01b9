/* Rules of firewalls: what they match, as an expression for packets that begin with the IP header.
 */
#pragma once

#include "base/text.h"
#include "prove.h"

struct rule {
        const char *family; /* what all its packets are: "ip" */
        struct text expression;
        struct bpf_program program; /* of -m bpf, in place of an expression */
        struct text interface;
        bool partly;  /* it also asks for what no filter can */
        bool goes_on; /* it ends nothing: the packet goes on to the next rule */
};

/* Adds a match: a printf() of an expression. */
void rule_match(struct rule *rule, bool negated, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds what a rule says of an interface: rules that say the same can be compared. */
void rule_interface(struct rule *rule, bool negated, const char *option, const char *name);

/* Adds a match of one of the values in a list, separated by commas: what stands in front of each,
 * "dst port"; a range of ports, 1000:2000 or 1000-2000, is one. */
void rule_match_list(struct rule *rule, bool negated, const char *what, const char *values);

/* Appends the rule, and leaves it empty. Returns GO_ON, or a status after a complaint. */
int rule_finish(struct rule *rule, struct filters *filters, const char *chain, unsigned number);

/* The next word of a line, which is cut there: quotes hold spaces together. NULL at its end. */
char *rule_word(char **line);
