// Requests to our own service.

const WAITS_MS = [500, 1500, 4000, 10000];
const TIMEOUT_MS = 15000;

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  // Worth sending again unchanged: the service was away, busy or broken.
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const token = document.querySelector("meta[name=csrf-token]").content;
const { unreachable } = document.querySelector("[data-unreachable]").dataset;

export function read(path) {
  return request(path, {});
}

// The body carries a key, so repeating it changes nothing.
export async function post(path, body, waits = WAITS_MS) {
  try {
    return await request(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": token },
      body: JSON.stringify(body),
    });
  } catch (refused) {
    if (!refused.isPassing || waits.length === 0) throw refused;
    await new Promise((resolve) => setTimeout(resolve, waits[0]));
    return post(path, body, waits.slice(1));
  }
}

// crypto.randomUUID is missing on a team's plain http address.
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new Refused(0, unreachable);
  }
  const answer = await response.json().catch(() => ({}));
  if (response.status === 401) location.reload();
  if (!response.ok) throw new Refused(response.status, answer.error?.message ?? `${unreachable} (${response.status})`);
  return answer;
}
