"""The report on a run: all that was found, as one page of numbers, charts and pictures.

`copies_found` counts copies, `issues_found` what is wrong with single images, `sets_found` what
labels and splits show; `histograms` and `charts` draw; `report_page` puts the page together.
"""
