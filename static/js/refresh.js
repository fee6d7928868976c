/* Shows how far long work is, every few seconds, until it is done. Without it a link does the same. */
"use strict";

async function refresh() {
  try {
    const text = await (await fetch(location.href)).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    document.querySelector("main").replaceWith(page.querySelector("main"));
    if (!page.querySelector("script[src*=refresh]")) return;
  } catch {
    // No network: the next turn tries again.
  }
  setTimeout(refresh, 3000);
}

setTimeout(refresh, 3000);
