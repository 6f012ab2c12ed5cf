// Ends with 0 if sipwhy answers on this machine, else with 1. The image has no curl.
const url = `http://127.0.0.1:${process.env.PORT || 8080}/healthz`;

fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
  ({ ok }) => process.exit(ok ? 0 : 1),
  () => process.exit(1),
);
