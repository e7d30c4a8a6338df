"""Writes flip-reference.csv: what SciPy and statsmodels say about the counts that FlipReferenceTest asks about.

    python3 -m venv /tmp/scipy && /tmp/scipy/bin/pip install scipy statsmodels
    /tmp/scipy/bin/python operators/src/test/python/flip_reference.py operators/src/test/resources/flip-reference.csv

Columns: kind, a, b, confidence, x, y
    normal   a = probability                                  x = scipy.stats.norm.ppf
    wilson   a successes of b trials at a confidence          x, y = statsmodels' proportion_confint(method="wilson")
    mcnemar  a positive and b negative flips                  x = scipy.stats.binomtest, y = mid-p by its definition,
             2 P(X < k) + P(X = k) with k = min(a, b), X ~ binomial(a + b, 1/2), by scipy.stats.binom
The versions that made the committed file are on its first line.
"""

import platform
import sys

import scipy
import statsmodels
from scipy.stats import binom, binomtest, norm
from statsmodels.stats.proportion import proportion_confint

COUNTS = [0, 1, 2, 3, 5, 9, 10, 17, 50, 100, 333, 1_000, 4_999, 10_000, 99_999, 100_000, 999_999, 1_000_000]
TRIALS = [1, 2, 3, 10, 100, 200, 1_000, 9_999, 100_000, 1_000_000]
NEAR = [(n, n - d) for n in (20, 1_000, 50_000, 1_000_000) for d in (1, 2, 7, 15)]
TAIL = [(n, n + round(s * (2 * n) ** 0.5)) for n in (100, 10_000, 1_000_000) for s in (0.5, 1, 2, 4, 8, 16)]


def rows():
    for p in [1e-300, 1e-100, 1e-20, 1e-12, 1e-5, 0.001, 0.005, 0.025, 0.05, 0.07, 0.075, 0.08, 0.2, 0.3, 0.499,
              0.6, 0.9, 0.92, 0.925, 0.93, 0.975, 0.995, 0.9995, 1 - 1e-9]:
        yield "normal", repr(p), "", "", norm.ppf(p), ""
    for confidence in (0.9, 0.95, 0.999):
        for n in TRIALS:
            for k in sorted({0, 1, 2, 3, 17, n // 40, n // 7, n // 2, n - 2, n - 1, n}):
                if 0 <= k <= n:
                    yield "wilson", k, n, confidence, *proportion_confint(k, n, 1 - confidence, method="wilson")
    pairs = {(a, b) for a in COUNTS for b in COUNTS} | set(NEAR) | set(TAIL)
    for a, b in sorted(pairs | {(b, a) for a, b in pairs}):
        n, k = a + b, min(a, b)
        exact = binomtest(a, n, 0.5).pvalue if n else 1.0
        mid = 1.0 if a == b else 2 * binom.cdf(k - 1, n, 0.5) + binom.pmf(k, n, 0.5)
        yield "mcnemar", a, b, "", exact, mid


def main(path):
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"# Python {platform.python_version()}, SciPy {scipy.__version__}, "
                  f"statsmodels {statsmodels.__version__}; made by flip_reference.py\n")
        out.write("kind,a,b,confidence,x,y\n")
        for row in rows():
            out.write(",".join(repr(float(v)) if isinstance(v, float) else str(v) for v in row) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
