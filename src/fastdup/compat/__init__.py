"""What later releases of the original have, over the functions here, under the names known there.

`later_names` is the table of all these names. Nothing here does work of its own that other rooms
do: it renames, reshapes and passes on, or says in one sentence what does the work instead.
"""
