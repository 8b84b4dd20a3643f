/* Runs the integration tests of openrosa-xpath-evaluator with another evaluator in its place.
 *
 * usage: node run.js <folder with node_modules> [part of a spec's name]
 * Each expression goes to standard output as a line of JSON; the answer is read, as a line,
 * from standard input. At the end one line {"report": ...} tells what every assertion gave.
 */
const fs = require('fs');
const path = require('path');
const Module = require('module');

const home = path.resolve(process.argv[2]);
const only = process.argv[3] || '';
const requireFrom = Module.createRequire(path.join(home, 'package.json'));
const { JSDOM } = requireFrom('jsdom');
const window = new JSDOM('<!DOCTYPE html><html><body></body></html>').window;
const { Node } = window;
Object.assign(global, {
    window,
    document: window.document,
    DOMParser: window.DOMParser,
    XMLSerializer: window.XMLSerializer,
    XPathResult: window.XPathResult,
    Node,
});

// -- the bridge to the evaluator under test ------------------------------------------------

const pending = Buffer.alloc(1 << 16);
let buffered = '';
const readLine = () => {
    while (!buffered.includes('\n')) {
        const size = fs.readSync(0, pending, 0, pending.length, null);
        if (!size) throw new Error('the evaluator is gone');
        buffered += pending.toString('utf8', 0, size);
    }
    const end = buffered.indexOf('\n');
    const line = buffered.slice(0, end);
    buffered = buffered.slice(end + 1);
    return JSON.parse(line);
};
const ask = (question) => {
    fs.writeSync(1, `${JSON.stringify(question)}\n`);
    return readLine();
};

// Neighbouring text and CDATA nodes are one text in the other tree.
const isText = (node) => node.nodeType === Node.TEXT_NODE || node.nodeType === Node.CDATA_SECTION_NODE;
const merged = (parent) =>
    [...parent.childNodes].filter(
        (node, place, all) => !(isText(node) && place && isText(all[place - 1]))
    );
const pathTo = (node) => {
    const steps = [];
    if (node.nodeType === Node.ATTRIBUTE_NODE) {
        steps.push(`@${node.namespaceURI ? `{${node.namespaceURI}}` : ''}${node.localName}`);
        node = node.ownerElement;
    }
    while (node && node.nodeType !== Node.DOCUMENT_NODE && node !== node.ownerDocument.documentElement) {
        let first = node;
        while (isText(first) && first.previousSibling && isText(first.previousSibling)) {
            first = first.previousSibling;
        }
        if (!first.parentNode) return null;
        steps.unshift(merged(first.parentNode).indexOf(first));
        node = first.parentNode;
    }
    if (node && node.nodeType === Node.ELEMENT_NODE) steps.unshift('root');
    return steps;
};
const nodeAt = (doc, steps) => {
    let node = doc;
    for (const step of steps) {
        if (step === 'root') node = doc.documentElement;
        else if (typeof step === 'string') {
            node = [...node.attributes].find(
                (a) => `@${a.namespaceURI ? `{${a.namespaceURI}}` : ''}${a.localName}` === step
            );
        } else node = merged(node)[step];
    }
    return node;
};

const asNumber = (text) =>
    ({ NaN, Infinity, '-Infinity': -Infinity })[text] ?? Number(text);

const evaluate = (expression, context, resolver, type) => {
    const node = context || window.document;
    const doc = node.nodeType === Node.DOCUMENT_NODE ? node : node.ownerDocument;
    const answer = ask({
        xml: doc.documentElement ? new XMLSerializer().serializeToString(doc) : '<none/>',
        expression: String(expression),
        node: pathTo(node),
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    const nodes = (answer.nodes || []).map((steps) => nodeAt(doc, steps));
    if (type > 3 && !answer.nodes) throw new Error('not a node-set');
    let place = 0;
    const natural = { nodes: 4, number: 1, string: 2, boolean: 3 }[answer.type];
    return {
        resultType: type || natural,
        stringValue: answer.string,
        numberValue: asNumber(answer.number),
        booleanValue: answer.boolean,
        singleNodeValue: nodes[0] || null,
        snapshotLength: nodes.length,
        snapshotItem: (index) => nodes[index] || null,
        iterateNext: () => nodes[place++] || null,
    };
};
const bridge = () => ({ evaluate });

// -- counting assertions -------------------------------------------------------------------

const results = [];
let spec = '';
let titles = [];
let made = 0;
const note = (passed, detail) => {
    made += 1;
    results.push({ spec, test: titles.join(' › '), passed, detail: String(detail || '').slice(0, 300) });
};
const chai = requireFrom('chai');
let depth = 0;
for (const name of Object.keys(chai.assert)) {
    const original = chai.assert[name];
    chai.assert[name] = (...args) => {
        if (depth) return original(...args);
        depth += 1;
        try {
            original(...args);
            note(true);
        } catch (error) {
            note(false, error.message);
        } finally {
            depth -= 1;
        }
        return undefined;
    };
}
const guarded = (name, call) => (...args) => {
    const before = made;
    try {
        return call(...args);
    } catch (error) {
        if (made === before) note(false, `${name}(${args.slice(-2).map(String).join(', ')}): ${error.message}`);
        return undefined;
    }
};

// -- a small runner ------------------------------------------------------------------------

const makeSuite = (parent) => ({ parent, before: [], each: [], after: [], entries: [] });
let suite = makeSuite(null);
const describe = (title, body) => {
    const inner = makeSuite(suite);
    suite.entries.push({ title, suite: inner });
    suite = inner;
    body.call({ timeout() {} });
    suite = inner.parent;
};
describe.skip = () => {};
const it = (title, body) => suite.entries.push({ title, body });
it.skip = () => {};
Object.assign(global, {
    describe,
    it,
    xit: () => {},
    before: (call) => suite.before.push(call),
    beforeEach: (call) => suite.each.push(call),
    after: (call) => suite.after.push(call),
    afterEach: () => {},
});
const hooks = (current) => (current ? [...hooks(current.parent), ...current.each] : []);
const attempt = (call) => {
    const before = made;
    try {
        call.call({ timeout() {}, skip() {} });
        if (made === before) note(true);
    } catch (error) {
        note(false, error.message);
    }
};
const run = (current) => {
    current.before.forEach((call) => call());
    for (const entry of current.entries) {
        titles.push(entry.title);
        if (entry.suite) run(entry.suite);
        else if (entry.body) {
            hooks(current).forEach((call) => call());
            attempt(entry.body);
        }
        titles.pop();
    }
    current.after.forEach((call) => call());
};

const lodash = requireFrom('lodash');
const load = Module._load;
Module._load = function substitute(request, parent, ...rest) {
    if (/src\/openrosa-xpath$/.test(request)) return bridge;
    if (request === 'chai') return chai;
    if (request === 'lodash') return lodash;
    const loaded = load.call(this, request, parent, ...rest);
    if (/\/helpers$/.test(request) && !loaded.guarded) {
        for (const [name, call] of Object.entries(loaded)) {
            if (/^assert./.test(name)) loaded[name] = guarded(name, call);
        }
        loaded.guarded = true;
    }
    return loaded;
};

const folder = path.join(home, 'node_modules/openrosa-xpath-evaluator/test/integration');
const specs = (at) =>
    fs.readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
        const file = path.join(at, entry.name);
        if (entry.isDirectory()) return specs(file);
        return /\.spec\.js$/.test(entry.name) ? [file] : [];
    });
for (const file of specs(folder).sort()) {
    spec = path.relative(folder, file).replace(/\.spec\.js$/, '');
    if (!spec.includes(only)) continue;
    suite = makeSuite(null);
    try {
        require(file);
        // The helpers' own hook stands outside any suite and is loaded once.
        suite.each.unshift(() => require(path.join(folder, 'helpers')).simpleValueIs(''));
        run(suite);
    } catch (error) {
        note(false, `the spec can't be run: ${error.message}`);
    }
}
fs.writeSync(1, `${JSON.stringify({ report: results })}\n`);
