"""A listing and its reader, as tests of sources use them: together."""

from fastdup.config import RunConfig
from fastdup.sources.inputs import open_listing, open_reader


class Opened:
    """What `given` names, opened; `uris` is the listing's, all else the reader's."""

    def __init__(self, given, **options):
        config = RunConfig(input_dir=given, **options)
        self.reader = open_reader(config)
        self.listing = open_listing(config, self.reader)

    def uris(self):
        return self.listing.uris()

    def __getattr__(self, name):
        return getattr(self.reader, name)
