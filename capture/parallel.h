/* parallel: several threads reading and filtering one file. */
#ifndef CAPTURE_PARALLEL_H
#define CAPTURE_PARALLEL_H

#include "reader.h"

struct parallel;

/* Starts `threads` threads on the rest of a file that is regular, classic pcap and not compressed.
 * Returns NULL if it is not, or if no thread can be started: then the file's reader does the work.
 */
struct parallel *parallel_start(struct file *file, unsigned threads);
void parallel_stop(struct parallel *parallel);

/* Returns the next filtered batch in `batch`. Returns false when the file's reader has to continue
 * by itself from its input's position: at the end, and at a record that is damaged or cut. */
bool parallel_batch(struct file *file, struct capture_batch *batch);

#endif
