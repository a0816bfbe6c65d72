// Functions of a page beyond its forms: suggestions during typing, counts while conditions are edited, printing.
(() => {
  "use strict";

  const later = (wait, run) => {
    let timer;
    return (...given) => { clearTimeout(timer); timer = setTimeout(() => run(...given), wait); };
  };

  const box = document.querySelector("[data-suggest]");
  const list = document.getElementById("suggestions");
  if (box && list) {
    let chosen = -1;
    let asked = 0;
    const close = () => {
      list.hidden = true;
      list.replaceChildren();
      chosen = -1;
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-activedescendant");
    };
    const take = (line) => {
      if (line.dataset.id) { location.href = "/policies/" + encodeURIComponent(line.dataset.id); return; }
      box.value = line.textContent;
      box.form.requestSubmit();
    };
    const show = (found) => {
      close();
      found.forEach((one, at) => {
        const line = document.createElement("li");
        line.id = "suggestion-" + at;
        line.setAttribute("role", "option");
        line.setAttribute("aria-selected", "false");
        line.textContent = one.text;
        if (one.id) line.dataset.id = one.id;
        line.addEventListener("mousedown", (event) => { event.preventDefault(); take(line); });
        list.append(line);
      });
      list.hidden = found.length === 0;
      box.setAttribute("aria-expanded", String(found.length > 0));
    };
    const choose = (at) => {
      const lines = [...list.children];
      if (lines.length === 0) return;
      chosen = (at + lines.length) % lines.length;
      lines.forEach((line, index) => line.setAttribute("aria-selected", String(index === chosen)));
      box.setAttribute("aria-activedescendant", lines[chosen].id);
      lines[chosen].scrollIntoView({ block: "nearest" });
    };
    box.addEventListener("input", later(120, async () => {
      const typed = box.value.trim();
      const mine = ++asked;
      if (typed === "") { close(); return; }
      try {
        const answer = await fetch(box.dataset.suggest + "?q=" + encodeURIComponent(typed) + "&limit=8");
        if (!answer.ok || mine !== asked) return;
        const said = await answer.json();
        if (mine === asked) show(said.suggestions || []);
      } catch { close(); }
    }));
    box.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
      else if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen - 1); }
      else if (event.key === "Escape") close();
      else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); take(list.children[chosen]); }
    });
    box.addEventListener("blur", close);
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "/" && !typing && box) { event.preventDefault(); box.focus(); }
  });

  const rules = document.querySelector("[data-check]");
  const faults = document.getElementById("faults");
  if (rules && faults) {
    let asked = 0;
    rules.addEventListener("input", later(400, async () => {
      const mine = ++asked;
      try {
        const answer = await fetch(rules.dataset.check, { method: "POST", body: new URLSearchParams({ text: rules.value }) });
        if (!answer.ok || mine !== asked) return;
        const said = await answer.text();
        // The fragment is rendered by this server, which escapes all user input.
        if (mine === asked) faults.innerHTML = said;
      } catch { /* The button checks as well. */ }
    }));
  }

  document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
})();
