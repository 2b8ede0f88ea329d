"""Frames of videos as images: listed and decoded where they are, never written to disk."""

from fastdup.sources.videos.known import KnownVideos
from fastdup.sources.videos.names import ENDING, FrameName, parse_frame
from fastdup.sources.videos.reader import VideoReader

__all__ = ["ENDING", "FrameName", "KnownVideos", "VideoReader", "parse_frame"]
