/* From texts to rule sets. */
#include "rules.h"
#include "model.h"

#include <stdlib.h>
#include <sys/socket.h>

struct rules *rules_new(const char *const texts[RULES_TEXTS])
{
        struct rules *rules = calloc(1, sizeof *rules);

        if (!rules)
                return NULL;
        rules_read_iptables(rules, texts[RULES_IPTABLES], AF_INET, false);
        rules_read_iptables(rules, texts[RULES_IP6TABLES], AF_INET6, false);
        rules_read_iptables(rules, texts[RULES_IPTABLES_LEGACY], AF_INET, true);
        rules_read_iptables(rules, texts[RULES_IP6TABLES_LEGACY], AF_INET6, true);
        if (texts[RULES_NFT_JSON])
                rules_read_nft(rules, texts[RULES_NFT_JSON], texts[RULES_NFT_TEXT]);
        else
                rules_read_nft_text(rules, texts[RULES_NFT_TEXT]);
        if (!rules->failed)
                return rules;
        rules_free(rules);
        return NULL;
}

void rules_free(struct rules *rules)
{
        if (!rules)
                return;
        arena_free(&rules->arena);
        free(rules);
}
