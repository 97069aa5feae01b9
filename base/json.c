/* Writing JSON. */
#include "json.h"

#include <string.h>

/* What is escaped at a time, for a stream. */
enum { PIECE = 64 };

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

static char *escape_byte(char *at, unsigned char byte)
{
        if (byte == '\n') {
                memcpy(at, "\\n", 2);
                return at + 2;
        }
        memcpy(at, "\\u00", 4);
        return number_hex(at + 4, byte, 2);
}

/* Whether none of these eight bytes needs an escape: the high bit of each is set in the sum below
 * if it is a control character, DEL or above, a quote or a backslash. */
static inline bool is_plain(uint64_t word)
{
        const uint64_t ones = UINT64_MAX / 255, high = ones << 7;
        uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';

        return !(
            (word | (word - ones * ' ') | (word + ones) | (quote - ones) | (backslash - ones)) &
            high);
}

char *json_escape_bytes(char *at, const char *bytes, size_t size)
{
        for (size_t i = 0; i < size; i++) {
                unsigned char byte;
                uint64_t word;

                /* The longest piece of most texts: eight at a time. */
                while (size - i >= sizeof word) {
                        memcpy(&word, bytes + i, sizeof word);
                        if (!is_plain(word))
                                break;
                        memcpy(at, &word, sizeof word);
                        at += sizeof word;
                        i += sizeof word;
                }
                if (i == size)
                        break;
                byte = (unsigned char)bytes[i];
                if (byte < ' ' || byte > '~') {
                        at = escape_byte(at, byte);
                        continue;
                }
                if (byte == '"' || byte == '\\')
                        *at++ = '\\';
                *at++ = (char)byte;
        }
        return at;
}

static void put(struct json *json, const char *bytes, size_t size)
{
        if (json->text)
                text_put(json->text, bytes, size);
        else
                fwrite(bytes, 1, size, json->file);
}

static void break_line(struct json *json)
{
        put(json, "\n", 1);
        for (unsigned i = 0; i < json->depth; i++)
                put(json, "  ", 2);
}

/* What stands before a value or a key. */
static void separate(struct json *json)
{
        bool follows = json->follows;

        json->follows = true;
        if (json->after_key) {
                json->after_key = false;
                return;
        }
        if (follows)
                put(json, ",", 1);
        if (json->depth > 0 && json->depth <= json->lines)
                break_line(json);
        else if (follows && json->spaced)
                put(json, " ", 1);
}

void json_open(struct json *json, char bracket)
{
        separate(json);
        put(json, &bracket, 1);
        json->depth++;
        json->follows = false;
}

void json_close(struct json *json, char bracket)
{
        json->depth--;
        if (json->follows && json->depth < json->lines)
                break_line(json);
        put(json, &bracket, 1);
        json->follows = true;
}

struct json *json_key(struct json *json, const char *name)
{
        separate(json);
        put(json, "\"", 1);
        put(json, name, strlen(name));
        put(json, "\": ", json->spaced ? 3 : 2);
        json->after_key = true;
        return json;
}

void json_raw(struct json *json, const char *value)
{
        separate(json);
        put(json, value, strlen(value));
}

void json_decimal(struct json *json, uint64_t value)
{
        char digits[NUMBER_DECIMAL];

        separate(json);
        put(json, digits, (size_t)(number_decimal(digits, value) - digits));
}

void json_signed(struct json *json, int64_t value)
{
        char digits[1 + NUMBER_DECIMAL] = "-";
        char *start = digits + (value < 0 ? 1 : 0);
        uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;

        separate(json);
        put(json, digits, (size_t)(number_decimal(start, magnitude) - digits));
}

void json_boolean(struct json *json, bool value)
{
        json_raw(json, value ? "true" : "false");
}

void json_null(struct json *json)
{
        json_raw(json, "null");
}

void json_bytes(struct json *json, const char *bytes, size_t size)
{
        separate(json);
        put(json, "\"", 1);
        for (size_t piece; size > 0; bytes += piece, size -= piece) {
                char escaped[PIECE * JSON_ESCAPED];

                piece = size < PIECE ? size : PIECE;
                put(json, escaped, (size_t)(json_escape_bytes(escaped, bytes, piece) - escaped));
        }
        put(json, "\"", 1);
}

void json_string(struct json *json, const char *text, size_t size)
{
        separate(json);
        put(json, "\"", 1);
        while (size > 0) {
                size_t length = text_utf8(text, size);
                char escaped[JSON_ESCAPED];

                if (length == 0) {
                        put(json, replacement, strlen(replacement));
                        length = 1;
                } else if (length > 1) {
                        put(json, text, length);
                } else if (json->in_html && strchr("<>&", *text) && *text) {
                        put(json, escaped,
                            (size_t)(escape_byte(escaped, (unsigned char)*text) - escaped));
                } else {
                        put(json, escaped, (size_t)(json_escape_bytes(escaped, text, 1) - escaped));
                }
                text += length;
                size -= length;
        }
        put(json, "\"", 1);
}

void json_text(struct json *json, const char *text)
{
        if (text)
                json_string(json, text, strlen(text));
        else
                json_null(json);
}

void json_base64(struct json *json, const uint8_t *bytes, size_t size)
{
        static const char digits[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

        separate(json);
        put(json, "\"", 1);
        for (size_t i = 0; i < size; i += 3) {
                uint32_t group = (uint32_t)bytes[i] << 16;

                if (i + 1 < size)
                        group |= (uint32_t)bytes[i + 1] << 8;
                if (i + 2 < size)
                        group |= bytes[i + 2];
                put(json,
                    (char[]){digits[group >> 18], digits[group >> 12 & 63],
                             i + 1 < size ? digits[group >> 6 & 63] : '=',
                             i + 2 < size ? digits[group & 63] : '='},
                    4);
        }
        put(json, "\"", 1);
}
