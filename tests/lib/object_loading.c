#include "object_loading.h"

#include <dlfcn.h>
#include <stddef.h>

/* libbpf's struct bpf_program is another one than libpcap's, and so is not named here. */
int object_load(const char *path, const enum ebpf_kind *kind)
{
        struct ebpf_attributes attributes;
        void *library = dlopen("libbpf.so.1", RTLD_NOW), *object, *program;
        void *(*open_file)(const char *, const void *);
        void *(*next_program)(void *, void *);
        int (*set_type)(void *, unsigned), (*set_attach_type)(void *, unsigned);
        int (*load)(void *), (*descriptor)(void *);

        if (!library)
                return -1;
        *(void **)&open_file = dlsym(library, "bpf_object__open_file");
        *(void **)&next_program = dlsym(library, "bpf_object__next_program");
        *(void **)&set_type = dlsym(library, "bpf_program__set_type");
        *(void **)&set_attach_type = dlsym(library, "bpf_program__set_expected_attach_type");
        *(void **)&load = dlsym(library, "bpf_object__load");
        *(void **)&descriptor = dlsym(library, "bpf_program__fd");
        object = open_file(path, NULL);
        program = object ? next_program(object, NULL) : NULL;
        if (!program)
                return -1;
        if (kind) {
                attributes = ebpf_attributes(*kind);
                if (set_type(program, attributes.type) < 0 ||
                    set_attach_type(program, attributes.attach_type) < 0)
                        return -1;
        }
        return load(object) < 0 ? -1 : descriptor(program);
}
