/* filt explain --dot and --svg, and what --html shares with them. */
#include "picture.h"
#include "output_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int explain_dot(struct explain *explain)
{
        uint32_t blocks;
        char *dot = picture_dot(explain, &blocks);

        if (!dot)
                return out_of_memory();
        fputs(dot, stdout);
        free(dot);
        return STATUS_DONE;
}

bool picture_would_overwrite(const struct explain *explain, const char *path)
{
        struct stat in, out;

        if (!explain->file || stat(explain->file, &in) < 0 || stat(path, &out) < 0 ||
            !S_ISREG(in.st_mode) || in.st_dev != out.st_dev || in.st_ino != out.st_ino)
                return false;
        complain("%s: is the file being read; write to another one", path);
        return true;
}

char *picture_of(const struct explain *explain, const char *option)
{
        uint32_t blocks;
        char *dot = picture_dot(explain, &blocks);
        char *drawing;

        if (!dot) {
                out_of_memory();
                return NULL;
        }
        if (blocks > PICTURE_BLOCKS)
                complain("%s: a graph of %" PRIu32
                         " blocks is large: drawing it roughly, which may "
                         "take a minute",
                         option, blocks);
        drawing = picture_draw(dot, blocks > PICTURE_BLOCKS, option);
        free(dot);
        return drawing;
}

/* The drawing comes first: what cannot be drawn must not cost the file that is there. */
int explain_svg(struct explain *explain)
{
        struct output_file file;
        char *drawing;

        if (picture_would_overwrite(explain, explain->picture_file))
                return STATUS_FAILED;
        drawing = picture_of(explain, "--svg");
        if (!drawing)
                return STATUS_FAILED;
        if (output_file_open(&file, explain->picture_file) != STATUS_DONE) {
                free(drawing);
                return STATUS_FAILED;
        }
        fputs(drawing, file.stream);
        free(drawing);
        return output_file_finish(&file);
}
