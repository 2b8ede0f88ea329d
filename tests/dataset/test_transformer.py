"""The transformer is a step of scikit-learn's pipelines."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import fastdup
from pictures import jpeg, scene


def test_a_pipeline_learns_from_pictures_what_they_are_copies_of(tmp_path):
    paths, labels = [], []
    for seed in (0, 3):
        for quality in (60, 75, 90):
            paths.append(tmp_path / f"{seed}-{quality}.jpg")
            paths[-1].write_bytes(jpeg(scene(seed), quality=quality))
            labels.append(seed)
    pipeline = clone(make_pipeline(fastdup.FastdupTransformer(), LogisticRegression()))
    pipeline.fit(paths[:2] + paths[3:5], labels[:2] + labels[3:5])
    assert list(pipeline.predict([paths[2], paths[5]])) == [0, 3]
    assert pipeline.get_params()["fastduptransformer__model_path"] is None
    rows = pipeline[0].transform(map(str, paths))
    fastdup.run(tmp_path, tmp_path / "out", run_mode=1)
    names, stored = fastdup.load_binary_feature(tmp_path / "out")
    in_order = [names.index(str(path)) for path in paths]
    assert rows.dtype == np.float32
    assert np.array_equal(rows, stored[in_order])


def test_a_file_that_is_no_image_is_an_error(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"no image")
    with pytest.raises(fastdup.ImageError):
        fastdup.FastdupTransformer().transform([tmp_path / "a.jpg"])
    with pytest.raises(fastdup.ModelError):
        fastdup.FastdupTransformer().set_params(model_path="no.onnx").transform([])
