"""Writes solve-reference.csv: what NumPy and SciPy say about the systems, games, quadratic programs and assignments that
SolveReferenceTest and NashAveragingTest ask about.

    python3 -m venv /tmp/scipy && /tmp/scipy/bin/pip install scipy
    /tmp/scipy/bin/python operators/src/test/python/solve_reference.py operators/src/test/resources/solve-reference.csv

Columns: kind, name, then matrices, each as ROWSxCOLUMNS:v;v;... in row order
    spd         G, B, X = numpy.linalg.solve(G, B), the exact X rounded once (Gaussian elimination in fractions), the
                condition of G in the 1-norm by numpy.linalg.cond, its diagonal brought to between 1/2 and 2 by powers of 4
    game        S, its value by scipy.optimize.linprog (HiGHS), and the row and the column player's strategy of maximal
                entropy by scipy.optimize.minimize (SLSQP) with that value as a bound
    simplex     Q, c, and the w of least w'Qw/2 - c'w over the simplex, by numpy.linalg.solve on every support
    assignment  scores, columns by scipy.optimize.linear_sum_assignment(maximize=True); where rows were added to make the scores
                square, the columns of the others alone
    ties        whole scores of which several assignments are best, the total of the best
The versions that made the committed file are on its first line.
"""

import itertools
import platform
import sys
from fractions import Fraction

import numpy as np
import scipy
from scipy.optimize import linear_sum_assignment, linprog, minimize

RANDOM = np.random.default_rng(20261123)


def matrix(values):
    values = np.atleast_2d(np.asarray(values, dtype=float))
    return f"{values.shape[0]}x{values.shape[1]}:" + ";".join(repr(float(v)) for v in values.ravel())


def exact(g, b):
    rows = [[Fraction(float(v)) for v in list(gr) + list(br)] for gr, br in zip(g, b)]
    n = len(rows)
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(n):
            if r != i:
                factor = rows[r][i] / rows[i][i]
                rows[r] = [x - factor * y for x, y in zip(rows[r], rows[i])]
    return [[float(v / rows[i][i]) for v in rows[i][n:]] for i in range(n)]


def spd(n, condition):
    q, _ = np.linalg.qr(RANDOM.standard_normal((n, n)))
    g = (q * np.logspace(0, -np.log10(condition), n)) @ q.T
    return (g + g.T) / 2


def game(s):
    m, n = s.shape
    lp = linprog(np.r_[np.zeros(m), -1.0], A_ub=np.c_[-s.T, np.ones(n)], b_ub=np.zeros(n),
                 A_eq=np.r_[np.ones(m), 0.0][None, :], b_eq=[1.0], bounds=[(0, None)] * m + [(None, None)])
    value = -lp.fun

    def widest(constraint, count, start):
        def fun(p):
            return float(np.sum(np.where(p > 1e-300, p * np.log(np.maximum(p, 1e-300)), 0)))
        return minimize(fun, start, jac=lambda p: np.log(np.maximum(p, 1e-300)) + 1, bounds=[(0, 1)] * count,
                        constraints=[{"type": "eq", "fun": lambda p: p.sum() - 1},
                                     {"type": "ineq", "fun": constraint}],
                        method="SLSQP", options={"ftol": 1e-15, "maxiter": 10000}).x

    rows = widest(lambda p: s.T @ p - value, m, lp.x[:m] * 0.9 + 0.1 / m)
    columns = widest(lambda q: value - s @ q, n, np.ones(n) / n)
    return value, rows, columns


def scaled(g):
    d = 2.0 ** -np.floor(np.log2(np.diag(g)) / 2)
    return g * np.outer(d, d)


def simplex(q, c):
    best, weights = np.inf, None
    k = len(c)
    for size in range(1, k + 1):
        for support in itertools.combinations(range(k), size):
            s = list(support)
            kkt = np.block([[q[np.ix_(s, s)], np.ones((size, 1))], [np.ones((1, size)), np.zeros((1, 1))]])
            w = np.linalg.solve(kkt, np.r_[c[s], 1.0])[:size]
            if (w < 0).any():
                continue
            full = np.zeros(k)
            full[s] = w
            value = full @ q @ full / 2 - c @ full
            if value < best:
                best, weights = value, full
    return weights


def rows():
    for n, condition in [(6, 1e0), (12, 1e2), (12, 1e4), (12, 1e6), (12, 1e8), (24, 1e8)]:
        g, b = spd(n, condition), RANDOM.standard_normal((n, 2))
        yield ["spd", f"{n} at {condition:.0e}", matrix(g), matrix(b), matrix(np.linalg.solve(g, b)),
               matrix(exact(g, b)), matrix([[np.linalg.cond(scaled(g), 1)]])]
    for name, s in [("rock paper scissors", np.array([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]])),
                    ("2 by 3", np.array([[1.0, 0, 0.25], [0, 1, 0.5]])),
                    ("5 by 8", RANDOM.random((5, 8))), ("12 by 7", RANDOM.random((12, 7))),
                    ("twins", np.array([[1.0, 0, 0.2], [1, 0, 0.2], [0, 1, 0.9], [0.1, 0.9, 0.4]]))]:
        value, p, q = game(s)
        yield ["game", name, matrix(s), matrix([[value]]), matrix(p), matrix(q)]
    for k in (2, 3, 5, 8):
        a = RANDOM.standard_normal((40, k)) + RANDOM.standard_normal((40, 1))
        y = a @ np.maximum(RANDOM.standard_normal(k), 0) / k + RANDOM.standard_normal(40)
        yield ["simplex", f"{k} models", matrix(a.T @ a), matrix(a.T @ y), matrix(simplex(a.T @ a, a.T @ y))]
    for n in (1, 2, 3, 7, 20, 40):
        scores = RANDOM.standard_normal((n, n))
        yield ["assignment", f"{n}", matrix(scores), matrix(columns(scores))]
    for name, scores in [("15 below 0", -1 - RANDOM.random((15, 15))),
                         ("20 from 1e-6 to 1e6", np.sign(RANDOM.random((20, 20)) - 0.5) * 10 ** RANDOM.uniform(-6, 6, (20, 20))),
                         ("12 of 1e300", 1e300 * RANDOM.standard_normal((12, 12))),
                         ("12 of 1e-300", 1e-300 * RANDOM.standard_normal((12, 12)))]:
        yield ["assignment", name, matrix(scores), matrix(columns(scores))]
    oblong = RANDOM.standard_normal((5, 8))
    yield ["assignment", "5 by 8 and 3 rows of 0", matrix(np.r_[oblong, np.zeros((3, 8))]), matrix(columns(oblong))]
    for name, scores in [("6 alike", np.full((6, 6), -2)), ("12 of 0 to 3", RANDOM.integers(0, 4, (12, 12))),
                         ("10 rows twice", np.repeat(RANDOM.integers(-9, 10, (5, 10)), 2, axis=0)),
                         ("80 of 0 to 99", RANDOM.integers(0, 100, (80, 80)))]:
        yield ["ties", name, matrix(scores), matrix([[scores[np.arange(len(scores)), columns(scores)].sum()]])]


def columns(scores):
    return linear_sum_assignment(scores, maximize=True)[1]


def main(path):
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"# Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}; "
                  "made by solve_reference.py\n")
        for row in rows():
            out.write(",".join(row) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
