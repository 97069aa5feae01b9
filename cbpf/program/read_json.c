/* JSON: an array of objects, each with the numbers code, jt, jf and k, or an object that holds such
 * an array as "instructions". Anything else in it is ignored. */
#include "reader.h"

#include <jansson.h>

enum { CODE, JT, JF, K, FIELDS };

static const struct {
        const char *name;
        uint32_t most;
} fields[FIELDS] = {
    [CODE] = {"code", UINT16_MAX},
    [JT] = {"jt", UINT8_MAX},
    [JF] = {"jf", UINT8_MAX},
    [K] = {"k", UINT32_MAX},
};

static bool read_instruction(struct reader *reader, json_t *instruction)
{
        uint32_t values[FIELDS];

        if (!json_is_object(instruction))
                return reader_refuse(reader, ERROR_NO_OFFSET, 0, "instruction %u is not an object",
                                     reader->count);
        for (int i = 0; i < FIELDS; i++) {
                json_t *value = json_object_get(instruction, fields[i].name);
                json_int_t number = json_integer_value(value);

                if (!value)
                        return reader_refuse(reader, ERROR_NO_OFFSET, 0,
                                             "instruction %u has no \"%s\"", reader->count,
                                             fields[i].name);
                if (!json_is_integer(value) || number < 0 || number > fields[i].most)
                        return reader_refuse(reader, ERROR_NO_OFFSET, 0,
                                             "the %s of instruction %u is not an integer from 0 "
                                             "to %u",
                                             fields[i].name, reader->count, fields[i].most);
                values[i] = (uint32_t)number;
        }
        return reader_add(reader, &(struct bpf_insn){(uint16_t)values[CODE], (uint8_t)values[JT],
                                                     (uint8_t)values[JF], values[K]});
}

static bool read_instructions(struct reader *reader, json_t *array)
{
        json_t *instruction;
        size_t i;

        if (!array)
                return reader_refuse(reader, ERROR_NO_OFFSET, 0,
                                     "the object has no \"instructions\"");
        if (!json_is_array(array))
                return reader_refuse(reader, ERROR_NO_OFFSET, 0,
                                     "\"instructions\" is not an array");
        json_array_foreach(array, i,
                           instruction) if (!read_instruction(reader, instruction)) return false;
        return true;
}

bool read_json(struct reader *reader)
{
        json_error_t error;
        json_t *root = json_loadb(reader->text, reader->length,
                                  JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
        bool done;

        if (!root)
                return reader_refuse(reader, (size_t)error.position, 1, "invalid JSON: %s",
                                     error.text);
        done = read_instructions(
            reader, json_is_array(root) ? root : json_object_get(root, "instructions"));
        json_decref(root);
        return done;
}
