/* Arrays: how many items one has, and the one way one grows. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The number of items of an array, not of a pointer. */
#define array_count(array) (sizeof(array) / sizeof *(array))

/* Makes room for `wanted` items in `array`, a pointer that is NULL or came from malloc(), of which
 * `room` items are allocated; `room` is an unsigned variable of any width. Both are lvalues, are
 * evaluated more than once, and are updated. The room at least doubles, so that appending n items
 * one at a time costs O(n). The new items are not initialized.
 *
 * Evaluates to true, or to false if memory is short; array and room are then unchanged. The room
 * stays below the greatest value of its type: a count of that type can be incremented safely
 * (`array_grow(items, room, count + 1)`). To append more than one item, add in a size_t. */
#define array_grow(array, room, wanted)                                                        \
        (__extension__({                                                                       \
                _Static_assert((__typeof__(room))-1 > 0, "the room of an array is unsigned");  \
                size_t array_wanted_ = (wanted), array_room_ = (room);                         \
                bool array_enough_ = array_wanted_ <= array_room_;                             \
                                                                                               \
                if (__builtin_expect(!array_enough_, 0)) {                                     \
                        __typeof__(array) array_grown_ =                                       \
                            array_grown((array), &array_room_, array_wanted_, sizeof *(array), \
                                        (__typeof__(room))-1);                                 \
                                                                                               \
                        if (array_grown_) {                                                    \
                                (array) = array_grown_;                                        \
                                (room) = (__typeof__(room))array_room_;                        \
                                array_enough_ = true;                                          \
                        }                                                                      \
                }                                                                              \
                array_enough_;                                                                 \
        }))

/* Reallocates `array` of `*room` items of `size` bytes for at least `wanted` items, but fewer than
 * `limit`. Returns NULL, with the array and `*room` unchanged, if it cannot. */
void *array_grown(void *array, size_t *room, size_t wanted, size_t size, size_t limit);
