/* The solver: Z3, by its C API. The library is loaded when it is first asked, as it is large and
 * few runs need it. */
#include "solver.h"

#include "base/array.h"

#include <linux/filter.h>
#include <stddef.h>

#if __has_include(<z3.h>)

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <z3.h>
#include <z3_version.h>

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, build) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(build)
#define Z3_VERSION_TEXT VERSION_TEXT(Z3_MAJOR_VERSION, Z3_MINOR_VERSION, Z3_BUILD_NUMBER)

/* The functions of the library that are called. */
#define FUNCTION(name) __typeof__(&name) name
struct library {
        FUNCTION(Z3_mk_config);
        FUNCTION(Z3_del_config);
        FUNCTION(Z3_mk_context);
        FUNCTION(Z3_del_context);
        FUNCTION(Z3_set_error_handler);
        FUNCTION(Z3_mk_string_symbol);
        FUNCTION(Z3_mk_bv_sort);
        FUNCTION(Z3_mk_array_sort);
        FUNCTION(Z3_mk_const);
        FUNCTION(Z3_mk_unsigned_int);
        FUNCTION(Z3_mk_select);
        FUNCTION(Z3_mk_zero_ext);
        FUNCTION(Z3_mk_bvadd);
        FUNCTION(Z3_mk_bvsub);
        FUNCTION(Z3_mk_bvmul);
        FUNCTION(Z3_mk_bvudiv);
        FUNCTION(Z3_mk_bvurem);
        FUNCTION(Z3_mk_bvand);
        FUNCTION(Z3_mk_bvor);
        FUNCTION(Z3_mk_bvxor);
        FUNCTION(Z3_mk_bvshl);
        FUNCTION(Z3_mk_bvlshr);
        FUNCTION(Z3_mk_bvneg);
        FUNCTION(Z3_mk_bvule);
        FUNCTION(Z3_mk_eq);
        FUNCTION(Z3_mk_ite);
        FUNCTION(Z3_mk_true);
        FUNCTION(Z3_mk_false);
        FUNCTION(Z3_mk_solver_for_logic);
        FUNCTION(Z3_solver_inc_ref);
        FUNCTION(Z3_solver_dec_ref);
        FUNCTION(Z3_solver_assert);
        FUNCTION(Z3_solver_push);
        FUNCTION(Z3_solver_pop);
        FUNCTION(Z3_solver_check);
        FUNCTION(Z3_solver_get_model);
        FUNCTION(Z3_model_inc_ref);
        FUNCTION(Z3_model_dec_ref);
        FUNCTION(Z3_model_eval);
        FUNCTION(Z3_get_numeral_uint);
        FUNCTION(Z3_mk_params);
        FUNCTION(Z3_params_inc_ref);
        FUNCTION(Z3_params_dec_ref);
        FUNCTION(Z3_params_set_uint);
        FUNCTION(Z3_solver_set_params);
};

#define NAMED(name)                                   \
        {                                             \
#name, offsetof(struct library, name) \
        }
static const struct {
        const char *name;
        size_t place;
} functions[] = {
    NAMED(Z3_mk_config),
    NAMED(Z3_del_config),
    NAMED(Z3_mk_context),
    NAMED(Z3_del_context),
    NAMED(Z3_set_error_handler),
    NAMED(Z3_mk_string_symbol),
    NAMED(Z3_mk_bv_sort),
    NAMED(Z3_mk_array_sort),
    NAMED(Z3_mk_const),
    NAMED(Z3_mk_unsigned_int),
    NAMED(Z3_mk_select),
    NAMED(Z3_mk_zero_ext),
    NAMED(Z3_mk_bvadd),
    NAMED(Z3_mk_bvsub),
    NAMED(Z3_mk_bvmul),
    NAMED(Z3_mk_bvudiv),
    NAMED(Z3_mk_bvurem),
    NAMED(Z3_mk_bvand),
    NAMED(Z3_mk_bvor),
    NAMED(Z3_mk_bvxor),
    NAMED(Z3_mk_bvshl),
    NAMED(Z3_mk_bvlshr),
    NAMED(Z3_mk_bvneg),
    NAMED(Z3_mk_bvule),
    NAMED(Z3_mk_eq),
    NAMED(Z3_mk_ite),
    NAMED(Z3_mk_true),
    NAMED(Z3_mk_false),
    NAMED(Z3_mk_solver_for_logic),
    NAMED(Z3_solver_inc_ref),
    NAMED(Z3_solver_dec_ref),
    NAMED(Z3_solver_assert),
    NAMED(Z3_solver_push),
    NAMED(Z3_solver_pop),
    NAMED(Z3_solver_check),
    NAMED(Z3_solver_get_model),
    NAMED(Z3_model_inc_ref),
    NAMED(Z3_model_dec_ref),
    NAMED(Z3_model_eval),
    NAMED(Z3_get_numeral_uint),
    NAMED(Z3_mk_params),
    NAMED(Z3_params_inc_ref),
    NAMED(Z3_params_dec_ref),
    NAMED(Z3_params_set_uint),
    NAMED(Z3_solver_set_params),
};

struct solver {
        struct library z3;
        Z3_context context;
        Z3_solver solver;
        Z3_model model; /* of the last check; NULL if there is none */
        Z3_sort word, byte;
        Z3_ast packet;
};

static const char name_of_library[] = "libz3.so.4";

/* Fills `library`. The handle stays open: the library is not made to be unloaded. */
static bool load(struct library *library)
{
        void *handle = dlopen(name_of_library, RTLD_NOW | RTLD_LOCAL);
        bool complete = handle;

        for (size_t i = 0; complete && i < array_count(functions); i++) {
                void *function = dlsym(handle, functions[i].name);

                memcpy((char *)library + functions[i].place, &function, sizeof function);
                complete = function;
        }
        return complete;
}

const char *solver_name(void)
{
        return "Z3 " Z3_VERSION_TEXT;
}

bool solver_is_there(void)
{
        struct library library;

        return load(&library);
}

/* Z3 calls this in place of ending the process; what it then returns is NULL, or unknown. */
static void ignore(Z3_context context, Z3_error_code code)
{
        (void)context, (void)code;
}

struct solver *solver_new(void)
{
        struct solver *solver = calloc(1, sizeof *solver);
        struct library *z3 = solver ? &solver->z3 : NULL;
        Z3_context context;
        Z3_config config;

        if (!solver || !load(z3)) {
                free(solver);
                return NULL;
        }
        config = z3->Z3_mk_config();
        context = solver->context = z3->Z3_mk_context(config);
        z3->Z3_del_config(config);
        z3->Z3_set_error_handler(context, ignore);
        solver->word = z3->Z3_mk_bv_sort(context, 32);
        solver->byte = z3->Z3_mk_bv_sort(context, 8);
        solver->packet = z3->Z3_mk_const(context, z3->Z3_mk_string_symbol(context, "packet"),
                                         z3->Z3_mk_array_sort(context, solver->word, solver->byte));
        solver->solver =
            z3->Z3_mk_solver_for_logic(context, z3->Z3_mk_string_symbol(context, "QF_ABV"));
        z3->Z3_solver_inc_ref(context, solver->solver);
        return solver;
}

static void forget_model(struct solver *solver)
{
        if (solver->model)
                solver->z3.Z3_model_dec_ref(solver->context, solver->model);
        solver->model = NULL;
}

void solver_free(struct solver *solver)
{
        if (!solver)
                return;
        forget_model(solver);
        solver->z3.Z3_solver_dec_ref(solver->context, solver->solver);
        solver->z3.Z3_del_context(solver->context);
        free(solver);
}

static formula made(Z3_ast ast)
{
        return (formula)ast;
}

static Z3_ast ast_of(formula formula)
{
        return (Z3_ast)formula;
}

formula solver_number(struct solver *solver, uint32_t number)
{
        return made(solver->z3.Z3_mk_unsigned_int(solver->context, number, solver->word));
}

formula solver_symbol(struct solver *solver, const char *name)
{
        return made(solver->z3.Z3_mk_const(
            solver->context, solver->z3.Z3_mk_string_symbol(solver->context, name), solver->word));
}

formula solver_byte(struct solver *solver, formula place)
{
        Z3_ast byte = solver->z3.Z3_mk_select(solver->context, solver->packet, ast_of(place));

        return made(solver->z3.Z3_mk_zero_ext(solver->context, 24, byte));
}

formula solver_operate(struct solver *solver, unsigned operation, formula a, formula b)
{
        const struct library *z3 = &solver->z3;
        Z3_context context = solver->context;
        Z3_ast left = ast_of(a), right = ast_of(b);

        switch (operation) {
        case BPF_ADD: return made(z3->Z3_mk_bvadd(context, left, right));
        case BPF_SUB: return made(z3->Z3_mk_bvsub(context, left, right));
        case BPF_MUL: return made(z3->Z3_mk_bvmul(context, left, right));
        case BPF_DIV: return made(z3->Z3_mk_bvudiv(context, left, right));
        case BPF_MOD: return made(z3->Z3_mk_bvurem(context, left, right));
        case BPF_AND: return made(z3->Z3_mk_bvand(context, left, right));
        case BPF_OR: return made(z3->Z3_mk_bvor(context, left, right));
        case BPF_XOR: return made(z3->Z3_mk_bvxor(context, left, right));
        case BPF_LSH: return made(z3->Z3_mk_bvshl(context, left, right));
        case BPF_RSH: return made(z3->Z3_mk_bvlshr(context, left, right));
        }
        return made(z3->Z3_mk_bvneg(context, left));
}

formula solver_truth(struct solver *solver, bool value)
{
        return made(value ? solver->z3.Z3_mk_true(solver->context)
                          : solver->z3.Z3_mk_false(solver->context));
}

formula solver_equal(struct solver *solver, formula a, formula b)
{
        return made(solver->z3.Z3_mk_eq(solver->context, ast_of(a), ast_of(b)));
}

formula solver_at_most(struct solver *solver, formula a, formula b)
{
        return made(solver->z3.Z3_mk_bvule(solver->context, ast_of(a), ast_of(b)));
}

formula solver_choose(struct solver *solver, formula condition, formula yes, formula no)
{
        return made(
            solver->z3.Z3_mk_ite(solver->context, ast_of(condition), ast_of(yes), ast_of(no)));
}

void solver_require(struct solver *solver, formula condition)
{
        solver->z3.Z3_solver_assert(solver->context, solver->solver, ast_of(condition));
}

void solver_remember(struct solver *solver)
{
        solver->z3.Z3_solver_push(solver->context, solver->solver);
}

void solver_forget(struct solver *solver)
{
        solver->z3.Z3_solver_pop(solver->context, solver->solver, 1);
}

static void limit_time(struct solver *solver, uint64_t milliseconds)
{
        const struct library *z3 = &solver->z3;
        Z3_params params = z3->Z3_mk_params(solver->context);

        z3->Z3_params_inc_ref(solver->context, params);
        z3->Z3_params_set_uint(solver->context, params,
                               z3->Z3_mk_string_symbol(solver->context, "timeout"),
                               (unsigned)milliseconds);
        z3->Z3_solver_set_params(solver->context, solver->solver, params);
        z3->Z3_params_dec_ref(solver->context, params);
}

enum solver_answer solver_check(struct solver *solver, uint64_t milliseconds)
{
        const struct library *z3 = &solver->z3;

        forget_model(solver);
        limit_time(solver, milliseconds);
        switch (z3->Z3_solver_check(solver->context, solver->solver)) {
        case Z3_L_FALSE: return SOLVER_NO;
        case Z3_L_TRUE: break;
        default: return SOLVER_UNKNOWN;
        }
        solver->model = z3->Z3_solver_get_model(solver->context, solver->solver);
        if (!solver->model)
                return SOLVER_UNKNOWN;
        z3->Z3_model_inc_ref(solver->context, solver->model);
        return SOLVER_YES;
}

uint32_t solver_value(struct solver *solver, formula word)
{
        const struct library *z3 = &solver->z3;
        unsigned value = 0;
        Z3_ast number;

        if (solver->model &&
            z3->Z3_model_eval(solver->context, solver->model, ast_of(word), true, &number))
                z3->Z3_get_numeral_uint(solver->context, number, &value);
        return value;
}

#else

/* Without Z3's header at build time there is no solver. */

const char *solver_name(void)
{
        return NULL;
}

bool solver_is_there(void)
{
        return false;
}

struct solver *solver_new(void)
{
        return NULL;
}

void solver_free(struct solver *solver)
{
        (void)solver;
}

formula solver_number(struct solver *solver, uint32_t number)
{
        (void)solver, (void)number;
        return NULL;
}

formula solver_symbol(struct solver *solver, const char *name)
{
        (void)solver, (void)name;
        return NULL;
}

formula solver_byte(struct solver *solver, formula place)
{
        (void)solver, (void)place;
        return NULL;
}

formula solver_operate(struct solver *solver, unsigned operation, formula a, formula b)
{
        (void)solver, (void)operation, (void)a, (void)b;
        return NULL;
}

formula solver_truth(struct solver *solver, bool value)
{
        (void)solver, (void)value;
        return NULL;
}

formula solver_equal(struct solver *solver, formula a, formula b)
{
        (void)solver, (void)a, (void)b;
        return NULL;
}

formula solver_at_most(struct solver *solver, formula a, formula b)
{
        (void)solver, (void)a, (void)b;
        return NULL;
}

formula solver_choose(struct solver *solver, formula condition, formula yes, formula no)
{
        (void)solver, (void)condition, (void)yes, (void)no;
        return NULL;
}

void solver_require(struct solver *solver, formula condition)
{
        (void)solver, (void)condition;
}

void solver_remember(struct solver *solver)
{
        (void)solver;
}

void solver_forget(struct solver *solver)
{
        (void)solver;
}

enum solver_answer solver_check(struct solver *solver, uint64_t milliseconds)
{
        (void)solver, (void)milliseconds;
        return SOLVER_UNKNOWN;
}

uint32_t solver_value(struct solver *solver, formula word)
{
        (void)solver, (void)word;
        return 0;
}

#endif
