"use strict";

// Everything that comes from the server is put in as text: keys and names are other people's.

const EVERY_MS = 1000;
const FAMILIES = new Set(["hit", "db", "warning", "error"]);
const at = (id) => document.getElementById(id);

function cell(text, ...classes) {
  const made = document.createElement("td");
  made.textContent = text;
  made.classList.add(...classes);
  return made;
}

function keyCell(lookup) {
  const made = cell(lookup.path === null ? lookup.key : "");
  if (lookup.path !== null) {
    const link = document.createElement("a");
    link.textContent = lookup.key;
    link.href = new URL(lookup.path, location.origin);
    made.append(link);
  }
  return made;
}

function row(lookup) {
  const family = FAMILIES.has(lookup.family) ? [lookup.family] : [];
  const word = lookup.coalesced ? `${lookup.outcome} (shared)` : lookup.outcome;
  const made = document.createElement("tr");
  made.append(
    cell(`${Math.round(lookup.seconds_ago)} s`, "number"),
    keyCell(lookup),
    cell(word, "answer", ...family, ...(lookup.dim ? ["dim"] : [])),
    cell(`${lookup.elapsed_ms.toFixed(2)} ms`, "number"),
    cell(lookup.fresh_for === null ? "" : `${lookup.fresh_for.toFixed(0)} s`, "number"),
  );
  return made;
}

function totals(counts) {
  const told = Object.entries(counts).filter(([, count]) => count > 0);
  return told.map(([word, count]) => `${word} ${count}`).join(" · ");
}

function show(state) {
  const how = state.read_only ? "read-only" : "writable";
  at("place").textContent =
    `table ${state.table} · database ${state.database} · cache ${state.cache} · ${how}`;
  at("totals").textContent = totals(state.totals);
  at("totals").classList.remove("lost");
  at("example").textContent = `curl -i '${location.origin}${state.example}'`;
  at("empty").hidden = state.lookups.length > 0;
  const table = document.querySelector("table");
  table.hidden = state.lookups.length === 0;
  table.tBodies[0].replaceChildren(...state.lookups.map(row));
}

async function refresh() {
  if (!document.hidden) {
    try {
      const answer = await fetch("/lookups.json", { signal: AbortSignal.timeout(5 * EVERY_MS) });
      if (!answer.ok) throw new Error(`${answer.status}`);
      show(await answer.json());
    } catch (error) {
      at("totals").textContent = `no answer from hitmiss (${error.message}); trying again`;
      at("totals").classList.add("lost");
    }
  }
  setTimeout(refresh, EVERY_MS);
}

refresh();
