"""Puts the man page and the shell completions into the wheel, made from the command line itself."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CommandLinePages(BuildHookInterface):
    """Adds ``share/man`` and the completions' folders to what the wheel installs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the pages, and pass the builder the place where each is installed."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path[:0] = [str(root / "src"), str(root / "packaging")]
        from cli_pages.write import write_pages

        pages = write_pages(root / "build" / "cli-pages")
        build_data["shared_data"] |= {str(path): f"share/{place}" for place, path in pages.items()}
