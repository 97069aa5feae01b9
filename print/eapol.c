#include "print/internal.h"
void eapol_print(struct printer *printer, struct view view)
{
        (void)printer;(void)view;
}
void eap_print(struct printer *printer, struct view view)
{
        (void)printer;(void)view;
}
