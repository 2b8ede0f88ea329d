"""Frames of videos as images: listed and decoded where they are, never written to disk."""

from fastdup.sources.videos.names import FrameName, parse_frame
from fastdup.sources.videos.reader import VideoReader

__all__ = ["FrameName", "VideoReader", "parse_frame"]
