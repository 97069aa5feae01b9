/* Text that may come from anyone (an expression, a packet, a file's name) into the languages of the
 * pictures, such that it is text there and nothing else. Bytes that are no UTF-8 become U+FFFD,
 * control characters become spaces. */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* Inside the double quotes of a DOT label. No more than `most` characters; a cut is shown by "…".
 */
void put_dot_text(FILE *out, const char *text, size_t most);

/* Between tags, or inside the quotes of an attribute. */
void put_html_text(FILE *out, const char *text);
