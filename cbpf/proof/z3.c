/* The solver: Z3, by its C API. The library is loaded when it is first asked, as it is large and
 * few runs need it. */
#include "solver.h"

#include "base/array.h"
#include "base/lazy.h"

#include <linux/filter.h>
#include <stddef.h>

#if __has_include(<z3.h>)

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <z3.h>
#include <z3_version.h>

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, build) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(build)
#define Z3_VERSION_TEXT VERSION_TEXT(Z3_MAJOR_VERSION, Z3_MINOR_VERSION, Z3_BUILD_NUMBER)

/* The functions of the library that are called. */
#define FUNCTIONS(X)              \
        X(Z3_global_param_set)    \
        X(Z3_mk_config)           \
        X(Z3_del_config)          \
        X(Z3_mk_context)          \
        X(Z3_del_context)         \
        X(Z3_set_error_handler)   \
        X(Z3_mk_string_symbol)    \
        X(Z3_mk_bv_sort)          \
        X(Z3_mk_array_sort)       \
        X(Z3_mk_const)            \
        X(Z3_mk_unsigned_int)     \
        X(Z3_mk_select)           \
        X(Z3_mk_zero_ext)         \
        X(Z3_mk_bvadd)            \
        X(Z3_mk_bvsub)            \
        X(Z3_mk_bvmul)            \
        X(Z3_mk_bvudiv)           \
        X(Z3_mk_bvurem)           \
        X(Z3_mk_bvand)            \
        X(Z3_mk_bvor)             \
        X(Z3_mk_bvxor)            \
        X(Z3_mk_bvshl)            \
        X(Z3_mk_bvlshr)           \
        X(Z3_mk_bvneg)            \
        X(Z3_mk_bvule)            \
        X(Z3_mk_eq)               \
        X(Z3_mk_ite)              \
        X(Z3_mk_true)             \
        X(Z3_mk_false)            \
        X(Z3_mk_solver_for_logic) \
        X(Z3_solver_inc_ref)      \
        X(Z3_solver_dec_ref)      \
        X(Z3_solver_assert)       \
        X(Z3_solver_push)         \
        X(Z3_solver_pop)          \
        X(Z3_solver_check)        \
        X(Z3_solver_get_model)    \
        X(Z3_model_inc_ref)       \
        X(Z3_model_dec_ref)       \
        X(Z3_model_eval)          \
        X(Z3_get_numeral_uint)    \
        X(Z3_mk_params)           \
        X(Z3_params_inc_ref)      \
        X(Z3_params_dec_ref)      \
        X(Z3_params_set_uint)     \
        X(Z3_solver_set_params)

struct library {
#define POINTER(name) __typeof__(&name) name;
        FUNCTIONS(POINTER)
#undef POINTER
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
#define ROW(name) {#name, offsetof(struct library, name)},
        static const struct lazy_pointer functions[] = {FUNCTIONS(ROW)};
#undef ROW
        void *handle = dlopen(name_of_library, RTLD_NOW | RTLD_LOCAL);

        return handle && lazy_find(handle, functions, array_count(functions), library);
}

const char *solver_name(void)
{
        return "Z3 " Z3_VERSION_TEXT;
}

/* --- What it takes --- */

enum { LEAST_ROOM = 256, MEBIBYTE = 1 << 20 };

/* Bytes that a limit leaves, of which so many are used. */
static uint64_t left_of(int limit, uint64_t used)
{
        struct rlimit set;

        if (getrlimit(limit, &set) < 0 || set.rlim_cur == RLIM_INFINITY)
                return UINT64_MAX;
        return set.rlim_cur > used ? set.rlim_cur - used : 0;
}

/* Bytes of memory that this process may still ask for, as its limits have it. */
static uint64_t find_room(void)
{
        unsigned long long total = 0, data = 0, page = (unsigned long long)sysconf(_SC_PAGESIZE);
        FILE *file = fopen("/proc/self/statm", "re");
        uint64_t room, of_data;

        if (file) {
                if (fscanf(file, "%llu %*u %*u %*u %*u %llu", &total, &data) != 2)
                        total = data = 0;
                fclose(file);
        }
        room = left_of(RLIMIT_AS, total * page);
        of_data = left_of(RLIMIT_DATA, data * page);
        return room < of_data ? room : of_data;
}

static void *do_nothing(void *nothing)
{
        return nothing;
}

/* Z3 starts a thread to watch the time, and ends the process where it cannot. */
static bool can_start_threads(void)
{
        pthread_t thread;

        if (pthread_create(&thread, NULL, do_nothing, NULL) != 0)
                return false;
        pthread_join(thread, NULL);
        return true;
}

const char *solver_lack(void)
{
        struct library library;

        if (find_room() < (uint64_t)LEAST_ROOM * MEBIBYTE)
                return "the limits of this process (ulimit -v, -d) leave less than the 256 MiB "
                       "that Z3 takes";
        if (!can_start_threads())
                return "no thread can be started, which Z3 takes (ulimit -u)";
        return load(&library) ? NULL : "Z3's library, libz3.so.4, cannot be loaded";
}

/* So that Z3 says that memory is short before the process' limit says it. */
static void limit_memory(const struct library *z3)
{
        uint64_t room = find_room();
        char text[24];

        if (room == UINT64_MAX)
                return;
        snprintf(text, sizeof text, "%llu", (unsigned long long)(room / 4 * 3 / MEBIBYTE));
        z3->Z3_global_param_set("memory_max_size", text);
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

        if (!solver || solver_lack() || !load(z3)) {
                free(solver);
                return NULL;
        }
        limit_memory(z3);
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

const char *solver_lack(void)
{
        return "filt was built without Z3 (libz3-dev)";
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
