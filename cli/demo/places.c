/* The columns of filt demo's table: the places at which filt captures, in the order in which a
 * packet comes to them on its way from a socket on host A to one on host B. */
#include "demo.h"

const struct demo_place demo_places[DEMO_PLACES] = {
    [DEMO_OUTPUT] = {"nf:output", NETWORK_A},
    [DEMO_EGRESS] = {"tc-egress", NETWORK_A},
    [DEMO_SENDER] = {"socket", NETWORK_A},
    [DEMO_XDP] = {"xdp", NETWORK_B},
    [DEMO_RECEIVER] = {"socket", NETWORK_B},
    [DEMO_INGRESS] = {"tc-ingress", NETWORK_B},
    [DEMO_PREROUTING] = {"nf:prerouting", NETWORK_B},
    [DEMO_FORWARD] = {"nf:forward", NETWORK_B},
    [DEMO_INPUT] = {"nf:input", NETWORK_B},
};

bool demo_place_is_socket(int place)
{
        return place == DEMO_SENDER || place == DEMO_RECEIVER;
}
