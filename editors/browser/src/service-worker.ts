// Keeps the files of the playground, so that a second visit loads nothing. The name of the cache is that of the build.
declare const VERSION: string;

const worker = self as unknown as ServiceWorkerGlobalScope;
const name = `upsun-lint ${worker.registration.scope} ${VERSION}`;
// What the page has loaded before this worker could see it, and what it loads only when it is looked at.
const SHELL = [
  ...["./", "playground.css", "playground.js", "icon.png", "examples.json"],
  ...["topology.html", "topology.css", "topology-colors.css", "topology-frame.js"],
];

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(name).then((cache) => cache.addAll(SHELL)).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && request.url.startsWith(worker.registration.scope)) {
    event.respondWith(kept(request));
  }
});

async function dropOthers(): Promise<void> {
  const ours = `upsun-lint ${worker.registration.scope} `;
  for (const other of await caches.keys()) {
    if (other.startsWith(ours) && other !== name) {
      await caches.delete(other);
    }
  }
}

/** A file from the cache, or from the server if it is asked for the first time. */
async function kept(request: Request): Promise<Response> {
  const cache = await caches.open(name);
  const known = await cache.match(request, { ignoreSearch: true });
  if (known !== undefined) {
    return known;
  }
  const response = await fetch(request);
  if (response.ok) {
    await cache.put(request, response.clone());
  }
  return response;
}

export {};
