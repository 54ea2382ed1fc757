// Makes the pages quicker to use; every page works without it. No inline code, no eval, nothing is stored in the browser.

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** POST as a form would, with the CSRF token; an answer from the server extends the session, so the countdown restarts. */
async function post(url, body, options = {}) {
  const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": meta("csrf-token") }, ...options });
  if (answer.ok && !answer.redirected) session.restart();
  return answer;
}

// --- Fields that follow a choice: data-vis-når="art=a,b;udfald=*" ---------------------------------------------------
function holds(condition, values) {
  const [name, wanted] = condition.split("=");
  const chosen = values.getAll(name.trim()).filter(Boolean);
  return wanted === "*" ? chosen.length > 0 : wanted.split(",").some((key) => chosen.includes(key));
}

function showWhatApplies() {
  for (const element of all("[data-vis-når]")) {
    const form = element.closest("form");
    if (!form) continue;
    const values = new FormData(form);
    const applies = element.dataset.visNår.split(";").every((condition) => holds(condition, values));
    element.hidden = !applies && !element.matches(".form-error, :has(.form-error)");
  }
}

// --- The date in words: "lørdag den 21. november 2026, uge 47" ------------------------------------------------------
const words = new Intl.DateTimeFormat("da-DK", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

function isoWeek(date) {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  return Math.ceil(((thursday - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / 86_400_000 + 1) / 7);
}

function inWords(value) {
  const date = /^\d{4}-\d\d-\d\d$/.test(value) ? new Date(`${value}T00:00:00Z`) : null;
  return date && !Number.isNaN(date.getTime()) ? `${words.format(date)}, uge ${isoWeek(date)}` : "";
}

function echoDates() {
  for (const echo of all("[data-ekko]")) {
    const input = document.getElementById(echo.dataset.ekko);
    input?.addEventListener("input", () => { echo.textContent = inWords(input.value); });
  }
}

// --- Choosing a resident while typing (ARIA combobox) ---------------------------------------------------------------
function combobox(input) {
  const hidden = document.getElementById(input.dataset.søgId);
  const chosen = input.closest(".beboersøg")?.querySelector("[data-søg-valgt]");
  const remove = chosen?.querySelector("[data-søg-fjern]");
  const list = Object.assign(document.createElement("ul"), { id: `${input.id}-forslag`, className: "forslag", hidden: true });
  const status = Object.assign(document.createElement("span"), { className: "sr-only" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Forslag");
  status.setAttribute("role", "status");
  input.after(list, status);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);

  let timer, running, active = -1;
  const options = () => all('[role="option"]', list);
  const tell = (text) => { status.textContent = text; };
  const open = (yes) => {
    list.hidden = !yes;
    input.setAttribute("aria-expanded", String(yes));
    if (!yes) mark(-1);
  };
  const mark = (index) => {
    active = index;
    options().forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
    const option = options()[index];
    if (option) { input.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else input.removeAttribute("aria-activedescendant");
  };
  const set = (id, text) => {
    if (chosen) { chosen.hidden = !text; chosen.querySelector("span").textContent = text; }
    if (remove) remove.hidden = !text;
    if (!hidden || hidden.value === id) return;
    hidden.value = id;
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const choose = (option) => {
    const id = option.dataset.autocompleteValue;
    if (input.dataset.søgGå) return location.assign(input.dataset.søgGå + id);
    if (id !== "ny") input.value = option.dataset.tekst ?? option.textContent;
    set(id, id === "ny" ? input.dataset.søgOpret : [...option.children].map((part) => part.textContent).filter(Boolean).join(", ") || option.textContent);
    tell(`${chosen?.querySelector("span").textContent ?? ""} valgt`);
    open(false);
  };
  const show = (html) => {
    const found = all('[role="option"]', new DOMParser().parseFromString(html, "text/html"));
    const count = found.length;
    if (input.dataset.søgOpret) {
      const create = Object.assign(document.createElement("li"), { className: "opret", textContent: count ? input.dataset.søgOpret : `Ingen fundet – ${input.dataset.søgOpret.toLowerCase()}` });
      create.setAttribute("role", "option");
      create.dataset.autocompleteValue = "ny";
      found.push(create);
    }
    found.forEach((option, i) => { option.id = `${list.id}-${i}`; });
    list.replaceChildren(...found);
    tell(count === 0 ? "Ingen fundet" : count === 1 ? "1 forslag" : `${count} forslag`);
    mark(-1);
    open(found.length > 0);
  };
  const search = async () => {
    running?.abort();
    const text = input.value.trim();
    if (text.length < (/^[+\d\s]+$/.test(text) ? 2 : 3)) return open(false);
    running = new AbortController();
    try {
      const answer = await post(input.dataset.søg, new URLSearchParams({ q: text }), { signal: running.signal });
      if (!answer.ok || answer.redirected) throw new Error("no suggestions");
      show(await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") { open(false); tell("Søgningen virker ikke lige nu"); }
    }
  };

  input.addEventListener("input", () => { set("", ""); clearTimeout(timer); timer = setTimeout(search, 250); });
  input.addEventListener("keydown", (event) => {
    const last = options().length - 1;
    if (event.key === "Enter") { if (!input.dataset.søgGå || active >= 0) event.preventDefault(); if (!list.hidden && active >= 0) choose(options()[active]); }
    else if (event.key === "Escape" && !list.hidden) { event.preventDefault(); open(false); }
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) { if (last >= 0) open(true); else search(); }
      else mark(event.key === "ArrowDown" ? (active >= last ? 0 : active + 1) : (active <= 0 ? last : active - 1));
    }
  });
  input.addEventListener("vælg", ({ detail }) => { input.value = detail.navn; set(detail.id, detail.tekst); tell(`${detail.tekst} valgt`); });
  input.addEventListener("blur", () => open(false));
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => { const option = event.target.closest('[role="option"]'); if (option) choose(option); });
  if (remove) {
    remove.hidden = chosen.hidden;
    remove.addEventListener("click", () => { input.value = ""; set("", ""); input.focus(); });
  }
}

// --- Is the resident being typed here already? data-ligner-felter="navn=ny_navn/beboer_søg,…": what to ask with --------
function likeness(box) {
  const form = box.closest("form");
  const chooser = document.getElementById(box.dataset.lignerVælger);
  const wanted = box.dataset.lignerFelter.split(",").map((pair) => pair.split("="));
  const typed = (names) => names.split("/").map((name) => form.elements[name]?.value.trim()).find(Boolean) ?? "";
  let timer, running, asked = "";
  const ask = async () => {
    const body = new URLSearchParams(wanted.map(([name, names]) => [name, typed(names)]));
    if (chooser) body.set("vælg", "1");
    if (box.closest("[hidden]") || body.toString() === asked) return;
    asked = body.toString();
    running?.abort();
    running = new AbortController();
    try {
      const answer = await post(box.dataset.ligner, body, { signal: running.signal });
      if (!answer.ok || answer.redirected) return;
      box.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.children);
    } catch { asked = ""; }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 600); });
  form.addEventListener("change", () => { clearTimeout(timer); timer = setTimeout(ask, 100); });
  box.addEventListener("click", (event) => {
    const { lignerId: id, lignerNavn: navn, lignerTekst: tekst } = event.target.closest("[data-ligner-id]")?.dataset ?? {};
    if (!id) return;
    chooser.dispatchEvent(new CustomEvent("vælg", { detail: { id, navn, tekst } }));
    chooser.focus();
  });
}

// --- Drafts: saved on the server while typing -----------------------------------------------------------------------
const LARGEST_KEEPALIVE = 60_000;

function autosave(form) {
  const status = form.querySelector("[data-kladde-status]");
  if (status) (form.querySelector(".knapper") ?? form).append(status);
  const say = (text, failed = false) => { if (status) { status.textContent = text; status.classList.toggle("ikke-gemt", failed); } };
  let timer, dirty = false, failed = false, busy = false, sent = false;

  const save = async () => {
    clearTimeout(timer);
    if (!dirty || sent || busy) return;
    busy = true;
    dirty = false;
    const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    try {
      const answer = await post(form.dataset.kladde, body, { keepalive: body.toString().length < LARGEST_KEEPALIVE });
      if (answer.redirected || answer.status === 401 || answer.status === 403) say("Ikke gemt – du er logget ud. Send formularen som sædvanlig: den gemmes, når du har logget ind.", failed = true);
      else if (answer.status === 413) say("Kladden er for lang til at blive gemt undervejs.", failed = true);
      else if (!answer.ok) throw new Error(`status ${answer.status}`);
      else { failed = false; say(`Kladde gemt kl. ${new Date().toLocaleTimeString("da-DK", { hour: "2-digit", minute: "2-digit" })}`); }
    } catch {
      dirty = failed = true;
      say("Ikke gemt – prøver igen, når der er net", true);
      timer = setTimeout(save, 15_000);
    }
    busy = false;
    if (dirty && !failed) timer = setTimeout(save, 1_500);
  };

  const changed = () => { dirty = true; sent = false; clearTimeout(timer); timer = setTimeout(save, 1_500); };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => { sent = true; clearTimeout(timer); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
  addEventListener("online", save);
  addEventListener("beforeunload", (event) => { if (failed && !sent) event.preventDefault(); });
}

// --- A form is sent once --------------------------------------------------------------------------------------------
function sendOnce() {
  const blocked = new Set();
  const sent = new Set();
  const release = () => { for (const button of blocked) button.disabled = false; blocked.clear(); sent.clear(); };
  document.addEventListener("submit", (event) => {
    if (sent.has(event.target)) return event.preventDefault();
    sent.add(event.target);
    // After the browser has collected the fields: a disabled button would not be among them.
    setTimeout(() => {
      if (event.defaultPrevented) return sent.delete(event.target);
      for (const button of all('button[type="submit"]', event.target)) if (!button.disabled) { button.disabled = true; blocked.add(button); }
      setTimeout(release, 3_000);
    });
  });
  addEventListener("pageshow", release);
}

// --- Warning before the session ends --------------------------------------------------------------------------------
const session = (() => {
  const length = Number(meta("session-sekunder")) * 1_000;
  const dialog = document.querySelector("[data-sessionsdialog]");
  if (!length || !dialog) return { restart() {} };
  const tabs = new BroadcastChannel("session");
  const early = Math.min(120_000, length / 2);
  const last = Date.now() + Number(meta("session-slut")) * 1_000;
  let end, told = false;
  const reset = () => { end = Math.min(Date.now() + length, last); if (dialog.open && !dialog.classList.contains("udløbet")) dialog.close(); };
  const restart = () => { reset(); tabs.postMessage("restart"); };
  const expire = () => {
    if (!document.querySelector("form[data-kladde]")) return location.reload();
    dialog.classList.add("udløbet");
    dialog.querySelector("h2").textContent = "Du er logget ud";
    dialog.querySelector("p").textContent = "Det, du har skrevet, står her stadig. Luk dette, og send formularen: den gemmes, når du har logget ind igen.";
    dialog.removeAttribute("data-sidste");
    dialog.querySelector("[data-forlæng]").textContent = "Luk";
  };
  setInterval(() => {
    const left = end - Date.now();
    if (dialog.classList.contains("udløbet") || left > early) return;
    dialog.toggleAttribute("data-sidste", end === last);
    if (left > 0 && told && end === last) return;
    if (!dialog.open) dialog.showModal();
    if (left <= 0) return expire();
    const seconds = Math.ceil(left / 10_000) * 10;
    const words = seconds > 60 ? `${Math.ceil(seconds / 60)} minutter` : `${seconds} sekunder`;
    for (const place of all("[data-sekunder]", dialog)) place.textContent = words;
  }, 1_000);
  const extend = async () => {
    if (dialog.classList.contains("udløbet")) return dialog.close();
    if (end === last) { told = true; return dialog.close(); } // no longer than that, however much it is used
    const answer = await post(meta("session-forlæng"), new URLSearchParams()).catch(() => null);
    if (!answer?.ok || answer.redirected) expire();
  };
  for (const button of all("[data-forlæng]", dialog)) button.addEventListener("click", extend);
  dialog.addEventListener("cancel", extend);
  tabs.addEventListener("message", reset);
  restart();
  return { restart };
})();

// --- Menus close with Escape or a click beside them -----------------------------------------------------------------
function closeMenus(event) {
  for (const menu of all("details.menu[open]")) {
    if (event.type === "keydown" ? event.key === "Escape" : !menu.contains(event.target)) {
      if (event.type === "keydown" && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    }
  }
}

// --- Copying a text: the button shows only here, and where copying is not allowed the text is marked instead ----------
function copies(button) {
  const said = Object.assign(document.createElement("span"), { className: "form-hint" });
  said.setAttribute("role", "status");
  button.after(said);
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.kopiér);
    try {
      await navigator.clipboard.writeText(text.textContent);
      said.textContent = "Kopieret";
    } catch {
      getSelection().selectAllChildren(text);
      said.textContent = "Teksten er markeret: kopiér den selv";
    }
  });
}

all("[data-uden-js]").forEach((element) => element.remove());
all("[data-søg]").forEach(combobox);
all("[data-ligner]").forEach(likeness);
all("form[data-kladde]").forEach(autosave);
all("[data-kopiér]").forEach(copies);
echoDates();
sendOnce();
showWhatApplies();
document.addEventListener("change", showWhatApplies);
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
addEventListener("pageshow", showWhatApplies);

// A page about long work follows it: the part marked data-følg is fetched again until it is gone.
const follow = async () => {
  const part = document.querySelector("[data-følg]");
  if (!part) return;
  try {
    const text = await (await fetch(location.href)).text();
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-følg]");
    if (!fresh) { location.reload(); return; }
    part.replaceWith(document.adoptNode(fresh));
  } catch { /* the next try may get through */ }
  setTimeout(follow, Number(part.dataset["følg"]));
};
if (document.querySelector("[data-følg]")) setTimeout(follow, 1000);
