// What keys and buttons do.

/** @type {Record<string, string>} the key, and the id of the button that it stands for */
const BUTTONS = {
    "+": "in",
    "-": "less",
    0: "out",
    Escape: "out",
    "[": "earlier",
    "]": "later",
    t: "table",
    z: "zone",
};

/**
 * @param {(records: number) => void} step moves the cursor
 * @param {(share: number) => void} move moves what is seen
 */
export function listen(step, move) {
    document.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("select, input")) return;
        const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        const button = document.getElementById(BUTTONS[event.key]);
        if (!direction && !button) return;
        event.preventDefault();
        if (button) button.click();
        else if (event.shiftKey) move(direction / 4);
        else step(direction);
    });
}
