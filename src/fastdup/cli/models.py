"""``fastdup models``: the list of models, and their download."""

import argparse

from fastdup.cli.parser import CommandParser


def add_arguments(parser: CommandParser) -> None:
    """Add the command's arguments, and the command below it, to its parser."""
    parser.description = (
        "List the built-in model and the presets: public models that you may download."
    )
    parser.set_defaults(act=_list)
    download = parser.add_subparsers(metavar="download NAME").add_parser(
        "download",
        description="Download the preset NAME and verify it. The list shows its licence.",
    )
    download.set_defaults(act=_download)
    download.add_argument("name", metavar="NAME", help="a name from the list")
    download.add_argument(
        "--text",
        action="store_true",
        help="download the half that reads texts, for fastdup search --text, beside the model",
    )
    download.add_verbose()


def _list(_options: argparse.Namespace) -> None:
    from fastdup.models.catalogue import catalogue_lines

    for line in catalogue_lines():
        print(line)


def _download(options: argparse.Namespace) -> None:
    from fastdup.models.download import download_preset, download_text_half
    from fastdup.models.presets import find_preset
    from fastdup.progress import choose_progress

    preset = find_preset(options.name)
    if options.text:  # first, as most presets have no such half
        for name, digest in download_text_half(preset, choose_progress(unit="B")).items():
            print(f"{preset.path.parent / name}\nsha256: {digest}")
    sha256 = download_preset(preset, choose_progress(unit="B"))
    pinned = "as pinned" if preset.sha256 else "hash not pinned; the card remembers this one"
    print(f"{preset.path}\nsha256: {sha256} ({pinned})\nlicence: {preset.licence}")
    option = "content-model" if options.text else "model-path"
    print(f"to use it: fastdup run INPUT --{option} {preset.name}")
