// Logs of this computer, dropped onto the page or picked.

import { inOrder, parse } from "./names.js";

export class Files {
    /** @param {Iterable<File>} files A name without a date is a day of its own. */
    constructor(files) {
        const logs = Array.from(files, (file) => {
            return { ...(parse(file.name) ?? { name: file.name, day: file.name, place: 0 }), source: file };
        });
        this.logs = logs.sort(inOrder);
    }

    async files(day) {
        return this.logs.filter((log) => log.day === day);
    }

    async newest() {
        return this.logs.at(-1)?.day;
    }

    async days() {
        return [...new Set(this.logs.map(({ day }) => day))].reverse();
    }
}
