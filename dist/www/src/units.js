// Numbers for people: three digits and a prefix.

const THOUSANDS = ["", "k", "M", "G", "T", "P", "E"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** @param {number | null | undefined} value @param {string} unit `B` and `B/s` go by 1,024, the others by 1,000 */
export function readable(value, unit) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    const isBinary = unit.startsWith("B");
    const base = isBinary ? 1024 : 1000;
    let [size, step] = [Math.abs(value), 0];
    // 999.6 would be written as 1000.
    for (; size >= base - 0.5 && step < 6; step += 1) size /= base;
    const digits = size < 0.0995 ? 3 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
    const number = String(Number(size.toFixed(digits)));
    const sign = value < 0 && number !== "0" ? "−" : "";
    const word = (isBinary ? BINARY : THOUSANDS)[step] + unit;
    return word ? `${sign}${number}\u202f${word}` : sign + number;
}
