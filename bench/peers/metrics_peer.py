# /metrics as prometheus_client writes it: 10,000 series in fifteen families.
import sys
import threading

from prometheus_client import Gauge, start_http_server

port, servers = int(sys.argv[1]), int(sys.argv[2])
for family in range(15):
    gauge = Gauge(f"bench_family_{family}", "One of fifteen families", ["server"])
    for server in range(servers):
        gauge.labels(server=f"server-{server}").set(family * server)
start_http_server(port, addr="127.0.0.1")
threading.Event().wait()
