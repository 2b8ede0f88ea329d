"""Names that people, systems and messengers give to copies, in several languages."""

import os
import re
from functools import lru_cache

from fastdup.sources.wanted_files import is_in_system_folder

#: Folders whose names are known: many files are in each.
_CACHED = 2**12
_COPY = "copy|copie|kopie|kopi|kopia|kopio|copia|cópia|копия|副本|コピー|kopya|másolat|kópia"
_EDITED = (
    "edited|edit|bearbeitet|modifi[eé]|modificat[oa]|editad[oa]|bewerkt|redigerad|muokattu|edytowane"
    "|изменено|small|thumb|thumbnail|web|resized|scaled|preview|low-?res|large|enlarged|compressed"
    "|medium|min|klein|petit|pequeñ[oa]|piccol[oa]"
)
_NUMBER = r"(?:[ _-]?\(?\d+\)?)?"
_NAMES = re.compile(
    "|".join(
        (
            rf"(?:{_COPY})(?: \d+| \(\d+\))? (?:of|de|di|von|van|av|af|da|do) .*",  # Copy of x
            rf".*[ _-](?:-[ ])?(?:{_COPY}){_NUMBER}",  # x - Copy (2)
            rf".*の(?:{_COPY}){_NUMBER}",
            r".*[^ (]\s?\(\d{1,3}\)",  # x (1)
            r".*~\d{1,3}",  # x~2
            rf".*[ _-](?:{_EDITED}){_NUMBER}",  # x-edited, x_small_3
            r"img-\d{6,8}-wa\d{3,5}.*",  # WhatsApp
            r"(?:received|fb_img|mmexport|signal)[_-]\d.*",  # other messengers
            r"photo_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d.*",  # Telegram
            r"(?:screen[ _-]?shot|bildschirmfoto|capture d.écran|captura de|schermafbeelding).*",
            r"(?:schermata|skärmavbild|skjermbilde|zrzut ekranu|снимок экрана).*",
            r"スクリーンショット.*",
        )
    ),
    re.IGNORECASE | re.DOTALL,
)
#: Folders of previews and of what may be thrown away.
_ASIDE = re.compile(
    r"\.?(?:cache[sd]?|thumbs?|thumbnails?|previews?|te?mp|temporary|trash|deleted( items)?)",
    re.IGNORECASE,
)
_BACKUP = (
    "back-?ups?|sicherung(?:en|skopien?)?|sauvegardes?|copias? de seguridad|copie di sicurezza"
    "|reservekopie(?:ën)?|säkerhetskopi(?:a|or)|резервн.*|バックアップ|备份"
)
#: Folders of copies of others: "Backup 2019", "Copy of 2019", "2019 - Copy (2)".
_OF_COPIES = re.compile(
    rf"(?:.*[ _-])?(?:{_BACKUP})(?:[ _-].*|\d*)"
    rf"|(?:{_COPY}) (?:of|de|di|von|van|av|af|da|do) .*|.*[ _-](?:{_COPY}){_NUMBER}",
    re.IGNORECASE | re.DOTALL,
)


def looks_like_a_copy(path: str) -> bool:
    """Return whether a file has the name of a copy: "Copy of x.jpg", "x (1).jpg", "x-edited.jpg".

    Parameters
    ----------
    path : str
        Full path; only the name counts.
    """
    name = path.rpartition("/")[2].rpartition(os.sep)[2]
    return _NAMES.fullmatch(os.path.splitext(name)[0]) is not None


def is_put_aside(path: str) -> bool:
    """Return whether a file is in a bin, a cache or a folder of previews."""
    return _is_aside(os.path.dirname(path))


def is_among_copies(path: str) -> bool:
    """Return whether a file is in a folder of copies: "Backup 2019", "Copy of 2019"."""
    return _is_of_copies(os.path.dirname(path))


@lru_cache(_CACHED)
def _is_aside(folder: str) -> bool:
    folders = folder.replace(os.sep, "/").split("/")
    return is_in_system_folder("/".join([*folders, ""])) or any(map(_ASIDE.fullmatch, folders))


@lru_cache(_CACHED)
def _is_of_copies(folder: str) -> bool:
    return any(map(_OF_COPIES.fullmatch, folder.replace(os.sep, "/").split("/")))
