/*
 * Lotse: the chat on a town's website.
 *
 *   <script src="https://host/widget.js" data-municipality="05315000" async></script>   a button that opens the chat
 *   <lotse-chat inline data-municipality="05315000"></lotse-chat>                       the chat in its place in the page
 *
 * What stands inside <lotse-chat> is shown where JavaScript is off: put a link to https://host/ there.
 *
 * No cookies, no third-party requests, no framework, no build step: this file is what runs. It speaks ES2019 because many
 * readers have old phones. Every sentence comes from GET /api/texts/{language}. A town sets its colours with
 * --lotse-accent, --lotse-on-accent, --lotse-soft, --lotse-background, --lotse-surface, --lotse-text, --lotse-muted.
 */
(() => {
  "use strict";

  const SCRIPT = document.currentScript;
  const ORIGIN = SCRIPT && SCRIPT.src ? new URL(SCRIPT.src).origin : location.origin;
  /** Shown over the whole screen where there is no room beside it; the style below uses the same query. */
  const SMALL = "(max-width: 30em), (max-height: 30em)";
  const POLL_FIRST = 1500;
  const POLL_SLOWEST = 15000;
  const RETRY_FIRST = 1000;
  const RETRY_SLOWEST = 30000;
  const TIMEOUT = 30000;
  const CASE_CARDS = ["sent", "status", "news"];

  // --- building nodes: text only ever becomes text

  /** `on` holds listeners; null, undefined and false leave an attribute or a child out. */
  function h(name, attributes, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (key === "on") Object.entries(value).forEach(([event, listener]) => node.addEventListener(event, listener));
      else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
    return node;
  }

  const ICONS = {
    alert: "M12 4L2.5 20h19zM12 10v4.5M12 17.4v.1",
    check: "M5 12.5l4.5 4.5L19 7.5",
    clock: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7v5l3.5 2",
    close: "M6 6l12 12M18 6L6 18",
    code: "M4 11a4 4 0 1 0 8 0a4 4 0 1 0-8 0M12 11h9v4M17 11v3",
    compass: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M15.8 8.2l-2.3 5.3l-5.3 2.3l2.3-5.3z",
    copy: "M9 9h11v11H9zM5.5 15H4V4h11v1.5",
    globe: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M3 12h18M12 3c-5 5-5 13 0 18c5-5 5-13 0-18",
    mail: "M3 6h18v12H3zM3 7l9 7l9-7",
    office: "M4 20V9l8-5l8 5v11M2 20h20M8 20v-8M12 20v-8M16 20v-8",
    out: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
    paper: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
    person: "M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8M4 21c0-4 4-6 8-6s8 2 8 6",
    phone: "M5 4h4l2 5l-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a1 1 0 0 1-1 1A15 15 0 0 1 4 5a1 1 0 0 1 1-1",
    pin: "M12 21c-4-5-7-8-7-11.5a7 7 0 0 1 14 0C19 13 16 16 12 21zM12 7a2.5 2.5 0 1 0 0 5a2.5 2.5 0 0 0 0-5",
    send: "M3.5 11.5L20 4l-5 16l-4-6.5zM11 13.5L20 4",
    speech: "M4 5h16v11H11l-5 4v-4H4z",
    trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  };

  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", `icon icon-${name}`);
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  const hidden = (words) => h("span", { class: "hidden" }, words, " ");

  /** A link that leaves the page; null unless it is a plain web address. */
  function outside(address, ...children) {
    if (!/^https?:\/\/[^\s]+$/.test(address || "")) return null;
    return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...children);
  }

  function telephone(number, attributes, ...children) {
    const dialled = number.replace("(0)", "").replace(/[^+\d]/g, "");
    return h("a", { href: `tel:${dialled}`, dir: "ltr", ...attributes }, ...(children.length ? children : [number]));
  }

  const mail = (address) => h("a", { href: `mailto:${address}`, dir: "ltr" }, address);

  /** https addresses, mail addresses, telephone numbers, and the short numbers where they are no amount. */
  const LINKS = new RegExp(
    [
      /(https:\/\/[^\s<>"\u2066-\u2069]*[^\s<>"\u2066-\u2069.,;:!?)»”])/,
      /([\w.+-]+@[\w-]+(?:\.[\w-]+)+)/,
      /((?:\+|\b0)[\d(][\d ()/-]{4,18}\d)/,
      /\b(11[025]|116 ?\d{3})\b(?! ?(?:€|Euro|EUR|%)|[.,:-]?\d)/,
    ].map((part) => part.source).join("|"),
    "g",
  );

  function linked(line) {
    const nodes = [];
    let end = 0;
    line.replace(LINKS, (found, address, post, long, short, start) => {
      // Six digits are still a month and a year.
      if (long && long.replace(/\D/g, "").length < 7) return found;
      nodes.push(line.slice(end, start), address ? outside(address, address) : post ? mail(post) : telephone(long || short));
      end = start + found.length;
      return found;
    });
    return [...nodes, line.slice(end)];
  }

  /** Text with its single line breaks. */
  const lines = (text) => text.split("\n").map((line, number) => [number ? h("br") : null, linked(line)]);

  /** A blank line begins a new paragraph; each finds its own direction, for a German name may stand alone. */
  const paragraphs = (text, attributes) =>
    text.split(/\n{2,}/).filter(Boolean).map((part) => h("p", { dir: "auto", ...attributes }, lines(part)));

  const german = (words) => h("bdi", { lang: "de" }, words);

  // --- the server

  /** No answer came: worth another try. */
  class Unreachable extends Error {}

  /** The server said no; `message` is its sentence for the person. */
  class Problem extends Error {
    constructor(status, message) {
      super(message);
      this.status = status;
    }
  }

  async function call(base, method, path, { token, body, controller = new AbortController(), timeout = TIMEOUT } = {}) {
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    const timer = setTimeout(() => controller.abort(), timeout);
    try {
      const response = await fetch(base + path, {
        method, headers, body: body && JSON.stringify(body), signal: controller.signal,
        credentials: "omit", referrerPolicy: "no-referrer",
      });
      if (response.status === 204) return null;
      return outcome(response, await response.json());
    } catch (error) {
      // Also a body that is no JSON: a proxy's error page, or half an answer.
      throw error instanceof Problem ? error : new Unreachable();
    } finally {
      clearTimeout(timer);
    }
  }

  function outcome(response, data) {
    if (response.ok) return data;
    throw new Problem(response.status, (data && data.message) || "");
  }

  /** So that a message that is sent again after a failure counts once. */
  function randomId() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  const grown = (wait, factor, most) => Math.min(wait * factor, most);
  const jittered = (wait) => wait * (0.85 + Math.random() * 0.3);

  // --- cards: (data, look) -> nodes; look = { t, text, language, direction, send }

  const cards = {
    office(data, look) {
      const labels = data.labels || {};
      return [
        lead(data),
        data.name && h("div", { class: "card" }, h("h3", {}, german(data.name)), h("ul", { class: "facts" }, officeFacts(data, labels, look))),
        h("div", { class: "small" }, data.small_print && paragraphs(data.small_print), officeSources(data, look)),
      ];
    },

    step(data, look) {
      return [
        h("h3", { dir: "auto" }, data.heading),
        h("div", { class: "progress", "aria-hidden": "true" }, data.steps.map((step) => h("span", { class: stepClass(step) }))),
        h("ol", { class: "steps" }, data.steps.map((step) => stepItem(step, data, look))),
      ];
    },

    documents: (data) => [h("h3", { dir: "auto" }, data.heading), documentList(data.documents)],

    detail(data) {
      const links = sourceLinks(data.sources || [], data.sources_label);
      return [lead(data), links && h("div", { class: "small" }, links)];
    },

    urgent(data, look) {
      return [
        icon("alert"),
        h("div", { class: "strong" }, lead(data)),
        h("ul", { class: "calls" }, data.numbers.map((line) => h("li", {}, callButton(line)))),
        paragraphs(without(look.text, data.lead)),
      ];
    },

    sheet: (data, look) => sheetCard(data, look),

    sent(data, look) {
      return [
        lead(data),
        h("div", { class: "card code" }, codeLine(data, look), qrImage(data, look), h("p", { dir: "ltr" }, outside(data.link, data.link))),
      ];
    },

    status: (data, look) => h("div", { class: "framed" }, icon("office"), h("div", {}, paragraphs(look.text))),

    news(data, look) {
      const own = data.german && look.text.endsWith(data.german) ? look.text.slice(0, -data.german.length).trim() : look.text;
      const [heading, ...rest] = paragraphs(own);
      if (rest.length || data.german) heading.className = "strong";
      const quote = data.german && h("blockquote", { lang: "de", dir: "ltr" }, paragraphs(data.german));
      return h("div", { class: "framed" }, icon("office"), h("div", {}, heading, rest, quote));
    },
  };

  const lead = (data) => (data.lead || []).map((part) => paragraphs(part));

  /** What the text says beyond the lead. */
  const without = (text, said) => said.reduce((rest, part) => rest.replace(part, ""), text);

  function fact(name, label, ...content) {
    return h("li", {}, icon(name), h("div", { dir: "auto" }, label && hidden(`${label}:`), ...content));
  }

  function officeFacts(data, labels, look) {
    const hours = weekly(data.hours, look);
    const spoken = (data.languages || []).map((one) => languageName(one.value || one, look.language));
    const map = outside(data.map, labels.map, icon("out"));
    return [
      data.address && data.address.length > 0 &&
        fact("pin", labels.address, german(data.address.map((line, number) => [number ? h("br") : null, line])), map && h("p", { class: "action" }, map)),
      data.opening && fact("clock", "", h("strong", {}, data.opening), hours.map((line) => h("div", { class: "muted" }, line))),
      data.phone && fact("phone", labels.phone, telephone(data.phone, { class: "target" })),
      data.email && fact("mail", labels.email, mail(data.email)),
      /^https?:/.test(data.url || "") && fact("globe", labels.url, outside(data.url, labels.url || data.url, icon("out"))),
      spoken.length > 0 && fact("speech", labels.languages, spoken.join(", ")),
    ];
  }

  /** The rule's source, with the law it rests on, and the source of the address. */
  function officeSources(data, look) {
    const law = data.legal_basis && h("p", {}, german(data.legal_basis));
    const known = [[data.source, look.t("sources")], [data.record_source, data.source_label || look.t("sources")]];
    return [law, linkList(known.map(([address, label]) => outside(address, label, icon("out"))))];
  }

  function sourceLinks(sources, label) {
    const list = linkList(sources.map((address) => outside(address, address.replace(/^https?:\/\/(www\.)?/, "").split("/")[0], icon("out"))));
    return list && [h("p", { dir: "auto" }, `${label}:`), list];
  }

  function linkList(links) {
    const items = links.filter(Boolean).map((link) => h("li", {}, link));
    return items.length > 0 && h("ul", { class: "sources" }, items);
  }

  const DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
  const SPAN = /^(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:[-,](?:Mo|Tu|We|Th|Fr|Sa|Su))* \d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)*$/;

  /** Simple weekly hours in OSM syntax with the reader's names of days; nothing where they are not simple. */
  function weekly(hours, { language, direction }) {
    const rules = (hours || "").split(/;\s*/);
    if (!rules.every((rule) => SPAN.test(rule))) return [];
    const name = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
    // 1 January 2024 was a Monday.
    const day = (found) => name.format(Date.UTC(2024, 0, 1 + DAYS.indexOf(found)));
    const comma = direction === "rtl" ? "، " : ", ";
    return rules.map((rule) => {
      const [days, times] = rule.replace(/-/g, "–").split(" ");
      const spans = times.split(",").map((span, number) => [number ? comma : "", h("bdi", { class: "span", dir: "ltr" }, span)]);
      return [h("bdi", {}, days.replace(/[A-Z][a-z]/g, day).replace(/,/g, comma)), ": ", spans];
    });
  }

  function languageName(tag, reader) {
    try {
      return new Intl.DisplayNames([reader], { type: "language" }).of(tag);
    } catch (_) {
      return tag;
    }
  }

  const stepClass = (step) => [step.done ? "done" : "", step.current ? "current" : ""].join(" ");

  function stepItem(step, data, look) {
    const mark = h("span", { class: "mark", "aria-hidden": "true" }, step.done ? icon("check") : String(step.number));
    const title = h("p", { class: "strong", dir: "auto" }, step.title, step.done && hidden(` (${look.t("done")})`));
    return h("li", { class: stepClass(step), "aria-current": step.current && "step" }, mark, h("div", {}, title, step.current && stepBody(step, data)));
  }

  function stepBody(step, data) {
    const papers = step.documents || [];
    return [
      step.text && paragraphs(step.text),
      step.where && paragraphs(step.where, { class: "muted" }),
      papers.length > 0 && [h("p", { class: "label", dir: "auto" }, data.documents_label), documentList(papers)],
    ];
  }

  function documentList(documents) {
    const item = (paper) => h("li", {}, icon("paper"), h("div", {}, h("strong", {}, german(paper.name)), h("div", { class: "muted", dir: "auto" }, paper.explain)));
    return h("ul", { class: "facts" }, documents.map(item));
  }

  function callButton(line) {
    return telephone(line.number, { class: "call", dir: "auto" }, icon("phone"), h("span", {}, h("b", {}, line.title), h("span", { lang: "de", dir: "auto" }, line.name)));
  }

  function codeLine(data, look) {
    const code = h("code", { dir: "ltr", translate: "no" }, data.code);
    // The log around it is a live region: what appears here is read out.
    const told = h("span", { class: "muted" });
    const copy = async () => {
      getSelection().selectAllChildren(code);
      // Without permission the code stays selected, ready to be copied by hand.
      if (navigator.clipboard) await navigator.clipboard.writeText(data.code).then(() => { told.textContent = look.t("copied"); }, () => {});
    };
    return [code, h("div", { class: "choices" }, h("button", { type: "button", on: { click: copy } }, icon("copy"), look.t("code_copy")), told)];
  }

  const qrImage = (data, look) => /^data:image\//.test(data.qr || "") && h("img", { src: data.qr, alt: look.t("qr_alt"), width: 180, height: 180 });

  // --- the handover sheet

  function sheetCard(data, look) {
    const both = look.language !== "de";
    const boxes = [];
    const rows = data.fields.map((row) => sheetRow(row, boxes, both, look));
    const consent = consentBox(data.consent, both, look);
    const second = data.consent_foreigners_office && consentBox(data.consent_foreigners_office, both, look);
    const send = () => look.send(sheetPayload(data.draft, boxes, consent, second), data.send);
    const discard = () => look.send("sheet.discard", data.discard);
    return [
      lead(data),
      h("div", { class: both ? "card sheet both" : "card sheet" },
        h("h3", { dir: "auto" }, data.title),
        both && h("div", { class: "row headings", "aria-hidden": "true" }, h("div", {}, data.headings.yours), h("div", {}, data.headings.german)),
        h("ul", { class: "rows" }, rows),
        consent.node, second && second.node,
        h("div", { class: "choices" },
          h("button", { type: "button", class: "main", on: { click: send } }, icon("send"), data.send),
          h("button", { type: "button", on: { click: discard } }, icon("trash"), data.discard))),
    ];
  }

  function sheetRow(row, boxes, both, look) {
    const pair = (label, value) => [h("div", { class: "label" }, label), h("div", { class: "value" }, h("bdi", {}, lines(String(value))))];
    return h("li", { class: "row" },
      h("div", {}, pair(row.label, row.value)),
      both && h("div", { class: "german", lang: "de", dir: "ltr" }, pair(row.label_de, row.value_de)),
      row.optional && fieldBox(row, boxes, look));
  }

  function fieldBox(row, boxes, look) {
    const box = h("input", { type: "checkbox", checked: true });
    boxes.push([row.id, box]);
    return h("label", { class: "tick" }, box, h("span", {}, look.t("send_field"), hidden(`: ${row.label}`)));
  }

  let numbered = 0;

  function consentBox(words, both, look) {
    const id = `consent-${(numbered += 1)}`;
    const box = h("input", { type: "checkbox", "aria-describedby": id });
    const texts = h("div", { id }, paragraphs(words.text), both && paragraphs(words.german, { lang: "de", dir: "ltr", class: "german" }));
    return { box, node: h("div", { class: "consent" }, texts, h("label", { class: "tick" }, box, h("span", { class: "strong" }, look.t("consent_label")))) };
  }

  /** Send is never disabled: the server says what is missing. */
  function sheetPayload(draft, boxes, consent, second) {
    const order = { draft, fields: boxes.filter(([, box]) => box.checked).map(([id]) => id), consent: consent.box.checked };
    if (second) order.consent_foreigners_office = second.box.checked;
    return `sheet.send ${JSON.stringify(order)}`;
  }

  // --- what a stored line of the person looks like

  const OWN_PAYLOAD = /^(sheet\.\w+|case\.\w+|language(?= ?\{))\s*(?:\{[^]*\})?$/;
  const INTENT_PAYLOAD = /^\/[a-z_]+\s*(?:\{[^]*\})?$/;

  /** A pressed button is stored as its payload; people see its title, or nothing where it had none. */
  function spoken(text, titles, t) {
    if (titles.has(text)) return titles.get(text);
    const own = OWN_PAYLOAD.exec(text);
    if (own) return own[1] === "case.open" ? t("have_code") : titles.get(own[1]) || "";
    return INTENT_PAYLOAD.test(text) ? "" : text;
  }

  // --- style

  const STYLE = `
:host {
  display: block; color-scheme: light dark;
  --bg: var(--lotse-background, #fff); --surface: var(--lotse-surface, #f2f5f6);
  --text: var(--lotse-text, #18222a); --muted: var(--lotse-muted, #4a5963);
  --accent: var(--lotse-accent, #0d566b); --on-accent: var(--lotse-on-accent, #fff); --soft: var(--lotse-soft, #dfeef2);
  --mine: var(--accent); --on-mine: var(--on-accent); --line: #d3dce0; --edge: #6b7c86; --danger: #a1131d; --on-danger: #fff; --alarm: #fdeeed; --good: #1a6a3a;
  --shadow: 0 .75em 2.5em rgba(12, 32, 42, .22);
}
@media (prefers-color-scheme: dark) {
  :host {
    --bg: var(--lotse-background, #1a2228); --surface: var(--lotse-surface, #11171b);
    --text: var(--lotse-text, #e9eff2); --muted: var(--lotse-muted, #aab8c0);
    --accent: var(--lotse-accent, #7cc8dc); --on-accent: var(--lotse-on-accent, #06222b); --soft: var(--lotse-soft, #1d3d49);
    --mine: var(--lotse-accent, #1f5a6c); --on-mine: var(--lotse-on-accent, #fff); --line: #35434c; --edge: #83949e; --danger: #ffb3ae; --on-danger: #3b0509; --alarm: #3a1416; --good: #7fd3a0;
    --shadow: 0 .75em 2.5em rgba(0, 0, 0, .6);
  }
}
:host([hidden]), [hidden] { display: none !important; }
:host([inline]) { block-size: min(46em, 88vh); }
*, *::before, *::after { box-sizing: border-box; }
h2, h3, p, ul, ol, blockquote { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h2, h3 { font: inherit; font-weight: 700; }
h3 { font-size: 1.0625em; line-height: 1.35; }
/* Nothing of the page's own style reaches in; sizes are em of "medium", the reader's own size, because towns set any root size. */
.root { all: initial; display: block; font: medium/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", sans-serif; color: var(--text); overflow-wrap: break-word; }
:host([inline]) .root, :host([inline]) .panel { block-size: 100%; }
/* Arabic script is smaller at the same size. */
[lang=ar], [lang=fa] { line-height: 1.75; }
[lang=de] { line-height: 1.55; }
.panel:lang(ar), .panel:lang(fa) { font-size: 1.0625em; }
.icon { inline-size: 1.25em; block-size: 1.25em; flex: none; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; vertical-align: -.25em; }
[dir=rtl] .icon-send, [dir=rtl] .icon-out { transform: scaleX(-1); }
.hidden { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.strong { font-weight: 600; }
.muted { color: var(--muted); }

/* Controls */
button, select, textarea, input { font: inherit; color: inherit; margin: 0; }
button, select, summary, .call { min-block-size: 44px; min-inline-size: 44px; cursor: pointer; }
button, .launcher { display: inline-flex; align-items: center; justify-content: center; gap: .5em; padding: .45em .9em; border: 1px solid var(--accent); border-radius: .625em; background: var(--bg); color: var(--accent); font-weight: 600; text-align: start; line-height: 1.3; }
button:hover { background: var(--soft); }
button.main, .launcher { background: var(--accent); color: var(--on-accent); }
button.main:hover, .launcher:hover { background: var(--accent); box-shadow: inset 0 0 0 2px var(--on-accent); }
button.plain { border-color: transparent; background: none; font-weight: 500; padding-inline: .5em; }
button.danger { border-color: var(--danger); background: var(--danger); color: var(--on-danger); }
a { color: var(--accent); text-underline-offset: .2em; }
a .icon { inline-size: 1em; block-size: 1em; margin-inline-start: .3em; vertical-align: -.12em; }
:focus { outline: 3px solid var(--accent); outline-offset: 2px; }
:focus:not(:focus-visible) { outline: none; }
.panel:focus { outline-offset: -3px; }
input[type=checkbox] { inline-size: 1.5em; block-size: 1.5em; flex: none; accent-color: var(--accent); cursor: pointer; }
.choices { display: flex; flex-wrap: wrap; align-items: center; gap: .5em; }

/* Frame */
.dock { position: fixed; inset-block-end: 1em; inset-inline-end: 1em; z-index: 2147483000; }
.launcher { border-radius: 2em; min-block-size: 3.5em; padding-inline: 1.25em 1.5em; box-shadow: var(--shadow); }
.launcher .icon { inline-size: 1.6em; block-size: 1.6em; }
.panel { position: relative; display: flex; flex-direction: column; background: var(--bg); border: 1px solid var(--line); border-radius: 1em; overflow: hidden; }
.dock .panel { inline-size: min(26.5em, calc(100vw - 2em)); block-size: min(46em, calc(100vh - 2em)); box-shadow: var(--shadow); }
.head { display: flex; align-items: center; flex-wrap: wrap; gap: .25em .75em; padding: .5em 1em; border-block-end: 1px solid var(--line); }
.head > .icon { inline-size: 1.75em; block-size: 1.75em; color: var(--accent); }
.head h2 { flex: 1 1 8em; font-size: 1.0625em; line-height: 1.3; }
.language { display: flex; align-items: center; gap: .5em; font-weight: 600; }
.dock .language { order: 1; flex: 1 0 100%; }
.language > .icon { inline-size: 1.75em; block-size: 1.75em; color: var(--accent); }
select { flex: 1; min-inline-size: 10em; padding: .35em .6em; border: 2px solid var(--accent); border-radius: .625em; background: var(--soft); color: var(--text); font-weight: 600; }
.quick { display: flex; gap: .5em; padding: .5em 1em; overflow-x: auto; background: var(--soft); border-block-end: 1px solid var(--line); scrollbar-width: thin; flex: none; }
.quick button { flex: none; border-color: transparent; padding-block: .3em; white-space: nowrap; line-height: 1.4; }
@media (min-width: 48em) { :host([inline]) .quick { flex-wrap: wrap; } }

/* Conversation */
.scroll { flex: 1; min-block-size: 0; overflow-y: auto; overscroll-behavior: contain; background: var(--surface); padding: 1em; scroll-behavior: smooth; }
.log { display: flex; flex-direction: column; gap: .75em; border-radius: .5em; }
.entry { display: flex; flex-direction: column; gap: .6em; align-items: flex-start; }
.bubble { position: relative; max-inline-size: min(40em, 100%); padding: .75em 1em; border: 1px solid var(--line); border-radius: 1em; border-start-start-radius: .25em; background: var(--bg); }
.bubble > * + *, .bubble div > p + p, .bubble div > p + ul, blockquote p + p { margin-block-start: .65em; }
.bubble > .hidden + * { margin-block-start: 0; }
.entry.wide .bubble { inline-size: 100%; }
.entry.sheet .bubble { max-inline-size: 46em; }
.me { align-items: flex-end; }
.me .bubble { max-inline-size: min(34em, 85%); border-color: transparent; border-radius: 1em; border-end-end-radius: .25em; background: var(--mine); color: var(--on-mine); }
.me.waiting .bubble { border: 1px dashed var(--bg); }
.notice { align-self: center; max-inline-size: 34em; padding: .5em 1em; border: 1px solid var(--edge); border-radius: .75em; background: var(--bg); text-align: center; font-size: .9375em; }
.notice.error { border-color: var(--danger); color: var(--danger); }
.entry.old > .choices button { position: relative; min-block-size: 2em; padding: .15em .7em; margin-block: .15em; border-color: var(--edge); font-size: .875em; font-weight: 500; color: var(--muted); }
/* Smaller to look at, not to hit. */
.entry.old > .choices button::after { content: ""; position: absolute; inset-block: -.4em; inset-inline: 0; }
.typing { display: flex; align-items: center; gap: .6em; min-block-size: 1.75em; padding-block-start: .5em; color: var(--muted); font-size: .9375em; }
.dots { display: inline-flex; gap: .25em; }
.dots i { inline-size: .45em; block-size: .45em; border-radius: 50%; background: currentColor; animation: beat 1.2s infinite; }
.dots i:nth-child(2) { animation-delay: .2s; }
.dots i:nth-child(3) { animation-delay: .4s; }
@keyframes beat { 0%, 60%, 100% { opacity: .25; } 30% { opacity: 1; } }

/* Cards */
.card { border-block-start: 1px solid var(--line); padding-block-start: .75em; }
.card > * + * { margin-block-start: .75em; }
.facts, .steps, .calls, .code { display: grid; grid-template-columns: minmax(0, 1fr); gap: .5em; }
.facts li { display: flex; gap: .75em; align-items: flex-start; padding-block: .25em; }
.facts li > .icon { margin-block-start: .15em; color: var(--accent); }
.facts li > div { flex: 1; min-inline-size: 0; }
.facts a, .sources a { display: inline-flex; align-items: center; min-block-size: 44px; overflow-wrap: anywhere; }
.facts a { margin-block: -.6em; }
.facts .action { margin-block-start: .15em; }
.span, a[href^="tel:"]:not(.call) { white-space: nowrap; }
.facts .action a { margin-block: 0; }
.facts a.target { font-size: 1.125em; font-weight: 700; }
.label { font-size: .875em; color: var(--muted); }
.small { font-size: .875em; color: var(--muted); }
.small:empty { display: none; }
.small p + p { margin-block-start: .35em; }
.bubble .sources { display: flex; flex-wrap: wrap; column-gap: 1em; margin: 0; }
.progress { display: flex; gap: .3em; }
.progress span { flex: 1; block-size: .375em; border-radius: 1em; background: var(--line); }
.progress .done { background: var(--good); }
.progress .current { background: var(--accent); }
.steps > li { display: flex; gap: .75em; padding: .25em; color: var(--muted); }
.steps > li > div { flex: 1; min-inline-size: 0; padding-block-start: .1em; }
.steps > li > div > * + * { margin-block-start: .5em; }
.steps .strong { font-weight: 500; }
.steps .current { padding: .75em; margin-inline: -.25em; border: 1px solid var(--accent); border-radius: .75em; color: var(--text); }
.steps .current .strong { font-weight: 700; }
.mark { flex: none; display: grid; place-items: center; inline-size: 2em; block-size: 2em; border: 2px solid var(--edge); border-radius: 50%; font-size: .875em; font-weight: 700; line-height: 1; }
.steps .current .mark { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
.steps .done .mark { border-color: var(--good); background: none; color: var(--good); }
.urgent .bubble { border: 2px solid var(--danger); background: var(--alarm); }
.urgent .bubble > .icon { inline-size: 2.25em; block-size: 2.25em; color: var(--danger); }
.call { display: flex; align-items: center; gap: .9em; min-block-size: 3.75em; padding: .5em 1em; border: 1px solid transparent; border-radius: .75em; background: var(--danger); color: var(--on-danger); text-decoration: none; }
.call .icon { inline-size: 1.75em; block-size: 1.75em; margin: 0; }
.call b { display: block; font-size: 1.1875em; line-height: 1.3; }
.call span span { display: block; font-size: .9375em; line-height: 1.35; }
.call:focus { outline-color: var(--danger); }
.framed { display: flex; gap: .75em; padding-inline-start: .85em; border-inline-start: 4px solid var(--accent); }
.framed > .icon { inline-size: 1.6em; block-size: 1.6em; color: var(--accent); }
.framed > div { flex: 1; min-inline-size: 0; }
.framed blockquote { margin-block-start: .65em; padding: .6em .85em; border-radius: .625em; background: var(--surface); }
.code { justify-items: start; }
.code code { padding: .6em .9em; border: 2px dashed var(--edge); border-radius: .625em; font: 700 1.3125em/1.35 ui-monospace, "Cascadia Mono", Menlo, Consolas, "Noto Sans Mono", monospace; user-select: all; -webkit-user-select: all; overflow-wrap: anywhere; }
.code img { background: #fff; border-radius: .5em; }
.code a { display: inline-flex; align-items: center; min-block-size: 44px; overflow-wrap: anywhere; }
.row { display: grid; gap: .25em 1.25em; padding-block: .65em; border-block-end: 1px solid var(--line); }
.row.headings { display: none; padding-block: .25em; font-size: .875em; font-weight: 600; color: var(--muted); }
[dir=rtl] .headings div + div { text-align: end; }
.card > .rows { margin: 0; }
.row .value { font-weight: 600; }
.row .german { padding-inline-start: .75em; border-inline-start: 3px solid var(--line); }
.row .german .value { font-weight: 400; }
.german { color: var(--muted); }
.tick { display: inline-flex; align-items: center; gap: .75em; min-block-size: 44px; cursor: pointer; justify-self: start; }
.consent { padding: .85em 1em; border: 1px solid var(--edge); border-radius: .75em; background: var(--surface); }
.consent .german { font-size: .9375em; }
.consent .tick { margin-block-start: .5em; }
.log { container-type: inline-size; }
@container (min-width: 30em) {
  .both .row { grid-template-columns: 1fr 1fr; }
  .both .row.headings { display: grid; }
  .row .tick { grid-column: 1 / -1; }
  .row .german { border: 0; padding: 0; }
}
@container (min-width: 42em) {
  .row { grid-template-columns: 1fr 10.5em; align-items: center; }
  .both .row { grid-template-columns: 1fr 1fr 10.5em; }
  .row .tick { grid-column: -2; }
}

/* Below the conversation */
.bar { display: flex; align-items: center; flex-wrap: wrap; gap: .25em .75em; padding: .5em 1.067em; border-block-start: 1px solid var(--line); font-size: .9375em; }
.bar .icon { color: var(--accent); }
.connection { background: var(--alarm); font-weight: 600; }
.human { background: var(--soft); font-weight: 600; }
.bar p { flex: 1 1 10em; }
.composer { display: grid; grid-template-columns: 1fr auto; gap: .25em .5em; align-items: end; padding: .6em 1em; border-block-start: 1px solid var(--line); }
.composer label { grid-column: 1 / -1; font-size: .875em; font-weight: 600; color: var(--muted); }
textarea, input:not([type=checkbox]) { inline-size: 100%; min-block-size: 44px; padding: .6em .85em; border: 1px solid var(--edge); border-radius: .625em; background: var(--bg); line-height: 1.4; }
textarea { display: block; resize: none; }
.foot { padding: 0 1em .5em; }
.tools { font-size: .875em; display: flex; flex-wrap: wrap; align-items: flex-start; justify-content: space-between; column-gap: .5em; }
.tools button.plain, summary { padding-inline: 0; color: var(--muted); }
details[open] { flex: 1 0 100%; }
summary { display: inline-flex; align-items: center; gap: .5em; font-weight: 500; list-style: none; border-radius: .625em; }
summary::-webkit-details-marker { display: none; }
summary:hover { text-decoration: underline; }
.enter { display: flex; align-items: flex-end; gap: .5em; padding-block: .25em .5em; }
.enter label { flex: 1; }
.enter input { font-size: 1.15em; }
.confirm { display: grid; gap: .5em; padding: .75em 1em; border-block-start: 2px solid var(--danger); background: var(--alarm); }
.print { color: var(--muted); font-size: .8125em; line-height: 1.45; }

/* Small screens: the chat takes all of it, and where it is low, scrolls as a whole. */
@media ${SMALL} {
  .dock.open { inset: 0; }
  .dock .panel { inline-size: 100%; block-size: 100%; border: 0; border-radius: 0; }
  .scroll, .head, .composer, .foot { padding-inline: .75em; }
  /* The page around an inline chat has its own heading. */
  :host([inline]) .head > .icon { display: none; }
  :host([inline]) h2 { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
}
@media (max-width: 40em) { .language { flex: 1 0 100%; } }
@media (max-height: 36em) {
  .panel { overflow-y: auto; scroll-behavior: smooth; }
  .scroll { flex: none; overflow: visible; min-block-size: 8em; }
}
@media (prefers-reduced-motion: reduce) {
  .scroll, .panel { scroll-behavior: auto !important; }
  .dots i { animation: none; }
}
@media (forced-colors: active) {
  .launcher, .me .bubble, .call, .quick button { border: 1px solid ButtonText; }
  button.plain { border: 0; }
  .progress span { border: 1px solid CanvasText; }
  .progress .done, .progress .current { background: Highlight; }
  .icon { stroke: CanvasText; }
  a .icon { stroke: LinkText; }
  button .icon { stroke: ButtonText; }
}
@media print {
  :host(:not([inline])), .quick, .language, .composer, .tools, .bar, .choices, .typing, .close { display: none !important; }
  :host([inline]), .panel, .root { block-size: auto !important; }
  .panel, .scroll { overflow: visible !important; border: 0; background: none; }
  .bubble, .card, .row { break-inside: avoid; }
}`;

  function adopt(root) {
    if ("adoptedStyleSheets" in Document.prototype) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } else {
      root.append(h("style", {}, STYLE));
    }
  }

  // --- the element

  const taken = new Set();

  /** One key in sessionStorage for each chat on the page. */
  function storageKey(municipality) {
    let key = `lotse-${municipality}`;
    while (taken.has(key)) key += "+";
    taken.add(key);
    return key;
  }

  class LotseChat extends HTMLElement {
    connectedCallback() {
      if (!this.base) this.setUp();
      this.listen = (event, target, listener) => {
        target.addEventListener(event, listener);
        this.deaf.push(() => target.removeEventListener(event, listener));
      };
      this.deaf = [];
      this.listen("visibilitychange", document, () => this.wake());
      this.listen("online", window, () => this.wake());
      this.listen("hashchange", window, () => this.readHash());
      this.wake();
    }

    disconnectedCallback() {
      this.deaf.forEach((stop) => stop());
      clearTimeout(this.timer);
    }

    setUp() {
      this.base = ORIGIN;
      this.inline = this.hasAttribute("inline");
      this.municipality = this.dataset.municipality || (SCRIPT && SCRIPT.dataset.municipality) || null;
      this.key = storageKey(this.municipality || "");
      Object.assign(this, { texts: {}, language: "", languages: [], direction: "ltr", bound: [], shown: false, touched: false });
      this.blank();
      this.build();
      this.start();
    }

    /** A chat of which nothing is known yet. */
    blank() {
      Object.assign(this, {
        token: null, restored: true, last: 0, missed: false, own: [], queue: [], titles: new Map(), wrote: false, hasCase: false,
        interval: POLL_FIRST, polling: null, generation: (this.generation || 0) + 1,
      });
    }

    async start() {
      const before = this.stored();
      this.remembered = before.language;
      await this.firstTexts();
      if (this.dockNode) this.launcher.hidden = false;
      if (before.token) Object.assign(this, { token: before.token, hasCase: before.case, seen: before.last, restored: false, touched: true });
      if (this.inline || before.open) this.show();
      else if (before.token && before.case) this.pump();
      this.readHash();
    }

    // --- texts and language

    t(key) {
      return this.texts[key] || "";
    }

    /** Keep a node's text, or one of its attributes, in the reader's language. */
    label(node, key, attribute) {
      this.bound.push([node, key, attribute]);
      return node;
    }

    /** The languages to begin with, best first: last choice, the page, the browser. */
    wanted() {
      return [this.remembered, document.documentElement.lang, ...(navigator.languages || [navigator.language]), "de"].filter(Boolean);
    }

    /** Nothing can be said before the first texts are here; so this tries until they are. */
    async firstTexts() {
      for (let wait = RETRY_FIRST; !this.language; wait = grown(wait, 2, RETRY_SLOWEST)) {
        try {
          this.languages = await call(this.base, "GET", "/api/languages");
          for (const tag of this.wanted()) if (await this.tryLanguage(tag)) break;
        } catch (error) {
          await this.pause(wait);
        }
      }
    }

    async tryLanguage(tag) {
      try {
        this.apply(await call(this.base, "GET", `/api/texts/${encodeURIComponent(tag)}`));
        return true;
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return false;
        throw error;
      }
    }

    /** The server answers in this language: texts and direction follow. */
    async follow(tag) {
      if (tag === this.language) return;
      try {
        await this.tryLanguage(tag);
      } catch (error) {
        // The old texts stay; the next answer tries again.
      }
    }

    apply({ language, direction, reviewed, texts }) {
      Object.assign(this, { language, direction, texts });
      this.panel.lang = language;
      this.panel.dir = direction;
      if (this.launcher) Object.assign(this.launcher, { lang: language, dir: direction });
      this.machine.hidden = reviewed;
      for (const [node, key, attribute] of this.bound) {
        if (attribute) node.setAttribute(attribute, this.t(key));
        else node.textContent = this.t(key);
      }
      this.fillLanguages();
      this.save();
    }

    fillLanguages() {
      this.select.replaceChildren(...this.languages.map(({ tag, name }) => h("option", { value: tag, lang: tag, selected: tag === this.language }, name)));
      this.select.value = this.language;
      const others = this.languages.filter(({ tag }) => tag !== this.language);
      this.quick.replaceChildren(
        ...others.map(({ tag, name, direction }) => h("button", { type: "button", lang: tag, dir: direction, on: { click: () => this.choose(tag) } }, name)),
      );
      this.quick.hidden = this.wrote;
    }

    async choose(tag) {
      this.remembered = tag;
      this.touched = true;
      this.enqueue({ payload: `language {"to": "${tag}"}` }, null);
      await this.follow(tag);
      if (!this.shadowRoot.activeElement) this.select.focus();
    }

    // --- frame

    build() {
      this.attachShadow({ mode: "open" });
      adopt(this.shadowRoot);
      this.panel = h("section", { class: "panel", "aria-labelledby": "title", tabindex: "-1" },
        this.head(), this.quickLanguages(), this.conversation(), this.connection(), this.humanLine(), this.composer(), this.confirmation(), this.foot());
      const root = h("div", { class: "root" }, this.inline ? this.panel : this.dock());
      this.shadowRoot.append(root);
    }

    /** The button and the panel it opens, at the corner that the page's own direction asks for. */
    dock() {
      this.unread = h("span", { role: "status" });
      this.launcher = h("button", { type: "button", class: "launcher", hidden: true, "aria-expanded": "false", on: { click: () => this.open() } },
        icon("speech"), this.label(h("span"), "open"), this.unread);
      this.panel.hidden = true;
      this.panel.setAttribute("role", "dialog");
      this.panel.addEventListener("keydown", (event) => this.onPanelKey(event));
      this.dockNode = h("div", { class: "dock" }, this.launcher, this.panel);
      return this.dockNode;
    }

    head() {
      this.select = h("select", { id: "language", on: { change: () => this.choose(this.select.value) } });
      const close = this.label(h("span", { class: "hidden" }), "close");
      return h("div", { class: "head" },
        icon("compass"),
        this.label(h("h2", { id: "title" }), "title"),
        h("div", { class: "language" }, icon("globe"), this.label(h("label", { for: "language" }), "language"), this.select),
        !this.inline && h("button", { type: "button", class: "plain close", on: { click: () => this.close() } }, icon("close"), close));
    }

    /** Until somebody wrote, the other languages' own names are in sight: who cannot read "Sprache" finds theirs. */
    quickLanguages() {
      this.quick = this.label(h("div", { class: "quick", role: "group" }), "language", "aria-label");
      return this.quick;
    }

    conversation() {
      this.log = this.label(h("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0" }), "log", "aria-label");
      this.typing = h("div", { class: "typing", role: "status" });
      this.scroll = h("div", { class: "scroll" }, this.log, this.typing);
      return this.scroll;
    }

    connection() {
      this.line = h("p", { role: "status" });
      this.retry = this.label(h("button", { type: "button", on: { click: () => this.wake() } }), "retry");
      this.bar = h("div", { class: "bar connection", hidden: true }, this.line, this.retry);
      return this.bar;
    }

    humanLine() {
      this.human = h("div", { class: "bar human", role: "status", hidden: true }, icon("person"), this.label(h("p"), "talking_to_human"));
      return this.human;
    }

    composer() {
      this.input = h("textarea", { id: "message", rows: 1, dir: "auto", autocomplete: "off", enterkeyhint: "send" });
      this.input.addEventListener("input", () => this.grow());
      this.input.addEventListener("keydown", (event) => this.onInputKey(event));
      const submit = (event) => {
        event.preventDefault();
        this.write();
      };
      return h("form", { class: "composer", on: { submit } },
        this.label(h("label", { for: "message" }), "message_label"),
        this.input,
        h("button", { type: "submit", class: "main" }, icon("send"), this.label(h("span"), "send")));
    }

    confirmation() {
      const yes = h("button", { type: "button", class: "danger", on: { click: () => this.erase() } }, icon("trash"), this.label(h("span"), "delete"));
      this.no = this.label(h("button", { type: "button", on: { click: () => this.ask(false) } }), "cancel");
      this.sure = h("div", { class: "confirm", role: "group", "aria-labelledby": "sure", hidden: true },
        this.label(h("p", { id: "sure", class: "strong" }), "delete_confirm"), h("div", { class: "choices" }, this.no, yes));
      return this.sure;
    }

    foot() {
      this.trash = h("button", { type: "button", class: "plain", on: { click: () => this.ask(true) } }, icon("trash"), this.label(h("span"), "delete"));
      this.machine = this.label(h("p", { hidden: true }), "machine");
      return h("div", { class: "foot" },
        h("div", { class: "tools" }, this.codeForm(), this.trash),
        h("div", { class: "print" }, this.label(h("p"), "not_emergency"), this.machine));
    }

    codeForm() {
      const code = h("input", { id: "code", dir: "ltr", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: 80, required: true });
      const details = h("details", {}, h("summary", {}, icon("code"), this.label(h("span"), "have_code")));
      const submit = (event) => {
        event.preventDefault();
        this.openCase(code.value);
        code.value = "";
        details.open = false;
      };
      details.append(h("form", { class: "enter", on: { submit } },
        h("label", { for: "code" }, this.label(h("span"), "code_label"), code),
        h("button", { type: "submit" }, this.label(h("span"), "code_submit"))));
      return details;
    }

    // --- opening and closing

    show() {
      this.shown = true;
      if (this.dockNode) {
        this.panel.hidden = false;
        this.launcher.hidden = true;
        this.dockNode.classList.add("open");
        this.launcher.setAttribute("aria-expanded", "true");
        this.panel.setAttribute("aria-modal", String(matchMedia(SMALL).matches));
        this.unread.textContent = "";
      }
      this.save();
      this.pump();
    }

    open() {
      this.touched = true;
      this.show();
      // On a phone the keyboard would cover what there is to read.
      (matchMedia("(pointer: fine)").matches ? this.input : this.panel).focus();
      this.bottom();
    }

    close() {
      this.shown = false;
      this.panel.hidden = true;
      this.launcher.hidden = false;
      this.dockNode.classList.remove("open");
      this.launcher.setAttribute("aria-expanded", "false");
      this.launcher.focus();
      this.save();
    }

    onPanelKey(event) {
      if (event.key === "Escape" && !event.isComposing) {
        event.stopPropagation();
        this.close();
      } else if (event.key === "Tab" && matchMedia(SMALL).matches) {
        this.wrap(event);
      }
    }

    /** Only where the chat covers the page: what is behind it cannot be seen, so Tab stays here. */
    wrap(event) {
      const all = this.panel.querySelectorAll("a[href], button, select, textarea, input, summary, [tabindex='0']");
      const reachable = Array.from(all).filter((node) => node.getClientRects().length);
      const [first, last] = [reachable[0], reachable[reachable.length - 1]];
      const at = this.shadowRoot.activeElement;
      const next = event.shiftKey ? (at === first || at === this.panel) && last : at === last && first;
      if (!next) return;
      event.preventDefault();
      next.focus();
    }

    // --- what the person does

    onInputKey(event) {
      // 229: an input method is still composing (Safari says so only this way).
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.write();
    }

    grow() {
      this.input.rows = 1;
      while (this.input.rows < 5 && this.input.scrollHeight > this.input.clientHeight) this.input.rows += 1;
    }

    write() {
      const text = this.input.value.trim();
      if (!text) return this.input.focus();
      this.input.value = "";
      this.grow();
      this.enqueue({ text }, text);
    }

    press(payload, title, message) {
      if (payload === "delete") return message === this.t("delete_confirm") ? this.erase() : this.ask(true);
      this.enqueue({ payload }, title);
    }

    openCase(code) {
      this.enqueue({ payload: `case.open ${JSON.stringify({ code: code.trim().slice(0, 80) })}` }, this.t("have_code"));
    }

    /** A code in the address comes from a QR code; it does not stay where others can read it. */
    readHash() {
      const found = /^#code=(.+)$/.exec(location.hash);
      if (!found || !this.language) return;
      history.replaceState(history.state, "", location.pathname + location.search);
      if (!this.shown) this.open();
      try {
        this.openCase(decodeURIComponent(found[1]));
      } catch (error) {
        this.openCase(found[1]);
      }
    }

    ask(open) {
      this.sure.hidden = !open;
      (open ? this.no : this.trash).focus();
      if (open) this.sure.scrollIntoView({ block: "nearest" });
    }

    async erase() {
      this.sure.hidden = true;
      this.interrupt();
      try {
        if (this.token) await call(this.base, "DELETE", "/api/conversations", { token: this.token });
      } catch (error) {
        // What the server does not know any more is deleted as well.
        if (error.status !== 401) return this.notice(error.message || this.t("failed"), true);
      }
      this.forget();
      this.log.replaceChildren();
      this.notice(this.t("deleted"));
      this.fillLanguages();
      this.panel.focus();
      this.pump();
    }

    /** Begin anew with nothing kept, in memory or in the browser. */
    forget() {
      this.blank();
      this.talk("bot");
      this.touched = false;
      try {
        sessionStorage.removeItem(this.key);
      } catch (error) {
        // Storage is switched off: nothing was kept.
      }
    }

    // --- storage: only after the person opened the chat or wrote

    stored() {
      try {
        return JSON.parse(sessionStorage.getItem(this.key)) || {};
      } catch (error) {
        return {};
      }
    }

    save() {
      if (!this.touched || !this.token) return;
      const kept = { token: this.token, language: this.language, open: this.shown, case: this.hasCase, last: this.last };
      try {
        sessionStorage.setItem(this.key, JSON.stringify(kept));
      } catch (error) {
        // Storage is switched off: the chat works, it only ends with the page.
      }
    }

    // --- sending: one thing at a time, in order, each once

    enqueue(body, title) {
      this.touched = true;
      const entry = title ? this.mine(title, true) : null;
      this.queue.push({ body: { ...body, id: randomId() }, entry });
      this.pump();
    }

    async pump() {
      if (!this.language) return;
      if (this.pumping) {
        this.busy(true);
        if (this.stopWaiting) this.stopWaiting();
        return;
      }
      this.pumping = true;
      this.interrupt();
      let wait = RETRY_FIRST;
      while (!this.token || !this.restored || this.queue.length) {
        this.busy(true);
        const generation = this.generation;
        try {
          await this.next();
          this.reached(true);
          wait = RETRY_FIRST;
        } catch (error) {
          if (generation !== this.generation) continue;
          await this.failed(error, wait);
          wait = grown(wait, 2, RETRY_SLOWEST);
        }
      }
      this.busy(false);
      this.pumping = false;
      this.save();
      this.schedule();
    }

    /** Open, restore or send: whatever comes first. */
    next() {
      if (!this.token) return this.begin();
      return this.restored ? this.sendFirst() : this.restore();
    }

    async begin() {
      const generation = this.generation;
      const body = { municipality: this.municipality, language: this.language };
      const opened = await call(this.base, "POST", "/api/conversations", { body });
      if (generation !== this.generation) return;
      this.token = opened.token;
      await this.take(opened, 0);
    }

    async restore() {
      const generation = this.generation;
      const history = await call(this.base, "GET", "/api/messages?after=0", { token: this.token });
      if (generation !== this.generation) return;
      this.restored = true;
      await this.hear(history);
      this.bottom();
    }

    async sendFirst() {
      const { generation, queue } = this;
      const item = queue[0];
      const answer = await call(this.base, "POST", "/api/messages", { token: this.token, body: item.body });
      if (generation !== this.generation) return;
      queue.shift();
      if (item.entry) item.entry.classList.remove("waiting");
      // The greeting again in the language just chosen: the first one need not stay above it.
      else if (!this.wrote && (item.body.payload || "").startsWith("language")) this.log.replaceChildren();
      await this.take(answer, 1, item.entry);
    }

    async failed(error, wait) {
      const sending = this.token && this.restored;
      const refused = error instanceof Problem;
      this.reached(refused);
      if (refused && error.status === 401 && this.token) return this.over();
      if (refused && error.status === 422 && !this.token && this.municipality) {
        // A mistyped municipality in the page: the chat asks the person instead.
        this.municipality = null;
        return;
      }
      if (refused && sending) this.giveBack(this.queue.shift());
      if (refused && (sending || wait === RETRY_FIRST)) this.notice(error.message || this.t("failed"), true);
      if (!refused || !sending) await this.pause(wait);
    }

    /** The server has forgotten this chat. What waits is sent once more, in a new one. */
    over() {
      const again = this.queue.filter((item) => !item.again);
      again.forEach((item) => { item.again = true; });
      this.forget();
      this.queue = again;
      this.touched = true;
      this.notice(this.t("session_over"), false, true);
    }

    /** A refused text goes back to where it was written. */
    giveBack({ body, entry }) {
      if (entry) entry.classList.remove("waiting");
      if (!body.text || this.input.value) return;
      if (entry) entry.remove();
      this.input.value = body.text;
      this.grow();
    }

    pause(wait) {
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, jittered(wait));
        this.stopWaiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }

    reached(yes) {
      const was = this.down;
      this.down = !yes;
      if (this.down) {
        this.line.textContent = this.t("offline");
        this.bar.hidden = this.retry.hidden = false;
        // What was in sight above the bar stays in sight.
        if (!was) this.scroller().scrollTop += this.bar.offsetHeight;
      } else if (was) {
        this.line.textContent = this.t("online");
        this.retry.hidden = true;
        setTimeout(() => { this.bar.hidden = !this.down; }, 4000);
      }
    }

    // --- listening

    wake() {
      if (this.stopWaiting) this.stopWaiting();
      if (document.hidden || !this.language) return;
      this.interval = POLL_FIRST;
      if (this.pumping) return;
      clearTimeout(this.timer);
      this.poll();
    }

    schedule() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.poll(), jittered(this.interval));
    }

    /** A closed chat listens only where an office may write. */
    async poll() {
      const listening = this.token && this.restored && !this.pumping && !document.hidden && this.isConnected && (this.shown || this.hasCase);
      if (!listening) return;
      const controller = (this.polling = new AbortController());
      try {
        const history = await call(this.base, "GET", `/api/messages?after=${this.last}`, { token: this.token, controller, timeout: 10000 });
        if (this.polling !== controller) return;
        this.polling = null;
        this.reached(true);
        this.interval = history.lines.length ? POLL_FIRST : grown(this.interval, 1.4, POLL_SLOWEST);
        await this.hear(history);
      } catch (error) {
        if (this.polling !== controller) return;
        this.pollFailed(error);
      }
      if (!this.pumping) this.schedule();
    }

    pollFailed(error) {
      this.polling = null;
      this.missed = true;
      if (error.status === 401) {
        this.over();
        this.pump();
      } else {
        this.reached(false);
        this.interval = grown(this.interval, 2, RETRY_SLOWEST);
      }
    }

    /** Stop a running poll: the server may have stored news for it that nobody saw. */
    interrupt() {
      clearTimeout(this.timer);
      if (!this.polling) return;
      this.missed = true;
      const { polling } = this;
      this.polling = null;
      polling.abort();
    }

    /** An answer with its lines, of which `mine` are the person's. */
    async take(answer, mine, entry) {
      // Where a poll was missed there may be news before these lines: the next poll asks again from the old number.
      if (this.missed) this.own.push([answer.last, answer.messages.length + mine]);
      else this.last = Math.max(this.last, answer.last);
      this.interval = POLL_FIRST;
      await this.follow(answer.language);
      this.talk(answer.talking_to);
      const shown = answer.messages.map((message) => this.theirs(message, answer.language, !mine));
      this.reveal(entry || this.log.querySelector(".waiting") || shown[0]);
    }

    async hear(history) {
      const fresh = this.unknown(history.lines);
      const atEnd = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < 160;
      this.missed = false;
      this.own = [];
      this.last = Math.max(this.last, ...history.lines.map((line) => line.id));
      await this.follow(history.language);
      this.talk(history.talking_to);
      const entries = fresh.map((line) => this.stage(line)).filter(Boolean);
      if (!entries.length) return;
      if (!this.shown && this.last > (this.seen || 0)) this.unread.textContent = `(${this.t("new_message")})`;
      // Who is reading further up is left there.
      if (atEnd) this.reveal(entries[0]);
      this.save();
    }

    /** Lines without those that this browser got as answers: up to each answer's last line, as many as it had. */
    unknown(all) {
      const known = new Set();
      for (const [last, count] of this.own) all.filter((line) => line.id <= last).slice(-count).forEach((line) => known.add(line.id));
      return all.filter((line) => !known.has(line.id));
    }

    stage(line) {
      if (line.author !== "person") return this.theirs(line.message, line.language);
      const words = spoken(line.message.text, this.titles, (key) => this.t(key));
      return words ? this.mine(words, false) : null;
    }

    talk(to) {
      this.human.hidden = to !== "human";
    }

    // --- the log

    mine(words, waiting) {
      this.wrote = true;
      this.quick.hidden = true;
      this.log.querySelectorAll(".entry:not(.old)").forEach((entry) => entry.classList.add("old"));
      const bubble = h("div", { class: "bubble" }, h("p", { dir: "auto" }, hidden(this.t("you")), words.split("\n").map((line, number) => [number ? h("br") : null, line])));
      const entry = h("div", { class: waiting ? "entry me waiting" : "entry me" }, bubble);
      this.log.append(entry);
      this.reveal(entry);
      return entry;
    }

    /** `early`: before what the person wrote meanwhile, like a greeting that comes late. */
    theirs(message, language, early) {
      const data = message.data || {};
      const card = cards[data.type] && Object.prototype.hasOwnProperty.call(cards, data.type) ? data.type : "";
      if (CASE_CARDS.includes(card)) this.hasCase = true;
      const { direction } = this.languages.find(({ tag }) => tag === language) || this;
      const look = { t: (key) => this.t(key), text: message.text, language, direction, send: (payload, title) => this.press(payload, title) };
      const content = card ? cards[card](data, look) : paragraphs(message.text);
      const bubble = h("div", { class: "bubble" }, h("span", { class: "hidden", lang: this.language }, this.t("bot")), content);
      const entry = h("div", { class: `entry ${card} ${card ? "wide" : ""}`, lang: language, dir: direction }, bubble, this.choices(message, card));
      return this.place(entry, early);
    }

    place(entry, early) {
      const waiting = early ? this.log.querySelector(".waiting") : null;
      if (waiting) entry.classList.add("old");
      this.log.insertBefore(entry, waiting);
      return entry;
    }

    /** The sheet has its own buttons, which know what is ticked. */
    choices({ buttons, text, data }, card) {
      for (const { title, payload } of buttons) this.titles.set(payload, title);
      if (card === "sheet") {
        this.titles.set("sheet.send", data.send);
        return null;
      }
      if (!buttons.length) return null;
      const click = (payload, title) => ({ click: () => this.press(payload, title, text) });
      return h("div", { class: "choices" }, buttons.map(({ title, payload }) => h("button", { type: "button", on: click(payload, title) }, h("bdi", {}, title))));
    }

    notice(words, error, early) {
      const entry = h("p", { class: error ? "notice error" : "notice", lang: this.language, dir: "auto" }, linked(words));
      this.reveal(this.place(entry, early));
    }

    /** Dots while the server is awaited; words only where the person sent something. */
    busy(yes) {
      const words = yes && this.queue.length ? this.t("sending") : "";
      if (yes && this.typing.firstChild && this.typing.textContent === words) return;
      this.typing.replaceChildren(...(yes ? [h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), words] : []));
    }

    /** Scroll so that reading can begin at this entry: its top, or the end where everything fits. */
    reveal(entry) {
      if (!entry) return;
      const box = this.scroller();
      box.scrollTop += entry.getBoundingClientRect().top - box.getBoundingClientRect().top - 12;
    }

    /** At once to where the conversation was. */
    bottom() {
      this.scroll.scrollTo({ top: this.scroll.scrollHeight, behavior: "instant" });
    }

    /** In a low window the whole panel scrolls. */
    scroller() {
      return getComputedStyle(this.scroll).overflowY === "visible" ? this.panel : this.scroll;
    }
  }

  // --- start

  /** The button, unless the page shows the chat in a place of its own. */
  function launch() {
    if (document.querySelector("lotse-chat")) return;
    const chat = document.createElement("lotse-chat");
    if (SCRIPT && SCRIPT.dataset.municipality) chat.dataset.municipality = SCRIPT.dataset.municipality;
    document.body.append(chat);
  }

  if (customElements.get("lotse-chat")) return;
  customElements.define("lotse-chat", LotseChat);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", launch);
  else launch();
})();
