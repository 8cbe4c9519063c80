#!/usr/bin/env python3
"""What known dashboards show of procline's records: how many panels have data.

    tests/panels.py LOG...

A Prometheus of its own scrapes once what procline-show makes of the logs, and is asked what each panel asks, at the time
of the last record. A panel has data where one of its expressions has a number. The logs want records of one machine,
made with `--with all`. Names of programs come from the environment: PROCLINE_SHOW, PROMETHEUS.

The panels are those of the upper three rows of Node Exporter Full (Grafana's dashboard 1860), told in this file's own
words: the same metrics with the same labels. Of OpenWRT (dashboard 11147) and its like it is the metrics alone, without
those of Wi-Fi.
"""
import http.server
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
SHOW = os.environ.get("PROCLINE_SHOW", f"{HERE}/../target/release/procline-show")
PROMETHEUS = os.environ.get("PROMETHEUS", f"{HERE}/../target/unpacked/usr/bin/prometheus")
# What the variables of the dashboards pick. OpenWRT takes an address with a port.
JOB, INSTANCE = "node", "192.0.2.1:80"
# As many as have to have data: the kernel of a router has no pressure, and there may be no swap.
ENOUGH = 20

CPUS = "count(count by (cpu) (node_cpu_seconds_total))"
ROOT = 'mountpoint="/",fstype!="rootfs"'
DISK = 'device=~"[a-z]+|nvme[0-9]+n[0-9]+|mmcblk[0-9]+"'
CACHE = "(node_memory_Cached_bytes + node_memory_Buffers_bytes + node_memory_SReclaimable_bytes)"


def cpu(modes, by="avg"):
    return f"{by}(sum without (mode) (rate(node_cpu_seconds_total{{{modes}}}[RATE])))"


# Each panel and its expressions. RATE is the interval of the rates.
PANELS = {
    # Quick CPU / Mem / Disk
    "Pressure": [f"irate(node_pressure_{name}_seconds_total[RATE])"
                 for name in ("cpu_waiting", "memory_waiting", "io_waiting", "irq_stalled")],
    "CPU Busy": ["100 * (1 - " + cpu('mode="idle"') + ")"],
    "Sys Load": [f"100 * scalar(node_load1) / {CPUS}"],
    "RAM Used": ["clamp_min(100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes), 0)"],
    "SWAP Used": ["100 * (node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes) / node_memory_SwapTotal_bytes"],
    "Root FS Used": [f"100 - 100 * node_filesystem_avail_bytes{{{ROOT}}} / node_filesystem_size_bytes{{{ROOT}}}"],
    "CPU Cores": [CPUS],
    "RAM Total": ["node_memory_MemTotal_bytes"],
    "SWAP Total": ["node_memory_SwapTotal_bytes"],
    "RootFS Total": [f"node_filesystem_size_bytes{{{ROOT}}}"],
    "Uptime": ["node_time_seconds - node_boot_time_seconds"],
    # Basic CPU / Mem / Net / Disk
    "CPU Basic": [cpu(modes) for modes in (
        'mode="system"', 'mode="user"', 'mode="iowait"', 'mode=~".*irq"', 'mode!~"idle|user|system|iowait|.*irq"',
        'mode="idle"')],
    "Memory Basic": ["node_memory_MemTotal_bytes", f"node_memory_MemTotal_bytes - node_memory_MemFree_bytes - {CACHE}",
                     CACHE, "node_memory_MemFree_bytes", "node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes"],
    "Network Traffic Basic": [f"8 * rate(node_network_{way}_bytes_total[RATE])" for way in ("receive", "transmit")],
    "Disk Space Used Basic": ['100 - 100 * node_filesystem_avail_bytes{device!~"rootfs"} / node_filesystem_size_bytes'],
    # CPU / Memory / Net / Disk
    "CPU": [cpu(f'mode="{mode}"', "sum") + f" / scalar({CPUS})" for mode in (
        "system", "user", "nice", "iowait", "irq", "softirq", "steal", "idle")] + [
        "sum by (instance) (rate(node_cpu_guest_seconds_total[RATE])) / on (instance) group_left"
        " sum by (instance) (rate(node_cpu_seconds_total[RATE])) > 0"],
    "Memory": [f"node_memory_{name}_bytes" for name in (
        "PageTables", "SwapCached", "Slab", "Cached", "Buffers", "MemFree", "HardwareCorrupted")] + [
        "node_memory_MemTotal_bytes - node_memory_MemFree_bytes - node_memory_Buffers_bytes - node_memory_Cached_bytes"
        " - node_memory_Slab_bytes - node_memory_PageTables_bytes - node_memory_SwapCached_bytes"],
    "Network Traffic": [f"8 * rate(node_network_{way}_bytes_total[RATE])" for way in ("receive", "transmit")],
    "Network Saturation": [f"(node_network_speed_bytes > bool 0) * rate(node_network_{way}_bytes_total[RATE])"
                           " / node_network_speed_bytes" for way in ("receive", "transmit")],
    "Disk IOps": [f"rate(node_disk_{way}_completed_total{{{DISK}}}[RATE])" for way in ("reads", "writes")],
    "Disk Throughput": [f"rate(node_disk_{way}_bytes_total{{{DISK}}}[RATE])" for way in ("read", "written")],
    "Filesystem Space Available": [f'node_filesystem_{name}_bytes{{device!~"rootfs"}}'
                                   for name in ("avail", "free", "size")],
    "Filesystem Used": ['node_filesystem_size_bytes{device!~"rootfs"} - node_filesystem_avail_bytes'],
    "Disk I/O Utilization": [f"rate(node_disk_io_time_seconds_total{{{DISK}}}[RATE])"],
    "Pressure Stall Information": [f"rate(node_pressure_{name}_seconds_total[RATE])" for name in (
        "cpu_waiting", "memory_waiting", "memory_stalled", "io_waiting", "io_stalled", "irq_stalled")],
}

# Of OpenWRT: what every kernel has, …
OPENWRT = """node_boot_time_seconds node_context_switches_total node_cpu_seconds_total node_filefd_allocated
node_filefd_maximum node_filesystem_avail_bytes node_filesystem_size_bytes node_forks_total node_intr_total node_load1
node_load15 node_load5 node_time_seconds node_uname_info""".split()
OPENWRT += [f"node_network_{name}_total" for name in """receive_bytes receive_compressed receive_drop receive_errs
receive_fifo receive_frame receive_multicast receive_packets transmit_bytes transmit_carrier transmit_colls
transmit_compressed transmit_drop transmit_errs transmit_fifo transmit_packets""".split()]
# … and what some have.
OPENWRT_MAY = ["node_nf_conntrack_entries", "node_nf_conntrack_entries_limit"]
OPENWRT_MAY += [f"node_memory_{name}_bytes" for name in """Active Active_anon Active_file AnonHugePages AnonPages Bounce Buffers Cached CommitLimit Committed_AS Dirty
HardwareCorrupted Inactive Inactive_anon Inactive_file KernelStack Mapped MemAvailable MemFree MemTotal Mlocked
NFS_Unstable PageTables SReclaimable SUnreclaim Shmem Slab SwapCached SwapFree SwapTotal Unevictable VmallocChunk
VmallocTotal VmallocUsed Writeback WritebackTmp""".split()]


def of_the_machine(expression, seconds):
    """The expression, as a dashboard sends it: of this job and instance alone."""
    picked = f'job="{JOB}",instance=~"{re.escape(INSTANCE)}"'.replace("\\", "\\\\")
    expression = re.sub(r"(node_\w+)(?:{(.*?)})?", lambda found: f"{found[1]}{{{found[2] or ''},{picked}}}", expression)
    return expression.replace("{,", "{").replace("RATE", f"{seconds}s")


class Answer(http.server.BaseHTTPRequestHandler):
    """What Prometheus scrapes."""
    body = b""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_):
        pass


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def numbers(server, expression, at):
    """The numbers that an expression has at this time. NaN is none."""
    query = urllib.parse.urlencode({"query": expression, "time": at})
    with urllib.request.urlopen(f"{server}/api/v1/query?{query}", timeout=60) as answer:
        result = json.load(answer)["data"]["result"]
    values = [float(series["value"][1]) for series in result]
    return [value for value in values if value == value]


def panels(server, last, interval):
    """Tells what has data; whether that is enough."""
    def has_data(expression):
        return bool(numbers(server, of_the_machine(expression, 4 * interval), last))

    if not has_data('node_uname_info{nodename!=""}'):
        sys.exit("node_uname_info has no nodename: the dashboards have no machine to pick")
    missing = {panel: [one for one in expressions if not has_data(one)] for panel, expressions in PANELS.items()}
    empty = [panel for panel, expressions in PANELS.items() if missing[panel] == expressions]
    print(f"{len(PANELS) - len(empty)} of {len(PANELS)} panels of Node Exporter Full have data,"
          f" all but: {', '.join(empty)}")
    for panel in [panel for panel in PANELS if panel not in empty]:
        for expression in missing[panel]:
            print(f"{panel}: nothing for {expression}")
    absent = [name for name in OPENWRT + OPENWRT_MAY if not has_data(name)]
    count = len(OPENWRT + OPENWRT_MAY)
    print(f"{count - len(absent)} of {count} metrics of OpenWRT are there, all but: {', '.join(absent)}")
    return len(PANELS) - len(empty) >= ENOUGH and not set(absent) & set(OPENWRT)


def main():
    Answer.body = subprocess.run([SHOW, "--prometheus", "--timestamps"] + sys.argv[1:], check=True,
                                 stdout=subprocess.PIPE).stdout
    times = [int(line.rsplit(b" ", 1)[1]) // 1000 for line in Answer.body.splitlines() if line.startswith(b"node_load1 ")]
    interval = round(statistics.median(after - before for before, after in zip(times, times[1:])))
    port, target = free_port(), http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=target.serve_forever, daemon=True).start()
    server = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/prometheus.yml", "w") as file:
            file.write(f"scrape_configs:\n- job_name: {JOB}\n  scrape_interval: 1s\n  static_configs:\n"
                       f"  - {{targets: ['127.0.0.1:{target.server_address[1]}'], labels: {{instance: '{INSTANCE}'}}}}\n")
        child = subprocess.Popen([PROMETHEUS, f"--web.listen-address=127.0.0.1:{port}", "--config.file=prometheus.yml",
                                  "--storage.tsdb.path=data"], cwd=folder, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 60
            found = 0
            while found < len(times):
                if time.monotonic() > deadline:
                    sys.exit(f"Prometheus has {found} of {len(times)} records")
                time.sleep(0.5)
                try:
                    found = sum(numbers(server, f"count_over_time(node_load1[{times[-1] - times[0] + 60}s])", times[-1]))
                except (urllib.error.URLError, OSError):
                    pass
            print(f"{len(times)} records, {interval} s apart")
            sys.exit(not panels(server, times[-1], interval))
        finally:
            child.kill()
            child.wait()


main()
