/* parallel: several threads reading and filtering one file. */
#ifndef CAPTURE_PARALLEL_H
#define CAPTURE_PARALLEL_H

#include "reader.h"

struct parallel;

/* Starts `threads` threads on the rest of a file that is regular, classic pcap and not compressed.
 * Returns NULL if it is not, or if they cannot be had: then the file is read as by one. */
struct parallel *parallel_start(struct file *file, unsigned threads);
void parallel_stop(struct parallel *parallel);

/* Takes the next batch, judged. Returns false when the file's reader has to go on by itself, from
 * where its input stands: at the end, and where something is odd. */
bool parallel_batch(struct file *file, struct capture_batch *batch);

#endif
