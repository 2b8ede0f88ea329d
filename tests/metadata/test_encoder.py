import io

import pytest
from PIL import Image

from fastdup.metadata.encoder import encoder_and_quality


@pytest.mark.parametrize("quality", range(1, 101))
def test_the_quality_of_a_jpeg_by_libjpeg_is_found_again(quality):
    data = io.BytesIO()
    Image.new("RGB", (16, 16)).save(data, "JPEG", quality=quality)
    tables = Image.open(data).quantization
    assert encoder_and_quality(tuple(map(tuple, tables.values()))) == ("ijg", quality)


@pytest.mark.parametrize("value", [0, 1, 255, 65535])
def test_any_table_has_a_quality(value):
    encoder, quality = encoder_and_quality(((value,) * 64,))
    assert quality == (1 if value > 200 else 100)
    assert encoder == ("ijg" if value == 1 else encoder)
