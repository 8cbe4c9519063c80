"""What one scrape of a running prometheus-node-exporter costs: the same four files, read for an HTTP client.

It is not started for each record as the others are, but stays: so the start is not counted, and its memory is held always.
"""

import http.client
import os
import socket
import statistics
import subprocess
import time

import traced

NAME = "node_exporter, one scrape"
SOURCES = ["cpu", "stat", "loadavg", "meminfo"]
TICKS = os.sysconf("SC_CLK_TCK")
# A tick has 10,000 µs, which only many scrapes make small.
SCRAPES_A_ROUND = 5


def counters(pid):
    """CPU seconds and minor faults of a process up to now."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS, int(fields[7])


def scrape(connection):
    connection.request("GET", "/metrics")
    answer = connection.getresponse()
    if b"node_memory_MemTotal_bytes" not in answer.read():
        raise OSError("an answer without the four files")


def connect(port, process):
    """The connection that a Prometheus server keeps open."""
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            scrape(connection)
            return connection
        except OSError:
            time.sleep(0.05)
            if process.poll() is not None:
                break
    raise OSError("does not answer")


def measure(program, rounds):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--collector.disable-defaults", *[f"--collector.{source}" for source in SOURCES]]
    options += [f"--web.listen-address=127.0.0.1:{port}", "--web.disable-exporter-metrics", "--log.level=error"]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        connection = connect(port, process)
        wall = []
        scrapes = rounds * SCRAPES_A_ROUND
        cpu_before, faults_before = counters(process.pid)
        for _ in range(scrapes):
            start = time.perf_counter()
            scrape(connection)
            wall.append(time.perf_counter() - start)
        cpu, faults = counters(process.pid)
        return {
            "name": NAME,
            "wall_us": round(statistics.median(wall) * 1e6, 1),
            "cpu_us": round((cpu - cpu_before) / scrapes * 1e6, 1),
            "resident_kib": traced.resident_kib(process.pid),
            "faults": round((faults - faults_before) / scrapes),
            "system_calls": None,
            "file_bytes": traced.file_bytes(traced.code_files(process.pid)),
        }
    finally:
        process.kill()
        process.wait()
