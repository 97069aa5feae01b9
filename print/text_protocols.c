/* FTP, SMTP, RTSP and SIP: their first line, all lines with -v. */
#include "print/internal.h"

#define COUNT(array) (sizeof array / sizeof *array)

static const char *const ftp_commands[] = {
    "ACCT", "ALLO", "APPE", "CWD",  "DELE", "EPRT", "EPSV", "FEAT", "HELP", "LIST", "MDTM",
    "MKD",  "MODE", "NLST", "NOOP", "OPTS", "PASS", "PASV", "PBSZ", "PORT", "PROT", "PWD",
    "QUIT", "REIN", "REST", "RETR", "RMD",  "RNFR", "RNTO", "SIZE", "STAT", "STOR", "STRU",
    "SYST", "TYPE", "USER",
};

static const char *const smtp_commands[] = {
    "AUTH", "BDAT", "DATA", "EHLO", "EXPN", "HELO", "HELP",
    "MAIL", "NOOP", "QUIT", "RCPT", "RSET", "VRFY",
};

static const char *const rtsp_commands[] = {
    "ANNOUNCE", "DESCRIBE", "GET_PARAMETER", "OPTIONS", "PAUSE",    "PLAY",
    "PLAY_NOTIFY", "RECORD", "REDIRECT", "SETUP", "SET_PARAMETER", "TEARDOWN",
};

static const char *const sip_commands[] = {
    "ACK", "BYE", "CANCEL", "DO", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK",
    "QAUTH", "REFER", "REGISTER", "SPRACK", "SUBSCRIBE", "UPDATE", "PUBLISH",
};

void ftp_print(struct printer *printer, struct view view)
{
        printer->protocol = "ftp";
        text_print(printer, view, "FTP", ftp_commands, COUNT(ftp_commands), true);
}

void smtp_print(struct printer *printer, struct view view)
{
        printer->protocol = "smtp";
        text_print(printer, view, "SMTP", smtp_commands, COUNT(smtp_commands), true);
}

void rtsp_print(struct printer *printer, struct view view)
{
        printer->protocol = "rtsp";
        text_print(printer, view, "RTSP", rtsp_commands, COUNT(rtsp_commands), false);
}

void sip_print(struct printer *printer, struct view view)
{
        printer->protocol = "sip";
        text_print(printer, view, "SIP", sip_commands, COUNT(sip_commands), false);
}
