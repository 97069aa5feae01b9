/* libbpf, loaded when it is first called: only what runs programs in the kernel needs it. */
#include "base/lazy.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

static struct lazy_library library = {{"libbpf.so.1"}, NULL};

LAZY(int, btf__find_by_name_kind, (const struct btf *a, const char *b, __u32 c), (a, b, c))
LAZY(void, btf__free, (struct btf * a), (a))
LAZY(struct btf *, btf__load_module_btf, (const char *a, struct btf *b), (a, b))
LAZY(struct btf *, btf__load_vmlinux_btf, (void), ())
LAZY(const char *, btf__name_by_offset, (const struct btf *a, __u32 b), (a, b))
LAZY(__s64, btf__resolve_size, (const struct btf *a, __u32 b), (a, b))
LAZY(const struct btf_type *, btf__type_by_id, (const struct btf *a, __u32 b), (a, b))
LAZY(int, bpf_iter_create, (int a), (a))
LAZY(int, bpf_link__destroy, (struct bpf_link * a), (a))
LAZY(int, bpf_link__fd, (const struct bpf_link *a), (a))
LAZY(int, bpf_link_create,
     (int a, int b, enum bpf_attach_type c, const struct bpf_link_create_opts *d), (a, b, c, d))
LAZY(int, bpf_link_get_fd_by_id, (__u32 a), (a))
LAZY(int, bpf_link_get_next_id, (__u32 a, __u32 *b), (a, b))
LAZY(int, bpf_link_update, (int a, int b, const struct bpf_link_update_opts *c), (a, b, c))
LAZY(int, bpf_map__fd, (const struct bpf_map *a), (a))
LAZY(__u32, bpf_map__max_entries, (const struct bpf_map *a), (a))
LAZY(int, bpf_map__reuse_fd, (struct bpf_map * a, int b), (a, b))
LAZY(int, bpf_map__set_autocreate, (struct bpf_map * a, bool b), (a, b))
LAZY(int, bpf_map__set_max_entries, (struct bpf_map * a, __u32 b), (a, b))
LAZY(int, bpf_map__set_value_size, (struct bpf_map * a, __u32 b), (a, b))
LAZY(int, bpf_map_create,
     (enum bpf_map_type a, const char *b, __u32 c, __u32 d, __u32 e,
      const struct bpf_map_create_opts *f),
     (a, b, c, d, e, f))
LAZY(int, bpf_map_delete_elem, (int a, const void *b), (a, b))
LAZY(int, bpf_map_get_next_key, (int a, const void *b, void *c), (a, b, c))
LAZY(int, bpf_map_lookup_elem, (int a, const void *b, void *c), (a, b, c))
LAZY(int, bpf_map_update_elem, (int a, const void *b, const void *c, __u64 d), (a, b, c, d))
LAZY(int, bpf_map_update_batch,
     (int a, const void *b, const void *c, __u32 *d, const struct bpf_map_batch_opts *e),
     (a, b, c, d, e))
LAZY(int, bpf_obj_get, (const char *a), (a))
LAZY(int, bpf_obj_get_info_by_fd, (int a, void *b, __u32 *c), (a, b, c))
LAZY(int, bpf_obj_pin, (int a, const char *b), (a, b))
LAZY(int, bpf_object__attach_skeleton, (struct bpf_object_skeleton * a), (a))
LAZY(void, bpf_object__destroy_skeleton, (struct bpf_object_skeleton * a), (a))
LAZY(void, bpf_object__detach_skeleton, (struct bpf_object_skeleton * a), (a))
LAZY(int, bpf_object__load_skeleton, (struct bpf_object_skeleton * a), (a))
LAZY(struct bpf_program *, bpf_object__next_program,
     (const struct bpf_object *a, struct bpf_program *b), (a, b))
LAZY(int, bpf_object__open_skeleton,
     (struct bpf_object_skeleton * a, const struct bpf_object_open_opts *b), (a, b))
LAZY(struct bpf_link *, bpf_program__attach, (const struct bpf_program *a), (a))
LAZY(bool, bpf_program__autoload, (const struct bpf_program *a), (a))
LAZY(int, bpf_program__fd, (const struct bpf_program *a), (a))
LAZY(size_t, bpf_program__insn_cnt, (const struct bpf_program *a), (a))
LAZY(const struct bpf_insn *, bpf_program__insns, (const struct bpf_program *a), (a))
LAZY(const char *, bpf_program__section_name, (const struct bpf_program *a), (a))
LAZY(int, bpf_program__set_autoload, (struct bpf_program * a, bool b), (a, b))
LAZY(int, bpf_program__set_expected_attach_type, (struct bpf_program * a, enum bpf_attach_type b),
     (a, b))
LAZY(int, bpf_program__set_flags, (struct bpf_program * a, __u32 b), (a, b))
LAZY(int, bpf_program__set_insns, (struct bpf_program * a, struct bpf_insn *b, size_t c), (a, b, c))
LAZY(int, bpf_program__set_type, (struct bpf_program * a, enum bpf_prog_type b), (a, b))
LAZY(int, bpf_prog_get_fd_by_id, (__u32 a), (a))
LAZY(int, bpf_prog_load,
     (enum bpf_prog_type a, const char *b, const char *c, const struct bpf_insn *d, size_t e,
      const struct bpf_prog_load_opts *f),
     (a, b, c, d, e, f))
LAZY(int, bpf_prog_test_run_opts, (int a, struct bpf_test_run_opts *b), (a, b))
LAZY(int, bpf_raw_tracepoint_open, (const char *a, int b), (a, b))
LAZY(int, bpf_tc_attach, (const struct bpf_tc_hook *a, struct bpf_tc_opts *b), (a, b))
LAZY(int, bpf_tc_detach, (const struct bpf_tc_hook *a, const struct bpf_tc_opts *b), (a, b))
LAZY(int, bpf_tc_hook_create, (struct bpf_tc_hook * a), (a))
LAZY(int, bpf_tc_hook_destroy, (struct bpf_tc_hook * a), (a))
LAZY(int, bpf_tc_query, (const struct bpf_tc_hook *a, struct bpf_tc_opts *b), (a, b))
LAZY(int, bpf_xdp_attach, (int a, int b, __u32 c, const struct bpf_xdp_attach_opts *d),
     (a, b, c, d))
LAZY(int, bpf_xdp_query, (int a, int b, struct bpf_xdp_query_opts *c), (a, b, c))
LAZY(int, libbpf_num_possible_cpus, (void), ())
LAZY(libbpf_print_fn_t, libbpf_set_print, (libbpf_print_fn_t a), (a))