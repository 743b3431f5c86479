// Runs before the page is drawn, so that a chosen theme never flashes.
"use strict";
(() => {
  const root = document.documentElement;
  // Browsers may refuse storage to a page opened from disk; then the choice lasts until it closes.
  const remember = (theme) => { try { localStorage.setItem("mint-theme", theme); } catch {} };
  const remembered = () => { try { return localStorage.getItem("mint-theme"); } catch { return null; } };
  const isDark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;

  if (["dark", "light"].includes(remembered())) root.dataset.theme = remembered();

  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const name = () => { button.textContent = isDark() ? "Light" : "Dark"; };
    button.hidden = false;
    button.setAttribute("aria-description", "Switches the colours of this page");
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      remember(root.dataset.theme);
      name();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
    name();
  });
})();
