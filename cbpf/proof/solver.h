/* A solver of formulas over words of 32 bits and the bytes of one packet. Another solver takes the
 * place of Z3 by another z3.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct solver;

/* A word or a truth value; valid as long as the solver. */
typedef struct formula *formula;

/* What it is built with, "Z3 4.8.12"; NULL if without any. */
const char *solver_name(void);

/* What is missing for a solver, as a text; NULL if nothing is. */
const char *solver_lack(void);

/* NULL if something is missing. */
struct solver *solver_new(void);
void solver_free(struct solver *solver);

formula solver_number(struct solver *solver, uint32_t number);
formula solver_symbol(struct solver *solver, const char *name);

/* The byte of the packet at this place, as a word. */
formula solver_byte(struct solver *solver, formula place);

/* `operation` is one of BPF_ADD ... BPF_XOR. What division by 0 gives is open. */
formula solver_operate(struct solver *solver, unsigned operation, formula a, formula b);

formula solver_truth(struct solver *solver, bool value);
formula solver_equal(struct solver *solver, formula a, formula b);
formula solver_at_most(struct solver *solver, formula a, formula b);
formula solver_choose(struct solver *solver, formula condition, formula yes, formula no);

/* What has to hold, until solver_forget() goes back to the last solver_remember(). */
void solver_require(struct solver *solver, formula condition);
void solver_remember(struct solver *solver);
void solver_forget(struct solver *solver);

enum solver_answer { SOLVER_NO, SOLVER_YES, SOLVER_UNKNOWN };

/* Whether all can hold, for `milliseconds` at most. */
enum solver_answer solver_check(struct solver *solver, uint64_t milliseconds);

/* What a word is in the example found by the last check. */
uint32_t solver_value(struct solver *solver, formula word);
