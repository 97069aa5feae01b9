/* Inside the graph: the hashes under which its tables keep terms and nodes. */
#pragma once

#include "ir.h"

uint32_t graph_hash_term(const struct term *term);
uint32_t graph_hash_node(const struct node *node);
