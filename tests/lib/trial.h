/* One expression tried: compiled by the candidate compiler and, as reference, by libpcap without
 * its optimizer; the two programs compared on packets. A live program of ours that the kernel shows
 * packets without their VLAN tag is compared with the program for a file, on the packet as it is
 * saved. */
#pragma once

#include "explore.h"
#include "seeds.h"

enum {
        TRIAL_MESSAGE = 1024 + 80,
};

enum trial_candidate {
        TRIAL_OURS,
        TRIAL_LIBPCAP, /* its optimizer: to try the tester itself */
        TRIAL_GRAPH,   /* cbpf_recompile() of libpcap's unoptimized program */
};

struct trial_settings {
        enum trial_candidate candidate;
        /* CBPF_LIVE is respected for Ethernet, where it requires the privilege to open the loopback
         * interface, and for cooked sockets (DLT_LINUX_SLL2); CBPF_LIVE_ANY for DLT_LINUX_SLL2. */
        enum cbpf_place place;
        unsigned flags; /* of cbpf_compile(), for what is OURS */
        uint64_t seed;
        uint64_t budget;
        bool by_chance; /* the proof is not asked for packets where steering has missed a branch */
        const struct captures *captures;
};

enum trial_status {
        TRIAL_COMPARED,
        TRIAL_INVALID,  /* libpcap refuses the expression; the candidate was not asked */
        TRIAL_REFUSED,  /* the candidate compiler refuses what libpcap accepts */
        TRIAL_UNLOADED, /* the candidate's program breaks a rule of the kernel */
        TRIAL_FAILED,   /* out of memory, or no handle */
};

struct trial {
        enum trial_status status;
        char message[TRIAL_MESSAGE]; /* except for TRIAL_COMPARED */
        struct exploration exploration;
        size_t reference_length, candidate_length;
        size_t libpcap_length; /* optimized; 0 if its optimizer fails */
        /* Instructions executed over the captures of the link type. */
        uint64_t candidate_steps, libpcap_steps;
};

/* `seeds` are for the link type. */
void trial_run(struct trial *trial, const struct trial_settings *settings, int link_type,
               const char *expression, const struct seeds *seeds);

/* Whether something is wrong: a difference, a refusal or a broken rule. JUDGED_SHORT counts only
 * with `strict`. */
bool trial_wrong(const struct trial *trial, bool strict);

/* Removes words of `expression`, in place, as long as the trial stays wrong. */
void trial_shrink(const struct trial_settings *settings, int link_type, char *expression,
                  const struct seeds *seeds, bool strict);
