/* Shared by the files of OpenFlow 1.0. */
#pragma once

#include "openflow.h"

/* Those that stand for no port have names. */
void openflow10_port_number(struct printer *printer, const char *label, uint16_t port);
/* What a flow matches: a line a field, each behind `prefix`. */
void openflow10_match_print(struct printer *printer, struct packet packet, const char *prefix);
/* A list of actions: a line each, behind `prefix`. */
enum openflow_result openflow10_actions_print(struct printer *printer, struct packet packet,
                                              const char *prefix);

openflow_body openflow10_vendor_print;
openflow_body openflow10_stats_request_print, openflow10_stats_reply_print;
