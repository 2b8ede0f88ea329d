"""The frozen program: the command ``fastdup``, or an interpreter for its own worker processes.

The package starts its workers as ``sys.executable -P -m fastdup.MODULE ARGUMENT…``. Frozen,
`sys.executable` is this program, so it answers to these words as an interpreter does, for the
package's own modules and nothing else.
"""

import runpy
import sys

AS_INTERPRETER = ["-P", "-m"]


def main() -> int:
    """Run the module that the words name, or else the command line."""
    words = sys.argv[1:]
    if words[:2] == AS_INTERPRETER and words[2:] and words[2].startswith("fastdup."):
        sys.argv = words[2:]  # the first is replaced by the path of the module
        runpy.run_module(words[2], run_name="__main__", alter_sys=True)
        return 0
    from fastdup.__main__ import command

    return command()


if __name__ == "__main__":
    sys.exit(main())
