"""Load a service that runs: requests a second, their times, and that none is lost.

``python tests/benchmarks/load.py http://127.0.0.1:8000 SUBJECT IMAGE --requests 1000 --at-once 16``; the token is read
from the environment variable TOKEN. SUBJECT should be somebody whom IMAGE shows, and the service's rates above the
load: ``masquerade serve --rate 1000000 --subject-rate 1000000``.
"""

import asyncio
import os
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import click
import httpx
import numpy as np


class Load(NamedTuple):
    """What was measured.

    Attributes:
        rate: answers a second.
        p50, p99: seconds until an answer.
        answers: how many there were of each status; 0: none came.
    """

    rate: float
    p50: float
    p99: float
    answers: Counter[int]


def load(url: str, token: str, subject: str, image: bytes, requests: int, at_once: int) -> Load:
    """Verify ``requests`` times, ``at_once`` at a time."""
    seconds: list[float] = []
    answers: Counter[int] = Counter()

    async def ask_all() -> None:
        places = asyncio.Semaphore(at_once)
        limits = httpx.Limits(max_connections=at_once)
        async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits, verify=False) as client:

            async def ask() -> None:
                async with places:
                    start = time.perf_counter()
                    try:
                        answer = await client.post(
                            "/verify",
                            headers={"Authorization": f"Bearer {token}"},
                            data={"subject": subject},
                            files={"picture": image},
                        )
                        answers[answer.status_code] += 1
                    except httpx.HTTPError:
                        answers[0] += 1
                    seconds.append(time.perf_counter() - start)

            await asyncio.gather(*(ask() for _ in range(requests)))

    start = time.perf_counter()
    asyncio.run(ask_all())
    p50, p99 = np.quantile(seconds, [0.5, 0.99])
    return Load(requests / (time.perf_counter() - start), float(p50), float(p99), answers)


@click.command(help=__doc__)
@click.argument("url")
@click.argument("subject")
@click.argument("image", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--requests", default=1000, show_default=True)
@click.option("--at-once", default=16, show_default=True)
def main(url: str, subject: str, image: Path, requests: int, at_once: int) -> None:
    found = load(url, os.environ["TOKEN"], subject, image.read_bytes(), requests, at_once)
    click.echo(f"{found.rate:.1f} requests/s, p50 {1000 * found.p50:.0f} ms, p99 {1000 * found.p99:.0f} ms")
    click.echo(f"answers by status: {dict(found.answers)}; lost: {requests - found.answers[200]}")


if __name__ == "__main__":
    main()
