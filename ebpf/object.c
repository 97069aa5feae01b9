/* An object file of four sections: names, symbols, the program and its license. What libbpf asks of
 * one: Documentation/bpf/libbpf/program_types.rst of Linux, and the psABI of eBPF for its machine.
 */
#include "object.h"
#include "base/lazy.h"

#include <elf.h>
#include <errno.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Only what makes object files needs libelf. */
static struct lazy_library library = {{"libelf.so.1"}, NULL};

LAZY(Elf *, elf_begin, (int a, Elf_Cmd b, Elf *c), (a, b, c))
LAZY(int, elf_end, (Elf * a), (a))
LAZY(int, elf_errno, (void), ())
LAZY(Elf_Data *, elf_newdata, (Elf_Scn * a), (a))
LAZY(Elf_Scn *, elf_newscn, (Elf * a), (a))
LAZY(int64_t, elf_update, (Elf * a, Elf_Cmd b), (a, b))
LAZY(unsigned, elf_version, (unsigned a), (a))
LAZY(Elf64_Ehdr *, elf64_newehdr, (Elf * a), (a))
LAZY(Elf64_Shdr *, elf64_getshdr, (Elf_Scn * a), (a))

enum {
        NAMES_ROOM = 128,
        INSTRUCTION_SIZE = 8,

        /* Sections, in the order of the file. */
        NAMES = 1,
        SYMBOLS,
        PROGRAM,
        LICENSE,
        SECTIONS,
};

struct names {
        char bytes[NAMES_ROOM];
        size_t length;
};

/* Adds a name. Returns where it is. */
static Elf64_Word add_name(struct names *names, const char *name)
{
        size_t at = names->length, size = strlen(name) + 1;

        if (size > sizeof names->bytes - at)
                return 0;
        memcpy(names->bytes + at, name, size);
        names->length += size;
        return (Elf64_Word)at;
}

/* Adds a section, which becomes the next. Short of memory, libelf 0.188 returns one that it has not
 * finished; only its error tells. */
static bool add_section(Elf *elf, const Elf64_Shdr *header, void *bytes, size_t size, Elf_Type type)
{
        Elf_Scn *section = elf_newscn(elf);
        bool whole = section && elf_errno() == 0;
        Elf64_Shdr *added = whole ? elf64_getshdr(section) : NULL;
        Elf_Data *data = whole ? elf_newdata(section) : NULL;

        if (!added || !data)
                return false;
        added->sh_name = header->sh_name;
        added->sh_type = header->sh_type;
        added->sh_flags = header->sh_flags;
        added->sh_link = header->sh_link;
        added->sh_info = header->sh_info;
        added->sh_entsize = header->sh_entsize;
        data->d_buf = bytes;
        data->d_size = size;
        data->d_align = type == ELF_T_SYM || size % INSTRUCTION_SIZE == 0 ? 8 : 1;
        data->d_type = type;
        data->d_version = EV_CURRENT;
        return true;
}

static bool add_header(Elf *elf)
{
        Elf64_Ehdr *header = elf64_newehdr(elf);
        bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

        if (!header)
                return false;
        header->e_ident[EI_DATA] = little ? ELFDATA2LSB : ELFDATA2MSB;
        header->e_type = ET_REL;
        header->e_machine = EM_BPF;
        header->e_version = EV_CURRENT;
        header->e_shstrndx = NAMES;
        return true;
}

static bool add_all(Elf *elf, const char *section, const void *instructions, size_t count)
{
        /* libelf keeps pointers to what is written, until elf_update(). */
        static char license[] = "GPL";
        struct names names = {.length = 1};
        Elf64_Sym symbols[] = {
            {0},
            {.st_name = add_name(&names, "filter"),
             .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
             .st_shndx = PROGRAM,
             .st_size = count * INSTRUCTION_SIZE},
            {.st_name = add_name(&names, "_license"),
             .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
             .st_shndx = LICENSE,
             .st_size = sizeof license},
        };
        const Elf64_Shdr headers[SECTIONS] = {
            [NAMES] = {.sh_name = add_name(&names, ".strtab"), .sh_type = SHT_STRTAB},
            [SYMBOLS] = {.sh_name = add_name(&names, ".symtab"),
                         .sh_type = SHT_SYMTAB,
                         .sh_link = NAMES,
                         .sh_info = 1, /* the first global one */
                         .sh_entsize = sizeof *symbols},
            [PROGRAM] = {.sh_name = add_name(&names, section),
                         .sh_type = SHT_PROGBITS,
                         .sh_flags = SHF_ALLOC | SHF_EXECINSTR},
            [LICENSE] = {.sh_name = add_name(&names, "license"),
                         .sh_type = SHT_PROGBITS,
                         .sh_flags = SHF_ALLOC | SHF_WRITE},
        };
        void *program = (void *)instructions; /* libelf only reads it */

        return add_header(elf) &&
               add_section(elf, &headers[NAMES], names.bytes, names.length, ELF_T_BYTE) &&
               add_section(elf, &headers[SYMBOLS], symbols, sizeof symbols, ELF_T_SYM) &&
               add_section(elf, &headers[PROGRAM], program, count * INSTRUCTION_SIZE, ELF_T_BYTE) &&
               add_section(elf, &headers[LICENSE], license, sizeof license, ELF_T_BYTE) &&
               elf_update(elf, ELF_C_WRITE) >= 0;
}

static bool read_back(int file, struct ebpf_object *object)
{
        off_t size = lseek(file, 0, SEEK_END);

        if (size < 0)
                return false;
        object->size = (size_t)size;
        object->bytes = malloc(object->size);
        if (object->bytes && pread(file, object->bytes, object->size, 0) == size)
                return true;
        free(object->bytes);
        return false;
}

bool ebpf_object_make(const char *section, const void *instructions, size_t count,
                      struct ebpf_object *object)
{
        int file = memfd_create("filt object", MFD_CLOEXEC); /* libelf seeks in what it writes */
        Elf *elf;
        bool made;

        if (file < 0)
                return false;
        elf_version(EV_CURRENT);
        elf_errno(); /* that of an earlier use says nothing */
        elf = elf_begin(file, ELF_C_WRITE, NULL);
        errno = ENOMEM; /* what else libelf could lack here */
        made = elf && add_all(elf, section, instructions, count);
        if (elf)
                elf_end(elf);
        made = made && read_back(file, object);
        close(file);
        return made;
}
