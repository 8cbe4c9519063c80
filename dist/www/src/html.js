// Makes elements. Text is only ever text: nothing of a log is read as HTML.

/** @param {string} tag @param {object} properties @param {(Node | string)[]} children */
export function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
}

/** The page's element with this id. */
export const byId = (id) => document.getElementById(id);
