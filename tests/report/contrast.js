// WCAG 2 contrast: every visible piece of text against the nearest painted background.
() => {
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (rgb) => [.2126, .7152, .0722].reduce((sum, weight, i) => {
    const c = rgb[i] / 255;
    return sum + weight * (c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
  }, 0);
  const behind = (node) => {
    for (let n = node; n; n = n.parentElement) {
      const colour = numbers(getComputedStyle(n).backgroundColor);
      if (colour[3] === undefined || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !node.checkVisibility() || node.disabled || node.closest("script")) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(numbers(style.color)), light(behind(node))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) poor.push(`${ratio.toFixed(2)} ${node.textContent}`);
  }
  return poor;
}
