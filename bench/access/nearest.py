# Nearest facility of every node with scipy: multi-source Dijkstra on the reversed
# graph, best of five. Prints milliseconds and the sum of the costs.
import sys
import time

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

folder = sys.argv[1]
edges = np.loadtxt(folder + "/edges.csv", delimiter=",", dtype=np.int64, ndmin=2)
sites = np.atleast_1d(np.loadtxt(folder + "/facilities.txt", dtype=np.int64)).astype(np.int32)
tail, head, cost = edges[:, 1], edges[:, 2], edges[:, 3]
nodes = int(max(tail.max(), head.max())) + 1
# csr_matrix adds parallel arcs up: the cheapest of each pair is kept.
order = np.lexsort((cost, tail, head))
head, tail, cost = head[order], tail[order], cost[order]
first = np.ones(len(order), bool)
first[1:] = (head[1:] != head[:-1]) | (tail[1:] != tail[:-1])
graph = csr_matrix((cost[first].astype(float), (head[first], tail[first])), shape=(nodes, nodes))
best = float("inf")
for _ in range(5):
    start = time.perf_counter()
    distance, _, _ = dijkstra(graph, directed=True, indices=sites, min_only=True, return_predecessors=True)
    best = min(best, time.perf_counter() - start)
print("%.2f %d" % (best * 1e3, int(distance[np.isfinite(distance)].sum())))
