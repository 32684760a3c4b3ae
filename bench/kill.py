"""Kill the whole server with -9 again and again while clients register records, then look for what was lost.

    python -m bench.kill [--rounds 50] [--clients 4] [--engine sqlite|postgresql]

Clients repeat an unanswered request with the same Idempotency-Key, as the API promises. Afterwards every acknowledged
key must have exactly one record, numbers must have no hole, and the trail's seal must hold.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench import server


def client(
    ports: Sequence[int],
    token: str,
    path: str,
    body: Callable[[str], dict[str, Any]],
    acknowledged: dict[str, str],
    stop: threading.Event,
) -> None:
    """Register one record after the other, on any of the nodes; each is repeated with its key until it is answered."""
    while not stop.is_set():
        key = uuid.uuid4().hex
        payload = json.dumps(body(key)).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", random.choice(ports), timeout=20)
                connection.request("POST", path, payload, headers)
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
            except (OSError, http.client.HTTPException):
                if stop.is_set():
                    return
                time.sleep(0.05)
                continue
            if answer.status == 201:
                acknowledged[key] = json.loads(content)["ref"]
                break
            if answer.status < 500 and answer.status != 409:
                raise RuntimeError(f"{answer.status} {content[:500]!r}")
            time.sleep(0.05)


def strike(
    data: Path,
    url: str,
    token: str,
    path: str,
    body: Callable[[str], dict[str, Any]],
    rounds: int,
    clients: int,
    say: Callable[[str], None] = print,
) -> dict[str, str]:
    """Run the clients through `rounds` kills; returns what was acknowledged: {key: ref}."""
    acknowledged: dict[str, str] = {}
    stop, dice, port = threading.Event(), random.Random(7), server.free_port()
    running = server.start(data, url, port)
    threads = [
        threading.Thread(target=client, args=([port], token, path, body, acknowledged, stop)) for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    for number in range(rounds):
        time.sleep(dice.uniform(0.05, 0.6))
        running.kill()
        running = server.start(data, url, port)
        if number % 10 == 9:
            say(f"{number + 1} kills, {len(acknowledged)} acknowledged")
    stop.set()
    for thread in threads:
        thread.join(60)
    running.stop()
    return acknowledged


def main() -> None:
    from bench import cache, world

    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=50)
    options.add_argument("--clients", type=int, default=4)
    options.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked = options.parse_args()
    with cache.cluster(asked.engine) as cluster, tempfile.TemporaryDirectory(dir=cache.home()) as folder:
        data, url = Path(folder), cluster.create("killed") if cluster else ""
        made = world.make(data, url, customers=5, cases=0)
        acknowledged = strike(data, url, made.token, "/api/v1/cases", made.case_with_key, asked.rounds, asked.clients)
        server.comity(data, "worker", "--drain", url=url)  # seals what the kills left unsealed
        problems = world.lost(data, url, acknowledged)
        print(server.comity(data, "verify", url=url).strip())
        print(f"{asked.rounds} kills, {len(acknowledged)} acknowledged, {len(problems)} problems")
        for problem in problems[:20]:
            print(" ", problem)
        raise SystemExit(bool(problems))


if __name__ == "__main__":
    main()
