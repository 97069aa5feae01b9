#include "trial.h"

#include "cbpf/compile.h"
#include "cbpf/program/program.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        SNAPSHOT = 262144,
        PROOF_LIMIT = 300, /* milliseconds */
};

static uint32_t netmask(void)
{
        static const uint8_t bytes[] = {255, 255, 255, 0};
        uint32_t mask;

        memcpy(&mask, bytes, sizeof mask);
        return mask;
}

/* libpcap generates a live program for Ethernet only for a handle that is activated. */
static pcap_t *open_handle(int link_type, enum cbpf_place place, char *message)
{
        pcap_t *handle;

        if (place == CBPF_FILE || link_type != DLT_EN10MB) {
                snprintf(message, PCAP_ERRBUF_SIZE, "out of memory");
                return pcap_open_dead(link_type, SNAPSHOT);
        }
        handle = pcap_create("lo", message);
        if (!handle)
                return NULL;
        pcap_set_snaplen(handle, SNAPSHOT);
        if (pcap_activate(handle) >= 0)
                return handle;
        snprintf(message, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(handle));
        pcap_close(handle);
        return NULL;
}

/* Compiles with libpcap, whose optimizer reports an error if it finds that all packets are
 * rejected. */
static bool compile_libpcap(int link_type, enum cbpf_place place, const char *expression,
                            int optimize, struct bpf_program *program, char *message)
{
        pcap_t *handle = open_handle(link_type, place, message);
        bool compiled;

        *program = (struct bpf_program){0};
        if (!handle)
                return false;
        compiled = pcap_compile(handle, program, expression, optimize, netmask()) == 0;
        if (!compiled)
                snprintf(message, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(handle));
        pcap_close(handle);
        if (compiled && place == CBPF_LIVE && link_type == DLT_LINUX_SLL2 &&
            cbpf_cook(program) < 0) {
                snprintf(message, PCAP_ERRBUF_SIZE, "not for a cooked socket");
                cbpf_program_free(program);
                return false;
        }
        if (compiled || strcmp(message, "expression rejects all packets") != 0)
                return compiled;
        program->bf_insns = calloc(1, sizeof *program->bf_insns);
        if (!program->bf_insns)
                return false;
        program->bf_insns[0] = (struct bpf_insn)BPF_STMT(BPF_RET | BPF_K, 0);
        program->bf_len = 1;
        return true;
}

static struct cbpf_target target_of(const struct trial_settings *settings, int link_type)
{
        return (struct cbpf_target){.link_type = link_type,
                                    .snapshot_length = SNAPSHOT,
                                    .place = settings->place,
                                    .netmask = netmask()};
}

/* True if the kernel shows our program something else than what is saved. The reference then runs
 * on what is saved. */
static enum sample_form form_of(const struct trial_settings *settings, int link_type)
{
        if (settings->candidate != TRIAL_OURS)
                return SAMPLE_AS_SAVED;
        if (settings->place == CBPF_LIVE_ANY)
                return SAMPLE_ANY;
        return settings->place == CBPF_LIVE && link_type == DLT_EN10MB ? SAMPLE_ETHERNET
                                                                       : SAMPLE_AS_SAVED;
}

/* What is saved has its tags in place, so the program for a file says what is right. But files have
 * no direction and no interface; and where libpcap knows no tags, there is only ours. */
static bool compile_reference(const struct trial_settings *settings, int link_type,
                              const char *expression, struct bpf_program *program, char *message)
{
        enum cbpf_place place =
            form_of(settings, link_type) == SAMPLE_AS_SAVED ? settings->place : CBPF_FILE;
        struct cbpf_target file = target_of(settings, link_type);
        struct error error;

        file.place = CBPF_FILE;
        if (compile_libpcap(link_type, place, expression, 0, program, message) ||
            compile_libpcap(link_type, settings->place, expression, 0, program, message))
                return true;
        return settings->candidate == TRIAL_OURS && place == CBPF_FILE &&
               (link_type == DLT_LINUX_SLL || link_type == DLT_LINUX_SLL2) &&
               cbpf_compile(expression, &file, CBPF_UNOPTIMIZED, program, &error) == 0;
}

static bool compile_graph(const struct trial_settings *settings, int link_type,
                          const char *expression, struct bpf_program *program, char *message)
{
        struct bpf_program meaning;
        int status;

        if (!compile_libpcap(link_type, settings->place, expression, 0, &meaning, message))
                return false;
        status = cbpf_recompile(&meaning, program);
        if (status > 0) { /* it has no graph */
                *program = meaning;
                return true;
        }
        pcap_freecode(&meaning);
        if (status < 0)
                snprintf(message, TRIAL_MESSAGE, "out of memory");
        return status == 0;
}

static bool compile_candidate(const struct trial_settings *settings, int link_type,
                              const char *expression, struct bpf_program *program, char *message)
{
        struct cbpf_target target = target_of(settings, link_type);
        struct error error;

        if (settings->candidate == TRIAL_LIBPCAP)
                return compile_libpcap(link_type, settings->place, expression, 1, program, message);
        if (settings->candidate == TRIAL_GRAPH)
                return compile_graph(settings, link_type, expression, program, message);
        if (cbpf_compile(expression, &target, settings->flags, program, &error) == 0)
                return true;
        snprintf(message, TRIAL_MESSAGE, "%s", error.message);
        return false;
}

/* Except for backward jumps, the only fault allowed is that the program is too long. */
static bool keeps_rules(const struct bpf_program *program, char *message, size_t room)
{
        struct cbpf_violation violation;

        if (cbpf_check(program, &violation) == 0 || cbpf_jumps_back(program) ||
            violation.instruction == CBPF_KERNEL_MAX)
                return true;
        snprintf(message, room, "%s", violation.message);
        return false;
}

static uint64_t count_steps(const struct bpf_program *program, const struct captures *captures,
                            int link_type)
{
        uint64_t steps = 0;

        for (size_t i = 0; i < captures->count; i++) {
                const struct capture_record *record = &captures->records[i];

                if (record->link_type == link_type)
                        steps += cbpf_execute(program, &record->packet, NULL, NULL).steps;
        }
        return steps;
}

static void measure(struct trial *trial, const struct trial_settings *settings, int link_type,
                    const struct bpf_program *candidate, const struct bpf_program *libpcap)
{
        trial->candidate_length = candidate->bf_len;
        trial->libpcap_length = libpcap->bf_len;
        if (libpcap->bf_len == 0 || settings->place != CBPF_FILE)
                return;
        trial->candidate_steps = count_steps(candidate, settings->captures, link_type);
        trial->libpcap_steps = count_steps(libpcap, settings->captures, link_type);
}

static void compare(struct trial *trial, const struct trial_settings *settings, int link_type,
                    const struct bpf_program *reference, const struct bpf_program *candidate,
                    const struct bpf_program *libpcap, const struct seeds *seeds)
{
        char ignored[TRIAL_MESSAGE];

        trial->exploration = (struct exploration){
            .reference = reference,
            .candidate = candidate,
            .bystander = libpcap->bf_len && settings->candidate != TRIAL_LIBPCAP ? libpcap : NULL,
            .seed = settings->seed,
            .form = form_of(settings, link_type),
            .budget = settings->budget,
            .by_proof = settings->place == CBPF_FILE && !settings->by_chance,
            .proof_limit = PROOF_LIMIT,
            .link_type = link_type,
        };
        if (!explore(&trial->exploration, (const struct sample *const *)seeds->samples,
                     seeds->count)) {
                trial->status = TRIAL_FAILED;
                snprintf(trial->message, sizeof trial->message, "out of memory");
        }
        /* libpcap's programs for geneve may read scratch memory that was not written. */
        if (trial->exploration.bystander && !keeps_rules(libpcap, ignored, sizeof ignored))
                trial->exploration.bystander_wrong = true;
}

static void try_programs(struct trial *trial, const struct trial_settings *settings, int link_type,
                         const char *expression, const struct seeds *seeds,
                         const struct bpf_program *reference)
{
        struct bpf_program candidate, libpcap;
        char ignored[PCAP_ERRBUF_SIZE];

        trial->status = TRIAL_REFUSED;
        if (!compile_candidate(settings, link_type, expression, &candidate, trial->message))
                return;
        libpcap = (struct bpf_program){0};
        if (form_of(settings, link_type) == SAMPLE_AS_SAVED) /* else it means something else */
                compile_libpcap(link_type, settings->place, expression, 1, &libpcap, ignored);
        trial->status = TRIAL_UNLOADED;
        if (settings->candidate == TRIAL_LIBPCAP ||
            keeps_rules(&candidate, trial->message, sizeof trial->message)) {
                trial->status = TRIAL_COMPARED;
                measure(trial, settings, link_type, &candidate, &libpcap);
                compare(trial, settings, link_type, reference, &candidate, &libpcap, seeds);
        }
        cbpf_program_free(&libpcap);
        cbpf_program_free(&candidate);
}

/* True if the live program asks for what the kernel cannot tell. */
static bool is_for_file(const struct trial_settings *settings, int link_type,
                        const char *expression)
{
        struct cbpf_target target = target_of(settings, link_type);
        struct bpf_program program;
        struct error error;

        if (settings->place == CBPF_FILE)
                return false;
        if (cbpf_compile(expression, &target, 0, &program, &error) < 0)
                return error.kind == CBPF_ONLY_IN_FILE;
        cbpf_program_free(&program);
        return false;
}

void trial_run(struct trial *trial, const struct trial_settings *settings, int link_type,
               const char *expression, const struct seeds *seeds)
{
        struct trial_settings own = *settings;
        struct bpf_program reference;

        *trial = (struct trial){.status = TRIAL_INVALID};
        if ((link_type != DLT_EN10MB || own.place == CBPF_LIVE_ANY) &&
            (link_type != DLT_LINUX_SLL2 || own.place == CBPF_FILE))
                own.place = CBPF_FILE;
        if (is_for_file(&own, link_type, expression))
                own.place = CBPF_FILE;
        if (!compile_reference(&own, link_type, expression, &reference, trial->message))
                return;
        trial->reference_length = reference.bf_len;
        try_programs(trial, &own, link_type, expression, seeds, &reference);
        cbpf_program_free(&reference);
}

bool trial_wrong(const struct trial *trial, bool strict)
{
        const size_t *judged = trial->exploration.judged;

        if (trial->status != TRIAL_COMPARED)
                return trial->status != TRIAL_INVALID;
        return judged[JUDGED_DIFFERENT] > 0 || (strict && judged[JUDGED_SHORT] > 0);
}

/* Shrinking */

/* The next word of `text`, or a parenthesis; its length, including the white space that follows. */
static size_t word_length(const char *text)
{
        size_t length = strcspn(text, " ()");

        if (length == 0)
                length = 1;
        while (text[length] && isspace((unsigned char)text[length]))
                length++;
        return length;
}

/* Copies `expression` without `count` words from the `first` on. False if there are fewer. */
static bool without(char *shorter, const char *expression, size_t first, size_t count)
{
        size_t used = 0, word = 0;

        while (*expression) {
                size_t length = word_length(expression);

                if (word < first || word >= first + count) {
                        memcpy(shorter + used, expression, length);
                        used += length;
                }
                expression += length;
                word++;
        }
        shorter[used] = '\0';
        return word >= first + count;
}

/* Both parentheses of a pair. */
static bool without_pair(char *shorter, const char *expression, size_t first)
{
        size_t used = 0, word = 0;
        int depth = 0;

        for (const char *at = expression; *at; at += word_length(at), word++) {
                size_t length = word_length(at);
                bool open = *at == '(', close = *at == ')';

                if (word == first && !open)
                        return false;
                if (word >= first && open && depth++ == 0 && word == first)
                        continue;
                if (word > first && close && depth > 0 && --depth == 0)
                        continue;
                memcpy(shorter + used, at, length);
                used += length;
        }
        shorter[used] = '\0';
        return word > first;
}

static bool still_wrong(const struct trial_settings *settings, int link_type,
                        const char *expression, const struct seeds *seeds, bool strict)
{
        struct trial *trial = malloc(sizeof *trial);
        bool wrong;

        if (!trial)
                return false;
        trial_run(trial, settings, link_type, expression, seeds);
        wrong = trial_wrong(trial, strict);
        free(trial);
        return wrong;
}

void trial_shrink(const struct trial_settings *settings, int link_type, char *expression,
                  const struct seeds *seeds, bool strict)
{
        char *shorter = malloc(strlen(expression) + 1);

        for (size_t count = 16; shorter && count > 0; count--) {
                for (size_t first = 0;; first++) {
                        bool made = without(shorter, expression, first, count);

                        if (!made)
                                break;
                        if (still_wrong(settings, link_type, shorter, seeds, strict)) {
                                strcpy(expression, shorter);
                                first--;
                                continue;
                        }
                        if (count == 1 && without_pair(shorter, expression, first) &&
                            still_wrong(settings, link_type, shorter, seeds, strict)) {
                                strcpy(expression, shorter);
                                first--;
                        }
                }
        }
        free(shorter);
}
