#!/usr/bin/env python3
"""Draws what whole.sh measured: CPU time and memory of a record as bars on a logarithmic scale, as one SVG.

usage: chart.py tests/bench/measured.json > tests/bench/records.svg

The colours suit a light page and a dark one; where `prefers-color-scheme` is known, they suit each better.
"""

import json
import math
import sys
from xml.sax.saxutils import escape

PANELS = [("cpu_us", "CPU time of one record"), ("resident_kib", "Peak resident memory")]
UNITS = {"cpu_us": (1000, ("µs", "ms")), "resident_kib": (1024, ("KiB", "MiB"))}
# These tell how good the measurement is, and are in the table only.
LEFT_OUT = {"floor, a second time", "a program that only ends"}

WIDTH, MARGIN, NAMES, VALUES = 760, 16, 210, 74
ROW, BAR, HEAD, PANEL_HEAD, SCALE, FOOT = 24, 15, 44, 30, 28, 56
LEFT = MARGIN + NAMES
RIGHT = WIDTH - MARGIN - VALUES

STYLE = """
text{font:12px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;fill:#737a83}
.title{font-size:16px;font-weight:600}.panel{font-size:13px;font-weight:600}.small{font-size:11px}
.name,.value{text-anchor:end}.scale{text-anchor:middle;font-size:11px}.procline{font-weight:700}
line{stroke:#808891;stroke-opacity:.35}rect{fill:#7d8ea6}rect.floor{fill-opacity:.5}rect.procline{fill:#d9662c}
@media(prefers-color-scheme:light){text{fill:#3d444d}.title,.panel,text.procline{fill:#1f2328}}
@media(prefers-color-scheme:dark){text{fill:#b6bec8}.title,.panel,text.procline{fill:#f0f3f6}rect.procline{fill:#f0883e}}
"""


def amount(key, value):
    """A value with the unit that suits it: 248 µs, 2.3 ms, 14 ms."""
    step, units = UNITS[key]
    if value < step:
        return f"{value:.0f} {units[0]}"
    return f"{value / step:.{1 if value < 10 * step else 0}f} {units[1]}"


def kind(name):
    return next((kind for kind in ("procline", "floor") if name.startswith(kind)), "other")


def text(x, y, words, classes):
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{classes}">{escape(words)}</text>'


def panel(key, title, rows, top):
    """The bars of one quantity, below each other, and its scale."""
    values = [row[key] for row in rows]
    # A bar of no length would say "nothing", so the scale begins at half of the least value or before.
    first, last = math.floor(math.log10(min(values) / 2)), math.log10(max(values))

    def place(exponent):
        return LEFT + (exponent - first) / (last - first) * (RIGHT - LEFT)

    bars, bottom = top + PANEL_HEAD, top + PANEL_HEAD + ROW * len(rows)
    yield text(MARGIN, top + 18, title, "panel")
    for exponent in range(first, math.floor(last) + 1):
        x = place(exponent)
        yield f'<line x1="{x:.1f}" y1="{bars}" x2="{x:.1f}" y2="{bottom}"/>'
        yield text(x, bottom + 14, f"{10**exponent:,} {UNITS[key][1][0]}", "scale")
    for number, (row, value) in enumerate(zip(rows, values)):
        y, end, of = bars + number * ROW, place(math.log10(value)), kind(row["name"])
        yield text(LEFT - 8, y + 15, row["name"], f"name {of}")
        yield f'<rect x="{LEFT}" y="{y + 4}" width="{end - LEFT:.1f}" height="{BAR}" rx="2" class="{of}"/>'
        yield text(WIDTH - MARGIN, y + 15, amount(key, value), f"value {of}")


def chart(measured):
    rows = [row for row in measured["programs"] if row["name"] not in LEFT_OUT and row["resident_kib"] and row["cpu_us"]]
    rows.sort(key=lambda row: row["cpu_us"])
    panel_height = PANEL_HEAD + ROW * len(rows) + SCALE
    height = HEAD + len(PANELS) * panel_height + FOOT
    title = "What one record of a machine costs"
    told = "; ".join(f"{row['name']}: {', '.join(amount(key, row[key]) for key, _ in PANELS)}" for row in rows)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    yield ' role="img" aria-labelledby="title description">'
    yield f'<title id="title">{title}</title>'
    yield f'<desc id="description">Bars on a logarithmic scale. CPU time and peak resident memory of {escape(told)}.</desc>'
    yield f"<style>{STYLE}</style>"
    yield text(MARGIN, 28, title, "title")
    for number, (key, name) in enumerate(PANELS):
        yield from panel(key, name, rows, HEAD + number * panel_height)
    scale = "Logarithmic scales: each line is ten times the one before. The floor makes the same system calls and parses nothing."
    memory = "Memory is that of the largest process; node_exporter keeps it between records."
    where = "{cpu}, {kernel}, {date}, medians of {rounds} runs.".format(**measured)
    for number, words in enumerate([where, memory, scale]):
        yield text(MARGIN, height - 12 - 16 * number, words, "small")
    yield "</svg>"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print("\n".join(chart(json.load(file))))
