"""What two files are to each other, looked at when it is asked for."""

from threadpoolctl import threadpool_info, threadpool_limits

from fastdup.actions.relations import Eyes
from fastdup.sources import ReaderOptions, UriReader
from fastdup.verify.verdict import Verdict
from pictures import jpeg, photo


class Watching(UriReader):
    """Notes how many threads the BLAS libraries may use while pictures are read."""

    def __init__(self):
        super().__init__(ReaderOptions())
        self.n_threads = set()

    def read(self, uri, max_bytes=None):
        of_numpy = {"user_api": "blas", "threading_layer": "pthreads"}  # faiss brings another
        blas = [found for found in threadpool_info() if of_numpy.items() <= found.items()]
        self.n_threads |= {found["num_threads"] for found in blas}
        return super().read(uri, max_bytes)


def test_two_files_are_looked_at_with_one_thread_of_the_blas_as_in_a_run(tmp_path):
    first, second = tmp_path / "a.jpg", tmp_path / "b.jpg"
    first.write_bytes(jpeg(photo(1)))
    second.write_bytes(jpeg(photo(1), quality=60))
    reader = Watching()
    with threadpool_limits(limits=2, user_api="blas"):
        found = Eyes(reader=reader).look(str(first), str(second))
    assert found.verdict is Verdict.SAME_PICTURE
    assert reader.n_threads <= {1}
