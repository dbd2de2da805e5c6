"""The pool model of engine/demography in vectorised numpy, on arrays of the same
size and with the same operations for each cell: ageing with deaths, births, a pool
of domestic moves whose shares are normalised under local shocks, emigration and
immigration. The numbers that go in are made up; the time does not depend on them.

Prints the seconds of one run. Draws are taken in blocks, because all draws at
once (1000 x 290 x 202 x 8 bytes = 469 MB) would not fit in any cache.
"""

import sys
import time

import numpy as np

UNITS, AGES = 290, 101
CELLS = 2 * AGES


def run(draws, years, block, rng):
    pop = rng.uniform(10, 200, (UNITS, CELLS))
    out = rng.uniform(0.01, 0.1, (UNITS, CELLS))
    share = out * pop
    mort = rng.uniform(0.9, 1.1, (UNITS, 1))
    fert_factor = rng.uniform(0.9, 1.1, UNITS)
    immigrants = rng.uniform(1, 50, (UNITS, 1))
    age_of_immigrants = np.full(CELLS, 1 / CELLS)
    stay = np.full(CELLS, 0.996)
    fert = np.full(35, 0.05) / 2
    totals = np.empty((draws, UNITS, years))
    start = time.perf_counter()
    for first in range(0, draws, block):
        n = min(block, draws - first)
        p = np.repeat(pop[None], n, axis=0)
        level = 0.05 * rng.standard_normal((n, UNITS, 1))
        shock = np.zeros((n, UNITS, 1))
        for year in range(years):
            death = 1 - np.exp(-np.exp(np.linspace(-8, -1, CELLS)) * (1 + 0.01 * rng.standard_normal((n, 1, 1))))
            shock = 0.7 * shock + 0.02 * rng.standard_normal((n, UNITS, 1))
            w = np.exp(level + shock)
            x = np.empty_like(p)
            alive = 1 - mort * death
            x[..., 1:] = p[..., :-1] * alive[..., 1:]
            for last in (AGES - 1, CELLS - 1):
                x[..., last] = (p[..., last - 1] + p[..., last]) * alive[..., last]
            births = ((p[..., 15:50] + x[..., 15:50]) @ fert) * fert_factor
            x[..., 0] = births / 2.06 * alive[..., 0]
            x[..., AGES] = births * 1.06 / 2.06 * alive[..., AGES]
            gone = x * out
            pool = gone.sum(axis=1, keepdims=True)
            weighted = share * w
            pool /= weighted.sum(axis=1, keepdims=True)
            p = x * stay - gone + weighted * pool + immigrants * age_of_immigrants
            totals[first : first + n, :, year] = p.sum(axis=2)
    seconds = time.perf_counter() - start
    assert np.isfinite(totals).all()
    return seconds


if __name__ == "__main__":
    draws, years = int(sys.argv[1]), int(sys.argv[2])
    # The block that is quickest on the machine is used, so that numpy is not held back.
    rng = np.random.Generator(np.random.Philox(1))
    best = min((1, 2, 4, 8, 16), key=lambda b: run(max(16, b), 5, b, rng))
    print(f"{run(draws, years, best, rng):.3f} {best}")
