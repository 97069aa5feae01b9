/* Names of SNMP's objects from modules of the Structure of Management Information (RFC 2578), which
 * libsmi reads. The library is loaded, not linked, as few ask for it. */
#include "application.h"

#include "base/array.h"
#include "base/lazy.h"

#include <dlfcn.h>
#include <errno.h>
#include <smi.h>
#include <stddef.h>
#include <stdlib.h>

#define LIBRARY "libsmi.so.2"

#define FUNCTIONS(X)          \
        X(smiInit)            \
        X(smiExit)            \
        X(smiSetErrorHandler) \
        X(smiLoadModule)      \
        X(smiGetModule)       \
        X(smiGetNodeByOID)    \
        X(smiGetParentNode)   \
        X(smiGetNodeModule)

struct print_mibs {
        void *library;
        SmiModule **modules;
        size_t count, room;
#define POINTER(name) __typeof__(&name) name;
        FUNCTIONS(POINTER)
#undef POINTER
};

/* What is wrong with a module is not printed by the library, which would also end the process. */
static void ignore_error(char *path, int line, int severity, char *message, char *tag)
{
        (void)path;
        (void)line;
        (void)severity;
        (void)message;
        (void)tag;
}

static bool find_functions(struct print_mibs *mibs)
{
#define ROW(name) {#name, offsetof(struct print_mibs, name)},
        static const struct lazy_pointer functions[] = {FUNCTIONS(ROW)};
#undef ROW

        return lazy_find(mibs->library, functions, array_count(functions), mibs);
}

struct print_mibs *print_mibs_new(struct error *error)
{
        struct print_mibs *mibs = calloc(1, sizeof *mibs);

        errno = 0;
        if (mibs)
                mibs->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
        if (!mibs || (!mibs->library && errno == ENOMEM)) {
                error_memory(error);
        } else if (!mibs->library || !find_functions(mibs)) {
                error_set(error, "libsmi cannot be loaded: %s", dlerror());
        } else if (mibs->smiInit(NULL) != 0) {
                error_memory(error);
        } else {
                mibs->smiSetErrorHandler(ignore_error);
                return mibs;
        }
        free(mibs);
        return NULL;
}

void print_mibs_free(struct print_mibs *mibs)
{
        if (!mibs)
                return;
        mibs->smiExit();
        free(mibs->modules);
        free(mibs);
}

int print_mibs_add(struct print_mibs *mibs, const char *name, struct error *error)
{
        const char *loaded = *name ? mibs->smiLoadModule(name) : NULL;
        SmiModule *module = loaded ? mibs->smiGetModule(loaded) : NULL;

        if (!module)
                return error_set(error,
                                 "%s: no such module of names for SNMP; a module's name, which is "
                                 "looked for where SMIPATH says, or the path of its file",
                                 name);
        if (!array_grow(mibs->modules, mibs->room, mibs->count + 1))
                return error_memory(error);
        mibs->modules[mibs->count++] = module;
        return 0;
}

/* Up to the top. libsmi does not keep their number with all nodes. */
static size_t arcs_of(const struct print_mibs *mibs, SmiNode *node)
{
        size_t count = 0;

        for (; node; node = mibs->smiGetParentNode(node))
                count++;
        return count;
}

size_t mibs_object_print(struct printer *printer, const uint32_t *arcs, size_t count)
{
        const struct print_mibs *mibs = printer->options.mibs;
        SmiNode *node;
        SmiModule *module;

        if (!mibs || count == 0)
                return 0;
        node = mibs->smiGetNodeByOID((unsigned)count, (SmiSubid *)(uintptr_t)arcs);
        module = node ? mibs->smiGetNodeModule(node) : NULL;
        for (size_t i = 0; module && node->name && i < mibs->count; i++) {
                if (strcmp(mibs->modules[i]->name, module->name) != 0)
                        continue;
                put(printer, module->name);
                put(printer, "::");
                put(printer, node->name);
                return arcs_of(mibs, node);
        }
        return 0;
}
