/* HTTP/1, RFC 9112, FTP, SMTP, WHOIS, RTSP and SIP: their first line, all lines with -v. */
#include "application.h"

#include "base/array.h"

static const char *const http_methods[] = {
    "GET",         "PUT",        "COPY",       "HEAD",       "LOCK",        "MOVE",
    "POLL",        "POST",       "BCOPY",      "BMOVE",      "MKCOL",       "TRACE",
    "LABEL",       "MERGE",      "DELETE",     "SEARCH",     "UNLOCK",      "REPORT",
    "UPDATE",      "NOTIFY",     "BDELETE",    "CONNECT",    "OPTIONS",     "CHECKIN",
    "PROPFIND",    "CHECKOUT",   "CCM_POST",   "SUBSCRIBE",  "PROPPATCH",   "VERSION-CONTROL",
    "BPROPFIND",   "BPROPPATCH", "UNCHECKOUT", "MKACTIVITY", "MKWORKSPACE", "BASELINE-CONTROL",
    "UNSUBSCRIBE", "RPC_CONNECT"};

static const char *const rtsp_commands[] = {"ANNOUNCE", "DESCRIBE", "GET_PARAMETER", "OPTIONS",
                                            "PAUSE",    "PLAY",     "PLAY_NOTIFY",   "RECORD",
                                            "REDIRECT", "SETUP",    "SET_PARAMETER", "TEARDOWN"};

static const char *const sip_commands[] = {
    "ACK",   "BYE",   "CANCEL", "DO",       "INFO",   "INVITE",    "MESSAGE", "NOTIFY", "OPTIONS",
    "PRACK", "QAUTH", "REFER",  "REGISTER", "SPRACK", "SUBSCRIBE", "UPDATE",  "PUBLISH"};

void http_print(struct printer *printer, struct packet packet)
{
        text_print(printer, packet, "http", ": HTTP", http_methods, array_count(http_methods));
}

void ftp_print(struct printer *printer, struct packet packet)
{
        text_print(printer, packet, "ftp", ": FTP", NULL, 0);
}

void whois_print(struct printer *printer, struct packet packet)
{
        text_print(printer, packet, "whois", ": WHOIS", NULL, 0);
}

void smtp_print(struct printer *printer, struct packet packet)
{
        text_print(printer, packet, "smtp", ": SMTP", NULL, 0);
}

void rtsp_print(struct printer *printer, struct packet packet)
{
        text_print(printer, packet, "rtsp", ": RTSP", rtsp_commands, array_count(rtsp_commands));
}

void sip_print(struct printer *printer, struct packet packet)
{
        text_print(printer, packet, "sip", "SIP", sip_commands, array_count(sip_commands));
}
