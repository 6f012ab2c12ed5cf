// Runs before the first paint, in a file of its own, so that a chosen theme does not flash in the other's colours.
try {
  const chosen = localStorage.getItem('sipwhy.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is turned off in this browser: the system's theme stands.
}

export {};
