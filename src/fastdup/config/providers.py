"""The table of neighbour providers: what ``nn_provider`` and ``nnmodel`` may name."""

from fastdup.class_registry import ClassRegistry, Entry
from fastdup.config.aliases import NN_PROVIDER_ALIASES

#: ``auto`` chooses by the number of rows; ``turi`` means the provider that ``nnmodel`` names.
AUTO, TURI = "auto", "turi"

#: The manual's values of ``nnmodel``; other providers may be named too.
NN_MODELS = ("ball_tree", "brute_force", "lsh")

DEFAULT_FAISS_MODE = "HNSW32"

PROVIDERS = ClassRegistry(
    "neighbour provider",
    "fastdup.providers",
    {
        "brute_force": Entry(
            "fastdup.index.brute_force:BruteForce", "all pairs; finds every neighbour"
        ),
        "faiss": Entry("fastdup.index.faiss:FaissIndex", "any index that faiss can make"),
        "ivf_join": Entry(
            "fastdup.index.ivf.provider:IvfJoin",
            "self-join over inverted lists; finds about 999 of 1000 close pairs",
        ),
        "lsh": Entry(
            "fastdup.index.lsh:HyperplaneHashing", "locality-sensitive hashing by hyperplanes"
        ),
    },
    reserved=(AUTO, TURI, *NN_PROVIDER_ALIASES),
)
