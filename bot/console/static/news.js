// Server-sent events that come back after every interruption; "ready" follows each time.

const SILENCE_MS = 45000;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 20000;

export function listen(path, handlers) {
  let source = null;
  let wait = FIRST_WAIT_MS;
  let silence = 0;

  function open() {
    source?.close();
    source = new EventSource(path);
    for (const name of ["ready", "reload", "entry", "beat", "over"]) {
      source.addEventListener(name, (event) => {
        wait = FIRST_WAIT_MS;
        expectMore();
        handlers[name]?.(JSON.parse(event.data));
      });
    }
    source.onerror = lose;
    expectMore();
  }

  function expectMore() {
    clearTimeout(silence);
    silence = setTimeout(lose, SILENCE_MS);
  }

  function lose() {
    source.close();
    handlers.lost();
    clearTimeout(silence);
    silence = setTimeout(open, wait);
    wait = Math.min(LONGEST_WAIT_MS, wait * 2);
  }

  window.addEventListener("offline", lose);
  window.addEventListener("online", () => { wait = FIRST_WAIT_MS; open(); });
  open();
}
