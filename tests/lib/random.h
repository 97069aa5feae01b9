/* Random numbers that are the same in every run: splitmix64
 * (https://prng.di.unimi.it/splitmix64.c describes it). */
#pragma once

#include <stdint.h>

static inline uint64_t random_mix(uint64_t value)
{
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
}

static inline uint64_t random_next(uint64_t *state)
{
        return random_mix(*state += 0x9e3779b97f4a7c15);
}

/* Below `limit`, which is at least 1. */
static inline uint32_t random_below(uint64_t *state, uint32_t limit)
{
        return (uint32_t)((random_next(state) >> 32) * limit >> 32);
}
