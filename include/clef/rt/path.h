/*
 * path.h: file paths as text. Nothing here looks at the file system, so a symbolic link may lead elsewhere than the text
 * says: to open a file of a folder by a name that a stranger chose, use file_open_beneath.
 */
#ifndef CLEF_RT_PATH_H
#define CLEF_RT_PATH_H

#include <clef/base/arena.h>
#include <clef/base/str.h>

/* "a" and "b/c" give "a/b/c". An absolute second part stands alone; an empty part adds nothing. */
CLEF_API(Str, path_join, Arena *a, Str folder, Str name);
/*
 * Without empty parts and ".", with ".." resolved by the text: "/a/./b/../c" gives "/a/c". A relative path may begin
 * with ".."; "/.." is "/"; the empty path is ".".
 */
CLEF_API(Str, path_normalize, Arena *a, Str path);
/* The part behind the last slash; "" when it ends with one. The part before it: "." without one, "/" for "/a". */
CLEF_API(Str, path_base, Str path) CLEF_PURE;
CLEF_API(Str, path_folder, Str path) CLEF_PURE;
/*
 * The base's part from the last dot on, the dot included: ".gz"; "" when there is none or when the dot is the first
 * byte.
 */
CLEF_API(Str, path_extension, Str path) CLEF_PURE;
/* `name` joined to the folder, normalized; the NULL string when that would be outside of the folder, or holds a NUL. */
CLEF_API(Str, path_join_beneath, Arena *a, Str folder, Str name);

#endif
