#!/usr/bin/env python3
"""A thousand routers on one machine: an hour of their records goes into VictoriaMetrics, and Prometheus scrapes them.

    tests/fleet/fleet.py [ROUTERS]

The records are those of fixtures/mt7621-router with counters that move, made for ten routers; a hundred send and
answer what each of the ten does, with a label `instance` of their own. What is sent and answered is what procline-show
writes. Both servers listen on this machine alone, and are gone at the end, after six minutes at most. Names of programs
come from the environment: PROCLINE_SHOW, VICTORIA_METRICS, PROMETHEUS.
"""
import concurrent.futures
import datetime
import http.server
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
UNPACKED = f"{HERE}/../../target/unpacked/usr/bin"
SHOW = os.environ.get("PROCLINE_SHOW", f"{HERE}/../../target/release/procline-show")
VICTORIA_METRICS = os.environ.get("VICTORIA_METRICS", f"{UNPACKED}/victoria-metrics")
PROMETHEUS = os.environ.get("PROMETHEUS", f"{UNPACKED}/prometheus")
# Routers whose records differ, minutes of their logs, seconds from one scrape to the next.
DIFFERENT, MINUTES, SCRAPE = 10, 60, 60
DEADLINE = time.monotonic() + 360


def hour(seed, now):
    """The lines of an hour, the last one of this second."""
    chance = random.Random(seed)
    with open(f"{HERE}/../../fixtures/mt7621-router/with.log") as file:
        record = json.loads(file.readline().split(" - ", 1)[1])
    lines = []
    for minute in range(MINUTES):
        second = now - 60 * (MINUTES - 1 - minute)
        at = datetime.datetime.fromtimestamp(second, datetime.timezone.utc)
        record["time"], record["timestamp"] = at.strftime("%Y-%m-%dT%H:%M:%S.%f"), second
        for cpu in [record["cpu_data"]["cpu_total"]] + record["cpu_data"]["cpus"]:
            for mode in ("user", "system", "idle", "softirq"):
                cpu[mode] += chance.randrange(3000)
        for counters in record["netdev"].values():
            for name in counters:
                counters[name] += chance.randrange(2) if name.endswith(("errs", "drop")) else chance.randrange(10 ** 6)
        record["meminfo"]["MemFree"]["value"] = str(chance.randrange(10_000, 50_000))
        lines.append(f"{second} - {json.dumps(record, separators=(',', ':'))}\n")
    return "".join(lines)


def metrics(lines, *options):
    """What procline-show makes of them."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(lines.encode())
        file.flush()
        return subprocess.run([SHOW, "--prometheus", *options, file.name], check=True, stdout=subprocess.PIPE).stdout


class Answer(http.server.BaseHTTPRequestHandler):
    """`/7/metrics` is what the router of this number answers."""
    protocol_version = "HTTP/1.1"
    bodies = []

    def do_GET(self):
        body = self.bodies[int(self.path.split("/")[1]) % DIFFERENT]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def get(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read()


def value(server, query, at=None):
    """The number that a query gives; 0 for none."""
    at = f"&time={at}" if at else ""
    result = json.loads(get(f"{server}/api/v1/query?query={urllib.parse.quote(query)}{at}"))["data"]["result"]
    return float(result[0]["value"][1]) if result else 0


def wait(what, condition):
    while True:
        try:
            if condition():
                return
        except OSError:
            pass
        if time.monotonic() > DEADLINE:
            sys.exit(f"too late: {what}")
        time.sleep(0.5)


def size(folder):
    return sum(os.path.getsize(f"{path}/{name}") for path, _, names in os.walk(folder) for name in names)


def memory(child):
    with open(f"/proc/{child.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) // 1024


def cpu_seconds(child):
    with open(f"/proc/{child.pid}/stat") as file:
        fields = file.read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(words, folder):
    return subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def victoria(folder, routers, now, hours):
    """Each router sends its hour, eight at a time."""
    server = "http://127.0.0.1:18428"
    child = start([VICTORIA_METRICS, "-httpListenAddr=127.0.0.1:18428", f"-storageDataPath={folder}/victoria",
                   "-retentionPeriod=10y", "-search.latencyOffset=0s"], folder)
    try:
        wait("VictoriaMetrics listens", lambda: get(server + "/health"))
        begin = time.monotonic()
        bodies = [metrics(lines, "--timestamps") for lines in hours]
        shown = (time.monotonic() - begin) / DIFFERENT
        packed = [zlib.compress(body, 1, 31) for body in bodies]
        series = bodies[0].count(b"\n") // MINUTES

        def push(router):
            labels = f"extra_label=job=node&extra_label=instance=router-{router}"
            address = f"{server}/api/v1/import/prometheus?{labels}"
            get(urllib.request.Request(address, packed[router % DIFFERENT], {"Content-Encoding": "gzip"}))

        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(push, range(routers)))
        seconds = time.monotonic() - begin
        get(server + "/internal/force_flush")
        samples = sum(body.count(b"\n") - body.count(b"\n#") - 1 for body in bodies) * routers // DIFFERENT
        found = value(server, f"sum(count_over_time(node_load1[{MINUTES + 1}m]))", now + 1)
        print(f"VictoriaMetrics: {routers} routers, {MINUTES} minutes, about {series} series each: "
              f"{samples / 1e6:.1f} million samples in {seconds:.0f} s, {cpu_seconds(child):.0f} s of CPU, "
              f"{memory(child)} MiB of memory, {size(folder + '/victoria') / samples:.2f} bytes of disk a sample; "
              f"{shown * 1000:.0f} ms of procline-show an hour")
        if found != routers * MINUTES:
            sys.exit(f"{found} minutes of {routers * MINUTES}")
    finally:
        child.kill()
        child.wait()


def prometheus(folder, routers, hours):
    """All are scraped twice."""
    server, target = "http://127.0.0.1:19090", "127.0.0.1:19100"
    Answer.bodies = [metrics(lines) for lines in hours]
    answers = http.server.ThreadingHTTPServer(("127.0.0.1", 19100), Answer)
    answers.daemon_threads = True
    threading.Thread(target=answers.serve_forever, daemon=True).start()
    labels = [{"instance": f"router-{router}", "__metrics_path__": f"/{router}/metrics"} for router in range(routers)]
    with open(f"{folder}/targets.json", "w") as file:
        json.dump([{"targets": [target], "labels": label} for label in labels], file)
    with open(f"{folder}/prometheus.yml", "w") as file:
        file.write(f"global: {{scrape_interval: {SCRAPE}s}}\nscrape_configs:\n- job_name: node\n"
                   "  file_sd_configs: [{files: [targets.json]}]\n")
    child = start([PROMETHEUS, "--web.listen-address=127.0.0.1:19090", "--config.file=prometheus.yml",
                   "--storage.tsdb.path=prometheus"], folder)
    try:
        wait("Prometheus listens", lambda: get(server + "/-/ready"))
        wait("all are scraped twice", lambda: value(server, "sum(count_over_time(up[5m]))") >= 2 * routers)
        up = value(server, "sum(up)")
        slowest = value(server, "max(scrape_duration_seconds)")
        series = value(server, "prometheus_tsdb_head_series") or value(server, "sum(scrape_samples_scraped)")
        print(f"Prometheus: {routers} routers each {SCRAPE} s, {series:.0f} series: "
              f"{cpu_seconds(child) / 2:.1f} s of CPU for a scrape of all, {memory(child)} MiB of memory, the slowest "
              f"scrape {slowest * 1000:.0f} ms")
        if up != routers:
            sys.exit(f"{up} routers of {routers}")
    finally:
        child.kill()
        child.wait()
        answers.shutdown()


def main():
    # The servers are ended then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    routers = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    now = int(time.time())
    hours = [hour(seed, now) for seed in range(DIFFERENT)]
    with tempfile.TemporaryDirectory() as folder:
        victoria(folder, routers, now, hours)
        prometheus(folder, routers, hours)


main()
