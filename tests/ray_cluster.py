"""A real Ray cluster of several nodes on this machine, all of them on loopback.

It lives in a process of its own, so that a test never connects to it by accident: this file is at
once that program and the class by which tests hold it.
"""

import json
import os
import secrets
import subprocess
import sys

TOKEN = secrets.token_hex(32)
STORE_BYTES = 80 * 2**20
#: So that a dead node is found dead within a second.
_SYSTEM = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 300,
    "health_check_failure_threshold": 2,
    "enable_metrics_collection": False,
}


class RayCluster:
    """A head without CPUs and nodes of one CPU each; a context manager.

    Attributes
    ----------
    address : str
        Where drivers connect.
    environment : dict of str to str
        What a driver's environment needs.
    """

    def __init__(self, n_nodes: int) -> None:
        self.environment = {
            **os.environ,
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": TOKEN,
        }
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(n_nodes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment,
            text=True,
        )
        self.address = self._answer()

    def __enter__(self) -> "RayCluster":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def add_node(self) -> None:
        """Start one more node and wait until it is there."""
        self._ask("add")

    def kill_node(self) -> None:
        """Kill the processes of one node, as when its machine loses power."""
        self._ask("kill")

    def _ask(self, what: str) -> None:
        print(what, file=self._process.stdin, flush=True)
        self._answer()

    def _answer(self) -> str:
        line = self._process.stdout.readline()
        while line and not line.startswith("{"):  # what Ray itself prints
            line = self._process.stdout.readline()
        return json.loads(line)["answer"]


def main() -> None:
    """Hold a cluster until the standard input ends."""
    from ray.cluster_utils import Cluster

    store = {"object_store_memory": STORE_BYTES}
    options = {"num_cpus": 0, "include_dashboard": False, "_system_config": _SYSTEM, **store}
    cluster = Cluster(initialize_head=True, head_node_args=options)
    nodes = [cluster.add_node(num_cpus=1, **store) for _ in range(int(sys.argv[1]))]
    send(cluster.address)
    for line in sys.stdin:
        if line.strip() == "add":
            nodes.append(cluster.add_node(num_cpus=1, **store))
        else:
            cluster.remove_node(nodes.pop(), allow_graceful=False)
        send("")
    cluster.shutdown()


def send(answer: str) -> None:
    """Write an answer to whoever holds the cluster."""
    sys.stdout.write(json.dumps({"answer": answer}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
