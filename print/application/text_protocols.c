/* FTP, SMTP, RTSP and SIP: their first line, all lines with -v. */
#include "application.h"

#define COUNT(array) (sizeof array / sizeof *array)

static const char *const rtsp_commands[] = {
    "ANNOUNCE",    "DESCRIBE", "GET_PARAMETER", "OPTIONS", "PAUSE",         "PLAY",
    "PLAY_NOTIFY", "RECORD",   "REDIRECT",      "SETUP",   "SET_PARAMETER", "TEARDOWN",
};

static const char *const sip_commands[] = {
    "ACK",   "BYE",   "CANCEL", "DO",       "INFO",   "INVITE",    "MESSAGE", "NOTIFY",  "OPTIONS",
    "PRACK", "QAUTH", "REFER",  "REGISTER", "SPRACK", "SUBSCRIBE", "UPDATE",  "PUBLISH",
};

void ftp_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "ftp";
        put(printer, ": ");
        text_print(printer, packet, "FTP", NULL, 0);
}

void smtp_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "smtp";
        put(printer, ": ");
        text_print(printer, packet, "SMTP", NULL, 0);
}

void rtsp_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "rtsp";
        put(printer, ": ");
        text_print(printer, packet, "RTSP", rtsp_commands, COUNT(rtsp_commands));
}

void sip_print(struct printer *printer, struct packet packet)
{
        printer->protocol = "sip";
        text_print(printer, packet, "SIP", sip_commands, COUNT(sip_commands));
}
